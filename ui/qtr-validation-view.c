#include "qtr-validation-view.h"

#include "qtr-figures-grid.h"
#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <math.h>

struct _QtrValidationView {
    AdwBin parent_instance;

    GtkGrid *grid;
    char *shown;
};

G_DEFINE_FINAL_TYPE(QtrValidationView, qtr_validation_view, ADW_TYPE_BIN)

static char *number_text(const char *format, double value)
{
    return isfinite(value) ? g_strdup_printf(format, value) : g_strdup("\xe2\x80\x93");
}

static char *si_text(double value)
{
    char buffer[32];

    return isfinite(value) ? g_strdup(qtr_draw_si(value, buffer, sizeof buffer))
                           : g_strdup("\xe2\x80\x93");
}

#define COLUMNS 6

static void row_texts(const QtrValidationRow *row, char *texts[COLUMNS])
{
    texts[0] = g_strdup(row->set);
    texts[1] = number_text("%.2f dB", row->psnr);
    texts[2] = isfinite(row->psnr - row->psnr_bicubic)
                   ? g_strdup_printf("%+.2f dB", row->psnr - row->psnr_bicubic)
                   : number_text("%f", NAN);
    texts[3] = number_text("%.4f", row->ssim);
    texts[4] = si_text(row->bitops_32);
    texts[5] = number_text("%.2f s", row->seconds_per_megapixel);
}

static void fill(QtrValidationView *self, const GPtrArray *rows)
{
    const char *const heads[COLUMNS] = {_("Set"),  _("PSNR"),           _("Over Bicubic"),
                                        _("SSIM"), _("BitOps (32×32)"), _("Per Megapixel")};

    qtr_figures_grid_clear(self->grid);
    qtr_figures_grid_add(self->grid, 0, heads, COLUMNS);
    for (guint r = 0; r < rows->len; r++) {
        char *texts[COLUMNS];

        row_texts(g_ptr_array_index(rows, r), texts);
        qtr_figures_grid_add(self->grid, (int)r + 1, (const char *const *)texts, COLUMNS);
        for (int c = 0; c < COLUMNS; c++)
            g_free(texts[c]);
    }
}

static char *digest(const GPtrArray *rows)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < rows->len; i++) {
        const QtrValidationRow *row = g_ptr_array_index(rows, i);

        g_string_append_printf(text, "%s %g %g %g\n", row->set, row->psnr, row->ssim,
                               row->bitops_32);
    }
    return g_string_free(text, FALSE);
}

void qtr_validation_view_set_snapshot(QtrValidationView *self, QtrRunSnapshot *snapshot)
{
    g_autofree char *text = NULL;

    g_return_if_fail(QTR_IS_VALIDATION_VIEW(self));
    gtk_widget_set_visible(GTK_WIDGET(self), snapshot && snapshot->rows->len > 0);
    text = snapshot ? digest(snapshot->rows) : NULL;
    if (!snapshot || g_strcmp0(text, self->shown) == 0)
        return;
    g_free(self->shown);
    self->shown = g_steal_pointer(&text);
    fill(self, snapshot->rows);
}

static void qtr_validation_view_finalize(GObject *object)
{
    g_free(QTR_VALIDATION_VIEW(object)->shown);
    G_OBJECT_CLASS(qtr_validation_view_parent_class)->finalize(object);
}

static void qtr_validation_view_class_init(QtrValidationViewClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = qtr_validation_view_finalize;
}

static void qtr_validation_view_init(QtrValidationView *self)
{
    self->grid = qtr_figures_grid_new(ADW_BIN(self), _("Validation"));
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}
