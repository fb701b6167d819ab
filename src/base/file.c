#include "base/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean fail(GError **error, const char *verb, const char *path)
{
    int code = errno;

    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot %s %s: %s", verb, path, g_strerror(code));
    return FALSE;
}

gboolean qtr_file_write_all(int fd, const void *data, gsize size, GError **error)
{
    const char *p = data;

    while (size > 0) {
        gssize n = write(fd, p, MIN(size, (gsize)1 << 30));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "write failed: %s", g_strerror(errno));
            return FALSE;
        }
        p += n;
        size -= (gsize)n;
    }
    return TRUE;
}

/* A rename is durable only once its folder is. */
static void sync_folder_of(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

gboolean qtr_file_write_with(const char *path, QtrFileFill fill, gpointer user_data, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.XXXXXX.tmp", path);
    int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0644);
    gboolean ok;

    if (fd < 0)
        return fail(error, "create a file beside", path);
    ok = fill(fd, user_data, error);
    if (ok && fsync(fd) != 0)
        ok = fail(error, "sync", path);
    if (close(fd) != 0 && ok)
        ok = fail(error, "close", path);
    if (ok && g_rename(temporary, path) != 0)
        ok = fail(error, "rename to", path);
    if (ok)
        sync_folder_of(path);
    else {
        (void)g_unlink(temporary);
        g_prefix_error(error, "%s: ", path);
    }
    return ok;
}

typedef struct {
    const void *data;
    gsize size;
} Bytes;

static gboolean fill_bytes(int fd, gpointer user_data, GError **error)
{
    const Bytes *bytes = user_data;

    return qtr_file_write_all(fd, bytes->data, bytes->size, error);
}

gboolean qtr_file_write(const char *path, const void *data, gsize size, GError **error)
{
    Bytes bytes = {data, size};

    return qtr_file_write_with(path, fill_bytes, &bytes, error);
}

char *qtr_file_read(const char *path, gsize max, gsize *size, GError **error)
{
    g_autofree char *data = NULL;
    struct stat st;
    gsize got = 0;
    /* Without O_NONBLOCK a named pipe would hang the program. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        fail(error, "open", path);
        return NULL;
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s is not a regular file", path);
    } else if ((guint64)st.st_size > max) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "%s has %" G_GUINT64_FORMAT " bytes, more than the %" G_GSIZE_FORMAT
                    " allowed for such a file",
                    path, (guint64)st.st_size, max);
    } else {
        data = g_malloc((gsize)st.st_size + 1);
        while (got < (gsize)st.st_size) {
            gssize n = read(fd, data + got, (gsize)st.st_size - got);

            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0) {
                fail(error, "read", path);
                g_clear_pointer(&data, g_free);
            }
            if (n <= 0)
                break;
            got += (gsize)n;
        }
    }
    (void)close(fd);
    if (!data)
        return NULL;
    data[got] = '\0';
    if (size)
        *size = got;
    return g_steal_pointer(&data);
}

char *qtr_file_make_unique_dir(const char *parent, const char *name, GError **error)
{
    if (g_mkdir_with_parents(parent, 0755) != 0) {
        fail(error, "make folder", parent);
        return NULL;
    }
    for (int i = 1; i < 100000; i++) {
        g_autofree char *leaf = i == 1 ? g_strdup(name) : g_strdup_printf("%s-%d", name, i);
        g_autofree char *path = g_build_filename(parent, leaf, NULL);

        if (g_mkdir(path, 0755) == 0)
            return g_steal_pointer(&path);
        if (errno != EEXIST) {
            fail(error, "make folder", path);
            return NULL;
        }
    }
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "no free name for %s in %s", name, parent);
    return NULL;
}
