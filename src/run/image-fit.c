#include "run/image-fit.h"

#include "base/error.h"
#include "image/codec.h"
#include "image/left-out.h"
#include "image/metrics.h"

gboolean qtr_image_fit(const QtrImagePair *pair, int scale, QtrImageSize lr, QtrImageSize hr,
                       GError **error)
{
    int right = hr.width - lr.width * scale, bottom = hr.height - lr.height * scale;

    if (MIN(right, bottom) >= 0 && MAX(right, bottom) < scale)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s is %dx%d, and %s %dx%d: HR must be %d times LR, or larger by less than %d "
                "pixels a side",
                pair->lr, lr.width, lr.height, pair->hr, hr.width, hr.height, scale, scale);
    return FALSE;
}

/* `*inner`: the shorter side of what is measured. */
static gboolean probe(const QtrImagePair *pair, int scale, int *inner, GError **error)
{
    QtrImageSize lr, hr;

    if (!qtr_image_probe(pair->lr, &lr.width, &lr.height, error) ||
        !qtr_image_probe(pair->hr, &hr.width, &hr.height, error) ||
        !qtr_image_fit(pair, scale, lr, hr, error))
        return FALSE;
    *inner = MIN(lr.width, lr.height) * scale - 2 * QTR_METRICS_BORDER;
    return TRUE;
}

/* Keeps the first error of a set and counts the others. */
static void note(GError **first, guint *others, GError *error)
{
    if (*first) {
        ++*others;
        g_error_free(error);
    } else {
        *first = error;
    }
}

gboolean qtr_image_fit_set(GPtrArray *pairs, const char *set, int scale, QtrLog *log,
                           GError **error)
{
    g_autofree char *why = g_strdup_printf("%s: too small to be measured", set);
    QtrLeftOut small = {0};
    GError *first = NULL;
    guint others = 0;

    for (guint i = 0; i < pairs->len;) {
        const QtrImagePair *pair = g_ptr_array_index(pairs, i);
        GError *local = NULL;
        int inner = 1;

        if (!probe(pair, scale, &inner, &local))
            note(&first, &others, local);
        if (inner > 0) {
            i++;
            continue;
        }
        qtr_left_out_add(&small, g_strdup(pair->hr), log);
        g_ptr_array_remove_index(pairs, i);
    }
    qtr_left_out_warn(&small, why, log);
    if (!first && pairs->len == 0)
        g_set_error_literal(&first, QTR_ERROR, QTR_ERROR_USAGE,
                            "all its images are too small to be measured");
    if (!first)
        return TRUE;
    if (others)
        g_set_error(error, first->domain, first->code, "%s: %s (and %u other pair%s like it)", set,
                    first->message, others, others == 1 ? "" : "s");
    else
        g_set_error(error, first->domain, first->code, "%s: %s", set, first->message);
    g_error_free(first);
    return FALSE;
}
