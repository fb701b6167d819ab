#include "run/batch-private.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define PAUSE_FILE "PAUSE"
#define LOCK_BYTES 32

int qtr_batch_pid(const char *dir)
{
    g_autofree char *path = g_build_filename(dir, QTR_BATCH_LOCK, NULL);
    char text[LOCK_BYTES + 1] = "";
    int fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
    int pid = 0;

    if (fd < 0)
        return 0;
    if (read(fd, text, LOCK_BYTES) > 0)
        pid = (int)g_ascii_strtoll(text, NULL, 10);
    /* A lock that can be shared is held by nobody. It is not tried without need: while it is held
     * here no batch could begin. */
    if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH) || flock(fd, LOCK_SH | LOCK_NB) == 0)
        pid = 0;
    (void)close(fd);
    return pid;
}

gboolean qtr_batch_is_paused(const char *dir)
{
    g_autofree char *path = g_build_filename(dir, PAUSE_FILE, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

gboolean qtr_batch_set_paused(const char *dir, gboolean paused, GError **error)
{
    static const char text[] = "While this file is here, no further trial begins.\n";
    g_autofree char *path = g_build_filename(dir, PAUSE_FILE, NULL);

    if (paused)
        return qtr_file_write(path, text, sizeof text - 1, error);
    if (g_unlink(path) == 0 || errno == ENOENT)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot remove %s: %s", path, g_strerror(errno));
    return FALSE;
}
