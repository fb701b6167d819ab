#pragma once
#include "base/log.h"

#include <glib.h>

/* OpenCL devices. Nothing outside src/gpu includes OpenCL headers. */

typedef struct {
    int index; /* over all platforms, in the order listed */
    char *key; /* stable: platform / name / PCI address where known */
    char *name, *vendor, *driver, *platform, *version;
    guint64 memory, max_alloc, local_memory; /* bytes */
    guint64 cache;                           /* bytes of its largest cache; 0: not told */
    guint compute_units, max_clock_mhz;
    gsize max_group; /* work items a group */
    gboolean is_cpu, is_default, unified_memory;
    gboolean exact_divide;
    gboolean subgroups_of_16; /* kernels may ask for them, and what one item has is had by all */
    gboolean shares_tiles; /* convolutions by work-groups that share local memory, as GPUs want */
    gboolean
        always_winograd; /* those that can be are computed in strips of rows, whatever it takes */
    int vector_width; /* floats in a native vector as the kernels should use it: 16, 8 or 4 on CPUs,
                         1 on GPUs */
    int group_items;  /* with shares_tiles, a power of two: items of a group that share a loop which
                         else, where this is 1, one item has to itself (cl/group.cl) */
} QtrDeviceInfo;

void qtr_device_info_free(QtrDeviceInfo *info);

/* All devices of all platforms, with duplicates of one device through several ICDs last. Elements
 * are QtrDeviceInfo. No platform or no device at all: QTR_ERROR_DEVICE with a sentence that names
 * the package to install. */
GPtrArray *qtr_device_list(GError **error);

/* Whether `selector`, as in QtrDeviceParams, names one of them; the error is that of opening it. */
gboolean qtr_device_exists(const char *selector, GError **error);

/* An opened device: context and one in-order queue. Used by one thread at a time. */
typedef struct QtrDevice QtrDevice;

/* Which form the kernels of convolutions have. */
typedef enum {
    QTR_TILES_AUTO,     /* as suits the device */
    QTR_TILES_ITEMS,    /* each item for itself: CPUs */
    QTR_TILES_SHARED,   /* work-groups share local memory: GPUs */
    QTR_TILES_WINOGRAD, /* of items, in strips of rows also where they take longer: tests */
} QtrTiles;

typedef struct {
    /* Index, key, name, or part of a name (case-insensitive; a whole name goes before parts, and of
     * one device under several drivers the first counts). NULL: the default device: of the
     * discrete GPUs, else GPUs, else CPUs the first that its vendor's driver shows, else the
     * first. */
    const char *selector;
    /* Folder of built programs and measured tiles. "": none. NULL: in the XDG cache; NVIDIA's
     * driver keeps programs itself. */
    const char *cache_dir;
    /* Folder of tiles measured elsewhere (gpu/tuning.h). "": none. NULL: configs/tuning, else the
     * installed one. */
    const char *shipped_dir;
    gboolean profiling; /* event timing (qtr_commands_profile) */
    int vector_width;   /* 0: as the device suggests; tests force others */
    QtrTiles tiles;     /* likewise */
    QtrLog *log;        /* borrowed until qtr_device_close, may be NULL */
} QtrDeviceParams;

/* NULL `params` means all defaults. A selector that fits no or several devices is QTR_ERROR_USAGE
 * and lists the candidates. Never falls back to another device. */
QtrDevice *qtr_device_open(const QtrDeviceParams *params, GError **error);
/* NULL-safe. Buffers, kernels and command lists may outlive the call; the queue goes with the last.
 */
void qtr_device_close(QtrDevice *device);

const QtrDeviceInfo *qtr_device_info(const QtrDevice *device); /* borrowed */
QtrLog *qtr_device_log(const QtrDevice *device);

/* Waits for everything enqueued. */
gboolean qtr_device_finish(QtrDevice *device, GError **error);

/* Known-answer test of a few kernels (fma chain, reduction, exact division when promised). */
gboolean qtr_device_self_test(QtrDevice *device, GError **error);

/* Bytes now allocated through qtr_buffer_new. */
guint64 qtr_device_allocated(const QtrDevice *device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrDevice, qtr_device_close)
