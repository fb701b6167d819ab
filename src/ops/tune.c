#include "ops/tune.h"

#include "base/error.h"
#include "base/rng.h"
#include "gpu/tuning.h"
#include "ops/conv-gpu.h"

#include <string.h>

#define ROUNDS 5
#define GAIN 0.97 /* of the time: less is within what measurements vary */

/* Tensors for one shape. */
typedef struct {
    QtrDevice *device;
    const QtrConvShape *shape;
    QtrTensor *x, *y;
    QtrBuffer *packed;
    void *expected, *found; /* what y becomes, and place for what it became */
} Bench;

/* Random numbers in all of it: in borders too, which every tile reads alike. */
static gboolean fill(QtrBuffer *buffer, GError **error)
{
    gsize size = qtr_buffer_size(buffer), n = size / sizeof(float);
    float *values = qtr_buffer_stage(buffer, size, error);

    if (!values)
        return FALSE;
    for (gsize i = 0; i < n; i++)
        values[i] = qtr_rng_unit(qtr_rng_at(0, QTR_RNG_SAMPLE, 0, i / 4).v[i % 4]) - 0.5f;
    return qtr_buffer_write_staged(buffer, 0, size, error);
}

static gboolean read_output(const Bench *bench, void *data, GError **error)
{
    return qtr_buffer_read(bench->y->buffer, 0, data, qtr_buffer_size(bench->y->buffer), error);
}

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
    g_autoptr(GError) problem = NULL;
    double seconds;

    if (!qtr_conv_gpu_tile_fits(bench->device, bench->shape, tile))
        return TRUE;
    seconds = time_tile(bench, tile, &problem);
    if (seconds == 0 && g_error_matches(problem, QTR_ERROR, QTR_ERROR_DEVICE)) {
        qtr_debug(qtr_device_log(bench->device), "a tile is passed over: %s", problem->message);
        return TRUE; /* of more registers than the device has, say */
    }
    if (seconds == 0) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    result->candidates++;
    if (seconds >= result->seconds || seconds >= GAIN * result->usual)
        return TRUE;
    if (!read_output(bench, bench->found, error))
        return FALSE;
    if (memcmp(bench->found, bench->expected, qtr_buffer_size(bench->y->buffer)) != 0) {
        qtr_warning(qtr_device_log(bench->device),
                    "the driver computes something else with %d channels and %d quads an item, %d "
                    "items across%s; this tile is passed over",
                    tile.part, tile.vectors, tile.items_x, tile.subgroups ? " in subgroups" : "");
        return TRUE;
    }
    result->seconds = seconds;
    result->tile = tile;
    return TRUE;
}

static gboolean try_sizes(const Bench *bench, int part, int vectors, QtrTuneResult *result,
                          GError **error)
{
    for (int items_x = 16; items_x <= 128; items_x *= 2)
        for (int subgroups = 0; subgroups < 2; subgroups++) {
            QtrConvTile tile =
                qtr_conv_gpu_tile_of(bench->shape, part, vectors, items_x, subgroups);

            if (!try_tile(bench, tile, result, error))
                return FALSE;
        }
    return TRUE;
}

static gboolean try_all(const Bench *bench, QtrTuneResult *result, GError **error)
{
    int block = qtr_conv_gpu_block(bench->shape->out / bench->shape->groups);

    result->tile = qtr_conv_gpu_tile_default(bench->device, bench->shape);
    result->seconds = result->usual = time_tile(bench, result->tile, error);
    if (result->usual == 0 || !read_output(bench, bench->expected, error))
        return FALSE;
    for (int part = 1; part <= block; part++)
        for (int vectors = 1; block % part == 0 && vectors <= 4; vectors *= 2)
            if (!try_sizes(bench, part, vectors, result, error))
                return FALSE;
    return TRUE;
}

static gboolean prepare(Bench *bench, QtrTensorPool *pool, int images, int height, int width,
                        GError **error)
{
    const QtrConvShape *shape = bench->shape;
    QtrConvTile tile = qtr_conv_gpu_tile_default(bench->device, shape);
    gsize size;

    bench->packed =
        qtr_buffer_new(bench->device, sizeof(float) * qtr_conv_packed_size(shape, tile), error);
    if (!bench->packed ||
        !(bench->x = qtr_tensor_pool_get(pool, images, shape->in, height, width, error)) ||
        !(bench->y = qtr_tensor_pool_get(pool, images, shape->out, height, width, error)))
        return FALSE;
    size = qtr_buffer_size(bench->y->buffer);
    bench->expected = g_malloc(size);
    bench->found = g_malloc(size);
    return fill(bench->packed, error) && fill(bench->x->buffer, error);
}

gboolean qtr_tune_conv(QtrDevice *device, const QtrConvShape *shape, int images, int height,
                       int width, QtrTuneResult *result, GError **error)
{
    QtrTensorPool *pool = qtr_tensor_pool_new(device, MAX(shape->kh, shape->kw) / 2, FALSE);
    Bench bench = {.device = device, .shape = shape};
    gboolean ok;

    *result = (QtrTuneResult){0};
    ok = prepare(&bench, pool, images, height, width, error) && try_all(&bench, result, error);
    qtr_tensor_pool_free(pool);
    qtr_buffer_unref(bench.packed);
    g_free(bench.expected);
    g_free(bench.found);
    if (ok)
        qtr_conv_gpu_set_tile(device, shape, result->tile);
    return ok;
}
