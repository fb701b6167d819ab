/* Gradients through whole networks against central differences of the loss, in full precision
 * (quantizers are straight-through, so their gradients are no derivatives).
 *
 * The target lies so far off that mean |y - target| is linear in y, and its change is summed in
 * double from the outputs. What is left are the corners of ReLU and float32 rounding. */
#include "golden.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

#define TOLERANCE 1e-2 /* of the gradient's norm */
#define FAR 8.0f

typedef struct {
    const char *name;
    QtrSelector selector;
    QtrSparsity sparsity;
    gboolean skip_mode;
    int n_bits, tail;
    double penalty;
} Case;

/* Random numbers in [-1, 1), the same every time. */
static float draw(guint32 stream, guint64 i)
{
    return 2.0f * qtr_rng_unit(qtr_rng_at(77, QTR_RNG_SAMPLE, stream, i).v[0]) - 1.0f;
}

typedef struct {
    QtrNet *net;
    gboolean alphas; /* the loss of an alpha step, else that of a weight step */
    float *target;
    gsize count; /* of the output */
} Subject;

static double loss(const Subject *s)
{
    const QtrRates rates = {.step = 3, .temperature = 0.7, .sparse = 0.05};
    g_autofree float *y = g_new(float, s->count);
    g_autoptr(GError) error = NULL;
    QtrNetResults results;
    double sum = 0.0;
    gboolean ok = s->alphas ? qtr_net_alpha_step(s->net, &rates, &error)
                            : qtr_net_weight_step(s->net, &rates, &error);

    if (!ok || !qtr_net_results(s->net, &results, &error) ||
        !qtr_net_read_output(s->net, y, &error))
        fail_msg("%s", error->message);
    for (gsize i = 0; i < s->count; i++)
        sum += fabs((double)y[i] - (double)s->target[i]);
    sum /= (double)s->count;
    assert_true(fabs(sum - results.loss) <= 1e-5 * sum);
    return s->alphas ? sum + results.sparse + results.penalty : sum;
}

static double loss_at(const Subject *s, guint tensor, const float *from, const double *direction,
                      double step)
{
    gsize n = qtr_net_tensor(s->net, tensor)->count;
    g_autofree float *moved = g_new(float, n);

    for (gsize i = 0; i < n; i++)
        moved[i] = (float)((double)from[i] + step * direction[i]);
    assert_true(qtr_net_write(s->net, tensor, QTR_PART_VALUE, moved, NULL));
    return loss(s);
}

static void normalize(double *v, gsize n)
{
    double sum = 0.0;

    for (gsize i = 0; i < n; i++)
        sum += v[i] * v[i];
    for (gsize i = 0; i < n && sum > 0.0; i++)
        v[i] /= sqrt(sum);
}

/* Along the gradient, which every lost part of it shortens, turned by as much at random, which
 * finds what it has too much. */
static void choose_direction(double *direction, const float *gradient, guint tensor, gsize n)
{
    g_autofree double *g = g_new(double, n);

    for (gsize i = 0; i < n; i++) {
        g[i] = (double)gradient[i];
        direction[i] = (double)draw(1000 + tensor, i);
    }
    normalize(g, n);
    normalize(direction, n);
    for (gsize i = 0; i < n; i++)
        direction[i] += g[i];
    normalize(direction, n);
}

/* Large steps meet corners, small ones rounding: one of them must agree. */
static void check_tensor(const Subject *s, guint tensor, const char *where)
{
    static const double steps[] = {2e-2, 4e-3, 1e-3, 2e-4};
    const QtrTensorInfo *info = qtr_net_tensor(s->net, tensor);
    gsize n = info->count;
    g_autofree float *values = g_new(float, n), *gradient = g_new(float, n);
    g_autofree double *direction = g_new(double, n);
    double expected = 0.0, norm = 0.0, found = 0.0;
    gboolean agrees = FALSE;

    loss(s);
    assert_true(qtr_net_read(s->net, tensor, QTR_PART_VALUE, values, NULL) &&
                qtr_net_read(s->net, tensor, QTR_PART_GRADIENT, gradient, NULL));
    choose_direction(direction, gradient, tensor, n);
    for (gsize i = 0; i < n; i++) {
        expected += (double)gradient[i] * direction[i];
        norm += (double)gradient[i] * (double)gradient[i];
    }
    assert_true(norm > 0.0);
    for (gsize i = 0; i < G_N_ELEMENTS(steps) && !agrees; i++) {
        found = (loss_at(s, tensor, values, direction, steps[i]) -
                 loss_at(s, tensor, values, direction, -steps[i])) /
                (2.0 * steps[i]);
        agrees = fabs(found - expected) <= TOLERANCE * sqrt(norm) + 1e-5;
    }
    assert_true(qtr_net_write(s->net, tensor, QTR_PART_VALUE, values, NULL));
    if (!agrees)
        fail_msg("%s, %s: the loss changes by %.6g, the gradient says %.6g (norm %.3g)", where,
                 info->name, found, expected, sqrt(norm));
}

static void add(QtrArch *arch, QtrBlock block, int layers, const char *const *names)
{
    arch->layers[block] = layers;
    arch->n_primitives[block] = 0;
    for (; *names; names++)
        arch->primitives[block][arch->n_primitives[block]++] = qtr_primitive_find(*names);
}

static void small_params(QtrNetParams *params, gboolean skip_mode, int tail)
{
    static const char *const head[] = {"simple_3x3", "conv_3x1_1x3", "simple_5x5_grouped_3", NULL};
    static const char *const body[] = {"skip_connect", "DWS_3x3", "decenc_3x3_2", NULL};
    static const char *const skip[] = {"simple_1x1", "growth2_3x3", "zero", NULL};
    static const char *const upsample[] = {"simple_3x3", "simple_1x1_grouped_full", NULL};
    static const char *const tails[] = {"simple_3x3", "simple_1x1_grouped_3", NULL};

    qtr_net_params_init(params);
    params->batch = 2;
    params->height = 5;
    params->width = 6;
    params->arch.c_fixed = 6;
    params->arch.scale = 2;
    params->arch.body_cells = 2;
    params->arch.skip_mode = skip_mode;
    add(&params->arch, QTR_BLOCK_HEAD, 1, head);
    add(&params->arch, QTR_BLOCK_BODY, 2, body);
    add(&params->arch, QTR_BLOCK_SKIP, 1, skip);
    add(&params->arch, QTR_BLOCK_UPSAMPLE, 1, upsample);
    add(&params->arch, QTR_BLOCK_TAIL, tail, tails);
}

/* Random values where networks start with equal ones. */
static void stir(QtrNet *net)
{
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        g_autofree float *values = g_new(float, info->count);

        if (info->kind != QTR_TENSOR_TRAINED || g_str_has_suffix(info->name, "conv.weight"))
            continue;
        assert_true(qtr_net_read(net, i, QTR_PART_VALUE, values, NULL));
        for (gsize j = 0; j < info->count; j++)
            values[j] += 0.4f * draw(i, j);
        assert_true(qtr_net_write(net, i, QTR_PART_VALUE, values, NULL));
    }
}

static void set_images(Subject *s, const QtrNetParams *params)
{
    gsize n = (gsize)params->batch * 3 * (gsize)params->height * (gsize)params->width;
    int scale = params->arch.scale;
    g_autofree float *lr = g_new(float, n);

    s->count = n * (gsize)(scale * scale);
    s->target = g_new(float, s->count);
    for (gsize i = 0; i < n; i++)
        lr[i] = 0.5f + 0.5f * draw(1, i);
    for (gsize i = 0; i < s->count; i++)
        s->target[i] = draw(2, i) < 0.3f ? -FAR : FAR;
    assert_true(qtr_net_set_images(s->net, lr, s->target, NULL));
}

/* All tensors with gradients: alphas by the alpha step's loss, the others by the weight step's. */
static void check_net(const QtrNetParams *params, const char *genotype_text, const char *where)
{
    g_autoptr(QtrDevice) device = golden_device();
    g_autoptr(QtrNet) net = golden_new_net(device, params, genotype_text);
    g_autofree float *target = NULL;
    Subject s = {.net = net};

    stir(net);
    set_images(&s, params);
    target = s.target;
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        if (qtr_net_tensor(net, i)->kind != QTR_TENSOR_TRAINED)
            continue;
        s.alphas = g_str_has_prefix(qtr_net_tensor(net, i)->name, "_alphas.");
        check_tensor(&s, i, where);
    }
}

static void test_supernets(void **state)
{
    static const Case cases[] = {
        {"softmax, entropy", QTR_SELECTOR_SOFTMAX, QTR_SPARSITY_ENTROPY, TRUE, 1, 2, 0.5},
        {"gumbel, l1, ADM", QTR_SELECTOR_GUMBEL, QTR_SPARSITY_L1, FALSE, 2, 1, 0.5},
        {"softmax, l1_softmax, ADM", QTR_SELECTOR_SOFTMAX, QTR_SPARSITY_L1_SOFTMAX, FALSE, 1, 2,
         0.0},
        {"gumbel, no sparsity, no tail", QTR_SELECTOR_GUMBEL, QTR_SPARSITY_NONE, TRUE, 2, 0, 0.5},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];
        QtrNetParams params;

        small_params(&params, c->skip_mode, c->tail);
        params.selector = c->selector;
        params.sparsity = c->sparsity;
        params.penalty = c->penalty;
        params.arch.n_bits = c->n_bits;
        for (int b = 0; b < c->n_bits; b++)
            params.arch.bits[b] = 32;
        check_net(&params, NULL, c->name);
    }
}

static void test_final(void **state)
{
    static const char *const text =
        "Genotype_SR(head=[('growth2_3x3', 32)], body=[('DWS_5x5', 32), ('skip_connect', 32)], "
        "tail=[('simple_3x3', 32), ('conv_3x1_1x3', 32)], skip=[('decenc_5x5_2_g3', 32)], "
        "upsample=[('simple_3x3_grouped_3', 32)])";
    QtrNetParams params;

    for (int skip_mode = 0; skip_mode < 2; skip_mode++) {
        small_params(&params, skip_mode, 2);
        check_net(&params, text, skip_mode ? "final" : "final, ADM");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_supernets),
        cmocka_unit_test(test_final),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
