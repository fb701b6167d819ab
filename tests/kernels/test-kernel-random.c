/* Random numbers on the device: Philox to the last bit, the distribution of the normals, and the
 * noise of activations and weights. */
#include "../golden/harness.h"
#include "base/rng.h"
#include "compare.h"
#include "gpu/kernel.h"
#include "planes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define C1 0x9abcdef0u
#define C2 3u
#define C3 0xfffffff0u
#define KEY0 0xdeadbeefu
#define KEY1 0x01234567u

/* Runs one of the kernels of cl/selftest.cl that make words. */
static void run_words(QtrDevice *device, const char *name, int per_item, QtrBuffer *words, int n)
{
    g_autoptr(QtrCommands) list = qtr_commands_new(device);
    g_autoptr(GError) error = NULL;
    QtrKernel *kernel = qtr_kernel_new(device, "selftest", name, NULL, &error);
    const gsize global[3] = {(gsize)(n / per_item), 1, 1};

    if (!kernel)
        fail_msg("%s", error->message);
    qtr_kernel_bind(kernel, "buuuuui", words, C1, C2, C3, KEY0, KEY1, n);
    qtr_commands_add(list, kernel, global, NULL, (QtrWork){.label = "test"});
    harness_run_list(list);
}

static void check_words(QtrBuffer *buffer, int n, int rounds)
{
    const guint32 key[2] = {KEY0, KEY1};
    g_autofree guint32 *words = g_new(guint32, 4 * n);

    assert_true(qtr_buffer_read(buffer, 0, words, sizeof(guint32) * 4 * (gsize)n, NULL));
    for (int i = 0; i < n; i++) {
        const guint32 counter[4] = {(guint32)i, C1, C2, C3};
        QtrRng4 expected = qtr_rng_philox(counter, key, rounds);

        assert_memory_equal(words + 4 * i, expected.v, sizeof expected.v);
    }
}

/* The known answers that come with Random123 (kat_vectors). */
static void test_known_answers(void **state)
{
    static const guint32 zeros[4] = {0}, ones[4] = {~0u, ~0u, ~0u, ~0u};
    static const struct {
        const guint32 *in;
        int rounds;
        guint32 out[4];
    } answers[] = {
        {zeros, 7, {0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48}},
        {ones, 7, {0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662}},
        {zeros, 10, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {ones, 10, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        QtrRng4 got = qtr_rng_philox(answers[i].in, answers[i].in, answers[i].rounds);

        assert_memory_equal(got.v, answers[i].out, sizeof got.v);
    }
}

static void test_philox(void **state)
{
    const int n = 4096;

    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);
        g_autoptr(QtrBuffer) words = qtr_buffer_new(device, sizeof(guint32) * 4 * n, NULL);

        run_words(device, "philox_words", kernel_widths[w], words, n);
        check_words(words, n, QTR_RNG_NOISE_ROUNDS);
        assert_true(qtr_buffer_zero(words, NULL));
        run_words(device, "philox_words_one", 1, words, n);
        check_words(words, n, QTR_RNG_ROUNDS);
    }
}

/* `n` pairs of normals, and the words they come from. */
static float *make_normals(QtrDevice *device, int n, guint32 *words)
{
    g_autoptr(QtrBuffer) in = qtr_buffer_new(device, sizeof(guint32) * 4 * (gsize)n, NULL);
    g_autoptr(QtrBuffer) out = qtr_buffer_new(device, sizeof(float) * 2 * (gsize)n, NULL);
    g_autoptr(QtrCommands) list = qtr_commands_new(device);
    QtrKernel *kernel = qtr_kernel_new(device, "selftest", "normals", NULL, NULL);
    int lanes = qtr_device_info(device)->vector_width;
    const gsize global[3] = {(gsize)(n / lanes), 1, 1};
    float *normals = g_new(float, 2 * n);

    assert_non_null(kernel);
    run_words(device, "philox_words", lanes, in, n);
    qtr_kernel_bind(kernel, "bbi", in, out, n);
    qtr_commands_add(list, kernel, global, NULL, (QtrWork){.label = "test"});
    harness_run_list(list);
    assert_true(qtr_buffer_read(in, 0, words, sizeof(guint32) * 4 * (gsize)n, NULL) &&
                qtr_buffer_read(out, 0, normals, sizeof(float) * 2 * (gsize)n, NULL));
    return normals;
}

static void check_share(const float *z, gsize n, double limit, double expected)
{
    gsize beyond = 0;

    for (gsize i = 0; i < n; i++)
        beyond += fabs((double)z[i]) > limit;
    if (!(fabs((double)beyond - expected * (double)n) <= 5.0 * sqrt(expected * (double)n)))
        fail_msg("%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " beyond %g, expected %g", beyond, n,
                 limit, expected * (double)n);
}

/* All bounds are five standard deviations of the estimate. */
static void check_distribution(const float *z, gsize n)
{
    double moments[5] = {0}, product = 0.0, root = sqrt((double)n);

    for (gsize i = 0; i < n; i++)
        for (int k = 1; k <= 4; k++)
            moments[k] += pow((double)z[i], k) / (double)n;
    for (gsize i = 0; i < n; i += 2)
        product += (double)z[i] * (double)z[i + 1] / (double)(n / 2);
    assert_true(fabs(moments[1]) <= 5.0 / root);
    assert_true(fabs(moments[2] - 1.0) <= 5.0 * sqrt(2.0) / root);
    assert_true(fabs(moments[3]) <= 5.0 * sqrt(15.0) / root);
    assert_true(fabs(moments[4] - 3.0) <= 5.0 * sqrt(96.0) / root);
    assert_true(fabs(product) <= 5.0 * sqrt(2.0) / root);
    for (double limit = 0.5; limit <= 4.5; limit += 0.5)
        check_share(z, n, limit, erfc(limit / sqrt(2.0)));
}

static void test_normals(void **state)
{
    const int n = 1 << 19;

    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w += 3) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);
        g_autofree guint32 *words = g_new(guint32, 4 * n);
        g_autofree float *z = make_normals(device, n, words);

        check_distribution(z, 2 * (gsize)n);
        /* Box-Muller: the pair's radius is that of the upper half of its word. */
        for (int i = 0; i < n; i++) {
            float u = (float)(((double)(words[4 * i] >> 16) + 0.5) * 0x1p-16);
            double radius = hypot((double)z[2 * i], (double)z[2 * i + 1]);

            if (!(fabs(radius - sqrt(-2.0 * log((double)u))) <= 1e-6 * (1.0 + radius)))
                fail_msg("radius %.9g of u = %.9g", radius, (double)u);
        }
    }
}

/* The noise of a supernet's layer; not given but drawn. */

#define CHANNELS 5
#define HEIGHT 6
#define WIDTH 19
#define COUNT (2 * CHANNELS * HEIGHT * WIDTH)

static QtrNet *new_noisy(QtrDevice *device)
{
    QtrNetParams params;

    golden_zero_params(&params, CHANNELS);
    params.batch = 2;
    params.height = HEIGHT;
    params.width = WIDTH;
    params.seed = 0x123456789abcdefu;
    params.quant_noise = TRUE;
    params.arch.n_bits = 3;
    memcpy(params.arch.bits, (const int[]){4, 3, 2}, 3 * sizeof(int));
    params.arch.primitives[QTR_BLOCK_BODY][0] = qtr_primitive_find("simple_3x3");
    return golden_new_net(device, &params, NULL);
}

typedef struct {
    float a[COUNT], mixed[CHANNELS * CHANNELS * 9];
    /* sum of q_b * dots_b, and what it must be: <da, a - f*x+> + <dW~, W~ - f*W>, which is
     * 2<dy, y> - <dx, x> - <dW, W> as dx = f*da where x > 0, and dW = f*dW~. */
    double dots, expected_dots, scale;
} Noise;

static double dot(const float *a, const float *b, gsize n)
{
    double sum = 0.0;

    for (gsize i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void read_dots(QtrNet *net, Noise *noise, double dy_y, double dx_x)
{
    const NetConv *c = net_conv(net, 0);
    float mix[4], sums[4], w[G_N_ELEMENTS(noise->mixed)], dw[G_N_ELEMENTS(noise->mixed)];
    double dw_w;

    assert_true(
        qtr_buffer_read(net->mix, sizeof(float) * (gsize)c->mix_at, mix, sizeof mix, NULL) &&
        qtr_buffer_read(net->dot_sums, 0, sums, sizeof sums, NULL) &&
        qtr_net_read(net, (guint)c->weight, QTR_PART_VALUE, w, NULL) &&
        qtr_net_read(net, (guint)c->weight, QTR_PART_GRADIENT, dw, NULL));
    dw_w = dot(w, dw, G_N_ELEMENTS(w));
    noise->dots = dot(mix + 1, sums + 1, 3);
    noise->expected_dots = 2.0 * dy_y - dx_x - dw_w;
    noise->scale = fabs(dy_y) + fabs(dx_x) + fabs(dw_w);
}

static void write_step(QtrNet *net, guint32 step, guint32 phase)
{
    const QtrStep rates = {.seed_lo = (guint32)net->params.seed,
                           .seed_hi = (guint32)(net->params.seed >> 32),
                           .step = step,
                           .phase = phase,
                           .weight_bias1 = 1.0f,
                           .weight_bias2 = 1.0f,
                           .alpha_bias1 = 1.0f,
                           .alpha_bias2 = 1.0f,
                           .temperature = 1.0f};

    assert_true(qtr_buffer_write(net->step, 0, &rates, sizeof rates, NULL));
}

/* The body layer forward and backward. */
static void run_noisy(QtrNet *net, const float *x, guint32 step, guint32 phase, Noise *noise)
{
    g_autoptr(Harness) h = harness_new(net);
    NetBlock *block = &net->cells[0].body;
    g_autofree float *dy = kernel_draws(2, COUNT);
    QtrTensor *xt = harness_tensor(h, CHANNELS, HEIGHT, WIDTH, x);
    QtrTensor *dyt = harness_tensor(h, CHANNELS, HEIGHT, WIDTH, dy);
    QtrTensor *y = harness_tensor(h, CHANNELS, HEIGHT, WIDTH, NULL);
    QtrTensor *dx = harness_tensor(h, CHANNELS, HEIGHT, WIDTH, NULL);
    g_autofree float *y_values = g_new(float, COUNT), *dx_values = g_new(float, COUNT);

    write_step(net, step, phase);
    harness_run_list(net->select);
    harness_run_list(net->prepare);
    net_emit_block(net, &h->emit, block, xt, y, FALSE);
    net_emit_block_backward(net, &h->emit, TRUE, block, dyt, dx, FALSE);
    harness_run(h);
    harness_run_list(net->update_alpha);
    harness_run_list(net->update_weight);
    planes_read(net_conv(net, 0)->a, noise->a);
    planes_read(y, y_values);
    planes_read(dx, dx_values);
    assert_true(qtr_buffer_read(net->mixed, 0, noise->mixed, sizeof noise->mixed, NULL));
    read_dots(net, noise, dot(dy, y_values, COUNT), dot(dx_values, x, COUNT));
}

static double distance(const float *a, const float *b, gsize n)
{
    double sum = 0.0;

    for (gsize i = 0; i < n; i++)
        sum += fabs((double)a[i] - (double)b[i]) / (double)n;
    return sum;
}

static void test_noise(void **state)
{
    g_autofree float *x = kernel_draws(1, COUNT);
    g_autofree Noise *first = g_new0(Noise, 1), *other = g_new0(Noise, 1);

    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);
        g_autoptr(QtrNet) net = new_noisy(device);
        Noise *noise = w == 0 ? first : other;

        run_noisy(net, x, 5, 0, noise);
        /* The gradient meets the draws of the forward pass. */
        assert_true(fabs(noise->dots - noise->expected_dots) <= 1e-4 * noise->scale);
        if (w == 0)
            continue;
        /* The same draws whatever the vectors, up to rounding. */
        assert_true(distance(first->a, other->a, COUNT) < 1e-6);
        assert_true(distance(first->mixed, other->mixed, G_N_ELEMENTS(first->mixed)) < 1e-6);
    }
}

/* Other draws in every step and phase, the same ones again in the same. */
static void test_fresh(void **state)
{
    static const guint32 steps[][2] = {{5, 0}, {5, 1}, {5, 2}, {6, 0}, {7, 1}};
    g_autofree float *x = kernel_draws(1, COUNT);
    g_autofree Noise *noise = g_new0(Noise, G_N_ELEMENTS(steps));
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autoptr(QtrNet) net = new_noisy(device);

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        run_noisy(net, x, steps[i][0], steps[i][1], &noise[i]);
        for (gsize j = 0; j < i; j++) {
            assert_true(distance(noise[i].a, noise[j].a, COUNT) > 1e-2);
            assert_true(distance(noise[i].mixed, noise[j].mixed, G_N_ELEMENTS(noise->mixed)) >
                        1e-3);
        }
    }
    run_noisy(net, x, 5, 0, &noise[4]);
    assert_memory_equal(noise[0].a, noise[4].a, sizeof noise->a);
    assert_memory_equal(noise[0].mixed, noise[4].mixed, sizeof noise->mixed);
}

static int compare_floats(gconstpointer a, gconstpointer b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* No pixel shares its draw with another: behind one value everywhere stand as many different ones
 * as float32 tells apart. */
static void test_distinct(void **state)
{
    g_autofree float *x = g_new(float, COUNT);
    g_autofree Noise *noise = g_new0(Noise, 1);
    int same = 0;

    for (int i = 0; i < COUNT; i++)
        x[i] = i == 0 ? 0.0f : 1.0f;
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);
        g_autoptr(QtrNet) net = new_noisy(device);

        run_noisy(net, x, 1, 0, noise);
        qsort(noise->a, COUNT, sizeof(float), compare_floats);
        for (int i = 1; i < COUNT; i++)
            same += noise->a[i] == noise->a[i - 1];
    }
    assert_true(same < (int)G_N_ELEMENTS(kernel_widths) * COUNT / 100);
}

/* Moments of what noise adds to one value everywhere: of every bit's copies in an alpha step, of
 * one draw with the variance of their sum in the others. */
static void test_variance(void **state)
{
    g_autofree float *x = g_new(float, COUNT);
    g_autofree Noise *noise = g_new0(Noise, 1);
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autoptr(QtrNet) net = new_noisy(device);

    for (int i = 0; i < COUNT; i++)
        x[i] = i == 0 ? 0.0f : 1.0f;
    for (guint32 phase = 0; phase < 3; phase++) {
        double sum = 0.0, squares = 0.0, n = COUNT - 1, variance = 0.0, mean = 1.0 / 4.0;
        float mix[4], units[3];

        run_noisy(net, x, 1, phase, noise);
        assert_true(qtr_buffer_read(net->mix, sizeof(float) * (gsize)net_conv(net, 0)->mix_at, mix,
                                    sizeof mix, NULL) &&
                    qtr_buffer_read(net->units, 0, units, sizeof units, NULL));
        for (int b = 0; b < 3; b++) {
            mean += (double)mix[1 + b];
            variance += pow((double)mix[1 + b] * (double)units[b] / 2.0, 2.0);
        }
        for (int i = 1; i < COUNT; i++) {
            sum += (double)noise->a[i];
            squares += pow((double)noise->a[i] - mean, 2.0);
        }
        /* Five standard deviations of each estimate. */
        assert_true(fabs(sum / n - mean) <= 5.0 * sqrt(variance / n));
        assert_true(fabs(squares / n - variance) <= 5.0 * variance * sqrt(2.0 / n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers), cmocka_unit_test(test_philox),
        cmocka_unit_test(test_normals),       cmocka_unit_test(test_noise),
        cmocka_unit_test(test_fresh),         cmocka_unit_test(test_variance),
        cmocka_unit_test(test_distinct),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
