#include "base/nearest.h"

#include <string.h>

#define LONGEST 128

static guint edit_distance(const char *a, const char *b)
{
    gsize n = MIN(strlen(a), LONGEST), m = MIN(strlen(b), LONGEST);
    guint row[LONGEST + 1];

    for (gsize j = 0; j <= m; j++)
        row[j] = (guint)j;
    for (gsize i = 1; i <= n; i++) {
        guint diagonal = row[0];

        row[0] = (guint)i;
        for (gsize j = 1; j <= m; j++) {
            guint cost = diagonal + (g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[j - 1]));

            diagonal = row[j];
            row[j] = MIN(cost, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[m];
}

const char *qtr_nearest_name(const char *word, const char *const *names)
{
    const char *best = NULL;
    guint best_distance = (guint)MAX(2, strlen(word) / 3) + 1;

    for (; *names; names++) {
        guint distance = edit_distance(word, *names);

        if (distance < best_distance) {
            best = *names;
            best_distance = distance;
        }
    }
    return best;
}
