#include "golden.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

char *golden_path(const char *file)
{
    const char *const roots[][2] = {{g_getenv("QTR_SOURCE_ROOT"), "tests/data"},
                                    {g_getenv("QTR_SHARED"), "golden"}};

    for (gsize i = 0; i < G_N_ELEMENTS(roots); i++) {
        g_autofree char *path =
            roots[i][0] ? g_build_filename(roots[i][0], roots[i][1], file, NULL) : NULL;

        if (path && g_file_test(path, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&path);
    }
    return NULL;
}

QtrSafetensors *golden_load(const char *file)
{
    g_autofree char *path = golden_path(file);
    g_autoptr(GError) error = NULL;
    QtrSafetensors *loaded;

    if (!path) {
        print_message("skipped: no reference file %s\n", file);
        skip();
    }
    loaded = qtr_safetensors_load(path, &error);
    if (!loaded)
        fail_msg("%s", error->message);
    return loaded;
}

/* The bound of the reference tensors: met by float32 code that only adds in another order. */
static double bound_of(const float *b, gsize count)
{
    double top = 0.0;

    for (gsize i = 0; i < count; i++)
        top = fmax(top, fabs((double)b[i]));
    return 1e-5 + 1e-4 * top;
}

void golden_compare_doubtful(const char *what, const float *a, const float *b, gsize count,
                             const double *doubt)
{
    double bound = bound_of(b, count);

    for (gsize i = 0; i < count; i++) {
        double d = fabs((double)a[i] - (double)b[i]), more = doubt ? 1.001 * doubt[i] : 0.0;

        if (!(d <= bound + more))
            fail_msg("%s: element %" G_GSIZE_FORMAT " is %.9g, reference %.9g; allowed are %g and "
                     "%g for thresholds",
                     what, i, (double)a[i], (double)b[i], bound, more);
    }
}

void golden_compare(const char *what, const float *a, const float *b, gsize count, gsize spare)
{
    double bound = bound_of(b, count), worst = 0.0;
    gsize beyond = 0, place = 0;

    for (gsize i = 0; i < count; i++) {
        double d = fabs((double)a[i] - (double)b[i]);

        if (!(d <= bound))
            beyond++;
        if (!(d <= worst)) {
            worst = d;
            place = i;
        }
    }
    if (beyond > MAX(spare, count / 10000))
        fail_msg("%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                 " elements differ by more than %g; worst at %" G_GSIZE_FORMAT
                 ": %.9g, reference %.9g",
                 what, beyond, count, bound, place, (double)a[place], (double)b[place]);
}

void golden_compare_norm(const char *what, const float *a, const float *b, gsize count,
                         double bound)
{
    double error = 0.0, norm = 0.0;

    for (gsize i = 0; i < count; i++) {
        error += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        norm += (double)b[i] * (double)b[i];
    }
    if (!(sqrt(error) <= bound * sqrt(norm) + 1e-5 * sqrt((double)count)))
        fail_msg("%s: relative error %g in the norm, allowed %g", what, sqrt(error / norm), bound);
}

void golden_compare_tensor(QtrNet *net, const char *tensor, QtrTensorPart part,
                           const QtrSafetensors *file, const char *name, double norm_bound)
{
    const QtrStoredTensor *stored = qtr_safetensors_find(file, name);
    int index = qtr_net_tensor_find(net, tensor);
    g_autoptr(GError) error = NULL;
    g_autofree float *values = NULL;

    if (!stored || index < 0)
        fail_msg("no tensor %s or %s", stored ? "" : name, index < 0 ? tensor : "");
    assert_int_equal(stored->count, qtr_net_tensor(net, (guint)index)->count);
    values = g_new(float, stored->count);
    if (!qtr_net_read(net, (guint)index, part, values, &error))
        fail_msg("%s", error->message);
    if (norm_bound > 0.0)
        golden_compare_norm(name, values, stored->data, stored->count, norm_bound);
    else
        golden_compare(name, values, stored->data, stored->count, 0);
}

static const QtrStoredTensor *find(const QtrSafetensors *file, const char *name, const char *more)
{
    g_autofree char *full = g_strconcat(name, more, NULL);
    const QtrStoredTensor *t = qtr_safetensors_find(file, full);

    if (!t)
        fail_msg("the reference has no %s", full);
    return t;
}

void golden_compare_stepped(QtrNet *net, const char *tensor, const QtrSafetensors *file,
                            const char *name, double lr, double decay, double shrink)
{
    const QtrStoredTensor *stepped = find(file, name, ".stepped");
    const float *w = find(file, name, "")->data, *g = find(file, name, ".grad")->data;
    guint index = (guint)qtr_net_tensor_find(net, tensor);
    gsize n = stepped->count;
    g_autofree float *own = g_new(float, n), *values = g_new(float, n);
    g_autofree double *doubt = g_new(double, n);

    assert_int_equal(n, qtr_net_tensor(net, index)->count);
    assert_true(qtr_net_read(net, index, QTR_PART_GRADIENT, own, NULL) &&
                qtr_net_read(net, index, QTR_PART_VALUE, values, NULL));
    for (gsize i = 0; i < n; i++) {
        double a = (double)own[i] * shrink + decay * (double)w[i];
        double b = (double)g[i] * shrink + decay * (double)w[i];

        doubt[i] = lr * fabs(a / (fabs(a) + 1e-8) - b / (fabs(b) + 1e-8));
    }
    golden_compare_doubtful(stepped->name, values, stepped->data, n, doubt);
}

double golden_number(const QtrSafetensors *file, const char *key, const char *path)
{
    g_autoptr(JsonNode) root = json_from_string(qtr_safetensors_metadata(file, key), NULL);
    g_auto(GStrv) parts = g_strsplit(path, ".", -1);
    JsonNode *node = root;

    for (char **p = parts; *p && node; p++)
        node = json_object_get_member(json_node_get_object(node), *p);
    if (!node)
        fail_msg("no %s in %s", path, key);
    return json_node_get_double(node);
}

void golden_write_net(QtrNet *net, const QtrSafetensors *file, const char *prefix,
                      const char *net_prefix)
{
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        g_autofree char *name = NULL;
        const QtrStoredTensor *stored;

        if (!g_str_has_prefix(info->name, net_prefix))
            continue;
        name = g_strconcat(prefix, info->name + strlen(net_prefix), NULL);
        stored = qtr_safetensors_find(file, name);
        if (!stored && g_str_has_suffix(info->name, ".steps"))
            continue;
        if (!stored)
            fail_msg("the reference has no %s", name);
        assert_int_equal(stored->count, info->count);
        if (!qtr_net_write(net, i, QTR_PART_VALUE, stored->data, &error))
            fail_msg("%s", error->message);
    }
}

QtrDevice *golden_device(void)
{
    g_autoptr(GError) error = NULL;
    const QtrDeviceParams gpu = {.vector_width = 1, .tiles = QTR_TILES_SHARED};
    const QtrDeviceParams strips = {.tiles = QTR_TILES_WINOGRAD};
    QtrDevice *device = qtr_device_open(g_getenv("QTR_TEST_GPU_FORM") ? &gpu
                                        : g_getenv("QTR_TEST_STRIPS") ? &strips
                                                                      : NULL,
                                        &error);

    if (!device)
        fail_msg("%s", error->message);
    return device;
}

void golden_zero_params(QtrNetParams *params, int c_fixed)
{
    qtr_net_params_init(params);
    params->arch.c_fixed = c_fixed;
    params->arch.scale = 1;
    params->arch.body_cells = 1;
    params->arch.skip_mode = TRUE;
    for (int b = 0; b < QTR_BLOCKS; b++) {
        params->arch.layers[b] = b == QTR_BLOCK_TAIL ? 0 : 1;
        params->arch.n_primitives[b] = 1;
        params->arch.primitives[b][0] = qtr_primitive_find("zero");
    }
}

QtrGenotype golden_zero_genotype(void)
{
    QtrGenotype genotype = {0};

    for (int b = 0; b < QTR_BLOCKS; b++) {
        genotype.layers[b] = b == QTR_BLOCK_TAIL ? 0 : 1;
        genotype.genes[b][0] = (QtrGene){qtr_primitive_find("zero"), 32};
    }
    return genotype;
}

QtrNet *golden_new_net(QtrDevice *device, const QtrNetParams *params, const char *genotype_text)
{
    g_autoptr(GError) error = NULL;
    QtrNetParams own = *params;
    QtrGenotype genotype;
    QtrNet *net;

    if (genotype_text) {
        if (!qtr_genotype_parse(&genotype, genotype_text, "test", &error))
            fail_msg("%s", error->message);
        own.genotype = &genotype;
    }
    net = qtr_net_new(device, &own, &error);
    if (!net)
        fail_msg("%s", error->message);
    return net;
}
