#include "nn/genotype.h"

#include "base/error.h"
#include "base/file.h"

#include <string.h>

QtrBlock qtr_genotype_field(int index)
{
    static const QtrBlock fields[QTR_BLOCKS] = {
        QTR_BLOCK_HEAD, QTR_BLOCK_BODY, QTR_BLOCK_TAIL, QTR_BLOCK_SKIP, QTR_BLOCK_UPSAMPLE,
    };

    return fields[index];
}

char *qtr_genotype_format(const QtrGenotype *genotype)
{
    GString *text = g_string_new("Genotype_SR(");

    for (int i = 0; i < QTR_BLOCKS; i++) {
        QtrBlock block = qtr_genotype_field(i);

        g_string_append_printf(text, "%s%s=[", i > 0 ? ", " : "", qtr_block_name(block));
        for (int j = 0; j < genotype->layers[block]; j++)
            g_string_append_printf(text, "%s('%s', %d)", j > 0 ? ", " : "",
                                   qtr_primitive_name(genotype->genes[block][j].primitive),
                                   genotype->genes[block][j].bits);
        g_string_append_c(text, ']');
    }
    g_string_append_c(text, ')');
    return g_string_free(text, FALSE);
}

gboolean qtr_genotype_save(const QtrGenotype *genotype, const char *path, GError **error)
{
    g_autofree char *text = qtr_genotype_format(genotype);

    return qtr_file_write(path, text, strlen(text), error);
}

gboolean qtr_genotype_load(QtrGenotype *genotype, const char *path, GError **error)
{
    gsize size;
    g_autofree char *text = qtr_file_read(path, QTR_FILE_TEXT_MAX, &size, error);

    if (!text)
        return FALSE;
    if (strlen(text) != size) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "%s is not a genotype: it holds a NUL byte, so it is no text file", path);
        return FALSE;
    }
    return qtr_genotype_parse(genotype, text, path, error);
}

static gboolean check_layer(const QtrGene *gene, const QtrArch *shape, QtrBlock block, int layer,
                            GError **error)
{
    int in, out;
    g_autofree char *problem = NULL;

    qtr_arch_layer_channels(shape, block, layer, &in, &out);
    problem = qtr_primitive_problem(gene->primitive, in, out, shape->c_fixed);
    if (!problem)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "the genotype does not fit: %s, layer %d: %s",
                qtr_block_name(block), layer + 1, problem);
    return FALSE;
}

gboolean qtr_genotype_check(const QtrGenotype *genotype, const QtrArch *arch, GError **error)
{
    QtrArch shape = *arch;

    memcpy(shape.layers, genotype->layers, sizeof shape.layers);
    for (int block = 0; block < QTR_BLOCKS; block++) {
        if (genotype->layers[block] < qtr_block_layers_min((QtrBlock)block)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                        "the genotype's block %s is empty; only the tail may be",
                        qtr_block_name((QtrBlock)block));
            return FALSE;
        }
        for (int layer = 0; layer < genotype->layers[block]; layer++)
            if (!check_layer(&genotype->genes[block][layer], &shape, (QtrBlock)block, layer, error))
                return FALSE;
    }
    return TRUE;
}

static gboolean offers(const QtrArch *arch, QtrBlock block, const QtrPrimitive *primitive)
{
    for (int i = 0; i < arch->n_primitives[block]; i++)
        if (arch->primitives[block][i] == primitive)
            return TRUE;
    return FALSE;
}

static gboolean offers_bits(const QtrArch *arch, int bits)
{
    for (int i = 0; i < arch->n_bits; i++)
        if (arch->bits[i] == bits)
            return TRUE;
    return FALSE;
}

static gboolean is_in_full_precision(const QtrGenotype *genotype)
{
    for (int b = 0; b < QTR_BLOCKS; b++)
        for (int i = 0; i < genotype->layers[b]; i++)
            if (genotype->genes[b][i].bits != 32)
                return FALSE;
    return TRUE;
}

GPtrArray *qtr_genotype_outside(const QtrGenotype *genotype, const QtrArch *arch)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    gboolean any_bits = is_in_full_precision(genotype);

    for (int b = 0; b < QTR_BLOCKS; b++) {
        const char *name = qtr_block_name((QtrBlock)b);
        int layers = genotype->layers[b];

        if (layers != arch->layers[b])
            g_ptr_array_add(found, g_strdup_printf("%s has %d layer%s, not %d", name, layers,
                                                   layers == 1 ? "" : "s", arch->layers[b]));
        for (int i = 0; i < layers; i++) {
            const QtrGene *gene = &genotype->genes[b][i];

            if (!offers(arch, (QtrBlock)b, gene->primitive))
                g_ptr_array_add(found,
                                g_strdup_printf("%s, layer %d: %s is none of %s's", name, i + 1,
                                                qtr_primitive_name(gene->primitive), name));
            if (!any_bits && !offers_bits(arch, gene->bits))
                g_ptr_array_add(found,
                                g_strdup_printf("%s, layer %d: %s has %d bits", name, i + 1,
                                                qtr_primitive_name(gene->primitive), gene->bits));
        }
    }
    return found;
}

gboolean qtr_genotype_equal(const QtrGenotype *a, const QtrGenotype *b)
{
    for (int block = 0; block < QTR_BLOCKS; block++) {
        if (a->layers[block] != b->layers[block])
            return FALSE;
        for (int layer = 0; layer < a->layers[block]; layer++)
            if (a->genes[block][layer].primitive != b->genes[block][layer].primitive ||
                a->genes[block][layer].bits != b->genes[block][layer].bits)
                return FALSE;
    }
    return TRUE;
}
