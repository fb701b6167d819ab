#include "run/plot-axis.h"

#include "run/draw-surface.h"

#include <math.h>

/* The smallest of 1, 2, 5 times a power of ten that is at least `raw`. */
static double round_step(double raw)
{
    double power = pow(10, floor(log10(raw)));
    double digit = raw / power;

    return power * (digit <= 1.0000001 ? 1 : digit <= 2.0000001 ? 2 : digit <= 5.0000001 ? 5 : 10);
}

static void init_log(QtrPlotAxis *axis, double low, double high)
{
    double margin = pow(high / low, 0.06);

    margin = MAX(margin, 1.15);
    axis->low = low / margin;
    axis->high = high * margin;
}

void qtr_plot_axis_init(QtrPlotAxis *axis, QtrPlotRange range, double low, double high, int ticks)
{
    double span = high - low;

    g_assert(low <= high && (range != QTR_PLOT_LOG || low > 0));
    *axis = (QtrPlotAxis){.log = range == QTR_PLOT_LOG};
    if (axis->log) {
        init_log(axis, low, high);
        return;
    }
    if (span <= 1e-9 * MAX(fabs(low), fabs(high))) {
        span = high != 0 ? fabs(high) * 0.02 : 1;
        range = QTR_PLOT_ROUND;
    }
    axis->step = round_step(span * 1.1 / ticks);
    axis->low = low;
    axis->high = high;
    if (range == QTR_PLOT_ROUND) {
        axis->low = floor((low - span * 0.05) / axis->step) * axis->step;
        axis->high = ceil((high + span * 0.05) / axis->step) * axis->step;
    }
}

double qtr_plot_axis_place(const QtrPlotAxis *axis, double value)
{
    double share = axis->log ? log(value / axis->low) / log(axis->high / axis->low)
                             : (value - axis->low) / (axis->high - axis->low);

    return axis->start + share * (axis->end - axis->start);
}

static void add_tick(GArray *ticks, const QtrPlotAxis *axis, double value, gboolean labelled)
{
    QtrPlotTick tick = {value, labelled};
    double slack = axis->log ? 0 : axis->step * 1e-6;

    if (value >= axis->low - slack && value <= axis->high + slack)
        g_array_append_val(ticks, tick);
}

GArray *qtr_plot_axis_ticks(const QtrPlotAxis *axis)
{
    GArray *ticks = g_array_new(FALSE, FALSE, sizeof(QtrPlotTick));
    double first;

    if (axis->log) {
        double decades = log10(axis->high / axis->low);
        int every = (int)ceil(decades / 10);

        for (int p = (int)floor(log10(axis->low)); p <= (int)ceil(log10(axis->high)); p++) {
            for (int digit = 1; digit <= 9; digit++) {
                gboolean minor = digit == 2 || digit == 5 ? decades < 2.2 : decades < 0.7;

                add_tick(ticks, axis, digit * pow(10, p), digit == 1 ? p % every == 0 : minor);
            }
        }
        return ticks;
    }
    first = ceil(axis->low / axis->step - 1e-6);
    for (int i = 0; (first + i) * axis->step <= axis->high + axis->step * 1e-6; i++)
        add_tick(ticks, axis, (first + i) * axis->step, TRUE);
    return ticks;
}

const char *qtr_plot_axis_text(const QtrPlotAxis *axis, double value, char *buffer, gsize size)
{
    char format[16];

    if (axis->log)
        return qtr_draw_si(value, buffer, size);
    g_snprintf(format, sizeof format, "%%.%df", CLAMP((int)ceil(-log10(axis->step) - 1e-6), 0, 9));
    return g_ascii_formatd(buffer, (int)size, format, value);
}
