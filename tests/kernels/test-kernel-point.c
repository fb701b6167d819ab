/* Data movement, sums of tensors and the loss against their definition: to the last bit but for
 * sums. */
#include "compare.h"
#include "launch.h"
#include "planes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NO_WORK QTR_TRAFFIC("test", 0)

typedef struct {
    int images, channels, height, width;
} Size;

static const Size sizes[] = {
    {1, 1, 1, 1},  {2, 3, 1, 13}, {1, 5, 7, 1},  {3, 2, 2, 15}, {1, 3, 5, 16},
    {1, 1, 3, 17}, {2, 3, 9, 31}, {1, 2, 4, 33}, {1, 3, 5, 45}, {1, 1, 2, 67},
};

typedef void (*Check)(Launch *l, Size size);

static void for_all(Check check)
{
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);

        for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
            for (int pad = 2; pad <= 4; pad += 2) {
                g_autoptr(Launch) l = launch_new(device, pad);

                check(l, sizes[i]);
            }
    }
}

static void assert_planes(const QtrTensor *t, const float *expected)
{
    g_autofree float *got = g_new(float, planes_count(t));

    planes_read(t, got);
    assert_memory_equal(got, expected, planes_count(t) * sizeof(float));
}

static QtrTensor *new_tensor(Launch *l, Size s, guint32 stream, float **values)
{
    return launch_tensor(l, s.images, s.channels, s.height, s.width, stream, values);
}

/* Dense images into planes. */
static void check_load(Launch *l, Size s)
{
    QtrTensor *t = new_tensor(l, s, 1, NULL);
    gsize n = planes_count(t);
    g_autofree float *dense = kernel_draws(2, n);
    g_autoptr(QtrBuffer) in = launch_buffer(l, dense, n);

    QTR_EMIT(&l->emit, "point", "load_planes", NULL, LIGHT, s.width, s.height, qtr_tensor_planes(t),
             NO_WORK, "bbiiii", in, t->buffer, s.height, s.width, t->pitch, t->pad);
    launch_run(l);
    assert_planes(t, dense);
}

static void test_load(void **state)
{
    for_all(check_load);
}

/* y[n][c][Y][X] = x[n][c*s*s + (Y%s)*s + X%s][Y/s][X/s], and back. */
static void check_shuffle_by(Launch *l, Size s, int scale)
{
    g_autofree float *values = NULL, *expected = NULL;
    QtrTensor *x =
        launch_tensor(l, s.images, s.channels * scale * scale, s.height, s.width, 1, &values);
    QtrTensor *y =
        launch_tensor(l, s.images, s.channels, s.height * scale, s.width * scale, 2, NULL);
    QtrTensor *back =
        launch_tensor(l, s.images, s.channels * scale * scale, s.height, s.width, 3, NULL);
    gsize at = 0;

    QTR_EMIT(&l->emit, "point", "pixel_shuffle", NULL, LIGHT,
             qtr_emit_row_items(&l->emit, y->height, y->width), qtr_tensor_planes(y), 1, NO_WORK,
             "bbiiiiii", x->buffer, y->buffer, scale, s.height, s.width, x->pitch, x->pad,
             y->pitch);
    QTR_EMIT(&l->emit, "point", "pixel_unshuffle", NULL, LIGHT,
             qtr_emit_row_items(&l->emit, y->height, y->width), qtr_tensor_planes(y), 1, NO_WORK,
             "bbiiiiii", y->buffer, back->buffer, scale, s.height, s.width, back->pitch, back->pad,
             y->pitch);
    launch_run(l);
    expected = g_new(float, planes_count(y));
    for (int p = 0; p < qtr_tensor_planes(y); p++)
        for (int row = 0; row < y->height; row++)
            for (int c = 0; c < y->width; c++) {
                int plane = p * scale * scale + row % scale * scale + c % scale;

                expected[at++] = values[(plane * s.height + row / scale) * s.width + c / scale];
            }
    assert_planes(y, expected);
    assert_planes(back, values);
}

static void check_shuffle(Launch *l, Size s)
{
    for (int scale = 1; scale <= 4; scale++)
        check_shuffle_by(l, s, scale);
}

static void test_shuffle(void **state)
{
    for_all(check_shuffle);
}

static void check_sums(Launch *l, Size s)
{
    static const float mix[] = {0.0f, 0.375f, 0.0f};
    g_autofree float *a = NULL, *b = NULL, *c = NULL;
    QtrTensor *at = new_tensor(l, s, 1, &a), *bt = new_tensor(l, s, 2, &b);
    QtrTensor *sum = new_tensor(l, s, 3, NULL), *plain = new_tensor(l, s, 4, NULL);
    QtrTensor *more = new_tensor(l, s, 5, &c), *gone = new_tensor(l, s, 6, NULL);
    int vectors = qtr_tensor_vectors(at, qtr_emit_lanes(&l->emit));
    gsize n = planes_count(at);
    g_autoptr(QtrBuffer) m = launch_buffer(l, mix, 3);

    QTR_EMIT(&l->emit, "point", "add", NULL, LIGHT, vectors, 1, 1, NO_WORK, "bbbi", at->buffer,
             bt->buffer, sum->buffer, vectors);
    QTR_EMIT(&l->emit, "point", "identity", NULL, LIGHT, vectors, 1, 1, NO_WORK, "bbibii",
             at->buffer, plain->buffer, vectors, m, 1, 0);
    QTR_EMIT(&l->emit, "point", "identity", NULL, LIGHT, vectors, 1, 1, NO_WORK, "bbibii",
             at->buffer, more->buffer, vectors, m, 1, 1);
    QTR_EMIT(&l->emit, "point", "clear", NULL, LIGHT, vectors, 1, 1, NO_WORK, "bi", gone->buffer,
             vectors);
    launch_run(l);
    /* 0.375 * a is exact, so that it does not matter whether it is fused with the sum. */
    for (gsize i = 0; i < n; i++) {
        b[i] += a[i];
        c[i] += 0.375f * a[i];
        a[i] *= 0.375f;
    }
    assert_planes(sum, b);
    assert_planes(plain, a);
    assert_planes(more, c);
    memset(a, 0, n * sizeof(float));
    assert_planes(gone, a);
}

static void test_sums(void **state)
{
    for_all(check_sums);
}

static void check_loss(Launch *l, Size s)
{
    g_autofree float *y = NULL, *target = NULL, *results = NULL;
    QtrTensor *yt = new_tensor(l, s, 1, &y), *tt = new_tensor(l, s, 2, &target);
    QtrTensor *dy = new_tensor(l, s, 3, NULL);
    gsize n = planes_count(yt);
    int planes = qtr_tensor_planes(yt);
    g_autoptr(QtrBuffer) part = launch_buffer(l, NULL, (gsize)planes);
    g_autoptr(QtrBuffer) out = launch_buffer(l, NULL, 16);
    g_autofree float *expected = g_new(float, n);
    float per_count = (float)(1.0 / (double)n);
    double sum = 0.0;

    target[n / 2] = y[n / 2]; /* no gradient where nothing is wrong */
    planes_write(tt, target);
    QTR_EMIT(&l->emit, "point", "l1_planes", NULL, SHARED, planes, 1, 1, NO_WORK, "bbbbiiif",
             yt->buffer, tt->buffer, dy->buffer, part, s.height, yt->pitch, yt->pad,
             (double)per_count);
    QTR_EMIT(&l->emit, "point", "l1_total", NULL, HEAVY, 1, 1, 1, NO_WORK, "bbif", part, out,
             planes, (double)per_count);
    launch_run(l);
    for (gsize i = 0; i < n; i++) {
        sum += fabs((double)y[i] - (double)target[i]) / (double)n;
        expected[i] = y[i] > target[i] ? per_count : y[i] < target[i] ? -per_count : 0.0f;
    }
    results = launch_read(out, 16);
    assert_true(fabs((double)results[0] - sum) <= 2e-6 * sum);
    assert_planes(dy, expected);
}

static void test_loss(void **state)
{
    for_all(check_loss);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_shuffle),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
