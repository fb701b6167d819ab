/* What ends where it is computed: a convolution stores the next activation or the modulation of its
 * sums, with them, with where a gradient passes or in place of them; batch norm leaves its
 * activations, modulation its statistics. The same bits as in passes of their own, in every form of
 * convolutions. */
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

#define IMAGES 3
#define CHANNELS 12

typedef struct {
    int height, width;
} Size;

static const Size sizes[] = {{1, 1}, {33, 45}, {3, 290}};

static QtrNet *new_net(QtrDevice *device, Size size)
{
    static const char text[] =
        "Genotype_SR(head=[('simple_1x1', 8)], body=[('simple_3x3', 4), ('conv_3x1_1x3', 32), "
        "('simple_5x5_grouped_full', 3), ('simple_5x5_grouped_3', 2)], "
        "tail=[('simple_3x3_grouped_3', 8), ('simple_5x5_grouped_3', 4)], "
        "skip=[('simple_5x5', 2)], "
        "upsample=[('simple_3x3', 8)])";
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.batch = IMAGES;
    params.height = size.height;
    params.width = size.width;
    params.arch.c_fixed = CHANNELS;
    params.arch.scale = 1;
    params.arch.body_cells = 1;
    params.arch.skip_mode = FALSE;
    return golden_new_net(device, &params, text);
}

static gsize count_of(Size size, int channels)
{
    return (gsize)(IMAGES * channels * size.height * size.width);
}

static float *read_new(const QtrTensor *t)
{
    float *dense = g_new(float, planes_count(t));

    planes_read(t, dense);
    return dense;
}

static QtrTensor *new_random(Harness *h, int channels, Size size, guint32 stream)
{
    g_autofree float *dense = kernel_draws(stream, count_of(size, channels));

    return harness_tensor(h, channels, size.height, size.width, dense);
}

static void compare(const char *what, const QtrTensor *got, const float *expected)
{
    g_autofree float *dense = read_new(got);

    if (memcmp(dense, expected, planes_count(got) * sizeof(float)) != 0)
        fail_msg("%s differs", what);
}

/* The activation of `u` in front of a convolution of a final network, as cl/activation.cl defines
 * it. */
static float *activated(const QtrNet *net, const NetConv *c, const float *u, gsize n)
{
    float entry[NET_ACT_FIELDS], q, *a = g_new(float, n);

    assert_true(
        qtr_buffer_read(net->acts, (gsize)c->acts_at * sizeof(float), entry, sizeof entry, NULL));
    assert_true(
        qtr_buffer_read(net->mix, (gsize)(c->mix_at + 1) * sizeof(float), &q, sizeof q, NULL));
    for (gsize i = 0; i < n; i++) {
        float v = fminf(fmaxf(u[i], 0.0f), entry[1]);

        a[i] = q * (entry[0] > 0.0f ? rintf(v / entry[0]) * entry[0] : v);
    }
    return a;
}

/* The same of whether the gradient passes it: one byte an element. */
static void compare_mask(const char *what, const QtrTensor *mask, const QtrNet *net,
                         const NetConv *c, const float *u)
{
    gsize size = (gsize)qtr_tensor_planes(mask) * (gsize)qtr_tensor_plane_size(mask), i = 0;
    g_autofree char *bytes = g_new(char, size);
    float entry[NET_ACT_FIELDS];

    assert_int_equal(mask->element, 1);
    assert_true(
        qtr_buffer_read(net->acts, (gsize)c->acts_at * sizeof(float), entry, sizeof entry, NULL));
    assert_true(qtr_buffer_read(mask->buffer, QTR_LEAD, bytes, size, NULL));
    for (int row = 0; row < qtr_tensor_planes(mask) * mask->height; row++) {
        const char *at = bytes + row / mask->height * qtr_tensor_plane_size(mask) +
                         (row % mask->height + mask->pad) * mask->pitch;

        for (int x = 0; x < mask->width; x++, i++)
            if (at[x] != -(entry[0] > 0.0f ? u[i] >= 0.0f && u[i] <= entry[1] : u[i] > 0.0f))
                fail_msg("%s: wrong where u is %g", what, (double)u[i]);
    }
}

static float *modulated(const float *f, const float *skip, const float *phi, gsize n)
{
    float *y = g_new(float, n);

    for (gsize i = 0; i < n; i++)
        y[i] = phi ? fmaf(f[i], phi[4 * (i / (n / IMAGES))], skip[i]) : f[i] + skip[i];
    return y;
}

/* Runs a convolution onto `start` and returns y; `kept` receives what is kept, if anything. */
static QtrTensor *run_conv(Harness *h, const NetConv *c, Size size, gboolean accumulate,
                           QtrConvEnd end, gboolean keep, QtrTensor **kept)
{
    const QtrTensor *x = new_random(h, c->shape.in, size, 1);
    QtrTensor *start = new_random(h, c->shape.out, size, 2);
    QtrTensor *y = keep ? harness_tensor(h, c->shape.out, size.height, size.width, NULL) : start;

    *kept = start;
    end.kept = keep ? start : NULL;
    qtr_conv_emit(&h->emit, &c->shape, c->forward, x, h->net->packed, c->forward_at, y, accumulate,
                  &end);
    harness_run(h);
    return y;
}

static void check_conv(Harness *h, const NetConv *c, const NetConv *reader, Size size,
                       gboolean accumulate)
{
    static const float phi[4 * IMAGES] = {1.25f, 0, 0, 0, -0.7f, 0, 0, 0, 0.3f};
    QtrBuffer *adm = h->net->cells[0].adm.phi;
    const QtrConvActivation next = net_activation(h->net, reader, NULL);
    const QtrTensor *skip = new_random(h, c->shape.out, size, 3);
    QtrTensor *kept, *y = run_conv(h, c, size, accumulate, (QtrConvEnd){0}, FALSE, &kept);
    gsize n = count_of(size, c->shape.out);
    g_autofree float *sums = read_new(y), *skips = read_new(skip);
    const struct {
        const char *what;
        QtrConvEnd end;
        float *expected;
    } ends[] = {
        {"activation", {.next = &next}, activated(h->net, reader, sums, n)},
        {"modulation", {.skip = skip, .phi = adm}, modulated(sums, skips, phi, n)},
        {"plain skip", {.skip = skip}, modulated(sums, skips, NULL, n)},
    };

    assert_true(qtr_buffer_write(adm, 0, phi, sizeof phi, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        for (int keep = 0; keep < 2; keep++) {
            y = run_conv(h, c, size, accumulate, ends[i].end, keep, &kept);
            compare(ends[i].what, y, ends[i].expected);
            if (keep)
                compare("what is kept", kept, sums);
        }
        g_free(ends[i].expected);
    }
}

/* An activation with the mask of its sums. */
static void check_mask(Harness *h, const NetConv *c, const NetConv *reader, Size size)
{
    const QtrConvActivation next = net_activation(h->net, reader, NULL);
    const QtrTensor *mask =
        qtr_tensor_pool_get_mask(h->net->pool, IMAGES, c->shape.out, size.height, size.width, NULL);
    QtrTensor *kept, *y = run_conv(h, c, size, FALSE, (QtrConvEnd){0}, FALSE, &kept);
    g_autofree float *sums = read_new(y);
    g_autofree float *expected = activated(h->net, reader, sums, count_of(size, c->shape.out));

    assert_non_null(mask);
    y = run_conv(h, c, size, FALSE, (QtrConvEnd){.next = &next, .mask = mask}, FALSE, &kept);
    compare("activation beside a mask", y, expected);
    compare_mask("mask", mask, h->net, reader, sums);
}

static void check_convs(QtrDevice *device, Size size)
{
    g_autoptr(QtrNet) net = new_net(device, size);
    g_autoptr(Harness) h = harness_new(net);

    harness_run_list(net->prepare);
    for (int i = 0; i + 1 < net->tail.layers[0].ops[0].first_conv; i++) {
        check_conv(h, net_conv(net, i), net_conv(net, i + 1), size, i % 2 == 0);
        check_mask(h, net_conv(net, i), net_conv(net, i + 1), size);
    }
}

/* Batch norm, alone and with one or two activations; modulation, alone and with statistics. */
static void check_adm(QtrDevice *device, Size size)
{
    g_autoptr(QtrNet) net = new_net(device, size);
    g_autoptr(Harness) h = harness_new(net);
    NetAdm *adm = &net->cells[0].adm, *next = &net->one;
    NetConv *readers[] = {net_conv(net, 0), net_conv(net, 2)};
    gsize count = count_of(size, CHANNELS);
    gsize stats = qtr_buffer_size(next->stats);
    g_autofree float *expected_stats = g_malloc(stats), *got_stats = g_malloc0(stats);
    const QtrTensor *x = new_random(h, CHANNELS, size, 1), *f = new_random(h, CHANNELS, size, 2);
    const QtrTensor *z = net_emit_adm_begin(net, &h->emit, adm, x, TRUE, NULL, 0);
    const QtrTensor *y = net_emit_adm_end(net, &h->emit, adm, f, x, NULL);
    g_autofree float *normal = NULL, *sums = NULL;

    net_emit_stats(&h->emit, next, y, (QtrRows){0, size.height});
    harness_run_list(net->prepare);
    harness_run(h);
    normal = read_new(z);
    sums = read_new(y);
    assert_true(qtr_buffer_read(next->stats, 0, expected_stats, stats, NULL));
    for (int i = 1; i <= 4; i++) {
        int n = 1 + i % 2;

        net->masks = i > 2;
        z = net_emit_adm_begin(net, &h->emit, adm, x, TRUE, readers, n);
        assert_true(qtr_buffer_write(next->stats, 0, got_stats, stats, NULL));
        y = net_emit_adm_end(net, &h->emit, adm, f, x, next);
        harness_run(h);
        if (!net->masks)
            compare("batch norm", z, normal);
        compare("modulation", y, sums);
        for (int k = 0; k < n; k++) {
            g_autofree float *a = activated(net, readers[k], normal, count);

            compare("an activation of batch norm", readers[k]->a, a);
            if (net->masks)
                compare_mask("mask of batch norm", readers[k]->mask, net, readers[k], normal);
        }
    }
    /* On GPUs they take a pass of their own. */
    assert_int_equal(next->has_stats, !qtr_device_info(device)->shares_tiles);
    if (!next->has_stats)
        return;
    assert_true(qtr_buffer_read(next->stats, 0, got_stats, stats, NULL));
    assert_memory_equal(got_stats, expected_stats, stats);
}

/* Forward and back through the one or two blocks of an ADM: y, dx and all weights' gradients, in
 * one row of floats. */
static GArray *run_blocks(QtrNet *net, Size size, NetAdm *adm, NetBlock *first, NetBlock *second,
                          gboolean masks)
{
    int c = adm->channels, n_blocks = second ? 2 : 1;
    NetBlock *blocks[] = {first, second};
    NetConv *readers[2];
    g_autoptr(Harness) h = harness_new(net);
    const QtrTensor *x = new_random(h, c, size, 1), *dy = new_random(h, c, size, 2), *z;
    const QtrTensor *y = harness_tensor(h, c, size.height, size.width, NULL);
    const QtrTensor *dx = harness_tensor(h, c, size.height, size.width, NULL);
    GArray *all = g_array_new(FALSE, FALSE, sizeof(float));
    gsize n = count_of(size, c), weights = net->mixed_size;
    float *floats;

    net->masks = masks;
    for (int i = 0; i < n_blocks; i++)
        readers[i] = net_conv(net, blocks[i]->layers[0].ops[0].first_conv);
    z = net_emit_adm_begin(net, &h->emit, adm, x, TRUE, readers, n_blocks);
    for (int i = 0; i < n_blocks; i++)
        net_emit_block(net, &h->emit, blocks[i], z, y, i > 0);
    for (int i = 0; i < n_blocks; i++)
        net_emit_block_backward(net, &h->emit, FALSE, blocks[i], dy, dx, i > 0);
    assert_int_equal(readers[0]->mask != NULL, masks);
    harness_run_list(net->prepare);
    harness_run(h);
    g_array_set_size(all, (guint)(2 * n + weights));
    floats = (float *)(void *)all->data;
    planes_read(y, floats);
    planes_read(dx, floats + n);
    assert_true(
        qtr_buffer_read(net->mixed_grads, 0, floats + 2 * n, weights * sizeof(float), NULL));
    return all;
}

static void check_same(const char *what, const GArray *got, const GArray *expected, gsize from,
                       gsize to)
{
    if (memcmp(&g_array_index(got, float, from), &g_array_index(expected, float, from),
               (to - from) * sizeof(float)) != 0)
        fail_msg("%s differ", what);
}

/* The tail's gradients as one launch: but for the weights of its first convolution, whose sums have
 * another order, the same bits. */
static void check_pair_back(QtrNet *net, Size size, const GArray *expected)
{
    g_autoptr(GArray) got = NULL;
    const NetConv *c = net_conv(net, net->tail.layers[0].ops[0].first_conv);
    gsize n = (gsize)qtr_conv_shape_weights(&c->shape), end = expected->len;
    gsize at = end - net->mixed_size + c->mixed_at;
    g_autofree double *weights = g_new(double, n);

    for (gsize i = 0; i < n; i++)
        weights[i] = (double)g_array_index(expected, float, at + i);
    net->tail.is_paired_back = TRUE;
    got = run_blocks(net, size, &net->two, &net->tail, NULL, TRUE);
    check_same("the tail, its gradient, weights in front", got, expected, 0, at);
    check_same("weights behind", got, expected, at + n, end);
    kernel_compare("weights of two convolutions", &g_array_index(got, float, at), weights, n, 1e-5,
                   NULL);
}

/* Gradients have the same bits with masks as with what they are the masks of, and with pairs of
 * convolutions as with each by itself. */
static void check_gradients(QtrDevice *device, Size size)
{
    g_autoptr(QtrNet) net = new_net(device, size);
    const QtrDeviceInfo *info = qtr_device_info(device);
    NetBlock *skip = &net->cells[0].skip, *body = &net->cells[0].body, *tail = &net->tail;
    gboolean is_paired = tail->is_paired, is_paired_back = tail->is_paired_back;
    g_autoptr(GArray) plain = NULL, masked = NULL, paired = NULL, plain_cell = NULL, cell = NULL;

    plain_cell = run_blocks(net, size, &net->cells[0].adm, skip, body, FALSE);
    cell = run_blocks(net, size, &net->cells[0].adm, skip, body, TRUE);
    check_same("cells with masks", cell, plain_cell, 0, cell->len);
    tail->is_paired = tail->is_paired_back = FALSE;
    plain = run_blocks(net, size, &net->two, tail, NULL, FALSE);
    masked = run_blocks(net, size, &net->two, tail, NULL, TRUE);
    check_same("tails with masks", masked, plain, 0, plain->len);
    if (size.height == 33)
        assert_int_equal(is_paired && is_paired_back,
                         info->is_cpu && info->vector_width > 1 && !info->shares_tiles);
    if (!is_paired)
        return;
    tail->is_paired = TRUE;
    paired = run_blocks(net, size, &net->two, tail, NULL, TRUE);
    check_same("tails of one launch", paired, plain, 0, plain->len);
    if (is_paired_back)
        check_pair_back(net, size, plain);
}

static void test_widths(void **state)
{
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);

        for (gsize s = 0; kernel_form_has(kernel_widths[w]) && s < G_N_ELEMENTS(sizes); s++) {
            check_convs(device, sizes[s]);
            check_adm(device, sizes[s]);
            check_gradients(device, sizes[s]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_widths)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
