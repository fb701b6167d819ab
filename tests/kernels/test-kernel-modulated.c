/* In inference the blocks of an ADM go through strips of rows together: activations of the batch
 * norm, which is no tensor, the modulation where the last convolution stores, statistics of what it
 * stored. The same bits as each in a pass of its own, whatever the height of the strips. */
#include "../golden/harness.h"
#include "compare.h"
#include "planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define IMAGES 2
#define CHANNELS 12

typedef struct {
    int height, width;
} Size;

/* Blocks of statistics have 32 x 256 pixels. */
static const Size sizes[] = {{1, 1}, {2, 300}, {70, 37}, {97, 16}};

static const char *const genotypes[] = {
    "Genotype_SR(head=[('simple_1x1', 8)], body=[('simple_5x5', 4), ('conv_3x1_1x3', 8)], tail=[], "
    "skip=[('simple_3x3', 2)], upsample=[('simple_3x3', 8)])",
    "Genotype_SR(head=[('simple_1x1', 32)], body=[('simple_3x3_grouped_3', 32), "
    "('simple_5x5_grouped_full', 32)], "
    "tail=[], skip=[('simple_1x1', 32), ('simple_5x5', 32)], upsample=[('simple_3x3', 32)])",
};

static QtrNet *new_net(QtrDevice *device, const char *text, Size size, gboolean skip_mode)
{
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.batch = IMAGES;
    params.height = size.height;
    params.width = size.width;
    params.seed = 5;
    params.inference = TRUE;
    params.arch.c_fixed = CHANNELS;
    params.arch.scale = 1;
    params.arch.body_cells = 2;
    params.arch.skip_mode = skip_mode;
    return golden_new_net(device, &params, text);
}

/* Other numbers than those a network begins with. */
static void set_norm(QtrNet *net, const NetAdm *adm)
{
    const int tensors[] = {adm->gamma, adm->beta, adm->mean, adm->var, adm->phi_w, adm->phi_b};
    static const float middle[] = {1.0f, 0.1f, 0.2f, 1.0f, 1.5f, 0.3f};

    for (gsize i = 0; i < G_N_ELEMENTS(tensors) && adm->gamma >= 0; i++) {
        gsize n = qtr_net_tensor(net, (guint)tensors[i])->count;
        g_autofree float *values = kernel_draws(10 + (guint32)i, n);

        for (gsize k = 0; k < n; k++)
            values[k] = middle[i] + 0.5f * values[k];
        assert_true(qtr_net_write(net, (guint)tensors[i], QTR_PART_VALUE, values, NULL));
    }
}

/* y and the statistics the next ADM has of it, in one row of floats; `rows` 0: each in a pass of
 * its own. */
static GArray *run_cell(QtrNet *net, Size size, int rows)
{
    const NetBlock *const blocks[] = {&net->cells[0].skip, &net->cells[0].body};
    NetAdm *adm = &net->cells[0].adm, *next = &net->cells[1].adm;
    gsize count = (gsize)(IMAGES * CHANNELS * size.height * size.width);
    g_autofree float *dense = kernel_draws(1, count);
    g_autoptr(Harness) h = harness_new(net);
    const QtrTensor *x = harness_tensor(h, CHANNELS, size.height, size.width, dense), *y;
    GArray *all = g_array_new(FALSE, FALSE, sizeof(float));

    harness_run_list(net->prepare);
    net->cached_bytes = 4 * sizeof(float) * (gsize)(MAX(rows, 1) * IMAGES * CHANNELS * x->pitch);
    if (rows) {
        net_emit_adm_open(net, &h->emit, adm, x, FALSE);
        y = net_emit_adm_streams(net, &h->emit, blocks, 2, adm, x, next);
        assert_true(y && next->has_stats == (next->gamma >= 0));
        next->has_stats = FALSE;
    } else {
        const QtrTensor *z = net_emit_adm_begin(net, &h->emit, adm, x, FALSE, NULL, 0);
        const QtrTensor *f = harness_tensor(h, CHANNELS, size.height, size.width, NULL);

        net->cached_bytes = G_MAXINT;
        net_emit_block(net, &h->emit, &net->cells[0].skip, z, f, FALSE);
        net_emit_block(net, &h->emit, &net->cells[0].body, z, f, TRUE);
        y = net_emit_adm_end(net, &h->emit, adm, f, x, NULL);
        if (next->gamma >= 0)
            net_emit_stats(&h->emit, next, y, (QtrRows){0, size.height});
    }
    harness_run(h);
    planes_read(y, dense);
    g_array_append_vals(all, dense, (guint)count);
    if (next->gamma >= 0) {
        gsize stats = qtr_buffer_size(next->stats);

        g_array_set_size(all, (guint)(count + stats / sizeof(float)));
        assert_true(
            qtr_buffer_read(next->stats, 0, &g_array_index(all, float, count), stats, NULL));
    }
    return all;
}

static void check(QtrDevice *device, const char *genotype, Size size, gboolean skip_mode)
{
    static const int rows[] = {1, 5, 33, 1000};
    g_autoptr(QtrNet) net = new_net(device, genotype, size, skip_mode);
    g_autoptr(GArray) expected = NULL;

    set_norm(net, &net->cells[0].adm);
    assert_true(net_is_stream(net, &net->cells[0].body) && net_is_stream(net, &net->cells[0].skip));
    expected = run_cell(net, size, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GArray) got = run_cell(net, size, rows[i]);

        assert_int_equal(got->len, expected->len);
        assert_memory_equal(got->data, expected->data, got->len * sizeof(float));
    }
}

static void test_widths(void **state)
{
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);

        for (gsize s = 0; s < G_N_ELEMENTS(sizes); s++)
            check(device, genotypes[s % 2], sizes[s], s % 4 == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_widths)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
