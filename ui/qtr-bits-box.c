#include "qtr-bits-box.h"

static const int bit_widths[] = {2, 3, 4, 5, 6, 7, 8, 16, 32};

struct _QtrBitsBox {
    AdwBin parent_instance;

    const char *key;
    QtrDocument *document;
    gboolean updating;
};

G_DEFINE_FINAL_TYPE(QtrBitsBox, qtr_bits_box, ADW_TYPE_BIN)

/* The bit widths chosen, in the order they were in, new ones behind. */
static void on_bits_toggled(QtrBitsBox *self, GtkToggleButton *button)
{
    int bits = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "bits"));
    gboolean active = gtk_toggle_button_get_active(button);
    const QtrConfig *config = qtr_document_get_config(self->document);
    g_autoptr(GString) text = g_string_new("[");

    if (self->updating || !config)
        return;
    for (int i = 0; i < config->arch.bits.n; i++)
        if (config->arch.bits.values[i] != bits)
            g_string_append_printf(text, "%s%d", text->len > 1 ? ", " : "",
                                   config->arch.bits.values[i]);
    if (active)
        g_string_append_printf(text, "%s%d", text->len > 1 ? ", " : "", bits);
    g_string_append_c(text, ']');
    (void)qtr_document_set_value(self->document, self->key, text->str);
}

static gboolean has_bits(const QtrConfig *config, int bits)
{
    for (int i = 0; config && i < config->arch.bits.n; i++)
        if (config->arch.bits.values[i] == bits)
            return TRUE;
    return FALSE;
}

void qtr_bits_box_refresh(QtrBitsBox *self)
{
    const QtrConfig *config = qtr_document_get_config(self->document);
    GtkWidget *child = gtk_widget_get_first_child(adw_bin_get_child(ADW_BIN(self)));

    self->updating = TRUE;
    for (; child; child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *button = gtk_flow_box_child_get_child(GTK_FLOW_BOX_CHILD(child));
        int bits = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "bits"));

        gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(button), has_bits(config, bits));
    }
    self->updating = FALSE;
}

static void make_buttons(QtrBitsBox *self)
{
    GtkWidget *box = gtk_flow_box_new();

    gtk_flow_box_set_selection_mode(GTK_FLOW_BOX(box), GTK_SELECTION_NONE);
    gtk_flow_box_set_max_children_per_line(GTK_FLOW_BOX(box), G_N_ELEMENTS(bit_widths));
    gtk_flow_box_set_column_spacing(GTK_FLOW_BOX(box), 4);
    gtk_flow_box_set_row_spacing(GTK_FLOW_BOX(box), 4);
    gtk_flow_box_set_homogeneous(GTK_FLOW_BOX(box), TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(bit_widths); i++) {
        g_autofree char *label = g_strdup_printf("%d", bit_widths[i]);
        GtkWidget *button = gtk_toggle_button_new_with_label(label);
        GtkWidget *child = gtk_flow_box_child_new();

        g_object_set_data(G_OBJECT(button), "bits", GINT_TO_POINTER(bit_widths[i]));
        g_signal_connect_swapped(button, "toggled", G_CALLBACK(on_bits_toggled), self);
        gtk_flow_box_child_set_child(GTK_FLOW_BOX_CHILD(child), button);
        gtk_widget_set_focusable(child, FALSE);
        gtk_flow_box_append(GTK_FLOW_BOX(box), child);
    }
    adw_bin_set_child(ADW_BIN(self), box);
}

static void qtr_bits_box_class_init(QtrBitsBoxClass *klass)
{
}

static void qtr_bits_box_init(QtrBitsBox *self)
{
    make_buttons(self);
}

GtkWidget *qtr_bits_box_new(const char *key, QtrDocument *document)
{
    QtrBitsBox *self = g_object_new(QTR_TYPE_BITS_BOX, NULL);

    self->key = key;
    self->document = document;
    return GTK_WIDGET(self);
}
