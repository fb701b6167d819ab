#include "qtr-set-choice.h"

#include "qtr-run-item.h"

static GtkStringList *names_of_sets(GListModel *runs)
{
    GtkStringList *sets = gtk_string_list_new(NULL);
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < g_list_model_get_n_items(runs); i++) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(runs, i);
        const GPtrArray *rows = qtr_run_item_get_snapshot(item)->rows;

        for (guint r = 0; r < rows->len; r++) {
            const char *set = ((QtrValidationRow *)g_ptr_array_index(rows, r))->set;

            if (g_hash_table_add(known, g_strdup(set)))
                gtk_string_list_append(sets, set);
        }
    }
    return sets;
}

static gboolean has(GtkStringList *list, const char *text)
{
    const char *item;

    for (guint i = 0; (item = gtk_string_list_get_string(list, i)); i++)
        if (g_str_equal(item, text))
            return TRUE;
    return FALSE;
}

static gboolean are_same(GtkStringList *a, GtkStringList *b)
{
    guint n = g_list_model_get_n_items(G_LIST_MODEL(a));
    gboolean same = g_list_model_get_n_items(G_LIST_MODEL(b)) == n;

    for (guint i = 0; same && i < n; i++)
        same = has(a, gtk_string_list_get_string(b, i));
    return same;
}

void qtr_set_choice_update(GtkDropDown *choice, GListModel *runs)
{
    GListModel *old = gtk_drop_down_get_model(choice);
    g_autoptr(GtkStringList) sets = names_of_sets(runs);

    /* Another list, be it of the same names, would take the choice away. */
    if (!old || !are_same(GTK_STRING_LIST(old), sets))
        gtk_drop_down_set_model(choice, G_LIST_MODEL(sets));
    gtk_widget_set_visible(GTK_WIDGET(choice), g_list_model_get_n_items(G_LIST_MODEL(sets)) > 0);
}

const char *qtr_set_choice_get(GtkDropDown *choice)
{
    GtkStringObject *item = gtk_drop_down_get_selected_item(choice);

    return item ? gtk_string_object_get_string(item) : NULL;
}
