#include "qtr-chart.h"

#include "qtr-chooser.h"
#include "qtr-look.h"
#include "qtr-panel.h"
#include "qtr-settings.h"

#include <glib/gi18n.h>
#include <string.h>

struct _QtrChart {
    AdwBin parent_instance;

    GtkLabel *title_label, *message_label;
    GtkWidget *reset_button;
    QtrChartPlot *plot;
    GtkFlowBox *legend;
};

G_DEFINE_FINAL_TYPE(QtrChart, qtr_chart, ADW_TYPE_BIN)

enum { PROP_0, PROP_TITLE, PROP_X_LABEL, PROP_Y_LABEL, PROP_LOG_SCALE, PROP_MESSAGE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static QtrChartScene *scene_of(QtrChart *self)
{
    return qtr_chart_plot_get_scene(self->plot);
}

static void paint_swatch(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
    static const double dashes[] = {6, 3}, dots[] = {1.5, 2.5};
    guint look = GPOINTER_TO_UINT(data);
    QtrDash dash = (QtrDash)(look & 3);

    qtr_draw_set_colour(cr, qtr_chart_colour(look >> 2, qtr_look_is_dark(GTK_WIDGET(area))));
    cairo_set_line_width(cr, 3);
    if (dash != QTR_DASH_SOLID)
        cairo_set_dash(cr, dash == QTR_DASH_DASHED ? dashes : dots, 2, 0);
    cairo_move_to(cr, 0, height / 2.0);
    cairo_line_to(cr, width, height / 2.0);
    cairo_stroke(cr);
}

static void on_legend_toggled(GtkToggleButton *button, QtrChart *self)
{
    guint i = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(button), "line"));
    GPtrArray *lines = scene_of(self)->lines;

    if (i < lines->len)
        ((QtrChartLine *)g_ptr_array_index(lines, i))->hidden =
            !gtk_toggle_button_get_active(button);
    gtk_widget_set_opacity(GTK_WIDGET(button), gtk_toggle_button_get_active(button) ? 1 : 0.5);
    qtr_chart_plot_changed(self->plot);
}

static GtkWidget *make_entry(QtrChart *self, guint i, const QtrChartLine *line)
{
    GtkWidget *button = gtk_toggle_button_new();
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *swatch = gtk_drawing_area_new();
    GtkWidget *label = gtk_label_new(line->label);

    gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(swatch), 18);
    gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(swatch), 8);
    gtk_widget_set_valign(swatch, GTK_ALIGN_CENTER);
    gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(swatch), paint_swatch,
                                   GUINT_TO_POINTER(line->colour << 2 | (guint)line->dash), NULL);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_box_append(GTK_BOX(box), swatch);
    gtk_box_append(GTK_BOX(box), label);
    gtk_button_set_child(GTK_BUTTON(button), box);
    gtk_widget_add_css_class(button, "flat");
    gtk_widget_add_css_class(button, "legend");
    gtk_widget_set_tooltip_text(button, _("Show or hide this curve"));
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(button), !line->hidden);
    gtk_widget_set_opacity(button, line->hidden ? 0.5 : 1);
    g_object_set_data(G_OBJECT(button), "line", GUINT_TO_POINTER(i));
    g_signal_connect(button, "toggled", G_CALLBACK(on_legend_toggled), self);
    return button;
}

static void fill_legend(QtrChart *self)
{
    GPtrArray *lines = scene_of(self)->lines;
    GtkWidget *child;

    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->legend))))
        gtk_flow_box_remove(self->legend, child);
    for (guint i = 0; i < lines->len; i++) {
        gtk_flow_box_append(self->legend, make_entry(self, i, g_ptr_array_index(lines, i)));
        /* The button in it takes the focus. */
        child = gtk_widget_get_last_child(GTK_WIDGET(self->legend));
        gtk_widget_set_focusable(child, FALSE);
    }
    gtk_widget_set_visible(GTK_WIDGET(self->legend), lines->len > 1);
}

static gboolean looks_same(const GPtrArray *a, const GPtrArray *b)
{
    for (guint i = 0; a->len == b->len && i < a->len; i++) {
        const QtrChartLine *x = g_ptr_array_index(a, i), *y = g_ptr_array_index(b, i);

        if (g_strcmp0(x->label, y->label) != 0 || x->colour != y->colour || x->dash != y->dash)
            return FALSE;
    }
    return a->len == b->len;
}

static void keep_hidden(const GPtrArray *old, GPtrArray *lines)
{
    for (guint i = 0; i < lines->len; i++) {
        QtrChartLine *line = g_ptr_array_index(lines, i);

        for (guint j = 0; j < old->len; j++) {
            const QtrChartLine *other = g_ptr_array_index(old, j);

            if (other->hidden && g_strcmp0(other->label, line->label) == 0)
                line->hidden = TRUE;
        }
    }
}

/* Curves only grow or are merged: their ends tell. */
static gboolean have_same_points(const GPtrArray *a, const GPtrArray *b)
{
    for (guint i = 0; i < a->len; i++) {
        const GArray *x = ((QtrChartLine *)g_ptr_array_index(a, i))->points;
        const GArray *y = ((QtrChartLine *)g_ptr_array_index(b, i))->points;

        if (x->len != y->len ||
            (x->len > 0 &&
             memcmp(&g_array_index(x, QtrSeriesPoint, x->len - 1),
                    &g_array_index(y, QtrSeriesPoint, y->len - 1), sizeof(QtrSeriesPoint)) != 0) ||
            (x->len > 0 && memcmp(x->data, y->data, sizeof(QtrSeriesPoint)) != 0))
            return FALSE;
    }
    return TRUE;
}

static gboolean has_points(const GPtrArray *lines)
{
    for (guint i = 0; i < lines->len; i++)
        if (((QtrChartLine *)g_ptr_array_index(lines, i))->points->len > 0)
            return TRUE;
    return FALSE;
}

void qtr_chart_take_lines(QtrChart *self, GPtrArray *lines)
{
    QtrChartScene *scene;
    g_autoptr(GPtrArray) old = NULL;

    g_return_if_fail(QTR_IS_CHART(self));
    scene = scene_of(self);
    old = scene->lines;
    g_ptr_array_set_free_func(lines, (GDestroyNotify)qtr_chart_line_free);
    if (lines->len > 0 && looks_same(old, lines) && have_same_points(old, lines)) {
        g_ptr_array_unref(lines);
        g_ptr_array_ref(old);
        return;
    }
    keep_hidden(old, lines);
    scene->lines = lines;
    if (!looks_same(old, lines))
        fill_legend(self);
    gtk_widget_set_visible(GTK_WIDGET(self->message_label), !has_points(lines));
    qtr_chart_plot_changed(self->plot);
}

gboolean qtr_chart_save(QtrChart *self, const char *path, GError **error)
{
    g_return_val_if_fail(QTR_IS_CHART(self), FALSE);
    return qtr_chart_scene_save(scene_of(self), path, error);
}

static void on_path(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    qtr_chart_save(QTR_CHART(widget), paths[0], &error);
    qtr_toast_saved(widget, paths[0], error);
}

static void export(GtkWidget *widget, const char *action, GVariant *target)
{
    const char *extension = g_variant_get_string(target, NULL);
    const char *title = scene_of(QTR_CHART(widget))->title;
    g_autofree char *name =
        g_strdup_printf("%s.%s", title && *title ? title : _("Chart"), extension);

    g_strdelimit(name, "/\\", '-');
    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = _("Save Chart"),
                                        .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                                        .name = name},
                    on_path, NULL, NULL);
}

static void reset(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_chart_plot_reset(QTR_CHART(widget)->plot);
}

static char **label_of(QtrChart *self, guint id)
{
    QtrChartScene *scene = scene_of(self);

    return id == PROP_TITLE     ? &scene->title
           : id == PROP_X_LABEL ? &scene->x_label
                                : &scene->y_label;
}

static void qtr_chart_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    QtrChart *self = QTR_CHART(object);

    if (id == PROP_LOG_SCALE)
        g_value_set_boolean(value, scene_of(self)->log_y);
    else if (id == PROP_MESSAGE)
        g_value_set_string(value, gtk_label_get_label(self->message_label));
    else
        g_value_set_string(value, *label_of(self, id));
}

static void qtr_chart_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    QtrChart *self = QTR_CHART(object);

    if (id == PROP_LOG_SCALE) {
        scene_of(self)->log_y = g_value_get_boolean(value);
    } else if (id == PROP_MESSAGE) {
        gtk_label_set_label(self->message_label, g_value_get_string(value));
    } else {
        g_free(*label_of(self, id));
        *label_of(self, id) = g_value_dup_string(value);
    }
    if (id == PROP_TITLE) {
        gtk_label_set_label(self->title_label, g_value_get_string(value));
        gtk_accessible_update_property(GTK_ACCESSIBLE(self->plot), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       g_value_get_string(value), -1);
    }
    qtr_chart_plot_changed(self->plot);
}

static void on_zoomed(QtrChart *self)
{
    gboolean zoomed = qtr_chart_plot_is_zoomed(self->plot);

    gtk_widget_set_visible(self->reset_button, zoomed);
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "chart.reset", zoomed);
}

static void qtr_chart_dispose(GObject *object)
{
    GtkWidget *child = adw_bin_get_child(ADW_BIN(object));

    if (child)
        adw_bin_set_child(ADW_BIN(object), NULL);
    G_OBJECT_CLASS(qtr_chart_parent_class)->dispose(object);
}

static void install_properties(GObjectClass *object_class)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

    properties[PROP_TITLE] = g_param_spec_string("title", NULL, NULL, NULL, flags);
    properties[PROP_X_LABEL] = g_param_spec_string("x-label", NULL, NULL, NULL, flags);
    properties[PROP_Y_LABEL] = g_param_spec_string("y-label", NULL, NULL, NULL, flags);
    properties[PROP_LOG_SCALE] = g_param_spec_boolean("log-scale", NULL, NULL, FALSE, flags);
    properties[PROP_MESSAGE] = g_param_spec_string("message", NULL, NULL, NULL, flags);
    g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void qtr_chart_class_init(QtrChartClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    object_class->dispose = qtr_chart_dispose;
    object_class->get_property = qtr_chart_get_property;
    object_class->set_property = qtr_chart_set_property;
    install_properties(object_class);
    g_type_ensure(QTR_TYPE_CHART_PLOT);
    gtk_widget_class_set_template_from_resource(widget_class, QTR_RESOURCE_PATH "qtr-chart.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrChart, title_label);
    gtk_widget_class_bind_template_child(widget_class, QtrChart, message_label);
    gtk_widget_class_bind_template_child(widget_class, QtrChart, reset_button);
    gtk_widget_class_bind_template_child(widget_class, QtrChart, plot);
    gtk_widget_class_bind_template_child(widget_class, QtrChart, legend);
    gtk_widget_class_install_action(widget_class, "chart.export", "s", export);
    gtk_widget_class_install_action(widget_class, "chart.reset", NULL, reset);
    gtk_widget_class_install_property_action(widget_class, "chart.log-scale", "log-scale");
}

static void qtr_chart_init(QtrChart *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    g_signal_connect_swapped(self->plot, "notify::zoomed", G_CALLBACK(on_zoomed), self);
    on_zoomed(self);
}

GtkWidget *qtr_chart_new(const char *title)
{
    return g_object_new(QTR_TYPE_CHART, "title", title, NULL);
}

QtrChartPlot *qtr_chart_get_plot(QtrChart *self)
{
    g_return_val_if_fail(QTR_IS_CHART(self), NULL);
    return self->plot;
}
