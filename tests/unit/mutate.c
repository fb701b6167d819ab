#include "mutate.h"

#include "base/error.h"
#include "base/rng.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CHANGES_MAX 4
#define RANGE_MAX 64
#define SIZE_MAX_BYTES (1 << 20)

typedef struct {
    const QtrMutateSource *source;
    GByteArray *data;
    guint64 seed, draws;
} Mutation;

static guint32 draw(Mutation *m, guint32 below)
{
    return qtr_rng_below(qtr_rng_at(m->seed, QTR_RNG_SAMPLE, 0, m->draws++).v[0], below);
}

static guint place(Mutation *m)
{
    return draw(m, m->data->len + 1);
}

static const GBytes *any_sample(Mutation *m)
{
    return m->source->samples[draw(m, m->source->n_samples)];
}

static void insert(Mutation *m, guint at, const void *bytes, gsize size)
{
    guint tail = m->data->len - at;

    if (m->data->len + size > SIZE_MAX_BYTES)
        return;
    g_byte_array_set_size(m->data, m->data->len + (guint)size);
    memmove(m->data->data + at + size, m->data->data + at, tail);
    memcpy(m->data->data + at, bytes, size);
}

static void flip_bit(Mutation *m)
{
    if (m->data->len > 0)
        m->data->data[draw(m, m->data->len)] ^= (guint8)(1 << draw(m, 8));
}

/* Lengths, counts and offsets: small, huge, negative, off by one. */
static void put_number(Mutation *m)
{
    static const guint64 numbers[] = {
        0,       1,          2,          7,          0x7f,
        0x80,    0xff,       0x100,      0x7fff,     0xffff,
        0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff,
        1 << 20, G_MAXUINT64};
    guint64 number = numbers[draw(m, G_N_ELEMENTS(numbers))] + draw(m, 3) - 1;
    guint size = 1U << draw(m, 4);
    gboolean big_endian = draw(m, 2) != 0;
    guint at;

    if (m->data->len < size)
        return;
    at = draw(m, m->data->len - size + 1);
    for (guint i = 0; i < size; i++)
        m->data->data[at + i] = (guint8)(number >> (8 * (big_endian ? size - 1 - i : i)));
}

static void cut_out(Mutation *m)
{
    guint at = place(m), size = 1 + draw(m, RANGE_MAX);

    size = MIN(size, m->data->len - at);
    g_byte_array_remove_range(m->data, at, size);
}

static void cut_off(Mutation *m)
{
    g_byte_array_set_size(m->data, place(m));
}

static void repeat(Mutation *m)
{
    guint at = place(m), size = 1 + draw(m, RANGE_MAX);
    g_autofree guint8 *bytes = NULL;

    size = MIN(size, m->data->len - at);
    bytes = g_memdup2(m->data->data + at, size);
    for (guint times = 1U << draw(m, 10); times > 0 && size > 0; times--)
        insert(m, at, bytes, size);
}

static void splice(Mutation *m)
{
    gsize size;
    const guint8 *from = g_bytes_get_data((GBytes *)any_sample(m), &size);
    guint at = draw(m, (guint32)size + 1), length = 1 + draw(m, 4 * RANGE_MAX);

    insert(m, place(m), from + at, MIN(length, size - at));
}

static void put_byte(Mutation *m)
{
    guint8 byte = (guint8)draw(m, 256);

    if (draw(m, 2) || m->data->len == 0)
        insert(m, place(m), &byte, 1);
    else
        m->data->data[draw(m, m->data->len)] = byte;
}

static void put_word(Mutation *m)
{
    const char *word;

    if (!m->source->words) {
        put_number(m);
        return;
    }
    word = m->source->words[draw(m, g_strv_length((char **)m->source->words))];
    if (draw(m, 2))
        cut_out(m);
    insert(m, place(m), word, strlen(word));
}

GByteArray *qtr_mutate(const QtrMutateSource *source, guint64 seed)
{
    static void (*const changes[])(Mutation *) = {
        flip_bit, put_number, put_number, cut_out, cut_off, repeat, splice, put_byte, put_word};
    Mutation m = {.source = source, .data = g_byte_array_new(), .seed = seed};
    const GBytes *sample = any_sample(&m);
    gsize size;
    const guint8 *bytes = g_bytes_get_data((GBytes *)sample, &size);

    g_byte_array_append(m.data, bytes, (guint)size);
    for (guint n = 1 + draw(&m, CHANGES_MAX); n > 0; n--)
        changes[draw(&m, G_N_ELEMENTS(changes))](&m);
    g_byte_array_append(m.data, (const guint8 *)"", 1);
    g_byte_array_set_size(m.data, m.data->len - 1);
    return m.data;
}

static gboolean is_printable(const char *message)
{
    for (const char *c = message; *c; c++)
        if (g_ascii_iscntrl(*c) && *c != '\n')
            return FALSE;
    return *message && g_utf8_validate(message, -1, NULL);
}

/* A new file each time: replacing one waits for the disk, which takes longer than the reading. */
void qtr_mutate_put(const char *path, const GByteArray *data)
{
    FILE *file;

    (void)g_unlink(path);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data->data, 1, data->len, file), data->len);
    assert_int_equal(fclose(file), 0);
}

void qtr_mutate_assert_outcome(gboolean ok, const GError *error, guint64 seed)
{
    if (ok == (error == NULL) &&
        (ok || (error->domain == QTR_ERROR && is_printable(error->message))))
        return;
    fail_msg("change %" G_GUINT64_FORMAT ": %s", seed,
             !error ? "neither a result nor an error"
             : ok   ? "a result and an error"
                    : error->message);
}
