#include "qtr-document.h"

#include "base/error.h"
#include "base/file.h"
#include "qtr-config-text.h"
#include "qtr-yaml-edit.h"

#include <glib/gi18n.h>
#include <string.h>

struct _QtrDocument {
    GObject parent_instance;

    GtkSourceBuffer *buffer;
    char *path, *folder;
    char *saved; /* the file's text when it was last read or written */
    QtrConfig *config;
    GPtrArray *problems;
    gboolean stale; /* the text was not read since it changed */
    guint telling;  /* source that emits `changed`, 0: none */
    int depth;      /* of begin */
};

G_DEFINE_FINAL_TYPE(QtrDocument, qtr_document, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* What readers see is never older than the text. Does not emit `changed`: a control that asks for
 * the value it is about to change must not be set back by that. */
static void ensure_read(QtrDocument *self)
{
    g_autofree char *text = NULL, *name = NULL;

    if (!self->stale)
        return;
    text = qtr_document_get_text(self);
    name = qtr_document_get_name(self);
    self->stale = FALSE;
    g_clear_pointer(&self->problems, g_ptr_array_unref);
    g_clear_pointer(&self->config, qtr_config_free);
    self->config = qtr_config_text_read(text, name, self->folder, &self->problems);
}

static gboolean on_idle(gpointer user_data)
{
    QtrDocument *self = user_data;

    self->telling = 0;
    g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
    return G_SOURCE_REMOVE;
}

static void tell(QtrDocument *self)
{
    if (!self->telling)
        self->telling = g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, on_idle, self, NULL);
}

static void on_buffer_changed(QtrDocument *self)
{
    self->stale = TRUE;
    tell(self);
}

GtkSourceBuffer *qtr_document_get_buffer(QtrDocument *document)
{
    return document->buffer;
}

char *qtr_document_get_text(QtrDocument *document)
{
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(GTK_TEXT_BUFFER(document->buffer), &start, &end);
    return gtk_text_buffer_get_text(GTK_TEXT_BUFFER(document->buffer), &start, &end, TRUE);
}

const QtrConfig *qtr_document_get_config(QtrDocument *document)
{
    ensure_read(document);
    return document->config;
}

const GPtrArray *qtr_document_get_problems(QtrDocument *document)
{
    ensure_read(document);
    return document->problems;
}

const QtrConfigProblem *qtr_document_find_problem(QtrDocument *document, const char *key)
{
    const GPtrArray *problems = qtr_document_get_problems(document);

    for (guint i = 0; i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];

        if (!problem->warning && (!key || strcmp(problem->key, key) == 0))
            return problem;
    }
    return NULL;
}

static gboolean set_one(QtrDocument *document, const char *key, const char *value)
{
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(document->buffer);
    g_autofree char *text = qtr_document_get_text(document);
    QtrYamlEdit edit;
    GtkTextIter start, end;

    if (!qtr_yaml_edit_set(text, key, value, &edit))
        return FALSE;
    qtr_document_begin(document);
    gtk_text_buffer_get_iter_at_offset(buffer, &start, (int)edit.start);
    gtk_text_buffer_get_iter_at_offset(buffer, &end, (int)edit.end);
    gtk_text_buffer_delete(buffer, &start, &end);
    gtk_text_buffer_insert(buffer, &start, edit.insert, -1);
    qtr_document_end(document);
    qtr_yaml_edit_clear(&edit);
    return TRUE;
}

gboolean qtr_document_set_value(QtrDocument *document, const char *key, const char *value)
{
    static const char *const scales[] = {"arch.scale", "dataset.scale"};
    gboolean is_scale = strcmp(key, scales[0]) == 0 || strcmp(key, scales[1]) == 0;
    gboolean ok = TRUE;

    if (!is_scale)
        return set_one(document, key, value);
    /* They must be equal: whoever changes one means both. */
    qtr_document_begin(document);
    for (gsize i = 0; ok && i < G_N_ELEMENTS(scales); i++)
        ok = set_one(document, scales[i], value);
    qtr_document_end(document);
    return ok;
}

char *qtr_document_get_value(QtrDocument *document, const char *key)
{
    g_autofree char *text = qtr_document_get_text(document);

    return qtr_yaml_edit_get(text, key);
}

void qtr_document_begin(QtrDocument *document)
{
    if (document->depth++ == 0)
        gtk_text_buffer_begin_user_action(GTK_TEXT_BUFFER(document->buffer));
}

void qtr_document_end(QtrDocument *document)
{
    g_return_if_fail(document->depth > 0);
    if (--document->depth == 0)
        gtk_text_buffer_end_user_action(GTK_TEXT_BUFFER(document->buffer));
}

static gboolean is_in_sections(const char *key, const char *const *sections)
{
    for (; *sections; sections++)
        if (g_str_has_prefix(key, *sections) && key[strlen(*sections)] == '.')
            return TRUE;
    return FALSE;
}

gboolean qtr_document_apply(QtrDocument *document, const QtrConfig *config,
                            const char *const *sections)
{
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);
    gboolean ok = TRUE;

    qtr_document_begin(document);
    for (guint i = 0; i < count; i++) {
        g_autofree char *value = NULL;
        g_autofree char *now = NULL;

        if (keys[i].type == QTR_KEY_OBSOLETE || !is_in_sections(keys[i].path, sections))
            continue;
        value = qtr_config_value_text(config, &keys[i]);
        now = qtr_document_get_value(document, keys[i].path);
        if (g_strcmp0(value, now) != 0)
            ok = qtr_document_set_value(document, keys[i].path, value) && ok;
    }
    qtr_document_end(document);
    return ok;
}

char *qtr_document_get_standalone(QtrDocument *document)
{
    g_autofree char *text = qtr_document_get_text(document);
    const QtrConfig *config = qtr_document_get_config(document);

    return config ? qtr_config_text_make_absolute(text, config) : g_steal_pointer(&text);
}

static void take_text(QtrDocument *self, const char *text)
{
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(self->buffer);
    GtkTextIter start;

    gtk_text_buffer_set_enable_undo(buffer, FALSE);
    gtk_text_buffer_set_text(buffer, text, -1);
    gtk_text_buffer_set_enable_undo(buffer, TRUE);
    gtk_text_buffer_set_modified(buffer, FALSE);
    gtk_text_buffer_get_start_iter(buffer, &start);
    gtk_text_buffer_place_cursor(buffer, &start);
    on_buffer_changed(self);
}

void qtr_document_set_text(QtrDocument *document, const char *text, const char *folder)
{
    char *copy = g_strdup(folder);

    g_clear_pointer(&document->path, g_free);
    g_clear_pointer(&document->saved, g_free);
    g_free(document->folder);
    document->folder = copy;
    take_text(document, text);
}

gboolean qtr_document_load(QtrDocument *document, const char *path, GError **error)
{
    gsize size;
    g_autofree char *text = qtr_file_read(path, QTR_FILE_TEXT_MAX, &size, error);

    if (!text)
        return FALSE;
    if (!g_utf8_validate_len(text, (gsize)size, NULL)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    _("“%s” is no text in UTF-8, so no configuration"), path);
        return FALSE;
    }
    g_free(document->path);
    document->path = g_canonicalize_filename(path, NULL);
    g_free(document->folder);
    document->folder = g_path_get_dirname(document->path);
    g_free(document->saved);
    document->saved = g_strdup(text);
    take_text(document, text);
    return TRUE;
}

gboolean qtr_document_save(QtrDocument *document, const char *path, GError **error)
{
    g_autofree char *text = qtr_document_get_text(document);
    char *canonical;

    if (!qtr_file_write(path, text, strlen(text), error))
        return FALSE;
    canonical = g_canonicalize_filename(path, NULL);
    g_free(document->path);
    document->path = canonical;
    g_free(document->folder);
    document->folder = g_path_get_dirname(canonical);
    g_free(document->saved);
    document->saved = g_steal_pointer(&text);
    gtk_text_buffer_set_modified(GTK_TEXT_BUFFER(document->buffer), FALSE);
    on_buffer_changed(document); /* its folder may be another one */
    return TRUE;
}

const char *qtr_document_get_path(QtrDocument *document)
{
    return document->path;
}

const char *qtr_document_get_folder(QtrDocument *document)
{
    return document->folder;
}

char *qtr_document_get_name(QtrDocument *document)
{
    return document->path ? g_path_get_basename(document->path) : g_strdup(_("Untitled"));
}

gboolean qtr_document_is_modified(QtrDocument *document)
{
    return gtk_text_buffer_get_modified(GTK_TEXT_BUFFER(document->buffer));
}

gboolean qtr_document_is_outdated(QtrDocument *document)
{
    gsize size;
    g_autofree char *text =
        document->path ? qtr_file_read(document->path, QTR_FILE_TEXT_MAX, &size, NULL) : NULL;

    return text && document->saved && strcmp(text, document->saved) != 0;
}

static void qtr_document_finalize(GObject *object)
{
    QtrDocument *self = QTR_DOCUMENT(object);

    g_clear_handle_id(&self->telling, g_source_remove);
    g_clear_object(&self->buffer);
    g_clear_pointer(&self->config, qtr_config_free);
    g_clear_pointer(&self->problems, g_ptr_array_unref);
    g_free(self->path);
    g_free(self->folder);
    g_free(self->saved);
    G_OBJECT_CLASS(qtr_document_parent_class)->finalize(object);
}

static void qtr_document_class_init(QtrDocumentClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = qtr_document_finalize;
    signals[SIGNAL_CHANGED] = g_signal_new("changed", QTR_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
}

static void qtr_document_init(QtrDocument *self)
{
    GtkSourceLanguageManager *manager = gtk_source_language_manager_get_default();
    g_autoptr(QtrConfig) config = qtr_config_new();
    g_autofree char *text = qtr_config_to_yaml(config);

    self->buffer = gtk_source_buffer_new(NULL);
    gtk_source_buffer_set_language(self->buffer,
                                   gtk_source_language_manager_get_language(manager, "yaml"));
    g_signal_connect_object(self->buffer, "changed", G_CALLBACK(on_buffer_changed), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->buffer, "modified-changed", G_CALLBACK(tell), self,
                            G_CONNECT_SWAPPED);
    take_text(self, text);
}

QtrDocument *qtr_document_new(void)
{
    return g_object_new(QTR_TYPE_DOCUMENT, NULL);
}
