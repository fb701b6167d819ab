#include "run/keeper.h"

#include "gpu/programs.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct QtrKeeper {
    QtrDevice *device;
    const char *const *executable;
    QtrLog *log;
    gint64 rest, since;
    guint given; /* programs of the device that children were given */
    GSubprocess *child;
};

QtrKeeper *qtr_keeper_new(QtrDevice *device, const char *const *executable, gint64 rest,
                          QtrLog *log)
{
    QtrKeeper *keeper = g_new0(QtrKeeper, 1);

    keeper->device = device;
    keeper->executable = executable;
    keeper->rest = rest;
    keeper->log = log;
    return keeper;
}

void qtr_keeper_free(QtrKeeper *keeper)
{
    if (!keeper)
        return;
    if (keeper->child) {
        g_subprocess_force_exit(keeper->child);
        (void)g_subprocess_wait(keeper->child, NULL, NULL);
        g_object_unref(keeper->child);
    }
    g_free(keeper);
}

/* A file rather than a pipe: a child that dies early cannot break it. -1 on failure. */
static int open_list(const char *list)
{
    int fd = memfd_create("programs", MFD_CLOEXEC);
    gsize size = strlen(list);

    if (fd >= 0 && (write(fd, list, size) != (gssize)size || lseek(fd, 0, SEEK_SET) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static GSubprocess *spawn(const QtrKeeper *keeper, const char *list, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autofree char *parent = g_strdup_printf("%d", (int)getpid());
    int fd = open_list(list);

    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s", g_strerror(errno));
        return NULL;
    }
    for (const char *const *word = keeper->executable; *word; word++)
        g_ptr_array_add(argv, (gpointer)*word);
    g_ptr_array_add(argv, (gpointer) "keep-programs");
    g_ptr_array_add(argv, (gpointer) "-g");
    g_ptr_array_add(argv, qtr_device_info(keeper->device)->key);
    g_ptr_array_add(argv, parent);
    g_ptr_array_add(argv, NULL);
    g_subprocess_launcher_take_stdin_fd(launcher, fd);
    return g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, error);
}

void qtr_keeper_tick(QtrKeeper *keeper)
{
    guint count = qtr_programs_unstored(keeper->device);
    g_autoptr(GError) error = NULL;
    g_autofree char *list = NULL;
    gint64 now;

    if (!keeper->executable || count == keeper->given)
        return;
    now = g_get_monotonic_time();
    if (!keeper->since)
        keeper->since = now;
    if (now - keeper->since < keeper->rest ||
        (keeper->child && g_subprocess_get_identifier(keeper->child)))
        return;
    g_clear_object(&keeper->child);
    list = qtr_programs_list(keeper->device, keeper->given);
    keeper->child = spawn(keeper, list, &error);
    if (keeper->child)
        qtr_debug(keeper->log, "%u programs are stored beside the run", count - keeper->given);
    else
        qtr_debug(keeper->log, "no child to store programs: %s", error->message);
    keeper->given = count;
}
