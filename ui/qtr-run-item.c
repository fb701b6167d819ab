#include "qtr-run-item.h"

#include <string.h>

struct _QtrRunItem {
    GObject parent_instance;

    QtrRunSnapshot *snapshot;
};

G_DEFINE_FINAL_TYPE(QtrRunItem, qtr_run_item, G_TYPE_OBJECT)

enum { ITEM_PROP_0, ITEM_PROP_SNAPSHOT, ITEM_N_PROPS };
static GParamSpec *item_properties[ITEM_N_PROPS];

static void qtr_run_item_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    g_value_set_boxed(value, QTR_RUN_ITEM(object)->snapshot);
}

static void qtr_run_item_finalize(GObject *object)
{
    qtr_run_snapshot_unref(QTR_RUN_ITEM(object)->snapshot);
    G_OBJECT_CLASS(qtr_run_item_parent_class)->finalize(object);
}

static void qtr_run_item_class_init(QtrRunItemClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = qtr_run_item_get_property;
    object_class->finalize = qtr_run_item_finalize;
    item_properties[ITEM_PROP_SNAPSHOT] = g_param_spec_boxed(
        "snapshot", NULL, NULL, QTR_TYPE_RUN_SNAPSHOT, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, ITEM_N_PROPS, item_properties);
}

static void qtr_run_item_init(QtrRunItem *item)
{
}

QtrRunItem *qtr_run_item_new(QtrRunSnapshot *snapshot)
{
    QtrRunItem *item = g_object_new(QTR_TYPE_RUN_ITEM, NULL);

    item->snapshot = qtr_run_snapshot_ref(snapshot);
    return item;
}

void qtr_run_item_set_snapshot(QtrRunItem *item, QtrRunSnapshot *snapshot)
{
    qtr_run_snapshot_ref(snapshot);
    qtr_run_snapshot_unref(item->snapshot);
    item->snapshot = snapshot;
    g_object_notify_by_pspec(G_OBJECT(item), item_properties[ITEM_PROP_SNAPSHOT]);
}

QtrRunSnapshot *qtr_run_item_get_snapshot(QtrRunItem *item)
{
    g_return_val_if_fail(QTR_IS_RUN_ITEM(item), NULL);
    return item->snapshot;
}

const QtrValidationRow *qtr_run_item_find_row(QtrRunItem *item, const char *set)
{
    const GPtrArray *rows = item->snapshot->rows;

    for (guint i = 0; set && i < rows->len; i++)
        if (g_str_equal(((QtrValidationRow *)g_ptr_array_index(rows, i))->set, set))
            return g_ptr_array_index(rows, i);
    return NULL;
}

char *qtr_run_item_group(QtrRunItem *item)
{
    const char *name = item->snapshot->name;
    const char *trail = strstr(name, "_trail_");

    return trail ? g_strndup(name, (gsize)(trail - name)) : g_strdup(name);
}
