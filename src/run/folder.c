#include "run/folder.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>

#define SPACE_MARGIN ((guint64)16 << 20) /* bytes left for logs and events */

static const char *const item_names[] = {
    [QTR_FOLDER_CONFIG] = "config.yaml",
    [QTR_FOLDER_LOG] = "log.txt",
    [QTR_FOLDER_EVENTS] = "events.jsonl",
    [QTR_FOLDER_ERROR] = "ERROR.txt",
    [QTR_FOLDER_GENOTYPE] = "best_arch.gen",
    [QTR_FOLDER_BEST] = "best.safetensors",
    [QTR_FOLDER_CHECKPOINT] = "checkpoint.safetensors",
    [QTR_FOLDER_SUPERNET_BEST] = "supernet_best.safetensors",
    [QTR_FOLDER_SUPERNET_CHECKPOINT] = "supernet_checkpoint.safetensors",
    [QTR_FOLDER_VALIDATION] = "validation_df.csv",
    [QTR_FOLDER_IMAGES] = "images",
    [QTR_FOLDER_TENSORBOARD] = "tb",
};

const char *qtr_folder_item_name(QtrFolderItem item)
{
    g_assert(item < G_N_ELEMENTS(item_names));
    return item_names[item];
}

gboolean qtr_folder_is_item(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(item_names); i++)
        if (strcmp(item_names[i], name) == 0)
            return TRUE;
    return FALSE;
}

char *qtr_folder_path(const char *dir, QtrFolderItem item)
{
    return g_build_filename(dir, qtr_folder_item_name(item), NULL);
}

gboolean qtr_folder_has(const char *dir, QtrFolderItem item)
{
    g_autofree char *path = qtr_folder_path(dir, item);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean check_name(const char *name, GError **error)
{
    gboolean good = *name != '\0' && g_utf8_validate(name, -1, NULL);

    for (const char *p = name; good && *p; p++)
        good = (guchar)*p >= 0x20 && *p != '/' && *p != 0x7f;
    if (!good)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "the run name '%s' cannot name a folder: it must not be empty nor contain "
                    "slashes or control characters",
                    name);
    return good;
}

char *qtr_folder_create(const char *parent, const char *kind, const char *name, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%d-%H%M%S");
    g_autofree char *leaf = g_strdup_printf("%s_%s-%s", kind, name, time);

    return check_name(name, error) ? qtr_file_make_unique_dir(parent, leaf, error) : NULL;
}

gboolean qtr_folder_make(const char *dir, GError **error)
{
    if (g_mkdir_with_parents(dir, 0755) == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot make folder %s: %s", dir,
                g_strerror(errno));
    return FALSE;
}

gboolean qtr_folder_make_for(const char *path, GError **error)
{
    g_autofree char *dir = g_path_get_dirname(path);

    return qtr_folder_make(dir, error);
}

char *qtr_folder_epoch_genotype(const char *dir, guint epoch)
{
    return g_strdup_printf("%s/arch_%u.gen", dir, epoch);
}

char *qtr_folder_epoch_drawing(const char *im_dir, guint epoch)
{
    return g_strdup_printf("%s/arch_%u.png", im_dir, epoch);
}

/* A file name without separators, and never "." or "..". */
static char *as_file_name(const char *text)
{
    char *name = g_strdup(text);

    for (char *p = name; *p; p++) {
        if ((guchar)*p < 0x20 || strchr("/\\:*?\"<>|", *p))
            *p = '_';
    }
    if (name[0] == '.' || name[0] == '\0') {
        char *safe = g_strconcat("_", name, NULL);

        g_free(name);
        name = safe;
    }
    return name;
}

char *qtr_folder_picture(const char *set, const char *name, const char *what)
{
    g_autofree char *folder = as_file_name(set);
    g_autofree char *file = as_file_name(name);

    return g_strdup_printf("%s/%s/%s_%s.png", item_names[QTR_FOLDER_IMAGES], folder, file, what);
}

gboolean qtr_folder_write_failure(const char *dir, const GError *failure, GError **error)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_ERROR);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");
    g_autofree char *text = g_strdup_printf("%s\n%s\n", time, failure->message);

    return qtr_file_write(path, text, strlen(text), error);
}

gboolean qtr_folder_clear_failure(const char *dir, GError **error)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_ERROR);

    if (g_unlink(path) == 0 || errno == ENOENT)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot remove %s: %s", path, g_strerror(errno));
    return FALSE;
}

gboolean qtr_folder_check_space(const char *dir, guint64 bytes, GError **error)
{
    struct statvfs fs;
    guint64 available;

    if (statvfs(dir, &fs) != 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot find the free space of %s: %s", dir,
                    g_strerror(errno));
        return FALSE;
    }
    if (!g_uint64_checked_mul(&available, fs.f_bavail, fs.f_frsize))
        available = G_MAXUINT64;
    if (available >= SPACE_MARGIN && available - SPACE_MARGIN >= bytes)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO,
                "%s has %.1f MiB free, but %.1f MiB are needed to save: make room, or set "
                "env.log_dir to another disk",
                dir, (double)available / 0x1p20,
                (double)bytes / 0x1p20 + (double)SPACE_MARGIN / 0x1p20);
    return FALSE;
}
