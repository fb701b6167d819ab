#include "base/error.h"
#include "run/safetensors.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static char *temporary_dir(void)
{
    char *dir = g_dir_make_tmp("qtr-safetensors-XXXXXX", NULL);

    assert_non_null(dir);
    return dir;
}

/* A file of `header` and `data_size` bytes 0, 1, 2, ... */
static GByteArray *make_file(const char *header, gsize data_size)
{
    GByteArray *bytes = g_byte_array_new();
    guint64 size = strlen(header);

    g_byte_array_append(bytes, (const guint8 *)&size, 8);
    g_byte_array_append(bytes, (const guint8 *)header, (guint)size);
    for (gsize i = 0; i < data_size; i++) {
        guint8 value = (guint8)i;

        g_byte_array_append(bytes, &value, 1);
    }
    return bytes;
}

static void assert_refused(const char *header, gsize data_size, const char *part)
{
    g_autoptr(GByteArray) bytes = make_file(header, data_size);
    g_autoptr(GError) error = NULL;
    QtrSafetensors *file = qtr_safetensors_parse(bytes->data, bytes->len, "weights", &error);

    assert_null(file);
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_FORMAT));
    assert_true(g_str_has_prefix(error->message, "weights"));
    if (!strstr(error->message, part))
        fail_msg("'%s' lacks '%s'", error->message, part);
}

static void test_round_trip(void **state)
{
    g_autofree char *dir = temporary_dir();
    g_autofree char *path = g_build_filename(dir, "w.safetensors", NULL);
    g_autoptr(QtrSafetensorsWriter) writer = qtr_safetensors_writer_new();
    g_autoptr(QtrSafetensors) file = NULL;
    g_autoptr(GError) error = NULL;
    const float weights[6] = {1.5f, -2, 3e-38f, 4, 5, 6};
    const guint8 bytes[3] = {7, 8, 9};
    const gint64 step = G_MININT64;
    const char *key = "note";

    qtr_safetensors_writer_add(writer, "bytes", QTR_DTYPE_U8, 1, (gint64[]){3}, bytes);
    qtr_safetensors_writer_add(writer, "w \"1\" \xc3\xa4", QTR_DTYPE_F32, 2, (gint64[]){2, 3},
                               weights);
    qtr_safetensors_writer_add(writer, "empty", QTR_DTYPE_F32, 2, (gint64[]){0, 3}, NULL);
    qtr_safetensors_writer_add(writer, "step", QTR_DTYPE_I64, 0, NULL, &step);
    qtr_safetensors_writer_set_metadata(writer, key, "two\nlines and a \\ and \"quotes\"");
    assert_int_equal(qtr_safetensors_writer_data_size(writer), 3 + 24 + 8);
    assert_true(qtr_safetensors_writer_save(writer, path, &error));

    file = qtr_safetensors_load(path, &error);
    assert_non_null(file);
    assert_int_equal(qtr_safetensors_count(file), 4);
    assert_string_equal(qtr_safetensors_at(file, 0)->name, "step");
    assert_string_equal(qtr_safetensors_at(file, 3)->name, "bytes");
    assert_true(*(const gint64 *)qtr_safetensors_find(file, "step")->data == G_MININT64);
    assert_memory_equal(qtr_safetensors_f32(file, "w \"1\" \xc3\xa4", 6, &error), weights, 24);
    assert_memory_equal(qtr_safetensors_find(file, "bytes")->data, bytes, 3);
    assert_int_equal(qtr_safetensors_find(file, "empty")->count, 0);
    assert_string_equal(qtr_safetensors_metadata(file, key), "two\nlines and a \\ and \"quotes\"");
    assert_null(qtr_safetensors_metadata(file, "absent"));
    g_unlink(path);
    g_rmdir(dir);
}

static void test_get_says_what_differs(void **state)
{
    g_autoptr(GByteArray) bytes =
        make_file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}", 8);
    g_autoptr(QtrSafetensors) file = qtr_safetensors_parse(bytes->data, bytes->len, "f", NULL);
    g_autoptr(GError) size = NULL, missing = NULL;

    assert_non_null(file);
    assert_non_null(qtr_safetensors_f32(file, "a", 2, NULL));
    assert_null(qtr_safetensors_f32(file, "a", 3, &size));
    assert_string_equal(size->message, "f: tensor 'a' is F32 [1, 2], expected F32 of 3 elements");
    assert_null(qtr_safetensors_f32(file, "b", 2, &missing));
    assert_string_equal(missing->message, "f: tensor 'b' is missing, expected F32 of 2 elements");
}

/* Other writers neither pad the header nor sort by width. */
static void test_unaligned_data(void **state)
{
    g_autoptr(GByteArray) bytes =
        make_file("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                  "\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}  ",
                  9);
    g_autoptr(QtrSafetensors) file = qtr_safetensors_parse(bytes->data, bytes->len, "f", NULL);
    const float *y;

    assert_non_null(file);
    y = qtr_safetensors_f32(file, "y", 2, NULL);
    assert_int_equal((uintptr_t)y % sizeof(float), 0);
    assert_memory_equal(y, ((const guint8[]){1, 2, 3, 4, 5, 6, 7, 8}), 8);
}

#define TENSOR(name, shape, from, to)                                                              \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}"

static void test_damaged_headers(void **state)
{
    assert_refused("{" TENSOR("a", "[2]", "0", "8") "}", 7, "truncated");
    assert_refused("{" TENSOR("a", "[2]", "0", "8") "}", 9, "belong to none");
    assert_refused("{" TENSOR("a", "[3]", "0", "8") "}", 8, "not that of its shape");
    assert_refused("{" TENSOR("a", "[2]", "8", "0") "}", 8, "data_offsets");
    assert_refused("{" TENSOR("a", "[2]", "-8", "0") "}", 8, "data_offsets");
    assert_refused("{" TENSOR("a", "[2]", "0", "8.0") "}", 8, "data_offsets");
    assert_refused("{" TENSOR("a", "[-2]", "0", "8") "}", 8, "shape");
    assert_refused("{" TENSOR("a", "[\"2\"]", "0", "8") "}", 8, "shape");
    assert_refused("{" TENSOR("a", "[1,1,1,1,1,1,1,1,2]", "0", "8") "}", 8, "shape");
    assert_refused("{" TENSOR("a", "[2147483648,2147483648,4]", "0", "0") "}", 0, "shape");
    assert_refused("{" TENSOR("a", "[2305843009213693952,2]", "0", "0") "}", 0, "size of its data");
    assert_refused("{" TENSOR("a", "[2]", "0", "99999999999999999999999") "}", 8, "data_offsets");
    assert_refused("{" TENSOR("a", "[1]", "0", "4") "," TENSOR("b", "[1]", "2", "6") "}", 6,
                   "overlaps");
    assert_refused("{" TENSOR("a", "[1]", "0", "4") "," TENSOR("b", "[1]", "6", "10") "}", 10,
                   "hole");
    assert_refused("{" TENSOR("a", "[1]", "0", "4") "," TENSOR("a", "[1]", "4", "8") "}", 8,
                   "twice");
    assert_refused("{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype");
    assert_refused("{\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype");
    assert_refused("{\"a\":7}", 0, "not an object");
    assert_refused("{\"__metadata__\":{\"k\":1}}", 0, "__metadata__");
    assert_refused("{\"__metadata__\":[]}", 0, "__metadata__");
    assert_refused("[]", 0, "not a JSON object");
    assert_refused("{\"a\":", 0, "unclosed");
    assert_refused("{\"a\":{}}/*", 0, "not JSON");
    assert_refused("{\"\xff\":{}}", 0, "UTF-8");
}

static void test_deep_nesting_is_refused_before_it_is_followed(void **state)
{
    g_autoptr(GString) header = g_string_new("{\"a\":");

    for (int i = 0; i < 1000000; i++)
        g_string_append_c(header, '[');
    assert_refused(header->str, 0, "nested too deep");
}

/* Every prefix of a good file, and the file with each header byte in turn changed: refused or
 * read, never a crash (the sanitizers watch). */
static void test_any_prefix_and_any_changed_byte(void **state)
{
    g_autoptr(GByteArray) bytes =
        make_file("{\"__metadata__\":{\"k\":\"v\"}," TENSOR("a", "[1,2]", "0", "8") "}", 8);

    for (guint size = 0; size < bytes->len; size++) {
        g_autofree guint8 *prefix = g_memdup2(bytes->data, size);

        assert_null(qtr_safetensors_parse(prefix, size, "f", NULL));
    }
    for (guint i = 0; i < bytes->len - 8; i++) {
        for (int change = 1; change < 256; change += 7) {
            QtrSafetensors *file;

            bytes->data[i] ^= (guint8)change;
            file = qtr_safetensors_parse(bytes->data, bytes->len, "f", NULL);
            qtr_safetensors_free(file);
            bytes->data[i] ^= (guint8)change;
        }
    }
}

/* What `bytes` say, as one text; NULL if they are refused. */
static char *contents_of(const guint8 *bytes, gsize size, GError **error)
{
    g_autoptr(QtrSafetensors) file = qtr_safetensors_parse(bytes, size, "weights", error);
    static const char *const keys[] = {"epoch", "note"};
    GString *text;

    if (!file)
        return NULL;
    text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *value = qtr_safetensors_metadata(file, keys[i]);

        if (value)
            g_string_append_printf(text, "%s=%s\n", keys[i], value);
    }
    for (guint i = 0; i < qtr_safetensors_count(file); i++) {
        const QtrStoredTensor *t = qtr_safetensors_at(file, i);
        const guint8 *data = t->data;

        g_string_append_printf(text, "%s %s %d:", t->name, qtr_dtype_name(t->dtype), t->n_dims);
        for (int d = 0; d < t->n_dims; d++)
            g_string_append_printf(text, " %" G_GINT64_FORMAT, t->dims[d]);
        for (gsize b = 0; b < t->count * qtr_dtype_size(t->dtype); b++)
            g_string_append_printf(text, " %02x", data[b]);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

/* What a writer makes of two tensors and two metadata; g_free. */
static guint8 *make_written(gsize *size)
{
    g_autofree char *dir = temporary_dir();
    g_autofree char *path = g_build_filename(dir, "w.safetensors", NULL);
    g_autoptr(QtrSafetensorsWriter) writer = qtr_safetensors_writer_new();
    const float weights[4] = {1, 2, 3, 4};
    const gint64 step = 7;
    char *bytes;

    qtr_safetensors_writer_add(writer, "a", QTR_DTYPE_F32, 2, (gint64[]){4, 1}, weights);
    qtr_safetensors_writer_add(writer, "b", QTR_DTYPE_I64, 0, NULL, &step);
    qtr_safetensors_writer_set_metadata(writer, "note", "as written");
    qtr_safetensors_writer_set_metadata(writer, "epoch", "3");
    assert_true(qtr_safetensors_writer_save(writer, path, NULL));
    assert_true(g_file_get_contents(path, &bytes, size, NULL));
    g_unlink(path);
    g_rmdir(dir);
    return (guint8 *)bytes;
}

static void test_a_flipped_bit_is_noticed(void **state)
{
    gsize size;
    g_autofree guint8 *bytes = make_written(&size);
    g_autofree char *sound = contents_of(bytes, size, NULL);
    g_autoptr(GError) error = NULL;

    assert_non_null(sound);
    for (gsize bit = 0; bit < 8 * size; bit++) {
        g_autofree char *read = NULL;

        bytes[bit / 8] ^= (guint8)(1u << bit % 8);
        read = contents_of(bytes, size, NULL);
        if (read && strcmp(read, sound) != 0)
            fail_msg("bit %zu of byte %zu makes it say\n%s", bit % 8, bit / 8, read);
        bytes[bit / 8] ^= (guint8)(1u << bit % 8);
    }
    bytes[size - 1] ^= 1;
    assert_null(contents_of(bytes, size, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_FORMAT));
    assert_true(g_str_has_prefix(error->message, "weights is damaged"));
    assert_non_null(strstr(error->message, "another copy"));
}

/* As other programs do who keep the metadata: the order of everything is theirs. */
static void test_a_file_arranged_anew_is_read(void **state)
{
    gsize size;
    g_autofree guint8 *bytes = make_written(&size);
    g_autoptr(QtrSafetensors) file = qtr_safetensors_parse(bytes, size, "f", NULL);
    g_autofree char *header = g_strdup_printf(
        "{\"a\": {\"shape\": [4, 1], \"dtype\": \"F32\", \"data_offsets\": [0, 16]},\n"
        "\"b\": {\"shape\": [], \"dtype\": \"I64\", \"data_offsets\": [16, 24]},\n"
        "\"__metadata__\": {\"epoch\": \"3\", \"sha256\": \"%s\", \"note\": \"as written\"}}",
        qtr_safetensors_metadata(file, "sha256"));
    g_autoptr(GByteArray) anew = make_file(header, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrSafetensors) read = NULL;

    g_byte_array_append(anew, qtr_safetensors_find(file, "a")->data, 16);
    g_byte_array_append(anew, qtr_safetensors_find(file, "b")->data, 8);
    read = qtr_safetensors_parse(anew->data, anew->len, "f", &error);
    if (!read)
        fail_msg("%s", error->message);
    anew->data[anew->len - 1] ^= 1;
    assert_null(qtr_safetensors_parse(anew->data, anew->len, "f", NULL));
}

static void test_file_of_the_reference(void **state)
{
    const char *shared = g_getenv("QTR_SHARED");
    g_autofree char *path =
        g_build_filename(shared ? shared : "", "golden", "final_q84_adm.safetensors", NULL);
    g_autoptr(QtrSafetensors) file = NULL;
    g_autoptr(GError) error = NULL;

    if (!shared || !g_file_test(path, G_FILE_TEST_EXISTS)) {
        print_message("skipped: no golden files (QTR_SHARED)\n");
        skip();
    }
    file = qtr_safetensors_load(path, &error);
    assert_non_null(file);
    assert_string_equal(qtr_safetensors_metadata(file, "c_fixed"), "36");
    assert_non_null(qtr_safetensors_find(file, "hr"));
}

static void test_failed_save_leaves_the_old_file(void **state)
{
    g_autofree char *dir = temporary_dir();
    g_autofree char *path = g_build_filename(dir, "missing", "w.safetensors", NULL);
    g_autoptr(QtrSafetensorsWriter) writer = qtr_safetensors_writer_new();
    g_autoptr(GError) error = NULL;

    assert_false(qtr_safetensors_writer_save(writer, path, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_IO));
    g_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_get_says_what_differs),
        cmocka_unit_test(test_unaligned_data),
        cmocka_unit_test(test_damaged_headers),
        cmocka_unit_test(test_deep_nesting_is_refused_before_it_is_followed),
        cmocka_unit_test(test_any_prefix_and_any_changed_byte),
        cmocka_unit_test(test_a_flipped_bit_is_noticed),
        cmocka_unit_test(test_a_file_arranged_anew_is_read),
        cmocka_unit_test(test_file_of_the_reference),
        cmocka_unit_test(test_failed_save_leaves_the_old_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
