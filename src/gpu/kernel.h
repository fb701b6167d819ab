#pragma once
#include "gpu/buffer.h"

/* Kernels by name, and lists of launches with arguments bound once and replayed each step. */

typedef struct QtrKernel QtrKernel; /* one call site: an own cl_kernel */

/* Kernel `name` of program `file` (as embedded from cl/, without ".cl", e.g. "conv"), built with
 * `options` ("-DKH=3 -DKW=3 ..."; NULL: none). Programs are built once per device and options, and
 * kept in the binary cache. A build failure is QTR_ERROR_DEVICE with the build log. Every program
 * is built with "-cl-std=CL1.2", with -cl-fp32-correctly-rounded-divide-sqrt where the device has
 * it, else -DQTR_ROUGH_DIVIDE (cl/quotient.cl), and with -DQTR_VL=<vector_width> and, for GPUs,
 * -DQTR_GROUP=<group_items>. */
QtrKernel *qtr_kernel_new(QtrDevice *device, const char *file, const char *name,
                          const char *options, GError **error);
void qtr_kernel_free(QtrKernel *kernel); /* NULL-safe */

/* Binds all arguments, by position: one letter each in `format`: b QtrBuffer* (a reference is
 * kept; NULL is not allowed), i int, u guint32, f double (passed as float), l gsize bytes of local
 * memory. Count and types must be the kernel's; a mismatch is a caller bug and aborts. */
void qtr_kernel_bind(QtrKernel *kernel, const char *format, ...);

/* A list of launches. */
typedef struct QtrCommands QtrCommands;

QtrCommands *qtr_commands_new(QtrDevice *device);
void qtr_commands_free(QtrCommands *commands); /* NULL-safe */

/* Appends a launch; takes the kernel. `local` NULL lets the driver choose; otherwise `global` is
 * rounded up to it and the kernel must check its bounds. Groups larger than the kernel allows make
 * the list fail to run (QTR_ERROR_DEVICE). `label` (static string) names the operation and `flops`,
 * `bytes` its arithmetic and traffic, for the benchmark's table. */
typedef struct {
    const char *label;
    char shape[32]; /* of what it works on, if that tells launches of a label apart */
    double flops, bytes;
} QtrWork;
void qtr_commands_add(QtrCommands *commands, QtrKernel *kernel, const gsize global[3],
                      const gsize *local, QtrWork work);
/* The same from item `offset` on: global ids run from offset to offset + global. */
void qtr_commands_add_from(QtrCommands *commands, QtrKernel *kernel, const gsize offset[3],
                           const gsize global[3], const gsize *local, QtrWork work);
guint qtr_commands_count(const QtrCommands *commands);

/* Enqueues all launches in order; returns without waiting (flushed). */
gboolean qtr_commands_run(QtrCommands *commands, GError **error);

/* Runs each launch by itself and adds its seconds to `seconds[i]` (by event where the device was
 * opened with profiling, else by the clock around a finish). */
gboolean qtr_commands_profile(QtrCommands *commands, double *seconds, GError **error);
const QtrWork *qtr_commands_work(const QtrCommands *commands, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrKernel, qtr_kernel_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrCommands, qtr_commands_free)
