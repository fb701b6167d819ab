#include "qtr-run-columns.h"

#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <math.h>

static char *finite_text(const char *format, double value)
{
    return isfinite(value) ? g_strdup_printf(format, value) : g_strdup("");
}

static char *si_text(double value)
{
    char buffer[32];

    return g_strdup(isfinite(value) && value > 0 ? qtr_draw_si(value, buffer, sizeof buffer) : "");
}

static char *name_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return g_strdup(s->name);
}

/* A batch leaves two folders a trial, whose runs have one name. */
static char *job_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    gboolean searched = qtr_series_length(s->curves[QTR_RUN_SEARCH][QTR_CURVE_TRAIN_LOSS]) > 0;
    gboolean trained = qtr_series_length(s->curves[QTR_RUN_TRAIN][QTR_CURVE_TRAIN_LOSS]) > 0;

    return g_strdup(searched && trained ? _("Search, training")
                    : searched          ? _("Search")
                    : trained           ? _("Training")
                    : s->rows->len > 0  ? _("Validation")
                                        : "");
}

static char *state_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return g_strdup(qtr_run_state_title(s->state));
}

static double penalty(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return s->penalty;
}

static char *penalty_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return finite_text("%g", s->penalty);
}

static double psnr(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return row ? row->psnr : NAN;
}

static char *psnr_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return finite_text("%.2f", psnr(s, row));
}

static double gain(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return row ? row->psnr - row->psnr_bicubic : NAN;
}

static char *gain_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return finite_text("%+.2f", gain(s, row));
}

static double ssim(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return row ? row->ssim : NAN;
}

static char *ssim_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return finite_text("%.4f", ssim(s, row));
}

static double bitops(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return row ? row->bitops_32 : NAN;
}

static char *bitops_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return si_text(bitops(s, row));
}

static double bytes(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return row ? (double)row->packed_bytes : NAN;
}

static char *bytes_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return row && row->packed_bytes ? g_format_size(row->packed_bytes) : g_strdup("");
}

static double seconds(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return row ? row->seconds_per_megapixel : NAN;
}

static char *seconds_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return finite_text("%.2f", seconds(s, row));
}

static double begun(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return s->begun;
}

static char *begun_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    g_autoptr(GDateTime) time =
        isfinite(s->begun) ? g_date_time_new_from_unix_local((gint64)s->begun) : NULL;

    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("");
}

static char *device_text(const QtrRunSnapshot *s, const QtrValidationRow *row)
{
    return g_strdup(s->device ? s->device : "");
}

static const QtrRunColumn columns[] = {
    {N_("Name"), name_text, NULL, TRUE},
    {N_("Job"), job_text, NULL, FALSE},
    {N_("State"), state_text, NULL, FALSE},
    {N_("Penalty"), penalty_text, penalty, FALSE},
    {N_("PSNR (dB)"), psnr_text, psnr, FALSE},
    {N_("Over Bicubic"), gain_text, gain, FALSE},
    {N_("SSIM"), ssim_text, ssim, FALSE},
    {N_("BitOps"), bitops_text, bitops, FALSE},
    {N_("Packed Size"), bytes_text, bytes, FALSE},
    {N_("s/Megapixel"), seconds_text, seconds, FALSE},
    {N_("Begun"), begun_text, begun, FALSE},
    {N_("Device"), device_text, NULL, FALSE},
};

const QtrRunColumn *qtr_run_columns(guint *n)
{
    *n = G_N_ELEMENTS(columns);
    return columns;
}
