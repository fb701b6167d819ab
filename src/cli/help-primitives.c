#include "cli/help.h"

#include "nn/primitive.h"

/* Weights of the chain, "-" where the primitive does not fit. */
static char *weights_text(const QtrPrimitive *primitive, int channels)
{
    QtrConvShape chain[QTR_CHAIN_MAX];
    int length = qtr_primitive_chain(primitive, channels, channels, channels, chain);
    g_autofree char *problem = qtr_primitive_problem(primitive, channels, channels, channels);
    gsize weights = 0;

    if (problem)
        return g_strdup("-");
    for (int i = 0; i < length; i++)
        weights += qtr_conv_shape_weights(&chain[i]);
    return g_strdup_printf("%" G_GSIZE_FORMAT, weights);
}

char *qtr_help_primitives(void)
{
    g_autoptr(QtrConfig) defaults = qtr_config_new();
    int channels = defaults->arch.c_fixed;
    GString *text = g_string_new(NULL);

    g_string_append_printf(
        text,
        "Primitives, the operations a layer chooses from (arch.primitives). A chain of\n"
        "convolutions maps the layer's in to its out channels, C is arch.c_fixed; 3x3/3\n"
        "has 3 groups, 3x3/in a group for each channel. In front of each convolution stands\n"
        "the quantizer of activations, which is the non-linearity too.\n\n"
        "Weights are for in = out = C = %d, the default; - does not fit that. On an image\n"
        "of h x w a layer costs 2 * weights * h * w FLOPs, and with b bits FLOPs * b * b / 2\n"
        "BitOps. 'quantoaster space -c FILE' lists the costs of each layer.\n\n"
        "  %-23s %8s  chain\n",
        channels, "primitive", "weights");
    for (guint i = 0; i < qtr_primitive_count(); i++) {
        const QtrPrimitive *primitive = qtr_primitive_at(i);
        g_autofree char *weights = weights_text(primitive, channels);
        g_autofree char *chain = qtr_primitive_text(primitive);

        g_string_append_printf(text, "  %-23s %8s  %s\n", qtr_primitive_name(primitive), weights,
                               chain);
    }
    return g_string_free(text, FALSE);
}
