#include "nn/net-private.h"

/* Blocks of final networks in inference: a chain of convolutions whose tensors between have one
 * reader and need not be kept. Each convolution stores what the next one's activation makes of its
 * sums, and large images go through the whole chain some rows at a time, so that a convolution
 * finds its input in the processor's cache: the tensors between are windows of as many rows as
 * a strip needs, and take the next strip in the same memory; so does what the first one reads. Rows
 * that two strips need are computed twice. The blocks of an ADM go through a strip one after
 * another, and the last convolution of the last one stores their sum modulated. The last two
 * convolutions are one launch where that pays, without a tensor between. */

/* Of half the last cache, for the widest tensor's rows: others beside it, and programs, share it.
 */
#define SHARE 4

typedef struct Stream {
    QtrNet *net;
    QtrEmit *emit;
    GArray *convs;      /* int, in net->convs */
    GPtrArray *tensors; /* tensors[i] is what stage i reads; the last is y */
    NetSource source;
    gboolean accumulate;
    const QtrConvEnd *end;     /* of the last one; NULL: its sums */
    const struct Stream *onto; /* what adds to y next and has to find its tiles there; or NULL */
    guint n;                   /* stages, each a convolution of convs, */
    gboolean is_pair;          /* but for the last one, which then is the last two */
    QtrConvPair pair;
} Stream;

gboolean net_is_stream(const QtrNet *net, const NetBlock *block)
{
    if (!net->params.inference || block->n == 0)
        return FALSE;
    for (int i = 0; i < block->n; i++)
        if (!net_sole_chain(&block->layers[i]))
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
    return tensor_at(s, s->n);
}

static gboolean is_pair(const Stream *s, guint stage)
{
    return s->is_pair && stage == s->n - 1;
}

/* Rows of a stage's output that its tiles of the rows before `to` reach into. */
static int rows_begun(const Stream *s, guint stage, int to)
{
    const NetConv *c = conv_at(s, stage);

    if (is_pair(s, stage))
        return MIN(qtr_ceil_div(to, s->pair.tile.down) * s->pair.tile.down, output(s)->height);
    return qtr_conv_rows_begun(&c->shape, c->forward, output(s), qtr_emit_lanes(s->emit), to);
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

static void emit_pair(const Stream *s, QtrRows rows, int begun)
{
    const QtrTensor x = window(s, tensor_at(s, s->n - 1), begun);
    const QtrConvActivation between = net_activation(s->net, conv_at(s, s->n), NULL);

    s->emit->rows = rows;
    qtr_conv_pair_emit(s->emit, &s->pair, &x, s->net->packed, output(s), s->accumulate, &between,
                       s->end, NULL);
    s->emit->rows = (QtrRows){0};
}

/* Computes `rows` of conv i, whose input has its rows from `begun` on. */
static void emit_conv(const Stream *s, guint i, QtrRows rows, int begun)
{
    QtrNet *net = s->net;
    const NetConv *c = conv_at(s, i), *then = i + 1 < s->convs->len ? conv_at(s, i + 1) : NULL;
    const QtrTensor x = window(s, tensor_at(s, i), begun);
    const QtrTensor y = window(s, tensor_at(s, i + 1), rows.from);
    const QtrConvActivation next = then ? net_activation(net, then, &y) : (QtrConvActivation){0};
    const QtrConvEnd activated = {.next = &next};

    s->emit->rows = rows;
    qtr_conv_emit(s->emit, &c->shape, c->forward, &x, net->packed, c->forward_at, &y,
                  !then && s->accumulate, then ? &activated : s->end);
    s->emit->rows = (QtrRows){0};
}

static void emit_stage(const Stream *s, guint i, QtrRows rows, int begun)
{
    if (is_pair(s, i))
        emit_pair(s, rows, begun);
    else
        emit_conv(s, i, rows, begun);
}

/* Rows of the widest tensor between or y that fit the cache, in whole items of a pair. */
static int rows_at_once(const Stream *s, const QtrTensor *y)
{
    const QtrDeviceInfo *device = qtr_device_info(s->emit->device);
    int most = y->channels, unit = s->is_pair ? s->pair.tile.down : 1, rows;

    if (!device->is_cpu || device->shares_tiles || s->n == 1)
        return y->height;
    for (guint i = 0; i + 1 < s->n; i++)
        most = MAX(most, conv_at(s, i)->shape.out);
    rows = (int)CLAMP(s->net->cached_bytes / SHARE /
                          (sizeof(float) * (gsize)(most * y->images) * (gsize)y->pitch),
                      1, (gsize)y->height);
    return rows < y->height ? MIN(MAX(rows / unit, 1) * unit, y->height) : rows;
}

/* Rows of y before `to`, and those that whoever adds to them reaches into. */
static int rows_until(const Stream *s, int to)
{
    return s->onto ? rows_begun(s->onto, s->onto->n - 1, to) : to;
}

/* Rows that the stages compute of a strip: each what the next one will reach, in whole tiles.
 * Returns those that the first one reads. */
static QtrRows plan_strip(const Stream *s, QtrRows strip, QtrRows *rows)
{
    int lanes = qtr_emit_lanes(s->emit);

    strip = (QtrRows){rows_until(s, strip.from), rows_until(s, strip.to)};
    for (guint i = s->n; i-- > 0;) {
        const NetConv *c = conv_at(s, i);
        int reach = c->shape.kh / 2, from = strip.from;

        if (is_pair(s, i))
            reach += conv_at(s, i + 1)->shape.kh / 2;
        if (i + 1 < s->n)
            from -= qtr_conv_rows_of_tile(&c->shape, c->forward, output(s), lanes);
        rows[i] = (QtrRows){MAX(0, from), strip.to};
        strip.from = MAX(0, rows[i].from - reach);
        strip.to = MIN(output(s)->height, rows_begun(s, i, strip.to) + reach);
    }
    return strip;
}

/* Rows of the windows that the stages read; free with g_free. */
static int *window_rows(const Stream *s, int strip)
{
    guint n = s->n;
    g_autofree QtrRows *rows = g_new0(QtrRows, n);
    int *most = g_new0(int, n), height = output(s)->height;

    for (int from = 0; from < height; from += strip) {
        const QtrRows in = plan_strip(s, (QtrRows){from, MIN(height, from + strip)}, rows);

        most[0] = MAX(most[0], in.to - in.from);
        for (guint i = 0; i + 1 < n; i++)
            most[i + 1] = MAX(most[i + 1], rows_begun(s, i, rows[i].to) - rows[i].from);
    }
    return most;
}

/* Whether the items of a pair that the strip before began hold these rows already. */
static gboolean is_computed(const Stream *s, QtrRows rows)
{
    return s->is_pair && rows_begun(s, s->n - 1, rows.from) == rows_begun(s, s->n - 1, rows.to);
}

static void emit_strip(const Stream *s, QtrRows strip)
{
    g_autofree QtrRows *rows = g_new0(QtrRows, s->n);
    const QtrRows in = plan_strip(s, strip, rows);
    const QtrTensor a = window(s, tensor_at(s, 0), in.from);

    if (rows[s->n - 1].from == rows[s->n - 1].to || is_computed(s, rows[s->n - 1]))
        return;
    net_emit_activated_rows(s->net, s->emit, g_array_index(s->convs, int, 0), &s->source, &a, in);
    for (guint i = 0; i < s->n; i++)
        emit_stage(s, i, rows[i], i > 0 ? rows[i - 1].from : in.from);
}

static GArray *convs_of(const NetBlock *block)
{
    GArray *convs = g_array_new(FALSE, FALSE, sizeof(int));

    for (int i = 0; i < block->n; i++)
        for (int k = 0; k < block->layers[i].ops[0].n_convs; k++) {
            int conv = block->layers[i].ops[0].first_conv + k;

            g_array_append_val(convs, conv);
        }
    return convs;
}

/* Decides what the stages are, for images of y's size. */
static void choose_stages(Stream *s, const QtrTensor *y)
{
    s->n = s->convs->len;
    if (s->n < 2)
        return;
    s->pair = (QtrConvPair){
        net_conv_half(conv_at(s, s->n - 2)), net_conv_half(conv_at(s, s->n - 1)), {0}};
    s->is_pair = qtr_conv_pair_choose(s->emit->device, &s->pair,
                                      s->n > 2 ? rows_at_once(s, y) : y->height, y->width);
    s->n -= s->is_pair ? 1 : 0;
}

static void stream_init(Stream *s, QtrNet *net, QtrEmit *emit, const NetBlock *block,
                        NetSource source, const QtrTensor *y)
{
    *s = (Stream){.net = net,
                  .emit = emit,
                  .convs = convs_of(block),
                  .tensors = g_ptr_array_new(),
                  .source = source};
    choose_stages(s, y);
    g_ptr_array_set_size(s->tensors, (int)s->n + 1);
    g_ptr_array_index(s->tensors, s->n) = (gpointer)y;
}

/* Takes windows for strips of that many rows. */
static void stream_open(const Stream *s, int strip)
{
    g_autofree int *rows = window_rows(s, strip);

    for (guint i = 0; i < s->n; i++)
        g_ptr_array_index(s->tensors, i) =
            net_new_tensor(s->net, s->emit, conv_at(s, i)->shape.in, rows[i], output(s)->width);
}

static void stream_clear(Stream *s)
{
    for (guint i = 0; i < s->n; i++)
        qtr_tensor_pool_put(s->net->pool, (QtrTensor *)tensor_at(s, i));
    g_array_unref(s->convs);
    g_ptr_array_unref(s->tensors);
}

void net_emit_stream(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *x,
                     const QtrTensor *y, gboolean accumulate)
{
    Stream s;
    int strip;

    stream_init(&s, net, emit, block, (NetSource){.x = x}, y);
    s.accumulate = accumulate;
    strip = rows_at_once(&s, y);
    stream_open(&s, strip);
    for (int from = 0; !emit->error && from < y->height; from += strip)
        emit_strip(&s, (QtrRows){from, MIN(y->height, from + strip)});
    stream_clear(&s);
}

/* Strips whose statistics can be gathered begin with a block of them. */
static int in_blocks(int rows)
{
    return MAX(rows / NET_STAT_ROWS, 1) * NET_STAT_ROWS;
}

/* The streams one after another through every strip, which `next` has the statistics of. */
static void emit_strips(const Stream *streams, int n, const QtrTensor *y, int strip,
                        const NetAdm *next)
{
    QtrEmit *emit = streams[0].emit;

    for (int from = 0; !emit->error && from < y->height; from += strip) {
        const QtrRows rows = {from, MIN(y->height, from + strip)};

        for (int i = 0; i < n; i++)
            emit_strip(&streams[i], rows);
        if (next)
            net_emit_stats(emit, next, y, rows);
    }
}

QtrTensor *net_emit_adm_streams(QtrNet *net, QtrEmit *emit, const NetBlock *const *blocks,
                                int n_blocks, NetAdm *adm, const QtrTensor *x, NetAdm *next)
{
    const QtrConvEnd end = {.skip = x, .phi = adm->phi};
    const NetSource source = {x, adm->gamma < 0 ? NULL : adm};
    g_autofree Stream *streams = g_new0(Stream, n_blocks);
    Stream *last = &streams[n_blocks - 1];
    QtrTensor *y = net_new_tensor(net, emit, adm->channels, x->height, x->width);
    gboolean gathers = next && next->gamma >= 0 && !net->tiled;
    int strip = x->height;

    if (!y)
        return NULL;
    for (int i = 0; i < n_blocks; i++) {
        stream_init(&streams[i], net, emit, blocks[i], source, y);
        streams[i].accumulate = i > 0;
        strip = MIN(strip, rows_at_once(&streams[i], y));
    }
    last->end = &end;
    if (gathers && strip < y->height)
        strip = in_blocks(strip);
    for (int i = 0; i < n_blocks; i++) {
        streams[i].onto = &streams[i] < last ? last : NULL;
        stream_open(&streams[i], strip);
    }
    emit_strips(streams, n_blocks, y, strip, gathers ? next : NULL);
    for (int i = 0; i < n_blocks; i++)
        stream_clear(&streams[i]);
    if (gathers)
        next->has_stats = TRUE;
    return y;
}
