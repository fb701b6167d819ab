#include "ops/emit.h"

/* Small items a group on CPU drivers: enough to hide the group's cost, few enough to share out. */
#define LIGHT_GROUP 16

QtrKernel *qtr_emit_kernel(QtrEmit *emit, const char *file, const char *name, const char *options)
{
    return emit->error ? NULL : qtr_kernel_new(emit->device, file, name, options, &emit->error);
}

static void add(QtrEmit *emit, QtrKernel *kernel, const gsize global[3], const gsize *local,
                QtrWork work)
{
    gsize part[3] = {global[0], global[1], global[2]}, first[3] = {0, 0, (gsize)emit->images.first};

    if (emit->images.n == 0) {
        qtr_commands_add(emit->commands, kernel, global, local, work);
        return;
    }
    part[2] = (gsize)emit->images.n;
    g_assert(first[2] + part[2] <= global[2]);
    work.flops *= (double)part[2] / (double)global[2];
    work.bytes *= (double)part[2] / (double)global[2];
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
    add(emit, kernel, global, is_cpu ? local : NULL, work);
}

void qtr_emit_launch_local(QtrEmit *emit, QtrKernel *kernel, const gsize global[3],
                           const gsize local[3], QtrWork work)
{
    add(emit, kernel, global, local, work);
}

int qtr_emit_lanes(const QtrEmit *emit)
{
    return qtr_device_info(emit->device)->vector_width;
}
