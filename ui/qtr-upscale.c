#include "qtr-upscale.h"

#include "qtr-process.h"
#include "qtr-settings.h"

#include <glib/gstdio.h>

struct _QtrUpscale {
    GObject parent_instance;

    QtrProcess *process;
    char *folder, *result;
    gint64 begin, end;
    gboolean cancelled;
};

G_DEFINE_FINAL_TYPE(QtrUpscale, qtr_upscale, G_TYPE_OBJECT)

static guint done_signal;

static void on_finished(QtrUpscale *self)
{
    self->end = g_get_monotonic_time();
    g_signal_emit(self, done_signal, 0);
}

static void qtr_upscale_dispose(GObject *object)
{
    QtrUpscale *self = QTR_UPSCALE(object);

    if (self->process) {
        g_signal_handlers_disconnect_by_data(self->process, self);
        if (qtr_process_is_running(self->process))
            qtr_process_kill(self->process);
    }
    g_clear_object(&self->process);
    if (self->result)
        (void)g_unlink(self->result);
    if (self->folder)
        (void)g_rmdir(self->folder);
    g_clear_pointer(&self->result, g_free);
    g_clear_pointer(&self->folder, g_free);
    G_OBJECT_CLASS(qtr_upscale_parent_class)->dispose(object);
}

static void qtr_upscale_class_init(QtrUpscaleClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_upscale_dispose;
    done_signal = g_signal_new("done", QTR_TYPE_UPSCALE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void qtr_upscale_init(QtrUpscale *self)
{
}

QtrUpscale *qtr_upscale_new(const char *weights, const char *input, GError **error)
{
    g_autoptr(QtrUpscale) self = g_object_new(QTR_TYPE_UPSCALE, NULL);
    g_autoptr(GSettings) settings = qtr_settings_new();
    g_autofree char *device = g_settings_get_string(settings, "device");
    const char *args[] = {"upscale", "--json", "-q", "--weights", weights, input,
                          "-o",      NULL,     NULL, NULL,        NULL};

    self->folder = g_dir_make_tmp("quantoaster-XXXXXX", error);
    if (!self->folder)
        return NULL;
    self->result = g_build_filename(self->folder, "sr.png", NULL);
    args[7] = self->result;
    if (*device) {
        args[8] = "-g";
        args[9] = device;
    }
    self->begin = g_get_monotonic_time();
    self->process = qtr_process_new(QTR_PROCESS_ANSWER, args, NULL, error);
    if (!self->process)
        return NULL;
    g_signal_connect_swapped(self->process, "finished", G_CALLBACK(on_finished), self);
    return g_steal_pointer(&self);
}

void qtr_upscale_cancel(QtrUpscale *self)
{
    g_return_if_fail(QTR_IS_UPSCALE(self));
    self->cancelled = TRUE;
    if (qtr_process_is_running(self->process))
        qtr_process_kill(self->process);
}

gboolean qtr_upscale_is_running(QtrUpscale *self)
{
    return qtr_process_is_running(self->process);
}

gboolean qtr_upscale_is_cancelled(QtrUpscale *self)
{
    return self->cancelled;
}

const char *qtr_upscale_get_failure(QtrUpscale *self)
{
    return qtr_process_get_failure(self->process);
}

const char *qtr_upscale_get_result(QtrUpscale *self)
{
    return self->result;
}

double qtr_upscale_get_seconds(QtrUpscale *self)
{
    return (double)(self->end - self->begin) / G_USEC_PER_SEC;
}
