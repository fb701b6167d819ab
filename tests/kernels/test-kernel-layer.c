/* Layers of a supernet (activations, convolutions, data and weight gradients, dots, weights)
 * against their definition in double, on shapes that meet every edge of the kernels' tiles.
 *
 * Bound: 1e-5 of the largest element, ten times what float32 sums of these lengths err; in chains
 * also the doubt of golden/chain.h. */
#include "../golden/chain.h"
#include "../golden/harness.h"
#include "compare.h"
#include "planes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BOUND 1e-5

typedef struct {
    int batch, height, width;
} Size;

/* Around one, two and four vectors of 16, the search's 45, single rows, columns and pixels, and
 * heights around tiles of rows; the last is for strips of rows (ops/winograd.h). */
static const Size sizes[] = {
    {1, 1, 1},  {3, 1, 5},  {2, 6, 1},  {1, 2, 13}, {1, 3, 14}, {2, 4, 15},  {1, 5, 16}, {1, 7, 17},
    {1, 2, 18}, {1, 3, 19}, {1, 8, 30}, {1, 2, 31}, {1, 3, 32}, {1, 9, 33},  {1, 2, 34}, {2, 5, 45},
    {1, 2, 63}, {1, 3, 64}, {1, 2, 65}, {1, 4, 66}, {1, 1, 67}, {2, 24, 14},
};

#define ALL G_MAXUINT

/* One layer's primitives together, so that they add to each other's outputs. */
typedef struct {
    const char *name;
    QtrBlock block;
    int c_fixed, scale;
    guint64 sizes;       /* bits: which */
    gboolean all_widths; /* of vectors, else 16 and 1 */
    const char *primitives[4];
    gboolean strips; /* in strips of rows */
} Case;

static const Case cases[] = {
    {"5 channels, every size", QTR_BLOCK_BODY, 5, 1, ALL, TRUE, {"simple_3x3", "skip_connect"}},
    {"9x9", QTR_BLOCK_BODY, 3, 1, 0x108893, FALSE, {"simple_9x9"}},
    {"one channel", QTR_BLOCK_BODY, 1, 1, 0x008893, FALSE, {"simple_5x5", "simple_1x1"}},
    {"7 channels, 5x1 and 1x5", QTR_BLOCK_BODY, 7, 1, 0x14a8d7, FALSE, {"conv_5x1_1x5"}},
    {"12 channels in groups",
     QTR_BLOCK_BODY,
     12,
     1,
     0x14a8d7,
     TRUE,
     {"simple_3x3_grouped_3", "simple_5x5_grouped_full"}},
    {"13 channels", QTR_BLOCK_BODY, 13, 1, 0x008893, FALSE, {"simple_1x1", "simple_3x3"}},
    {"24 channels in strips",
     QTR_BLOCK_BODY,
     24,
     1,
     0x200000,
     TRUE,
     {"simple_5x5", "simple_3x3"},
     TRUE},
    {"36 channels", QTR_BLOCK_BODY, 36, 1, 0x008085, FALSE, {"simple_3x3", "decenc_3x3_4_g3"}},
    {"3 to 36", QTR_BLOCK_HEAD, 36, 1, 0x008081, FALSE, {"simple_3x3_grouped_3"}},
    {"13 to 48", QTR_BLOCK_UPSAMPLE, 13, 4, 0x000085, FALSE, {"simple_3x3"}},
};

static int count_primitives(const Case *c)
{
    int n = 0;

    while (n < (int)G_N_ELEMENTS(c->primitives) && c->primitives[n])
        n++;
    return n;
}

static QtrNet *new_net(QtrDevice *device, const Case *c, Size size)
{
    QtrNetParams params;

    golden_zero_params(&params, c->c_fixed);
    params.batch = size.batch;
    params.height = size.height;
    params.width = size.width;
    params.arch.scale = c->scale;
    params.arch.n_bits = 2;
    params.arch.bits[0] = 8;
    params.arch.bits[1] = 4;
    params.sparsity = QTR_SPARSITY_NONE;
    params.arch.n_primitives[c->block] = count_primitives(c);
    for (int k = 0; k < count_primitives(c); k++)
        params.arch.primitives[c->block][k] = qtr_primitive_find(c->primitives[k]);
    return golden_new_net(device, &params, NULL);
}

static NetBlock *block_of(QtrNet *net, QtrBlock block)
{
    return block == QTR_BLOCK_HEAD       ? &net->head
           : block == QTR_BLOCK_UPSAMPLE ? &net->upsample
                                         : &net->cells[0].body;
}

/* What the definition says of a layer; `p` per primitive and bit. */
typedef struct {
    Doubtful y, dx, dp;
    Chain *chains[4]; /* NULL: identity */
} Expected;

static Doubtful zeros(gsize n)
{
    return (Doubtful){n, g_new0(double, n), g_new0(double, n)};
}

static void add_to(Doubtful *sum, const Doubtful *more)
{
    for (gsize i = 0; i < sum->count; i++) {
        sum->value[i] += more->value[i];
        sum->doubt[i] += more->doubt[i];
    }
}

static void add_identity(Expected *e, int k, const float *p, const float *x, const float *dy)
{
    double sum = (double)p[0] + (double)p[1], dot = 0.0;

    for (gsize i = 0; i < e->y.count; i++) {
        e->y.value[i] += sum * (double)x[i];
        e->dx.value[i] += sum * (double)dy[i];
        dot += (double)x[i] * (double)dy[i];
    }
    e->dp.value[2 * k] = e->dp.value[2 * k + 1] = dot;
}

static void expect(Expected *e, QtrNet *net, const NetLayer *layer, const float *p, const float *x,
                   const float *dy, gsize n_x, gsize n_y)
{
    e->y = zeros(n_y);
    e->dx = zeros(n_x);
    e->dp = zeros(2 * (gsize)layer->n_ops);
    for (int k = 0; k < layer->n_ops; k++) {
        const NetOp *op = &layer->ops[k];

        if (op->n_convs == 0) {
            add_identity(e, k, p + 2 * k, x, dy);
            continue;
        }
        e->chains[k] = chain_new(net, op, p + 2 * k, x, dy);
        add_to(&e->y, &e->chains[k]->y);
        add_to(&e->dx, &e->chains[k]->dx);
        for (int b = 0; b < 2; b++) {
            e->dp.value[2 * k + b] = e->chains[k]->dp.value[b];
            e->dp.doubt[2 * k + b] = e->chains[k]->dp.doubt[b];
        }
    }
}

static void expected_clear(Expected *e)
{
    Doubtful *sums[] = {&e->y, &e->dx, &e->dp};

    for (gsize i = 0; i < G_N_ELEMENTS(sums); i++) {
        g_free(sums[i]->value);
        g_free(sums[i]->doubt);
    }
    for (gsize k = 0; k < G_N_ELEMENTS(e->chains); k++)
        chain_free(e->chains[k]);
}

/* d/dalpha = p * (d/dp - sum p * d/dp) */
static void compare_alphas(QtrNet *net, QtrBlock block, const Expected *e, const float *p)
{
    g_autofree char *name = g_strdup_printf("_alphas.%d", (int)block);
    gsize n = e->dp.count;
    g_autofree float *got = g_new(float, n);
    g_autofree double *expected = g_new(double, n), *doubt = g_new(double, n);
    double mean = 0.0, mean_doubt = 0.0;

    for (gsize i = 0; i < n; i++) {
        mean += (double)p[i] * e->dp.value[i];
        mean_doubt += (double)p[i] * e->dp.doubt[i];
    }
    for (gsize i = 0; i < n; i++) {
        expected[i] = (double)p[i] * (e->dp.value[i] - mean);
        doubt[i] = (double)p[i] * (e->dp.doubt[i] + mean_doubt) + BOUND * fabs(mean) + 1e-6;
    }
    assert_true(
        qtr_net_read(net, (guint)qtr_net_tensor_find(net, name), QTR_PART_GRADIENT, got, NULL));
    kernel_compare("alphas", got, expected, n, 10.0 * BOUND, doubt);
}

static void compare_weights(QtrNet *net, const NetLayer *layer, const Expected *e)
{
    for (int k = 0; k < layer->n_ops; k++)
        for (int i = 0; i < layer->ops[k].n_convs; i++) {
            const Doubtful *dw = &e->chains[k]->dw[i];
            g_autofree float *got = g_new(float, dw->count);

            assert_true(qtr_net_read(net,
                                     (guint)net_conv(net, layer->ops[k].first_conv + i)->weight,
                                     QTR_PART_GRADIENT, got, NULL));
            kernel_compare("weights", got, dw->value, dw->count, BOUND, dw->doubt);
        }
}

/* The halo of what kernels read is zero and that of what they write must be. */
static void compare_planes(const char *what, const QtrTensor *t, const Doubtful *expected)
{
    g_autofree float *got = g_new(float, planes_count(t));

    planes_read(t, got);
    kernel_compare(what, got, expected->value, expected->count, BOUND, expected->doubt);
}

static void check_halos(const NetLayer *layer, const QtrNet *net)
{
    for (int k = 0; k < layer->n_ops; k++)
        for (int i = 0; i < layer->ops[k].n_convs; i++) {
            const NetConv *c = net_conv(net, layer->ops[k].first_conv + i);
            g_autofree float *a = g_new(float, planes_count(c->a));
            g_autofree float *u = g_new(float, planes_count(c->u));

            planes_read(c->a, a);
            planes_read(c->u, u);
        }
}

/* Runs the layer as in an alpha step and as in a weight step: the same bits in y and dx. */
static void run_layer(Harness *h, NetBlock *block, const float *x, const float *dy,
                      const Expected *e)
{
    const NetLayer *layer = &block->layers[0];
    int height = h->net->params.height, width = h->net->params.width;
    QtrTensor *xt = harness_tensor(h, layer->in, height, width, x);
    QtrTensor *dyt = harness_tensor(h, layer->out, height, width, dy);
    QtrTensor *y = harness_tensor(h, layer->out, height, width, NULL);
    QtrTensor *dx = harness_tensor(h, layer->in, height, width, NULL);
    QtrTensor *y2 = harness_tensor(h, layer->out, height, width, NULL);
    QtrTensor *dx2 = harness_tensor(h, layer->in, height, width, NULL);
    gsize size_y = planes_count(y) * sizeof(float), size_dx = planes_count(dx) * sizeof(float);
    g_autofree float *a = g_malloc(MAX(size_y, size_dx)), *b = g_malloc(MAX(size_y, size_dx));

    net_emit_block(h->net, &h->emit, block, xt, y, FALSE);
    net_emit_block_backward(h->net, &h->emit, TRUE, block, dyt, dx, FALSE);
    harness_run(h);
    harness_run_list(h->net->update_alpha);
    net_emit_block(h->net, &h->emit, block, xt, y2, FALSE);
    net_emit_block_backward(h->net, &h->emit, FALSE, block, dyt, dx2, FALSE);
    harness_run(h);
    harness_run_list(h->net->update_weight);
    compare_planes("y", y, &e->y);
    compare_planes("dx", dx, &e->dx);
    check_halos(layer, h->net);
    planes_read(y, a);
    planes_read(y2, b);
    assert_memory_equal(a, b, size_y);
    planes_read(dx, a);
    planes_read(dx2, b);
    assert_memory_equal(a, b, size_dx);
}

/* On CPUs the model is to choose what the case is for. */
static void check_strips(QtrDevice *device, const QtrNet *net, const NetLayer *layer)
{
    const QtrDeviceInfo *info = qtr_device_info(device);

    for (int k = 0; k < layer->n_ops && !info->shares_tiles && info->vector_width > 1; k++) {
        const NetConv *c = net_conv(net, layer->ops[k].first_conv);

        assert_int_equal(c->forward.components, c->shape.kh + 3);
        assert_int_equal(c->back.components, c->shape.kh + 3);
    }
}

static void check(QtrDevice *device, const Case *c, Size size)
{
    g_autoptr(QtrNet) net = new_net(device, c, size);
    g_autoptr(Harness) h = harness_new(net);
    NetBlock *block = block_of(net, c->block);
    const NetLayer *layer = &block->layers[0];
    gsize pixels = (gsize)size.batch * (gsize)size.height * (gsize)size.width;
    gsize n_x = pixels * (gsize)layer->in, n_y = pixels * (gsize)layer->out;
    g_autofree float *x = kernel_draws(1, n_x), *dy = kernel_draws(2, n_y);
    g_autofree float *alphas = kernel_draws(3, 2 * (gsize)layer->n_ops);
    g_autofree float *p = g_new(float, net->n_alphas);
    g_autofree char *name = g_strdup_printf("_alphas.%d", (int)c->block);
    int tensor = qtr_net_tensor_find(net, name);
    Expected e = {0};

    if (c->strips)
        check_strips(device, net, layer);
    for (gsize i = 0; i < n_x; i++)
        x[i] *= 4.0f; /* beyond the clip of 4 bits */
    assert_true(qtr_net_write(net, (guint)tensor, QTR_PART_VALUE, alphas, NULL));
    harness_write_step(h);
    harness_run_list(net->select);
    harness_run_list(net->prepare);
    assert_true(qtr_buffer_read(net->p, sizeof(float) * (gsize)net_at(net, tensor), p,
                                sizeof(float) * 2 * (gsize)layer->n_ops, NULL));
    expect(&e, net, layer, p, x, dy, n_x, n_y);
    run_layer(h, block, x, dy, &e);
    compare_weights(net, layer, &e);
    compare_alphas(net, c->block, &e, p);
    expected_clear(&e);
}

static void check_width(int width, gboolean only_all)
{
    g_autoptr(QtrDevice) device = kernel_device(width);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        for (gsize s = 0; s < G_N_ELEMENTS(sizes); s++) {
            if ((only_all && !cases[i].all_widths) || !(cases[i].sizes >> s & 1))
                continue;
            check(device, &cases[i], sizes[s]);
        }
}

static void test_16(void **state)
{
    check_width(16, FALSE);
}

static void test_8(void **state)
{
    check_width(8, TRUE);
}

static void test_4(void **state)
{
    check_width(4, TRUE);
}

static void test_1(void **state)
{
    check_width(1, FALSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1),
        cmocka_unit_test(test_16),
        cmocka_unit_test(test_8),
        cmocka_unit_test(test_4),
    };
    const struct CMUnitTest for_gpus[] = {cmocka_unit_test(test_1)};

    return kernel_form_has(16) ? cmocka_run_group_tests(tests, NULL, NULL)
                               : cmocka_run_group_tests(for_gpus, NULL, NULL);
}
