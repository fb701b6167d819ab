#include "qtr-config-panel.h"

#include "qtr-key-titles.h"
#include "qtr-settings.h"

#include <glib/gi18n.h>
#include <string.h>

struct _QtrConfigPanel {
    QtrPanel parent_instance;

    QtrDocument *document;
    GHashTable *rows; /* key's path to QtrKeyRow */
    guint folding;    /* source, 0: none */

    /* template widgets */
    GtkWidget *page_buttons;
    AdwLeaflet *leaflet;
    GtkWidget *form_page;
    QtrYamlView *yaml_page;
    GtkToggleButton *form_button;
    GtkToggleButton *yaml_button;
    GtkBox *form;
};

G_DEFINE_FINAL_TYPE(QtrConfigPanel, qtr_config_panel, QTR_TYPE_PANEL)

static void on_page_toggled(QtrConfigPanel *self)
{
    gboolean form = gtk_toggle_button_get_active(self->form_button);

    adw_leaflet_set_visible_child(self->leaflet,
                                  form ? self->form_page : GTK_WIDGET(self->yaml_page));
}

static gboolean show_page_buttons(gpointer user_data)
{
    QtrConfigPanel *self = user_data;

    self->folding = 0;
    gtk_widget_set_visible(self->page_buttons, adw_leaflet_get_folded(self->leaflet));
    return G_SOURCE_REMOVE;
}

/* It folds while it is given its size, when nothing may be shown or hidden. */
static void on_folded(QtrConfigPanel *self)
{
    if (!self->folding)
        self->folding = g_idle_add_full(G_PRIORITY_HIGH_IDLE, show_page_buttons, self, NULL);
}

/* `path` has the section's name and a dot in front; the search space has a panel of its own. */
static gboolean belongs(const QtrConfigKey *key, const char *section)
{
    return key->type != QTR_KEY_OBSOLETE && g_str_has_prefix(key->path, section) &&
           key->path[strlen(section)] == '.';
}

static void add_section(QtrConfigPanel *self, const char *section)
{
    AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP(adw_preferences_group_new());
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    adw_preferences_group_set_title(group, qtr_section_title(section));
    for (guint i = 0; i < count; i++) {
        GtkWidget *row;

        if (!belongs(&keys[i], section))
            continue;
        row = qtr_key_row_new(&keys[i], self->document);
        g_hash_table_insert(self->rows, (gpointer)keys[i].path, row);
        adw_preferences_group_add(group, row);
    }
    gtk_box_append(self->form, GTK_WIDGET(group));
}

static void add_override(GString *command, const QtrConfigKey *key, const char *value)
{
    g_autofree char *assignment = g_strdup_printf("%s=%s", key->path, value);
    g_autofree char *quoted = g_shell_quote(assignment);

    g_string_append_printf(command, " --set %s", quoted);
}

/* What differs from the file on disk as --set. */
static void add_changes(QtrConfigPanel *self, GString *command)
{
    const QtrConfig *config = qtr_document_get_config(self->document);
    g_autoptr(QtrConfig) saved =
        qtr_config_load(qtr_document_get_path(self->document), NULL, NULL, NULL, NULL);
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; saved && config && i < count; i++) {
        g_autofree char *now = qtr_config_value_text(config, &keys[i]);
        g_autofree char *before = qtr_config_value_text(saved, &keys[i]);

        if (strcmp(now, before) != 0)
            add_override(command, &keys[i], now);
    }
}

char *qtr_config_panel_command(QtrConfigPanel *panel)
{
    const char *path = qtr_document_get_path(panel->document);
    g_autofree char *quoted = path ? g_shell_quote(path) : NULL;
    GString *command;

    if (!path)
        return NULL;
    command = g_string_new("quantoaster run -c ");
    g_string_append(command, quoted);
    if (qtr_document_is_modified(panel->document))
        add_changes(panel, command);
    return g_string_free(command, FALSE);
}

static void copy_command(GtkWidget *widget, const char *action, GVariant *parameter)
{
    g_autofree char *command = qtr_config_panel_command(QTR_CONFIG_PANEL(widget));

    if (!command) {
        qtr_toast(widget, _("Save the configuration first: the command line names its file"));
        return;
    }
    gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), command);
    qtr_toast(widget, _("Command line copied"));
}

static void qtr_config_panel_set_document(QtrPanel *panel, QtrDocument *document)
{
    static const char *const sections[] = {"dataset", "search", "train", "env"};
    QtrConfigPanel *self = QTR_CONFIG_PANEL(panel);

    self->document = document;
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        add_section(self, sections[i]);
    qtr_yaml_view_set_document(self->yaml_page, document);
}

QtrKeyRow *qtr_config_panel_get_row(QtrConfigPanel *panel, const char *key)
{
    return g_hash_table_lookup(panel->rows, key);
}

QtrYamlView *qtr_config_panel_get_yaml(QtrConfigPanel *panel)
{
    return panel->yaml_page;
}

static void qtr_config_panel_dispose(GObject *object)
{
    g_clear_handle_id(&QTR_CONFIG_PANEL(object)->folding, g_source_remove);
    G_OBJECT_CLASS(qtr_config_panel_parent_class)->dispose(object);
}

static void qtr_config_panel_finalize(GObject *object)
{
    g_hash_table_unref(QTR_CONFIG_PANEL(object)->rows);
    G_OBJECT_CLASS(qtr_config_panel_parent_class)->finalize(object);
}

static void qtr_config_panel_class_init(QtrConfigPanelClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_config_panel_dispose;
    G_OBJECT_CLASS(klass)->finalize = qtr_config_panel_finalize;
    QTR_PANEL_CLASS(klass)->set_document = qtr_config_panel_set_document;
    g_type_ensure(QTR_TYPE_YAML_VIEW);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-config-panel.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrConfigPanel, page_buttons);
    gtk_widget_class_bind_template_child(widget_class, QtrConfigPanel, leaflet);
    gtk_widget_class_bind_template_child(widget_class, QtrConfigPanel, form_page);
    gtk_widget_class_bind_template_child(widget_class, QtrConfigPanel, yaml_page);
    gtk_widget_class_bind_template_child(widget_class, QtrConfigPanel, form_button);
    gtk_widget_class_bind_template_child(widget_class, QtrConfigPanel, yaml_button);
    gtk_widget_class_bind_template_child(widget_class, QtrConfigPanel, form);
    gtk_widget_class_bind_template_callback(widget_class, on_page_toggled);
    gtk_widget_class_bind_template_callback(widget_class, on_folded);
    gtk_widget_class_install_action(widget_class, "config.copy-command", NULL, copy_command);
}

static void qtr_config_panel_init(QtrConfigPanel *self)
{
    self->rows = g_hash_table_new(g_str_hash, g_str_equal);
    gtk_widget_init_template(GTK_WIDGET(self));
}
