#pragma once
#include "ops/shape.h"

#include <glib.h>

/* The table of primitives (method.md 3): the one place that knows a primitive's name and chain of
 * convolutions. Everything else (networks, costs, drawings, help) is derived from it. */

#define QTR_CHAIN_MAX 3

typedef enum { QTR_PRIMITIVE_CONV, QTR_PRIMITIVE_IDENTITY, QTR_PRIMITIVE_ZERO } QtrPrimitiveKind;

typedef struct QtrPrimitive QtrPrimitive; /* an entry of the table; never freed */

guint qtr_primitive_count(void);
const QtrPrimitive *qtr_primitive_at(guint index);
const QtrPrimitive *qtr_primitive_find(const char *name); /* NULL if there is none */
const char *const *qtr_primitive_names(void);             /* NULL-terminated */

const char *qtr_primitive_name(const QtrPrimitive *primitive);
QtrPrimitiveKind qtr_primitive_kind(const QtrPrimitive *primitive);

/* The chain for people: "in -3x1-> C -1x3-> out" with C the network's channels; free with g_free.
 */
char *qtr_primitive_text(const QtrPrimitive *primitive);

/* The chain that maps `in` to `out` channels in a network of `c_fixed` channels. Returns its length
 * (0 for identity and zero). Whether groups divide the channels is not checked here. */
int qtr_primitive_chain(const QtrPrimitive *primitive, int in, int out, int c_fixed,
                        QtrConvShape chain[QTR_CHAIN_MAX]);

/* NULL if the primitive can map `in` to `out`; otherwise the reason as a sentence (free it):
 * a group count that does not divide, a reduction to no channel, an identity between different
 * channel counts. */
char *qtr_primitive_problem(const QtrPrimitive *primitive, int in, int out, int c_fixed);
