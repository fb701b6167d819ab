#include "qtr-view-group.h"

#include "qtr-settings.h"

struct _QtrViewGroup {
    AdwPreferencesGroup parent_instance;

    /* template widgets */
    AdwComboRow *left_row, *right_row, *mode_row;
    GtkWidget *gain_row;
    GtkSpinButton *gain_spin;
    GtkSwitch *loupe_switch;
};

G_DEFINE_FINAL_TYPE(QtrViewGroup, qtr_view_group, ADW_TYPE_PREFERENCES_GROUP)

static guint changed_signal;

QtrSlot qtr_view_group_get_slot(QtrViewGroup *self, QtrViewSide side)
{
    AdwComboRow *row = side == QTR_VIEW_LEFT ? self->left_row : self->right_row;

    return (QtrSlot)MIN(adw_combo_row_get_selected(row), (guint)QTR_SLOTS - 1);
}

QtrShowMode qtr_view_group_get_mode(QtrViewGroup *self)
{
    return (QtrShowMode)adw_combo_row_get_selected(self->mode_row);
}

double qtr_view_group_get_gain(QtrViewGroup *self)
{
    return gtk_spin_button_get_value(self->gain_spin);
}

gboolean qtr_view_group_has_loupe(QtrViewGroup *self)
{
    return gtk_switch_get_active(self->loupe_switch);
}

static void on_changed(QtrViewGroup *self)
{
    gtk_widget_set_visible(self->gain_row, qtr_view_group_get_mode(self) == QTR_SHOW_DIFFERENCE);
    g_signal_emit(self, changed_signal, 0);
}

static void qtr_view_group_class_init(QtrViewGroupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    changed_signal = g_signal_new("changed", QTR_TYPE_VIEW_GROUP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-view-group.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrViewGroup, left_row);
    gtk_widget_class_bind_template_child(widget_class, QtrViewGroup, right_row);
    gtk_widget_class_bind_template_child(widget_class, QtrViewGroup, mode_row);
    gtk_widget_class_bind_template_child(widget_class, QtrViewGroup, gain_row);
    gtk_widget_class_bind_template_child(widget_class, QtrViewGroup, gain_spin);
    gtk_widget_class_bind_template_child(widget_class, QtrViewGroup, loupe_switch);
    gtk_widget_class_bind_template_callback(widget_class, on_changed);
}

static void fill_slots(QtrViewGroup *self)
{
    g_autoptr(GtkStringList) slots = gtk_string_list_new(NULL);

    for (int slot = 0; slot < QTR_SLOTS; slot++)
        gtk_string_list_append(slots, qtr_slot_title((QtrSlot)slot));
    adw_combo_row_set_model(self->left_row, G_LIST_MODEL(slots));
    adw_combo_row_set_model(self->right_row, G_LIST_MODEL(slots));
    adw_combo_row_set_selected(self->left_row, QTR_SLOT_BICUBIC);
    adw_combo_row_set_selected(self->right_row, QTR_SLOT_A);
}

static void qtr_view_group_init(QtrViewGroup *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    fill_slots(self);
}
