#include "chain.h"

#include "../kernels/ref-conv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SUM_ERROR 2e-6 /* of a float32 sum, relative to the largest of its tensor */

static Doubtful doubtful(gsize count)
{
    return (Doubtful){count, g_new0(double, count), g_new0(double, count)};
}

static void doubtful_clear(Doubtful *d)
{
    g_free(d->value);
    g_free(d->doubt);
}

/* One convolution and the quantizers in front of it. */
typedef struct {
    QtrConvShape shape;
    float acts[NET_ACT_FIELDS * QTR_BITS_MAX]; /* (step, clip, 1/step) */
    float tops[QTR_BITS_MAX];                  /* 2^(b-1)-1; 0: not quantized */
    float *w, *steps;                          /* steps[bit][out] */
    double *mixed, *copies;                    /* sum_b q_b LSQ_b(W), and each LSQ_b(W) */
    double *passed;                            /* sum_b q_b [w within the clamp] */
    Doubtful u, a, slope;                      /* slope: of the activation */
    double *act, *act_doubt;                   /* [bit][u.count] */
} Stage;

typedef struct {
    int n_bits;
    double q[QTR_BITS_MAX], scale;
    RefSize size;
    int n_convs;
    Stage stages[QTR_CHAIN_MAX];
} Work;

static float *read_tensor(QtrNet *net, int tensor)
{
    float *values = g_new(float, net_tensor(net, tensor)->info.count);

    assert_true(qtr_net_read(net, (guint)tensor, QTR_PART_VALUE, values, NULL));
    return values;
}

static double lsq(double w, double s, double top)
{
    return top > 0.0 ? rint(fmin(fmax(w / s, -top - 1.0), top)) * s : w;
}

static void read_stage(QtrNet *net, Stage *stage, int conv, const Work *work)
{
    const NetConv *c = net_conv(net, conv);
    gsize n = qtr_conv_shape_weights(&c->shape), per_channel = n / (gsize)c->shape.out;
    gsize bits = (gsize)work->n_bits;

    stage->shape = c->shape;
    stage->w = read_tensor(net, c->weight);
    stage->steps = read_tensor(net, c->steps);
    assert_true(qtr_buffer_read(net->acts, sizeof(float) * (gsize)c->acts_at, stage->acts,
                                NET_ACT_FIELDS * bits * sizeof(float), NULL));
    assert_true(qtr_buffer_read(net->levels, sizeof(float) * (gsize)c->levels_at, stage->tops,
                                bits * sizeof(float), NULL));
    stage->mixed = g_new0(double, n);
    stage->passed = g_new0(double, n);
    stage->copies = g_new0(double, n *bits);
    for (gsize b = 0; b < bits; b++)
        for (gsize i = 0; i < n; i++) {
            float s = stage->steps[b * (gsize)c->shape.out + i / per_channel];
            float top = stage->tops[b], v = stage->w[i] / s;

            stage->copies[b * n + i] = lsq((double)stage->w[i], (double)s, (double)top);
            stage->mixed[i] += work->q[b] * stage->copies[b * n + i];
            if (top <= 0.0f || (v >= -top - 1.0f && v <= top))
                stage->passed[i] += work->q[b];
        }
}

static double act(double u, double step, double clip)
{
    double clamped = fmin(fmax(u, 0.0), clip);

    return step > 0.0 ? rint(clamped / step) * step : clamped;
}

static double largest(const double *v, gsize n)
{
    double top = 0.0;

    for (gsize i = 0; i < n; i++)
        top = fmax(top, fabs(v[i]));
    return top;
}

static double *absolute(const double *v, gsize n)
{
    double *out = g_new(double, n);

    for (gsize i = 0; i < n; i++)
        out[i] = fabs(v[i]);
    return out;
}

/* a and slope from u. An input given exactly (`exact`) is on its side of every threshold. */
static void activate(const Work *work, Stage *stage, gboolean exact)
{
    gsize n = stage->u.count;
    double around = exact ? 0.0 : SUM_ERROR * largest(stage->u.value, n);

    stage->a = doubtful(n);
    stage->slope = doubtful(n);
    stage->act = g_new0(double, n *(gsize)work->n_bits);
    stage->act_doubt = g_new0(double, n *(gsize)work->n_bits);
    for (int b = 0; b < work->n_bits; b++)
        for (gsize i = 0; i < n; i++) {
            double step = (double)stage->acts[NET_ACT_FIELDS * b],
                   clip = (double)stage->acts[NET_ACT_FIELDS * b + 1];
            double u = stage->u.value[i], s = stage->u.doubt[i] + around, q = work->q[b];
            gsize at = (gsize)b * n + i;
            gboolean in = u >= 0.0 && u <= clip;

            stage->act[at] = act(u, step, clip);
            /* Where no threshold is near, rounding takes the error away; ReLU keeps it. */
            stage->act_doubt[at] =
                step > 0.0 ? act(u + s, step, clip) - act(u - s, step, clip) : stage->u.doubt[i];
            stage->a.value[i] += q * stage->act[at];
            stage->a.doubt[i] += q * stage->act_doubt[at];
            stage->slope.value[i] += in ? q : 0.0;
            if (s > 0.0 && (fabs(u) <= s || fabs(u - clip) <= s))
                stage->slope.doubt[i] += q;
        }
}

static void forward(Work *work, const float *x, Chain *chain)
{
    for (int i = 0; i < work->n_convs; i++) {
        Stage *stage = &work->stages[i];
        gsize n = qtr_conv_shape_weights(&stage->shape);
        g_autofree double *size_of_w = absolute(stage->mixed, n);
        Doubtful out = doubtful(ref_count(work->size, stage->shape.out));

        if (i == 0) {
            stage->u = doubtful(ref_count(work->size, stage->shape.in));
            for (gsize j = 0; j < stage->u.count; j++)
                stage->u.value[j] = (double)x[j];
        }
        activate(work, stage, i == 0);
        ref_conv(&stage->shape, work->size, stage->a.value, stage->mixed, out.value);
        ref_conv(&stage->shape, work->size, stage->a.doubt, size_of_w, out.doubt);
        if (i + 1 < work->n_convs)
            work->stages[i + 1].u = out;
        else
            chain->y = out;
    }
    for (gsize j = 0; j < chain->y.count; j++) {
        chain->y.value[j] *= work->scale;
        chain->y.doubt[j] *= work->scale;
    }
}

/* Gradient of the mixed weights from that of the stage's output, before the scale. */
static Doubtful weight_gradient(const Work *work, const Stage *stage, const Doubtful *d)
{
    gsize n = qtr_conv_shape_weights(&stage->shape);
    g_autofree double *most_a = absolute(stage->a.value, stage->a.count);
    g_autofree double *size_of_d = absolute(d->value, d->count);
    g_autofree double *more = g_new(double, n);
    Doubtful g = doubtful(n);

    for (gsize i = 0; i < stage->a.count; i++)
        most_a[i] += stage->a.doubt[i];
    ref_conv_weights(&stage->shape, work->size, stage->a.value, d->value, g.value);
    ref_conv_weights(&stage->shape, work->size, most_a, d->doubt, g.doubt);
    ref_conv_weights(&stage->shape, work->size, stage->a.doubt, size_of_d, more);
    for (gsize i = 0; i < n; i++)
        g.doubt[i] += more[i];
    return g;
}

/* d/ds of s * round(clamp(w/s)), straight through the rounding, times LSQ's gradient scale. */
static Doubtful step_gradient(const Stage *stage, const Doubtful *g)
{
    gsize out = (gsize)stage->shape.out, per_channel = g->count / out;
    double top = (double)stage->tops[0];
    Doubtful ds = doubtful(out);

    for (gsize i = 0; top > 0.0 && i < g->count; i++) {
        double v = (double)(stage->w[i] / stage->steps[i / per_channel]);
        double c = fmin(fmax(v, -top - 1.0), top);
        double slope = (c == v ? rint(c) - v : c) / sqrt(top * (double)g->count);

        ds.value[i / per_channel] += g->value[i] * slope;
        ds.doubt[i / per_channel] += g->doubt[i] * fabs(slope);
    }
    return ds;
}

/* Adds to dots what one stage tells of the q_b: <dA, act_b> and <dW~, copy_b>. */
static void add_dots(const Work *work, const Stage *stage, const Doubtful *da, const Doubtful *g,
                     Doubtful *dots)
{
    for (int b = 0; b < work->n_bits; b++) {
        const double *act_b = stage->act + (gsize)b * da->count;
        const double *doubt_b = stage->act_doubt + (gsize)b * da->count;
        const double *copy = stage->copies + (gsize)b * g->count;

        for (gsize i = 0; i < da->count; i++) {
            dots->value[b] += da->value[i] * act_b[i];
            dots->doubt[b] +=
                da->doubt[i] * (fabs(act_b[i]) + doubt_b[i]) + fabs(da->value[i]) * doubt_b[i];
        }
        for (gsize i = 0; i < g->count; i++) {
            dots->value[b] += g->value[i] * copy[i];
            dots->doubt[b] += g->doubt[i] * fabs(copy[i]);
        }
    }
}

/* Gradient of the stage's output -> that of its activation's output. */
static Doubtful data_gradient(const Work *work, const Stage *stage, const Doubtful *d)
{
    g_autofree double *size_of_w = absolute(stage->mixed, qtr_conv_shape_weights(&stage->shape));
    Doubtful da = doubtful(stage->u.count);

    ref_conv_data(&stage->shape, work->size, d->value, stage->mixed, da.value);
    ref_conv_data(&stage->shape, work->size, d->doubt, size_of_w, da.doubt);
    return da;
}

static Doubtful through_activation(const Stage *stage, const Doubtful *da)
{
    Doubtful du = doubtful(da->count);

    for (gsize i = 0; i < da->count; i++) {
        du.value[i] = da->value[i] * stage->slope.value[i];
        du.doubt[i] = da->doubt[i] * (stage->slope.value[i] + stage->slope.doubt[i]) +
                      fabs(da->value[i]) * stage->slope.doubt[i];
    }
    return du;
}

/* dp_b = <dy, unscaled y> + (dots_b - sum_c q_c dots_c) / sum p. */
static void finish_dp(const Work *work, const Chain *chain, const float *dy, const Doubtful *dots,
                      Doubtful *dp)
{
    double through_scale = 0.0, doubt = 0.0, mean = 0.0, mean_doubt = 0.0;

    for (gsize i = 0; i < chain->y.count; i++) {
        through_scale += (double)dy[i] * chain->y.value[i] / work->scale;
        doubt += fabs((double)dy[i]) * chain->y.doubt[i] / work->scale;
    }
    for (int b = 0; b < work->n_bits; b++) {
        mean += work->q[b] * dots->value[b];
        mean_doubt += work->q[b] * dots->doubt[b];
    }
    for (int b = 0; b < work->n_bits; b++) {
        dp->value[b] = through_scale + (dots->value[b] - mean) / work->scale;
        dp->doubt[b] = doubt + (dots->doubt[b] + mean_doubt) / work->scale;
    }
}

static void backward(const Work *work, const float *dy, Chain *chain)
{
    Doubtful d = doubtful(chain->y.count), dots = doubtful((gsize)work->n_bits);

    for (gsize i = 0; i < d.count; i++)
        d.value[i] = work->scale * (double)dy[i];
    for (int i = work->n_convs - 1; i >= 0; i--) {
        const Stage *stage = &work->stages[i];
        Doubtful *dw = &chain->dw[i];
        Doubtful da = data_gradient(work, stage, &d);

        *dw = weight_gradient(work, stage, &d);
        chain->ds[i] = step_gradient(stage, dw);
        add_dots(work, stage, &da, dw, &dots);
        for (gsize j = 0; j < dw->count; j++) {
            dw->value[j] *= stage->passed[j];
            dw->doubt[j] *= stage->passed[j];
        }
        doubtful_clear(&d);
        d = through_activation(stage, &da);
        doubtful_clear(&da);
    }
    chain->dx = d;
    finish_dp(work, chain, dy, &dots, &chain->dp);
    doubtful_clear(&dots);
}

static void work_clear(Work *work)
{
    for (int i = 0; i < work->n_convs; i++) {
        Stage *s = &work->stages[i];
        void *parts[] = {s->w, s->steps, s->mixed, s->copies, s->passed, s->act, s->act_doubt};

        for (gsize j = 0; j < G_N_ELEMENTS(parts); j++)
            g_free(parts[j]);
        doubtful_clear(&s->u);
        doubtful_clear(&s->a);
        doubtful_clear(&s->slope);
    }
}

Chain *chain_new(QtrNet *net, const NetOp *op, const float *p, const float *x, const float *dy)
{
    Chain *chain = g_new0(Chain, 1);
    Work work = {.n_bits = net->n_bits,
                 .n_convs = op->n_convs,
                 .size = {net->params.batch, net->params.height, net->params.width}};

    assert_true(op->n_convs > 0 && !net->noise);
    for (int b = 0; b < work.n_bits; b++)
        work.scale += (double)p[b];
    for (int b = 0; b < work.n_bits; b++)
        work.q[b] = (double)p[b] / work.scale;
    for (int i = 0; i < op->n_convs; i++)
        read_stage(net, &work.stages[i], op->first_conv + i, &work);
    chain->n_convs = op->n_convs;
    chain->n_bits = work.n_bits;
    chain->dp = doubtful((gsize)work.n_bits);
    forward(&work, x, chain);
    backward(&work, dy, chain);
    work_clear(&work);
    return chain;
}

void chain_free(Chain *chain)
{
    if (!chain)
        return;
    doubtful_clear(&chain->y);
    doubtful_clear(&chain->dx);
    doubtful_clear(&chain->dp);
    for (int i = 0; i < chain->n_convs; i++) {
        doubtful_clear(&chain->dw[i]);
        doubtful_clear(&chain->ds[i]);
    }
    g_free(chain);
}
