#include "run/config-valsets.h"

#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "run/config-yaml.h"
#include "run/image-fit.h"

#include <string.h>

#define LR_KEY "data_processed_lr"
#define HR_KEY "data_processed_hr"

typedef struct {
    const char *path, *folder;
    GString *problems;       /* one line each */
    gboolean looks, missing; /* for the folders; one was not there */
} Reader;

static void report(Reader *r, int line, int column, const char *format, ...) G_GNUC_PRINTF(4, 5);

static void report(Reader *r, int line, int column, const char *format, ...)
{
    va_list args;

    qtr_problems_add(r->problems, "%s:%d:%d: ", r->path, line, column);
    va_start(args, format);
    g_string_append_vprintf(r->problems, format, args);
    va_end(args);
}

void qtr_valset_free(QtrValset *set)
{
    if (!set)
        return;
    g_free(set->name);
    g_free(set->lr_dir);
    g_free(set->hr_dir);
    g_free(set);
}

static void read_folder(Reader *r, QtrValset *set, const QtrYaml *node)
{
    static const char *const known[] = {LR_KEY, HR_KEY, NULL};
    gboolean lr = strcmp(node->key, LR_KEY) == 0, hr = strcmp(node->key, HR_KEY) == 0;
    char **dir = lr ? &set->lr_dir : &set->hr_dir;

    if (!lr && !hr) {
        const char *nearest = qtr_nearest_name(node->key, known);

        report(r, node->key_line, node->key_column, "%s: unknown key %s; expected %s", set->name,
               node->key, nearest ? nearest : LR_KEY " and " HR_KEY);
        return;
    }
    if (*dir)
        report(r, node->key_line, node->key_column, "%s: %s is given twice", set->name, node->key);
    g_clear_pointer(dir, g_free);
    /* A value that is no folder must not be reported as missing as well. */
    *dir = g_strdup("");
    if (node->kind != QTR_YAML_SCALAR || qtr_yaml_scalar(node).kind == QTR_SCALAR_NULL) {
        report(r, node->line, node->column, "%s: %s: expected a folder", set->name, node->key);
        return;
    }
    g_free(*dir);
    *dir = g_path_is_absolute(node->text) ? g_strdup(node->text)
                                          : g_build_filename(r->folder, node->text, NULL);
    if (r->looks && !g_file_test(*dir, G_FILE_TEST_IS_DIR)) {
        report(r, node->line, node->column, "%s: there is no folder %s%s", set->name, *dir,
               r->missing ? "" : "; --set env.validation_sets= goes without");
        r->missing = TRUE;
    }
}

static QtrValset *read_set(Reader *r, const QtrYaml *node)
{
    QtrValset *set = g_new0(QtrValset, 1);

    set->name = g_strdup(node->key);
    if (!*set->name || strchr(set->name, '/') || g_str_has_prefix(set->name, "."))
        report(r, node->key_line, node->key_column,
               "%s: expected a set's name that can be a folder's", set->name);
    if (node->kind != QTR_YAML_MAP) {
        report(r, node->line, node->column, "%s: expected " LR_KEY " and " HR_KEY " below it",
               set->name);
        return set;
    }
    for (guint i = 0; i < node->items->len; i++)
        read_folder(r, set, node->items->pdata[i]);
    if (!set->lr_dir || !set->hr_dir)
        report(r, node->key_line, node->key_column, "%s: %s is missing", set->name,
               set->lr_dir ? HR_KEY : LR_KEY);
    return set;
}

static void read_sets(Reader *r, GPtrArray *sets, const QtrYaml *root)
{
    if (root->kind != QTR_YAML_MAP || root->items->len == 0) {
        report(r, root->line, root->column, "expected at least one validation set");
        return;
    }
    for (guint i = 0; i < root->items->len; i++) {
        const QtrYaml *node = root->items->pdata[i];

        for (guint j = 0; j < i; j++)
            if (strcmp(((const QtrValset *)sets->pdata[j])->name, node->key) == 0)
                report(r, node->key_line, node->key_column, "%s: the set is given twice",
                       node->key);
        g_ptr_array_add(sets, read_set(r, node));
    }
}

static GPtrArray *load(const char *path, gboolean looks, GError **error)
{
    gsize size;
    g_autofree char *text = NULL, *message = NULL;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_valset_free);
    g_autoptr(GString) problems = g_string_new(NULL);
    g_autoptr(QtrYaml) root = NULL;
    Reader r = {path, folder, problems, looks, FALSE};
    int line, column;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "there is no file %s of validation sets",
                    path);
        return NULL;
    }
    text = qtr_file_read(path, QTR_FILE_TEXT_MAX, &size, error);
    if (!text)
        return NULL;
    root = qtr_yaml_parse(text, size, &line, &column, &message);
    if (root)
        read_sets(&r, sets, root);
    else
        report(&r, line, column, "%s", message);
    if (problems->len > 0) {
        g_set_error_literal(error, QTR_ERROR, QTR_ERROR_USAGE, problems->str);
        return NULL;
    }
    return g_steal_pointer(&sets);
}

GPtrArray *qtr_valsets_load(const char *path, GError **error)
{
    return load(path, FALSE, error);
}

static gboolean check_images(const QtrValset *set, int scale, GError **error)
{
    g_autoptr(GPtrArray) pairs = qtr_image_pairs(set->lr_dir, set->hr_dir, error);

    return pairs && qtr_image_fit_set(pairs, set->name, scale, NULL, error);
}

gboolean qtr_valsets_check(const char *path, int scale, GError **error)
{
    g_autoptr(GPtrArray) sets = load(path, TRUE, error);
    g_autoptr(GString) problems = g_string_new(NULL);

    for (guint i = 0; sets && scale > 0 && i < sets->len; i++) {
        g_autoptr(GError) local = NULL;

        if (!check_images(sets->pdata[i], scale, &local))
            qtr_problems_add(problems, "%s: %s", path, local->message);
    }
    if (problems->len > 0)
        g_set_error_literal(error, QTR_ERROR, QTR_ERROR_USAGE, problems->str);
    return sets && problems->len == 0;
}
