#include "nn/primitive.h"

#include <string.h>

/* A stage's channel counts and groups in terms of the place the chain stands in. */
typedef enum {
    CH_IN,
    CH_OUT,
    CH_C,      /* C, the network's width */
    CH_2C,     /* 2C */
    CH_REDUCED /* C / reduce */
} Channels;

typedef enum { GROUPS_1 = 1, GROUPS_3 = 3, GROUPS_IN = -1 } Groups;

typedef struct {
    Channels in, out;
    int kh, kw;
    Groups groups;
} Stage;

struct QtrPrimitive {
    const char *name;
    QtrPrimitiveKind kind;
    int reduce; /* R, 0 where the chain has no CH_REDUCED */
    int length;
    Stage stages[QTR_CHAIN_MAX];
};

/* Kind, reduce, length and stages of a family's rows. */
#define SIMPLE(k, groups)                                                                          \
    QTR_PRIMITIVE_CONV, 0, 1,                                                                      \
    {                                                                                              \
        {                                                                                          \
            CH_IN, CH_OUT, k, k, groups                                                            \
        }                                                                                          \
    }
#define SPLIT(k)                                                                                   \
    QTR_PRIMITIVE_CONV, 0, 2,                                                                      \
    {                                                                                              \
        {CH_IN, CH_C, k, 1, GROUPS_1},                                                             \
        {                                                                                          \
            CH_C, CH_OUT, 1, k, GROUPS_1                                                           \
        }                                                                                          \
    }
#define GROWTH(k)                                                                                  \
    QTR_PRIMITIVE_CONV, 0, 2,                                                                      \
    {                                                                                              \
        {CH_IN, CH_2C, k, k, GROUPS_1},                                                            \
        {                                                                                          \
            CH_2C, CH_OUT, k, k, GROUPS_1                                                          \
        }                                                                                          \
    }
#define DECENC(k, reduce, groups)                                                                  \
    QTR_PRIMITIVE_CONV, reduce, 3,                                                                 \
    {                                                                                              \
        {CH_IN, CH_REDUCED, k, k, groups}, {CH_REDUCED, CH_REDUCED, k, k, groups},                 \
            {CH_REDUCED, CH_OUT, k, k, groups},                                                    \
    }
#define SEPARABLE(k)                                                                               \
    QTR_PRIMITIVE_CONV, 0, 2,                                                                      \
    {                                                                                              \
        {CH_IN, CH_IN, k, k, GROUPS_IN},                                                           \
        {                                                                                          \
            CH_IN, CH_OUT, 1, 1, GROUPS_1                                                          \
        }                                                                                          \
    }
#define NO_CHAIN(kind)                                                                             \
    kind, 0, 0,                                                                                    \
    {                                                                                              \
        {                                                                                          \
            CH_IN, CH_OUT, 1, 1, GROUPS_1                                                          \
        }                                                                                          \
    }

/* clang-format off */
#define PRIMITIVES(ROW)                                      \
    ROW("skip_connect", NO_CHAIN(QTR_PRIMITIVE_IDENTITY))    \
    ROW("zero", NO_CHAIN(QTR_PRIMITIVE_ZERO))                \
    ROW("simple_1x1", SIMPLE(1, GROUPS_1))                   \
    ROW("simple_3x3", SIMPLE(3, GROUPS_1))                   \
    ROW("simple_5x5", SIMPLE(5, GROUPS_1))                   \
    ROW("simple_9x9", SIMPLE(9, GROUPS_1))                   \
    ROW("simple_1x1_grouped_3", SIMPLE(1, GROUPS_3))         \
    ROW("simple_3x3_grouped_3", SIMPLE(3, GROUPS_3))         \
    ROW("simple_5x5_grouped_3", SIMPLE(5, GROUPS_3))         \
    ROW("simple_1x1_grouped_full", SIMPLE(1, GROUPS_IN))     \
    ROW("simple_3x3_grouped_full", SIMPLE(3, GROUPS_IN))     \
    ROW("simple_5x5_grouped_full", SIMPLE(5, GROUPS_IN))     \
    ROW("conv_3x1_1x3", SPLIT(3))                            \
    ROW("conv_5x1_1x5", SPLIT(5))                            \
    ROW("growth2_3x3", GROWTH(3))                            \
    ROW("growth2_5x5", GROWTH(5))                            \
    ROW("decenc_3x3_2", DECENC(3, 2, GROUPS_1))              \
    ROW("decenc_3x3_4", DECENC(3, 4, GROUPS_1))              \
    ROW("decenc_3x3_8", DECENC(3, 8, GROUPS_1))              \
    ROW("decenc_5x5_2", DECENC(5, 2, GROUPS_1))              \
    ROW("decenc_5x5_4", DECENC(5, 4, GROUPS_1))              \
    ROW("decenc_5x5_8", DECENC(5, 8, GROUPS_1))              \
    ROW("decenc_3x3_2_g3", DECENC(3, 2, GROUPS_3))           \
    ROW("decenc_3x3_4_g3", DECENC(3, 4, GROUPS_3))           \
    ROW("decenc_3x3_8_g3", DECENC(3, 8, GROUPS_3))           \
    ROW("decenc_5x5_2_g3", DECENC(5, 2, GROUPS_3))           \
    ROW("decenc_5x5_4_g3", DECENC(5, 4, GROUPS_3))           \
    ROW("decenc_5x5_8_g3", DECENC(5, 8, GROUPS_3))           \
    ROW("DWS_3x3", SEPARABLE(3))                             \
    ROW("DWS_5x5", SEPARABLE(5))
/* clang-format on */

#define TABLE_ROW(name, ...) {name, __VA_ARGS__},
#define NAME_ROW(name, ...) name,

static const QtrPrimitive table[] = {PRIMITIVES(TABLE_ROW)};
static const char *const names[] = {PRIMITIVES(NAME_ROW) NULL};

guint qtr_primitive_count(void)
{
    return G_N_ELEMENTS(table);
}

const QtrPrimitive *qtr_primitive_at(guint index)
{
    g_return_val_if_fail(index < G_N_ELEMENTS(table), NULL);
    return &table[index];
}

const QtrPrimitive *qtr_primitive_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

const char *const *qtr_primitive_names(void)
{
    return names;
}

const char *qtr_primitive_name(const QtrPrimitive *primitive)
{
    return primitive->name;
}

QtrPrimitiveKind qtr_primitive_kind(const QtrPrimitive *primitive)
{
    return primitive->kind;
}

static void append_channels(GString *text, Channels channels, int reduce)
{
    static const char *const symbols[] = {
        [CH_IN] = "in", [CH_OUT] = "out", [CH_C] = "C", [CH_2C] = "2C"};

    if (channels == CH_REDUCED)
        g_string_append_printf(text, "C/%d", reduce);
    else
        g_string_append(text, symbols[channels]);
}

char *qtr_primitive_text(const QtrPrimitive *primitive)
{
    GString *text;

    if (primitive->kind != QTR_PRIMITIVE_CONV)
        return g_strdup(primitive->kind == QTR_PRIMITIVE_ZERO ? "nothing" : "in as it is");
    text = g_string_new(NULL);
    append_channels(text, primitive->stages[0].in, primitive->reduce);
    for (int i = 0; i < primitive->length; i++) {
        const Stage *stage = &primitive->stages[i];

        g_string_append_printf(text, " -%dx%d%s-> ", stage->kh, stage->kw,
                               stage->groups == GROUPS_IN  ? "/in"
                               : stage->groups == GROUPS_3 ? "/3"
                                                           : "");
        append_channels(text, stage->out, primitive->reduce);
    }
    return g_string_free(text, FALSE);
}

static int resolve(Channels channels, int in, int out, int c_fixed, int reduce)
{
    switch (channels) {
    case CH_IN:
        return in;
    case CH_OUT:
        return out;
    case CH_C:
        return c_fixed;
    case CH_2C:
        return 2 * c_fixed;
    case CH_REDUCED:
        return c_fixed / reduce;
    }
    g_assert_not_reached();
}

int qtr_primitive_chain(const QtrPrimitive *primitive, int in, int out, int c_fixed,
                        QtrConvShape chain[QTR_CHAIN_MAX])
{
    for (int i = 0; i < primitive->length; i++) {
        const Stage *stage = &primitive->stages[i];
        QtrConvShape *conv = &chain[i];

        conv->in = resolve(stage->in, in, out, c_fixed, primitive->reduce);
        conv->out = resolve(stage->out, in, out, c_fixed, primitive->reduce);
        conv->kh = stage->kh;
        conv->kw = stage->kw;
        conv->groups = stage->groups == GROUPS_IN ? conv->in : (int)stage->groups;
    }
    return primitive->length;
}

char *qtr_primitive_problem(const QtrPrimitive *primitive, int in, int out, int c_fixed)
{
    QtrConvShape chain[QTR_CHAIN_MAX];
    int length = qtr_primitive_chain(primitive, in, out, c_fixed, chain);

    if (primitive->kind == QTR_PRIMITIVE_IDENTITY && in != out)
        return g_strdup_printf("%s keeps the channels and cannot map %d to %d channels",
                               primitive->name, in, out);
    for (int i = 0; i < length; i++) {
        const QtrConvShape *conv = &chain[i];

        if (conv->in < 1 || conv->out < 1)
            return g_strdup_printf("%s divides c_fixed = %d by %d, which leaves no channel",
                                   primitive->name, c_fixed, primitive->reduce);
        if (conv->in % conv->groups != 0 || conv->out % conv->groups != 0)
            return g_strdup_printf("%s has %d groups, which do not divide the %d channels in and "
                                   "%d out of its convolution %d",
                                   primitive->name, conv->groups, conv->in, conv->out, i + 1);
    }
    return NULL;
}
