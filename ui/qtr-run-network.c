#include "qtr-run-network.h"

#include "qtr-chooser.h"
#include "qtr-drawing-view.h"
#include "qtr-panel.h"
#include "qtr-settings.h"

#include <glib/gi18n.h>

struct _QtrRunNetwork {
    AdwBin parent_instance;

    QtrRunSnapshot *snapshot;
    char *shown; /* genotype now drawn */

    /* template widgets */
    GtkWidget *choice;
    GtkToggleButton *best_button, *latest_button;
    QtrDrawingView *view;
};

G_DEFINE_FINAL_TYPE(QtrRunNetwork, qtr_run_network, ADW_TYPE_BIN)

static gboolean shows_best(QtrRunNetwork *self)
{
    return self->snapshot->best_genotype && gtk_toggle_button_get_active(self->best_button);
}

static void draw(QtrRunNetwork *self)
{
    const QtrRunSnapshot *s = self->snapshot;
    gboolean best = s && shows_best(self);
    const char *text = !s ? NULL : best ? s->best_genotype : s->genotype;
    QtrDrawCaption caption = QTR_DRAW_CAPTION_INIT;
    QtrGenotype genotype;
    QtrArch arch;

    if (g_strcmp0(text, self->shown) == 0)
        return;
    g_free(self->shown);
    self->shown = g_strdup(text);
    if (!s || !qtr_run_snapshot_get_genotype(s, best, &genotype, &arch)) {
        qtr_drawing_view_take(self->view, NULL);
        return;
    }
    if (s->genotype_epoch < 0) { /* no search at work here: it was chosen before */
        caption.title = _("The network of this run");
    } else {
        caption.title = best ? _("Best network of the search") : _("Latest network of the search");
        caption.epoch = (best ? s->best_epoch : s->genotype_epoch) + 1;
    }
    qtr_drawing_view_take(self->view, qtr_drawing_new_genotype(&genotype, &arch, &caption));
}

void qtr_run_network_set_snapshot(QtrRunNetwork *self, QtrRunSnapshot *snapshot)
{
    g_return_if_fail(QTR_IS_RUN_NETWORK(self));
    if (snapshot)
        qtr_run_snapshot_ref(snapshot);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    self->snapshot = snapshot;
    gtk_widget_set_visible(GTK_WIDGET(self), snapshot && snapshot->genotype);
    gtk_widget_set_visible(self->choice, snapshot && snapshot->best_genotype &&
                                             snapshot->best_epoch != snapshot->genotype_epoch);
    draw(self);
}

static void on_toggled(QtrRunNetwork *self)
{
    draw(self);
}

static void copy(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrRunNetwork *self = QTR_RUN_NETWORK(widget);

    if (!self->shown)
        return;
    gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), self->shown);
    qtr_toast(widget, _("Genotype copied"));
}

static void on_path(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    QtrRunNetwork *self = QTR_RUN_NETWORK(widget);
    g_autoptr(GError) error = NULL;
    QtrGenotype genotype;
    QtrArch arch;

    if (!self->snapshot ||
        !qtr_run_snapshot_get_genotype(self->snapshot, shows_best(self), &genotype, &arch))
        return;
    if (g_str_equal(user_data, "gen"))
        qtr_genotype_save(&genotype, paths[0], &error);
    else
        qtr_drawing_save(qtr_drawing_view_get(self->view), paths[0], &error);
    qtr_toast_saved(widget, paths[0], error);
}

static void save(GtkWidget *widget, const char *action, GVariant *target)
{
    const char *extension = g_variant_get_string(target, NULL);
    g_autofree char *name = g_strdup_printf("best_arch.%s", extension);

    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = _("Save Network"),
                                        .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                                        .name = name},
                    on_path, g_strdup(extension), g_free);
}

static void qtr_run_network_dispose(GObject *object)
{
    QtrRunNetwork *self = QTR_RUN_NETWORK(object);

    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    g_clear_pointer(&self->shown, g_free);
    G_OBJECT_CLASS(qtr_run_network_parent_class)->dispose(object);
}

static void qtr_run_network_class_init(QtrRunNetworkClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_run_network_dispose;
    g_type_ensure(QTR_TYPE_DRAWING_VIEW);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-run-network.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrRunNetwork, choice);
    gtk_widget_class_bind_template_child(widget_class, QtrRunNetwork, best_button);
    gtk_widget_class_bind_template_child(widget_class, QtrRunNetwork, latest_button);
    gtk_widget_class_bind_template_child(widget_class, QtrRunNetwork, view);
    gtk_widget_class_bind_template_callback(widget_class, on_toggled);
    gtk_widget_class_install_action(widget_class, "network.copy", NULL, copy);
    gtk_widget_class_install_action(widget_class, "network.save", "s", save);
}

static void qtr_run_network_init(QtrRunNetwork *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
