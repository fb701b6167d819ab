#include "qtr-network-list.h"

#include "run/folder.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

struct QtrNetworkList {
    GPtrArray *dirs; /* char*; the first is NULL */
    GtkStringList *names;
};

QtrNetworkList *qtr_network_list_new(void)
{
    QtrNetworkList *list = g_new0(QtrNetworkList, 1);

    list->dirs = g_ptr_array_new_with_free_func(g_free);
    return list;
}

void qtr_network_list_free(QtrNetworkList *list)
{
    if (!list)
        return;
    g_ptr_array_unref(list->dirs);
    g_clear_object(&list->names);
    g_free(list);
}

gboolean qtr_network_list_has_one(const QtrRunSnapshot *s)
{
    g_autofree char *path = qtr_folder_path(s->dir, QTR_FOLDER_BEST);

    return qtr_series_length(s->curves[QTR_RUN_TRAIN][QTR_CURVE_PSNR]) > 0 &&
           g_file_test(path, G_FILE_TEST_EXISTS);
}

guint qtr_network_list_find(QtrNetworkList *list, const char *dir)
{
    for (guint i = 1; dir && i < list->dirs->len; i++)
        if (g_str_equal(g_ptr_array_index(list->dirs, i), dir))
            return i;
    return 0;
}

static void add(QtrNetworkList *list, const char *dir, const char *name)
{
    if (qtr_network_list_find(list, dir))
        return;
    g_ptr_array_add(list->dirs, g_strdup(dir));
    gtk_string_list_append(list->names, name);
}

void qtr_network_list_fill(QtrNetworkList *list, QtrRunList *runs, QtrComparison *comparison)
{
    g_clear_object(&list->names);
    list->names = gtk_string_list_new((const char *const[]){_("None"), NULL});
    g_ptr_array_set_size(list->dirs, 0);
    g_ptr_array_add(list->dirs, NULL);
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(runs)); i++) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(G_LIST_MODEL(runs), i);
        const QtrRunSnapshot *s = qtr_run_item_get_snapshot(item);

        if (qtr_network_list_has_one(s))
            add(list, s->dir, s->name);
    }
    for (int i = 0; i < 2; i++) {
        const char *dir = qtr_comparison_get_network(comparison, i);
        g_autofree char *name = dir ? g_path_get_basename(dir) : NULL;

        if (dir)
            add(list, dir, name);
    }
}

GListModel *qtr_network_list_get_names(QtrNetworkList *list)
{
    return G_LIST_MODEL(list->names);
}

const char *qtr_network_list_get_dir(QtrNetworkList *list, guint index)
{
    return index < list->dirs->len ? g_ptr_array_index(list->dirs, index) : NULL;
}
