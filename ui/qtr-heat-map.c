#include "qtr-heat-map.h"

#include "qtr-chart-scene.h"
#include "qtr-look.h"

#include <glib/gi18n.h>

struct _QtrHeatMap {
    GtkWidget parent_instance;

    QtrRunSnapshot *snapshot;
    const QtrRunAlphas *alphas; /* of snapshot */
    guint layer;
};

G_DEFINE_FINAL_TYPE(QtrHeatMap, qtr_heat_map, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_LAYER, N_PROPS };
static GParamSpec *properties[N_PROPS];

#define ROW 1.9f   /* of the font's height */
#define LABEL 7.5f /* likewise, width of the layers' names */

static guint n_layers(QtrHeatMap *self)
{
    return self->alphas && self->snapshot->space ? self->snapshot->space->layers->len : 0;
}

static const QtrRunLayer *layer_at(QtrHeatMap *self, guint i)
{
    return &g_array_index(self->snapshot->space->layers, QtrRunLayer, i);
}

static float font_of(QtrHeatMap *self)
{
    return (float)qtr_look_font_pixels(GTK_WIDGET(self));
}

/* From the ground's colour to a strong one; rising in lightness contrast, readable when grey. */
static GdkRGBA share_colour(double share, gboolean dark)
{
    QtrColour strong = qtr_chart_colour(0, dark);
    float t = (float)sqrt(CLAMP(share, 0.0, 1.0));

    return (GdkRGBA){(float)strong.r, (float)strong.g, (float)strong.b, 0.06f + 0.94f * t};
}

static void paint_label(QtrHeatMap *self, GtkSnapshot *snapshot, guint i, float y, float row)
{
    g_autofree char *title = qtr_run_space_layer_title(self->snapshot->space, i);
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), title);
    GdkRGBA colour = qtr_look_colour(GTK_WIDGET(self));
    int height;

    if (i == self->layer) {
        PangoAttrList *bold = pango_attr_list_new();

        pango_attr_list_insert(bold, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
        pango_layout_set_attributes(layout, bold);
        pango_attr_list_unref(bold);
    } else {
        colour.alpha *= 0.75f;
    }
    pango_layout_get_pixel_size(layout, NULL, &height);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(4, y + (row - (float)height) / 2));
    gtk_snapshot_append_layout(snapshot, layout, &colour);
    gtk_snapshot_restore(snapshot);
}

static void outline(GtkSnapshot *snapshot, const graphene_rect_t *bounds, float width,
                    GdkRGBA colour)
{
    GskRoundedRect rect;

    gsk_rounded_rect_init_from_rect(&rect, bounds, 3);
    gtk_snapshot_append_border(snapshot, &rect, (float[]){width, width, width, width},
                               (GdkRGBA[]){colour, colour, colour, colour});
}

static void paint_row(QtrHeatMap *self, GtkSnapshot *snapshot, guint i, float y, float row)
{
    gboolean dark = qtr_look_is_dark(GTK_WIDGET(self));
    g_autofree double *shares = qtr_run_space_shares(self->snapshot->space, self->alphas, i);
    guint n = layer_at(self, i)->n_primitives * self->snapshot->space->bits->len, best = 0;
    float left = LABEL * font_of(self);
    float cell = ((float)gtk_widget_get_width(GTK_WIDGET(self)) - left) / (float)n;

    for (guint j = 0; shares && j < n; j++) {
        GdkRGBA colour = share_colour(shares[j], dark);

        if (shares[j] > shares[best])
            best = j;
        gtk_snapshot_append_color(
            snapshot, &colour,
            &GRAPHENE_RECT_INIT(left + (float)j * cell, y + 1, MAX(1.0f, cell - 1), row - 2));
    }
    if (shares)
        outline(snapshot, &GRAPHENE_RECT_INIT(left + (float)best * cell - 1, y, cell + 1, row), 2,
                qtr_look_colour(GTK_WIDGET(self)));
}

static void qtr_heat_map_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrHeatMap *self = QTR_HEAT_MAP(widget);
    float row = ROW * font_of(self);
    QtrColour c = qtr_chart_colour(0, qtr_look_is_dark(widget));

    for (guint i = 0; i < n_layers(self); i++) {
        float y = (float)i * row;

        if (i == self->layer)
            gtk_snapshot_append_color(snapshot,
                                      &(GdkRGBA){(float)c.r, (float)c.g, (float)c.b, 0.15f},
                                      &GRAPHENE_RECT_INIT(0, y, LABEL * font_of(self) - 4, row));
        paint_label(self, snapshot, i, y, row);
        paint_row(self, snapshot, i, y, row);
    }
    if (gtk_widget_has_visible_focus(widget) && n_layers(self) > 0)
        outline(snapshot,
                &GRAPHENE_RECT_INIT(0, (float)self->layer * row,
                                    (float)gtk_widget_get_width(widget), row),
                2, (GdkRGBA){(float)c.r, (float)c.g, (float)c.b, 1});
}

static void qtr_heat_map_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                 int *minimum, int *natural, int *minimum_baseline,
                                 int *natural_baseline)
{
    QtrHeatMap *self = QTR_HEAT_MAP(widget);

    if (orientation == GTK_ORIENTATION_HORIZONTAL)
        *minimum = *natural = 180;
    else
        *minimum = *natural = MAX(24, (int)ceilf((float)n_layers(self) * ROW * font_of(self)));
}

guint qtr_heat_map_get_layer(QtrHeatMap *self)
{
    g_return_val_if_fail(QTR_IS_HEAT_MAP(self), 0);
    return self->layer;
}

void qtr_heat_map_set_layer(QtrHeatMap *self, guint layer)
{
    g_return_if_fail(QTR_IS_HEAT_MAP(self));
    if (layer == self->layer || layer >= n_layers(self))
        return;
    self->layer = layer;
    gtk_widget_queue_draw(GTK_WIDGET(self));
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LAYER]);
}

void qtr_heat_map_set(QtrHeatMap *self, QtrRunSnapshot *snapshot, const QtrRunAlphas *alphas)
{
    guint before;

    g_return_if_fail(QTR_IS_HEAT_MAP(self));
    before = n_layers(self);
    if (snapshot)
        qtr_run_snapshot_ref(snapshot);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    self->snapshot = snapshot;
    self->alphas = snapshot ? alphas : NULL;
    if (n_layers(self) != before) {
        self->layer = 0;
        gtk_widget_queue_resize(GTK_WIDGET(self));
    }
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static gboolean find_cell(QtrHeatMap *self, double x, double y, guint *layer, guint *choice)
{
    double row = (double)(ROW * font_of(self)), left = (double)(LABEL * font_of(self));
    double width = gtk_widget_get_width(GTK_WIDGET(self)) - left;
    guint n;

    if (y < 0 || y >= row * n_layers(self))
        return FALSE;
    *layer = (guint)(y / row);
    n = layer_at(self, *layer)->n_primitives * self->snapshot->space->bits->len;
    *choice = x < left || width <= 0 ? G_MAXUINT : MIN((guint)((x - left) / width * n), n - 1);
    return TRUE;
}

static gboolean on_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
                                 GtkTooltip *tooltip, gpointer unused)
{
    QtrHeatMap *self = QTR_HEAT_MAP(widget);
    g_autofree double *shares = NULL;
    g_autofree char *text = NULL;
    const QtrRunLayer *l;
    guint layer, choice, bits;

    if (keyboard || !find_cell(self, x, y, &layer, &choice) || choice == G_MAXUINT ||
        !(shares = qtr_run_space_shares(self->snapshot->space, self->alphas, layer)))
        return FALSE;
    l = layer_at(self, layer);
    bits = self->snapshot->space->bits->len;
    text = g_strdup_printf(_("%s %d\n%s, %d bits: %.1f %%\nalpha %.4g"), l->block, l->layer + 1,
                           l->primitives[choice / bits],
                           g_array_index(self->snapshot->space->bits, int, choice % bits),
                           100 * shares[choice], (double)self->alphas->values[l->offset + choice]);
    gtk_tooltip_set_text(tooltip, text);
    return TRUE;
}

static void on_pressed(GtkGestureClick *gesture, int n_press, double x, double y, QtrHeatMap *self)
{
    guint layer, choice;

    gtk_widget_grab_focus(GTK_WIDGET(self));
    if (find_cell(self, x, y, &layer, &choice))
        qtr_heat_map_set_layer(self, layer);
}

static gboolean on_key(GtkEventControllerKey *controller, guint key, guint code,
                       GdkModifierType state, QtrHeatMap *self)
{
    if (key != GDK_KEY_Up && key != GDK_KEY_Down)
        return GDK_EVENT_PROPAGATE;
    if (key == GDK_KEY_Up && self->layer == 0)
        return GDK_EVENT_PROPAGATE;
    qtr_heat_map_set_layer(self, key == GDK_KEY_Up ? self->layer - 1 : self->layer + 1);
    return GDK_EVENT_STOP;
}

static void qtr_heat_map_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    g_value_set_uint(value, QTR_HEAT_MAP(object)->layer);
}

static void qtr_heat_map_set_property(GObject *object, guint id, const GValue *value,
                                      GParamSpec *spec)
{
    qtr_heat_map_set_layer(QTR_HEAT_MAP(object), g_value_get_uint(value));
}

static void qtr_heat_map_finalize(GObject *object)
{
    g_clear_pointer(&QTR_HEAT_MAP(object)->snapshot, qtr_run_snapshot_unref);
    G_OBJECT_CLASS(qtr_heat_map_parent_class)->finalize(object);
}

static void qtr_heat_map_class_init(QtrHeatMapClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    object_class->finalize = qtr_heat_map_finalize;
    object_class->get_property = qtr_heat_map_get_property;
    object_class->set_property = qtr_heat_map_set_property;
    widget_class->snapshot = qtr_heat_map_snapshot;
    widget_class->measure = qtr_heat_map_measure;
    properties[PROP_LAYER] = g_param_spec_uint("layer", NULL, NULL, 0, G_MAXUINT, 0,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_css_name(widget_class, "heatmap");
}

static void qtr_heat_map_init(QtrHeatMap *self)
{
    GtkEventController *key = gtk_event_controller_key_new();
    GtkGesture *click = gtk_gesture_click_new();

    gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
    gtk_widget_set_has_tooltip(GTK_WIDGET(self), TRUE);
    g_signal_connect(self, "query-tooltip", G_CALLBACK(on_query_tooltip), NULL);
    g_signal_connect(key, "key-pressed", G_CALLBACK(on_key), self);
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), self);
    gtk_widget_add_controller(GTK_WIDGET(self), key);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(click));
}
