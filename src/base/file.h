#pragma once
#include <glib.h>

/* Writes are all or nothing: temporary file in the same folder, fsync, rename. */

/* Replaces `path` by `size` bytes. On failure the old file is untouched and no temporary remains.
 */
gboolean qtr_file_write(const char *path, const void *data, gsize size, GError **error);

/* Called with an open descriptor to fill; returns FALSE with an error to abandon the write. */
typedef gboolean (*QtrFileFill)(int fd, gpointer user_data, GError **error);
gboolean qtr_file_write_with(const char *path, QtrFileFill fill, gpointer user_data,
                             GError **error);

/* write(2) until all bytes are out. */
gboolean qtr_file_write_all(int fd, const void *data, gsize size, GError **error);

/* Bytes of a file that people write: configurations, genotypes, tiles, sets. */
#define QTR_FILE_TEXT_MAX ((gsize)1 << 20)
/* How deep folders from outside are walked: a link may lead back. */
#define QTR_FILE_DEPTH_MAX 32

/* Whole file; a file larger than `max` bytes is an error, as untrusted input must be bounded.
 * A NUL follows the data. */
char *qtr_file_read(const char *path, gsize max, gsize *size, GError **error);

/* Makes a new folder `parent/name`, or `parent/name-2`, `-3`, ... ; parents are made. Returns its
 * path (free with g_free). Safe against another process doing the same. */
char *qtr_file_make_unique_dir(const char *parent, const char *name, GError **error);
