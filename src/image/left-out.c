#include "image/left-out.h"

#define NAMED 3 /* images that a warning names */

void qtr_left_out_add(QtrLeftOut *out, char *description, QtrLog *log)
{
    qtr_debug(log, "left out: %s", description);
    if (!out->first)
        out->first = g_string_new(NULL);
    if (out->n++ < NAMED)
        g_string_append_printf(out->first, "%s%s", out->first->len ? "; " : "", description);
    g_free(description);
}

void qtr_left_out_warn(QtrLeftOut *out, const char *why, QtrLog *log)
{
    if (out->n == 0)
        return;
    if (out->n > NAMED)
        g_string_append_printf(out->first, " and %u more", out->n - NAMED);
    qtr_warning(log, "%u image%s left out: %s: %s", out->n, out->n == 1 ? "" : "s", why,
                out->first->str);
    g_string_free(out->first, TRUE);
    *out = (QtrLeftOut){0};
}
