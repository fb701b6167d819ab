#include "ops/tune.h"

#include "gpu/tuning.h"
#include "ops/conv-gpu.h"

#define ROUNDS 5
#define GAIN 0.97 /* of the time: less is within what measurements vary */

/* Tensors for one shape. */
typedef struct {
    QtrDevice *device;
    const QtrConvShape *shape;
    QtrTensor *x, *y;
    QtrBuffer *packed;
} Bench;

/* The best time of a launch, 0 on failure. */
static double time_tile(const Bench *bench, QtrConvTile tile, GError **error)
{
    g_autoptr(QtrCommands) commands = qtr_commands_new(bench->device);
    QtrEmit emit = {.device = bench->device, .commands = commands};
    double best = G_MAXDOUBLE;

    qtr_conv_emit(&emit, bench->shape, tile, bench->x, bench->packed, 0, bench->y, FALSE, NULL);
    if (emit.error) {
        g_propagate_error(error, emit.error);
        return 0;
    }
    for (int i = 0; i <= ROUNDS; i++) {
        gint64 start = g_get_monotonic_time();

        if (!qtr_commands_run(commands, error) || !qtr_device_finish(bench->device, error))
            return 0;
        if (i > 0) /* the first compiles */
            best = MIN(best, (double)(g_get_monotonic_time() - start) * 1e-6);
    }
    return MAX(best, 1e-6);
}

static gboolean try_tile(const Bench *bench, QtrConvTile tile, QtrTuneResult *result,
                         GError **error)
{
    double seconds;

    if (!qtr_conv_gpu_tile_fits(bench->device, bench->shape, tile))
        return TRUE;
    seconds = time_tile(bench, tile, error);
    if (seconds == 0)
        return FALSE;
    result->candidates++;
    if (seconds < result->seconds && seconds < GAIN * result->usual) {
        result->seconds = seconds;
        result->tile = tile;
    }
    return TRUE;
}

static gboolean try_all(const Bench *bench, QtrTuneResult *result, GError **error)
{
    int block = qtr_conv_gpu_block(bench->shape->out / bench->shape->groups);

    result->tile = qtr_conv_gpu_tile_default(bench->device, bench->shape);
    result->seconds = result->usual = time_tile(bench, result->tile, error);
    if (result->usual == 0)
        return FALSE;
    for (int part = 1; part <= block; part++)
        for (int vectors = 1; block % part == 0 && vectors <= 4; vectors *= 2)
            for (int items_x = 16; items_x <= 128; items_x *= 2)
                if (!try_tile(bench, qtr_conv_gpu_tile_of(bench->shape, part, vectors, items_x),
                              result, error))
                    return FALSE;
    return TRUE;
}

gboolean qtr_tune_conv(QtrDevice *device, const QtrConvShape *shape, int images, int height,
                       int width, QtrTuneResult *result, GError **error)
{
    QtrTensorPool *pool = qtr_tensor_pool_new(device, MAX(shape->kh, shape->kw) / 2);
    Bench bench = {.device = device, .shape = shape};
    QtrConvTile tile = qtr_conv_gpu_tile_default(device, shape);
    gboolean ok;

    *result = (QtrTuneResult){0};
    bench.packed = qtr_buffer_new(device, sizeof(float) * qtr_conv_packed_size(shape, tile), error);
    ok = bench.packed &&
         (bench.x = qtr_tensor_pool_get(pool, images, shape->in, height, width, error)) &&
         (bench.y = qtr_tensor_pool_get(pool, images, shape->out, height, width, error)) &&
         try_all(&bench, result, error);
    qtr_tensor_pool_free(pool);
    qtr_buffer_unref(bench.packed);
    if (ok)
        qtr_conv_gpu_set_tile(device, shape, result->tile);
    return ok;
}
