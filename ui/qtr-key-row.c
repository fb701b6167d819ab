#include "qtr-key-row.h"

#include "qtr-bits-box.h"
#include "qtr-chooser.h"
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

static gboolean is_text(QtrKeyType type)
{
    return type == QTR_KEY_STRING || type == QTR_KEY_NAME || type == QTR_KEY_INPUT ||
           type == QTR_KEY_OUTPUT;
}

/* The value as the control shows it. */
static char *current_value(QtrKeyRow *self)
{
    const QtrConfig *config = qtr_document_get_config(self->document);
    gboolean faulty = qtr_document_find_problem(self->document, self->key->path) != NULL;
    char *value = NULL;

    if (!is_text(self->key->type) && !faulty && config)
        return qtr_config_value_text(config, self->key);
    value = qtr_document_get_value(self->document, self->key->path);
    return value ? value : g_strdup(self->key->fallback ? self->key->fallback : "");
}

static char *control_value(QtrKeyRow *self)
{
    GtkStringObject *choice;

    switch (self->key->type) {
    case QTR_KEY_INT:
        return g_strdup_printf("%d",
                               gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(self->control)));
    case QTR_KEY_BOOL:
        return g_strdup(gtk_switch_get_active(GTK_SWITCH(self->control)) ? "True" : "False");
    case QTR_KEY_ENUM:
        choice = gtk_drop_down_get_selected_item(GTK_DROP_DOWN(self->control));
        return g_strdup(choice ? gtk_string_object_get_string(choice) : "");
    default:
        return g_strdup(gtk_editable_get_text(GTK_EDITABLE(self->control)));
    }
}

/* Text of the user's as YAML: numbers as they are, everything else so that it reads back. */
static char *as_yaml(QtrKeyRow *self, const char *text)
{
    if (!*text)
        return g_strdup("");
    if (self->key->type == QTR_KEY_FLOAT && !text[strspn(text, "0123456789+-.eE_")])
        return g_strdup(text);
    return is_text(self->key->type) || self->key->type == QTR_KEY_FLOAT ? qtr_yaml_quote(text)
                                                                        : g_strdup(text);
}

static void commit(QtrKeyRow *self)
{
    g_autofree char *text = NULL, *now = NULL, *yaml = NULL;

    if (self->updating)
        return;
    g_clear_handle_id(&self->typing, g_source_remove);
    text = control_value(self);
    now = current_value(self);
    yaml = as_yaml(self, text);
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

static void show_value(QtrKeyRow *self, const char *value)
{
    guint selected = GTK_INVALID_LIST_POSITION;

    switch (self->key->type) {
    case QTR_KEY_INT:
        gtk_spin_button_set_value(GTK_SPIN_BUTTON(self->control), g_ascii_strtod(value, NULL));
        break;
    case QTR_KEY_BOOL:
        gtk_switch_set_active(GTK_SWITCH(self->control), strcmp(value, "True") == 0);
        break;
    case QTR_KEY_ENUM:
        for (guint i = 0; self->key->choices[i]; i++)
            if (strcmp(self->key->choices[i], value) == 0)
                selected = i;
        gtk_drop_down_set_selected(GTK_DROP_DOWN(self->control), selected);
        break;
    case QTR_KEY_BITS:
        qtr_bits_box_refresh(QTR_BITS_BOX(self->control));
        break;
    default:
        if (!self->typing && strcmp(gtk_editable_get_text(GTK_EDITABLE(self->control)), value) != 0)
            gtk_editable_set_text(GTK_EDITABLE(self->control), value);
    }
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
    show_value(self, value);
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
    g_autofree char *yaml = as_yaml(self, self->key->fallback ? self->key->fallback : "");

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

static GtkWidget *make_entry(QtrKeyRow *self)
{
    GtkWidget *entry = gtk_entry_new();
    GtkEventController *focus = gtk_event_controller_focus_new();

    g_signal_connect_swapped(entry, "changed", G_CALLBACK(on_typed), self);
    g_signal_connect_swapped(entry, "activate", G_CALLBACK(commit), self);
    g_signal_connect_swapped(focus, "leave", G_CALLBACK(on_focus_left), self);
    gtk_widget_add_controller(entry, focus);
    if (self->key->type == QTR_KEY_FLOAT)
        gtk_editable_set_width_chars(GTK_EDITABLE(entry), 9);
    else
        gtk_widget_set_hexpand(entry, TRUE);
    if (self->key->type == QTR_KEY_FLOAT)
        gtk_editable_set_max_width_chars(GTK_EDITABLE(entry), 9);
    return entry;
}

static GtkWidget *make_control(QtrKeyRow *self)
{
    GtkWidget *control;

    switch (self->key->type) {
    case QTR_KEY_INT:
        control = gtk_spin_button_new_with_range(self->key->min, self->key->max, 1);
        gtk_editable_set_width_chars(GTK_EDITABLE(control), 5);
        g_signal_connect_swapped(control, "value-changed", G_CALLBACK(commit), self);
        break;
    case QTR_KEY_BOOL:
        control = gtk_switch_new();
        g_signal_connect_swapped(control, "notify::active", G_CALLBACK(commit), self);
        break;
    case QTR_KEY_ENUM:
        control = gtk_drop_down_new_from_strings(self->key->choices);
        g_signal_connect_swapped(control, "notify::selected", G_CALLBACK(commit), self);
        break;
    case QTR_KEY_BITS:
        return qtr_bits_box_new(self->key->path, self->document);
    default:
        return make_entry(self);
    }
    return control;
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
    gboolean below = is_text(self->key->type) || self->key->type == QTR_KEY_BITS;
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *second = below ? gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6) : line;

    self->control = make_control(self);
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
