#include "qtr-picture-strip.h"

#include "qtr-validation-pictures.h"

#include <glib/gi18n.h>

#define PICTURES_MAX 24
#define SIDE 128

struct _QtrPictureStrip {
    AdwBin parent_instance;

    GtkBox *box;
    char *shown; /* folder of the pictures now shown, and how many were made by then */
    guint count;
};

G_DEFINE_FINAL_TYPE(QtrPictureStrip, qtr_picture_strip, ADW_TYPE_BIN)

static guint chosen_signal;

static void load_in_thread(GTask *task, gpointer object, gpointer path, GCancellable *cancellable)
{
    GError *error = NULL;
    GdkTexture *texture = gdk_texture_new_from_filename(path, &error);

    if (texture)
        g_task_return_pointer(task, texture, g_object_unref);
    else
        g_task_return_error(task, error);
}

static void on_loaded(GObject *object, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GdkTexture) texture = g_task_propagate_pointer(G_TASK(result), &error);

    if (texture)
        gtk_picture_set_paintable(GTK_PICTURE(object), GDK_PAINTABLE(texture));
    else
        gtk_widget_set_tooltip_text(GTK_WIDGET(object), error->message);
}

static void on_clicked(GtkButton *button, QtrPictureStrip *self)
{
    g_signal_emit(self, chosen_signal, 0, g_object_get_data(G_OBJECT(button), "lr"),
                  g_object_get_data(G_OBJECT(button), "hr"));
}

static GtkWidget *make_button(QtrPictureStrip *self, const QtrValidationPicture *picture)
{
    GtkWidget *button = gtk_button_new(), *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
    GtkWidget *image = gtk_picture_new();
    GtkWidget *label = gtk_label_new(picture->name ? picture->name : "");
    g_autoptr(GTask) task = g_task_new(image, NULL, on_loaded, NULL);

    gtk_widget_set_size_request(image, SIDE, SIDE);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 14);
    gtk_widget_add_css_class(label, "caption");
    gtk_box_append(GTK_BOX(box), image);
    gtk_box_append(GTK_BOX(box), label);
    gtk_button_set_child(GTK_BUTTON(button), box);
    gtk_widget_add_css_class(button, "flat");
    gtk_widget_set_tooltip_text(button, picture->name);
    g_object_set_data_full(G_OBJECT(button), "lr", g_strdup(picture->lr ? picture->lr : ""),
                           g_free);
    g_object_set_data_full(G_OBJECT(button), "hr", g_strdup(picture->hr ? picture->hr : ""),
                           g_free);
    g_signal_connect(button, "clicked", G_CALLBACK(on_clicked), self);
    g_task_set_priority(task, G_PRIORITY_LOW);
    g_task_set_task_data(task, g_strdup(picture->sr), g_free);
    g_task_run_in_thread(task, load_in_thread);
    return button;
}

void qtr_picture_strip_set_snapshot(QtrPictureStrip *self, QtrRunSnapshot *s)
{
    g_autofree char *digest = s ? g_strdup_printf("%s %u", s->dir, s->pictures_made) : NULL;
    g_autoptr(GArray) pictures = NULL;
    GtkWidget *child;

    g_return_if_fail(QTR_IS_PICTURE_STRIP(self));
    if (g_strcmp0(digest, self->shown) == 0)
        return;
    g_free(self->shown);
    self->shown = g_steal_pointer(&digest);
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->box))))
        gtk_box_remove(self->box, child);
    pictures = s ? qtr_validation_pictures(s) : NULL;
    self->count = pictures ? MIN(pictures->len, PICTURES_MAX) : 0;
    for (guint i = 0; i < self->count; i++)
        gtk_box_append(self->box,
                       make_button(self, &g_array_index(pictures, QtrValidationPicture, i)));
    gtk_widget_set_visible(GTK_WIDGET(self), self->count > 0);
}

guint qtr_picture_strip_count(QtrPictureStrip *self)
{
    return self->count;
}

static void qtr_picture_strip_finalize(GObject *object)
{
    g_free(QTR_PICTURE_STRIP(object)->shown);
    G_OBJECT_CLASS(qtr_picture_strip_parent_class)->finalize(object);
}

static void qtr_picture_strip_class_init(QtrPictureStripClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = qtr_picture_strip_finalize;
    chosen_signal = g_signal_new("chosen", QTR_TYPE_PICTURE_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void qtr_picture_strip_init(QtrPictureStrip *self)
{
    GtkWidget *scroller = gtk_scrolled_window_new();

    self->box = GTK_BOX(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6));
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_NEVER);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), GTK_WIDGET(self->box));
    adw_bin_set_child(ADW_BIN(self), scroller);
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}
