/* Writes every OpenCL program that a search, training and inference of quant_config build, in the
 * forms for GPUs and for CPUs: FOLDER/<name>.cl and <name>.options, for compile.py. Not a test by
 * itself. */
#include "gpu/private.h"
#include "gpu/registry.h"
#include "nn/net.h"
#include "run/config-net.h"

#include <stdio.h>
#include <string.h>

static const char genotype_text[] =
    "Genotype_SR(head=[('simple_3x3_grouped_3', 8)], body=[('simple_3x3', 4), ('conv_3x1_1x3', 8)],"
    " tail=[('simple_5x5_grouped_3', 8)], skip=[('simple_1x1', 8)], upsample=[('simple_5x5', 8)])";

typedef struct {
    const char *folder;
    GHashTable *written; /* keys of programs */
} Writer;

static gboolean write_program(Writer *writer, const char *key, GError **error)
{
    const char *options = strchr(key, '\n') + 1;
    g_autofree char *file = g_strndup(key, (gsize)(options - 1 - key));
    g_autofree char *base =
        g_strdup_printf("%s/%s-%03u", writer->folder, file, g_hash_table_size(writer->written));
    g_autofree char *text_path = g_strconcat(base, ".cl", NULL);
    g_autofree char *options_path = g_strconcat(base, ".options", NULL);
    const QtrClSource *source = qtr_cl_sources;

    if (!g_hash_table_add(writer->written, g_strdup(key)))
        return TRUE;
    while (!g_str_equal(source->name, file))
        source++;
    return g_file_set_contents(text_path, source->text, -1, error) &&
           g_file_set_contents(options_path, options, -1, error);
}

static gboolean write_programs(Writer *writer, QtrDevice *device, GError **error)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, device->programs);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        if (!write_program(writer, key, error))
            return FALSE;
    return TRUE;
}

/* Options do not depend on the images' size. */
static gboolean build(QtrDevice *device, QtrNetParams *params, GError **error)
{
    QtrNet *net;

    params->batch = 1;
    params->height = params->width = 16;
    net = qtr_net_new(device, params, error);
    qtr_net_free(net);
    return net != NULL;
}

/* The search of quant_config, and a network it could find. */
static gboolean build_networks(QtrDevice *device, GError **error)
{
    g_autofree char *path =
        g_build_filename(g_getenv("QTR_SOURCE_ROOT"), "configs", "quant_config.yaml", NULL);
    g_autoptr(QtrConfig) config = qtr_config_load(path, NULL, NULL, NULL, error);
    QtrNetParams params;
    QtrGenotype genotype;

    if (!config || !qtr_genotype_parse(&genotype, genotype_text, "test", error))
        return FALSE;
    qtr_config_get_supernet(config, &params);
    if (!build(device, &params, error))
        return FALSE;
    params.genotype = &genotype;
    if (!build(device, &params, error))
        return FALSE;
    params.inference = TRUE;
    if (!build(device, &params, error))
        return FALSE;
    params.halves = TRUE;
    return !qtr_device_info(device)->shares_tiles || build(device, &params, error);
}

static gboolean build_form(Writer *writer, const QtrDeviceParams *form, GError **error)
{
    g_autoptr(QtrDevice) device = qtr_device_open(form, error);

    return device && build_networks(device, error) && qtr_device_self_test(device, error) &&
           qtr_program_get(device, "peak", NULL, error) && write_programs(writer, device, error);
}

int main(int argc, char **argv)
{
    static const QtrDeviceParams forms[] = {{.vector_width = 1, .tiles = QTR_TILES_SHARED},
                                            {.vector_width = 16}};
    g_autoptr(GError) error = NULL;
    Writer writer = {argc == 2 ? argv[1] : NULL,
                     g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};

    if (!writer.folder || !g_getenv("QTR_SOURCE_ROOT")) {
        fprintf(stderr, "usage: QTR_SOURCE_ROOT=... programs FOLDER\n");
        return 2;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (!build_form(&writer, &forms[i], &error)) {
            fprintf(stderr, "%s\n", error->message);
            return 1;
        }
    g_hash_table_unref(writer.written);
    return 0;
}
