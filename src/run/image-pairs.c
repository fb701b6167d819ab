#include "run/image-pairs.h"

#include "base/error.h"
#include "image/walk.h"

#include <string.h>

/* What names of LR and HR images have behind (or before) what they share: 0801x4, 0801x4w2,
 * baby_LR, img_001_SRF_4_HR, baby_LRBI_x4, baby-GT, LR_baby. */
#define END_MARK                                                                                   \
    "^(.+?)([ _.-]?x[1-9]([mdw][0-9]?)?|[ _.-](lr|hr|gt|sr|bicubic)(bi|bic)?(x?[1-9])?)$"
#define START_MARK "^(lr|hr|gt|sr)[ _.-]"
#define ALL_MARKS 8

/* How many marks are taken off the names before they are compared; the first way that brings each
 * image together with one other is right. A name may end like a mark itself: max4.png, max4x4.png.
 */
typedef struct {
    gboolean whole; /* with extension, and case */
    int lr_marks, hr_marks;
} Way;

static const Way ways[] = {
    {TRUE, 0, 0}, {FALSE, 0, 0}, {FALSE, 1, 0}, {FALSE, 1, 1}, {FALSE, ALL_MARKS, ALL_MARKS},
};

typedef struct {
    const char *lr_dir, *hr_dir;
    GPtrArray *lr, *hr; /* names, char* */
    GRegex *start_mark, *end_mark;
} Folders;

void qtr_image_pair_free(QtrImagePair *pair)
{
    if (!pair)
        return;
    g_free(pair->name);
    g_free(pair->lr);
    g_free(pair->hr);
    g_free(pair);
}

static char *stem_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name ? g_strndup(name, (gsize)(dot - name)) : g_strdup(name);
}

/* Takes `name`, and gives it back with one mark less. */
static char *without_mark(const Folders *f, char *name)
{
    GRegex *const marks[] = {f->end_mark, f->start_mark};
    const char *const rest[] = {"\\1", ""};

    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
        char *less = g_regex_replace(marks[i], name, -1, 0, rest[i], 0, NULL);

        if (less && *less && strcmp(less, name) != 0) {
            g_free(name);
            return less;
        }
        g_free(less);
    }
    return name;
}

static char *key_of(const Folders *f, const char *name, gboolean whole, int marks)
{
    g_autofree char *stem = stem_of(name);
    char *key = whole ? g_strdup(name) : g_ascii_strdown(stem, -1);

    for (int i = 0; i < marks; i++)
        key = without_mark(f, key);
    return key;
}

/* For each LR image its HR image, a place in `hr` or -1; and how many have one of their own. */
static guint match(const Folders *f, const Way *way, gint *partners)
{
    g_autoptr(GHashTable) places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint matched = 0;

    for (guint i = 0; i < f->hr->len; i++)
        g_hash_table_insert(places, key_of(f, f->hr->pdata[i], way->whole, way->hr_marks),
                            GUINT_TO_POINTER(i + 1));
    for (guint i = 0; i < f->lr->len; i++) {
        g_autofree char *key = key_of(f, f->lr->pdata[i], way->whole, way->lr_marks);
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, key));

        partners[i] = (gint)place - 1;
        /* It is the partner of one only. */
        g_hash_table_remove(places, key);
        matched += place > 0;
    }
    return matched;
}

/* By name; by place where names have nothing in common, a guess if there are several. */
static gboolean find_partners(const Folders *f, gint *partners, gboolean *is_guess, GError **error)
{
    g_autofree gint *best = g_new(gint, f->lr->len);
    guint n = f->lr->len, most = 0, lone = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
        guint matched = match(f, &ways[i], partners);

        if (matched == n)
            return TRUE;
        if (matched > most) {
            most = matched;
            memcpy(best, partners, n * sizeof *best);
        }
    }
    if (most == 0) {
        *is_guess = n > 1;
        for (guint i = 0; i < n; i++)
            partners[i] = (gint)i;
        return TRUE;
    }
    while (best[lone] >= 0)
        lone++;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s/%s: there is no HR image of this name in %s, as there is for %u of the %u LR "
                "images; each needs its own, with at most x4, _LR, _HR or the like behind the name",
                f->lr_dir, (const char *)f->lr->pdata[lone], f->hr_dir, most, n);
    return FALSE;
}

static int by_hr(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const QtrImagePair *const *)a)->hr, (*(const QtrImagePair *const *)b)->hr);
}

static GPtrArray *make_pairs(const Folders *f, GError **error)
{
    g_autofree gint *partners = g_new(gint, f->lr->len);
    gboolean is_guess = FALSE;
    GPtrArray *pairs;

    if (!find_partners(f, partners, &is_guess, error))
        return NULL;
    pairs = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_image_pair_free);
    for (guint i = 0; i < f->lr->len; i++) {
        const char *hr = f->hr->pdata[partners[i]];
        QtrImagePair *pair = g_new0(QtrImagePair, 1);

        pair->lr = g_build_filename(f->lr_dir, f->lr->pdata[i], NULL);
        pair->hr = g_build_filename(f->hr_dir, hr, NULL);
        pair->name = stem_of(hr);
        pair->is_guess = is_guess;
        g_ptr_array_add(pairs, pair);
    }
    g_ptr_array_sort(pairs, by_hr);
    return pairs;
}

static GPtrArray *images_of(const char *dir, GError **error)
{
    g_autoptr(GError) cause = NULL;
    GPtrArray *names = qtr_image_walk(&(QtrWalkParams){.dir = dir}, &cause);

    if (!names)
        g_set_error_literal(error, QTR_ERROR, QTR_ERROR_USAGE, cause->message);
    return names;
}

GPtrArray *qtr_image_pairs(const char *lr_dir, const char *hr_dir, GError **error)
{
    g_autoptr(GPtrArray) lr = images_of(lr_dir, error);
    g_autoptr(GPtrArray) hr = lr ? images_of(hr_dir, error) : NULL;
    g_autoptr(GRegex) start_mark = g_regex_new(START_MARK, G_REGEX_RAW, 0, NULL);
    g_autoptr(GRegex) end_mark = g_regex_new(END_MARK, G_REGEX_RAW, 0, NULL);
    Folders folders = {lr_dir, hr_dir, lr, hr, start_mark, end_mark};

    if (!hr)
        return NULL;
    if (lr->len == hr->len && lr->len > 0)
        return make_pairs(&folders, error);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s has %u images and %s has %u: each LR image needs its HR image", lr_dir, lr->len,
                hr_dir, hr->len);
    return NULL;
}
