#include "run/batch-private.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PAUSE_FILE "PAUSE"
#define LOCK_BYTES 320 /* a number and a host's name */

/* The number of the process that a lock names if it is one of this machine, else 0. */
static int pid_here(const char *text)
{
    char *end;
    gint64 pid = g_ascii_strtoll(text, &end, 10);

    g_strchomp(end);
    return *end == ' ' && strcmp(end + 1, g_get_host_name()) == 0 && pid > 1 && pid <= G_MAXINT
               ? (int)pid
               : 0;
}

QtrBatchRunner qtr_batch_runner(const char *dir, int *pid)
{
    g_autofree char *path = g_build_filename(dir, QTR_BATCH_LOCK, NULL);
    char text[LOCK_BYTES + 1] = "";
    int fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
    QtrBatchRunner runner = QTR_BATCH_IDLE;
    int here = 0;

    if (fd >= 0 && read(fd, text, LOCK_BYTES) > 0) {
        here = pid_here(text);
        /* A lock that can be shared is held by nobody. It is not tried without need: while it is
         * held here no batch could begin. */
        if (!(here && kill(here, 0) != 0 && errno == ESRCH) && flock(fd, LOCK_SH | LOCK_NB) != 0 &&
            errno == EWOULDBLOCK)
            runner = here ? QTR_BATCH_HERE : QTR_BATCH_ELSEWHERE;
    }
    if (fd >= 0)
        (void)close(fd);
    *pid = runner == QTR_BATCH_HERE ? here : 0;
    return runner;
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
