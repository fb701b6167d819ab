#include "qtr-key-row.h"

#include "qtr-chooser.h"
#include "qtr-key-control.h"
#include "qtr-key-titles.h"
#include "run/config-yaml.h"

#include <glib/gi18n.h>
#include <string.h>

#define TYPING_MS 400 /* of silence until what was typed counts */

struct _QtrKeyRow {
    AdwPreferencesRow parent_instance;

    const QtrConfigKey *key;
    QtrDocument *document;
    GtkWidget *title, *subtitle, *control, *reset;
    guint typing; /* source, 0: none */
    gboolean updating;
};

G_DEFINE_FINAL_TYPE(QtrKeyRow, qtr_key_row, ADW_TYPE_PREFERENCES_ROW)

/* The value as the control shows it. */
static char *current_value(QtrKeyRow *self)
{
    const QtrConfig *config = qtr_document_get_config(self->document);
    gboolean faulty = qtr_document_find_problem(self->document, self->key->path) != NULL;
    char *value = NULL;

    if (!qtr_key_is_text(self->key->type) && !faulty && config)
        return qtr_config_value_text(config, self->key);
    value = qtr_document_get_value(self->document, self->key->path);
    return value ? value : g_strdup(self->key->fallback ? self->key->fallback : "");
}

static void commit(QtrKeyRow *self)
{
    g_autofree char *text = NULL, *now = NULL, *yaml = NULL;

    if (self->updating)
        return;
    g_clear_handle_id(&self->typing, g_source_remove);
    text = qtr_key_control_get(self->control, self->key);
    now = current_value(self);
    yaml = qtr_key_as_yaml(self->key, text);
    if (strcmp(text, now) == 0)
        return;
    if (!qtr_document_set_value(self->document, self->key->path, yaml))
        gtk_widget_error_bell(GTK_WIDGET(self));
}

static gboolean on_silence(gpointer user_data)
{
    QtrKeyRow *self = user_data;

    self->typing = 0;
    commit(self);
    return G_SOURCE_REMOVE;
}

static void on_typed(QtrKeyRow *self)
{
    if (self->updating)
        return;
    g_clear_handle_id(&self->typing, g_source_remove);
    self->typing = g_timeout_add(TYPING_MS, on_silence, self);
}

static void on_focus_left(QtrKeyRow *self)
{
    if (self->typing)
        commit(self);
}

static gboolean is_default(QtrKeyRow *self, const char *value)
{
    const char *fallback = self->key->fallback ? self->key->fallback : "";

    if (self->key->type == QTR_KEY_FLOAT)
        return *value && g_ascii_strtod(value, NULL) == g_ascii_strtod(fallback, NULL);
    return strcmp(value, fallback) == 0;
}

/* The schema's descriptions begin with a small letter, as its other readers want them. */
static char *sentence(const char *text)
{
    g_autofree char *first = g_utf8_strup(text, (gssize)(g_utf8_next_char(text) - text));

    return g_strconcat(first, g_utf8_next_char(text), NULL);
}

static void refresh(QtrKeyRow *self)
{
    const QtrConfigProblem *problem = qtr_document_find_problem(self->document, self->key->path);
    g_autofree char *value = current_value(self);
    g_autofree char *text = sentence(problem ? problem->message : gettext(self->key->description));

    self->updating = TRUE;
    if (!self->typing) /* what is being typed stays */
        qtr_key_control_set(self->control, self->key, value);
    self->updating = FALSE;
    gtk_widget_set_sensitive(self->control, qtr_document_get_config(self->document) != NULL);
    gtk_widget_set_visible(self->reset, !is_default(self, value));
    gtk_label_set_label(GTK_LABEL(self->subtitle), text);
    if (problem) {
        gtk_widget_add_css_class(self->subtitle, "error");
        gtk_widget_remove_css_class(self->subtitle, "dim-label");
    } else {
        gtk_widget_remove_css_class(self->subtitle, "error");
        gtk_widget_add_css_class(self->subtitle, "dim-label");
    }
}

static void on_reset(QtrKeyRow *self)
{
    g_autofree char *yaml =
        qtr_key_as_yaml(self->key, self->key->fallback ? self->key->fallback : "");

    g_clear_handle_id(&self->typing, g_source_remove);
    (void)qtr_document_set_value(self->document, self->key->path, yaml);
}

static void on_path_chosen(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    QtrKeyRow *self = QTR_KEY_ROW(widget);
    g_autofree char *yaml = qtr_yaml_quote(paths[0]);

    (void)qtr_document_set_value(self->document, self->key->path, yaml);
}

/* Folders are what the description calls so; the other inputs are files. */
static void on_choose(QtrKeyRow *self)
{
    gboolean folder =
        strcmp(self->key->path, "dataset.files_list") == 0 || self->key->type == QTR_KEY_OUTPUT;

    qtr_chooser_ask(GTK_WIDGET(self),
                    &(QtrChooserParams){.title = qtr_key_title(self->key->path),
                                        .action = folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER
                                                         : GTK_FILE_CHOOSER_ACTION_OPEN},
                    on_path_chosen, NULL, NULL);
}

static void follow_control(QtrKeyRow *self)
{
    const char *signal = qtr_key_control_signal(self->key);
    GtkEventController *focus;

    if (signal)
        g_signal_connect_swapped(self->control, signal, G_CALLBACK(commit), self);
    if (!GTK_IS_ENTRY(self->control))
        return;
    focus = gtk_event_controller_focus_new();
    g_signal_connect_swapped(self->control, "changed", G_CALLBACK(on_typed), self);
    g_signal_connect_swapped(self->control, "activate", G_CALLBACK(commit), self);
    g_signal_connect_swapped(focus, "leave", G_CALLBACK(on_focus_left), self);
    gtk_widget_add_controller(self->control, focus);
}

static GtkWidget *make_reset(QtrKeyRow *self)
{
    GtkWidget *button = gtk_button_new_from_icon_name("edit-clear-symbolic");
    g_autofree char *tip = self->key->fallback
                               ? g_strdup_printf(_("Back to the default, %s"), self->key->fallback)
                               : g_strdup(_("Unset"));

    gtk_widget_set_tooltip_text(button, tip);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(button, "flat");
    g_signal_connect_swapped(button, "clicked", G_CALLBACK(on_reset), self);
    return button;
}

static GtkWidget *make_texts(QtrKeyRow *self)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);

    self->title = gtk_label_new(qtr_key_title(self->key->path));
    self->subtitle = gtk_label_new(NULL);
    gtk_label_set_xalign(GTK_LABEL(self->title), 0.0f);
    gtk_label_set_xalign(GTK_LABEL(self->subtitle), 0.0f);
    gtk_label_set_wrap(GTK_LABEL(self->title), TRUE);
    gtk_label_set_wrap(GTK_LABEL(self->subtitle), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(self->subtitle), PANGO_WRAP_WORD_CHAR);
    gtk_widget_add_css_class(self->subtitle, "caption");
    gtk_widget_set_hexpand(box, TRUE);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_box_append(GTK_BOX(box), self->title);
    gtk_box_append(GTK_BOX(box), self->subtitle);
    return box;
}

/* Texts and lists stand below the name at full width, small controls beside it. */
static void build(QtrKeyRow *self)
{
    gboolean below = qtr_key_is_text(self->key->type) || self->key->type == QTR_KEY_BITS;
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *second = below ? gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6) : line;

    self->control = qtr_key_control_new(self->key, self->document);
    follow_control(self);
    self->reset = make_reset(self);
    gtk_widget_set_valign(self->control, GTK_ALIGN_CENTER);
    gtk_box_append(GTK_BOX(line), make_texts(self));
    gtk_box_append(GTK_BOX(line), self->reset);
    gtk_box_append(GTK_BOX(second), self->control);
    if (self->key->type == QTR_KEY_INPUT || self->key->type == QTR_KEY_OUTPUT) {
        GtkWidget *choose = gtk_button_new_from_icon_name("folder-open-symbolic");

        gtk_widget_set_tooltip_text(choose, _("Choose…"));
        g_signal_connect_swapped(choose, "clicked", G_CALLBACK(on_choose), self);
        gtk_box_append(GTK_BOX(second), choose);
    }
    if (below)
        gtk_widget_set_hexpand(self->control, TRUE);
    gtk_box_append(GTK_BOX(box), line);
    if (below)
        gtk_box_append(GTK_BOX(box), second);
    gtk_widget_add_css_class(box, "key-row");
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(self), box);
    gtk_accessible_update_relation(GTK_ACCESSIBLE(self->control),
                                   GTK_ACCESSIBLE_RELATION_LABELLED_BY, self->title, NULL, -1);
}

GtkWidget *qtr_key_row_new(const QtrConfigKey *key, QtrDocument *document)
{
    QtrKeyRow *self =
        g_object_new(QTR_TYPE_KEY_ROW, "activatable", FALSE, "focusable", FALSE, NULL);
    g_autofree char *type = qtr_config_key_type_text(key);
    g_autofree char *range = qtr_config_key_range_text(key);
    g_autofree char *tip =
        g_strdup_printf("%s: %s%s%s", key->path, type, *range ? ", " : "", range);

    self->key = key;
    self->document = document;
    build(self);
    gtk_widget_set_tooltip_text(self->title, tip);
    g_signal_connect_object(document, "changed", G_CALLBACK(refresh), self, G_CONNECT_SWAPPED);
    refresh(self);
    return GTK_WIDGET(self);
}

const QtrConfigKey *qtr_key_row_get_key(QtrKeyRow *row)
{
    return row->key;
}

GtkWidget *qtr_key_row_get_control(QtrKeyRow *row)
{
    return row->control;
}

static void qtr_key_row_dispose(GObject *object)
{
    QtrKeyRow *self = QTR_KEY_ROW(object);

    g_clear_handle_id(&self->typing, g_source_remove);
    G_OBJECT_CLASS(qtr_key_row_parent_class)->dispose(object);
}

static void qtr_key_row_class_init(QtrKeyRowClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_key_row_dispose;
}

static void qtr_key_row_init(QtrKeyRow *self)
{
}
