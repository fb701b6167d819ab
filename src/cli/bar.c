#include "cli/bar.h"

#include <math.h>
#include <string.h>

#define BAR_MAX 32 /* cells; longer bars tell no more */
#define BAR_MIN 8

static double fraction_of(const QtrProgress *progress)
{
    double fraction = progress->total > 0 ? progress->done / progress->total : 0;

    return isfinite(fraction) ? CLAMP(fraction, 0.0, 1.0) : 0;
}

char *qtr_bar_time(double seconds)
{
    gint64 whole = (gint64)(seconds + 0.5);

    return g_strdup_printf("%d:%02d:%02d", (int)(whole / 3600), (int)(whole / 60 % 60),
                           (int)(whole % 60));
}

static char *eta_text(const QtrProgress *progress)
{
    g_autofree char *time = NULL;

    if (!(progress->eta >= 0) || progress->eta > 1e7)
        return g_strdup("");
    time = qtr_bar_time(progress->eta);
    return g_strconcat(time, " left", NULL);
}

char *qtr_bar_plain(const QtrProgress *progress)
{
    g_autofree char *eta = eta_text(progress);
    const char *detail = progress->detail ? progress->detail : "";

    return g_strdup_printf("%s %d%%%s%s%s%s", progress->phase, (int)(fraction_of(progress) * 100),
                           *eta ? ", " : "", eta, *detail ? ", " : "", detail);
}

/* At most `columns` characters of `text`, never half a character. */
static char *cut(const char *text, glong columns)
{
    if (columns <= 0)
        return g_strdup("");
    return g_utf8_strlen(text, -1) <= columns ? g_strdup(text) : g_utf8_substring(text, 0, columns);
}

static void append_bar(GString *line, double fraction, int cells, const QtrBarStyle *style)
{
    int full = (int)(fraction * cells);

    if (style->colour)
        g_string_append(line, "\033[32m");
    for (int i = 0; i < full; i++)
        g_string_append(line, style->utf8 ? "━" : "#");
    if (style->colour)
        g_string_append(line, "\033[0;2m");
    for (int i = full; i < cells; i++)
        g_string_append(line, style->utf8 ? "─" : "-");
    if (style->colour)
        g_string_append(line, "\033[0m");
}

char *qtr_bar_render(const QtrProgress *progress, const QtrBarStyle *style)
{
    g_autofree char *eta = eta_text(progress);
    g_autofree char *detail = g_utf8_make_valid(progress->detail ? progress->detail : "", -1);
    g_autofree char *phase = g_utf8_make_valid(progress->phase, -1);
    g_autofree char *tail = g_strdup_printf(" %3d%%%s%s%s%s", (int)(fraction_of(progress) * 100),
                                            *eta ? "  " : "", eta, *detail ? "  " : "", detail);
    GString *line = g_string_new(NULL);
    int room = MAX(style->columns - 1, 10);
    int left = room - (int)g_utf8_strlen(phase, -1) - 1 - (int)g_utf8_strlen(tail, -1);
    int cells = CLAMP(left, 0, BAR_MAX);

    if (cells < BAR_MIN) {
        g_autofree char *plain = g_strconcat(phase, tail, NULL);
        g_autofree char *shown = cut(plain, room);

        g_string_append(line, shown);
        return g_string_free(line, FALSE);
    }
    g_string_append_printf(line, "%s ", phase);
    append_bar(line, fraction_of(progress), cells, style);
    g_string_append(line, tail);
    return g_string_free(line, FALSE);
}
