#include "qtr-validation-pictures.h"

static GHashTable *paths_by_key(const QtrRunSnapshot *snapshot)
{
    GHashTable *paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < snapshot->pictures->len; i++) {
        const QtrRunPicture *p = g_ptr_array_index(snapshot->pictures, i);

        (void)g_hash_table_insert(paths, qtr_run_picture_key(p->what, p->set, p->name), p->path);
    }
    return paths;
}

static const char *find(GHashTable *paths, const QtrRunPicture *of, const char *what)
{
    g_autofree char *key = qtr_run_picture_key(what, of->set, of->name);

    return g_hash_table_lookup(paths, key);
}

GArray *qtr_validation_pictures(const QtrRunSnapshot *snapshot)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(QtrValidationPicture));
    g_autoptr(GHashTable) paths = paths_by_key(snapshot);

    for (guint i = 0; i < snapshot->pictures->len; i++) {
        const QtrRunPicture *p = g_ptr_array_index(snapshot->pictures, i);
        QtrValidationPicture picture = {p->set, p->name, p->path, find(paths, p, "LR"),
                                        find(paths, p, "HR")};

        if (g_str_equal(p->what, "SR"))
            g_array_append_val(found, picture);
    }
    return found;
}
