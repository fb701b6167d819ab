#include "run/config-private.h"
#include "run/config-valsets.h"
#include "run/train-genotype.h"
#include "run/training-list.h"

#include <string.h>

/* One problem a line of `message`. */
static void report_lines(QtrConfigReader *reader, const char *path, const char *message)
{
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);

    for (char **line = lines; *line; line++)
        qtr_config_report_at(reader, path, NULL, *line);
}

/* Of a relative path in the file: where nothing was found. "" for others. */
static char *places_text(const QtrConfigReader *reader, const char *path, const char *value)
{
    g_autofree char *own = NULL, *above = NULL;

    if (!reader->folder || g_path_is_absolute(value) || !qtr_config_is_of_file(reader, path) ||
        g_file_test(value, G_FILE_TEST_EXISTS))
        return g_strdup("");
    own = g_canonicalize_filename(reader->folder, NULL);
    above = g_path_get_dirname(own);
    return g_strdup_printf("; looked in the current folder, in %s and in %s", own, above);
}

static gboolean is_set(const char *value)
{
    return value && *value;
}

/* Whether the lists that are needed are there and name images. */
static gboolean find_lists(const QtrConfigReader *reader, GError **error)
{
    guint count;

    return reader->needs & QTR_NEEDS_VAL_LIST ? qtr_training_check(reader->config, error)
                                              : qtr_training_count(reader->config, &count, error);
}

static void check_lists(QtrConfigReader *reader)
{
    const char *const path = "dataset.files_list", *value = reader->config->dataset.files_list;
    g_autofree char *places = NULL, *message = NULL;
    g_autoptr(GError) error = NULL;

    if (qtr_config_has_failed(reader, path))
        return;
    if (!is_set(value)) {
        qtr_config_report_at(reader, path, NULL,
                             "not set; expected the folder of train.list and val.list that "
                             "'quantoaster prep' makes");
        return;
    }
    if (find_lists(reader, &error))
        return;
    places = places_text(reader, path, value);
    message = g_strconcat(error->message, places, NULL);
    qtr_config_report_at(reader, path, NULL, message);
}

static gboolean check_there(QtrConfigReader *reader, const char *path, const char *value)
{
    g_autofree char *places = NULL, *message = NULL;

    if (g_file_test(value, G_FILE_TEST_EXISTS))
        return TRUE;
    places = places_text(reader, path, value);
    message = g_strdup_printf("there is no file %s%s", value, places);
    qtr_config_report_at(reader, path, NULL, message);
    return FALSE;
}

static void check_sets(QtrConfigReader *reader)
{
    const char *const path = "env.validation_sets", *value = reader->config->env.validation_sets;
    g_autoptr(GError) error = NULL;

    if (!is_set(value) || qtr_config_has_failed(reader, path) || !check_there(reader, path, value))
        return;
    if (!qtr_valsets_check(value, 0, &error))
        report_lines(reader, path, error->message);
}

/* Whether no key of the search space is in doubt. */
static gboolean is_space_sound(const QtrConfigReader *reader)
{
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++)
        if (reader->failed[i] && g_str_has_prefix(keys[i].path, "arch."))
            return FALSE;
    return TRUE;
}

static void check_genotype(QtrConfigReader *reader)
{
    const char *const path = "train.genotype_path", *value = reader->config->train.genotype_path;
    g_autofree char *outside = NULL;
    g_autoptr(GError) error = NULL;
    QtrArch arch;

    if (qtr_config_has_failed(reader, path))
        return;
    if (!is_set(value)) {
        qtr_config_report_at(reader, path, NULL,
                             "not set; which genotype is to be trained? --genotype names it, too");
        return;
    }
    if (!check_there(reader, path, value) || !is_space_sound(reader))
        return;
    qtr_config_get_arch(reader->config, &arch);
    if (!qtr_train_genotype_check(value, &arch, &outside, &error))
        qtr_config_report_at(reader, path, NULL, error->message);
    else if (outside)
        qtr_config_warn_at(reader, path, outside);
}

void qtr_config_check_needs(QtrConfigReader *reader)
{
    const char *const supernet = "search.load_path", *from = reader->config->search.load_path;

    if (reader->needs & (QTR_NEEDS_TRAIN_LIST | QTR_NEEDS_VAL_LIST))
        check_lists(reader);
    if (reader->needs & QTR_NEEDS_SETS)
        check_sets(reader);
    if ((reader->needs & QTR_NEEDS_SUPERNET) && is_set(from) &&
        !qtr_config_has_failed(reader, supernet))
        (void)check_there(reader, supernet, from);
    if (reader->needs & QTR_NEEDS_GENOTYPE)
        check_genotype(reader);
}
