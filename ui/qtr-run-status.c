#include "qtr-run-status.h"

#include "qtr-settings.h"

#include <glib/gi18n.h>
#include <math.h>

struct _QtrRunStatus {
    AdwBin parent_instance;

    char *shown_warnings; /* as one text, to see whether they changed */

    /* template widgets */
    GtkImage *icon;
    GtkLabel *name_label, *state_label, *detail_label, *failure_label;
    GtkProgressBar *progress;
    GtkWidget *failure_expander;
    GtkBox *warnings;
};

G_DEFINE_FINAL_TYPE(QtrRunStatus, qtr_run_status, ADW_TYPE_BIN)

char *qtr_run_status_duration(double seconds)
{
    gint64 s = (gint64)CLAMP(seconds + 0.5, 0.0, 1e12);

    if (s < 60)
        return g_strdup_printf(_("%d s"), (int)s);
    if (s < 3600)
        return g_strdup_printf(_("%d min %d s"), (int)(s / 60), (int)(s % 60));
    if (s < 86400)
        return g_strdup_printf(_("%d h %d min"), (int)(s / 3600), (int)(s % 3600 / 60));
    return g_strdup_printf(_("%d d %d h"), (int)(s / 86400), (int)(s % 86400 / 3600));
}

static const char *job_title(const char *kind)
{
    static const struct {
        const char *kind, *title;
    } jobs[] = {
        {"search", N_("Search")}, {"train", N_("Training")}, {"validate", N_("Validation")}};

    for (gsize i = 0; kind && i < G_N_ELEMENTS(jobs); i++)
        if (g_str_equal(jobs[i].kind, kind))
            return _(jobs[i].title);
    return kind;
}

static void add_part(GString *text, char *part)
{
    if (part && *part)
        g_string_append_printf(text, "%s%s", text->len ? "  \xc2\xb7  " : "", part);
    g_free(part);
}

/* "Running · Search · epoch 3 of 20 · 5 min left". */
static char *state_text(const QtrRunSnapshot *s)
{
    GString *text = g_string_new(NULL);

    if (s->missing)
        add_part(text, g_strdup(_("The folder is gone; this is what was in it")));
    add_part(text, g_strdup(qtr_run_state_title(s->state)));
    add_part(text, g_strdup(job_title(s->kind)));
    if (s->epochs && s->epoch >= s->epochs)
        add_part(text, g_strdup_printf(ngettext("%u epoch", "%u epochs", s->epochs), s->epochs));
    else if (s->epochs)
        add_part(text, g_strdup_printf(_("epoch %u of %u"), s->epoch + 1, s->epochs));
    if (s->state == QTR_RUN_RUNNING && s->phase && g_str_equal(s->phase, "warm-up"))
        add_part(text, g_strdup(_("warm-up")));
    if (s->state == QTR_RUN_RUNNING && isfinite(s->eta)) {
        g_autofree char *left = qtr_run_status_duration(s->eta);

        add_part(text, g_strdup_printf(_("%s left"), left));
    }
    if (qtr_run_state_is_over(s->state) && s->state != QTR_RUN_DONE)
        add_part(text, g_strdup(s->message));
    return g_string_free(text, FALSE);
}

static char *local_time(double unix_seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local((gint64)unix_seconds);

    return time ? g_date_time_format(time, "%x %X") : NULL;
}

static char *detail_text(const QtrRunSnapshot *s)
{
    GString *text = g_string_new(NULL);

    if (s->device)
        add_part(text, g_strdup(s->device));
    if (s->host && g_strcmp0(s->host, g_get_host_name()) != 0)
        add_part(text, g_strdup_printf(_("on %s"), s->host));
    if (isfinite(s->begun)) {
        g_autofree char *begun = local_time(s->begun);

        add_part(text, g_strdup_printf(_("begun %s"), begun));
    }
    if (isfinite(s->begun) && s->updated > s->begun) {
        g_autofree char *taken = qtr_run_status_duration(s->updated - s->begun);

        add_part(text, g_strdup_printf(
                           qtr_run_state_is_over(s->state) ? _("took %s") : _("%s so far"), taken));
    }
    add_part(text, g_strdup(s->dir));
    return g_string_free(text, FALSE);
}

static GtkWidget *make_warning(const char *message)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *icon = gtk_image_new_from_icon_name("dialog-warning-symbolic");
    GtkWidget *label = gtk_label_new(message);

    gtk_widget_add_css_class(icon, "warning");
    gtk_widget_set_valign(icon, GTK_ALIGN_START);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_selectable(GTK_LABEL(label), TRUE);
    gtk_widget_set_hexpand(label, TRUE);
    gtk_box_append(GTK_BOX(box), icon);
    gtk_box_append(GTK_BOX(box), label);
    gtk_widget_add_css_class(box, "card");
    gtk_widget_add_css_class(box, "padded");
    return box;
}

static void show_warnings(QtrRunStatus *self, const QtrRunSnapshot *s)
{
    g_autoptr(GPtrArray) found = qtr_run_snapshot_warnings(s);
    g_autofree char *text = NULL;
    GtkWidget *child;

    g_ptr_array_add(found, NULL);
    text = g_strjoinv("\n", (char **)found->pdata);
    if (g_strcmp0(text, self->shown_warnings) == 0)
        return;
    g_free(self->shown_warnings);
    self->shown_warnings = g_steal_pointer(&text);
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->warnings))))
        gtk_box_remove(self->warnings, child);
    for (guint i = 0; i + 1 < found->len; i++)
        gtk_box_append(self->warnings, make_warning(g_ptr_array_index(found, i)));
    gtk_widget_set_visible(GTK_WIDGET(self->warnings), found->len > 1);
}

static void show_icon(QtrRunStatus *self, QtrRunState state)
{
    static const char *const classes[] = {"dim-label", "accent", "success",
                                          "dim-label", "error",  "warning"};

    gtk_image_set_from_icon_name(self->icon, qtr_run_state_icon(state));
    for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
        gtk_widget_remove_css_class(GTK_WIDGET(self->icon), classes[i]);
    gtk_widget_add_css_class(GTK_WIDGET(self->icon), classes[state]);
}

void qtr_run_status_set_snapshot(QtrRunStatus *self, QtrRunSnapshot *s)
{
    g_autofree char *state = NULL;
    g_autofree char *detail = NULL;

    g_return_if_fail(QTR_IS_RUN_STATUS(self) && s);
    state = state_text(s);
    detail = detail_text(s);
    show_icon(self, s->state);
    gtk_label_set_label(self->name_label, s->name);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->name_label), s->name);
    gtk_label_set_label(self->state_label, state);
    gtk_label_set_label(self->detail_label, detail);
    gtk_progress_bar_set_fraction(self->progress, qtr_run_snapshot_fraction(s));
    gtk_widget_set_visible(GTK_WIDGET(self->progress), s->state != QTR_RUN_DONE);
    gtk_widget_set_visible(self->failure_expander, s->failure != NULL);
    if (s->failure && g_strcmp0(gtk_label_get_label(self->failure_label), s->failure) != 0)
        gtk_label_set_label(self->failure_label, s->failure);
    show_warnings(self, s);
}

static void qtr_run_status_dispose(GObject *object)
{
    QtrRunStatus *self = QTR_RUN_STATUS(object);

    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    g_clear_pointer(&self->shown_warnings, g_free);
    G_OBJECT_CLASS(qtr_run_status_parent_class)->dispose(object);
}

static void qtr_run_status_class_init(QtrRunStatusClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_run_status_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-run-status.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, icon);
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, name_label);
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, state_label);
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, detail_label);
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, failure_label);
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, progress);
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, failure_expander);
    gtk_widget_class_bind_template_child(widget_class, QtrRunStatus, warnings);
}

static void qtr_run_status_init(QtrRunStatus *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
