#include "qtr-run-space.h"

#include <math.h>

#define LAYERS_MAX (QTR_BLOCKS * QTR_LAYERS_MAX)

static void clear_layer(gpointer data)
{
    QtrRunLayer *layer = data;

    g_free(layer->block);
    g_strfreev(layer->primitives);
}

static JsonArray *array_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static const char *string_of(JsonNode *node)
{
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : NULL;
}

static double number_of(JsonNode *node)
{
    GType type = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_NONE;

    return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double(node) : NAN;
}

static int int_member(JsonObject *object, const char *name, int fallback, int min, int max)
{
    double value = number_of(json_object_get_member(object, name));

    return isfinite(value) ? (int)CLAMP(value, (double)min, (double)max) : fallback;
}

static gboolean parse_layer(QtrRunSpace *space, JsonNode *node)
{
    JsonObject *object = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    const char *block = object ? string_of(json_object_get_member(object, "block")) : NULL;
    JsonArray *names = object ? array_member(object, "primitives") : NULL;
    QtrRunLayer layer = {.offset = space->n_alphas};
    guint n = names ? json_array_get_length(names) : 0;

    if (!block || n == 0 || n > QTR_PRIMITIVES_MAX)
        return FALSE;
    for (guint i = 0; i < n; i++)
        if (!string_of(json_array_get_element(names, i)))
            return FALSE;
    layer.block = g_strdup(block);
    layer.layer = int_member(object, "layer", 0, 0, QTR_LAYERS_MAX);
    layer.n_primitives = n;
    layer.primitives = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++)
        layer.primitives[i] = g_strdup(string_of(json_array_get_element(names, i)));
    g_array_append_val(space->layers, layer);
    space->n_alphas += n * space->bits->len;
    return TRUE;
}

static gboolean parse_bits(QtrRunSpace *space, JsonArray *bits)
{
    for (guint i = 0; bits && i < json_array_get_length(bits); i++) {
        double value = number_of(json_array_get_element(bits, i));
        int width = isfinite(value) ? (int)CLAMP(value, 1.0, 32.0) : 32;

        g_array_append_val(space->bits, width);
    }
    return space->bits->len > 0 && space->bits->len <= QTR_BITS_MAX;
}

/* The first layer's number tells from where a file counts: older ones do from 0, as we do. */
static void count_from_0(QtrRunSpace *space)
{
    QtrRunLayer *layers = (QtrRunLayer *)(gpointer)space->layers->data;

    if (space->layers->len == 0 || layers[0].layer == 0)
        return;
    for (guint i = 0; i < space->layers->len; i++)
        layers[i].layer = MAX(layers[i].layer - 1, 0);
}

QtrRunSpace *qtr_run_space_parse(JsonObject *object)
{
    g_autoptr(QtrRunSpace) space = g_atomic_rc_box_new0(QtrRunSpace);
    JsonArray *layers = array_member(object, "layers");
    JsonNode *skip_mode = json_object_get_member(object, "skip_mode");

    space->layers = g_array_new(FALSE, FALSE, sizeof(QtrRunLayer));
    g_array_set_clear_func(space->layers, clear_layer);
    space->bits = g_array_new(FALSE, FALSE, sizeof(int));
    space->body_cells = int_member(object, "body_cells", 1, 1, 1024);
    space->scale = int_member(object, "scale", 2, 1, 16);
    space->skip_mode = skip_mode && JSON_NODE_HOLDS_VALUE(skip_mode) &&
                       json_node_get_value_type(skip_mode) == G_TYPE_BOOLEAN &&
                       json_node_get_boolean(skip_mode);
    if (!parse_bits(space, array_member(object, "bits")) || !layers ||
        json_array_get_length(layers) > LAYERS_MAX)
        return NULL;
    for (guint i = 0; i < json_array_get_length(layers); i++)
        if (!parse_layer(space, json_array_get_element(layers, i)))
            return NULL;
    count_from_0(space);
    return g_steal_pointer(&space);
}

QtrRunAlphas *qtr_run_space_parse_alphas(const QtrRunSpace *space, JsonObject *object, guint epoch)
{
    JsonArray *layers = array_member(object, "alphas");
    QtrRunAlphas *alphas;

    if (!layers || json_array_get_length(layers) != space->layers->len)
        return NULL;
    alphas = g_atomic_rc_box_alloc0(sizeof *alphas + space->n_alphas * sizeof(float));
    alphas->epoch = epoch;
    alphas->n = space->n_alphas;
    for (guint i = 0; i < space->layers->len; i++) {
        const QtrRunLayer *layer = &g_array_index(space->layers, QtrRunLayer, i);
        JsonNode *node = json_array_get_element(layers, i);
        JsonArray *values = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
        guint n = layer->n_primitives * space->bits->len;

        for (guint j = 0; j < n; j++)
            alphas->values[layer->offset + j] =
                values && j < json_array_get_length(values)
                    ? (float)number_of(json_array_get_element(values, j))
                    : NAN;
    }
    return alphas;
}

char *qtr_run_space_layer_title(const QtrRunSpace *space, guint layer)
{
    const QtrRunLayer *l = &g_array_index(space->layers, QtrRunLayer, layer);

    return g_strdup_printf("%s %d", l->block, l->layer + 1);
}

static void clear_space(gpointer data)
{
    QtrRunSpace *space = data;

    g_array_unref(space->layers);
    g_array_unref(space->bits);
}

QtrRunSpace *qtr_run_space_ref(QtrRunSpace *space)
{
    return g_atomic_rc_box_acquire(space);
}

void qtr_run_space_unref(QtrRunSpace *space)
{
    g_atomic_rc_box_release_full(space, clear_space);
}

double *qtr_run_space_shares(const QtrRunSpace *space, const QtrRunAlphas *alphas, guint layer)
{
    const QtrRunLayer *l = &g_array_index(space->layers, QtrRunLayer, layer);
    guint n = l->n_primitives * space->bits->len;
    double largest = -INFINITY, sum = 0;
    double *shares;

    if (l->offset + n > alphas->n)
        return NULL;
    shares = g_new0(double, n + 1);
    for (guint i = 0; i < n; i++)
        if (isfinite(alphas->values[l->offset + i]))
            largest = MAX(largest, (double)alphas->values[l->offset + i]);
    for (guint i = 0; i < n; i++) {
        double a = alphas->values[l->offset + i];

        shares[i] = isfinite(a) ? exp(a - largest) : 0;
        sum += shares[i];
    }
    for (guint i = 0; i < n && sum > 0; i++)
        shares[i] /= sum;
    return shares;
}
