#include "base/digest.h"
#include "base/file.h"
#include "gpu/private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

/* An entry is <SHA-256 of what determines the binary>.bin: this header, then the driver's binary.
 */
#define FORMAT "quantoaster program 1"
#define MAGIC "QTRCLBIN"
#define DIGEST 32
#define ENTRY_MAX ((gsize)64 << 20)
#define FOLDER_MAX ((guint64)256 << 20)

typedef struct {
    char magic[8];
    guint64 size; /* of the binary, little endian */
    guint8 digest[DIGEST];
} Header;
G_STATIC_ASSERT(sizeof(Header) == 48);

static void digest_of(const void *data, gsize size, guint8 digest[DIGEST])
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize length = DIGEST;

    g_checksum_update(sum, data, (gssize)size);
    g_checksum_get_digest(sum, digest, &length);
    g_checksum_free(sum);
}

gboolean qtr_cache_is_of_use(const QtrDeviceInfo *info)
{
    return !strstr(info->platform, "NVIDIA");
}

/* PoCL 3.1 compiles every kernel once more, for any group size, before it hands a binary out: 200
 * to 400 ms a program, with a lock held that every launch of the process waits for. It pays: with
 * PoCL's own cache filled, a program takes 19 ms to build from source and 2 ms from the binary. */
gboolean qtr_cache_is_slow(const QtrDeviceInfo *info)
{
    return strstr(info->platform, "Portable Computing") != NULL;
}

char *qtr_cache_path(const QtrDevice *device, const char *text, const char *options)
{
    const char *const parts[] = {FORMAT,
                                 device->info->name,
                                 device->info->driver,
                                 device->info->platform,
                                 device->info->version,
                                 options,
                                 text};
    g_autofree char *name = NULL;
    GChecksum *sum;
    char *path;

    if (!device->cache_dir)
        return NULL;
    sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        qtr_digest_add_text(sum, parts[i]);
    name = g_strconcat(g_checksum_get_string(sum), ".bin", NULL);
    path = g_build_filename(device->cache_dir, name, NULL);
    g_checksum_free(sum);
    return path;
}

static gboolean is_sound(const char *data, gsize size)
{
    guint8 digest[DIGEST];
    Header header;

    if (size < sizeof header)
        return FALSE;
    memcpy(&header, data, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof header.magic) != 0 ||
        GUINT64_FROM_LE(header.size) != size - sizeof header)
        return FALSE;
    digest_of(data + sizeof header, size - sizeof header, digest);
    return memcmp(digest, header.digest, sizeof digest) == 0;
}

GBytes *qtr_cache_load(const QtrDevice *device, const char *path)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) whole = NULL;
    gsize size = 0;
    char *data;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    data = qtr_file_read(path, ENTRY_MAX, &size, &problem);
    if (!data || !is_sound(data, size)) {
        qtr_debug(device->log, "cached program %s is damaged: %s", path,
                  problem ? problem->message : "wrong header or checksum");
        /* At once: after the build it may be a sound one, stored by another process. */
        (void)g_unlink(path);
        g_free(data);
        return NULL;
    }
    (void)g_utime(path, NULL); /* pruning goes by age of use */
    whole = g_bytes_new_take(data, size);
    return g_bytes_new_from_bytes(whole, sizeof(Header), size - sizeof(Header));
}

typedef struct {
    char *path;
    guint64 size;
    gint64 used;
} Entry;

static void entry_clear(gpointer data)
{
    g_free(((Entry *)data)->path);
}

static int by_use(gconstpointer a, gconstpointer b)
{
    const Entry *x = a, *y = b;

    return (x->used > y->used) - (x->used < y->used);
}

/* Entries and what an interrupted write left of them; nothing else in the folder is touched. */
static gboolean is_entry_name(const char *name)
{
    return qtr_file_is_temporary(name) || (strspn(name, "0123456789abcdef") == 2 * DIGEST &&
                                           g_str_has_prefix(name + 2 * DIGEST, ".bin"));
}

static GArray *entries_of(const char *folder)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    g_array_set_clear_func(entries, entry_clear);
    while (dir && (name = g_dir_read_name(dir))) {
        Entry entry = {.path = g_build_filename(folder, name, NULL)};
        GStatBuf st;

        if (is_entry_name(name) && g_stat(entry.path, &st) == 0) {
            entry.size = (guint64)st.st_size;
            entry.used = st.st_mtime;
            g_array_append_val(entries, entry);
        } else {
            g_free(entry.path);
        }
    }
    return entries;
}

void qtr_cache_prune(const char *folder, guint64 max)
{
    g_autoptr(GArray) entries = entries_of(folder);
    guint64 total = 0;

    for (guint i = 0; i < entries->len; i++)
        total += g_array_index(entries, Entry, i).size;
    g_array_sort(entries, by_use);
    for (guint i = 0; i < entries->len && total > max; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);

        if (g_unlink(entry->path) == 0)
            total -= entry->size;
    }
}

void qtr_cache_store(QtrDevice *device, const char *path, const void *binary, gsize size)
{
    gsize total = sizeof(Header) + size;
    Header header = {.size = GUINT64_TO_LE((guint64)size)};
    g_autoptr(GError) problem = NULL;
    g_autofree char *data = NULL;

    if (size > ENTRY_MAX - sizeof header)
        return;
    if (g_mkdir_with_parents(device->cache_dir, 0700) != 0) {
        qtr_debug(device->log, "no program cache in %s: %s", device->cache_dir, g_strerror(errno));
        return;
    }
    memcpy(header.magic, MAGIC, sizeof header.magic);
    digest_of(binary, size, header.digest);
    data = g_malloc(total);
    memcpy(data, &header, sizeof header);
    memcpy(data + sizeof header, binary, size);
    if (!qtr_file_write(path, data, total, &problem))
        qtr_debug(device->log, "program not cached: %s", problem->message);
    else if (!device->pruned)
        qtr_cache_prune(device->cache_dir, FOLDER_MAX);
    device->pruned = TRUE;
}
