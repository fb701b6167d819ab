#include "qtr-trials-view.h"

#include "qtr-figures-grid.h"
#include "qtr-run-list.h"
#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <math.h>

struct _QtrTrialsView {
    AdwBin parent_instance;

    GtkGrid *grid;
};

G_DEFINE_FINAL_TYPE(QtrTrialsView, qtr_trials_view, ADW_TYPE_BIN)

#define COLUMNS 4

/* Welford's running mean and sum of squares. */
typedef struct {
    double mean, squares;
} Moments;

typedef struct {
    guint n;
    Moments psnr, bitops;
} Group;

static void add_value(Moments *m, guint n, double value)
{
    double before = value - m->mean;

    m->mean += before / n;
    m->squares += before * (value - m->mean);
}

static double deviation(const Moments *m, guint n)
{
    return n > 1 ? sqrt(m->squares / (n - 1)) : NAN;
}

static GHashTable *collect(GListModel *runs, const char *set, GPtrArray *order)
{
    GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (guint i = 0; i < g_list_model_get_n_items(runs); i++) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(runs, i);
        const QtrValidationRow *row = qtr_run_item_find_row(item, set);
        g_autofree char *name = qtr_run_item_group(item);
        Group *group;

        if (!row || !isfinite(row->psnr))
            continue;
        group = g_hash_table_lookup(groups, name);
        if (!group) {
            group = g_new0(Group, 1);
            g_ptr_array_add(order, name);
            g_hash_table_insert(groups, g_steal_pointer(&name), group);
        }
        group->n++;
        add_value(&group->psnr, group->n, row->psnr);
        add_value(&group->bitops, group->n, row->bitops_32);
    }
    return groups;
}

static void add_group(QtrTrialsView *self, int line, const char *name, const Group *group)
{
    char mean[32], sd[32];
    const char *bitops = qtr_draw_si(group->bitops.mean, mean, sizeof mean);
    g_autofree char *count = g_strdup_printf("%u", group->n);
    g_autofree char *psnr = group->n > 1 ? g_strdup_printf("%.2f ± %.2f dB", group->psnr.mean,
                                                           deviation(&group->psnr, group->n))
                                         : g_strdup_printf("%.2f dB", group->psnr.mean);
    g_autofree char *spread =
        group->n > 1
            ? g_strdup_printf("%s ± %s", bitops,
                              qtr_draw_si(deviation(&group->bitops, group->n), sd, sizeof sd))
            : g_strdup(bitops);
    const char *const texts[COLUMNS] = {name, count, psnr, spread};

    qtr_figures_grid_add(self->grid, line, texts, COLUMNS);
}

void qtr_trials_view_update(QtrTrialsView *self, GListModel *runs, const char *set)
{
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    g_autoptr(GHashTable) groups = NULL;
    const char *const heads[COLUMNS] = {_("Setting"), _("Trials"), _("PSNR"), _("BitOps")};
    gboolean repeated = FALSE;

    g_return_if_fail(QTR_IS_TRIALS_VIEW(self));
    groups = collect(runs, set, order);
    qtr_figures_grid_clear(self->grid);
    qtr_figures_grid_add(self->grid, 0, heads, COLUMNS);
    for (guint i = 0; i < order->len; i++) {
        const Group *group = g_hash_table_lookup(groups, g_ptr_array_index(order, i));

        repeated |= group->n > 1;
        add_group(self, (int)i + 1, g_ptr_array_index(order, i), group);
    }
    gtk_widget_set_visible(GTK_WIDGET(self), repeated);
}

static void qtr_trials_view_class_init(QtrTrialsViewClass *klass)
{
}

static void qtr_trials_view_init(QtrTrialsView *self)
{
    self->grid = qtr_figures_grid_new(ADW_BIN(self), _("Mean and Deviation over Trials"));
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}
