#include "gpu/tuning.h"

#include "base/error.h"
#include "base/shipped.h"
#include "gpu/private.h"
#include "gpu/registry.h"

#include <errno.h>
#include <string.h>

#define FORMAT "quantoaster tuning 2"

/* What a file says of the device it was measured on. */
enum {
    FIELD_FORMAT,
    FIELD_DEVICE,
    FIELD_VENDOR,
    FIELD_DRIVER,
    FIELD_PLATFORM,
    FIELD_KERNELS,
    FIELDS
};

/* Of the kernels that have tiles to choose. */
static char *kernels_digest(void)
{
    for (const QtrClSource *source = qtr_cl_sources; source->name; source++)
        if (g_str_equal(source->name, "conv-gpu"))
            return g_compute_checksum_for_string(G_CHECKSUM_SHA256, source->text, -1);
    return g_strdup("");
}

static void fill_fields(const QtrDeviceInfo *info, const char *kernels,
                        QtrTuningField fields[FIELDS])
{
    const QtrTuningField filled[FIELDS] = {
        [FIELD_FORMAT] = {"format", FORMAT},
        [FIELD_DEVICE] = {"device", info->name},
        [FIELD_VENDOR] = {"vendor", info->vendor},
        [FIELD_DRIVER] = {"driver", info->driver},
        [FIELD_PLATFORM] = {"platform", info->platform},
        [FIELD_KERNELS] = {"kernels", kernels},
    };

    memcpy(fields, filled, sizeof filled);
}

/* The user's own file; NULL without a cache. */
static char *path_of(const QtrDevice *device, const QtrTuningField fields[FIELDS])
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_autofree char *digest = NULL, *name = NULL;

    if (!device->tuning_dir)
        return NULL;
    for (int i = 0; i < FIELDS; i++)
        g_string_append_printf(all, "%s\n", fields[i].value);
    digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all->str, -1);
    name = g_strconcat("tuning-", digest, ".json", NULL);
    return g_build_filename(device->tuning_dir, name, NULL);
}

/* "NVIDIA GeForce RTX 3090" is in nvidia-geforce-rtx-3090.json. */
static char *shipped_name(const char *text)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    g_auto(GStrv) words = NULL;
    GString *name = g_string_new(NULL);

    g_strcanon(lower, G_CSET_a_2_z G_CSET_DIGITS, ' ');
    words = g_strsplit(lower, " ", -1);
    for (char **word = words; *word; word++)
        if (**word)
            g_string_append_printf(name, "%s%s", name->len ? "-" : "", *word);
    g_string_append(name, ".json");
    return g_string_free(name, FALSE);
}

static void read_or_warn(QtrDevice *device, const char *path, const QtrTuningField *fields, gsize n,
                         GHashTable *tiles, const char *remedy)
{
    g_autoptr(GError) error = NULL;

    if (!qtr_tuning_file_read(path, fields, n, tiles, &error))
        qtr_warning(device->log, "measured tiles are not used: %s; %s", error->message, remedy);
}

static char *find_shipped(const QtrDevice *device, const char *name)
{
    g_autofree char *below = g_build_filename("tuning", name, NULL);

    if (!device->shipped_dir)
        return qtr_shipped_find(below);
    return *device->shipped_dir ? g_build_filename(device->shipped_dir, name, NULL) : NULL;
}

static void load_shipped(QtrDevice *device, const QtrTuningField *field)
{
    const QtrTuningField fields[] = {{"format", FORMAT}, *field};
    g_autofree char *name = shipped_name(field->value);
    g_autofree char *path = find_shipped(device, name);

    if (path && g_file_test(path, G_FILE_TEST_EXISTS))
        read_or_warn(device, path, fields, G_N_ELEMENTS(fields), device->tuned_elsewhere,
                     "replace or remove it");
}

static void load(QtrDevice *device)
{
    g_autofree char *kernels = kernels_digest(), *path = NULL;
    QtrTuningField fields[FIELDS];

    if (device->tuned)
        return;
    device->tuned = qtr_tuning_table_new();
    device->tuned_elsewhere = qtr_tuning_table_new();
    fill_fields(device->info, kernels, fields);
    path = path_of(device, fields);
    if (path && g_file_test(path, G_FILE_TEST_EXISTS))
        read_or_warn(device, path, fields, FIELDS, device->tuned, "`tune` measures them again");
    load_shipped(device, &fields[FIELD_VENDOR]); /* the device's own replace them */
    load_shipped(device, &fields[FIELD_DEVICE]);
}

gboolean qtr_tuning_get(QtrDevice *device, const char *name, int values[QTR_TUNING_VALUES])
{
    const QtrTuningEntry *entry;

    load(device);
    entry = g_hash_table_lookup(device->tuned, name);
    if (!entry)
        entry = g_hash_table_lookup(device->tuned_elsewhere, name);
    if (entry)
        memcpy(values, entry->values, sizeof entry->values);
    return entry != NULL;
}

void qtr_tuning_set(QtrDevice *device, const char *name, const int values[QTR_TUNING_VALUES])
{
    load(device);
    g_hash_table_replace(device->tuned, g_strdup(name), g_memdup2(values, sizeof(QtrTuningEntry)));
}

void qtr_tuning_forget(QtrDevice *device)
{
    load(device);
    g_hash_table_remove_all(device->tuned);
}

static gboolean make_folder(const char *folder, int mode, GError **error)
{
    if (g_mkdir_with_parents(folder, mode) == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s cannot be made: %s", folder, g_strerror(errno));
    return FALSE;
}

char *qtr_tuning_save(QtrDevice *device, GError **error)
{
    g_autofree char *kernels = kernels_digest(), *path = NULL;
    QtrTuningField fields[FIELDS];

    fill_fields(device->info, kernels, fields);
    path = path_of(device, fields);
    if (!path) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "the device was opened without a cache folder");
        return NULL;
    }
    load(device);
    if (!make_folder(device->tuning_dir, 0700, error) ||
        !qtr_tuning_file_write(path, fields, FIELDS, device->tuned, error))
        return NULL;
    return g_steal_pointer(&path);
}

char *qtr_tuning_export(QtrDevice *device, const char *folder, GError **error)
{
    g_autofree char *kernels = kernels_digest(), *name = shipped_name(device->info->name);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    QtrTuningField fields[FIELDS];

    fill_fields(device->info, kernels, fields);
    load(device);
    if (!make_folder(folder, 0777, error) ||
        !qtr_tuning_file_write(path, fields, FIELDS, device->tuned, error))
        return NULL;
    return g_steal_pointer(&path);
}
