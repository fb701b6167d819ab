#include "device-fixture.h"

#include "base/error.h"
#include "gpu/private.h"

#include <string.h>
#include <unistd.h>

static QtrBuffer *new_buffer(QtrDevice *device, gsize bytes)
{
    g_autoptr(GError) error = NULL;
    QtrBuffer *buffer = qtr_buffer_new(device, bytes, &error);

    assert_null(error);
    return buffer;
}

static void new_buffer_is_zero(void **state)
{
    static const gsize sizes[] = {1, 3, 4, 1001, 65537, 262144, 1048579};

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(QtrBuffer) buffer = new_buffer(*state, sizes[i]);
        g_autofree guint8 *data = g_malloc(sizes[i]);
        guint8 any = 0;

        memset(data, 0xA5, sizes[i]);
        assert_int_equal(qtr_buffer_size(buffer), sizes[i]);
        assert_true(qtr_buffer_read(buffer, 0, data, sizes[i], NULL));
        for (gsize j = 0; j < sizes[i]; j++)
            any |= data[j];
        assert_int_equal(any, 0);
    }
}

static guint64 address_space(void)
{
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    return g_ascii_strtoull(text, NULL, 10) * (guint64)sysconf(_SC_PAGESIZE);
}

static void freed_memory_is_given_back(void **state)
{
    const gsize size = (gsize)16 << 20;
    guint64 before;

    qtr_buffer_unref(new_buffer(*state, size));
    before = address_space();
    for (int i = 0; i < 32; i++)
        qtr_buffer_unref(new_buffer(*state, size));
    assert_true(address_space() < before + 8 * size);
}

static void zero_clears_all(void **state)
{
    g_autoptr(QtrBuffer) buffer = new_buffer(*state, 7);
    char data[8] = "toaster", zeros[7] = {0};

    assert_true(qtr_buffer_write(buffer, 0, data, 7, NULL));
    assert_true(qtr_buffer_zero(buffer, NULL));
    assert_true(qtr_buffer_read(buffer, 0, data, 7, NULL));
    assert_memory_equal(data, zeros, 7);
}

static void offsets_are_bytes(void **state)
{
    g_autoptr(QtrBuffer) buffer = new_buffer(*state, 16);
    char got[17] = {0};

    assert_true(qtr_buffer_write(buffer, 5, "quant", 5, NULL));
    assert_true(qtr_buffer_read(buffer, 7, got, 9, NULL));
    assert_string_equal(got, "ant");
}

/* In queue order, as reading waits for all before it. */
static void copy_byte(QtrBuffer *to, gsize at, const QtrBuffer *from, gsize from_at)
{
    assert_int_equal(
        clEnqueueCopyBuffer(to->device->queue, from->mem, to->mem, from_at, at, 1, 0, NULL, NULL),
        CL_SUCCESS);
}

/* In pieces that are copied, each over the one before, and in one that is too large for it. */
static void write_takes_its_copy_at_once(void **state)
{
    const gsize size = (gsize)6 << 20, count = 14, large = (gsize)20 << 20;
    g_autoptr(QtrBuffer) buffer = new_buffer(*state, size);
    g_autoptr(QtrBuffer) last = new_buffer(*state, large);
    g_autoptr(QtrBuffer) heads = new_buffer(*state, 64);
    g_autofree char *data = g_malloc(large);
    char got[64];

    for (gsize i = 0; i < count; i++) {
        memset(data, 'a' + (int)i, size);
        assert_true(qtr_buffer_write(buffer, 0, data, size, NULL));
        copy_byte(heads, i, buffer, size - 1);
    }
    memset(data, 'Z', large);
    assert_true(qtr_buffer_write(last, 0, data, large, NULL));
    memset(data, '!', large);
    copy_byte(heads, count, last, large - 1);
    assert_true(qtr_buffer_read(heads, 0, got, count + 1, NULL));
    assert_memory_equal(got, "abcdefghijklmnZ", count + 1);
}

static void staged_data_arrives(void **state)
{
    g_autoptr(QtrBuffer) buffer = new_buffer(*state, 16);
    char got[17] = "", *data;

    for (int i = 0; i < 4; i++) {
        data = qtr_buffer_stage(buffer, 4, NULL);
        assert_non_null(data);
        memset(data, 'a' + i, 4);
        assert_true(qtr_buffer_write_staged(buffer, 4 * (gsize)i, 4, NULL));
    }
    assert_true(qtr_buffer_read(buffer, 0, got, 16, NULL));
    assert_string_equal(got, "aaaabbbbccccdddd");
}

static void too_large_names_both_sizes(void **state)
{
    g_autoptr(GError) error = NULL;
    const QtrDeviceInfo *info = qtr_device_info(*state);
    g_autofree char *limit = g_strdup_printf("%.1f MiB", (double)info->max_alloc / (1 << 20));
    g_autoptr(QtrBuffer) buffer = qtr_buffer_new(*state, (gsize)7 << 50, &error);

    assert_null(buffer);
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_MEMORY));
    assert_non_null(strstr(error->message, "7516192768.0 MiB"));
    assert_non_null(strstr(error->message, limit));
}

static void full_memory_is_refused_until_freed(void **state)
{
    QtrDevice *device = *state;
    const guint64 memory = device->info->memory;
    g_autoptr(GError) error = NULL;
    QtrBuffer *first = new_buffer(device, 700);

    device->info->memory = 1000;
    assert_null(qtr_buffer_new(device, 301, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_MEMORY));
    assert_int_equal(qtr_device_allocated(device), 700);
    qtr_buffer_unref(first);
    qtr_buffer_unref(new_buffer(device, 1000));
    assert_int_equal(qtr_device_allocated(device), 0);
    device->info->memory = memory;
}

static void buffer_outlives_device(void **state)
{
    QtrDevice *device = qtr_device_open(NULL, NULL);
    QtrBuffer *buffer = new_buffer(device, 4);
    char got[4];

    assert_true(qtr_buffer_write(buffer, 0, "SR4x", 4, NULL));
    qtr_device_close(device);
    assert_true(qtr_buffer_read(buffer, 0, got, 4, NULL));
    assert_memory_equal(got, "SR4x", 4);
    qtr_buffer_unref(buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_buffer_is_zero),
        cmocka_unit_test(freed_memory_is_given_back),
        cmocka_unit_test(zero_clears_all),
        cmocka_unit_test(offsets_are_bytes),
        cmocka_unit_test(write_takes_its_copy_at_once),
        cmocka_unit_test(staged_data_arrives),
        cmocka_unit_test(too_large_names_both_sizes),
        cmocka_unit_test(full_memory_is_refused_until_freed),
        cmocka_unit_test(buffer_outlives_device),
    };

    return cmocka_run_group_tests(tests, open_device, close_device);
}
