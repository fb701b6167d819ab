#include "qtr-results-plot.h"

#include "qtr-chooser.h"
#include "qtr-panel.h"
#include "qtr-pareto.h"
#include "qtr-settings.h"

#include <glib/gi18n.h>
#include <math.h>

struct _QtrResultsPlot {
    AdwBin parent_instance;

    GPtrArray *plotted; /* QtrRunItem of each point */

    /* template widgets */
    QtrPareto *pareto;
};

G_DEFINE_FINAL_TYPE(QtrResultsPlot, qtr_results_plot, ADW_TYPE_BIN)

static guint chosen_signal;

void qtr_results_plot_show(QtrResultsPlot *self, GListModel *runs, const char *set)
{
    GArray *points = g_array_new(FALSE, TRUE, sizeof(QtrParetoPoint));
    g_autofree char *y_label = g_strdup_printf(_("PSNR on %s (dB)"), set ? set : "");
    double bicubic = NAN;

    g_ptr_array_set_size(self->plotted, 0);
    for (guint i = 0; i < g_list_model_get_n_items(runs); i++) {
        QtrRunItem *item = g_list_model_get_item(runs, i);
        const QtrValidationRow *row = qtr_run_item_find_row(item, set);
        QtrParetoPoint point = {NAN, NAN, NULL};

        if (row && isfinite(row->psnr) && row->bitops_32 > 0) {
            point = (QtrParetoPoint){row->bitops_32, row->psnr,
                                     g_strdup(qtr_run_item_get_snapshot(item)->name)};
            bicubic = isfinite(row->psnr_bicubic) ? row->psnr_bicubic : bicubic;
            g_array_append_val(points, point);
            g_ptr_array_add(self->plotted, item);
        } else {
            g_object_unref(item);
        }
    }
    gtk_widget_set_visible(GTK_WIDGET(self), points->len > 0);
    qtr_pareto_take_points(self->pareto, points, _("BitOps at 32 × 32"), y_label, bicubic);
}

void qtr_results_plot_select(QtrResultsPlot *self, QtrRunItem *item)
{
    guint at;

    qtr_pareto_select(self->pareto,
                      item && g_ptr_array_find(self->plotted, item, &at) ? (int)at : -1);
}

static void on_point(QtrResultsPlot *self, guint index)
{
    if (index < self->plotted->len)
        g_signal_emit(self, chosen_signal, 0, g_ptr_array_index(self->plotted, index));
}

static void on_plot_path(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    qtr_pareto_save(QTR_RESULTS_PLOT(widget)->pareto, paths[0], &error);
    qtr_toast_saved(widget, paths[0], error);
}

static void save_plot(GtkWidget *widget, const char *action, GVariant *target)
{
    g_autofree char *name = g_strdup_printf("pareto.%s", g_variant_get_string(target, NULL));

    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = _("Save Plot"),
                                        .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                                        .name = name},
                    on_plot_path, NULL, NULL);
}

static void qtr_results_plot_finalize(GObject *object)
{
    g_ptr_array_unref(QTR_RESULTS_PLOT(object)->plotted);
    G_OBJECT_CLASS(qtr_results_plot_parent_class)->finalize(object);
}

static void qtr_results_plot_class_init(QtrResultsPlotClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = qtr_results_plot_finalize;
    chosen_signal = g_signal_new("chosen", QTR_TYPE_RESULTS_PLOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, QTR_TYPE_RUN_ITEM);
    g_type_ensure(QTR_TYPE_PARETO);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-results-plot.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPlot, pareto);
    gtk_widget_class_bind_template_callback(widget_class, on_point);
    gtk_widget_class_install_action(widget_class, "plot.save", "s", save_plot);
}

static void qtr_results_plot_init(QtrResultsPlot *self)
{
    self->plotted = g_ptr_array_new_with_free_func(g_object_unref);
    gtk_widget_init_template(GTK_WIDGET(self));
}
