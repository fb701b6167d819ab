#include "run/infer-private.h"

#include "base/error.h"
#include "base/printable.h"
#include "run/tile.h"

#include <math.h>
#include <string.h>

QtrInfer *qtr_infer_new(QtrDevice *device, const QtrArch *arch, const QtrGenotype *genotype)
{
    QtrInfer *infer = g_new0(QtrInfer, 1);

    infer->device = device;
    infer->arch = *arch;
    infer->genotype = *genotype;
    infer->values =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    return infer;
}

static void drop_nets(QtrInfer *infer)
{
    for (int i = 0; i < QTR_INFER_NETS; i++)
        g_clear_pointer(&infer->nets[i].net, qtr_net_free);
}

void qtr_infer_free(QtrInfer *infer)
{
    if (!infer)
        return;
    drop_nets(infer);
    g_hash_table_unref(infer->values);
    g_free(infer->origin);
    g_free(infer);
}

gboolean qtr_infer_keep_halves(QtrInfer *infer, GError **error)
{
    const QtrDeviceInfo *info = qtr_device_info(infer->device);

    infer->halves = info->shares_tiles;
    if (infer->halves)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "env.half_tensors is for GPUs, and %s is none; choose one with -g or leave it out",
                info->name);
    return FALSE;
}

int qtr_infer_scale(const QtrInfer *infer)
{
    return infer->arch.scale;
}

static void begin_weights(QtrInfer *infer, gboolean quantized)
{
    g_hash_table_remove_all(infer->values);
    g_clear_pointer(&infer->origin, g_free);
    infer->quantized = quantized;
    infer->version++;
}

static void keep(QtrInfer *infer, const char *name, gpointer values, gsize count)
{
    g_hash_table_insert(infer->values, g_strdup(name),
                        g_bytes_new_take(values, count * sizeof(float)));
}

gboolean qtr_infer_set_file(QtrInfer *infer, const QtrSafetensors *file, const char *path,
                            GError **error)
{
    const char *quantized = qtr_safetensors_metadata(file, "quantized");

    begin_weights(infer, g_strcmp0(quantized, "false") != 0);
    infer->origin = g_strdup(path);
    for (guint i = 0; i < qtr_safetensors_count(file); i++) {
        const QtrStoredTensor *tensor = qtr_safetensors_at(file, i);
        const float *values = tensor->data;

        if (tensor->dtype != QTR_DTYPE_F32 || g_str_has_prefix(tensor->name, "moment"))
            continue;
        for (gsize k = 0; k < tensor->count; k++)
            if (!isfinite(values[k])) {
                g_autofree char *shown = qtr_printable(tensor->name, 80);

                g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                            "%s: tensor %s has a value that is not finite", path, shown);
                return FALSE;
            }
        keep(infer, tensor->name, g_memdup2(values, tensor->count * sizeof(float)), tensor->count);
    }
    return TRUE;
}

gboolean qtr_infer_set_net(QtrInfer *infer, QtrNet *net, GError **error)
{
    begin_weights(infer, qtr_net_is_quantized(net));
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        g_autofree float *values = g_new(float, info->count);

        if (!qtr_net_read(net, i, QTR_PART_VALUE, values, error))
            return FALSE;
        keep(infer, info->name, g_steal_pointer(&values), info->count);
    }
    return TRUE;
}

static gboolean put_values(QtrInfer *infer, QtrNet *net, GError **error)
{
    gboolean lacks_steps = FALSE;

    /* First, because turning the quantizers on starts their steps anew. */
    if (qtr_net_is_quantized(net) != infer->quantized &&
        !qtr_net_set_quantized(net, infer->quantized, error))
        return FALSE;
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        GBytes *values = g_hash_table_lookup(infer->values, info->name);

        if (!values && strstr(info->name, ".quan_w_fn.")) {
            lacks_steps = TRUE;
            continue;
        }
        if (!values || g_bytes_get_size(values) != info->count * sizeof(float)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                        "%s%sthe weights %s tensor %s; are they of this genotype and width?",
                        infer->origin ? infer->origin : "", infer->origin ? ": " : "",
                        values ? "have another size of" : "lack", info->name);
            return FALSE;
        }
        if (!qtr_net_write(net, i, QTR_PART_VALUE, g_bytes_get_data(values, NULL), error))
            return FALSE;
    }
    return !lacks_steps || qtr_net_reset_steps(net, error);
}

static gboolean is_of(const QtrInferNet *sized, const QtrInferSize *size)
{
    const QtrNetParams *p = qtr_net_params(sized->net);

    return p->height == size->height && p->width == size->width &&
           p->image_height == size->image_height && p->image_width == size->image_width;
}

static QtrInferNet *find_net(QtrInfer *infer, const QtrInferSize *size)
{
    QtrInferNet *oldest = &infer->nets[0];

    for (int i = 0; i < QTR_INFER_NETS; i++) {
        QtrInferNet *sized = &infer->nets[i];

        if (sized->net && is_of(sized, size))
            return sized;
        if (!sized->net || (oldest->net && sized->used < oldest->used))
            oldest = sized;
    }
    g_clear_pointer(&oldest->net, qtr_net_free);
    return oldest;
}

/* Kept networks are to take no memory that this one needs; on a CPU the system would run short
 * before an allocation fails. */
static void make_room(QtrInfer *infer, const QtrInferSize *size)
{
    guint64 bytes = qtr_tile_bytes(&infer->arch, &infer->genotype, size->height, size->width);

    if (qtr_device_allocated(infer->device) + bytes > qtr_device_info(infer->device)->memory / 2)
        drop_nets(infer);
}

static QtrNet *new_net(const QtrInfer *infer, const QtrInferSize *size, GError **error)
{
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.arch = infer->arch;
    params.genotype = &infer->genotype;
    params.height = size->height;
    params.width = size->width;
    params.image_height = size->image_height;
    params.image_width = size->image_width;
    params.inference = TRUE;
    params.halves = infer->halves;
    return qtr_net_new(infer->device, &params, error);
}

QtrNet *qtr_infer_net(QtrInfer *infer, const QtrInferSize *size, GError **error)
{
    QtrInferNet *sized = find_net(infer, size);
    g_autoptr(GError) local = NULL;

    sized->used = ++infer->clock;
    if (!sized->net) {
        make_room(infer, size);
        sized->net = new_net(infer, size, &local);
        if (g_error_matches(local, QTR_ERROR, QTR_ERROR_MEMORY)) {
            g_clear_error(&local);
            drop_nets(infer);
            sized->net = new_net(infer, size, &local);
        }
        if (!sized->net) {
            g_propagate_error(error, g_steal_pointer(&local));
            return NULL;
        }
        sized->version = 0;
    }
    if (sized->version != infer->version) {
        if (!put_values(infer, sized->net, error)) {
            g_clear_pointer(&sized->net, qtr_net_free);
            return NULL;
        }
        sized->version = infer->version;
    }
    return sized->net;
}

float *qtr_infer_planes(gsize pixels, GError **error)
{
    float *planes = g_try_malloc_n(pixels, 3 * sizeof(float));

    if (!planes)
        g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                    "not enough memory for three planes of %" G_GSIZE_FORMAT
                    " pixels; cut the image up first",
                    pixels);
    return planes;
}

QtrImage *qtr_infer_rgb8(QtrInfer *infer, const QtrImage *lr, GError **error)
{
    int s = infer->arch.scale;
    gsize pixels = (gsize)lr->width * (gsize)lr->height;
    gsize sr_pixels = pixels * (gsize)(s * s);
    g_autoptr(QtrImage) image = qtr_image_try_new(s * lr->width, s * lr->height, 3, 8, error);
    g_autofree float *from = NULL;
    g_autofree float *to = NULL;
    const guint8 *in = lr->data;
    guint8 *out;

    g_assert(lr->channels == 3 && lr->depth == 8);
    if (!image || !(from = qtr_infer_planes(pixels, error)) ||
        !(to = qtr_infer_planes(sr_pixels, error)))
        return NULL;
    for (gsize i = 0; i < pixels; i++)
        for (gsize c = 0; c < 3; c++)
            from[c * pixels + i] = (float)in[3 * i + c] / 255.0f;
    if (!qtr_infer_run(infer, from, lr->height, lr->width, to, error))
        return NULL;
    out = image->data;
    for (gsize i = 0; i < sr_pixels; i++)
        for (gsize c = 0; c < 3; c++)
            out[3 * i + c] = (guint8)rintf(CLAMP(to[c * sr_pixels + i], 0.0f, 1.0f) * 255.0f);
    return g_steal_pointer(&image);
}
