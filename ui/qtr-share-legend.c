#include "qtr-share-legend.h"

#include "qtr-chart-scene.h"
#include "qtr-look.h"

#include <glib/gi18n.h>
#include <math.h>

#define STEPS 24
#define GAP 6.0f

GdkRGBA qtr_share_colour(double share, gboolean dark)
{
    QtrColour strong = qtr_chart_colour(0, dark);
    float t = (float)sqrt(CLAMP(share, 0.0, 1.0));

    return (GdkRGBA){(float)strong.r, (float)strong.g, (float)strong.b, 0.06f + 0.94f * t};
}

void qtr_share_frame(GtkSnapshot *snapshot, const graphene_rect_t *bounds, float width,
                     GdkRGBA colour)
{
    GskRoundedRect rect;

    gsk_rounded_rect_init_from_rect(&rect, bounds, 3);
    gtk_snapshot_append_border(snapshot, &rect, (float[]){width, width, width, width},
                               (GdkRGBA[]){colour, colour, colour, colour});
}

struct _QtrShareLegend {
    GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE(QtrShareLegend, qtr_share_legend, GTK_TYPE_WIDGET)

/* From `x` on, in the middle of the height; where it ends. */
static float paint_text(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, float x)
{
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    GdkRGBA colour = qtr_look_colour(widget);
    int width, height;

    pango_layout_get_pixel_size(layout, &width, &height);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(
        snapshot,
        &GRAPHENE_POINT_INIT(x, ((float)gtk_widget_get_height(widget) - (float)height) / 2));
    gtk_snapshot_append_layout(snapshot, layout, &colour);
    gtk_snapshot_restore(snapshot);
    return x + (float)width;
}

static float paint_bar(GtkWidget *widget, GtkSnapshot *snapshot, float x, float width)
{
    float height = (float)qtr_look_font_pixels(widget);
    float y = ((float)gtk_widget_get_height(widget) - height) / 2;

    for (int i = 0; i < STEPS; i++) {
        float step = width / STEPS;
        GdkRGBA colour = qtr_share_colour((i + 0.5) / STEPS, qtr_look_is_dark(widget));

        gtk_snapshot_append_color(snapshot, &colour,
                                  &GRAPHENE_RECT_INIT(x + (float)i * step, y, step, height));
    }
    return x + width;
}

static void qtr_share_legend_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    float font = (float)qtr_look_font_pixels(widget);
    float x = paint_text(widget, snapshot, "0 %", 0);
    graphene_rect_t frame;

    x = paint_bar(widget, snapshot, x + GAP, 5 * font);
    x = paint_text(widget, snapshot, "100 %", x + GAP) + 3 * GAP;
    graphene_rect_init(&frame, x, ((float)gtk_widget_get_height(widget) - font) / 2 - 1, font + 2,
                       font + 2);
    qtr_share_frame(snapshot, &frame, 2, qtr_look_colour(widget));
    (void)paint_text(widget, snapshot, _("the likeliest"), x + font + 2 + GAP);
}

static void qtr_share_legend_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                     int *minimum, int *natural, int *minimum_baseline,
                                     int *natural_baseline)
{
    double font = qtr_look_font_pixels(widget);

    *minimum = *natural =
        (int)ceil(orientation == GTK_ORIENTATION_HORIZONTAL ? 15 * font : 1.6 * font);
}

static void qtr_share_legend_class_init(QtrShareLegendClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    widget_class->snapshot = qtr_share_legend_snapshot;
    widget_class->measure = qtr_share_legend_measure;
    gtk_widget_class_set_css_name(widget_class, "sharelegend");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void qtr_share_legend_init(QtrShareLegend *self)
{
    gtk_widget_add_css_class(GTK_WIDGET(self), "caption");
}
