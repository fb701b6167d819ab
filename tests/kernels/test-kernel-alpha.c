/* The selectors against their definition in double, and the gradient of hard_gumbel, which is no
 * derivative (those that are: golden/test-gradients). */
#include "../golden/chain.h"
#include "../golden/harness.h"
#include "base/rng.h"
#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEMPERATURE 0.7
#define BITS 2

static QtrNet *new_net_of(QtrDevice *device, QtrSelector selector, gboolean noise, int n_bits,
                          const int *bits)
{
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.height = 3;
    params.width = 4;
    params.selector = selector;
    params.sparsity = QTR_SPARSITY_NONE;
    params.quant_noise = noise;
    params.arch.c_fixed = 3;
    params.arch.scale = 1;
    params.arch.body_cells = 1;
    params.arch.skip_mode = TRUE;
    params.arch.n_bits = n_bits;
    memcpy(params.arch.bits, bits, sizeof(int) * (gsize)n_bits);
    for (int b = 0; b < QTR_BLOCKS; b++) {
        params.arch.layers[b] = b == QTR_BLOCK_TAIL ? 0 : 1;
        params.arch.n_primitives[b] = 2;
        params.arch.primitives[b][0] = qtr_primitive_find("simple_3x3");
        params.arch.primitives[b][1] = qtr_primitive_find("simple_1x1");
    }
    return golden_new_net(device, &params, NULL);
}

static QtrNet *new_net(QtrDevice *device, QtrSelector selector, gboolean noise)
{
    static const int bits[BITS] = {8, 4};

    return new_net_of(device, selector, noise, BITS, bits);
}

static void write_step(QtrNet *net, guint32 step)
{
    const QtrStep rates = {.step = step,
                           .weight_bias1 = 1.0f,
                           .weight_bias2 = 1.0f,
                           .alpha_bias1 = 1.0f,
                           .alpha_bias2 = 1.0f,
                           .temperature = (float)TEMPERATURE};

    assert_true(qtr_buffer_write(net->step, 0, &rates, sizeof rates, NULL));
}

/* The soft choice of a layer's n alphas. */
static void soft_choice(QtrSelector selector, const float *alphas, int n, int layer, guint32 step,
                        double *s)
{
    double top = -INFINITY, sum = 0.0;

    for (int i = 0; i < n; i++) {
        guint32 word =
            qtr_rng_at(0, QTR_RNG_GUMBEL, step * 4, (guint64)layer << 32 | (guint64)i).v[0];
        double u = ((double)(word >> 9) + 0.5) * 0x1p-23;

        s[i] = (double)alphas[i];
        if (selector != QTR_SELECTOR_SOFTMAX)
            s[i] = (s[i] - log(-log(u))) / TEMPERATURE;
        top = fmax(top, s[i]);
    }
    for (int i = 0; i < n; i++)
        sum += s[i] = exp(s[i] - top);
    for (int i = 0; i < n; i++)
        s[i] /= sum;
}

static void make_hard(double *s, int n)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        if (s[i] > s[best])
            best = i;
    for (int i = 0; i < n; i++)
        s[i] = i == best;
}

/* p and the rows (P, q...) of mix of all layers at one step. */
static void check_select(QtrNet *net, const float *alphas, guint32 step)
{
    const int n = 2 * BITS, rows = 2 * (1 + BITS);
    double base = net->noise ? 1.0 / (BITS + 1) : 0.0;
    g_autofree float *p = g_new(float, net->n_alphas);
    g_autofree float *mix = g_new(float, net->n_rows *(1 + BITS));
    double s[2 * BITS], row[2 * (1 + BITS)];

    write_step(net, step);
    harness_run_list(net->select);
    assert_true(
        qtr_buffer_read(net->p, 0, p, sizeof(float) * (gsize)net->n_alphas, NULL) &&
        qtr_buffer_read(net->mix, 0, mix, sizeof(float) * (gsize)(net->n_rows * (1 + BITS)), NULL));
    for (int layer = 0; layer < net->n_alphas / n; layer++) {
        soft_choice(net->params.selector, alphas + layer * n, n, layer, step, s);
        if (net->params.selector == QTR_SELECTOR_HARD_GUMBEL)
            make_hard(s, n);
        kernel_compare("p", p + layer * n, s, (gsize)n, 2e-6, NULL);
        for (int k = 0; k < 2; k++) {
            double sum = s[k * BITS] + s[k * BITS + 1];

            row[k * (1 + BITS)] = sum;
            for (int b = 0; b < BITS; b++)
                row[k * (1 + BITS) + 1 + b] =
                    sum + base > 0.0 ? s[k * BITS + b] / (sum + base) : 0.0;
        }
        kernel_compare("mix", mix + layer * rows, row, (gsize)rows, 1e-5, NULL);
    }
}

static void write_alphas(QtrNet *net, const float *alphas)
{
    assert_true(
        qtr_buffer_write(net->alphas, 0, alphas, sizeof(float) * (gsize)net->n_alphas, NULL));
}

static void test_select(void **state)
{
    static const QtrSelector selectors[] = {QTR_SELECTOR_SOFTMAX, QTR_SELECTOR_GUMBEL,
                                            QTR_SELECTOR_HARD_GUMBEL};
    g_autoptr(QtrDevice) device = kernel_device(16);

    for (gsize i = 0; i < G_N_ELEMENTS(selectors); i++) {
        g_autoptr(QtrNet) net = new_net(device, selectors[i], i == 1);
        g_autofree float *alphas = kernel_draws(1, (gsize)net->n_alphas);

        alphas[2] = 40.0f; /* of layer 0; of layer 1 all but one with hardly a chance */
        for (int j = 5; j < 8; j++)
            alphas[j] = -40.0f;
        write_alphas(net, alphas);
        for (guint32 step = 0; step < 20; step++)
            check_select(net, alphas, step);
    }
}

/* At this step of seed 0 the uniform number behind layer 0's alpha 3 is the largest there is: its
 * Gumbel number must still be finite. */
static void test_largest_draw(void **state)
{
    const guint32 step = 3343383;
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autoptr(QtrNet) net = new_net(device, QTR_SELECTOR_GUMBEL, FALSE);
    g_autofree float *alphas = kernel_draws(1, (gsize)net->n_alphas);

    assert_true(qtr_rng_at(0, QTR_RNG_GUMBEL, step * 4, 3).v[0] >> 8 == 0xFFFFFF);
    write_alphas(net, alphas);
    check_select(net, alphas, step);
}

/* d/dp of the probabilities by the chain of the primitive that runs, in a body layer. */
static void chain_gradient(QtrNet *net, const double *hard, const float *x, const float *dy,
                           double *dp, double *doubt)
{
    int k = hard[0] + hard[1] > 0.5 ? 0 : 1;
    const float p[BITS] = {(float)hard[k * BITS], (float)hard[k * BITS + 1]};
    g_autoptr(Chain) chain = chain_new(net, &net->cells[0].body.layers[0].ops[k], p, x, dy);

    for (int b = 0; b < BITS; b++) {
        dp[k * BITS + b] = chain->dp.value[b];
        doubt[k * BITS + b] = chain->dp.doubt[b];
    }
}

/* d/dalpha = s * (d/dp - sum s * d/dp) / T with the soft s; what does not run has d/dp = 0. */
static void check_hard_gradient(QtrNet *net, const float *alphas, guint32 step)
{
    const int n = 2 * BITS, layer = QTR_BLOCK_BODY;
    g_autoptr(Harness) h = harness_new(net);
    g_autofree float *x = kernel_draws(2, 36), *dy = kernel_draws(3, 36);
    QtrTensor *xt = harness_tensor(h, 3, 3, 4, x), *dyt = harness_tensor(h, 3, 3, 4, dy);
    QtrTensor *y = harness_tensor(h, 3, 3, 4, NULL), *dx = harness_tensor(h, 3, 3, 4, NULL);
    double s[2 * BITS], hard[2 * BITS], dp[2 * BITS] = {0}, doubt[2 * BITS] = {0}, mean = 0.0;
    float got[2 * BITS];

    write_step(net, step);
    harness_run_list(net->select);
    harness_run_list(net->prepare);
    net_emit_block(net, &h->emit, &net->cells[0].body, xt, y, FALSE);
    net_emit_block_backward(net, &h->emit, TRUE, &net->cells[0].body, dyt, dx, FALSE);
    harness_run(h);
    harness_run_list(net->update_alpha);
    soft_choice(QTR_SELECTOR_GUMBEL, alphas + layer * n, n, layer, step, s);
    memcpy(hard, s, sizeof s);
    make_hard(hard, n);
    chain_gradient(net, hard, x, dy, dp, doubt);
    for (int i = 0; i < n; i++)
        mean += s[i] * dp[i];
    for (int i = 0; i < n; i++) {
        dp[i] = s[i] * (dp[i] - mean) / TEMPERATURE;
        doubt[i] = 1e-5 * fabs(mean);
    }
    assert_true(qtr_buffer_read(net->alpha_grads, sizeof(float) * (gsize)(layer * n), got,
                                sizeof got, NULL));
    kernel_compare("hard_gumbel's gradient", got, dp, (gsize)n, 1e-4, doubt);
}

static void test_hard_gradient(void **state)
{
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autoptr(QtrNet) net = new_net(device, QTR_SELECTOR_HARD_GUMBEL, FALSE);
    g_autofree float *alphas = kernel_draws(1, (gsize)net->n_alphas);

    write_alphas(net, alphas);
    for (guint32 step = 0; step < 12; step++)
        check_hard_gradient(net, alphas, step);
}

/* With one bit width all primitives share one activation: it must be there also where the first of
 * them is not chosen. */
static void test_one_bit_width(void **state)
{
    static const int bits[] = {32};
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autofree float *x = kernel_draws(1, 3 * 3 * 4);
    float y[2][3 * 3 * 4];

    for (int hard = 0; hard < 2; hard++) {
        g_autoptr(QtrNet) net = new_net_of(
            device, hard ? QTR_SELECTOR_HARD_GUMBEL : QTR_SELECTOR_SOFTMAX, FALSE, 1, bits);
        float alphas[8];

        for (int i = 0; i < net->n_alphas; i++)
            alphas[i] = i % 2 == 0 ? -100.0f : 100.0f;
        assert_true(
            qtr_buffer_write(net->alphas, 0, alphas, sizeof(float) * (gsize)net->n_alphas, NULL));
        assert_true(qtr_net_set_images(net, x, NULL, NULL) && qtr_net_evaluate(net, NULL, NULL) &&
                    qtr_net_read_output(net, y[hard], NULL));
    }
    assert_memory_equal(y[0], y[1], sizeof y[0]);
    for (gsize i = 1; i < G_N_ELEMENTS(y[0]); i++)
        if (y[0][i] != y[0][0])
            return;
    fail_msg("the network's output does not depend on its input");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_largest_draw),
        cmocka_unit_test(test_hard_gradient),
        cmocka_unit_test(test_one_bit_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
