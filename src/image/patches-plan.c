#include "image/patches-plan.h"

#include "base/error.h"
#include "base/rng.h"
#include "image/codec.h"
#include "image/left-out.h"
#include "image/metrics.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static void source_free(gpointer data)
{
    QtrPatchesSource *source = data;

    if (!source)
        return;
    g_free(source->path);
    g_free(source->stem);
    g_free(source);
}

/* "cats/small/a.png" -> "cats__small__a" */
static char *stem_of(const char *name)
{
    g_autofree char *whole = g_strndup(name, (gsize)(strrchr(name, '.') - name));
    g_auto(GStrv) parts = g_strsplit(whole, "/", -1);

    return g_strjoinv("__", parts);
}

/* Why images are left out. */
typedef struct {
    const QtrPatchesParams *params;
    QtrLeftOut unusable, tiny, small;
} Leaving;

static void leave_out(const Leaving *leaving, QtrLeftOut *why, const char *path, char *description)
{
    qtr_left_out_add(why, description, leaving->params->log);
    if (leaving->params->left_out)
        leaving->params->left_out(path, leaving->params->left_out_data);
}

static char *with_size(const char *path, int width, int height)
{
    return g_strdup_printf("%s (%d x %d)", path, width, height);
}

/* Of the names its pictures get, the longest fits into a folder. */
static gboolean has_short_names(const QtrPatchesParams *params, const QtrPatchesSource *source)
{
    g_autofree char *longest =
        g_strdup_printf("%s_%d_%d.png", source->stem, MAX(source->height - params->patch, 0),
                        MAX(source->width - params->patch, 0));

    return strlen(longest) <= NAME_MAX;
}

/* NULL if the image cannot be used. */
static QtrPatchesSource *source_new(Leaving *leaving, const char *name)
{
    const QtrPatchesParams *params = leaving->params;
    g_autofree char *path = g_build_filename(params->input_dir, name, NULL);
    g_autoptr(GError) error = NULL;
    QtrPatchesSource *source;
    int width, height;

    if (strpbrk(name, "\r\n")) {
        leave_out(leaving, &leaving->unusable, path,
                  g_strconcat(path, ": a list cannot hold a name with a line break", NULL));
        return NULL;
    }
    if (!qtr_image_probe(path, &width, &height, &error)) {
        leave_out(leaving, &leaving->unusable, path, g_strdup(error->message));
        return NULL;
    }
    if (MIN(width, height) < QTR_METRICS_LEAST_SIDE(params->scale)) {
        leave_out(leaving, &leaving->tiny, path, with_size(path, width, height));
        return NULL;
    }
    source = g_new0(QtrPatchesSource, 1);
    source->path = g_steal_pointer(&path);
    source->stem = stem_of(name);
    source->width = width;
    source->height = height;
    if (has_short_names(params, source))
        return source;
    leave_out(leaving, &leaving->unusable, source->path,
              g_strconcat(source->path,
                          ": its name and its folders' together are too long for one name", NULL));
    source_free(source);
    return NULL;
}

static void choose_valid(const QtrPatchesParams *params, GPtrArray *sources)
{
    guint n = sources->len, k = (guint)floor(params->valid * n + 0.5);
    g_autofree guint32 *order = g_new(guint32, MAX(n, 1));

    if (params->valid > 0)
        k = MAX(k, 1);
    if (params->valid < 1 && n > 0)
        k = MIN(k, n - 1);
    for (guint i = 0; i < n; i++)
        order[i] = i;
    qtr_rng_shuffle(params->seed, QTR_RNG_SPLIT, 0, order, n);
    for (guint i = 0; i < MIN(k, n); i++)
        ((QtrPatchesSource *)sources->pdata[order[i]])->valid = TRUE;
}

static gboolean names_differ(GPtrArray *names, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < names->len; i++) {
        char *name = names->pdata[i], *other;
        g_autofree char *stem = stem_of(name);

        other = g_hash_table_lookup(seen, stem);
        if (other) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                        "%s and %s would be written under one name; rename one of them", other,
                        name);
            return FALSE;
        }
        g_hash_table_insert(seen, g_steal_pointer(&stem), name);
    }
    return TRUE;
}

static void drop_small(Leaving *leaving, GPtrArray *sources)
{
    guint kept = 0;

    for (guint i = 0; i < sources->len; i++) {
        QtrPatchesSource *s = sources->pdata[i];

        if (s->valid || MIN(s->width, s->height) >= leaving->params->patch) {
            sources->pdata[kept++] = s;
            continue;
        }
        leave_out(leaving, &leaving->small, s->path, with_size(s->path, s->width, s->height));
        source_free(s);
    }
    for (guint i = kept; i < sources->len; i++)
        sources->pdata[i] = NULL;
    g_ptr_array_set_size(sources, (gint)kept);
}

static void warn(Leaving *leaving)
{
    int patch = leaving->params->patch, scale = leaving->params->scale;
    g_autofree char *tiny =
        g_strdup_printf("too few pixels to be reduced by %d and measured", scale);
    g_autofree char *small = g_strdup_printf("smaller than a patch of %d x %d", patch, patch);

    qtr_left_out_warn(&leaving->unusable, "not usable", leaving->params->log);
    qtr_left_out_warn(&leaving->tiny, tiny, leaving->params->log);
    qtr_left_out_warn(&leaving->small, small, leaving->params->log);
}

GPtrArray *qtr_patches_plan(const QtrPatchesParams *params, GPtrArray *names,
                            QtrPatchesResult *result, GError **error)
{
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(source_free);
    Leaving leaving = {.params = params};

    if (!names_differ(names, error))
        return NULL;
    for (guint i = 0; i < names->len; i++) {
        QtrPatchesSource *source = source_new(&leaving, names->pdata[i]);

        if (source)
            g_ptr_array_add(sources, source);
    }
    choose_valid(params, sources);
    drop_small(&leaving, sources);
    warn(&leaving);
    result->images = names->len;
    result->left_out = names->len - sources->len;
    return g_steal_pointer(&sources);
}

static guint steps(int side, const QtrPatchesParams *params)
{
    return (guint)((side - params->patch) / params->stride + 1);
}

guint qtr_patches_count(const QtrPatchesParams *params, const QtrPatchesSource *source)
{
    return source->valid ? 1 : steps(source->width, params) * steps(source->height, params);
}

QtrPatchesPiece qtr_patches_piece(const QtrPatchesParams *params, const QtrPatchesSource *source,
                                  guint i)
{
    guint across;
    QtrPatchesPiece piece = {0, 0, NULL};

    if (source->valid) {
        piece.name = g_strdup_printf("%s.png", source->stem);
        return piece;
    }
    across = steps(source->width, params);
    piece.row = (int)(i / across) * params->stride;
    piece.col = (int)(i % across) * params->stride;
    piece.name = g_strdup_printf("%s_%d_%d.png", source->stem, piece.row, piece.col);
    return piece;
}
