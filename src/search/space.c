#include "search/space.h"

#include "base/error.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* The primitives that fit layer `layer`, at least one. */
static int fitting(const QtrArch *arch, QtrBlock block, int layer,
                   const QtrPrimitive *list[QTR_PRIMITIVES_MAX], GError **error)
{
    int in, out, n = 0;

    qtr_arch_layer_channels(arch, block, layer, &in, &out);
    for (int i = 0; i < arch->n_primitives[block]; i++) {
        g_autofree char *problem =
            qtr_primitive_problem(arch->primitives[block][i], in, out, arch->c_fixed);

        if (!problem)
            list[n++] = arch->primitives[block][i];
    }
    if (n == 0)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "no primitive of %s maps the %d to %d channels of its layer %d",
                    qtr_block_name(block), in, out, layer + 1);
    return n;
}

/* number *= factor, digits as characters, the least one first. */
static void multiply(GString *number, guint factor)
{
    guint carry = 0;

    for (gsize i = 0; i < number->len; i++) {
        guint digit = (guint)(number->str[i] - '0') * factor + carry;

        number->str[i] = (char)('0' + digit % 10);
        carry = digit / 10;
    }
    for (; carry > 0; carry /= 10)
        g_string_append_c(number, (char)('0' + carry % 10));
}

/* Adds the choices of one layer, and the best and worst of them to the extreme genotypes. */
static void add_layer(QtrSpace *space, const QtrArch *arch, QtrSpaceChoice choice,
                      const QtrPrimitive *const *list, int n)
{
    QtrGene *cheapest = &space->cheapest.genes[choice.block][choice.layer];
    QtrGene *dearest = &space->dearest.genes[choice.block][choice.layer];
    int zoom = qtr_block_zoom(arch, choice.block);
    double least = INFINITY, most = -INFINITY;

    for (int i = 0; i < n; i++) {
        choice.primitive = list[i];
        for (int b = 0; b < arch->n_bits; b++) {
            QtrGene gene = {list[i], arch->bits[b]};
            QtrCost cost = qtr_gene_cost(&gene, choice.in, choice.out, arch->c_fixed,
                                         space->h * zoom, space->w * zoom);

            choice.costs[b] = cost;
            if (cost.bitops < least) {
                least = cost.bitops;
                *cheapest = gene;
            }
            if (cost.bitops > most) {
                most = cost.bitops;
                *dearest = gene;
            }
        }
        g_array_append_val(space->choices, choice);
    }
}

QtrSpace *qtr_space_new(const QtrArch *arch, int h, int w, GError **error)
{
    g_autoptr(QtrSpace) space = g_new0(QtrSpace, 1);
    GString *count = g_string_new("1");

    space->h = h;
    space->w = w;
    space->choices = g_array_new(FALSE, TRUE, sizeof(QtrSpaceChoice));
    memcpy(space->cheapest.layers, arch->layers, sizeof arch->layers);
    memcpy(space->dearest.layers, arch->layers, sizeof arch->layers);
    for (int i = 0; i < qtr_arch_layer_count(arch); i++) {
        const QtrPrimitive *list[QTR_PRIMITIVES_MAX];
        QtrSpaceChoice choice = {0};
        int n;

        qtr_arch_layer_at(arch, i, &choice.block, &choice.layer);
        qtr_arch_layer_channels(arch, choice.block, choice.layer, &choice.in, &choice.out);
        choice.repeats = qtr_block_repeats(arch, choice.block);
        n = fitting(arch, choice.block, choice.layer, list, error);
        if (n == 0) {
            g_string_free(count, TRUE);
            return NULL;
        }
        add_layer(space, arch, choice, list, n);
        multiply(count, (guint)(n * arch->n_bits));
        space->count_log10 += log10(n * arch->n_bits);
    }
    space->count = g_strreverse(g_string_free(count, FALSE));
    space->cheapest_cost = qtr_genotype_cost(&space->cheapest, arch, h, w);
    space->dearest_cost = qtr_genotype_cost(&space->dearest, arch, h, w);
    return g_steal_pointer(&space);
}

void qtr_space_free(QtrSpace *space)
{
    if (!space)
        return;
    g_clear_pointer(&space->choices, g_array_unref);
    g_free(space->count);
    g_free(space);
}

gboolean qtr_space_sample(const QtrArch *arch, guint64 seed, guint32 index, QtrGenotype *genotype,
                          GError **error)
{
    QtrGenotype drawn = {0};

    g_return_val_if_fail(arch->n_bits > 0, FALSE);
    memcpy(drawn.layers, arch->layers, sizeof arch->layers);
    for (int i = 0; i < qtr_arch_layer_count(arch); i++) {
        const QtrPrimitive *list[QTR_PRIMITIVES_MAX];
        QtrRng4 draw = qtr_rng_at(seed, QTR_RNG_SAMPLE, index, (guint64)i);
        QtrBlock block;
        int layer, n;

        qtr_arch_layer_at(arch, i, &block, &layer);
        n = fitting(arch, block, layer, list, error);
        if (n == 0)
            return FALSE;
        drawn.genes[block][layer] = (QtrGene){
            .primitive = list[qtr_rng_below(draw.v[0], (guint32)n)],
            .bits = arch->bits[qtr_rng_below(draw.v[1], (guint32)arch->n_bits)],
        };
    }
    *genotype = drawn;
    return TRUE;
}
