#include "qtr-results-actions.h"

#include "base/error.h"
#include "qtr-chooser.h"
#include "qtr-panel.h"
#include "qtr-run-control.h"
#include "run/folder.h"

#include <glib/gi18n.h>

gboolean qtr_results_has_genotype(QtrRunItem *item)
{
    g_autofree char *path =
        qtr_folder_path(qtr_run_item_get_snapshot(item)->dir, QTR_FOLDER_GENOTYPE);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

void qtr_results_train(GtkWidget *widget, QtrRunItem *item, const char *runs_folder)
{
    const QtrRunSnapshot *s = qtr_run_item_get_snapshot(item);
    g_autofree char *config = qtr_folder_path(s->dir, QTR_FOLDER_CONFIG);
    g_autofree char *genotype = qtr_folder_path(s->dir, QTR_FOLDER_GENOTYPE);
    g_autofree char *folder = NULL;
    g_autoptr(GError) error = NULL;

    folder = qtr_folder_create(runs_folder, "TUNE", s->name, &error);
    if (!folder) {
        qtr_toast(widget, "%s", error->message);
        return;
    }
    if (qtr_run_control_start(widget,
                              (const char *const[]){"run", "-q", "-c", config, "--genotype",
                                                    genotype, "--run-dir", folder, NULL},
                              folder, s->name))
        gtk_widget_activate_action(widget, "win.show-run", "s", folder);
}

gboolean qtr_results_export_to(QtrRunItem *item, const char *folder, GError **error)
{
    static const QtrFolderItem parts[] = {QTR_FOLDER_GENOTYPE, QTR_FOLDER_BEST};
    const QtrRunSnapshot *s = qtr_run_item_get_snapshot(item);
    guint copied = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *from = qtr_folder_path(s->dir, parts[i]);
        g_autofree char *name = g_strdup_printf("%s_%s", s->name, qtr_folder_item_name(parts[i]));
        g_autofree char *to = NULL;
        g_autoptr(GFile) source = g_file_new_for_path(from);
        g_autoptr(GFile) target = NULL;

        if (!g_file_test(from, G_FILE_TEST_EXISTS))
            continue;
        g_strdelimit(name, "/", '-');
        to = g_build_filename(folder, name, NULL);
        target = g_file_new_for_path(to);
        if (!g_file_copy(source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, error))
            return FALSE;
        copied++;
    }
    if (copied > 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, _("%s has neither genotype nor weights yet"),
                s->name);
    return FALSE;
}

static void on_folder(GtkWidget *widget, const char *const *paths, gpointer item)
{
    g_autoptr(GError) error = NULL;

    if (qtr_results_export_to(item, paths[0], &error))
        qtr_toast(widget, _("Exported to %s"), paths[0]);
    else
        qtr_toast(widget, "%s", error->message);
}

void qtr_results_export(GtkWidget *widget, QtrRunItem *item)
{
    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = _("Export Genotype and Weights To"),
                                        .action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER},
                    on_folder, g_object_ref(item), g_object_unref);
}
