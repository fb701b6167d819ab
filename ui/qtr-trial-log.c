#include "qtr-trial-log.h"

#include "qtr-settings.h"
#include "run/folder.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#define TAIL_BYTES 65536

struct _QtrTrialLog {
    AdwBin parent_instance;

    char *shown;      /* text now in the view */
    gboolean follows; /* what is added at the end */

    /* template widgets */
    GtkLabel *title_label, *reason_label;
    GtkTextView *view;
};

G_DEFINE_FINAL_TYPE(QtrTrialLog, qtr_trial_log, ADW_TYPE_BIN)

/* The end of a file from the first whole line on; NULL: it cannot be read. */
static char *read_tail(const char *path)
{
    g_autofree char *text = g_malloc0(TAIL_BYTES + 1);
    FILE *file = g_fopen(path, "rb");
    gsize n = 0;
    gboolean cut = FALSE;
    const char *begin;

    if (!file)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);

        cut = size > TAIL_BYTES;
        if (fseek(file, cut ? size - TAIL_BYTES : 0, SEEK_SET) == 0)
            n = fread(text, 1, TAIL_BYTES, file);
    }
    (void)fclose(file);
    begin = cut ? strchr(text, '\n') : NULL;
    begin = begin ? begin + 1 : text;
    return g_utf8_make_valid(begin, (gssize)(text + n - begin));
}

/* ERROR.txt, the log, and what came before there was one. */
static char *read_all(const char *batch_dir, const QtrTrial *trial)
{
    const char *folders[] = {trial->search_dir, trial->train_dir};
    static const char *const names[] = {"stderr.txt", "log.txt", "ERROR.txt"};
    GString *text = g_string_new(NULL);

    for (gsize f = 0; f < G_N_ELEMENTS(folders); f++)
        for (gsize n = 0; folders[f] && n < G_N_ELEMENTS(names); n++) {
            g_autofree char *path = g_build_filename(batch_dir, folders[f], names[n], NULL);
            g_autofree char *tail = read_tail(path);

            if (!tail || !*tail)
                continue;
            g_string_append_printf(text, "%s/%s\n%s%s", folders[f], names[n], tail,
                                   g_str_has_suffix(tail, "\n") ? "\n" : "\n\n");
        }
    return g_string_free(text, FALSE);
}

/* Lines get their height after the text has been set, some at a time. */
static void on_height_changed(GtkAdjustment *adjustment, QtrTrialLog *self)
{
    if (self->follows)
        gtk_adjustment_set_value(adjustment, gtk_adjustment_get_upper(adjustment) -
                                                 gtk_adjustment_get_page_size(adjustment));
}

static void show_text(QtrTrialLog *self, char *text, gboolean anew)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->view);
    GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(self->view));
    double end = gtk_adjustment_get_upper(adjustment) - gtk_adjustment_get_page_size(adjustment);
    GtkTextIter first, last;

    if (g_strcmp0(text, self->shown) == 0) {
        g_free(text);
        return;
    }
    g_free(self->shown);
    self->shown = text;
    self->follows = anew || gtk_adjustment_get_value(adjustment) >= end - 4;
    gtk_text_buffer_set_text(buffer, text, -1);
    gtk_text_buffer_get_bounds(buffer, &first, &last);
    gtk_text_buffer_apply_tag_by_name(buffer, "as-is", &first, &last);
}

void qtr_trial_log_set(QtrTrialLog *self, QtrBatchModel *model, QtrTrialItem *item)
{
    const QtrTrial *trial = item ? qtr_trial_item_get_trial(item) : NULL;
    gboolean anew;

    g_return_if_fail(QTR_IS_TRIAL_LOG(self));
    gtk_widget_set_visible(GTK_WIDGET(self), trial != NULL);
    if (!trial)
        return;
    anew = g_strcmp0(gtk_label_get_label(self->title_label), trial->id) != 0;
    gtk_label_set_label(self->title_label, trial->id);
    gtk_label_set_label(self->reason_label, trial->reason ? trial->reason : "");
    gtk_widget_set_visible(GTK_WIDGET(self->reason_label), trial->reason != NULL);
    show_text(self, read_all(qtr_batch_model_get_dir(model), trial), anew);
}

static void qtr_trial_log_dispose(GObject *object)
{
    QtrTrialLog *self = QTR_TRIAL_LOG(object);

    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    g_clear_pointer(&self->shown, g_free);
    G_OBJECT_CLASS(qtr_trial_log_parent_class)->dispose(object);
}

static void qtr_trial_log_class_init(QtrTrialLogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_trial_log_dispose;
    gtk_widget_class_set_template_from_resource(widget_class, QTR_RESOURCE_PATH "qtr-trial-log.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrTrialLog, title_label);
    gtk_widget_class_bind_template_child(widget_class, QtrTrialLog, reason_label);
    gtk_widget_class_bind_template_child(widget_class, QtrTrialLog, view);
}

static void qtr_trial_log_init(QtrTrialLog *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    (void)gtk_text_buffer_create_tag(gtk_text_view_get_buffer(self->view), "as-is",
                                     "insert-hyphens", FALSE, NULL);
    g_signal_connect_object(gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(self->view)), "changed",
                            G_CALLBACK(on_height_changed), self, 0);
}
