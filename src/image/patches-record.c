#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "image/patches-plan.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define SETTINGS_MAX_BYTES ((gsize)1 << 16)

char *qtr_patches_lr_name(const QtrPatchesParams *params)
{
    return g_strdup_printf("LRx%d", params->scale);
}

static gboolean make_folder(const char *dir, GError **error)
{
    if (g_mkdir_with_parents(dir, 0777) == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s: cannot make the folder: %s", dir,
                g_strerror(errno));
    return FALSE;
}

gboolean qtr_patches_make_folders(const QtrPatchesParams *params, GError **error)
{
    g_autofree char *lr_name = qtr_patches_lr_name(params);

    for (int i = 0; i < 4; i++) {
        g_autofree char *dir = g_build_filename(params->output_dir, i & 1 ? "valid" : "train",
                                                i & 2 ? lr_name : "HR", NULL);

        if (!make_folder(dir, error))
            return FALSE;
    }
    return TRUE;
}

static char *settings_text(const QtrPatchesParams *params)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *input = g_canonicalize_filename(params->input_dir, NULL);

    g_key_file_set_string(file, "prep", "input", input);
    g_key_file_set_integer(file, "prep", "patch", params->patch);
    g_key_file_set_integer(file, "prep", "stride", params->stride);
    g_key_file_set_integer(file, "prep", "scale", params->scale);
    g_key_file_set_double(file, "prep", "valid", params->valid);
    g_key_file_set_uint64(file, "prep", "seed", params->seed);
    return g_key_file_to_data(file, NULL, NULL);
}

/* The split depends on all images. Their times are left out: a copy of the folder has others. */
static char *images_text(const QtrPatchesParams *params, const GPtrArray *names)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *path = g_build_filename(params->input_dir, name, NULL);
        g_autofree char *size = NULL;
        struct stat st = {0};

        (void)stat(path, &st);
        size = g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)st.st_size);
        qtr_digest_add_text(sum, name);
        qtr_digest_add_text(sum, size);
    }
    return g_strdup_printf("\n[images]\ncount=%u\nsha256=%s\n", names->len,
                           g_checksum_get_string(sum));
}

/* What stands where patches go would be taken for some, and not for input the next time. */
static gboolean check_unused(const QtrPatchesParams *params, GError **error)
{
    static const char *const names[] = {"train", "valid"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(params->output_dir, names[i], NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                        "%s: is there already, and not made by prep; name another folder", path);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean qtr_patches_settle(const QtrPatchesParams *params, const GPtrArray *names, GError **error)
{
    g_autofree char *path = g_build_filename(params->output_dir, QTR_PATCHES_SETTINGS, NULL);
    g_autofree char *settings = settings_text(params);
    g_autofree char *images = images_text(params, names);
    g_autofree char *text = g_strconcat(settings, images, NULL);
    g_autofree char *old = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return check_unused(params, error) && make_folder(params->output_dir, error) &&
               qtr_file_write(path, text, strlen(text), error);
    old = qtr_file_read(path, SETTINGS_MAX_BYTES, NULL, error);
    if (!old)
        return FALSE;
    if (strcmp(old, text) == 0)
        return TRUE;
    if (g_str_has_prefix(old, settings))
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s: this folder was made of other images than %s holds now%s, and which are "
                    "for validation depends on all of them; name another folder, or delete what "
                    "prep made in this one (train, valid, prep.ini, valsets.yaml and the lists)",
                    path, params->input_dir,
                    strcmp(old, settings) == 0 ? " (or by an earlier version, which did not tell)"
                                               : "");
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s: this folder was made with other settings; repeat those or name another "
                    "folder",
                    path);
    return FALSE;
}

/* The folder's name, of characters that need no care in YAML and file names. */
static char *set_name(const QtrPatchesParams *params)
{
    g_autofree char *whole = g_canonicalize_filename(params->output_dir, NULL);
    char *name = g_path_get_basename(whole);

    g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_');
    return name;
}

gboolean qtr_patches_write_sets(const QtrPatchesParams *params, GError **error)
{
    g_autofree char *path = g_build_filename(params->output_dir, QTR_PATCHES_SETS, NULL);
    g_autofree char *name = set_name(params);
    g_autofree char *text = g_strdup_printf(
        "# The validation images that prep kept: for env.validation_sets and `validate --sets`.\n"
        "# Folders count from this file's.\n"
        "\"%s\":\n"
        "  data_processed_lr: valid/LRx%d\n"
        "  data_processed_hr: valid/HR\n",
        name, params->scale);

    return qtr_file_write(path, text, strlen(text), error);
}

gboolean qtr_patches_write_list(const QtrPatchesParams *params, const GPtrArray *sources,
                                gboolean valid, guint *lines, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path =
        g_build_filename(params->output_dir, valid ? "val.list" : "train.list", NULL);

    *lines = 0;
    for (guint i = 0; i < sources->len; i++) {
        const QtrPatchesSource *source = sources->pdata[i];
        guint n = qtr_patches_count(params, source);

        for (guint k = 0; k < n && source->valid == valid && !source->broken; k++, ++*lines) {
            QtrPatchesPiece piece = qtr_patches_piece(params, source, k);

            g_string_append_printf(text, "%s/HR/%s\n", valid ? "valid" : "train", piece.name);
            g_free(piece.name);
        }
    }
    return qtr_file_write(path, text->str, text->len, error);
}
