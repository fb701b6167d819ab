#include "run/checkpoint.h"

#include "run/folder.h"
#include "run/safetensors.h"

#include <string.h>

#define FORMAT "quantoaster-1"
#define EVERY_SECONDS 300

const char *qtr_checkpoint_kind_name(QtrCheckpointKind kind)
{
    static const char *const names[] = {"search", "train"};

    return names[kind];
}

gboolean qtr_checkpoint_kind_of(const char *name, QtrCheckpointKind *kind)
{
    for (int k = QTR_CHECKPOINT_SEARCH; name && k <= QTR_CHECKPOINT_TRAIN; k++)
        if (strcmp(name, qtr_checkpoint_kind_name((QtrCheckpointKind)k)) == 0) {
            *kind = (QtrCheckpointKind)k;
            return TRUE;
        }
    return FALSE;
}

static gboolean add_part(QtrSafetensorsWriter *writer, QtrNet *net, guint index, QtrTensorPart part,
                         const char *prefix, GError **error)
{
    const QtrTensorInfo *info = qtr_net_tensor(net, index);
    g_autofree char *name = g_strconcat(prefix, info->name, NULL);
    g_autofree float *values = g_new(float, info->count);
    gint64 dims[4];

    if (!qtr_net_read(net, index, part, values, error))
        return FALSE;
    for (int d = 0; d < info->n_dims; d++)
        dims[d] = info->dims[d];
    qtr_safetensors_writer_add(writer, name, QTR_DTYPE_F32, info->n_dims, dims, values);
    return TRUE;
}

/* The reference counts the batches of every batch norm; it refuses weights without. */
static void add_batch_count(QtrSafetensorsWriter *writer, const char *variance, gint64 batches)
{
    g_autofree char *name = g_strdup_printf(
        "%.*snum_batches_tracked", (int)(strlen(variance) - strlen("running_var")), variance);

    qtr_safetensors_writer_add(writer, name, QTR_DTYPE_I64, 0, NULL, &batches);
}

static gboolean add_tensors(QtrSafetensorsWriter *writer, QtrNet *net, gboolean moments,
                            const QtrNetCounters *counters, GError **error)
{
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);

        if (!add_part(writer, net, i, QTR_PART_VALUE, "", error))
            return FALSE;
        if (g_str_has_suffix(info->name, ".running_var"))
            add_batch_count(writer, info->name, (gint64)counters->batches);
        if (moments && info->kind == QTR_TENSOR_TRAINED &&
            (!add_part(writer, net, i, QTR_PART_MOMENT1, "moment1/", error) ||
             !add_part(writer, net, i, QTR_PART_MOMENT2, "moment2/", error)))
            return FALSE;
    }
    return TRUE;
}

static void set_count(QtrSafetensorsWriter *writer, const char *key, guint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

    qtr_safetensors_writer_set_metadata(writer, key, text);
}

/* 17 digits give a double back exactly. */
static void set_number(QtrSafetensorsWriter *writer, const char *key, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    qtr_safetensors_writer_set_metadata(writer, key,
                                        g_ascii_formatd(text, sizeof text, "%.17g", value));
}

/* What `upscale` and `validate` need to build the network again. */
static void set_network(QtrSafetensorsWriter *writer, const QtrNet *net)
{
    const QtrNetParams *params = qtr_net_params(net);

    set_count(writer, "channels", (guint64)params->arch.channels);
    set_count(writer, "c_fixed", (guint64)params->arch.c_fixed);
    set_count(writer, "scale", (guint64)params->arch.scale);
    set_count(writer, "body_cells", (guint64)params->arch.body_cells);
    qtr_safetensors_writer_set_metadata(writer, "skip_mode",
                                        params->arch.skip_mode ? "true" : "false");
    if (params->genotype) {
        g_autofree char *text = qtr_genotype_format(params->genotype);

        qtr_safetensors_writer_set_metadata(writer, "genotype", text);
    }
}

static void set_counters(QtrSafetensorsWriter *writer, const QtrNetCounters *counters)
{
    set_count(writer, "weight_steps", counters->weight_steps);
    set_count(writer, "alpha_steps", counters->alpha_steps);
    set_count(writer, "scale_steps", counters->scale_steps);
    set_count(writer, "batches", counters->batches);
    if (counters->has_reference)
        set_number(writer, "reference_cost", (double)counters->reference_cost);
}

static void set_basis(QtrSafetensorsWriter *writer, const QtrCheckpointBasis *basis)
{
    set_count(writer, "seed", basis->seed);
    set_count(writer, "epoch_steps", basis->steps);
    set_count(writer, "train_images", basis->images);
    qtr_safetensors_writer_set_metadata(writer, "train_list", basis->list);
}

static gboolean save(QtrNet *net, QtrCheckpointKind kind, const QtrCheckpoint *checkpoint,
                     const char *path, GError **error)
{
    g_autoptr(QtrSafetensorsWriter) writer = qtr_safetensors_writer_new();
    g_autofree char *folder = g_path_get_dirname(path);
    QtrNetCounters counters;

    if (!qtr_net_get_counters(net, &counters, error) ||
        !add_tensors(writer, net, checkpoint != NULL, &counters, error))
        return FALSE;
    qtr_safetensors_writer_set_metadata(writer, "format", FORMAT);
    qtr_safetensors_writer_set_metadata(writer, "kind", qtr_checkpoint_kind_name(kind));
    qtr_safetensors_writer_set_metadata(writer, "quantized", counters.quantized ? "true" : "false");
    set_network(writer, net);
    if (checkpoint) {
        set_counters(writer, &counters);
        set_count(writer, "epoch", checkpoint->epoch);
        set_count(writer, "step", checkpoint->step);
        set_basis(writer, &checkpoint->basis);
        set_number(writer, "loss_sum", checkpoint->loss_sum);
        if (checkpoint->has_best)
            set_number(writer, "best", checkpoint->best);
    }
    return qtr_folder_check_space(folder, qtr_safetensors_writer_data_size(writer), error) &&
           qtr_safetensors_writer_save(writer, path, error);
}

gboolean qtr_checkpoint_save(QtrNet *net, const QtrCheckpoint *checkpoint, const char *path,
                             GError **error)
{
    return save(net, checkpoint->kind, checkpoint, path, error);
}

gboolean qtr_checkpoint_is_due(gint64 last)
{
    return g_get_monotonic_time() - last > (gint64)EVERY_SECONDS * G_USEC_PER_SEC;
}

gboolean qtr_weights_save(QtrNet *net, QtrCheckpointKind kind, const char *path, GError **error)
{
    return save(net, kind, NULL, path, error);
}
