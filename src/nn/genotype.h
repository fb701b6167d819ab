#pragma once
#include "nn/arch.h"

/* One primitive and bit width for every layer (method.md 9). A plain value. */
typedef struct {
    const QtrPrimitive *primitive;
    int bits;
} QtrGene;

typedef struct {
    int layers[QTR_BLOCKS];
    QtrGene genes[QTR_BLOCKS][QTR_LAYERS_MAX];
} QtrGenotype;

/* Parses the text of a .gen file: a Python call of keyword arguments with lists of (str, int)
 * tuples, read as Python reads it (white space, line breaks, trailing commas, either quote,
 * comments, fields in any order). Untrusted input. Errors (QTR_ERROR_FORMAT) name `origin`, line
 * and column. */
gboolean qtr_genotype_parse(QtrGenotype *genotype, const char *text, const char *origin,
                            GError **error);
gboolean qtr_genotype_load(QtrGenotype *genotype, const char *path, GError **error);

/* The block of field `index` (0..QTR_BLOCKS-1): the order of writing, and of arguments without a
 * name. */
QtrBlock qtr_genotype_field(int index);

/* The text on one line, fields in the reference's order head, body, tail, skip, upsample, no
 * newline at the end. */
char *qtr_genotype_format(const QtrGenotype *genotype);
gboolean qtr_genotype_save(const QtrGenotype *genotype, const char *path, GError **error);

/* Checks that the genotype fits `arch`'s channels (groups, reductions); the layer counts of the
 * genotype rule. QTR_ERROR_USAGE naming block, layer and reason. */
gboolean qtr_genotype_check(const QtrGenotype *genotype, const QtrArch *arch, GError **error);

/* What of the genotype no search in the space of `arch` would have found, in its order: "body,
 * layer 2: simple_9x9 is none of body's", "head has 2 layers, not 1". Elements are char*; none if
 * it lies in the space. 32 bits throughout are never among them: a network in full precision is
 * made on purpose, to compare with. */
GPtrArray *qtr_genotype_outside(const QtrGenotype *genotype, const QtrArch *arch);

gboolean qtr_genotype_equal(const QtrGenotype *a, const QtrGenotype *b);
