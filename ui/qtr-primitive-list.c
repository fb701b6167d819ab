#include "qtr-primitive-list.h"

#include "qtr-cost-bars.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    const QtrPrimitive *primitive;
    GtkWidget *row, *check, *bars;
} Item;

/* What a primitive costs in a block. */
typedef struct {
    double bitops[QTR_BITS_MAX];
    gsize parameters;
    int layers; /* it fits */
} BlockCost;

struct _QtrPrimitiveList {
    AdwExpanderRow parent_instance;

    QtrBlock block;
    QtrDocument *document;
    GArray *items;
    gboolean updating;
};

G_DEFINE_FINAL_TYPE(QtrPrimitiveList, qtr_primitive_list, ADW_TYPE_EXPANDER_ROW)

static const char *block_title(QtrBlock block)
{
    static const char *const titles[QTR_BLOCKS] = {
        [QTR_BLOCK_HEAD] = N_("Head"), [QTR_BLOCK_BODY] = N_("Body"),
        [QTR_BLOCK_SKIP] = N_("Skip"), [QTR_BLOCK_UPSAMPLE] = N_("Upsample"),
        [QTR_BLOCK_TAIL] = N_("Tail"),
    };

    return gettext(titles[block]);
}

/* The block's primitives without `primitive`, or with it behind them. */
static char *chosen_text(const QtrArch *arch, QtrBlock block, const QtrPrimitive *primitive,
                         gboolean chosen)
{
    GString *text = g_string_new("[");

    for (int i = 0; i < arch->n_primitives[block]; i++)
        if (arch->primitives[block][i] != primitive)
            g_string_append_printf(text, "%s%s", text->len > 1 ? ", " : "",
                                   qtr_primitive_name(arch->primitives[block][i]));
    if (chosen)
        g_string_append_printf(text, "%s%s", text->len > 1 ? ", " : "",
                               qtr_primitive_name(primitive));
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static void on_toggled(QtrPrimitiveList *self, GtkCheckButton *check)
{
    gboolean active = gtk_check_button_get_active(check);
    const QtrConfig *config = self->updating ? NULL : qtr_document_get_config(self->document);
    g_autofree char *key = g_strconcat("arch.primitives.", qtr_block_name(self->block), NULL);
    g_autofree char *value = NULL;
    QtrArch arch;

    if (!config)
        return;
    qtr_config_get_arch(config, &arch);
    value =
        chosen_text(&arch, self->block, g_object_get_data(G_OBJECT(check), "primitive"), active);
    (void)qtr_document_set_value(self->document, key, value);
}

static BlockCost cost_in_block(const QtrSpace *space, QtrBlock block, const QtrPrimitive *primitive,
                               int n_bits)
{
    BlockCost cost = {0};

    for (guint i = 0; i < space->choices->len; i++) {
        const QtrSpaceChoice *choice = &g_array_index(space->choices, QtrSpaceChoice, i);

        if (choice->block != block || choice->primitive != primitive)
            continue;
        for (int b = 0; b < n_bits; b++)
            cost.bitops[b] += choice->costs[b].bitops * choice->repeats;
        cost.parameters += choice->costs[0].parameters * (gsize)choice->repeats;
        cost.layers++;
    }
    return cost;
}

/* Why it cannot stand in some layer of the block. */
static char *misfit(const QtrArch *arch, QtrBlock block, const QtrPrimitive *primitive)
{
    for (int layer = 0; layer < arch->layers[block]; layer++) {
        int in, out;
        char *problem;

        qtr_arch_layer_channels(arch, block, layer, &in, &out);
        problem = qtr_primitive_problem(primitive, in, out, arch->c_fixed);
        if (problem)
            return problem;
    }
    return NULL;
}

static gboolean is_chosen(const QtrArch *arch, QtrBlock block, const QtrPrimitive *primitive)
{
    for (int i = 0; i < arch->n_primitives[block]; i++)
        if (arch->primitives[block][i] == primitive)
            return TRUE;
    return FALSE;
}

static char *describe(const BlockCost *cost, const QtrArch *arch)
{
    GString *text = g_string_new(NULL);

    for (int b = 0; b < arch->n_bits; b++)
        g_string_append_printf(text, "%s%.3g", b ? " / " : "", cost->bitops[b] * 1e-9);
    g_string_append_printf(text, " GBitOps · ");
    g_string_append_printf(text,
                           ngettext("%lu parameter", "%lu parameters", (gulong)cost->parameters),
                           (gulong)cost->parameters);
    return g_string_free(text, FALSE);
}

static void show_item(QtrPrimitiveList *self, const Item *item, const QtrArch *arch,
                      const BlockCost *cost, double greatest)
{
    g_autofree char *problem = misfit(arch, self->block, item->primitive);
    g_autofree char *text = problem ? g_markup_escape_text(problem, -1) : describe(cost, arch);
    gboolean chosen = is_chosen(arch, self->block, item->primitive);
    double shares[QTR_BITS_MAX];

    for (int b = 0; b < arch->n_bits; b++)
        shares[b] = greatest > 0 ? cost->bitops[b] / greatest : 0;
    gtk_check_button_set_active(GTK_CHECK_BUTTON(item->check), chosen);
    qtr_cost_bars_set(QTR_COST_BARS(item->bars), shares, arch->bits, problem ? 0 : arch->n_bits);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(item->row), text);
    /* What was ticked can be unticked, whatever is wrong with it. */
    gtk_widget_set_sensitive(item->row, chosen || !problem);
}

void qtr_primitive_list_show(QtrPrimitiveList *list, const QtrArch *arch, const QtrSpace *space)
{
    guint n = list->items->len;
    g_autofree BlockCost *costs = g_new(BlockCost, n);
    g_autofree char *text = NULL;
    double greatest = 0;

    for (guint i = 0; i < n; i++) {
        costs[i] = cost_in_block(space, list->block, g_array_index(list->items, Item, i).primitive,
                                 arch->n_bits);
        for (int b = 0; b < arch->n_bits; b++)
            greatest = MAX(greatest, costs[i].bitops[b]);
    }
    list->updating = TRUE;
    for (guint i = 0; i < n; i++)
        show_item(list, &g_array_index(list->items, Item, i), arch, &costs[i], greatest);
    list->updating = FALSE;
    if (arch->layers[list->block] == 0)
        text = g_strdup(_("no layers"));
    else
        text = g_strdup_printf(ngettext("%d of %u primitive", "%d of %u primitives", (gulong)n),
                               arch->n_primitives[list->block], n);
    adw_expander_row_set_subtitle(ADW_EXPANDER_ROW(list), text);
    gtk_widget_set_sensitive(GTK_WIDGET(list), arch->layers[list->block] > 0);
}

GtkWidget *qtr_primitive_list_get_check(QtrPrimitiveList *list, const char *primitive)
{
    for (guint i = 0; i < list->items->len; i++) {
        const Item *item = &g_array_index(list->items, Item, i);

        if (strcmp(qtr_primitive_name(item->primitive), primitive) == 0)
            return item->check;
    }
    return NULL;
}

static void add_item(QtrPrimitiveList *self, const QtrPrimitive *primitive)
{
    Item item = {.primitive = primitive, .row = adw_action_row_new()};

    item.check = gtk_check_button_new();
    item.bars = qtr_cost_bars_new();
    g_object_set_data(G_OBJECT(item.check), "primitive", (gpointer)primitive);
    gtk_widget_set_valign(item.check, GTK_ALIGN_CENTER);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(item.row), qtr_primitive_name(primitive));
    adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(item.row), 2);
    adw_action_row_add_prefix(ADW_ACTION_ROW(item.row), item.check);
    adw_action_row_add_suffix(ADW_ACTION_ROW(item.row), item.bars);
    adw_action_row_set_activatable_widget(ADW_ACTION_ROW(item.row), item.check);
    g_signal_connect_swapped(item.check, "toggled", G_CALLBACK(on_toggled), self);
    adw_expander_row_add_row(ADW_EXPANDER_ROW(self), item.row);
    g_array_append_val(self->items, item);
}

GtkWidget *qtr_primitive_list_new(QtrBlock block, QtrDocument *document)
{
    QtrPrimitiveList *self =
        g_object_new(QTR_TYPE_PRIMITIVE_LIST, "title", block_title(block), NULL);

    self->block = block;
    self->document = document;
    for (guint i = 0; i < qtr_primitive_count(); i++)
        add_item(self, qtr_primitive_at(i));
    return GTK_WIDGET(self);
}

static void qtr_primitive_list_finalize(GObject *object)
{
    g_array_unref(QTR_PRIMITIVE_LIST(object)->items);
    G_OBJECT_CLASS(qtr_primitive_list_parent_class)->finalize(object);
}

static void qtr_primitive_list_class_init(QtrPrimitiveListClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = qtr_primitive_list_finalize;
}

static void qtr_primitive_list_init(QtrPrimitiveList *self)
{
    self->items = g_array_new(FALSE, FALSE, sizeof(Item));
}
