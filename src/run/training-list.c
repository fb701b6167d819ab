#include "run/training-list.h"

#include "base/digest.h"
#include "base/error.h"
#include "image/metrics.h"

#include <string.h>

#define CACHE_BYTES ((gsize)384 << 20)

static GPtrArray *read_names(const QtrConfig *config, const char *name, GError **error)
{
    const char *const keys[] = {"dataset.files_list", NULL};
    g_autofree char *path = NULL;
    g_autoptr(GPtrArray) paths = NULL;

    if (!qtr_config_require(config, keys, error))
        return NULL;
    path = g_build_filename(config->dataset.files_list, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "there is no %s; 'quantoaster prep --input PHOTOS --output DIR' makes a folder "
                    "for dataset.files_list",
                    path);
        return NULL;
    }
    paths = qtr_image_list_read(path, error);
    if (!paths)
        return NULL;
    if (paths->len > 0)
        return g_steal_pointer(&paths);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "%s names no images", path);
    return NULL;
}

static GPtrArray *read_list(const QtrConfig *config, const char *name, int side, QtrLog *log,
                            GError **error)
{
    g_autoptr(GPtrArray) paths = read_names(config, name, error);
    guint before;

    if (!paths)
        return NULL;
    before = paths->len;
    qtr_image_list_check(paths, side, log);
    if (paths->len > 0)
        return g_steal_pointer(&paths);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s/%s: of its %u images none can be used; they must be at least %d pixels a side",
                config->dataset.files_list, name, before, side);
    return NULL;
}

GPtrArray *qtr_training_list(const QtrConfig *config, QtrLog *log, GError **error)
{
    return read_list(config, "train.list", config->dataset.crop_size * config->dataset.scale, log,
                     error);
}

GPtrArray *qtr_validation_list(const QtrConfig *config, QtrLog *log, GError **error)
{
    return read_list(config, "val.list", QTR_METRICS_LEAST_SIDE(config->dataset.scale), log, error);
}

/* `path` as it is told in the digest. */
static char *place_of(const char *path, const char *folder)
{
    g_autofree char *whole = g_canonicalize_filename(path, NULL);
    gsize length = strlen(folder);

    return strncmp(whole, folder, length) == 0 && whole[length] == '/'
               ? g_strdup(whole + length + 1)
               : g_path_get_basename(whole);
}

QtrCheckpointBasis qtr_training_basis(const QtrConfig *config, const GPtrArray *paths,
                                      guint32 steps)
{
    QtrCheckpointBasis basis = {
        .seed = (guint64)config->env.seed, .steps = steps, .images = paths->len};
    g_autofree char *folder = g_canonicalize_filename(config->dataset.files_list, NULL);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *place = place_of(paths->pdata[i], folder);

        qtr_digest_add_text(sum, place);
    }
    (void)g_strlcpy(basis.list, g_checksum_get_string(sum), sizeof basis.list);
    return basis;
}

gboolean qtr_training_count(const QtrConfig *config, guint *count, GError **error)
{
    g_autoptr(GPtrArray) paths = read_names(config, "train.list", error);

    *count = paths ? paths->len : 0;
    return paths != NULL;
}

gboolean qtr_training_check(const QtrConfig *config, GError **error)
{
    g_autoptr(GPtrArray) train = read_names(config, "train.list", error);
    g_autoptr(GPtrArray) valid = train ? read_names(config, "val.list", error) : NULL;

    return valid != NULL;
}

QtrLoader *qtr_training_loader(const QtrConfig *config, const GPtrArray *paths,
                               const guint32 *indices, guint32 n, guint32 split, gboolean fixed,
                               guint64 first)
{
    int threads = config->env.workers > 0 ? config->env.workers : (int)g_get_num_processors();

    return qtr_loader_new(&(QtrLoaderParams){.paths = paths,
                                             .indices = indices,
                                             .n_indices = n,
                                             .batch = config->dataset.batch_size,
                                             .crop = config->dataset.crop_size,
                                             .scale = config->dataset.scale,
                                             .seed = (guint64)config->env.seed,
                                             .split = split,
                                             .fixed = fixed,
                                             .threads = threads,
                                             .cache_bytes = CACHE_BYTES},
                          first);
}
