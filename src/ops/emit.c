#include "ops/emit.h"

/* Small items a group on CPU drivers: enough to hide the group's cost, few enough to share out. */
#define LIGHT_GROUP 16

QtrKernel *qtr_emit_kernel(QtrEmit *emit, const char *file, const char *name, const char *options)
{
    return emit->error ? NULL : qtr_kernel_new(emit->device, file, name, options, &emit->error);
}

void qtr_emit_launch(QtrEmit *emit, QtrKernel *kernel, QtrItems items, gsize x, gsize y, gsize z,
                     QtrWork work)
{
    const gsize global[3] = {x, y, z};
    const gsize local[3] = {items == QTR_ITEMS_HEAVY ? 1 : LIGHT_GROUP, 1, 1};

    /* A network without convolutions has nothing to prepare. */
    if (x == 0 || y == 0 || z == 0) {
        qtr_kernel_free(kernel);
        return;
    }
    /* GPU drivers know best how to fill their subgroups. */
    qtr_commands_add(emit->commands, kernel, global,
                     qtr_device_info(emit->device)->is_cpu ? local : NULL, work);
}

void qtr_emit_launch_local(QtrEmit *emit, QtrKernel *kernel, const gsize global[3],
                           const gsize local[3], QtrWork work)
{
    qtr_commands_add(emit->commands, kernel, global, local, work);
}

int qtr_emit_lanes(const QtrEmit *emit)
{
    return qtr_device_info(emit->device)->vector_width;
}
