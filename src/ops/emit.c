#include "ops/emit.h"

/* Small items a group on CPU drivers: enough to hide the group's cost, few enough to share out. */
#define LIGHT_GROUP 16

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
    double share = 1.0;

    for (int d = 0; d < 3; d++) {
        gsize end = d == 2 && emit->images.n > 0 ? first[2] + (gsize)emit->images.n : global[d];

        g_assert(first[d] < end && end <= global[d]);
        part[d] = end - first[d];
        share *= (double)part[d] / (double)global[d];
    }
    work.flops *= share;
    work.bytes *= share;
    qtr_commands_add_from(emit->commands, kernel, first, part, local, work);
}

void qtr_emit_launch(QtrEmit *emit, QtrKernel *kernel, QtrItems items, gsize x, gsize y, gsize z,
                     QtrWork work)
{
    const gsize global[3] = {x, y, z};
    const gsize local[3] = {items == QTR_ITEMS_HEAVY ? 1 : LIGHT_GROUP, 1, 1};
    gboolean is_cpu = qtr_device_info(emit->device)->is_cpu;

    /* A network without convolutions has nothing to prepare. */
    if (x == 0 || y == 0 || z == 0) {
        qtr_kernel_free(kernel);
        return;
    }
    /* GPU drivers know best how to fill their subgroups. */
    add(emit, kernel, NULL, global, is_cpu ? local : NULL, work);
}

void qtr_emit_launch_local(QtrEmit *emit, QtrKernel *kernel, const gsize *first,
                           const gsize global[3], const gsize local[3], QtrWork work)
{
    add(emit, kernel, first, global, local, work);
}

int qtr_emit_lanes(const QtrEmit *emit)
{
    return qtr_device_info(emit->device)->vector_width;
}
