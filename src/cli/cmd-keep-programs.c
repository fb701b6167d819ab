#include "cli/command.h"

#include "base/error.h"
#include "gpu/programs.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIST_MAX ((gsize)1 << 20)

static char *read_list(GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);
    char part[4096];
    gssize n;

    while ((n = read(STDIN_FILENO, part, sizeof part)) > 0 && list->len <= LIST_MAX)
        g_string_append_len(list, part, n);
    if (n == 0)
        return g_string_free(g_steal_pointer(&list), FALSE);
    g_set_error(error, QTR_ERROR, n < 0 ? QTR_ERROR_IO : QTR_ERROR_USAGE,
                "standard input, the list of programs: %s",
                n < 0 ? g_strerror(errno) : "longer than a megabyte");
    return NULL;
}

static gboolean do_keep_programs(const QtrCli *cli, GError **error)
{
    g_autoptr(QtrDevice) device = NULL;
    g_autofree char *list = NULL;
    const char *selector;

    /* Before the driver starts its threads. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (g_ascii_strtoll(cli->options->arguments[0] ? cli->options->arguments[0] : "", NULL, 10) !=
        getppid())
        return TRUE; /* the run has ended meanwhile */
    /* Done within minutes, and hardly felt. */
    (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 10);
    if (!qtr_cli_device(cli, &selector, error) || !(list = read_list(error)))
        return FALSE;
    device = qtr_device_open(&(QtrDeviceParams){.selector = selector, .log = cli->log}, error);
    return device && qtr_programs_store(device, list, cli->stop, error);
}

/* For children of this program only: it is not in the list of commands. */
const QtrCommand qtr_command_keep_programs = {
    .name = "keep-programs",
    .arguments = "PARENT",
    .summary = "Store compiled programs",
    .max_arguments = 1,
    .run = do_keep_programs,
};
