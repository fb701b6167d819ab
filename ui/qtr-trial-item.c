#include "qtr-trial-item.h"

#include <glib/gi18n.h>

const char *qtr_stand_title(QtrStand stand)
{
    static const char *const titles[] = {N_("Queued"), N_("Running"), N_("Stopped"), N_("Done"),
                                         N_("Failed")};

    return _(titles[stand]);
}

struct _QtrTrialItem {
    GObject parent_instance;

    GPtrArray *trials; /* keeps `trial` alive */
    const QtrTrial *trial;
    QtrRunSnapshot *snapshot; /* or NULL */
    gboolean is_alive;        /* the batch has a process */
    guint revision;
};

G_DEFINE_FINAL_TYPE(QtrTrialItem, qtr_trial_item, G_TYPE_OBJECT)

enum { ITEM_PROP_0, ITEM_PROP_REVISION, ITEM_N_PROPS };
static GParamSpec *item_properties[ITEM_N_PROPS];

static void qtr_trial_item_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    g_value_set_uint(value, QTR_TRIAL_ITEM(object)->revision);
}

static void qtr_trial_item_finalize(GObject *object)
{
    QtrTrialItem *item = QTR_TRIAL_ITEM(object);

    g_ptr_array_unref(item->trials);
    g_clear_pointer(&item->snapshot, qtr_run_snapshot_unref);
    G_OBJECT_CLASS(qtr_trial_item_parent_class)->finalize(object);
}

static void qtr_trial_item_class_init(QtrTrialItemClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = qtr_trial_item_get_property;
    object_class->finalize = qtr_trial_item_finalize;
    item_properties[ITEM_PROP_REVISION] = g_param_spec_uint(
        "revision", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, ITEM_N_PROPS, item_properties);
}

static void qtr_trial_item_init(QtrTrialItem *item)
{
}

const QtrTrial *qtr_trial_item_get_trial(QtrTrialItem *item)
{
    return item->trial;
}

QtrRunSnapshot *qtr_trial_item_get_snapshot(QtrTrialItem *item)
{
    return item->snapshot;
}

QtrStand qtr_trial_item_get_stand(QtrTrialItem *item)
{
    switch (item->trial->state) {
    case QTR_TRIAL_DONE:
        return QTR_STAND_DONE;
    case QTR_TRIAL_FAILED:
        return QTR_STAND_FAILED;
    case QTR_TRIAL_RUNNING:
        return item->is_alive ? QTR_STAND_RUNNING : QTR_STAND_STOPPED;
    default:
        return item->snapshot ? QTR_STAND_STOPPED : QTR_STAND_QUEUED;
    }
}

/* Shares of the work, roughly as they take time. */
double qtr_trial_item_get_fraction(QtrTrialItem *item)
{
    static const struct {
        const char *kind;
        double begin, share;
    } jobs[] = {{"search", 0, 0.5}, {"train", 0.5, 0.45}, {"validate", 0.95, 0.05}};

    if (item->trial->state == QTR_TRIAL_DONE)
        return 1;
    for (gsize i = 0; item->snapshot && i < G_N_ELEMENTS(jobs); i++)
        if (g_strcmp0(item->snapshot->kind, jobs[i].kind) == 0)
            return jobs[i].begin + jobs[i].share * qtr_run_snapshot_fraction(item->snapshot);
    return 0;
}

void qtr_trial_item_update(QtrTrialItem *item, GPtrArray *trials, guint index,
                           QtrRunSnapshot *snapshot, gboolean is_alive)
{
    g_ptr_array_ref(trials);
    g_clear_pointer(&item->trials, g_ptr_array_unref);
    item->trials = trials;
    item->trial = g_ptr_array_index(trials, index);
    g_clear_pointer(&item->snapshot, qtr_run_snapshot_unref);
    item->snapshot = snapshot ? qtr_run_snapshot_ref(snapshot) : NULL;
    item->is_alive = is_alive;
    item->revision++;
    g_object_notify_by_pspec(G_OBJECT(item), item_properties[ITEM_PROP_REVISION]);
}
