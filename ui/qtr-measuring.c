#include "qtr-measuring.h"

#include "qtr-process.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>

struct _QtrMeasuring {
    GObject parent_instance;

    GHashTable *found; /* key -> QtrMeasured */
    QtrProcess *process;
    char *path, *key;   /* of the one under way */
    QtrMeasured *taken; /* its answer */
};

G_DEFINE_FINAL_TYPE(QtrMeasuring, qtr_measuring, G_TYPE_OBJECT)

static guint changed_signal;

static void measured_free(gpointer data)
{
    QtrMeasured *measured = data;

    if (!measured)
        return;
    g_free(measured->failure);
    g_free(measured->device);
    g_free(measured);
}

static char *make_key(const char *yaml, const char *device)
{
    return g_strdup_printf("%s\n%s", device, yaml);
}

static double number_of(JsonObject *object, const char *member)
{
    JsonNode *node = json_object_get_member(object, member);

    return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : NAN;
}

static void on_message(QtrMeasuring *self, JsonObject *object)
{
    JsonNode *node = json_object_get_member(object, "measured");
    JsonObject *figures;
    double steps;

    if (!node || !JSON_NODE_HOLDS_OBJECT(node))
        return;
    figures = json_node_get_object(node);
    measured_free(self->taken);
    self->taken = g_new0(QtrMeasured, 1);
    self->taken->device =
        g_strdup(json_object_get_string_member_with_default(figures, "device", ""));
    self->taken->step = number_of(figures, "step_seconds");
    self->taken->epoch = number_of(figures, "epoch_seconds");
    self->taken->search = number_of(figures, "search_seconds");
    self->taken->memory = number_of(figures, "memory");
    steps = number_of(figures, "epoch_steps");
    self->taken->epoch_steps = steps > 0 && steps < G_MAXINT ? (int)steps : 0;
}

static void drop_process(QtrMeasuring *self)
{
    if (self->process) {
        g_signal_handlers_disconnect_by_data(self->process, self);
        if (qtr_process_is_running(self->process))
            qtr_process_kill(self->process);
    }
    g_clear_object(&self->process);
    if (self->path)
        (void)g_unlink(self->path);
    g_clear_pointer(&self->path, g_free);
    g_clear_pointer(&self->key, g_free);
    g_clear_pointer(&self->taken, measured_free);
}

static void keep(QtrMeasuring *self, char *failure)
{
    QtrMeasured *measured = failure ? NULL : g_steal_pointer(&self->taken);

    if (!measured)
        measured = g_new0(QtrMeasured, 1);
    measured->failure = failure;
    g_hash_table_insert(self->found, g_steal_pointer(&self->key), measured);
}

static void on_finished(QtrMeasuring *self, QtrProcess *process)
{
    const char *failure = qtr_process_get_failure(process);

    if (!failure && !self->taken)
        failure = _("The process told no figures.");
    keep(self, g_strdup(failure));
    drop_process(self);
    g_signal_emit(self, changed_signal, 0);
}

static QtrProcess *start_process(QtrMeasuring *self, const char *yaml, const char *device,
                                 GError **error)
{
    const char *args[] = {"space", "--json", "--measure", "-c", NULL, NULL, NULL, NULL};
    int fd = g_file_open_tmp("quantoaster-XXXXXX.yaml", &self->path, error);

    if (fd < 0)
        return NULL;
    (void)g_close(fd, NULL);
    if (!g_file_set_contents(self->path, yaml, -1, error))
        return NULL;
    args[4] = self->path;
    if (*device) {
        args[5] = "-g";
        args[6] = device;
    }
    return qtr_process_new(QTR_PROCESS_ANSWER, args, NULL, error);
}

void qtr_measuring_start(QtrMeasuring *self, const char *yaml, const char *device)
{
    g_autoptr(GError) error = NULL;

    g_return_if_fail(QTR_IS_MEASURING(self) && yaml && device);
    if (self->process)
        return;
    self->key = make_key(yaml, device);
    self->process = start_process(self, yaml, device, &error);
    if (self->process) {
        g_signal_connect_swapped(self->process, "message", G_CALLBACK(on_message), self);
        g_signal_connect_swapped(self->process, "finished", G_CALLBACK(on_finished), self);
    } else {
        keep(self, g_strdup(error->message));
        drop_process(self);
    }
    g_signal_emit(self, changed_signal, 0);
}

gboolean qtr_measuring_is_busy(QtrMeasuring *self)
{
    return self->process != NULL;
}

void qtr_measuring_cancel(QtrMeasuring *self)
{
    if (!self->process)
        return;
    drop_process(self);
    g_signal_emit(self, changed_signal, 0);
}

const QtrMeasured *qtr_measuring_find(QtrMeasuring *self, const char *yaml, const char *device)
{
    g_autofree char *key = make_key(yaml, device);

    return g_hash_table_lookup(self->found, key);
}

static void qtr_measuring_finalize(GObject *object)
{
    QtrMeasuring *self = QTR_MEASURING(object);

    drop_process(self);
    g_hash_table_unref(self->found);
    G_OBJECT_CLASS(qtr_measuring_parent_class)->finalize(object);
}

static void qtr_measuring_class_init(QtrMeasuringClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = qtr_measuring_finalize;
    changed_signal = g_signal_new("changed", QTR_TYPE_MEASURING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void qtr_measuring_init(QtrMeasuring *self)
{
    self->found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, measured_free);
}

QtrMeasuring *qtr_measuring_new(void)
{
    return g_object_new(QTR_TYPE_MEASURING, NULL);
}
