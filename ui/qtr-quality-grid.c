#include "qtr-quality-grid.h"

#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <math.h>

#define NAME_CHARS 13

static void attach(GtkGrid *grid, int column, int line, const char *text, gboolean head)
{
    GtkWidget *label = gtk_label_new(text);

    gtk_label_set_xalign(GTK_LABEL(label), column ? 1 : 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), column ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
    /* Room for most of the names, however large the letters are. */
    gtk_label_set_width_chars(GTK_LABEL(label), column ? -1 : NAME_CHARS);
    gtk_widget_set_hexpand(label, column == 0);
    gtk_widget_add_css_class(label, head ? "dim-label" : "numeric");
    gtk_widget_add_css_class(label, "caption");
    gtk_grid_attach(grid, label, column, line, 1, 1);
}

static void attach_number(GtkGrid *grid, int column, int line, const char *format, double value)
{
    g_autofree char *text = isnan(value)   ? g_strdup("\xe2\x80\x93")
                            : isinf(value) ? g_strdup("\xe2\x88\x9e")
                                           : g_strdup_printf(format, value);

    attach(grid, column, line, text, FALSE);
}

static int attach_qualities(GtkGrid *grid, QtrComparison *comparison, int line, const char *title,
                            gboolean of_area)
{
    attach(grid, 0, line, title, TRUE);
    attach(grid, 1, line, _("PSNR"), TRUE);
    attach(grid, 2, line++, _("SSIM"), TRUE);
    for (int slot = 0; slot < QTR_SLOT_HR; slot++) {
        QtrQuality quality;

        if (!qtr_comparison_get(comparison, (QtrSlot)slot))
            continue;
        quality = qtr_comparison_get_quality(comparison, (QtrSlot)slot, of_area);
        attach(grid, 0, line, qtr_slot_title((QtrSlot)slot), FALSE);
        attach_number(grid, 1, line, "%.2f dB", quality.psnr);
        attach_number(grid, 2, line++, "%.4f", quality.ssim);
    }
    return line;
}

static int attach_costs(GtkGrid *grid, QtrComparison *comparison, int line)
{
    for (int i = 0; i < 2; i++) {
        double bitops = qtr_comparison_get_bitops(comparison, i);
        double seconds = qtr_comparison_get_seconds(comparison, i);
        char text[32];
        g_autofree char *name = NULL;

        if (!qtr_comparison_get_network(comparison, i) || (isnan(bitops) && isnan(seconds)))
            continue;
        name = g_strdup_printf(_("Network %c"), 'A' + i);
        attach(grid, 0, line, name, FALSE);
        attach(grid, 1, line, isnan(bitops) ? "" : qtr_draw_si(bitops, text, sizeof text), FALSE);
        attach_number(grid, 2, line++, "%.1f s", seconds);
    }
    return line;
}

gboolean qtr_quality_grid_fill(GtkGrid *grid, QtrComparison *comparison, QtrArea selection)
{
    gboolean has_hr = qtr_comparison_get(comparison, QTR_SLOT_HR) != NULL;
    GtkWidget *child;
    int line = 0, before;

    while ((child = gtk_widget_get_first_child(GTK_WIDGET(grid))))
        gtk_grid_remove(grid, child);
    if (has_hr)
        line = attach_qualities(grid, comparison, line, _("Whole image"), FALSE);
    if (has_hr && selection.width > 0)
        line = attach_qualities(grid, comparison, line, _("Selected area"), TRUE);
    before = line;
    line = attach_costs(grid, comparison, line + 1);
    if (line > before + 1) {
        attach(grid, 0, before, _("Cost"), TRUE);
        attach(grid, 1, before, _("BitOps (32×32)"), TRUE);
        attach(grid, 2, before, _("Taken"), TRUE);
    }
    return line > 1;
}
