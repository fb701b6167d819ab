#include "base/json.h"
#include "run/events.h"

#include <unistd.h>

static void set_string(JsonObject *object, const char *name, const char *value)
{
    if (value)
        json_object_set_string_member(object, name, value);
    else
        json_object_set_null_member(object, name);
}

static void set_number(JsonObject *object, const char *name, double value)
{
    json_object_set_member(object, name, qtr_json_number(value));
}

static void set_count(JsonObject *object, const char *name, gsize value)
{
    json_object_set_int_member(object, name, (gint64)value);
}

static void set_process(JsonObject *object)
{
    json_object_set_int_member(object, "pid", getpid());
    set_string(object, "host", g_get_host_name());
}

gboolean qtr_events_started(QtrEvents *events, const QtrEventStarted *event, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "kind", event->kind);
    set_string(object, "name", event->name);
    set_string(object, "device", event->device);
    set_string(object, "config", event->config_path);
    set_count(object, "epochs", event->epochs);
    set_count(object, "epoch_steps", event->epoch_steps);
    set_process(object);
    return qtr_events_write(events, "started", object, error);
}

gboolean qtr_events_resumed(QtrEvents *events, const QtrEventResumed *event, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "kind", event->kind);
    set_string(object, "device", event->device);
    set_count(object, "epoch", event->epoch);
    set_count(object, "step", event->step);
    set_process(object);
    return qtr_events_write(events, "resumed", object, error);
}

static JsonObject *describe_layer(const QtrArch *arch, int index)
{
    JsonObject *object = json_object_new();
    JsonArray *primitives = json_array_new();
    QtrBlock block;
    int layer;

    qtr_arch_layer_at(arch, index, &block, &layer);
    for (int i = 0; i < arch->n_primitives[block]; i++)
        json_array_add_string_element(primitives, qtr_primitive_name(arch->primitives[block][i]));
    set_string(object, "block", qtr_block_name(block));
    set_count(object, "layer", (gsize)layer + 1);
    json_object_set_array_member(object, "primitives", primitives);
    return object;
}

gboolean qtr_events_space(QtrEvents *events, const QtrArch *arch, GError **error)
{
    JsonObject *object = json_object_new();
    JsonArray *layers = json_array_new(), *bits = json_array_new();

    for (int i = 0; i < arch->n_bits; i++)
        json_array_add_int_element(bits, arch->bits[i]);
    for (int i = 0; i < qtr_arch_layer_count(arch); i++)
        json_array_add_object_element(layers, describe_layer(arch, i));
    set_count(object, "body_cells", (gsize)arch->body_cells);
    set_count(object, "scale", (gsize)arch->scale);
    json_object_set_boolean_member(object, "skip_mode", arch->skip_mode);
    json_object_set_array_member(object, "bits", bits);
    json_object_set_array_member(object, "layers", layers);
    return qtr_events_write(events, "space", object, error);
}

gboolean qtr_events_step(QtrEvents *events, const QtrEventStep *event, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "phase", event->phase);
    set_count(object, "epoch", event->epoch);
    set_count(object, "step", event->step);
    set_count(object, "steps", event->steps);
    set_number(object, "loss", event->loss);
    set_number(object, "alpha_loss", event->alpha_loss);
    set_number(object, "lr", event->lr);
    set_number(object, "eta", event->eta);
    return qtr_events_write(events, "step", object, error);
}

static JsonArray *list_alphas(const QtrArch *arch, const float *const *alphas)
{
    JsonArray *layers = json_array_new();

    for (int i = 0; i < qtr_arch_layer_count(arch); i++) {
        JsonArray *values = json_array_new();
        QtrBlock block;
        int layer;

        qtr_arch_layer_at(arch, i, &block, &layer);
        for (int j = 0; j < arch->n_primitives[block] * arch->n_bits; j++)
            json_array_add_element(values, qtr_json_number(alphas[i][j]));
        json_array_add_array_element(layers, values);
    }
    return layers;
}

gboolean qtr_events_epoch(QtrEvents *events, const QtrEventEpoch *event, GError **error)
{
    JsonObject *object = json_object_new();

    g_assert(!event->alphas || event->arch);
    set_string(object, "phase", event->phase);
    set_count(object, "epoch", event->epoch);
    set_count(object, "epochs", event->epochs);
    set_number(object, "train_loss", event->train_loss);
    set_number(object, "alpha_loss", event->alpha_loss);
    set_number(object, "val_loss", event->val_loss);
    set_number(object, "psnr", event->psnr);
    set_number(object, "lr", event->lr);
    set_number(object, "temperature", event->temperature);
    set_number(object, "cost", event->cost);
    set_number(object, "memory", event->memory);
    set_number(object, "best_cost", event->best_cost);
    set_number(object, "best_memory", event->best_memory);
    set_number(object, "bitops_32", event->bitops_32);
    set_number(object, "seconds", event->seconds);
    json_object_set_boolean_member(object, "is_best", event->is_best);
    set_string(object, "genotype", event->genotype);
    if (event->alphas)
        json_object_set_array_member(object, "alphas", list_alphas(event->arch, event->alphas));
    return qtr_events_write(events, "epoch", object, error);
}

gboolean qtr_events_checkpoint(QtrEvents *events, const char *path, guint epoch, guint step,
                               gboolean is_best, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "path", path);
    set_count(object, "epoch", epoch);
    set_count(object, "step", step);
    json_object_set_boolean_member(object, "is_best", is_best);
    return qtr_events_write(events, "checkpoint", object, error);
}

gboolean qtr_events_validation(QtrEvents *events, const QtrValidationRow *row, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "set", row->set);
    set_count(object, "images", row->images);
    set_number(object, "model_size", row->model_size);
    set_count(object, "packed_bytes", row->packed_bytes);
    set_number(object, "bitops_32", row->bitops_32);
    set_number(object, "bitops_256", row->bitops_256);
    set_number(object, "psnr", row->psnr);
    set_number(object, "ssim", row->ssim);
    set_number(object, "psnr_bicubic", row->psnr_bicubic);
    set_number(object, "seconds_per_megapixel", row->seconds_per_megapixel);
    return qtr_events_write(events, "validation", object, error);
}

gboolean qtr_events_picture(QtrEvents *events, const char *what, const char *set, const char *name,
                            const char *path, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "what", what);
    set_string(object, "set", set);
    set_string(object, "name", name);
    set_string(object, "path", path);
    return qtr_events_write(events, "picture", object, error);
}

gboolean qtr_events_warning(QtrEvents *events, const char *message, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "message", message);
    return qtr_events_write(events, "warning", object, error);
}

gboolean qtr_events_finished(QtrEvents *events, const char *state, const char *message,
                             double seconds, GError **error)
{
    JsonObject *object = json_object_new();

    set_string(object, "state", state);
    set_string(object, "message", message);
    set_number(object, "seconds", seconds);
    return qtr_events_write(events, "finished", object, error);
}
