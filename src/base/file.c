#include "base/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40
#define TEMPORARY_PREFIX ".qtr-" /* hidden, so that nobody takes it for a picture of a folder */
#define TEMPORARY_SUFFIX ".tmp"

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
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

/* The file that `path` stands for, through links, even if it is not there yet: renamed over `path`
 * itself, the new file would stand in for the link. `old` has a mode of 0 if there is none. */
static char *find_target(const char *path, struct stat *old, GError **error)
{
    g_autofree char *target = g_strdup(path);

    *old = (struct stat){0};
    if (stat(path, old) == 0 && !S_ISREG(old->st_mode)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO,
                    "%s is %s and cannot be replaced; name another file", path,
                    S_ISDIR(old->st_mode) ? "a folder" : "a device or a pipe");
        return NULL;
    }
    for (int i = 0; i < LINKS_MAX; i++) {
        g_autofree char *folder = g_path_get_dirname(target);
        g_autofree char *leads_to = NULL;

        if (!g_file_test(target, G_FILE_TEST_IS_SYMLINK))
            return g_steal_pointer(&target);
        leads_to = g_file_read_link(target, NULL);
        if (!leads_to)
            break;
        g_free(target);
        target = g_path_is_absolute(leads_to) ? g_strdup(leads_to)
                                              : g_build_filename(folder, leads_to, NULL);
    }
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s: cannot follow the link", path);
    return NULL;
}

/* Who could not read the old file cannot read the new one. */
static gboolean keep_access(int fd, const struct stat *old)
{
    mode_t mode = old->st_mode & 0777;
    struct stat now;

    if (old->st_mode == 0)
        return TRUE;
    if (fstat(fd, &now) != 0)
        return FALSE;
    /* Only root gives files away; a group we are not of cannot be kept, and ours is another. */
    if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
        fchown(fd, old->st_uid, old->st_gid) != 0 && fchown(fd, (uid_t)-1, old->st_gid) != 0)
        mode &= (mode_t)~0070 | (mode & 0007) << 3;
    /* Some file systems have the same owner and mode for all files, and let nobody change them. */
    now.st_mode &= 0777;
    return now.st_mode == mode || fchmod(fd, mode) == 0 || (now.st_mode & ~mode) == 0;
}

static gboolean replace(const char *path, const char *target, const struct stat *old,
                        QtrFileFill fill, gpointer user_data, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(target);
    /* Not made of the file's name, which may be as long as names can be. */
    g_autofree char *temporary =
        g_build_filename(folder, TEMPORARY_PREFIX "XXXXXX" TEMPORARY_SUFFIX, NULL);
    int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, old->st_mode ? 0600 : 0644);
    gboolean ok;

    if (fd < 0)
        return fail(error, "create a file beside", path);
    ok = fill(fd, user_data, error);
    if (ok && !keep_access(fd, old))
        ok = fail(error, "keep the mode of", path);
    if (ok && fsync(fd) != 0)
        ok = fail(error, "sync", path);
    if (close(fd) != 0 && ok)
        ok = fail(error, "close", path);
    if (ok && g_rename(temporary, target) != 0)
        ok = fail(error, "rename to", path);
    if (ok)
        sync_folder(folder);
    else {
        (void)g_unlink(temporary);
        g_prefix_error(error, "%s: ", path);
    }
    return ok;
}

gboolean qtr_file_write_with(const char *path, QtrFileFill fill, gpointer user_data, GError **error)
{
    struct stat old;
    g_autofree char *target = find_target(path, &old, error);

    return target && replace(path, target, &old, fill, user_data, error);
}

gboolean qtr_file_is_temporary(const char *name)
{
    return strlen(name) == strlen(TEMPORARY_PREFIX "XXXXXX" TEMPORARY_SUFFIX) &&
           g_str_has_prefix(name, TEMPORARY_PREFIX) && g_str_has_suffix(name, TEMPORARY_SUFFIX);
}

void qtr_file_remove_temporary(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path =
            qtr_file_is_temporary(name) ? g_build_filename(folder, name, NULL) : NULL;

        if (path)
            (void)g_unlink(path);
    }
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

gboolean qtr_file_identify(const char *path, QtrFileId *id)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return FALSE;
    *id = (QtrFileId){st.st_dev, st.st_ino};
    return TRUE;
}

guint qtr_file_id_hash(gconstpointer key)
{
    const QtrFileId *id = key;

    return (guint)(id->inode ^ id->device * 31);
}

gboolean qtr_file_id_equal(gconstpointer a, gconstpointer b)
{
    const QtrFileId *x = a, *y = b;

    return x->device == y->device && x->inode == y->inode;
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
