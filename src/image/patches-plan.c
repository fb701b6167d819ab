#include "image/patches-plan.h"

#include "base/error.h"
#include "base/rng.h"
#include "image/codec.h"

#include <math.h>
#include <string.h>

#define SIDE_MIN 9 /* a validation leaves four pixels out at every border */

static void source_free(gpointer data)
{
    QtrPatchesSource *source = data;

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

/* NULL, with a warning, if the image cannot be used. */
static QtrPatchesSource *source_new(const QtrPatchesParams *params, const char *name)
{
    g_autofree char *path = g_build_filename(params->input_dir, name, NULL);
    g_autoptr(GError) error = NULL;
    QtrPatchesSource *source;
    int width, height;

    if (strpbrk(name, "\r\n")) {
        qtr_warning(params->log, "%s: a list cannot hold a name with a line break; left out", path);
        return NULL;
    }
    if (!qtr_image_probe(path, &width, &height, &error)) {
        qtr_warning(params->log, "%s; left out", error->message);
        return NULL;
    }
    if (MIN(width, height) / params->scale * params->scale < SIDE_MIN) {
        qtr_warning(params->log,
                    "%s: %d x %d pixels are too few to be reduced by %d and measured; left out",
                    path, width, height, params->scale);
        return NULL;
    }
    source = g_new0(QtrPatchesSource, 1);
    source->path = g_steal_pointer(&path);
    source->stem = stem_of(name);
    source->width = width;
    source->height = height;
    return source;
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

static void drop_small(const QtrPatchesParams *params, GPtrArray *sources)
{
    for (guint i = sources->len; i-- > 0;) {
        const QtrPatchesSource *s = sources->pdata[i];

        if (s->valid || MIN(s->width, s->height) >= params->patch)
            continue;
        qtr_warning(params->log, "%s: %d x %d pixels are smaller than a patch of %d x %d; left out",
                    s->path, s->width, s->height, params->patch, params->patch);
        g_ptr_array_remove_index(sources, i);
    }
}

GPtrArray *qtr_patches_plan(const QtrPatchesParams *params, QtrPatchesResult *result,
                            GError **error)
{
    g_autoptr(GPtrArray) names = qtr_patches_find(params, error);
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(source_free);

    if (!names || !names_differ(names, error))
        return NULL;
    for (guint i = 0; i < names->len; i++) {
        QtrPatchesSource *source = source_new(params, names->pdata[i]);

        if (source)
            g_ptr_array_add(sources, source);
    }
    choose_valid(params, sources);
    drop_small(params, sources);
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
