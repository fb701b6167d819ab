/* Large layers are computed some images at a time: forward and backward pass leave the same bits as
 * all images at once. */
#include "../golden/harness.h"
#include "compare.h"
#include "planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define IMAGES 5
#define CHANNELS 12
#define HEIGHT 11
#define WIDTH 30
#define X_COUNT (IMAGES * 3 * HEIGHT * WIDTH)

typedef struct {
    gboolean noise;
    int n_bits, bits[2];
} Mode;

static QtrNet *new_net(QtrDevice *device, const Mode *mode)
{
    static const char *const names[] = {"simple_3x3", "simple_5x5_grouped_3", "simple_1x1"};
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.batch = IMAGES;
    params.height = HEIGHT;
    params.width = WIDTH;
    params.seed = 7;
    params.quant_noise = mode->noise;
    params.arch.c_fixed = CHANNELS;
    params.arch.scale = 1;
    params.arch.body_cells = 1;
    params.arch.skip_mode = TRUE;
    params.arch.n_bits = mode->n_bits;
    memcpy(params.arch.bits, mode->bits, sizeof mode->bits);
    for (int b = 0; b < QTR_BLOCKS; b++) {
        params.arch.layers[b] = b == QTR_BLOCK_TAIL ? 2 : 1;
        params.arch.n_primitives[b] = b == QTR_BLOCK_TAIL ? 3 : 1;
        for (int k = 0; k < params.arch.n_primitives[b]; k++)
            params.arch.primitives[b][k] =
                qtr_primitive_find(b == QTR_BLOCK_TAIL ? names[k] : "simple_1x1");
    }
    return golden_new_net(device, &params, NULL);
}

/* What the tail leaves behind, computed `images` at a time, in one row of floats. */
static GArray *run_tail(QtrNet *net, int images, gboolean alphas)
{
    g_autofree float *x = kernel_draws(1, X_COUNT), *dy = kernel_draws(2, X_COUNT);
    g_autofree float *dense = g_new(float, X_COUNT);
    g_autofree float *grads = g_new(float, net->mixed_size), *dots = g_new(float, net->dots_size);
    g_autoptr(Harness) h = harness_new(net);
    QtrTensor *xt = harness_tensor(h, 3, HEIGHT, WIDTH, x);
    QtrTensor *dyt = harness_tensor(h, 3, HEIGHT, WIDTH, dy);
    QtrTensor *y = harness_tensor(h, 3, HEIGHT, WIDTH, NULL);
    QtrTensor *dx = harness_tensor(h, 3, HEIGHT, WIDTH, NULL);
    GArray *all = g_array_new(FALSE, FALSE, sizeof(float));

    net->cached_bytes =
        sizeof(float) * (gsize)(images * CHANNELS) * (gsize)qtr_tensor_plane_size(xt);
    harness_write_step(h);
    harness_run_list(net->select);
    harness_run_list(net->prepare);
    net_emit_block(net, &h->emit, &net->tail, xt, y, FALSE);
    net_emit_block_backward(net, &h->emit, alphas, &net->tail, dyt, dx, FALSE);
    assert_int_equal(net_images_at_once(net, &h->emit, &net->tail, &net->tail.layers[0], xt),
                     images < IMAGES ? images : 0);
    harness_run(h);
    planes_read(y, dense);
    g_array_append_vals(all, dense, X_COUNT);
    planes_read(dx, dense);
    g_array_append_vals(all, dense, X_COUNT);
    assert_true(qtr_buffer_read(net->mixed_grads, 0, grads, sizeof(float) * net->mixed_size, NULL));
    assert_true(qtr_buffer_read(net->act_dots, 0, dots, sizeof(float) * net->dots_size, NULL));
    g_array_append_vals(all, grads, (guint)net->mixed_size);
    if (alphas)
        g_array_append_vals(all, dots, (guint)net->dots_size);
    return all;
}

static void test_some_at_a_time(void **state)
{
    static const Mode modes[] = {{FALSE, 1, {32}}, {FALSE, 2, {8, 4}}, {TRUE, 2, {8, 4}}};

    kernel_skip_without_cpu("layers are computed some images at a time on CPUs");
    for (gsize m = 0; m < G_N_ELEMENTS(modes); m++)
        for (int alphas = 0; alphas < 2; alphas++) {
            g_autoptr(QtrDevice) device = kernel_device(16);
            g_autoptr(QtrNet) net = new_net(device, &modes[m]);
            g_autoptr(GArray) whole = run_tail(net, IMAGES, alphas);

            for (int images = 1; images <= 2; images++) {
                g_autoptr(GArray) parts = run_tail(net, images, alphas);

                assert_int_equal(parts->len, whole->len);
                assert_memory_equal(parts->data, whole->data, whole->len * sizeof(float));
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_some_at_a_time)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
