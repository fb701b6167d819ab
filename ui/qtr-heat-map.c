#include "qtr-heat-map.h"

#include "qtr-chart-scene.h"
#include "qtr-choice-heads.h"
#include "qtr-look.h"
#include "qtr-share-legend.h"

#include <glib/gi18n.h>

struct _QtrHeatMap {
    GtkWidget parent_instance;

    QtrRunSnapshot *snapshot;
    const QtrRunAlphas *alphas; /* of snapshot */
    QtrRunSpace *space;         /* that the columns are of, only to be compared */
    QtrChoiceColumns *columns;  /* while there are alphas */
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

/* The table below the names of its columns, right of those of its rows. */
typedef struct {
    QtrChoiceHeads heads;
    float left, top, row, cell;
    guint columns;
} Grid;

/* As narrow as the names allow; wider ones share what room there is. */
static Grid grid_of(QtrHeatMap *self, float width)
{
    float font = font_of(self);
    Grid grid = {.left = LABEL * font, .row = ROW * font, .columns = 1};

    if (n_layers(self) == 0)
        return grid;
    grid.heads = qtr_choice_heads_measure(GTK_WIDGET(self), self->columns);
    grid.columns = qtr_choice_columns_count(self->columns);
    grid.cell = MAX(grid.heads.cell, (width - grid.left) / (float)grid.columns);
    grid.top = grid.heads.names + grid.heads.bits;
    return grid;
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
    qtr_choice_heads_paint_text(snapshot, layout, 4, y + (row - (float)height) / 2, 0, &colour);
}

static void paint_row(QtrHeatMap *self, GtkSnapshot *snapshot, guint i, const Grid *grid)
{
    gboolean dark = qtr_look_is_dark(GTK_WIDGET(self));
    g_autofree double *shares = qtr_run_space_shares(self->snapshot->space, self->alphas, i);
    guint n = layer_at(self, i)->n_primitives * self->snapshot->space->bits->len, best = 0;
    float y = grid->top + (float)i * grid->row;

    for (guint j = 0; shares && j < n; j++) {
        GdkRGBA colour = qtr_share_colour(shares[j], dark);
        float x = grid->left + (float)qtr_choice_columns_column(self->columns, i, j) * grid->cell;

        if (shares[j] > shares[best])
            best = j;
        gtk_snapshot_append_color(
            snapshot, &colour,
            &GRAPHENE_RECT_INIT(x, y + 1, MAX(1.0f, grid->cell - 1), grid->row - 2));
    }
    if (shares)
        qtr_share_frame(
            snapshot,
            &GRAPHENE_RECT_INIT(
                grid->left + (float)qtr_choice_columns_column(self->columns, i, best) * grid->cell -
                    1,
                y, grid->cell + 1, grid->row),
            2, qtr_look_colour(GTK_WIDGET(self)));
}

static void qtr_heat_map_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrHeatMap *self = QTR_HEAT_MAP(widget);
    QtrColour c = qtr_chart_colour(0, qtr_look_is_dark(widget));
    Grid grid = grid_of(self, (float)gtk_widget_get_width(widget));

    if (n_layers(self) == 0)
        return;
    qtr_choice_heads_paint(&grid.heads, widget, snapshot, self->columns, grid.left, grid.cell);
    for (guint i = 0; i < n_layers(self); i++) {
        float y = grid.top + (float)i * grid.row;

        if (i == self->layer)
            gtk_snapshot_append_color(snapshot,
                                      &(GdkRGBA){(float)c.r, (float)c.g, (float)c.b, 0.15f},
                                      &GRAPHENE_RECT_INIT(0, y, grid.left - 4, grid.row));
        paint_label(self, snapshot, i, y, grid.row);
        paint_row(self, snapshot, i, &grid);
    }
    if (gtk_widget_has_visible_focus(widget))
        qtr_share_frame(snapshot,
                        &GRAPHENE_RECT_INIT(0, grid.top + (float)self->layer * grid.row,
                                            (float)gtk_widget_get_width(widget), grid.row),
                        2, (GdkRGBA){(float)c.r, (float)c.g, (float)c.b, 1});
}

static void qtr_heat_map_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                 int *minimum, int *natural, int *minimum_baseline,
                                 int *natural_baseline)
{
    QtrHeatMap *self = QTR_HEAT_MAP(widget);
    Grid grid = grid_of(self, 0);

    if (orientation == GTK_ORIENTATION_HORIZONTAL)
        *minimum = *natural = MAX(180, (int)ceilf(grid.left + (float)grid.columns * grid.cell));
    else
        *minimum = *natural = MAX(24, (int)ceilf(grid.top + (float)n_layers(self) * grid.row));
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
    QtrRunSpace *space = snapshot && alphas ? snapshot->space : NULL;

    g_return_if_fail(QTR_IS_HEAT_MAP(self));
    if (snapshot)
        qtr_run_snapshot_ref(snapshot);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    self->snapshot = snapshot;
    self->alphas = space ? alphas : NULL;
    if (space != self->space) {
        g_clear_pointer(&self->columns, qtr_choice_columns_free);
        self->columns = space ? qtr_choice_columns_new(space) : NULL;
        self->space = space;
        if (self->layer >= n_layers(self))
            self->layer = 0;
        gtk_widget_queue_resize(GTK_WIDGET(self));
    }
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

/* `choice` is G_MAXUINT where the layer has none. */
static gboolean find_cell(QtrHeatMap *self, double x, double y, guint *layer, guint *choice)
{
    Grid grid = grid_of(self, (float)gtk_widget_get_width(GTK_WIDGET(self)));

    if (y < grid.top || y >= grid.top + grid.row * (double)n_layers(self))
        return FALSE;
    *layer = (guint)((y - grid.top) / grid.row);
    *choice = x < grid.left ? G_MAXUINT
                            : qtr_choice_columns_choice(
                                  self->columns, *layer,
                                  MIN((guint)((x - grid.left) / grid.cell), grid.columns - 1));
    return TRUE;
}

static gboolean on_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
                                 GtkTooltip *tooltip, gpointer unused)
{
    QtrHeatMap *self = QTR_HEAT_MAP(widget);
    g_autofree double *shares = NULL;
    g_autofree char *title = NULL;
    g_autofree char *text = NULL;
    const QtrRunLayer *l;
    guint layer, choice, bits;

    if (keyboard || !find_cell(self, x, y, &layer, &choice) || choice == G_MAXUINT ||
        !(shares = qtr_run_space_shares(self->snapshot->space, self->alphas, layer)))
        return FALSE;
    l = layer_at(self, layer);
    bits = self->snapshot->space->bits->len;
    title = qtr_run_space_layer_title(self->snapshot->space, layer);
    text = g_strdup_printf(_("%s\n%s, %d bits: %.1f %%\nalpha %.4g"), title,
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
    g_clear_pointer(&QTR_HEAT_MAP(object)->columns, qtr_choice_columns_free);
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
