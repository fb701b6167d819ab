#include "qtr-figures-grid.h"

GtkGrid *qtr_figures_grid_new(AdwBin *bin, const char *title)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *heading = gtk_label_new(title);
    GtkWidget *scroller = gtk_scrolled_window_new();
    GtkWidget *grid = gtk_grid_new();

    gtk_grid_set_column_spacing(GTK_GRID(grid), 24);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
    gtk_widget_add_css_class(heading, "heading");
    gtk_label_set_xalign(GTK_LABEL(heading), 0);
    gtk_label_set_ellipsize(GTK_LABEL(heading), PANGO_ELLIPSIZE_END);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_NEVER);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), grid);
    gtk_box_append(GTK_BOX(box), heading);
    gtk_box_append(GTK_BOX(box), scroller);
    gtk_widget_add_css_class(box, "card");
    gtk_widget_add_css_class(box, "padded");
    adw_bin_set_child(bin, box);
    return GTK_GRID(grid);
}

void qtr_figures_grid_clear(GtkGrid *grid)
{
    GtkWidget *child;

    while ((child = gtk_widget_get_first_child(GTK_WIDGET(grid))))
        gtk_grid_remove(grid, child);
}

void qtr_figures_grid_add(GtkGrid *grid, int line, const char *const *texts, int n)
{
    for (int column = 0; column < n; column++) {
        GtkWidget *label = gtk_label_new(texts[column]);

        gtk_label_set_xalign(GTK_LABEL(label), column ? 1 : 0);
        gtk_label_set_selectable(GTK_LABEL(label), line > 0);
        gtk_widget_add_css_class(label, line > 0 ? "numeric" : "caption-heading");
        if (line == 0)
            gtk_widget_add_css_class(label, "dim-label");
        gtk_grid_attach(grid, label, column, line, 1, 1);
    }
}
