#include "base/error.h"
#include "run/tensorboard-crc.h"
#include "run/tensorboard.h"

#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static void test_crc_of_rfc_3720(void **state)
{
    guint8 bytes[32] = {0};

    assert_int_equal(qtr_crc32c("123456789", 9), 0xe3069283u);
    assert_int_equal(qtr_crc32c(bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(qtr_crc32c(bytes, 32), 0x62a8ab43u);
    for (int i = 0; i < 32; i++)
        bytes[i] = (guint8)i;
    assert_int_equal(qtr_crc32c(bytes, 32), 0x46dd794eu);
}

/* A little protobuf decoder of the test's own, so that a wrong field number in the .proto shows. */
typedef struct {
    guint field, wire;
    guint64 number; /* varint or fixed */
    const guint8 *bytes;
    gsize size;
} Field;

static guint64 get_varint(const guint8 **p)
{
    guint64 value = 0;

    for (int shift = 0; shift < 64; shift += 7) {
        guint8 byte = *(*p)++;

        value |= (guint64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

static gboolean find_field(const guint8 *p, gsize size, guint wanted, Field *field)
{
    const guint8 *end = p + size;

    while (p < end) {
        guint64 key = get_varint(&p);

        field->field = (guint)(key >> 3);
        field->wire = (guint)(key & 7);
        field->number = 0;
        if (field->wire == 0) {
            field->number = get_varint(&p);
        } else if (field->wire == 2) {
            field->size = (gsize)get_varint(&p);
            field->bytes = p;
            p += field->size;
        } else {
            gsize width = field->wire == 1 ? 8 : 4;

            assert_true(field->wire == 1 || field->wire == 5);
            memcpy(&field->number, p, width);
            p += width;
        }
        if (field->field == wanted)
            return TRUE;
    }
    return FALSE;
}

/* The message of the record at *offset, whose checksums must be right. */
static const guint8 *next_record(const guint8 *data, gsize size, gsize *offset, gsize *length)
{
    guint64 n;
    guint32 crc;

    assert_true(*offset + 12 <= size);
    memcpy(&n, data + *offset, 8);
    memcpy(&crc, data + *offset + 8, 4);
    assert_int_equal(crc, qtr_crc32c_masked(data + *offset, 8));
    assert_true(n <= size - *offset - 16);
    memcpy(&crc, data + *offset + 12 + n, 4);
    assert_int_equal(crc, qtr_crc32c_masked(data + *offset + 12, n));
    *length = n;
    *offset += n + 16;
    return data + *offset - n - 4;
}

static char *make_board(const char *dir, gint64 purge_step)
{
    QtrTensorboard *board = qtr_tensorboard_open(dir, purge_step, NULL);
    char *path;

    assert_non_null(board);
    assert_true(qtr_tensorboard_scalar(board, "loss/train", 7, 0.25, NULL));
    assert_true(qtr_tensorboard_scalar(board, "alpha/head.0/simple_3x3/8", 4000000000, -1.5, NULL));
    assert_true(qtr_tensorboard_flush(board, NULL));
    path = g_strdup(qtr_tensorboard_path(board));
    qtr_tensorboard_close(board);
    return path;
}

static void assert_scalar(const guint8 *record, gsize length, const char *tag, guint64 step,
                          float value)
{
    Field field, inner;
    float number;

    assert_true(find_field(record, length, 2, &field));
    assert_int_equal(field.number, step);
    assert_true(find_field(record, length, 5, &field));
    assert_true(find_field(field.bytes, field.size, 1, &field));
    assert_true(find_field(field.bytes, field.size, 1, &inner));
    assert_int_equal(inner.size, strlen(tag));
    assert_memory_equal(inner.bytes, tag, inner.size);
    assert_true(find_field(field.bytes, field.size, 2, &inner));
    assert_int_equal(inner.wire, 5);
    memcpy(&number, &inner.number, 4);
    assert_float_equal(number, value, 0);
}

static void test_file_reads_back(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-tb-XXXXXX", NULL);
    g_autofree char *path = make_board(dir, 7);
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *data = NULL;
    gsize size, offset = 0, length;
    const guint8 *record;
    Field field;
    double time;

    assert_true(g_str_has_prefix(name, "events.out.tfevents."));
    assert_true(g_file_get_contents(path, &data, &size, NULL));
    record = next_record((guint8 *)data, size, &offset, &length);
    assert_true(find_field(record, length, 1, &field));
    memcpy(&time, &field.number, 8);
    assert_true(fabs(time - (double)g_get_real_time() / 1e6) < 60);
    assert_true(find_field(record, length, 3, &field));
    assert_int_equal(field.size, 13);
    assert_memory_equal(field.bytes, "brain.Event:2", 13);
    record = next_record((guint8 *)data, size, &offset, &length);
    assert_true(find_field(record, length, 2, &field));
    assert_int_equal(field.number, 7);
    assert_true(find_field(record, length, 7, &field));
    assert_true(find_field(field.bytes, field.size, 1, &field));
    assert_int_equal(field.number, 1);
    record = next_record((guint8 *)data, size, &offset, &length);
    assert_scalar(record, length, "loss/train", 7, 0.25f);
    record = next_record((guint8 *)data, size, &offset, &length);
    assert_scalar(record, length, "alpha/head.0/simple_3x3/8", 4000000000u, -1.5f);
    assert_int_equal(offset, size);
    g_unlink(path);
    g_rmdir(dir);
}

static void test_second_file_has_another_name(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-tb-XXXXXX", NULL);
    g_autofree char *first = make_board(dir, -1);
    g_autofree char *second = make_board(dir, -1);

    assert_string_not_equal(first, second);
    g_unlink(first);
    g_unlink(second);
    g_rmdir(dir);
}

static void test_missing_folder(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_tensorboard_open("/nonexistent/folder", -1, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_IO));
}

#define READ_WITH_TENSORBOARD                                                                      \
    "import sys\n"                                                                                 \
    "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n"        \
    "a = EventAccumulator(sys.argv[1])\n"                                                          \
    "a.Reload()\n"                                                                                 \
    "print([(t, s.step, s.value) for t in sorted(a.Tags()['scalars']) for s in a.Scalars(t)])\n"

static void test_tensorboard_itself(void **state)
{
    const char *probe[] = {"python3", "-c", "import tensorboard", NULL};
    const char *read[] = {"python3", "-c", READ_WITH_TENSORBOARD, NULL, NULL};
    g_autofree char *dir = NULL, *path = NULL, *output = NULL;
    int status = 0;

    if (!g_spawn_sync(NULL, (char **)probe, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                      NULL, NULL, NULL, NULL, &status, NULL) ||
        status != 0) {
        print_message("skipped: python3 has no tensorboard\n");
        skip();
    }
    dir = g_dir_make_tmp("qtr-tb-XXXXXX", NULL);
    path = make_board(dir, -1);
    read[3] = path;
    assert_true(g_spawn_sync(NULL, (char **)read, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                             NULL, &status, NULL));
    assert_int_equal(status, 0);
    assert_string_equal(output, "[('alpha/head.0/simple_3x3/8', 4000000000, -1.5), "
                                "('loss/train', 7, 0.25)]\n");
    g_unlink(path);
    g_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc_of_rfc_3720),
        cmocka_unit_test(test_file_reads_back),
        cmocka_unit_test(test_second_file_has_another_name),
        cmocka_unit_test(test_missing_folder),
        cmocka_unit_test(test_tensorboard_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
