#pragma once
#include "gpu/kernel.h"

#include <CL/cl.h>

/* What the files of src/gpu share; no other folder includes this. */

typedef struct {
    cl_device_id id;
    gboolean is_gpu;
    QtrDeviceInfo *info;
} QtrProbe;

void qtr_probe_free(QtrProbe *probe);

/* Chooses the form of kernels, once the device's limits are known. */
void qtr_probe_set_form(QtrDeviceInfo *info, gboolean shares_tiles);

/* As qtr_device_list, with the handles. Elements are QtrProbe (free function set). */
GPtrArray *qtr_probe_all(GError **error);
/* Orders and numbers the probes, makes their keys unique, marks the default. Takes `probes`. */
GPtrArray *qtr_probe_arrange(GPtrArray *probes);
/* The one that fits, as QtrDeviceParams has it; borrowed. */
QtrProbe *qtr_probe_choose(const GPtrArray *probes, const char *selector, GError **error);

struct QtrDevice {
    gatomicrefcount refs; /* buffers, kernels and lists keep their device */
    QtrDeviceInfo *info;
    cl_device_id id;
    cl_context context;
    cl_command_queue queue;
    gboolean profiling;
    GHashTable *programs;        /* "file\noptions" -> cl_program */
    char *cache_dir;             /* NULL: no cache */
    char *tuning_dir;            /* NULL: none */
    char *shipped_dir;           /* NULL: the usual ones */
    GHashTable *tuned;           /* name -> measured tile; NULL: not read yet */
    GHashTable *tuned_elsewhere; /* the same, of shipped files */
    gboolean pruned;             /* the cache, by this device */
    GPtrArray *unstored;         /* lines of qtr_programs_list */
    guint64 allocated;
    QtrLog *log;
};

QtrDevice *qtr_device_ref(QtrDevice *device);
void qtr_device_unref(QtrDevice *device);

struct QtrBuffer {
    gatomicrefcount refs;
    QtrDevice *device;
    cl_mem mem;
    gsize size;
    void *staging; /* data on its way; kept, as most buffers are written again */
    gsize staging_size;
    cl_event staged; /* the write that may still read it; NULL: none */
};

struct QtrKernel {
    QtrDevice *device;
    cl_kernel kernel;
    char *name;
    GPtrArray *buffers; /* those bound */
    gboolean bound;
    gsize max_group;         /* work items a group of this kernel may have */
    gsize required_local[3]; /* of a reqd_work_group_size attribute, else zeros */
};

/* The program built from cl/`file`.cl; owned by the device. */
cl_program qtr_program_get(QtrDevice *device, const char *file, const char *options,
                           GError **error);

/* The cache of built programs, keyed by source, options, device, driver and platform. A cache that
 * cannot be read or written is as good as none: such failures are logged, not returned. */

/* FALSE where the driver's own cache does as well. */
gboolean qtr_cache_is_of_use(const QtrDeviceInfo *info);
/* TRUE where a binary is not to be asked for during a run. */
gboolean qtr_cache_is_slow(const QtrDeviceInfo *info);
/* The entry's file (free with g_free); NULL without a cache. */
char *qtr_cache_path(const QtrDevice *device, const char *text, const char *options);
/* The binary, NULL if there is none or it is damaged; a damaged one is removed. */
GBytes *qtr_cache_load(const QtrDevice *device, const char *path);
void qtr_cache_store(QtrDevice *device, const char *path, const void *binary, gsize size);
/* Removes the entries unused for longest until those left have at most `max` bytes together. */
void qtr_cache_prune(const char *folder, guint64 max);

const char *qtr_cl_error_name(cl_int code);

/* Sets `error` to "<what>: <code's name>", QTR_ERROR_MEMORY for the codes that mean a lack of
 * memory, else QTR_ERROR_DEVICE. Returns FALSE. */
gboolean qtr_cl_fail(GError **error, cl_int code, const char *what, ...) G_GNUC_PRINTF(3, 4);
