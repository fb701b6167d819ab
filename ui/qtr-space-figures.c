#include "qtr-space-figures.h"

#include "qtr-run-status.h"
#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum {
    FIGURE_COUNT,
    FIGURE_COST,
    FIGURE_PARAMETERS,
    FIGURE_SIZE,
    FIGURE_EPOCH,
    FIGURE_MEMORY,
    N_FIGURES
};

struct _QtrSpaceFigures {
    AdwBin parent_instance;

    GtkFlowBox *box;
    GtkLabel *values[N_FIGURES];
};

G_DEFINE_FINAL_TYPE(QtrSpaceFigures, qtr_space_figures, ADW_TYPE_BIN)

static char *format_count(const QtrSpace *space)
{
    double whole = floor(space->count_log10);

    if (strlen(space->count) <= 6)
        return g_strdup(space->count);
    return g_strdup_printf("%.1f × 10<sup>%.0f</sup>", pow(10, space->count_log10 - whole), whole);
}

static char *format_range(double low, double high)
{
    char from[32], to[32];

    return g_strdup_printf("%s – %s", qtr_draw_si(low, from, sizeof from),
                           qtr_draw_si(high, to, sizeof to));
}

static char *format_costs(const QtrCost *low, const QtrCost *high)
{
    g_autofree char *range = format_range(low->bitops, high->bitops);

    return g_strdup_printf("%sBitOps", range);
}

/* In one unit for both. */
static char *format_sizes(const QtrCost *low, const QtrCost *high)
{
    gboolean large = high->packed_bytes >= 1000 * 1024;
    double unit = large ? 0x1p20 : 0x1p10;
    double from = (double)low->packed_bytes / unit, to = (double)high->packed_bytes / unit;
    int digits = to < 100 ? 2 : 0;

    return g_strdup_printf("%.*f – %.*f %s", digits, from, digits, to, large ? "MiB" : "KiB");
}

static void show_space(QtrSpaceFigures *self, const QtrSpace *space)
{
    const QtrCost *low = &space->cheapest_cost, *high = &space->dearest_cost;
    g_autofree char *count = format_count(space);
    g_autofree char *costs = format_costs(low, high);
    g_autofree char *parameters = format_range((double)low->parameters, (double)high->parameters);
    g_autofree char *size = format_sizes(low, high);
    const char *texts[] = {count, costs, parameters, size};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        gtk_label_set_markup(self->values[i], texts[i]);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->values[FIGURE_COUNT]), space->count);
}

void qtr_space_figures_show(QtrSpaceFigures *self, const QtrSpace *space)
{
    g_return_if_fail(QTR_IS_SPACE_FIGURES(self));
    if (space)
        show_space(self, space);
    for (int i = 0; !space && i < FIGURE_EPOCH; i++)
        gtk_label_set_label(self->values[i], "–");
}

static char *format_step(double seconds)
{
    return seconds < 1 ? g_strdup_printf(_("%.0f ms a step"), 1000 * seconds)
                       : g_strdup_printf(_("%.1f s a step"), seconds);
}

/* Without images there is no length of an epoch. */
static char *format_epoch(const QtrMeasured *measured)
{
    return isfinite(measured->epoch) ? qtr_run_status_duration(measured->epoch)
                                     : format_step(measured->step);
}

static char *describe(const QtrMeasured *measured)
{
    g_autofree char *step = format_step(measured->step);
    g_autofree char *search =
        isfinite(measured->search) ? qtr_run_status_duration(measured->search) : NULL;

    if (!search)
        return g_strdup_printf(_("%s on %s; how many there are depends on the training images"),
                               step, measured->device);
    return g_strdup_printf(_("%s on %s, %d steps an epoch, %s for all epochs of the search"), step,
                           measured->device, measured->epoch_steps, search);
}

void qtr_space_figures_show_measured(QtrSpaceFigures *self, const QtrMeasured *measured)
{
    gboolean known = measured && !measured->failure;
    g_autofree char *epoch = known ? format_epoch(measured) : g_strdup("–");
    g_autofree char *memory =
        known && measured->memory >= 0
            ? g_format_size_full((guint64)measured->memory, G_FORMAT_SIZE_IEC_UNITS)
            : g_strdup("–");
    g_autofree char *tip = known ? describe(measured) : NULL;

    g_return_if_fail(QTR_IS_SPACE_FIGURES(self));
    gtk_label_set_label(self->values[FIGURE_EPOCH], epoch);
    gtk_label_set_label(self->values[FIGURE_MEMORY], memory);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->values[FIGURE_EPOCH]), tip);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->values[FIGURE_MEMORY]), tip);
}

static void add_figure(QtrSpaceFigures *self, int index, const char *title)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
    GtkWidget *name = gtk_label_new(title), *value = gtk_label_new("–");
    GtkWidget *child = gtk_flow_box_child_new();

    gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
    gtk_label_set_xalign(GTK_LABEL(name), 0);
    gtk_label_set_xalign(GTK_LABEL(value), 0);
    gtk_widget_add_css_class(name, "caption");
    gtk_widget_add_css_class(name, "dim-label");
    gtk_widget_add_css_class(value, "heading");
    gtk_widget_add_css_class(value, "numeric");
    gtk_box_append(GTK_BOX(box), name);
    gtk_box_append(GTK_BOX(box), value);
    gtk_flow_box_child_set_child(GTK_FLOW_BOX_CHILD(child), box);
    gtk_widget_set_focusable(child, FALSE);
    gtk_flow_box_append(self->box, child);
    self->values[index] = GTK_LABEL(value);
}

static void qtr_space_figures_class_init(QtrSpaceFiguresClass *klass)
{
}

static void qtr_space_figures_init(QtrSpaceFigures *self)
{
    self->box = GTK_FLOW_BOX(gtk_flow_box_new());
    gtk_flow_box_set_selection_mode(self->box, GTK_SELECTION_NONE);
    gtk_flow_box_set_min_children_per_line(self->box, 1);
    gtk_flow_box_set_max_children_per_line(self->box, N_FIGURES);
    gtk_flow_box_set_column_spacing(self->box, 12);
    gtk_widget_add_css_class(GTK_WIDGET(self->box), "figures");
    adw_bin_set_child(ADW_BIN(self), GTK_WIDGET(self->box));
    add_figure(self, FIGURE_COUNT, _("Architectures"));
    add_figure(self, FIGURE_COST, _("Cheapest to dearest"));
    add_figure(self, FIGURE_PARAMETERS, _("Parameters"));
    add_figure(self, FIGURE_SIZE, _("Packed size"));
    add_figure(self, FIGURE_EPOCH, _("Time of an epoch"));
    add_figure(self, FIGURE_MEMORY, _("Device memory"));
}
