/* Readers of images, weights and cached programs, given damaged and forged files. */
#include "image-fixture.h"

#include "base/error.h"
#include "base/rng.h"
#include "gpu/private.h"
#include "mutate.h"
#include "run/checkpoint.h"
#include "run/network-file.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#define ROUNDS 1500

typedef struct {
    GBytes *samples[4];
    QtrMutateSource source;
    char *dir, *path; /* a scratch folder and a file in it */
} Case;

static void add_sample(Case *c, const void *data, gsize size)
{
    c->samples[c->source.n_samples++] = g_bytes_new(data, size);
}

static void add_file(Case *c)
{
    g_autofree char *data = NULL;
    gsize size;

    assert_true(g_file_get_contents(c->path, &data, &size, NULL));
    add_sample(c, data, size);
}

static void case_begin(Case *c, const char *name)
{
    *c = (Case){.dir = scratch_new()};
    c->path = g_build_filename(c->dir, name, NULL);
}

static void case_end(Case *c)
{
    for (guint i = 0; i < c->source.n_samples; i++)
        g_bytes_unref(c->samples[i]);
    scratch_remove(c->dir);
    g_free(c->path);
    g_free(c->dir);
}

static GByteArray *next(Case *c, guint64 seed)
{
    c->source.samples = (const GBytes *const *)c->samples;
    return qtr_mutate(&c->source, seed);
}

static guint32 png_crc(const guint8 *data, gsize size)
{
    guint32 crc = 0xffffffff;

    for (gsize i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* Without right checksums nothing behind them would be reached. */
static void sign_chunks(GByteArray *png)
{
    for (gsize at = 8; at + 12 <= png->len;) {
        guint32 size, crc;

        memcpy(&size, png->data + at, 4);
        size = GUINT32_FROM_BE(size);
        if (size > png->len - at - 12)
            return;
        crc = GUINT32_TO_BE(png_crc(png->data + at + 4, 4 + (gsize)size));
        memcpy(png->data + at + 8 + size, &crc, 4);
        at += 12 + (gsize)size;
    }
}

/* All samples of a picture that is said to be whole are there. */
static void check_image(Case *c, guint64 seed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrImage) image = qtr_image_load(c->path, &error);
    g_autoptr(GError) probe_error = NULL;
    gsize size;
    guint8 *copy;
    int width, height;
    gboolean probed;

    qtr_mutate_assert_outcome(image != NULL, error, seed);
    probed = qtr_image_probe(c->path, &width, &height, &probe_error);
    qtr_mutate_assert_outcome(probed, probe_error, seed);
    if (!image)
        return;
    assert_true(probed && width == image->width && height == image->height);
    size = (gsize)image->height * qtr_image_stride(image);
    copy = g_memdup2(image->data, size);
    assert_non_null(copy);
    g_free(copy);
}

static void write_palette(const char *path)
{
    FILE *file = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color colours[4] = {{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {9, 9, 255}};
    png_byte opacity[2] = {0, 128};
    png_byte row[3] = {0x1b, 0xe4, 0x1b};

    assert_non_null(file);
    assert_int_equal(setjmp(png_jmpbuf(png)), 0);
    png_init_io(png, file);
    png_set_IHDR(png, info, 10, 9, 2, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_ADAM7, 0, 0);
    png_set_PLTE(png, info, colours, 4);
    png_set_tRNS(png, info, opacity, 2, NULL);
    png_write_info(png, info);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (int y = 0; y < 9; y++)
            png_write_row(png, row);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(fclose(file), 0);
}

static void test_png(void **state)
{
    g_autoptr(QtrImage) plain = picture(17, 12, 3, 8, 1);
    g_autoptr(QtrImage) deep = picture(9, 5, 4, 16, 2);
    Case c;

    case_begin(&c, "a.png");
    assert_true(qtr_image_save(plain, c.path, NULL));
    add_file(&c);
    deep->exif = g_bytes_new_static("II*\0\x08\0\0\0\0\0\0\0\0\0", 14);
    assert_true(qtr_image_save(deep, c.path, NULL));
    add_file(&c);
    write_palette(c.path);
    add_file(&c);
    for (guint64 seed = 0; seed < ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);

        if (seed % 4 != 0)
            sign_chunks(data);
        qtr_mutate_put(c.path, data);
        check_image(&c, seed);
    }
    case_end(&c);
}

static void write_progressive(const char *path, int components, J_COLOR_SPACE space)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr manager;
    FILE *file = fopen(path, "wb");
    guint8 row[4 * 40];
    JSAMPROW rows[] = {row};

    assert_non_null(file);
    cinfo.err = jpeg_std_error(&manager);
    jpeg_create_compress(&cinfo);
    jpeg_stdio_dest(&cinfo, file);
    cinfo.image_width = 40;
    cinfo.image_height = 24;
    cinfo.input_components = components;
    cinfo.in_color_space = space;
    jpeg_set_defaults(&cinfo);
    jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    for (int y = 0; y < 24; y++) {
        for (int x = 0; x < 40 * components; x++)
            row[x] = (guint8)(x * 7 + y * 31);
        jpeg_write_scanlines(&cinfo, rows, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    assert_int_equal(fclose(file), 0);
}

static void test_jpeg(void **state)
{
    g_autoptr(QtrImage) plain = picture(33, 20, 3, 8, 1);
    Case c;

    case_begin(&c, "a.jpg");
    plain->exif = g_bytes_new_static("II*\0\x08\0\0\0\0\0\0\0\0\0", 14);
    plain->icc = g_bytes_new_static("profile", 8);
    assert_true(qtr_image_save(plain, c.path, NULL));
    add_file(&c);
    write_progressive(c.path, 3, JCS_RGB);
    add_file(&c);
    write_progressive(c.path, 4, JCS_CMYK);
    add_file(&c);
    for (guint64 seed = 0; seed < ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);

        qtr_mutate_put(c.path, data);
        check_image(&c, seed);
    }
    case_end(&c);
}

/* A small progressive file that claims a large picture must not take its time and memory. */
static void test_jpeg_of_a_giant(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    gsize size;
    Case c;

    case_begin(&c, "a.jpg");
    write_progressive(c.path, 3, JCS_RGB);
    assert_true(g_file_get_contents(c.path, &data, &size, NULL));
    for (gsize i = 0; i + 9 < size; i++)
        if ((guint8)data[i] == 0xff && (guint8)data[i + 1] == 0xc2)
            memcpy(data + i + 5, "\x4e\x20\x4e\x20", 4); /* 20000 x 20000 */
    assert_true(g_file_set_contents(c.path, data, (gssize)size, NULL));
    assert_null(qtr_image_load(c.path, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
    case_end(&c);
}

static const char *const words[] = {"\"F32\"",
                                    "\"I64\"",
                                    "\"BOOL\"",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    ",",
                                    ":",
                                    "0",
                                    "-1",
                                    "1e3",
                                    "\\u0000",
                                    "99999999999999999999",
                                    "[0,0]",
                                    "[4294967296,4294967296]",
                                    "\"shape\"",
                                    "\"data_offsets\"",
                                    "\"__metadata__\":{",
                                    "8",
                                    "\"channels\":\"3\"",
                                    "true",
                                    "9223372036854775807",
                                    NULL};

/* With a right one nothing behind it would be reached: the last sample is as if it had none. */
static void hide_digest(Case *c)
{
    GBytes **last = &c->samples[c->source.n_samples - 1];
    gsize size;
    guint8 *data = g_bytes_unref_to_data(*last, &size);
    char *key = g_strstr_len((char *)data + 8, (gssize)size - 8, "sha256");

    assert_non_null(key);
    key[0] = 'x';
    *last = g_bytes_new_take(data, size);
}

static void add_weights(Case *c, const char *arch)
{
    g_autoptr(QtrSafetensorsWriter) writer = qtr_safetensors_writer_new();
    const float values[6] = {1, 2, 3, 4, 5, 6};
    const gint64 step = 7;

    qtr_safetensors_writer_add(writer, "w", QTR_DTYPE_F32, 2, (gint64[]){2, 3}, values);
    qtr_safetensors_writer_add(writer, "step", QTR_DTYPE_I64, 0, NULL, &step);
    qtr_safetensors_writer_add(writer, "empty", QTR_DTYPE_F32, 2, (gint64[]){0, 3}, NULL);
    qtr_safetensors_writer_set_metadata(writer, "genotype", arch);
    qtr_safetensors_writer_set_metadata(writer, "format", "pt");
    qtr_safetensors_writer_set_metadata(writer, "kind", "train");
    qtr_safetensors_writer_set_metadata(writer, "epoch", "3");
    assert_true(qtr_safetensors_writer_save(writer, c->path, NULL));
    add_file(c);
    hide_digest(c);
}

static void touch_tensors(const QtrSafetensors *file)
{
    for (guint i = 0; i < qtr_safetensors_count(file); i++) {
        const QtrStoredTensor *tensor = qtr_safetensors_at(file, i);
        gsize size = tensor->count * qtr_dtype_size(tensor->dtype);
        g_autofree void *copy = g_memdup2(tensor->data, size);

        assert_true(g_utf8_validate(tensor->name, -1, NULL));
        assert_true(size == 0 || copy);
    }
}

static void test_weights(void **state)
{
    Case c;

    case_begin(&c, "a.safetensors");
    c.source.words = words;
    add_weights(&c, "Genotype_SR(head=[('simple_3x3', 8)], body=[('simple_3x3', 8)], tail=[], "
                    "skip=[('simple_1x1', 8)], upsample=[('simple_3x3', 4)])");
    add_weights(&c, "");
    for (guint64 seed = 0; seed < 4 * ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(QtrSafetensors) file = qtr_safetensors_parse(data->data, data->len, "f", &error);

        qtr_mutate_assert_outcome(file != NULL, error, seed);
        if (file)
            touch_tensors(file);
    }
    case_end(&c);
}

/* A file of weights without tensors whose metadata have the right keys and any values. */
static GByteArray *forge_metadata(guint64 seed)
{
    static const char *const keys[] = {"kind",       "epoch",        "step",     "steps",
                                       "seed",       "best",         "loss_sum", "scale",
                                       "body_cells", "genotype",     "c_fixed",  "channels",
                                       "quantized",  "weight_steps", "skip_mode"};
    static const char *const values[] = {"",
                                         "search",
                                         "train",
                                         "0",
                                         "-1",
                                         "4",
                                         "18446744073709551616",
                                         "1e999",
                                         "nan",
                                         "true",
                                         "false",
                                         "4294967296",
                                         "0x10",
                                         " 1",
                                         "Genotype_SR(",
                                         "3.5",
                                         "99999",
                                         "8",
                                         "2",
                                         "3",
                                         "64",
                                         "\\u001b[31m"};
    g_autoptr(GString) header = g_string_new("{\"__metadata__\":{\"format\":\"quantoaster-1\"");
    guint64 size;
    GByteArray *file = g_byte_array_new();

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        guint32 word = qtr_rng_at(seed, QTR_RNG_SAMPLE, 1, i).v[0];

        g_string_append_printf(header, ",\"%s\":\"%s\"", keys[i],
                               values[qtr_rng_below(word, G_N_ELEMENTS(values))]);
    }
    g_string_append(header, "}}");
    size = GUINT64_TO_LE(header->len);
    g_byte_array_append(file, (const guint8 *)&size, sizeof size);
    return g_byte_array_append(file, (const guint8 *)header->str, (guint)header->len);
}

static void test_metadata_of_weights(void **state)
{
    Case c;

    case_begin(&c, "a.safetensors");
    for (guint64 seed = 0; seed < ROUNDS; seed++) {
        g_autoptr(GByteArray) data = forge_metadata(seed);
        g_autoptr(QtrSafetensors) file = NULL;
        g_autoptr(GError) peek_error = NULL;
        g_autoptr(GError) error = NULL;
        QtrCheckpoint checkpoint = {0};
        QtrNetworkFile network;
        gboolean ok;

        qtr_mutate_put(c.path, data);
        ok = qtr_checkpoint_peek(c.path, &checkpoint, &peek_error);
        qtr_mutate_assert_outcome(ok, peek_error, seed);
        file = qtr_safetensors_load(c.path, NULL);
        assert_non_null(file);
        ok = qtr_network_describe(file, c.path, NULL, NULL, &network, &error);
        qtr_mutate_assert_outcome(ok, error, seed);
    }
    case_end(&c);
}

/* A damaged entry is none; one that is sound is given out as it was put in. */
static void test_cached_program(void **state)
{
    static const char binary[] = "what a driver made of a program";
    QtrDevice device = {.log = NULL};
    Case c;

    case_begin(&c, "a.bin");
    device.cache_dir = c.dir;
    qtr_cache_store(&device, c.path, binary, sizeof binary);
    add_file(&c);
    for (guint64 seed = 0; seed < ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GBytes) found = NULL;

        qtr_mutate_put(c.path, data);
        found = qtr_cache_load(&device, c.path);
        if (found)
            assert_memory_equal(g_bytes_get_data(found, NULL), binary, sizeof binary);
    }
    case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png),
        cmocka_unit_test(test_jpeg),
        cmocka_unit_test(test_jpeg_of_a_giant),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_metadata_of_weights),
        cmocka_unit_test(test_cached_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
