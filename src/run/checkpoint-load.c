#include "run/checkpoint.h"

#include "base/error.h"
#include "base/printable.h"

#include <math.h>
#include <string.h>

static gboolean is_step(const char *name)
{
    return strstr(name, ".quan_w_fn.") != NULL;
}

static gboolean bad_metadata(const char *path, const char *key, GError **error)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                "%s: '%s' is missing from its metadata or wrong; it was not written by this "
                "program or is damaged",
                path, key);
    return FALSE;
}

static gboolean get_count(const QtrSafetensors *file, const char *path, const char *key,
                          guint64 max, guint64 *value, GError **error)
{
    const char *text = qtr_safetensors_metadata(file, key);

    return (text && g_ascii_string_to_unsigned(text, 10, 0, max, value, NULL)) ||
           bad_metadata(path, key, error);
}

static gboolean get_number(const QtrSafetensors *file, const char *path, const char *key,
                           double *value, GError **error)
{
    const char *text = qtr_safetensors_metadata(file, key);
    char *end;

    if (!text)
        return bad_metadata(path, key, error);
    *value = g_ascii_strtod(text, &end);
    return (end != text && *end == '\0') || bad_metadata(path, key, error);
}

static gboolean get_kind(const QtrSafetensors *file, const char *path, QtrCheckpointKind *kind,
                         GError **error)
{
    return qtr_checkpoint_kind_of(qtr_safetensors_metadata(file, "kind"), kind) ||
           bad_metadata(path, "kind", error);
}

static gboolean put_part(QtrNet *net, const QtrSafetensors *file, guint index, QtrTensorPart part,
                         const char *prefix, GError **error)
{
    const QtrTensorInfo *info = qtr_net_tensor(net, index);
    g_autofree char *name = g_strconcat(prefix, info->name, NULL);
    const float *values = qtr_safetensors_f32(file, name, info->count, error);

    if (!values)
        return FALSE;
    for (gsize i = 0; i < info->count; i++)
        if (!isfinite(values[i])) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                        "tensor %s has a value that is not "
                        "finite",
                        name);
            return FALSE;
        }
    return qtr_net_write(net, index, part, values, error);
}

/* A file with more tensors than the network is of another architecture. */
static gboolean check_strangers(QtrNet *net, const QtrSafetensors *file, const char *path,
                                GError **error)
{
    for (guint i = 0; i < qtr_safetensors_count(file); i++) {
        const char *name = qtr_safetensors_at(file, i)->name;
        g_autofree char *shown = NULL;

        if (g_str_has_suffix(name, ".num_batches_tracked") || g_str_has_prefix(name, "moment") ||
            is_step(name) || qtr_net_tensor_find(net, name) >= 0)
            continue;
        shown = qtr_printable(name, QTR_NAME_SHOWN);
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "%s has a tensor %s that the configured network has not; are they of one "
                    "architecture?",
                    path, shown);
        return FALSE;
    }
    return TRUE;
}

gboolean qtr_weights_put(QtrNet *net, const QtrSafetensors *file, const char *path, GError **error)
{
    gboolean lacks_steps = FALSE;

    if (!check_strangers(net, file, path, error))
        return FALSE;
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const char *name = qtr_net_tensor(net, i)->name;

        if (is_step(name) && !qtr_safetensors_find(file, name))
            lacks_steps = TRUE;
        else if (!put_part(net, file, i, QTR_PART_VALUE, "", error))
            return FALSE;
    }
    return !lacks_steps || qtr_net_reset_steps(net, error);
}

gboolean qtr_weights_load(QtrNet *net, const char *path, GError **error)
{
    g_autoptr(QtrSafetensors) file = qtr_safetensors_load(path, error);

    return file && qtr_weights_put(net, file, path, error);
}

static gboolean put_moments(QtrNet *net, const QtrSafetensors *file, GError **error)
{
    for (guint i = 0; i < qtr_net_tensor_count(net); i++)
        if (qtr_net_tensor(net, i)->kind == QTR_TENSOR_TRAINED &&
            (!put_part(net, file, i, QTR_PART_MOMENT1, "moment1/", error) ||
             !put_part(net, file, i, QTR_PART_MOMENT2, "moment2/", error)))
            return FALSE;
    return TRUE;
}

static gboolean get_counters(const QtrSafetensors *file, const char *path, QtrNetCounters *counters,
                             GError **error)
{
    const char *quantized = qtr_safetensors_metadata(file, "quantized");
    double reference;

    *counters = (QtrNetCounters){.quantized = g_strcmp0(quantized, "true") == 0};
    if (!get_count(file, path, "weight_steps", G_MAXUINT32, &counters->weight_steps, error) ||
        !get_count(file, path, "alpha_steps", G_MAXUINT32, &counters->alpha_steps, error) ||
        !get_count(file, path, "scale_steps", G_MAXUINT32, &counters->scale_steps, error) ||
        !get_count(file, path, "batches", G_MAXUINT32, &counters->batches, error))
        return FALSE;
    if (!qtr_safetensors_metadata(file, "reference_cost"))
        return TRUE;
    if (!get_number(file, path, "reference_cost", &reference, error))
        return FALSE;
    if (!isfinite(reference) || reference < 0.0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "%s: metadata reference_cost is no cost: %g", path, reference);
        return FALSE;
    }
    counters->has_reference = TRUE;
    counters->reference_cost = (float)reference;
    return TRUE;
}

/* A count that older versions did not write. */
static gboolean get_new_count(const QtrSafetensors *file, const char *path, const char *key,
                              guint32 *value, GError **error)
{
    guint64 number;

    if (!qtr_safetensors_metadata(file, key))
        return TRUE;
    if (!get_count(file, path, key, G_MAXINT32, &number, error))
        return FALSE;
    *value = (guint32)number;
    return TRUE;
}

static gboolean get_basis(const QtrSafetensors *file, const char *path, QtrCheckpointBasis *basis,
                          GError **error)
{
    const char *list = qtr_safetensors_metadata(file, "train_list");

    if (!get_count(file, path, "seed", G_MAXUINT64, &basis->seed, error) ||
        !get_new_count(file, path, "epoch_steps", &basis->steps, error) ||
        !get_new_count(file, path, "train_images", &basis->images, error))
        return FALSE;
    if (!list)
        return TRUE;
    return g_strlcpy(basis->list, list, sizeof basis->list) == QTR_CHECKPOINT_DIGEST ||
           bad_metadata(path, "train_list", error);
}

static gboolean get_place(const QtrSafetensors *file, const char *path, QtrCheckpoint *checkpoint,
                          GError **error)
{
    guint64 epoch, step;

    if (!get_count(file, path, "epoch", G_MAXINT32, &epoch, error) ||
        !get_count(file, path, "step", G_MAXINT32, &step, error) ||
        !get_basis(file, path, &checkpoint->basis, error) ||
        !get_number(file, path, "loss_sum", &checkpoint->loss_sum, error))
        return FALSE;
    checkpoint->epoch = (guint)epoch;
    checkpoint->step = (guint32)step;
    checkpoint->has_best = qtr_safetensors_metadata(file, "best") != NULL;
    return !checkpoint->has_best || get_number(file, path, "best", &checkpoint->best, error);
}

gboolean qtr_checkpoint_load(QtrNet *net, QtrCheckpoint *checkpoint, const char *path,
                             GError **error)
{
    g_autoptr(QtrSafetensors) file = qtr_safetensors_load(path, error);
    QtrCheckpointKind kind;
    QtrNetCounters counters;

    if (!file || !get_kind(file, path, &kind, error))
        return FALSE;
    if (kind != checkpoint->kind) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s is the checkpoint of a %s, not of a %s",
                    path, qtr_checkpoint_kind_name(kind),
                    qtr_checkpoint_kind_name(checkpoint->kind));
        return FALSE;
    }
    return get_place(file, path, checkpoint, error) && get_counters(file, path, &counters, error) &&
           qtr_weights_put(net, file, path, error) && put_moments(net, file, error) &&
           qtr_net_set_counters(net, &counters, error);
}

/* What a checkpoint does not tell is zero or empty. */
gboolean qtr_checkpoint_check(const QtrCheckpoint *checkpoint, const QtrCheckpointBasis *basis,
                              GError **error)
{
    static const char advice[] = "it goes on with the images it was begun with";
    const QtrCheckpointBasis *was = &checkpoint->basis;

    if (was->seed != basis->seed)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "the run has the seed %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT
                    ": it cannot go on with another",
                    was->seed, basis->seed);
    else if (was->steps && was->steps != basis->steps)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "the run has %u steps an epoch, but %u with the images now in "
                    "dataset.files_list: %s",
                    was->steps, basis->steps, advice);
    else if (was->images && was->images != basis->images)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "the run has %u training images, but %u are now in dataset.files_list: %s",
                    was->images, basis->images, advice);
    else if (*was->list && strcmp(was->list, basis->list) != 0)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "the training images now in dataset.files_list have other names, or another "
                    "order, than those of the run: %s",
                    advice);
    else
        return TRUE;
    return FALSE;
}

gboolean qtr_checkpoint_peek(const char *path, QtrCheckpoint *checkpoint, GError **error)
{
    g_autoptr(QtrSafetensors) file = qtr_safetensors_load(path, error);

    *checkpoint = (QtrCheckpoint){0};
    return file && get_kind(file, path, &checkpoint->kind, error) &&
           get_place(file, path, checkpoint, error);
}

gboolean qtr_checkpoint_read_kind(const char *path, QtrCheckpointKind *kind, GError **error)
{
    g_autoptr(QtrSafetensors) file = qtr_safetensors_load(path, error);

    return file && get_kind(file, path, kind, error);
}

static gboolean get_int(const QtrSafetensors *file, const char *path, const char *key, int min,
                        int max, int *value, GError **error)
{
    guint64 number;

    if (!get_count(file, path, key, (guint64)max, &number, error))
        return FALSE;
    *value = (int)number;
    return *value >= min || bad_metadata(path, key, error);
}

gboolean qtr_weights_get_network(const QtrSafetensors *file, const char *path, QtrArch *arch,
                                 GError **error)
{
    const char *skip_mode = qtr_safetensors_metadata(file, "skip_mode");

    if (!get_int(file, path, "channels", 3, 3, &arch->channels, error) ||
        !get_int(file, path, "c_fixed", 1, 1024, &arch->c_fixed, error) ||
        !get_int(file, path, "scale", 1, 16, &arch->scale, error) ||
        !get_int(file, path, "body_cells", 1, 1024, &arch->body_cells, error))
        return FALSE;
    if (!skip_mode)
        return bad_metadata(path, "skip_mode", error);
    arch->skip_mode = strcmp(skip_mode, "true") == 0;
    return TRUE;
}

gboolean qtr_weights_get_genotype(const QtrSafetensors *file, const char *path,
                                  QtrGenotype *genotype, GError **error)
{
    const char *text = qtr_safetensors_metadata(file, "genotype");
    const char *kind = qtr_safetensors_metadata(file, "kind");

    if (!text && g_strcmp0(kind, qtr_checkpoint_kind_name(QTR_CHECKPOINT_SEARCH)) == 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s is the supernet of a search; train the genotype it found, and take the "
                    "weights of that",
                    path);
        return FALSE;
    }
    if (!text)
        return bad_metadata(path, "genotype", error);
    return qtr_genotype_parse(genotype, text, path, error);
}
