/* ADM's kernels against their definition in double, with statistics of one and of several blocks.
 * Bound: 2e-5 of the largest element; batch norm divides by the deviation of few pixels. */
#include "../golden/harness.h"
#include "compare.h"
#include "planes.h"
#include "ref-adm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BOUND 2e-5

typedef struct {
    int channels, batch, height, width;
} Size;

/* Blocks of statistics have 32 x 256 pixels. */
static const Size sizes[] = {
    {1, 1, 1, 2},   {3, 2, 1, 1},    {5, 3, 1, 13},  {13, 1, 7, 1},  {7, 2, 5, 15},
    {36, 2, 3, 17}, {12, 1, 31, 30}, {3, 1, 32, 34}, {1, 2, 33, 45}, {3, 1, 65, 67},
    {2, 1, 3, 255}, {1, 2, 33, 257}, {3, 1, 2, 530},
};

static QtrNet *new_net(QtrDevice *device, Size size)
{
    const QtrGenotype genotype = golden_zero_genotype();
    QtrNetParams params;

    golden_zero_params(&params, size.channels);
    params.batch = size.batch;
    params.height = size.height;
    params.width = size.width;
    params.arch.skip_mode = FALSE;
    params.genotype = &genotype;
    return golden_new_net(device, &params, NULL);
}

/* `count` random numbers around `middle`, on the device and as double. */
static double *set_tensor(QtrNet *net, int tensor, guint32 stream, float middle)
{
    gsize n = qtr_net_tensor(net, (guint)tensor)->count;
    g_autofree float *values = kernel_draws(stream, n);
    double *twin = g_new(double, n);

    for (gsize i = 0; i < n; i++)
        twin[i] = (double)(values[i] = middle + 0.5f * values[i]);
    assert_true(qtr_net_write(net, (guint)tensor, QTR_PART_VALUE, values, NULL));
    return twin;
}

static void compare_tensor(QtrNet *net, int tensor, QtrTensorPart part, const double *expected)
{
    const QtrTensorInfo *info = qtr_net_tensor(net, (guint)tensor);
    g_autofree float *got = g_new(float, info->count);
    g_autofree double *small = g_new(double, info->count);

    /* Sums of many terms of either sign may come out near nothing. */
    for (gsize i = 0; i < info->count; i++)
        small[i] = 2e-4;
    assert_true(qtr_net_read(net, (guint)tensor, part, got, NULL));
    kernel_compare(info->name, got, expected, info->count, BOUND, small);
}

static void compare_planes(const char *what, const QtrTensor *t, const double *expected)
{
    g_autofree float *got = g_new(float, planes_count(t));

    planes_read(t, got);
    kernel_compare(what, got, expected, planes_count(t), BOUND, NULL);
}

/* A tensor of random numbers, and they as double. */
typedef struct {
    QtrTensor *tensor;
    double *twin;
} Image;

static Image new_image(Harness *h, const NetAdm *adm, guint32 stream, float middle)
{
    const QtrNetParams *p = &h->net->params;
    gsize n = (gsize)p->batch * (gsize)adm->channels * (gsize)p->height * (gsize)p->width;
    g_autofree float *values = kernel_draws(stream, n);
    Image image = {.twin = g_new(double, n)};

    for (gsize i = 0; i < n; i++)
        image.twin[i] = (double)(values[i] += middle);
    image.tensor = harness_tensor(h, adm->channels, p->height, p->width, values);
    return image;
}

static void check_backward(Harness *h, NetAdm *adm, RefAdm *ref, Image x, Image f)
{
    Image dy = new_image(h, adm, 3, 0.1f), dz = new_image(h, adm, 4, 0.0f);
    g_autofree double *expected = g_new(double, planes_count(x.tensor));
    const QtrTensor *df = net_emit_adm_back_end(h->net, &h->emit, adm, dy.tensor), *dx;

    dx = net_emit_adm_back_begin(h->net, &h->emit, adm, dy.tensor, dz.tensor);
    harness_run(h);
    ref_adm_back_end(ref, dy.twin, expected);
    compare_planes("df", df, expected);
    ref_adm_back_begin(ref, x.twin, f.twin, dy.twin, dz.twin, expected);
    compare_planes("dx", dx, expected);
    compare_tensor(h->net, adm->gamma, QTR_PART_GRADIENT, ref->dgamma);
    compare_tensor(h->net, adm->beta, QTR_PART_GRADIENT, ref->dbeta);
    compare_tensor(h->net, adm->phi_w, QTR_PART_GRADIENT, &ref->dphi_w);
    compare_tensor(h->net, adm->phi_b, QTR_PART_GRADIENT, &ref->dphi_b);
    g_free(dy.twin);
    g_free(dz.twin);
}

static void check(QtrDevice *device, Size size)
{
    g_autoptr(QtrNet) net = new_net(device, size);
    g_autoptr(Harness) h = harness_new(net);
    NetAdm *adm = &net->one;
    g_autofree double *gamma = set_tensor(net, adm->gamma, 11, 1.0f);
    g_autofree double *beta = set_tensor(net, adm->beta, 12, 0.0f);
    g_autofree double *mean = set_tensor(net, adm->mean, 13, 0.2f);
    g_autofree double *var = set_tensor(net, adm->var, 14, 1.0f);
    g_autofree double *w = set_tensor(net, adm->phi_w, 15, 1.5f);
    g_autofree double *b = set_tensor(net, adm->phi_b, 16, 0.0f);
    RefAdm ref = {.size = {size.batch, size.height, size.width},
                  .channels = size.channels,
                  .gamma = gamma,
                  .beta = beta,
                  .phi_w = *w,
                  .phi_b = *b,
                  .mean = mean,
                  .var = var};
    Image x = new_image(h, adm, 1, 0.3f), f = new_image(h, adm, 2, 0.0f);
    g_autofree double *y = g_new(double, planes_count(x.tensor));

    ref_adm_init(&ref);
    for (int training = 1; training >= 0; training--) {
        const QtrTensor *z = net_emit_adm_begin(net, &h->emit, adm, x.tensor, training, NULL, 0),
                        *out;

        out = net_emit_adm_end(net, &h->emit, adm, f.tensor, x.tensor, NULL);
        harness_run(h);
        ref_adm_begin(&ref, x.twin, training);
        ref_adm_end(&ref, f.twin, x.twin, y);
        compare_planes("z", z, ref.z);
        compare_planes("y", out, y);
        if (!training)
            continue;
        check_backward(h, adm, &ref, x, f);
        compare_tensor(net, adm->mean, QTR_PART_VALUE, mean);
        compare_tensor(net, adm->var, QTR_PART_VALUE, var);
    }
    ref_adm_clear(&ref);
    g_free(x.twin);
    g_free(f.twin);
}

static void test_widths(void **state)
{
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);

        for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
            check(device, sizes[i]);
    }
}

static double bytes_of(const QtrCommands *list)
{
    double sum = 0.0;

    for (guint i = 0; i < qtr_commands_count(list); i++)
        sum += qtr_commands_work(list, i)->bytes;
    return sum;
}

/* What is told of statistics that are gathered rows by rows adds up to all. */
static void test_work(void **state)
{
    const Size size = {1, 3, 2 * NET_STAT_ROWS + 7, 5};
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autoptr(QtrNet) net = new_net(device, size);
    g_autoptr(Harness) whole = harness_new(net), rows = harness_new(net);
    const QtrTensor *x = harness_tensor(rows, size.channels, size.height, size.width, NULL);

    net_emit_stats(&whole->emit, &net->one, x, (QtrRows){0, size.height});
    for (int from = 0; from < size.height; from += NET_STAT_ROWS)
        net_emit_stats(&rows->emit, &net->one, x,
                       (QtrRows){from, MIN(from + NET_STAT_ROWS, size.height)});
    assert_int_equal(qtr_commands_count(rows->emit.commands), 3);
    assert_true(fabs(bytes_of(rows->emit.commands) / bytes_of(whole->emit.commands) - 1.0) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_widths), cmocka_unit_test(test_work)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
