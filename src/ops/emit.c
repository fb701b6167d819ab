#include "ops/emit.h"

#include <string.h>

/* Small items a group on CPU drivers: enough to hide the group's cost, few enough to share out. */
#define LIGHT_GROUP 16

/* On GPUs whole subgroups, as few more as keep launches of few items spread. */
#define GPU_LEAST_GROUP 32
#define GPU_LIGHT_GROUP 128

QtrKernel *qtr_emit_kernel(QtrEmit *emit, const char *file, const char *name, const char *options)
{
    g_autofree char *halves = NULL;

    if (emit->error)
        return NULL;
    if (emit->pool && qtr_tensor_pool_keeps_halves(emit->pool))
        halves = g_strdup_printf("-DQTR_HALF %s", options ? options : "");
    return qtr_kernel_new(emit->device, file, name, halves ? halves : options, &emit->error);
}

static void add(QtrEmit *emit, QtrKernel *kernel, const gsize *begin, const gsize global[3],
                const gsize *local, QtrWork work)
{
    gsize first[3] = {begin ? begin[0] : 0, begin ? begin[1] : 0, (gsize)emit->images.first};
    gsize part[3];
    double share;

    for (int d = 0; d < 3; d++) {
        gsize end = d == 2 && emit->images.n > 0 ? first[2] + (gsize)emit->images.n : global[d];

        g_assert(first[d] < end && end <= global[d]);
        part[d] = end - first[d];
    }
    share = (double)part[2] / (double)global[2];
    work.flops *= share;
    work.bytes *= share;
    qtr_commands_add_from(emit->commands, kernel, first, part, local, work);
}

/* Left to choose, drivers for OpenCL 1.2 take a divisor of the launch: of a prime that is 1, and of
 * few items all of them, so that one of the device's units has them all. */
static gsize light_group(const QtrDeviceInfo *info, gsize items)
{
    gsize group = GPU_LEAST_GROUP;

    if (!info->shares_tiles)
        return LIGHT_GROUP;
    while (group < items && group < GPU_LIGHT_GROUP)
        group *= 2;
    return MIN(group, info->max_group);
}

void qtr_emit_launch_from(QtrEmit *emit, QtrKernel *kernel, QtrItems items, const gsize *first,
                          const gsize end[3], QtrWork work)
{
    const QtrDeviceInfo *info = qtr_device_info(emit->device);
    gsize share = items == QTR_ITEMS_SHARED ? (gsize)info->group_items : 1;
    gsize begin[3] = {0}, global[3] = {end[0] * share, end[1], end[2]};
    const gsize local[3] = {items == QTR_ITEMS_LIGHT ? light_group(info, end[0]) : share, 1, 1};

    if (first)
        memcpy(begin, first, sizeof begin);
    begin[0] *= share;
    add(emit, kernel, begin, global, local, work);
}

void qtr_emit_launch(QtrEmit *emit, QtrKernel *kernel, QtrItems items, gsize x, gsize y, gsize z,
                     QtrWork work)
{
    /* A network without convolutions has nothing to prepare. */
    if (x == 0 || y == 0 || z == 0)
        qtr_kernel_free(kernel);
    else
        qtr_emit_launch_from(emit, kernel, items, NULL, (gsize[3]){x, y, z}, work);
}

void qtr_emit_launch_local(QtrEmit *emit, QtrKernel *kernel, const gsize *first,
                           const gsize global[3], const gsize local[3], QtrWork work)
{
    add(emit, kernel, first, global, local, work);
}

gsize qtr_emit_row_items(const QtrEmit *emit, int rows, int parts)
{
    return (gsize)rows * (qtr_device_info(emit->device)->group_items > 1 ? (gsize)parts : 1);
}

int qtr_emit_lanes(const QtrEmit *emit)
{
    return qtr_device_info(emit->device)->vector_width;
}
