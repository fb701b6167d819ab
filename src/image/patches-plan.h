#pragma once
#include "image/patches.h"

/* What `prep` is going to do, worked out before anything is cut. */

typedef struct {
    char *path;
    char *stem; /* names the outputs: folders below the input's and the file name, without
                   extension, joined by "__" */
    int width, height;
    gboolean valid;  /* kept whole */
    gboolean broken; /* found when decoding; its outputs are not listed */
} QtrPatchesSource;

/* One picture to be made, twice: HR and LR. */
typedef struct {
    int row, col;
    char *name; /* of both files */
} QtrPatchesPiece;

#define QTR_PATCHES_SETTINGS "prep.ini"
#define QTR_PATCHES_SETS "valsets.yaml"

/* Paths of the images below the input folder, relative to it and in order: subfolders too, links
 * to folders as well, but each folder once; nothing whose name begins with a dot, and nothing that
 * an earlier cutting has made. char*. */
GPtrArray *qtr_patches_find(const QtrPatchesParams *params, GError **error);

/* patches-record.c: makes the folders; writes the settings and what names the images found, or
 * compares them with those there; the sets file; the list of what is made of `sources`
 * (QtrPatchesSource) for validation or training, counting its lines. */
char *qtr_patches_lr_name(const QtrPatchesParams *params); /* "LRx4" */
gboolean qtr_patches_make_folders(const QtrPatchesParams *params, GError **error);
gboolean qtr_patches_write_list(const QtrPatchesParams *params, const GPtrArray *sources,
                                gboolean valid, guint *lines, GError **error);
gboolean qtr_patches_settle(const QtrPatchesParams *params, const GPtrArray *names, GError **error);
gboolean qtr_patches_write_sets(const QtrPatchesParams *params, GError **error);

/* Of the images found, those to use in order of name, those for validation marked;
 * QtrPatchesSource. Counts images and left_out in `result`. */
GPtrArray *qtr_patches_plan(const QtrPatchesParams *params, GPtrArray *names,
                            QtrPatchesResult *result, GError **error);

/* Pictures of `source`; a valid one has one. */
guint qtr_patches_count(const QtrPatchesParams *params, const QtrPatchesSource *source);
/* The i-th, row by row. Free the name. */
QtrPatchesPiece qtr_patches_piece(const QtrPatchesParams *params, const QtrPatchesSource *source,
                                  guint i);
