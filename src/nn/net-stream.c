#include "nn/net-private.h"

/* Blocks of final networks in inference: a chain of convolutions whose tensors between have one
 * reader and need not be kept. Each convolution stores what the next one's activation makes of its
 * sums, and large images go through the whole chain some rows at a time, so that a convolution
 * finds its input in the processor's cache: the tensors between are windows of as many rows as
 * a strip needs, and take the next strip in the same memory. Rows that two strips need are computed
 * twice. */

/* Of half the last cache, for the widest tensor's rows: others beside it, and programs, share it.
 */
#define SHARE 4

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
    const NetConv *conv = net_conv(s->net, g_array_index(s->convs, int, i));

    g_assert(conv);
    return conv;
}

static const QtrTensor *tensor_at(const Stream *s, guint i)
{
    return g_ptr_array_index(s->tensors, i);
}

static const QtrTensor *output(const Stream *s)
{
    return tensor_at(s, s->convs->len);
}

/* `t` as a window that begins no later than row `from`. */
static QtrTensor window(const Stream *s, const QtrTensor *t, int from)
{
    QtrTensor result = *t;

    if (t->height < output(s)->height) {
        result.image_height = output(s)->height;
        result.first_row = MIN(from, result.image_height - t->height);
    }
    return result;
}

/* Computes `rows` of conv i, whose input has its rows from `begun` on. */
static void emit_conv(const Stream *s, guint i, QtrRows rows, int begun)
{
    QtrNet *net = s->net;
    const NetConv *c = conv_at(s, i), *then = i + 1 < s->convs->len ? conv_at(s, i + 1) : NULL;
    const QtrTensor x = window(s, tensor_at(s, i), begun);
    const QtrTensor y = window(s, tensor_at(s, i + 1), rows.from);
    const QtrConvActivation next = then ? net_activation(net, then, &y) : (QtrConvActivation){0};

    s->emit->rows = rows;
    qtr_conv_emit(s->emit, &c->shape, c->forward, &x, net->packed, c->forward_at, &y,
                  !then && s->accumulate, then ? &next : NULL);
    s->emit->rows = (QtrRows){0};
}

/* Rows of the widest tensor that fit the cache. */
static int rows_at_once(const Stream *s)
{
    const QtrDeviceInfo *device = qtr_device_info(s->emit->device);
    const QtrTensor *y = output(s);
    int most = 1;

    if (!device->is_cpu || device->shares_tiles)
        return y->height;
    for (guint i = 0; i < s->convs->len; i++)
        most = MAX(most, conv_at(s, i)->shape.out);
    return (int)CLAMP(s->net->cached_bytes / SHARE /
                          (sizeof(float) * (gsize)(most * y->images) * (gsize)y->pitch),
                      1, (gsize)y->height);
}

/* Rows that the convolutions compute of a strip: each what the next one will reach, in whole tiles.
 */
static void plan_strip(const Stream *s, QtrRows strip, QtrRows *rows)
{
    int lanes = qtr_emit_lanes(s->emit);

    for (guint i = s->convs->len; i-- > 0;) {
        const NetConv *c = conv_at(s, i);
        int reach = c->shape.kh / 2, from = strip.from;

        if (i + 1 < s->convs->len)
            from -= qtr_conv_rows_of_tile(&c->shape, c->forward, output(s), lanes);
        rows[i] = (QtrRows){MAX(0, from), strip.to};
        strip.from = MAX(0, rows[i].from - reach);
        strip.to =
            MIN(output(s)->height,
                qtr_conv_rows_begun(&c->shape, c->forward, output(s), lanes, strip.to) + reach);
    }
}

/* Rows of the windows that the convolutions' outputs need; free with g_free. */
static int *window_rows(const Stream *s, int strip)
{
    guint n = s->convs->len;
    g_autofree QtrRows *rows = g_new0(QtrRows, n);
    int *most = g_new0(int, n), height = output(s)->height;

    for (int from = 0; from < height; from += strip) {
        plan_strip(s, (QtrRows){from, MIN(height, from + strip)}, rows);
        for (guint i = 0; i < n; i++) {
            const NetConv *c = conv_at(s, i);
            int end = qtr_conv_rows_begun(&c->shape, c->forward, output(s), qtr_emit_lanes(s->emit),
                                          rows[i].to);

            most[i] = MAX(most[i], end - rows[i].from);
        }
    }
    return most;
}

static void emit_strips(const Stream *s, int strip)
{
    guint n = s->convs->len;
    g_autofree QtrRows *rows = g_new0(QtrRows, n);
    int height = output(s)->height;

    for (int from = 0; from < height; from += strip) {
        plan_strip(s, (QtrRows){from, MIN(height, from + strip)}, rows);
        for (guint i = 0; i < n; i++)
            emit_conv(s, i, rows[i], i > 0 ? rows[i - 1].from : 0);
    }
}

void net_emit_stream(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *x,
                     const QtrTensor *y, gboolean accumulate)
{
    g_autoptr(GArray) convs = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GPtrArray) tensors = g_ptr_array_new();
    const Stream s = {net, emit, convs, tensors, accumulate};
    const QtrTensor *a;
    g_autofree int *rows = NULL;
    int strip;

    for (int i = 0; i < block->n; i++)
        for (int k = 0; k < block->layers[i].ops[0].n_convs; k++) {
            int conv = block->layers[i].ops[0].first_conv + k;

            g_array_append_val(convs, conv);
        }
    a = net_emit_activation(net, emit, g_array_index(convs, int, 0), x);
    g_ptr_array_add(tensors, (gpointer)a);
    g_ptr_array_set_size(tensors, (int)convs->len + 1);
    g_ptr_array_index(tensors, convs->len) = (gpointer)y;
    strip = rows_at_once(&s);
    rows = window_rows(&s, strip);
    for (guint i = 0; a && i + 1 < convs->len; i++) {
        a = net_new_tensor(net, emit, conv_at(&s, i)->shape.out, rows[i], x->width);
        g_ptr_array_index(tensors, i + 1) = (gpointer)a;
    }
    if (a)
        emit_strips(&s, strip);
    for (guint i = 0; a && i < convs->len; i++)
        qtr_tensor_pool_put(net->pool, (QtrTensor *)tensor_at(&s, i));
}
