#include "nn/genotype.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/printable.h"

#include <string.h>

#define WORD_MAX 64

typedef struct {
    const char *origin;
    const char *at;         /* next character */
    const char *line_start; /* of the line `at` is in */
    int line;               /* from 1 */
    GError **error;
} Cursor;

static gboolean fail_at(Cursor *c, const char *where, const char *format, ...) G_GNUC_PRINTF(3, 4);

static gboolean fail_at(Cursor *c, const char *where, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(c->error, QTR_ERROR, QTR_ERROR_FORMAT, "%s:%d:%d: %s", c->origin, c->line,
                (int)(where - c->line_start) + 1, message);
    return FALSE;
}

/* White space, line breaks, comments and joined lines, all free inside Python's brackets. */
static void skip_space(Cursor *c)
{
    for (;; c->at++) {
        if (*c->at == '#')
            c->at += strcspn(c->at, "\n");
        if (*c->at == '\\' && (c->at[1] == '\n' || (c->at[1] == '\r' && c->at[2] == '\n')))
            continue;
        if (*c->at == '\n') {
            c->line++;
            c->line_start = c->at + 1;
        } else if (!*c->at || !strchr(" \t\r\f", *c->at)) {
            return;
        }
    }
}

static gboolean peek(Cursor *c, char wanted)
{
    skip_space(c);
    return *c->at == wanted;
}

static gboolean accept(Cursor *c, char wanted)
{
    if (!peek(c, wanted))
        return FALSE;
    c->at++;
    return TRUE;
}

static gboolean expect(Cursor *c, char wanted, const char *context)
{
    if (accept(c, wanted))
        return TRUE;
    if (!*c->at)
        return fail_at(c, c->at, "the text ends where '%c' %s is expected", wanted, context);
    return fail_at(c, c->at, "expected '%c' %s", wanted, context);
}

/* An identifier into `word`; an empty one if there is none. */
static void read_name(Cursor *c, char word[WORD_MAX])
{
    gsize n = 0;

    skip_space(c);
    while (n < WORD_MAX - 1 && (g_ascii_isalnum(c->at[n]) || c->at[n] == '_'))
        n++;
    memcpy(word, c->at, n);
    word[n] = '\0';
    c->at += n;
}

static gboolean read_primitive(Cursor *c, const QtrPrimitive **primitive)
{
    g_autofree char *shown = NULL;
    char word[WORD_MAX];
    const char *start, *nearest;
    char quote;
    gsize n;

    skip_space(c);
    start = c->at;
    quote = *start;
    if (quote != '\'' && quote != '"')
        return fail_at(c, start, "expected a primitive's name in quotes");
    n = strcspn(start + 1, quote == '"' ? "\"\\\n" : "'\\\n");
    if (start[1 + n] != quote || n >= WORD_MAX)
        return fail_at(c, start, "this string is no primitive's name or lacks its closing quote");
    memcpy(word, start + 1, n);
    word[n] = '\0';
    c->at = start + n + 2;
    *primitive = qtr_primitive_find(word);
    if (*primitive)
        return TRUE;
    nearest = qtr_nearest_name(word, qtr_primitive_names());
    shown = qtr_printable(word, WORD_MAX);
    return fail_at(c, start, "unknown primitive '%s'%s%s%s", shown,
                   nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static gboolean read_bits(Cursor *c, int *bits)
{
    const char *start;
    gsize n;

    skip_space(c);
    start = c->at;
    n = strspn(start, "0123456789");
    if (n == 0)
        return fail_at(c, start, "expected the number of bits");
    c->at += n;
    *bits = n <= 2 && *start != '0' ? (int)g_ascii_strtoll(start, NULL, 10) : 0;
    if (g_ascii_isalnum(*c->at) || *c->at == '_' || *c->at == '.' || !qtr_bits_valid(*bits))
        return fail_at(c, start, "the number of bits must be " QTR_BITS_ALLOWED);
    return TRUE;
}

static gboolean read_gene(Cursor *c, QtrGene *gene)
{
    if (!expect(c, '(', "before a primitive and its bits") ||
        !read_primitive(c, &gene->primitive) ||
        !expect(c, ',', "between a primitive and its bits") || !read_bits(c, &gene->bits))
        return FALSE;
    (void)accept(c, ',');
    return expect(c, ')', "after the bits");
}

static gboolean read_block(Cursor *c, QtrGenotype *genotype, QtrBlock block)
{
    const char *name = qtr_block_name(block);
    int n = 0;

    if (!expect(c, '[', "to open a list of layers"))
        return FALSE;
    while (!peek(c, ']')) {
        if (n == QTR_LAYERS_MAX)
            return fail_at(c, c->at, "%s has more than %d layers", name, QTR_LAYERS_MAX);
        if (!read_gene(c, &genotype->genes[block][n]))
            return FALSE;
        n++;
        if (!accept(c, ','))
            break;
    }
    genotype->layers[block] = n;
    return expect(c, ']', "to close the list of layers");
}

/* The field that argument `index` sets: by keyword, or by place while no keyword came yet. */
static gboolean read_field(Cursor *c, int index, gboolean *keywords, QtrBlock *block)
{
    const char *names[QTR_BLOCKS + 1] = {NULL};
    const char *start, *nearest;
    char word[WORD_MAX];

    if (peek(c, '[')) {
        if (*keywords)
            return fail_at(c, c->at, "a list without a name follows named ones");
        if (index >= QTR_BLOCKS)
            return fail_at(c, c->at, "there are only %d blocks", QTR_BLOCKS);
        *block = qtr_genotype_field(index);
        return TRUE;
    }
    start = c->at;
    read_name(c, word);
    if (!*word)
        return fail_at(c, start, "expected a block's name");
    if (!qtr_block_find(word, block)) {
        for (int i = 0; i < QTR_BLOCKS; i++)
            names[i] = qtr_block_name(qtr_genotype_field(i));
        nearest = qtr_nearest_name(word, names);
        return fail_at(c, start, "unknown block '%s'; expected %s", word,
                       nearest ? nearest : "head, body, tail, skip or upsample");
    }
    *keywords = TRUE;
    return expect(c, '=', "after the block's name");
}

static gboolean read_fields(Cursor *c, QtrGenotype *genotype)
{
    gboolean seen[QTR_BLOCKS] = {FALSE}, keywords = FALSE;

    for (int i = 0; !peek(c, ')'); i++) {
        const char *start = c->at;
        QtrBlock block = QTR_BLOCK_HEAD;

        if (!read_field(c, i, &keywords, &block))
            return FALSE;
        if (seen[block])
            return fail_at(c, start, "the block %s is given twice", qtr_block_name(block));
        seen[block] = TRUE;
        if (!read_block(c, genotype, block))
            return FALSE;
        if (!accept(c, ','))
            break;
    }
    if (!expect(c, ')', "to close the genotype"))
        return FALSE;
    for (int i = 0; i < QTR_BLOCKS; i++)
        if (!seen[i])
            return fail_at(c, c->at, "the block %s is missing", qtr_block_name((QtrBlock)i));
    return TRUE;
}

gboolean qtr_genotype_parse(QtrGenotype *genotype, const char *text, const char *origin,
                            GError **error)
{
    Cursor c = {.origin = origin, .at = text, .line_start = text, .line = 1, .error = error};
    QtrGenotype parsed = {0};
    char word[WORD_MAX];
    const char *start;

    skip_space(&c);
    start = c.at;
    read_name(&c, word);
    if (strcmp(word, "Genotype_SR") != 0)
        return fail_at(&c, start, "this is no genotype: it must start with Genotype_SR(");
    if (!expect(&c, '(', "after Genotype_SR") || !read_fields(&c, &parsed))
        return FALSE;
    skip_space(&c);
    if (*c.at)
        return fail_at(&c, c.at, "unexpected text after the genotype");
    *genotype = parsed;
    return TRUE;
}
