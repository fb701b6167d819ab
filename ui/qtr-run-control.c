#include "qtr-run-control.h"

#include "qtr-application.h"
#include "qtr-panel.h"
#include "qtr-process.h"
#include "run/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

char *qtr_run_control_check_folder(const char *path)
{
    static const QtrFolderItem tell_tales[] = {QTR_FOLDER_EVENTS, QTR_FOLDER_CONFIG,
                                               QTR_FOLDER_LOG};

    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        return g_strdup_printf(_("%s is no folder"), path);
    for (gsize i = 0; i < G_N_ELEMENTS(tell_tales); i++)
        if (qtr_folder_has(path, tell_tales[i]))
            return NULL;
    return g_strdup_printf(_("%s is not the folder of a run: there is no events.jsonl in it"),
                           path);
}

static gboolean is_local(const QtrRunSnapshot *s)
{
    return g_strcmp0(s->host, g_get_host_name()) == 0;
}

gboolean qtr_run_control_can_stop(const QtrRunSnapshot *s)
{
    return s->state == QTR_RUN_RUNNING && s->pid > 1 && is_local(s);
}

void qtr_run_control_stop(GtkWidget *widget, const QtrRunSnapshot *s)
{
    static const char asked[] = "qtr-asked-to-stop";
    gpointer pid = GSIZE_TO_POINTER((gsize)s->pid);

    if (!qtr_run_control_can_stop(s))
        return;
    /* Its answer is on its way. */
    if (s->stopping || g_object_get_data(G_OBJECT(widget), asked) == pid) {
        qtr_toast(widget, _("“%s” is stopping already: it finishes its step and saves"), s->name);
        return;
    }
    g_object_set_data(G_OBJECT(widget), asked, pid);
    if (kill((pid_t)s->pid, SIGTERM) == 0)
        qtr_toast(widget, _("The run finishes its step, saves and ends"));
    else
        qtr_toast(widget, _("The run could not be stopped: %s"), g_strerror(errno));
}

/* Whether somebody writes the run's events, be it from another window or a terminal. */
static gboolean is_written(const char *dir)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_EVENTS);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean written = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        (void)close(fd);
    return written;
}

gboolean qtr_run_control_is_started(const char *folder)
{
    GApplication *application = g_application_get_default();

    return QTR_IS_APPLICATION(application) &&
           qtr_application_runs_in(QTR_APPLICATION(application), folder);
}

gboolean qtr_run_control_start(GtkWidget *widget, const char *const *args, const char *folder,
                               const char *name)
{
    GApplication *application = g_application_get_default();
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrProcess) process = qtr_process_new(QTR_PROCESS_RUN, args, NULL, &error);

    if (!process) {
        qtr_toast(widget, _("It could not be started: %s"), error->message);
        return FALSE;
    }
    if (QTR_IS_APPLICATION(application))
        qtr_application_add_run(QTR_APPLICATION(application), process, folder, name);
    return TRUE;
}

void qtr_run_control_resume(GtkWidget *widget, const QtrRunSnapshot *s)
{
    const char *const args[] = {"run", "-q", "--resume", s->dir, NULL};

    if (qtr_run_control_is_started(s->dir) || is_written(s->dir))
        qtr_toast(widget, _("“%s” is going on already"), s->name);
    else if (s->can_resume)
        (void)qtr_run_control_start(widget, args, s->dir, s->name);
}

void qtr_run_control_show_folder(GtkWidget *widget, const char *dir)
{
    GtkRoot *root = gtk_widget_get_root(widget);
    g_autofree char *uri = g_filename_to_uri(dir, NULL, NULL);

    if (uri)
        gtk_show_uri(GTK_IS_WINDOW(root) ? GTK_WINDOW(root) : NULL, uri, GDK_CURRENT_TIME);
}
