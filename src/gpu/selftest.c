#include "base/error.h"
#include "base/rng.h"
#include "gpu/kernel.h"

#include <math.h>
#include <string.h>

/* The same arithmetic as cl/selftest.cl in C, compared bit for bit. */

#define ITEMS 1000 /* no multiple of any vector or group */
#define GROUP 64
#define GROUPS 16

typedef struct {
    QtrDevice *device;
    QtrBuffer *in, *in2, *out; /* 2 * GROUP * GROUPS floats each */
    float a[2 * GROUP * GROUPS], b[2 * GROUP * GROUPS], got[2 * GROUP * GROUPS];
} Bench;

static gboolean launch(Bench *bench, QtrKernel *kernel, gsize items, const gsize *local,
                       GError **error)
{
    g_autoptr(QtrCommands) commands = qtr_commands_new(bench->device);

    qtr_commands_add(commands, kernel, (gsize[3]){items, 1, 1}, local,
                     (QtrWork){.label = "self-test"});
    return qtr_commands_run(commands, error) &&
           qtr_buffer_read(bench->out, 0, bench->got, sizeof bench->got, error);
}

static gboolean wrong(const Bench *bench, const char *what, int index, double want, double got,
                      GError **error)
{
    const QtrDeviceInfo *info = qtr_device_info(bench->device);

    g_set_error(error, QTR_ERROR, QTR_ERROR_DEVICE,
                "%s, driver %s, computes wrongly: the self-test's %s gave %.9g at %d where %.9g is "
                "right; update the driver or choose another device",
                info->name, info->driver, what, got, index, want);
    return FALSE;
}

static gboolean equal(const Bench *bench, const char *what, int index, float want, GError **error)
{
    float got = bench->got[index];

    return memcmp(&want, &got, sizeof got) == 0 || wrong(bench, what, index, want, got, error);
}

static QtrKernel *make(Bench *bench, const char *name, GError **error)
{
    return qtr_kernel_new(bench->device, "selftest", name, NULL, error);
}

static gboolean test_fma(Bench *bench, GError **error)
{
    const float a = 0.999f, b = 0.3f;
    QtrKernel *kernel = make(bench, "fma_chain", error);

    if (!kernel)
        return FALSE;
    qtr_kernel_bind(kernel, "bffi", bench->out, a, b, ITEMS);
    if (!launch(bench, kernel, ITEMS, NULL, error))
        return FALSE;
    for (int i = 0; i < ITEMS; i++) {
        float want = (float)i;

        for (int step = 0; step < 64; step++)
            want = fmaf(want, a, b);
        if (!equal(bench, "fused multiply-add", i, want, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean test_reduce(Bench *bench, GError **error)
{
    QtrKernel *kernel = make(bench, "reduce", error);

    if (!kernel)
        return FALSE;
    qtr_kernel_bind(kernel, "bbl", bench->in, bench->out, GROUP * sizeof(float));
    if (!launch(bench, kernel, GROUP * GROUPS, (gsize[3]){GROUP, 1, 1}, error))
        return FALSE;
    for (int g = 0; g < GROUPS; g++) {
        float part[GROUP];

        memcpy(part, bench->a + g * GROUP, sizeof part);
        for (int half = GROUP / 2; half > 0; half /= 2)
            for (int l = 0; l < half; l++)
                part[l] += part[l + half];
        if (!equal(bench, "sum in local memory", g, part[0], error))
            return FALSE;
    }
    return TRUE;
}

static guint32 expected_integer(guint32 u)
{
    for (int round = 0; round < 10; round++) {
        guint32 product = u * 0xD2511F53u;
        guint32 high = (guint32)(((guint64)u * 0xCD9E8D57u) >> 32);
        gint32 s = (gint32)(high ^ product);

        u = product ^ (high >> 7) ^ (guint32)(s >> 3) ^ (guint32)(s / 7) ^ (u % 11u);
    }
    return u;
}

static gboolean test_integers(Bench *bench, GError **error)
{
    const guint32 key = 0xFFFFFE00u; /* i runs over the wrap to zero */
    QtrKernel *kernel = make(bench, "integers", error);

    if (!kernel)
        return FALSE;
    qtr_kernel_bind(kernel, "bui", bench->out, key, ITEMS);
    if (!launch(bench, kernel, ITEMS, NULL, error))
        return FALSE;
    for (int i = 0; i < ITEMS; i++) {
        guint32 want = expected_integer(key + (guint32)i), got;

        memcpy(&got, &bench->got[i], sizeof got);
        if (got != want)
            return wrong(bench, "integer arithmetic", i, want, got, error);
    }
    return TRUE;
}

static gboolean test_vectors(Bench *bench, GError **error)
{
    const int lanes = qtr_device_info(bench->device)->vector_width;
    const int offset = 3, count = (ITEMS - offset) / lanes * lanes;
    const float scale = 11.0f;
    QtrKernel *kernel = make(bench, "vectors", error);

    if (!kernel)
        return FALSE;
    qtr_kernel_bind(kernel, "bbfii", bench->in, bench->out, scale, offset, ITEMS);
    if (!qtr_buffer_zero(bench->out, error) || !launch(bench, kernel, ITEMS, NULL, error))
        return FALSE;
    for (int i = 0; i < ITEMS; i++) {
        float x = bench->a[i], want = x;

        if (x >= 0.0f)
            want = CLAMP(rintf(x * scale), -8.0f, 7.0f);
        if (i < offset || i >= offset + count)
            want = 0.0f;
        if (!equal(bench, "vector arithmetic", i, want, error))
            return FALSE;
    }
    return TRUE;
}

/* out = the kernel's of both inputs. */
static gboolean run_on_both(Bench *bench, const char *name, GError **error)
{
    QtrKernel *kernel = make(bench, name, error);

    if (!kernel)
        return FALSE;
    qtr_kernel_bind(kernel, "bbbi", bench->in, bench->in2, bench->out, ITEMS);
    return launch(bench, kernel, ITEMS, NULL, error);
}

static gboolean test_divide(Bench *bench, GError **error)
{
    if (!run_on_both(bench, "divide", error))
        return FALSE;
    for (int i = 0; i < ITEMS; i++)
        if (!equal(bench, "division", i, bench->a[i] / bench->b[i], error) ||
            !equal(bench, "square root", ITEMS + i, sqrtf(bench->b[i]), error))
            return FALSE;
    return TRUE;
}

static gboolean test_correct(Bench *bench, GError **error)
{
    if (!run_on_both(bench, "correct", error))
        return FALSE;
    for (int i = 0; i < ITEMS; i++)
        if (!equal(bench, "corrected division", i, bench->a[i] / bench->b[i], error))
            return FALSE;
    return TRUE;
}

static gboolean prepare(Bench *bench, GError **error)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(bench->a); i++) {
        QtrRng4 words = qtr_rng_at(1, QTR_RNG_INIT, 0, (guint64)i);

        bench->a[i] = qtr_rng_unit(words.v[0]) * 2.0f - 1.0f;
        bench->b[i] = qtr_rng_unit(words.v[1]) * 3.0f + 0.01f;
    }
    return (bench->in = qtr_buffer_new(bench->device, sizeof bench->a, error)) &&
           (bench->in2 = qtr_buffer_new(bench->device, sizeof bench->b, error)) &&
           (bench->out = qtr_buffer_new(bench->device, sizeof bench->got, error)) &&
           qtr_buffer_write(bench->in, 0, bench->a, sizeof bench->a, error) &&
           qtr_buffer_write(bench->in2, 0, bench->b, sizeof bench->b, error);
}

gboolean qtr_device_self_test(QtrDevice *device, GError **error)
{
    g_autofree Bench *bench = g_new0(Bench, 1);
    gboolean ok;

    bench->device = device;
    ok = prepare(bench, error) && test_fma(bench, error) && test_reduce(bench, error) &&
         test_integers(bench, error) && test_vectors(bench, error) && test_correct(bench, error) &&
         (!qtr_device_info(device)->exact_divide || test_divide(bench, error));
    qtr_buffer_unref(bench->in);
    qtr_buffer_unref(bench->in2);
    qtr_buffer_unref(bench->out);
    return ok;
}
