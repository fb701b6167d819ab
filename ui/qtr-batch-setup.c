#include "qtr-batch-setup.h"

#include "qtr-settings.h"
#include "run/config-yaml.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _QtrBatchSetup {
    AdwBin parent_instance;

    QtrDocument *document; /* borrowed */
    QtrDevices *devices;
    GPtrArray *rows; /* of devices, as GtkCheckButton with "key" */

    /* template widgets */
    GtkEditable *name_row, *values_row;
    GtkSpinButton *trials_spin;
    AdwPreferencesGroup *devices_group;
    GtkLabel *summary_label;
};

G_DEFINE_FINAL_TYPE(QtrBatchSetup, qtr_batch_setup, ADW_TYPE_BIN)

const char *qtr_batch_setup_get_name(QtrBatchSetup *self)
{
    return gtk_editable_get_text(self->name_row);
}

static int trials_of(QtrBatchSetup *self)
{
    return gtk_spin_button_get_value_as_int(self->trials_spin);
}

/* The penalties, or NULL with the reason. */
static char **get_values(QtrBatchSetup *self, char **reason)
{
    g_auto(GStrv) parts = g_strsplit_set(gtk_editable_get_text(self->values_row), " ,;\t", -1);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);

    for (char **part = parts; *part; part++) {
        char *end;
        double value = g_ascii_strtod(*part, &end);

        if (!**part)
            continue;
        if (*end || !isfinite(value) || value < 0) {
            *reason = g_strdup_printf(_("“%s” is no penalty: numbers from 0 on, with spaces "
                                        "between them"),
                                      *part);
            return NULL;
        }
        g_ptr_array_add(values, g_strdup(*part));
    }
    if (values->len == 0) {
        *reason = g_strdup(_("Give at least one penalty, for instance 0.001"));
        return NULL;
    }
    g_ptr_array_set_free_func(values, NULL);
    g_ptr_array_add(values, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&values), FALSE);
}

static gboolean check(QtrBatchSetup *self, char **reason)
{
    const char *name = qtr_batch_setup_get_name(self);
    const QtrConfigProblem *problem =
        self->document ? qtr_document_find_problem(self->document, NULL) : NULL;

    if (problem)
        *reason = g_strdup_printf(_("The configuration has an error: %s %s"), problem->key,
                                  problem->message);
    else if (!*name || *name == '.' || strchr(name, '/'))
        *reason = g_strdup(_("Give the batch a name that can be a folder's"));
    return !*reason;
}

static GPtrArray *chosen_devices(QtrBatchSetup *self)
{
    GPtrArray *keys = g_ptr_array_new();

    for (guint i = 0; i < self->rows->len; i++) {
        GtkCheckButton *button = g_ptr_array_index(self->rows, i);

        if (gtk_check_button_get_active(button))
            g_ptr_array_add(keys, g_object_get_data(G_OBJECT(button), "key"));
    }
    return keys;
}

static void add(GPtrArray *args, const char *text)
{
    g_ptr_array_add(args, g_strdup(text));
}

GPtrArray *qtr_batch_setup_arguments(QtrBatchSetup *self, const char *config,
                                     const char *runs_folder, char **reason)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) devices = NULL;
    g_autofree char *folder = qtr_yaml_quote(runs_folder);
    g_auto(GStrv) values = NULL;

    *reason = NULL;
    if (!check(self, reason) || !(values = get_values(self, reason)))
        return NULL;
    for (const char *const *a = (const char *const[]){"batch", "-q", "-c", config, "-v", NULL}; *a;
         a++)
        add(args, *a);
    for (char **value = values; *value; value++)
        add(args, *value);
    add(args, "-d");
    add(args, qtr_batch_setup_get_name(self));
    add(args, "-n");
    add(args, qtr_batch_setup_get_name(self));
    add(args, "-r");
    g_ptr_array_add(args, g_strdup_printf("%d", trials_of(self)));
    devices = chosen_devices(self);
    if (devices->len > 0)
        add(args, "-g");
    for (guint i = 0; i < devices->len; i++)
        add(args, g_ptr_array_index(devices, i));
    add(args, "--set");
    g_ptr_array_add(args, g_strdup_printf("env.log_dir=%s", folder)); /* YAML, as all values */
    g_ptr_array_add(args, NULL);
    return g_steal_pointer(&args);
}

static void on_changed(QtrBatchSetup *self)
{
    g_autofree char *reason = NULL;
    g_auto(GStrv) values = NULL;
    gboolean ok = check(self, &reason) && (values = get_values(self, &reason));
    g_autofree char *text = NULL;

    if (ok) {
        guint n = g_strv_length(values) * (guint)trials_of(self);

        text = g_strdup_printf(ngettext("%u run", "%u runs", n), n);
    }
    gtk_label_set_label(self->summary_label, ok ? text : reason);
    if (ok)
        gtk_widget_remove_css_class(GTK_WIDGET(self->summary_label), "error");
    else
        gtk_widget_add_css_class(GTK_WIDGET(self->summary_label), "error");
}

static void add_device(QtrBatchSetup *self, QtrDeviceItem *device, gboolean active)
{
    GtkWidget *row = adw_action_row_new(), *check_button = gtk_check_button_new();
    const char *failure = qtr_device_item_get_failure(device);
    g_autofree char *title = g_markup_escape_text(qtr_device_item_get_name(device), -1);
    g_autofree char *subtitle =
        failure ? g_markup_escape_text(failure, -1)
                : g_strdup(qtr_device_item_get_index(device) < 0 ? "" : _("Self-test passed"));

    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
    adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 3);
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), check_button);
    adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), check_button);
    gtk_check_button_set_active(GTK_CHECK_BUTTON(check_button), active);
    gtk_widget_set_sensitive(row, !failure);
    g_object_set_data_full(G_OBJECT(check_button), "key", g_strdup(qtr_device_item_get_key(device)),
                           g_free);
    g_object_set_data(G_OBJECT(check_button), "row", row);
    adw_preferences_group_add(self->devices_group, row);
    g_ptr_array_add(self->rows, check_button);
}

/* The choice "the best one" is left to what is without a check mark. */
static void fill_devices(QtrBatchSetup *self)
{
    GListModel *model = G_LIST_MODEL(self->devices);
    const char *message = qtr_devices_get_message(self->devices);

    for (guint i = 0; i < self->rows->len; i++)
        adw_preferences_group_remove(
            self->devices_group,
            g_object_get_data(G_OBJECT(g_ptr_array_index(self->rows, i)), "row"));
    g_ptr_array_set_size(self->rows, 0);
    for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
        g_autoptr(QtrDeviceItem) device = g_list_model_get_item(model, i);

        if (qtr_device_item_get_index(device) >= 0)
            add_device(self, device, self->rows->len == 0 && !qtr_device_item_get_failure(device));
    }
    adw_preferences_group_set_description(
        self->devices_group,
        message ? message
        : qtr_devices_is_loading(self->devices)
            ? _("Looking for devices…")
            : _("Trials run side by side, one on each. Without a choice the best one is taken."));
}

void qtr_batch_setup_set_document(QtrBatchSetup *self, QtrDocument *document)
{
    g_return_if_fail(QTR_IS_BATCH_SETUP(self));
    self->document = document;
    g_signal_connect_object(document, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
    on_changed(self);
}

static void qtr_batch_setup_dispose(GObject *object)
{
    QtrBatchSetup *self = QTR_BATCH_SETUP(object);

    if (self->devices)
        g_signal_handlers_disconnect_by_data(self->devices, self);
    g_clear_object(&self->devices);
    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    g_clear_pointer(&self->rows, g_ptr_array_unref);
    G_OBJECT_CLASS(qtr_batch_setup_parent_class)->dispose(object);
}

static void qtr_batch_setup_class_init(QtrBatchSetupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_batch_setup_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-batch-setup.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrBatchSetup, name_row);
    gtk_widget_class_bind_template_child(widget_class, QtrBatchSetup, values_row);
    gtk_widget_class_bind_template_child(widget_class, QtrBatchSetup, trials_spin);
    gtk_widget_class_bind_template_child(widget_class, QtrBatchSetup, devices_group);
    gtk_widget_class_bind_template_child(widget_class, QtrBatchSetup, summary_label);
    gtk_widget_class_bind_template_callback(widget_class, on_changed);
}

static void qtr_batch_setup_init(QtrBatchSetup *self)
{
    self->rows = g_ptr_array_new();
    gtk_widget_init_template(GTK_WIDGET(self));
    self->devices = qtr_devices_get();
    g_signal_connect_swapped(self->devices, "items-changed", G_CALLBACK(fill_devices), self);
    g_signal_connect_swapped(self->devices, "notify", G_CALLBACK(fill_devices), self);
    fill_devices(self);
    on_changed(self);
}
