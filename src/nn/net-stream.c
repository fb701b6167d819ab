#include "nn/net-private.h"

/* Blocks of final networks in inference: a chain of convolutions whose tensors between have one
 * reader and need not be kept. Each convolution stores what the next one's activation makes of its
 * sums, and large images go through the whole chain some rows at a time, so that a convolution
 * finds its input in the processor's cache. */

typedef struct {
    QtrNet *net;
    QtrEmit *emit;
    GArray *convs;      /* int, in net->convs */
    GPtrArray *tensors; /* tensors[i] is what conv i reads; the last is y */
    gboolean accumulate;
} Stream;

gboolean net_is_stream(const QtrNet *net, const NetBlock *block)
{
    if (!net->params.inference || block->n == 0)
        return FALSE;
    for (int i = 0; i < block->n; i++)
        if (block->layers[i].n_ops != 1 ||
            qtr_primitive_kind(block->layers[i].ops[0].primitive) != QTR_PRIMITIVE_CONV)
            return FALSE;
    return TRUE;
}

static const NetConv *conv_at(const Stream *s, guint i)
{
    return net_conv(s->net, g_array_index(s->convs, int, i));
}

static const QtrTensor *tensor_at(const Stream *s, guint i)
{
    return g_ptr_array_index(s->tensors, i);
}

static void emit_conv(const Stream *s, guint i, QtrRows rows)
{
    QtrNet *net = s->net;
    const NetConv *c = conv_at(s, i), *then = i + 1 < s->convs->len ? conv_at(s, i + 1) : NULL;
    const QtrConvActivation next =
        then ? net_activation(net, then, tensor_at(s, i + 1)) : (QtrConvActivation){0};

    s->emit->rows = rows;
    qtr_conv_emit(s->emit, &c->shape, c->forward, tensor_at(s, i), net->packed, c->forward_at,
                  tensor_at(s, i + 1), !then && s->accumulate, then ? &next : NULL);
    s->emit->rows = (QtrRows){0};
}

/* Rows of the widest tensor that fit the cache. */
static int rows_at_once(const Stream *s)
{
    const QtrDeviceInfo *device = qtr_device_info(s->emit->device);
    const QtrTensor *y = tensor_at(s, s->convs->len);
    gsize row = sizeof(float);

    if (!device->is_cpu || device->shares_tiles)
        return y->height;
    for (guint i = 1; i < s->tensors->len; i++)
        row = MAX(row, sizeof(float) * (gsize)qtr_tensor_planes(tensor_at(s, i)) * (gsize)y->pitch);
    return (int)CLAMP(s->net->cached_bytes / row, 1, (gsize)y->height);
}

/* Every strip takes each convolution as far down as the next one will reach. */
static void emit_strips(const Stream *s)
{
    guint n = s->convs->len;
    int height = tensor_at(s, n)->height, strip = rows_at_once(s);
    g_autofree QtrRows *rows = g_new0(QtrRows, n);

    for (int end = strip; rows[n - 1].to < height; end += strip) {
        int to = MIN(height, end);

        for (guint i = n; i-- > 0;) {
            const NetConv *c = conv_at(s, i);

            rows[i] = (QtrRows){rows[i].to, to};
            to = qtr_conv_rows_begun(&c->shape, c->forward, tensor_at(s, i + 1),
                                     qtr_emit_lanes(s->emit), to);
            to = MIN(height, to + c->shape.kh / 2);
        }
        for (guint i = 0; i < n; i++)
            emit_conv(s, i, rows[i]);
    }
}

void net_emit_stream(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *x,
                     const QtrTensor *y, gboolean accumulate)
{
    g_autoptr(GArray) convs = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GPtrArray) tensors = g_ptr_array_new();
    const Stream s = {net, emit, convs, tensors, accumulate};
    const QtrTensor *a;

    for (int i = 0; i < block->n; i++)
        for (int k = 0; k < block->layers[i].ops[0].n_convs; k++) {
            int conv = block->layers[i].ops[0].first_conv + k;

            g_array_append_val(convs, conv);
        }
    a = net_emit_activation(net, emit, g_array_index(convs, int, 0), x);
    g_ptr_array_add(tensors, (gpointer)a);
    for (guint i = 0; a && i < convs->len; i++) {
        a = i + 1 < convs->len
                ? net_new_tensor(net, emit, conv_at(&s, i)->shape.out, x->height, x->width)
                : y;
        g_ptr_array_add(tensors, (gpointer)a);
    }
    if (!a)
        return;
    emit_strips(&s);
    for (guint i = 0; i < convs->len; i++)
        qtr_tensor_pool_put(net->pool, (QtrTensor *)tensor_at(&s, i));
}
