#include "qtr-compare-window.h"

#include "qtr-settings.h"
#include "run/config.h"
#include "run/folder.h"

#include <glib/gi18n.h>

struct _QtrCompareWindow {
    AdwWindow parent_instance;

    QtrConfig *configs[2]; /* NULL: unreadable */
    char *names[2];
    guint differing;

    /* template widgets */
    GtkToggleButton *all_button;
    GtkLabel *message;
    GtkGrid *grid;
};

G_DEFINE_FINAL_TYPE(QtrCompareWindow, qtr_compare_window, ADW_TYPE_WINDOW)

static void attach(QtrCompareWindow *self, int column, int line, const char *text,
                   const char *style)
{
    GtkWidget *label = gtk_label_new(text);

    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_yalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 36);
    gtk_label_set_selectable(GTK_LABEL(label), TRUE);
    gtk_widget_set_hexpand(label, column > 0);
    if (style)
        gtk_widget_add_css_class(label, style);
    gtk_grid_attach(self->grid, label, column, line, 1, 1);
}

static void fill(QtrCompareWindow *self)
{
    gboolean all = gtk_toggle_button_get_active(self->all_button);
    const QtrConfigKey *keys;
    GtkWidget *child;
    int line = 1;
    guint n;

    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->grid))))
        gtk_grid_remove(self->grid, child);
    self->differing = 0;
    if (!self->configs[0] || !self->configs[1]) {
        gtk_label_set_label(self->message, _("The configuration of a run could not be read."));
        return;
    }
    attach(self, 0, 0, _("Key"), "heading");
    attach(self, 1, 0, self->names[0], "heading");
    attach(self, 2, 0, self->names[1], "heading");
    keys = qtr_config_schema(&n);
    for (guint i = 0; i < n; i++) {
        g_autofree char *a = NULL;
        g_autofree char *b = NULL;
        gboolean same;

        if (keys[i].type == QTR_KEY_OBSOLETE)
            continue;
        a = qtr_config_value_text(self->configs[0], &keys[i]);
        b = qtr_config_value_text(self->configs[1], &keys[i]);
        same = g_str_equal(a, b);
        self->differing += !same;
        if (same && !all)
            continue;
        attach(self, 0, line, keys[i].path, "monospace");
        attach(self, 1, line, a, same ? "dim-label" : NULL);
        attach(self, 2, line++, b, same ? "dim-label" : NULL);
    }
    if (self->differing == 0) {
        gtk_label_set_label(self->message, _("The settings of the two runs are the same."));
    } else {
        g_autofree char *text =
            g_strdup_printf(ngettext("%u setting differs.", "%u settings differ.", self->differing),
                            self->differing);

        gtk_label_set_label(self->message, text);
    }
    gtk_widget_set_visible(GTK_WIDGET(self->grid), line > 1);
}

static void on_all_toggled(QtrCompareWindow *self)
{
    fill(self);
}

static void qtr_compare_window_finalize(GObject *object)
{
    QtrCompareWindow *self = QTR_COMPARE_WINDOW(object);

    for (int i = 0; i < 2; i++) {
        qtr_config_free(self->configs[i]);
        g_free(self->names[i]);
    }
    G_OBJECT_CLASS(qtr_compare_window_parent_class)->finalize(object);
}

static void qtr_compare_window_class_init(QtrCompareWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = qtr_compare_window_finalize;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-compare-window.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrCompareWindow, all_button);
    gtk_widget_class_bind_template_child(widget_class, QtrCompareWindow, message);
    gtk_widget_class_bind_template_child(widget_class, QtrCompareWindow, grid);
    gtk_widget_class_bind_template_callback(widget_class, on_all_toggled);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void qtr_compare_window_init(QtrCompareWindow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *qtr_compare_window_new(GtkWindow *parent, QtrRunItem *a, QtrRunItem *b)
{
    QtrCompareWindow *self = g_object_new(QTR_TYPE_COMPARE_WINDOW, "transient-for", parent, NULL);
    QtrRunItem *items[] = {a, b};

    for (int i = 0; i < 2; i++) {
        const QtrRunSnapshot *s = qtr_run_item_get_snapshot(items[i]);
        g_autofree char *path = qtr_folder_path(s->dir, QTR_FOLDER_CONFIG);

        self->configs[i] = qtr_config_load(path, NULL, NULL, NULL, NULL);
        self->names[i] = g_strdup(s->name);
    }
    fill(self);
    return GTK_WIDGET(self);
}

guint qtr_compare_window_count(QtrCompareWindow *self)
{
    return self->differing;
}
