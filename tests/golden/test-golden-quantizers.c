/* The quantizers of method.md 4 in the engine's own kernels against the reference's. */
#include "harness.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Tensor `format`, with `bits` in the place of %d if it has one. */
static const float *stored(const QtrSafetensors *file, const char *format, int bits, gsize count)
{
    g_auto(GStrv) parts = g_strsplit(format, "%d", 2);
    g_autofree char *number = g_strdup_printf("%d", bits);
    g_autofree char *name = g_strjoinv(number, parts);
    g_autoptr(GError) error = NULL;
    const float *values;

    values = qtr_safetensors_f32(file, name, count, &error);
    if (!values)
        fail_msg("%s", error->message);
    return values;
}

/* A network of which only the body matters. */
static void plain_params(QtrNetParams *params, int c_fixed)
{
    golden_zero_params(params, c_fixed);
    params->height = params->width = 1;
}

/* A final network with one body layer of `primitive` for each of `bits`. */
static QtrNet *new_final(QtrDevice *device, QtrNetParams *params, const char *primitive,
                         const int *bits, int n)
{
    QtrGenotype genotype = golden_zero_genotype();

    genotype.layers[QTR_BLOCK_BODY] = n;
    for (int i = 0; i < n; i++)
        genotype.genes[QTR_BLOCK_BODY][i] = (QtrGene){qtr_primitive_find(primitive), bits[i]};
    params->genotype = &genotype;
    return golden_new_net(device, params, NULL);
}

static void write_all(QtrNet *net, int tensor, float value)
{
    gsize n = qtr_net_tensor(net, (guint)tensor)->count;
    g_autofree float *values = g_new(float, n);

    for (gsize i = 0; i < n; i++)
        values[i] = value;
    assert_true(qtr_net_write(net, (guint)tensor, QTR_PART_VALUE, values, NULL));
}

/* With weights and steps of 1 a depthwise 1x1 convolution is the activation alone. */
static void test_activations(void **state)
{
    static const int bits[] = {1, 2, 3, 4, 8, 16, 32};
    const int n = G_N_ELEMENTS(bits);
    g_autoptr(QtrSafetensors) file = golden_load("quantizers.safetensors");
    g_autoptr(QtrDevice) device = golden_device();
    g_autoptr(QtrNet) net = NULL;
    g_autoptr(Harness) h = NULL;
    QtrNetParams params;
    QtrTensor *y[G_N_ELEMENTS(bits)], *dx[G_N_ELEMENTS(bits)], *x, *dy;

    plain_params(&params, 6);
    params.batch = 4;
    params.height = 5;
    params.width = 8;
    net = new_final(device, &params, "simple_1x1_grouped_full", bits, n);
    for (int i = 0; i < n; i++) {
        write_all(net, net_conv(net, i)->weight, 1.0f);
        write_all(net, net_conv(net, i)->steps, 1.0f);
    }
    h = harness_new(net);
    x = harness_tensor(h, 6, 5, 8, stored(file, "x", 0, 960));
    dy = harness_tensor(h, 6, 5, 8, stored(file, "dy", 0, 960));
    harness_run_list(net->prepare);
    for (int i = 0; i < n; i++) {
        NetBlock block = {.n = 1, .layers = &net->cells[0].body.layers[i]};

        y[i] = harness_tensor(h, 6, 5, 8, NULL);
        dx[i] = harness_tensor(h, 6, 5, 8, NULL);
        net_emit_block(net, &h->emit, &block, x, y[i], FALSE);
        net_emit_block_backward(net, &h->emit, FALSE, &block, dy, dx[i], FALSE);
    }
    harness_run(h);
    for (int i = 0; i < n; i++) {
        g_autofree char *y_name = g_strdup_printf("hwgq%d.y", bits[i]);
        g_autofree char *dx_name = g_strdup_printf("hwgq%d.dx", bits[i]);

        harness_compare(y[i], file, y_name, NULL);
        harness_compare(dx[i], file, dx_name, NULL);
    }
}

static void compare_part(QtrBuffer *buffer, gsize at, const char *what, const float *expected,
                         gsize count)
{
    g_autofree float *values = g_new(float, count);

    assert_true(qtr_buffer_read(buffer, at * sizeof(float), values, count * sizeof(float), NULL));
    golden_compare_doubtful(what, values, expected, count, NULL);
}

/* The first convolution of growth2_3x3 in a network of 6 channels has 12 x 6 x 3 x 3 weights. */
static void test_weights(void **state)
{
    static const int bits[] = {2, 3, 4, 8, 16};
    const gsize count = 12 * 6 * 9;
    g_autoptr(QtrSafetensors) file = golden_load("quantizers.safetensors");
    g_autoptr(QtrDevice) device = golden_device();
    g_autoptr(QtrNet) net = NULL;
    g_autoptr(Harness) h = NULL;
    QtrNetParams params;

    plain_params(&params, 6);
    net = new_final(device, &params, "growth2_3x3", bits, G_N_ELEMENTS(bits));
    h = harness_new(net);
    for (int i = 0; i < (int)G_N_ELEMENTS(bits); i++)
        assert_true(qtr_net_write(net, (guint)net_conv(net, 2 * i)->weight, QTR_PART_VALUE,
                                  stored(file, "w", 0, count), NULL));
    assert_true(qtr_net_reset_steps(net, NULL));
    harness_write_step(h);
    harness_run_list(net->prepare);
    for (int i = 0; i < (int)G_N_ELEMENTS(bits); i++)
        assert_true(qtr_buffer_write(net->mixed_grads,
                                     net_conv(net, 2 * i)->mixed_at * sizeof(float),
                                     stored(file, "dwq", 0, count), count * sizeof(float), NULL));
    harness_run_list(net->update_weight);
    for (int i = 0; i < (int)G_N_ELEMENTS(bits); i++) {
        const NetConv *c = net_conv(net, 2 * i);
        const float *s0 = stored(file, "lsq%d.s0", bits[i], 12);
        float steps[12];

        /* To the last bit: a step decides on which side of a threshold a weight lies. */
        assert_true(qtr_net_read(net, (guint)c->steps, QTR_PART_VALUE, steps, NULL));
        assert_memory_equal(steps, s0, sizeof steps);
        compare_part(net->mixed, c->mixed_at, "lsq y", stored(file, "lsq%d.y", bits[i], count),
                     count);
        compare_part(net->grads, (gsize)net_at(net, c->weight), "lsq dw",
                     stored(file, "lsq%d.dw", bits[i], count), count);
        compare_part(net->grads, (gsize)net_at(net, c->steps), "lsq ds",
                     stored(file, "lsq%d.ds", bits[i], 12), 12);
    }
}

/* 960 depthwise weights: W~ = f*W + q_b*noisy_b(W) where the other bit widths have no chance. */
static void test_noise(void **state)
{
    static const int bits[] = {2, 4, 8};
    enum { N_BITS = G_N_ELEMENTS(bits), COUNT = 960 };
    g_autoptr(QtrSafetensors) file = golden_load("quantizers.safetensors");
    g_autoptr(QtrDevice) device = golden_device();
    g_autofree float *draws = g_new(float, N_BITS *COUNT), *mixed = g_new(float, COUNT);
    const float *x = stored(file, "x", 0, COUNT);
    const int places[2 * N_BITS] = {0, COUNT, 2 * COUNT};
    const float f = 1.0f / (N_BITS + 1), q = 1.0f / (1.0f + f);
    g_autoptr(QtrNet) net = NULL;
    g_autoptr(Harness) h = NULL;
    QtrNetParams params;

    for (int b = 0; b < N_BITS; b++)
        for (int i = 0; i < COUNT; i++)
            draws[b * COUNT + i] = 0.5f * stored(file, "noise%d.draw", bits[b], COUNT)[i];
    plain_params(&params, COUNT);
    params.arch.n_bits = N_BITS;
    memcpy(params.arch.bits, bits, sizeof bits);
    params.arch.primitives[QTR_BLOCK_BODY][0] = qtr_primitive_find("simple_1x1_grouped_full");
    params.quant_noise = TRUE;
    params.noise = draws;
    params.noise_count = N_BITS * COUNT;
    params.noise_at = places;
    net = golden_new_net(device, &params, NULL);
    h = harness_new(net);
    harness_write_step(h);
    assert_true(qtr_net_write(net, (guint)net_conv(net, 0)->weight, QTR_PART_VALUE, x, NULL));
    for (int b = 0; b < N_BITS; b++) {
        float alphas[N_BITS] = {-1e4f, -1e4f, -1e4f};
        g_autofree char *what = g_strdup_printf("noise%d.y", bits[b]);

        alphas[b] = 0.0f;
        assert_true(qtr_net_write(net, (guint)qtr_net_tensor_find(net, "_alphas.1"), QTR_PART_VALUE,
                                  alphas, NULL));
        harness_run_list(net->select);
        harness_run_list(net->prepare);
        assert_true(qtr_buffer_read(net->mixed, 0, mixed, COUNT * sizeof(float), NULL));
        for (int i = 0; i < COUNT; i++)
            mixed[i] = (mixed[i] - f * x[i]) / q;
        golden_compare_doubtful(what, mixed, stored(file, "noise%d.y", bits[b], COUNT), COUNT,
                                NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
