#include "qtr-trials-view.h"

#include "qtr-run-list.h"
#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <math.h>

struct _QtrTrialsView {
    AdwBin parent_instance;

    GtkGrid *grid;
};

G_DEFINE_FINAL_TYPE(QtrTrialsView, qtr_trials_view, ADW_TYPE_BIN)

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

static void attach(QtrTrialsView *self, int column, int line, char *text, gboolean head)
{
    GtkWidget *label = gtk_label_new(text);

    gtk_label_set_xalign(GTK_LABEL(label), column ? 1 : 0);
    gtk_widget_add_css_class(label, head ? "caption-heading" : "numeric");
    if (head)
        gtk_widget_add_css_class(label, "dim-label");
    gtk_label_set_selectable(GTK_LABEL(label), !head);
    gtk_grid_attach(self->grid, label, column, line, 1, 1);
    g_free(text);
}

static void attach_group(QtrTrialsView *self, int line, const char *name, const Group *group)
{
    char mean[32], sd[32];

    attach(self, 0, line, g_strdup(name), FALSE);
    attach(self, 1, line, g_strdup_printf("%u", group->n), FALSE);
    attach(self, 2, line,
           group->n > 1 ? g_strdup_printf("%.2f ± %.2f dB", group->psnr.mean,
                                          deviation(&group->psnr, group->n))
                        : g_strdup_printf("%.2f dB", group->psnr.mean),
           FALSE);
    qtr_draw_si(group->bitops.mean, mean, sizeof mean);
    attach(self, 3, line,
           group->n > 1
               ? g_strdup_printf("%s ± %s", mean,
                                 qtr_draw_si(deviation(&group->bitops, group->n), sd, sizeof sd))
               : g_strdup(mean),
           FALSE);
}

void qtr_trials_view_update(QtrTrialsView *self, GListModel *runs, const char *set)
{
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    g_autoptr(GHashTable) groups = NULL;
    gboolean repeated = FALSE;
    GtkWidget *child;

    g_return_if_fail(QTR_IS_TRIALS_VIEW(self));
    groups = collect(runs, set, order);
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->grid))))
        gtk_grid_remove(self->grid, child);
    attach(self, 0, 0, g_strdup(_("Setting")), TRUE);
    attach(self, 1, 0, g_strdup(_("Trials")), TRUE);
    attach(self, 2, 0, g_strdup(_("PSNR")), TRUE);
    attach(self, 3, 0, g_strdup(_("BitOps")), TRUE);
    for (guint i = 0; i < order->len; i++) {
        const Group *group = g_hash_table_lookup(groups, g_ptr_array_index(order, i));

        repeated |= group->n > 1;
        attach_group(self, (int)i + 1, g_ptr_array_index(order, i), group);
    }
    gtk_widget_set_visible(GTK_WIDGET(self), repeated);
}

static void qtr_trials_view_class_init(QtrTrialsViewClass *klass)
{
}

static void qtr_trials_view_init(QtrTrialsView *self)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *title = gtk_label_new(_("Mean and Deviation over Trials"));
    GtkWidget *scroller = gtk_scrolled_window_new();

    self->grid = GTK_GRID(gtk_grid_new());
    gtk_grid_set_column_spacing(self->grid, 24);
    gtk_grid_set_row_spacing(self->grid, 6);
    gtk_widget_add_css_class(title, "heading");
    gtk_label_set_xalign(GTK_LABEL(title), 0);
    gtk_label_set_ellipsize(GTK_LABEL(title), PANGO_ELLIPSIZE_END);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_NEVER);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), GTK_WIDGET(self->grid));
    gtk_box_append(GTK_BOX(box), title);
    gtk_box_append(GTK_BOX(box), scroller);
    gtk_widget_add_css_class(box, "card");
    gtk_widget_add_css_class(box, "padded");
    adw_bin_set_child(ADW_BIN(self), box);
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}
