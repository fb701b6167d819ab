/* Gradient norm, Adam and SGD over several steps against PyTorch's formulas in double. */
#include "cl/shared.h"
#include "compare.h"
#include "launch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NO_WORK QTR_TRAFFIC("test", 0)
#define FIRST 5 /* the region of the buffers that is updated */
#define STEPS 6
#define LR 1e-2

/* Whose rates of the step: as in cl/optim.cl. */
enum { WEIGHTS, SCALES, ALPHAS };

typedef struct {
    const char *name;
    gboolean adam;
    int who, count;
    double beta1, beta2, decay, clip; /* SGD: beta1 is the momentum */
} Case;

static const Case cases[] = {
    {"adam", TRUE, WEIGHTS, 1, 0.9, 0.999, 0.0, 0.0},
    {"adam, decay, clip", TRUE, WEIGHTS, 1037, 0.9, 0.999, 1e-2, 0.5},
    {"adam of steps", TRUE, SCALES, 17, 0.9, 0.999, 0.0, 100.0},
    {"adam of alphas", TRUE, ALPHAS, 45, 0.5, 0.999, 1e-3, 0.0},
    {"sgd", FALSE, WEIGHTS, 33, 0.9, 0.0, 0.0, 0.0},
    {"sgd, decay, clip", FALSE, WEIGHTS, 2050, 0.9, 0.0, 1e-2, 0.5},
};

/* State on the device, and in double. */
typedef struct {
    QtrBuffer *params, *grads, *m, *v, *results, *step, *part;
    double *w, *first, *second;
} Optimizer;

static void optimizer_init(Optimizer *o, Launch *l, const Case *c)
{
    gsize n = (gsize)(FIRST + c->count);
    g_autofree float *values = kernel_draws(1, n);

    o->params = launch_buffer(l, values, n);
    o->grads = launch_buffer(l, NULL, n);
    o->m = launch_buffer(l, NULL, n);
    o->v = launch_buffer(l, NULL, n);
    o->results = launch_buffer(l, NULL, QTR_RESULTS);
    o->step = launch_buffer(l, NULL, sizeof(QtrStep) / sizeof(float));
    o->part = launch_buffer(l, NULL, 16);
    o->w = g_new0(double, n);
    o->first = g_new0(double, n);
    o->second = g_new0(double, n);
    for (gsize i = 0; i < n; i++)
        o->w[i] = (double)values[i];
}

static void optimizer_clear(Optimizer *o)
{
    QtrBuffer *buffers[] = {o->params, o->grads, o->m, o->v, o->results, o->step, o->part};

    for (gsize i = 0; i < G_N_ELEMENTS(buffers); i++)
        qtr_buffer_unref(buffers[i]);
    g_free(o->w);
    g_free(o->first);
    g_free(o->second);
}

/* One step in double; returns the gradient's norm over the region. */
static double step_twin(Optimizer *o, const Case *c, const float *grads, int t)
{
    double norm = 0.0, shrink;

    for (int i = FIRST; i < FIRST + c->count; i++)
        norm += (double)grads[i] * (double)grads[i];
    norm = sqrt(norm);
    shrink = c->clip > 0.0 ? fmin(1.0, c->clip / (norm + 1e-6)) : 1.0;
    for (int i = FIRST; i < FIRST + c->count; i++) {
        double g = (double)grads[i] * shrink + c->decay * o->w[i];

        if (!c->adam) {
            o->first[i] = c->beta1 * o->first[i] + g;
            o->w[i] -= LR * o->first[i];
            continue;
        }
        o->first[i] = c->beta1 * o->first[i] + (1.0 - c->beta1) * g;
        o->second[i] = c->beta2 * o->second[i] + (1.0 - c->beta2) * g * g;
        o->w[i] -= LR * o->first[i] / (1.0 - pow(c->beta1, t)) /
                   (sqrt(o->second[i] / (1.0 - pow(c->beta2, t))) + 1e-8);
    }
    return norm;
}

static void write_step(Optimizer *o, const Case *c, int t)
{
    float bias1 = (float)(1.0 - pow(c->beta1, t)), bias2 = (float)(1.0 - pow(c->beta2, t));
    QtrStep step = {0};

    /* The others' rates are wrong on purpose. */
    step.lr = step.scale_lr = step.alpha_lr = 7.0f;
    step.weight_bias1 = step.weight_bias2 = step.scale_bias1 = step.scale_bias2 = 3.0f;
    step.alpha_bias1 = step.alpha_bias2 = 3.0f;
    if (c->who == WEIGHTS) {
        step.lr = (float)LR;
        step.weight_bias1 = bias1;
        step.weight_bias2 = bias2;
    } else if (c->who == SCALES) {
        step.scale_lr = (float)LR;
        step.scale_bias1 = bias1;
        step.scale_bias2 = bias2;
    } else {
        step.alpha_lr = (float)LR;
        step.alpha_bias1 = bias1;
        step.alpha_bias2 = bias2;
    }
    assert_true(qtr_buffer_write(o->step, 0, &step, sizeof step, NULL));
}

static void emit_step(Launch *l, Optimizer *o, const Case *c)
{
    int chunks = (c->count + 1023) / 1024;

    QTR_EMIT(&l->emit, "optim", "norm_chunks", NULL, SHARED, chunks, 1, 1, NO_WORK, "bbii",
             o->grads, o->part, (int)FIRST, c->count);
    QTR_EMIT(&l->emit, "optim", "norm_total", NULL, SHARED, 1, 1, 1, NO_WORK, "bib", o->part,
             chunks, o->results);
    if (c->adam)
        QTR_EMIT(&l->emit, "optim", "adam", NULL, LIGHT, c->count, 1, 1, NO_WORK, "bbbbiiffffibb",
                 o->params, o->grads, o->m, o->v, (int)FIRST, c->count, c->beta1, c->beta2,
                 c->decay, c->clip, c->who, o->results, o->step);
    else
        QTR_EMIT(&l->emit, "optim", "sgd", NULL, LIGHT, c->count, 1, 1, NO_WORK, "bbbiifffbb",
                 o->params, o->grads, o->m, (int)FIRST, c->count, c->beta1, c->decay, c->clip,
                 o->results, o->step);
}

static void check(QtrDevice *device, const Case *c)
{
    g_autoptr(Launch) l = launch_new(device, 2);
    gsize n = (gsize)(FIRST + c->count);
    Optimizer o;

    optimizer_init(&o, l, c);
    for (int t = 1; t <= STEPS; t++) {
        g_autofree float *grads = kernel_draws(100 + (guint32)t, n), *got = NULL, *results = NULL;
        double norm = step_twin(&o, c, grads, t);

        write_step(&o, c, t);
        assert_true(qtr_buffer_write(o.grads, 0, grads, n * sizeof(float), NULL));
        emit_step(l, &o, c);
        launch_run(l);
        results = launch_read(o.results, QTR_RESULTS);
        assert_true(fabs((double)results[QTR_RESULT_NORM] - norm) <= 2e-6 * norm);
        got = launch_read(o.params, n);
        kernel_compare(c->name, got, o.w, n, 3e-6, NULL);
    }
    optimizer_clear(&o);
}

static void test_steps(void **state)
{
    g_autoptr(QtrDevice) device = kernel_device(16);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        check(device, &cases[i]);
}

/* A rate of 0 leaves moments alone too: LSQ's steps while they rest. */
static void test_rest(void **state)
{
    static const Case c = {"adam at rest", TRUE, SCALES, 9, 0.9, 0.999, 1e-2, 0.0};
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autoptr(Launch) l = launch_new(device, 2);
    gsize n = (gsize)(FIRST + c.count);
    g_autofree float *grads = kernel_draws(2, n), *before = NULL, *after = NULL, *m = NULL;
    const QtrStep step = {.lr = 1.0f, .alpha_lr = 1.0f};
    Optimizer o;

    optimizer_init(&o, l, &c);
    before = launch_read(o.params, n);
    assert_true(qtr_buffer_write(o.step, 0, &step, sizeof step, NULL) &&
                qtr_buffer_write(o.grads, 0, grads, n * sizeof(float), NULL));
    emit_step(l, &o, &c);
    launch_run(l);
    after = launch_read(o.params, n);
    m = launch_read(o.m, n);
    assert_memory_equal(before, after, n * sizeof(float));
    for (gsize i = 0; i < n; i++)
        assert_true(m[i] == 0.0f);
    optimizer_clear(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
