#include "run/batch-private.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#include <string.h>

#define STATE_BYTES_MAX (64u << 20)
#define STATE_FORMAT 1

static const char *const state_names[] = {"queued", "running", "done", "failed"};

const char *qtr_trial_state_name(QtrTrialState state)
{
    return state_names[state];
}

/* The text members of a trial: one list for reading, writing and freeing. */
static const struct {
    const char *name;
    gsize offset;
    gboolean required;
} texts[] = {
    {"id", G_STRUCT_OFFSET(QtrTrial, id), TRUE},
    {"name", G_STRUCT_OFFSET(QtrTrial, batch_name), TRUE},
    {"key", G_STRUCT_OFFSET(QtrTrial, key), TRUE},
    {"value", G_STRUCT_OFFSET(QtrTrial, value), TRUE},
    {"folder", G_STRUCT_OFFSET(QtrTrial, folder), TRUE},
    {"genotype", G_STRUCT_OFFSET(QtrTrial, genotype), FALSE},
    {"reason", G_STRUCT_OFFSET(QtrTrial, reason), FALSE},
    {"search_dir", G_STRUCT_OFFSET(QtrTrial, search_dir), FALSE},
    {"train_dir", G_STRUCT_OFFSET(QtrTrial, train_dir), FALSE},
    {"device", G_STRUCT_OFFSET(QtrTrial, device), FALSE},
};

static char **text_of(QtrTrial *trial, gsize i)
{
    return (char **)G_STRUCT_MEMBER_P(trial, texts[i].offset);
}

void qtr_trial_free(QtrTrial *trial)
{
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*text_of(trial, i));
    g_strfreev(trial->overrides);
    g_free(trial);
}

static gboolean damaged(const char *path, const char *what, GError **error)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                "%s: %s is missing or wrong; move the file away to begin the batch anew", path,
                what);
    return FALSE;
}

static const char *string_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : NULL;
}

/* 0 if it is missing or no number. */
static double number_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : 0;
}

static gboolean read_state(QtrTrial *trial, JsonObject *object)
{
    const char *name = string_member(object, "state");

    for (guint i = 0; name && i < G_N_ELEMENTS(state_names); i++) {
        if (strcmp(state_names[i], name) != 0)
            continue;
        trial->state = (QtrTrialState)i;
        return TRUE;
    }
    return FALSE;
}

static char **read_overrides(JsonObject *object)
{
    JsonNode *node = json_object_get_member(object, "overrides");
    GPtrArray *strings = g_ptr_array_new();
    JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);

        if (JSON_NODE_HOLDS_VALUE(element) && json_node_get_value_type(element) == G_TYPE_STRING)
            g_ptr_array_add(strings, json_node_dup_string(element));
    }
    g_ptr_array_add(strings, NULL);
    return (char **)g_ptr_array_free(strings, FALSE);
}

/* Folders come from a file somebody may have edited: they must stay inside the batch's. */
static gboolean is_inside(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    return !g_path_is_absolute(path) && !g_strv_contains((const char *const *)parts, "..");
}

gboolean qtr_batch_is_name(const char *name)
{
    return *name && !strchr(name, '/') && name[0] != '.' && g_utf8_validate(name, -1, NULL);
}

static gboolean read_trial(GPtrArray *trials, JsonNode *node, const char *path, GError **error)
{
    QtrTrial *trial = g_new0(QtrTrial, 1);
    JsonObject *object;

    g_ptr_array_add(trials, trial);
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return damaged(path, "a trial", error);
    object = json_node_get_object(node);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        *text_of(trial, i) = g_strdup(string_member(object, texts[i].name));
        if (texts[i].required && !*text_of(trial, i))
            return damaged(path, texts[i].name, error);
    }
    if (!qtr_batch_is_name(trial->batch_name))
        return damaged(path, "name", error);
    if (!read_state(trial, object))
        return damaged(path, "state", error);
    if (!is_inside(trial->folder) || (trial->search_dir && !is_inside(trial->search_dir)) ||
        (trial->train_dir && !is_inside(trial->train_dir)))
        return damaged(path, "a folder", error);
    trial->trail = (int)CLAMP(number_member(object, "trail"), 0, G_MAXINT);
    trial->seconds = number_member(object, "seconds");
    trial->overrides = read_overrides(object);
    return TRUE;
}

/* A result that is no longer there is none; --retry-failed makes it again. */
static void check_result(QtrTrial *trial, const char *dir)
{
    g_autofree char *path = NULL;

    if (trial->state != QTR_TRIAL_DONE || !trial->train_dir)
        return;
    path = g_build_filename(dir, trial->train_dir, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return;
    trial->state = QTR_TRIAL_FAILED;
    g_free(trial->reason);
    trial->reason = g_strdup_printf("it was done, but its folder %s is gone", path);
}

/* FALSE without an error: there is no file. */
static gboolean read_file(const char *dir, GPtrArray *trials, GError **error)
{
    g_autofree char *path = g_build_filename(dir, QTR_BATCH_STATE, NULL);
    g_autofree char *text = NULL;
    g_autoptr(JsonObject) root = NULL;
    JsonNode *list;
    gsize size;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return FALSE;
    text = qtr_file_read(path, STATE_BYTES_MAX, &size, error);
    if (!text)
        return FALSE;
    root = qtr_json_parse_object(text, size, 8, path, error);
    if (!root)
        return FALSE;
    list = json_object_get_member(root, "trials");
    if (number_member(root, "format") != STATE_FORMAT)
        return damaged(path, "format", error);
    if (!list || !JSON_NODE_HOLDS_ARRAY(list))
        return damaged(path, "trials", error);
    for (guint i = 0; i < json_array_get_length(json_node_get_array(list)); i++)
        if (!read_trial(trials, json_array_get_element(json_node_get_array(list), i), path, error))
            return FALSE;
    for (guint i = 0; i < trials->len; i++)
        check_result(g_ptr_array_index(trials, i), dir);
    return TRUE;
}

GPtrArray *qtr_batch_read(const char *dir, GError **error)
{
    g_autoptr(GPtrArray) trials = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_trial_free);

    return read_file(dir, trials, error) ? g_steal_pointer(&trials) : NULL;
}

gboolean qtr_batch_load(QtrBatch *batch, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (!read_file(batch->dir, batch->trials, &failure) && failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    for (guint i = 0; i < batch->trials->len; i++) {
        QtrTrial *trial = g_ptr_array_index(batch->trials, i);

        if (trial->state == QTR_TRIAL_RUNNING)
            trial->state = QTR_TRIAL_QUEUED;
    }
    return TRUE;
}

static JsonObject *write_trial(QtrTrial *trial)
{
    JsonObject *object = json_object_new();
    JsonArray *overrides = json_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (*text_of(trial, i))
            json_object_set_string_member(object, texts[i].name, *text_of(trial, i));
    for (char **o = trial->overrides; o && *o; o++)
        json_array_add_string_element(overrides, *o);
    json_object_set_array_member(object, "overrides", overrides);
    json_object_set_int_member(object, "trail", trial->trail);
    json_object_set_string_member(object, "state", state_names[trial->state]);
    json_object_set_member(object, "seconds", qtr_json_number(trial->seconds));
    return object;
}

gboolean qtr_batch_save(const QtrBatch *batch, GError **error)
{
    g_autofree char *path = g_build_filename(batch->dir, QTR_BATCH_STATE, NULL);
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *text = NULL;
    JsonObject *object = json_object_new();
    JsonArray *trials = json_array_new();

    for (guint i = 0; i < batch->trials->len; i++)
        json_array_add_object_element(trials, write_trial(g_ptr_array_index(batch->trials, i)));
    json_object_set_int_member(object, "format", STATE_FORMAT);
    json_object_set_array_member(object, "trials", trials);
    json_node_take_object(root, object);
    text = qtr_json_text(root, TRUE);
    return qtr_file_write(path, text, strlen(text), error);
}
