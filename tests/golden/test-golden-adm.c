/* ADM against the reference: y = ADM(x, z*z, x) in training with all gradients and the running
 * statistics, then in evaluation. */
#include "../kernels/planes.h"
#include "harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static QtrNet *new_net(QtrDevice *device, const QtrStoredTensor *x)
{
    const QtrGenotype genotype = golden_zero_genotype();
    QtrNetParams params;

    golden_zero_params(&params, (int)x->dims[1]);
    params.batch = (int)x->dims[0];
    params.height = (int)x->dims[2];
    params.width = (int)x->dims[3];
    params.arch.skip_mode = FALSE;
    params.genotype = &genotype;
    return golden_new_net(device, &params, NULL);
}

/* out = factor * a * b, on the host. */
static void product(const QtrTensor *out, float factor, const QtrTensor *a, const QtrTensor *b)
{
    gsize n = planes_count(out);
    g_autofree float *av = g_new(float, n), *bv = g_new(float, n);

    planes_read(a, av);
    planes_read(b, bv);
    for (gsize i = 0; i < n; i++)
        av[i] *= factor * bv[i];
    planes_write(out, av);
}

/* ADM around f(z) = z*z; returns y and keeps z and f. */
static QtrTensor *run_forward(Harness *h, NetAdm *adm, const QtrTensor *x, gboolean training,
                              const QtrTensor **z, QtrTensor **f)
{
    QtrTensor *y;

    *z = net_emit_adm_begin(h->net, &h->emit, adm, x, training, NULL, 0);
    harness_run(h);
    *f = harness_tensor(h, x->channels, x->height, x->width, NULL);
    product(*f, 1.0f, *z, *z);
    y = net_emit_adm_end(h->net, &h->emit, adm, *f, x, NULL);
    harness_run(h);
    return y;
}

static const QtrTensor *run_backward(Harness *h, NetAdm *adm, const QtrTensor *dy,
                                     const QtrTensor *z)
{
    const QtrTensor *df = net_emit_adm_back_end(h->net, &h->emit, adm, dy), *dx;
    QtrTensor *dz = harness_tensor(h, dy->channels, dy->height, dy->width, NULL);

    harness_run(h);
    product(dz, 2.0f, df, z);
    dx = net_emit_adm_back_begin(h->net, &h->emit, adm, dy, dz);
    harness_run(h);
    return dx;
}

static void compare_tensors(QtrNet *net, const QtrSafetensors *file)
{
    static const struct {
        const char *tensor, *name;
        QtrTensorPart part;
    } compared[] = {
        {"adn_one.bn.weight", "bn.weight.grad", QTR_PART_GRADIENT},
        {"adn_one.bn.bias", "bn.bias.grad", QTR_PART_GRADIENT},
        {"adn_one.phi.weight", "phi.weight.grad", QTR_PART_GRADIENT},
        {"adn_one.phi.bias", "phi.bias.grad", QTR_PART_GRADIENT},
        {"adn_one.bn.running_mean", "after.bn.running_mean", QTR_PART_VALUE},
        {"adn_one.bn.running_var", "after.bn.running_var", QTR_PART_VALUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(compared); i++)
        golden_compare_tensor(net, compared[i].tensor, compared[i].part, file, compared[i].name,
                              0.0);
}

static void test_adm(void **state)
{
    g_autoptr(QtrSafetensors) file = golden_load("adm.safetensors");
    const QtrStoredTensor *stored = qtr_safetensors_find(file, "x");
    g_autoptr(QtrDevice) device = golden_device();
    g_autoptr(QtrNet) net = new_net(device, stored);
    g_autoptr(Harness) h = harness_new(net);
    int c = net->one.channels, height = net->params.height, width = net->params.width;
    QtrTensor *x = harness_tensor(h, c, height, width, stored->data), *f;
    QtrTensor *dy = harness_tensor(h, c, height, width, qtr_safetensors_find(file, "dy")->data);
    const QtrTensor *z;

    golden_write_net(net, file, "before.", "adn_one.");
    harness_compare(run_forward(h, &net->one, x, TRUE, &z, &f), file, "y", NULL);
    harness_compare(run_backward(h, &net->one, dy, z), file, "dx", NULL);
    compare_tensors(net, file);
    harness_compare(run_forward(h, &net->one, x, FALSE, &z, &f), file, "eval.y", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_adm)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
