#include "qtr-run-charts.h"

#include "qtr-chart.h"
#include "qtr-heat-map.h"
#include "qtr-run-space.h"
#include "qtr-settings.h"
#include "qtr-share-legend.h"

#include <glib/gi18n.h>

typedef struct {
    QtrCurve curve;
    const char *label;
    guint colour;
    QtrDash dash;
} Curve;

/* The charts in their order; a curve without points is left out, so is a chart without curves. */
static const struct {
    const char *title, *y_label;
    QtrRunJob job;
    Curve curves[5];
} chart_table[] = {
    {N_("Loss of the Search"),
     N_("loss"),
     QTR_RUN_SEARCH,
     {{QTR_CURVE_STEP_LOSS, N_("weights, each step"), 7, QTR_DASH_SOLID},
      {QTR_CURVE_STEP_ALPHA_LOSS, N_("alphas, each step"), 4, QTR_DASH_SOLID},
      {QTR_CURVE_TRAIN_LOSS, N_("weights"), 0, QTR_DASH_SOLID},
      {QTR_CURVE_ALPHA_LOSS, N_("alphas"), 2, QTR_DASH_SOLID},
      {QTR_CURVE_VAL_LOSS, N_("validation"), 1, QTR_DASH_DASHED}}},
    {N_("Loss of Training"),
     N_("loss"),
     QTR_RUN_TRAIN,
     {{QTR_CURVE_STEP_LOSS, N_("each step"), 7, QTR_DASH_SOLID},
      {QTR_CURVE_TRAIN_LOSS, N_("training"), 0, QTR_DASH_SOLID},
      {QTR_CURVE_VAL_LOSS, N_("validation"), 1, QTR_DASH_DASHED}}},
    {N_("PSNR in Training"), N_("dB"), QTR_RUN_TRAIN, {{QTR_CURVE_PSNR, N_("PSNR"), 2}}},
    {N_("Cost"),
     N_("FLOPs × bits of a crop"),
     QTR_RUN_SEARCH,
     {{QTR_CURVE_COST, N_("expected"), 0, QTR_DASH_SOLID},
      {QTR_CURVE_BEST_COST, N_("of the likeliest network"), 1, QTR_DASH_DASHED}}},
    {N_("Learning Rate of the Search"),
     N_("learning rate"),
     QTR_RUN_SEARCH,
     {{QTR_CURVE_LR, N_("learning rate"), 3}}},
    {N_("Temperature"),
     N_("temperature"),
     QTR_RUN_SEARCH,
     {{QTR_CURVE_TEMPERATURE, N_("temperature"), 4}}},
    {N_("Learning Rate of Training"),
     N_("learning rate"),
     QTR_RUN_TRAIN,
     {{QTR_CURVE_LR, N_("learning rate"), 3}}},
};
#define CHARTS G_N_ELEMENTS(chart_table)

struct _QtrRunCharts {
    AdwBin parent_instance;

    QtrRunSnapshot *snapshot;
    gboolean follows; /* the heat map shows the newest epoch */
    gboolean updating;
    const QtrRunAlphas *last_alphas; /* of what is shown, only to be compared */

    /* template widgets */
    GtkFlowBox *charts, *alphas;
    QtrHeatMap *heat_map;
    QtrChart *layer_chart;
    GtkLabel *epoch_label;
    GtkWidget *epoch_scale;
    GtkAdjustment *epoch_adjustment;
    QtrChart *chart[CHARTS];
};

G_DEFINE_FINAL_TYPE(QtrRunCharts, qtr_run_charts, ADW_TYPE_BIN)

static void fill_chart(QtrRunCharts *self, gsize i)
{
    GPtrArray *lines = g_ptr_array_new();
    gboolean any;

    for (gsize c = 0; self->snapshot && c < G_N_ELEMENTS(chart_table[i].curves); c++) {
        const Curve *curve = &chart_table[i].curves[c];
        const QtrSeries *series;
        QtrChartLine *line;

        if (!curve->label)
            break;
        series = self->snapshot->curves[chart_table[i].job][curve->curve];
        if (qtr_series_length(series) == 0)
            continue;
        line = qtr_chart_line_new_series(_(curve->label), series, curve->colour, curve->dash);
        line->dots = curve->curve > QTR_CURVE_STEP_LR;
        g_ptr_array_add(lines, line);
    }
    any = lines->len > 0;
    qtr_chart_take_lines(self->chart[i], lines);
    gtk_widget_set_visible(gtk_widget_get_parent(GTK_WIDGET(self->chart[i])), any);
}

/* One curve a choice: a colour for each primitive, a dash for each bit width. */
static GPtrArray *layer_lines(const QtrRunSnapshot *s, guint layer)
{
    const QtrRunLayer *l = &g_array_index(s->space->layers, QtrRunLayer, layer);
    GPtrArray *lines = g_ptr_array_new();
    guint bits = s->space->bits->len;

    for (guint j = 0; j < l->n_primitives * bits; j++) {
        g_autofree char *label = g_strdup_printf(_("%s, %d bits"), l->primitives[j / bits],
                                                 g_array_index(s->space->bits, int, j % bits));
        QtrChartLine *line =
            qtr_chart_line_new(label, NULL, 0, j / bits, (QtrDash)MIN(j % bits, 2u));

        for (guint e = 0; e < s->alphas->len; e++) {
            const QtrRunAlphas *alphas = g_ptr_array_index(s->alphas, e);
            double y = alphas->values[l->offset + j];
            QtrSeriesPoint p = {alphas->epoch + 1.0, y, y, y, 1};

            if (isfinite(y))
                g_array_append_val(line->points, p);
        }
        g_ptr_array_add(lines, line);
    }
    return lines;
}

static void fill_layer(QtrRunCharts *self)
{
    const QtrRunSnapshot *s = self->snapshot;
    guint layer = qtr_heat_map_get_layer(self->heat_map);
    g_autofree char *name = NULL;
    g_autofree char *title = NULL;

    if (!s || !s->space || s->alphas->len == 0 || layer >= s->space->layers->len)
        return;
    name = qtr_run_space_layer_title(s->space, layer);
    title = g_strdup_printf(_("Alphas of %s"), name);
    g_object_set(self->layer_chart, "title", title, NULL);
    qtr_chart_take_lines(self->layer_chart, layer_lines(s, layer));
}

static void fill_heat_map(QtrRunCharts *self)
{
    const QtrRunSnapshot *s = self->snapshot;
    guint n = s ? s->alphas->len : 0;
    guint at = (guint)CLAMP(gtk_adjustment_get_value(self->epoch_adjustment), 0, n ? n - 1 : 0);
    const QtrRunAlphas *alphas = n ? g_ptr_array_index(s->alphas, at) : NULL;
    g_autofree char *text = NULL;

    qtr_heat_map_set(self->heat_map, self->snapshot, alphas);
    if (!alphas)
        return;
    text = g_strdup_printf(
        _("Share of each choice after epoch %u. Choose a layer to see its alphas over time."),
        alphas->epoch + 1);
    gtk_label_set_label(self->epoch_label, text);
}

static void on_epoch_changed(QtrRunCharts *self)
{
    double value = gtk_adjustment_get_value(self->epoch_adjustment);

    if (self->updating)
        return;
    self->follows = value >= gtk_adjustment_get_upper(self->epoch_adjustment) - 0.5;
    fill_heat_map(self);
}

static void on_layer_changed(QtrRunCharts *self)
{
    fill_layer(self);
}

static void fill_alphas(QtrRunCharts *self)
{
    guint n = self->snapshot && self->snapshot->space ? self->snapshot->alphas->len : 0;
    const QtrRunAlphas *newest = n ? g_ptr_array_index(self->snapshot->alphas, n - 1) : NULL;

    /* Charts of forty curves are not made anew for every step. */
    if (newest && newest == self->last_alphas)
        return;
    self->last_alphas = newest;
    gtk_widget_set_visible(GTK_WIDGET(self->alphas), n > 0);
    gtk_widget_set_visible(self->epoch_scale, n > 1);
    self->updating = TRUE;
    gtk_adjustment_set_upper(self->epoch_adjustment, n ? n - 1 : 0);
    if (self->follows)
        gtk_adjustment_set_value(self->epoch_adjustment, n ? n - 1 : 0);
    self->updating = FALSE;
    fill_heat_map(self);
    fill_layer(self);
}

void qtr_run_charts_set_snapshot(QtrRunCharts *self, QtrRunSnapshot *snapshot)
{
    g_return_if_fail(QTR_IS_RUN_CHARTS(self));
    if (!self->snapshot || !snapshot || !g_str_equal(self->snapshot->dir, snapshot->dir))
        self->follows = TRUE;
    if (snapshot)
        qtr_run_snapshot_ref(snapshot);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    self->snapshot = snapshot;
    for (gsize i = 0; i < CHARTS; i++)
        fill_chart(self, i);
    fill_alphas(self);
}

static void qtr_run_charts_dispose(GObject *object)
{
    QtrRunCharts *self = QTR_RUN_CHARTS(object);

    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    G_OBJECT_CLASS(qtr_run_charts_parent_class)->dispose(object);
}

static void qtr_run_charts_class_init(QtrRunChartsClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_run_charts_dispose;
    g_type_ensure(QTR_TYPE_HEAT_MAP);
    g_type_ensure(QTR_TYPE_SHARE_LEGEND);
    g_type_ensure(QTR_TYPE_CHART);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-run-charts.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrRunCharts, charts);
    gtk_widget_class_bind_template_child(widget_class, QtrRunCharts, alphas);
    gtk_widget_class_bind_template_child(widget_class, QtrRunCharts, heat_map);
    gtk_widget_class_bind_template_child(widget_class, QtrRunCharts, layer_chart);
    gtk_widget_class_bind_template_child(widget_class, QtrRunCharts, epoch_label);
    gtk_widget_class_bind_template_child(widget_class, QtrRunCharts, epoch_scale);
    gtk_widget_class_bind_template_child(widget_class, QtrRunCharts, epoch_adjustment);
    gtk_widget_class_bind_template_callback(widget_class, on_epoch_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_layer_changed);
}

static void qtr_run_charts_init(QtrRunCharts *self)
{
    self->follows = TRUE;
    gtk_widget_init_template(GTK_WIDGET(self));
    for (gsize i = 0; i < CHARTS; i++) {
        GtkWidget *chart = qtr_chart_new(_(chart_table[i].title));
        GtkWidget *child;

        g_object_set(chart, "x-label", _("epoch"), "y-label", _(chart_table[i].y_label),
                     "width-request", 300, "height-request", 280, NULL);
        gtk_flow_box_append(self->charts, chart);
        child = gtk_widget_get_parent(chart);
        gtk_widget_set_focusable(child, FALSE);
        gtk_widget_set_visible(child, FALSE);
        self->chart[i] = QTR_CHART(chart);
    }
}
