#pragma once
#include <glib.h>
#include <sys/types.h>

/* Writes are all or nothing: temporary file in the same folder, fsync, rename. */

/* Replaces `path` by `size` bytes; a link stays, and the file it leads to is replaced. Mode and, as
 * far as the user may, owner and group stay those of the old file; a new one has 0644. A device, a
 * pipe or a folder is refused (QTR_ERROR_IO). On failure the old file is untouched and no temporary
 * remains. */
gboolean qtr_file_write(const char *path, const void *data, gsize size, GError **error);

/* Called with an open descriptor to fill; returns FALSE with an error to abandon the write. */
typedef gboolean (*QtrFileFill)(int fd, gpointer user_data, GError **error);
gboolean qtr_file_write_with(const char *path, QtrFileFill fill, gpointer user_data,
                             GError **error);

/* Whether a file's name is one of the temporary ones: a write that was killed leaves it. */
gboolean qtr_file_is_temporary(const char *name);
/* Removes those of `folder`, where nobody else may be writing; what is in its folders stays. */
void qtr_file_remove_temporary(const char *folder);

/* write(2) until all bytes are out. */
gboolean qtr_file_write_all(int fd, const void *data, gsize size, GError **error);

/* Bytes of a file that people write: configurations, genotypes, tiles, sets. */
#define QTR_FILE_TEXT_MAX ((gsize)1 << 20)
/* How deep folders from outside are walked: a link may lead back. */
#define QTR_FILE_DEPTH_MAX 32

/* A file or folder, whichever of its paths and links is given. */
typedef struct {
    dev_t device;
    ino_t inode;
} QtrFileId;
/* Follows links; FALSE if there is nothing. */
gboolean qtr_file_identify(const char *path, QtrFileId *id);
guint qtr_file_id_hash(gconstpointer key);
gboolean qtr_file_id_equal(gconstpointer a, gconstpointer b);

/* Whole file; a file larger than `max` bytes is an error, as untrusted input must be bounded.
 * A NUL follows the data. */
char *qtr_file_read(const char *path, gsize max, gsize *size, GError **error);

/* Makes a new folder `parent/name`, or `parent/name-2`, `-3`, ... ; parents are made. Returns its
 * path (free with g_free). Safe against another process doing the same. */
char *qtr_file_make_unique_dir(const char *parent, const char *name, GError **error);
