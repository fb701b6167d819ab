/* Whole final networks against the reference: training output, gradients, one Adam step, output in
 * evaluation, costs. */
#include "golden.h"
#include "nn/cost.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double meta_number(const QtrSafetensors *file, const char *key)
{
    return g_ascii_strtod(qtr_safetensors_metadata(file, key), NULL);
}

static void read_genotype(QtrGenotype *genotype, QtrArch *arch, const QtrSafetensors *file)
{
    g_autoptr(GError) error = NULL;

    if (!qtr_genotype_parse(genotype, qtr_safetensors_metadata(file, "genotype"), "reference",
                            &error))
        fail_msg("%s", error->message);
    qtr_arch_init(arch);
    arch->skip_mode = strcmp(qtr_safetensors_metadata(file, "skip_mode"), "true") == 0;
    arch->body_cells = (int)meta_number(file, "body_cells");
    arch->c_fixed = (int)meta_number(file, "c_fixed");
    arch->scale = (int)meta_number(file, "scale");
}

static QtrNet *new_net(QtrDevice *device, const QtrSafetensors *file)
{
    const QtrStoredTensor *lr = qtr_safetensors_find(file, "lr");
    g_autoptr(GError) error = NULL;
    QtrGenotype genotype;
    QtrNetParams params;
    QtrNet *net;

    qtr_net_params_init(&params);
    read_genotype(&genotype, &params.arch, file);
    params.genotype = &genotype;
    params.batch = (int)lr->dims[0];
    params.height = (int)lr->dims[2];
    params.width = (int)lr->dims[3];
    net = golden_new_net(device, &params, NULL);
    golden_write_net(net, file, "w.", "");
    if (!qtr_net_set_images(net, lr->data, qtr_safetensors_find(file, "hr")->data, &error))
        fail_msg("%s", error->message);
    return net;
}

static void compare_output(QtrNet *net, const QtrSafetensors *file, const char *name)
{
    const QtrStoredTensor *y = qtr_safetensors_find(file, name);
    g_autofree float *values = g_new(float, y->count);

    assert_true(qtr_net_read_output(net, values, NULL));
    golden_compare(name, values, y->data, y->count, 0);
}

static void compare_costs(const QtrSafetensors *file)
{
    static const int sizes[] = {32, 256};
    QtrGenotype genotype;
    QtrArch arch;

    read_genotype(&genotype, &arch, file);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *key = g_strdup_printf("%d", sizes[i]);
        QtrCost cost = qtr_genotype_cost(&genotype, &arch, sizes[i], sizes[i]);

        assert_true(cost.bitops == golden_number(file, "bitops", key));
        assert_int_equal(cost.parameters, (gsize)meta_number(file, "parameters"));
    }
}

/* Gradients and the step of every tensor that has a gradient in the file: those of all convolutions
 * and ADMs, and LSQ's steps where there are any. */
static void compare_tensors(QtrNet *net, const QtrSafetensors *file, double bound)
{
    guint compared = 0, in_file = 0;

    for (guint i = 0; i < qtr_safetensors_count(file); i++)
        in_file += g_str_has_suffix(qtr_safetensors_at(file, i)->name, ".grad");
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        g_autofree char *name = g_strconcat("w.", info->name, NULL);
        g_autofree char *grad = g_strconcat(name, ".grad", NULL);

        if (info->kind != QTR_TENSOR_TRAINED)
            continue;
        golden_compare_tensor(net, info->name, QTR_PART_GRADIENT, file, grad, bound);
        golden_compare_stepped(net, info->name, file, name, meta_number(file, "lr"), 0.0, 1.0);
        compared++;
    }
    assert_true(compared > 0);
    assert_int_equal(compared, in_file);
}

/* The reference's weights after its step: what rounding makes of ours would move them across the
 * thresholds of LSQ. */
static void write_stepped(QtrNet *net, const QtrSafetensors *file)
{
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        g_autofree char *name = g_strconcat("w.", info->name, ".stepped", NULL);
        const QtrStoredTensor *t = qtr_safetensors_find(file, name);

        if (t)
            assert_true(qtr_net_write(net, i, QTR_PART_VALUE, t->data, NULL));
    }
}

/* `bound` of gradients as in golden_compare_tensor. Sums of products of few-bit weights and
 * activations are often zero but for rounding, which is the threshold of the next activation's
 * gradient: where such layers follow each other gradients of two right programs differ by several
 * percent. test-golden-primitives follows this element by element. */
static void check_final(const char *name, double bound)
{
    g_autoptr(QtrSafetensors) file = golden_load(name);
    g_autoptr(QtrDevice) device = golden_device();
    g_autoptr(QtrNet) net = new_net(device, file);
    QtrRates rates = {.lr = meta_number(file, "lr")};
    QtrNetResults results;

    compare_costs(file);
    assert_true(qtr_net_weight_step(net, &rates, NULL));
    assert_true(qtr_net_results(net, &results, NULL));
    compare_output(net, file, "y");
    assert_true(fabs(results.loss - meta_number(file, "loss")) <= 1e-5 * results.loss);
    compare_tensors(net, file, bound);
    write_stepped(net, file);
    assert_true(qtr_net_evaluate(net, NULL, NULL));
    compare_output(net, file, "eval.y");
}

static void test_fp32_skip(void **state)
{
    check_final("final_fp32_skip.safetensors", 0.0);
}

static void test_q84_skip(void **state)
{
    check_final("final_q84_skip.safetensors", 1.5e-1);
}

static void test_q84_adm(void **state)
{
    check_final("final_q84_adm.safetensors", 1e-2);
}

static void test_q2_adm(void **state)
{
    check_final("final_q2_adm.safetensors", 2e-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fp32_skip),
        cmocka_unit_test(test_q84_skip),
        cmocka_unit_test(test_q84_adm),
        cmocka_unit_test(test_q2_adm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
