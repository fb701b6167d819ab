/* Lists and batches: what is left out, and that batches depend on nothing but their place. */
#include "image-fixture.h"

#include "base/error.h"
#include "image/loader.h"
#include "image/resize.h"

#include <string.h>

#define N 7
#define CROP 4
#define SCALE 3
#define HR (CROP * SCALE)

static char *dir;
static GPtrArray *paths;
static const guint32 split[N] = {0, 1, 2, 3, 4, 5, 6};

/* Image i is filled with level 30*i on the left and one more on the right, so that a crop tells
 * which image it is from and whether it was flipped. */
static int setup(void **state)
{
    dir = scratch_new();
    paths = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("%d.png", i);
        g_autoptr(QtrImage) image = qtr_image_new(HR + i, HR + 2 * i, 3, 8);

        for (int p = 0; p < image->width * image->height; p++) {
            guint8 *rgb = (guint8 *)image->data + 3 * p;

            rgb[0] = (guint8)(30 * i);
            rgb[1] = (guint8)(p % image->width);
            rgb[2] = (guint8)(p / image->width);
        }
        g_ptr_array_add(paths, g_build_filename(dir, name, NULL));
        assert_true(qtr_image_save(image, paths->pdata[i], NULL));
    }
    return 0;
}

static int teardown(void **state)
{
    g_ptr_array_unref(paths);
    scratch_remove(dir);
    g_free(dir);
    return 0;
}

static QtrLoaderParams defaults(void)
{
    return (QtrLoaderParams){.paths = paths,
                             .indices = split,
                             .n_indices = N,
                             .batch = 3,
                             .crop = CROP,
                             .scale = SCALE,
                             .seed = 11,
                             .threads = 2,
                             .cache_bytes = 1 << 20};
}

static const QtrCrops *next(QtrLoader *loader)
{
    g_autoptr(GError) error = NULL;
    const QtrCrops *batch = qtr_loader_next(loader, &error);

    g_assert_no_error(error);
    return batch;
}

/* A digest of `n` batches, from `first` on. */
static char *digest(QtrLoaderParams params, guint64 first, int n)
{
    g_autoptr(QtrLoader) loader = qtr_loader_new(&params, first);
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    char *text;

    for (int i = 0; i < n; i++) {
        const QtrCrops *batch = next(loader);

        g_checksum_update(sum, batch->hr, batch->n * 3 * HR * HR);
        g_checksum_update(sum, batch->lr, batch->n * 3 * CROP * CROP);
    }
    text = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    return text;
}

static void test_threads_cache_and_start_change_nothing(void **state)
{
    QtrLoaderParams params = defaults();
    g_autofree char *want = digest(params, 5, 12);

    for (int threads = 0; threads <= 5; threads += 5)
        for (gsize cache = 0; cache <= 4000; cache += 2000) {
            g_autofree char *got = NULL;

            params.threads = threads;
            params.cache_bytes = cache;
            got = digest(params, 5, 12);
            assert_string_equal(got, want);
        }
    {
        /* Going on from batch 5 is what came after five batches. */
        g_autoptr(QtrLoader) whole = qtr_loader_new(&params, 0);
        g_autoptr(QtrLoader) resumed = qtr_loader_new(&params, 5);
        const QtrCrops *a = NULL, *b = next(resumed);

        for (int i = 0; i <= 5; i++)
            a = next(whole);
        assert_memory_equal(a->hr, b->hr, 3 * 3 * HR * HR);
        assert_memory_equal(a->lr, b->lr, 3 * 3 * CROP * CROP);
    }
}

static void test_seed_and_split_change_batches(void **state)
{
    QtrLoaderParams params = defaults();
    g_autofree char *first = digest(params, 0, 4);
    g_autofree char *other_seed = NULL;
    g_autofree char *other_split = NULL;

    params.seed++;
    other_seed = digest(params, 0, 4);
    assert_string_not_equal(first, other_seed);
    params.seed--;
    params.split = 1;
    other_split = digest(params, 0, 4);
    assert_string_not_equal(first, other_split);
}

static void test_every_sample_equally_often_in_new_order(void **state)
{
    QtrLoaderParams params = defaults();
    g_autoptr(QtrLoader) loader = qtr_loader_new(&params, 0);
    guint count[N] = {0}, order[4 * N], at = 0;

    assert_int_equal(qtr_loader_steps(loader), 3);
    while (at < 3 * N) { /* 7 batches of 3 are 3 epochs of 7 */
        const QtrCrops *batch = next(loader);

        assert_int_equal(batch->n, 3);
        for (int i = 0; i < 3; i++, at++) {
            guint level = batch->hr[i * 3 * HR * HR];

            assert_int_equal(level % 30, 0);
            order[at] = level / 30;
            count[order[at]]++;
            if ((at + 1) % N == 0)
                for (int k = 0; k < N; k++)
                    assert_int_equal(count[k], (at + 1) / N);
        }
    }
    assert_true(memcmp(order, order + N, N * sizeof *order) != 0);
}

static void test_sample_is_a_crop_and_its_reduction(void **state)
{
    QtrLoaderParams params = defaults();
    g_autoptr(QtrLoader) loader = qtr_loader_new(&params, 0);
    int flipped = 0, moved = 0;

    for (int t = 0; t < 20; t++) {
        const QtrCrops *batch = next(loader);

        for (int i = 0; i < 3; i++) {
            const guint8 *hr = batch->hr + i * 3 * HR * HR, *plane = hr + HR * HR;
            g_autoptr(QtrImage) crop = qtr_image_new(HR, HR, 3, 8);
            g_autoptr(QtrImage) lr = NULL;
            int number = hr[0] / 30, step = plane[1] - plane[0];
            int left = MIN(plane[0], plane[HR - 1]), top = hr[2 * HR * HR];

            assert_in_range(left, 0, number);
            assert_in_range(top, 0, 2 * number);
            assert_true(step == 1 || step == -1);
            flipped += step < 0;
            moved += left > 0 && top > 0;
            for (int p = 0; p < HR * HR; p++) {
                int x = p % HR, y = p / HR;

                assert_int_equal(hr[p], 30 * number);
                assert_int_equal(plane[p], left + (step > 0 ? x : HR - 1 - x));
                assert_int_equal(hr[2 * HR * HR + p], top + y);
                for (int c = 0; c < 3; c++)
                    ((guint8 *)crop->data)[3 * p + c] = hr[c * HR * HR + p];
            }
            lr = qtr_image_resize_bicubic(crop, CROP, CROP, NULL);
            for (int p = 0; p < CROP * CROP; p++)
                for (int c = 0; c < 3; c++)
                    assert_int_equal(batch->lr[(i * 3 + c) * CROP * CROP + p],
                                     ((guint8 *)lr->data)[3 * p + c]);
        }
    }
    assert_in_range(flipped, 15, 45); /* of 60 */
    assert_true(moved > 10);
}

static void test_fixed_epochs_repeat_in_given_order(void **state)
{
    static const guint32 some[] = {6, 2, 4, 1};
    QtrLoaderParams params = defaults();
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autoptr(QtrLoader) loader = NULL;
    const QtrCrops *batch;

    params.indices = some;
    params.n_indices = 4;
    params.fixed = TRUE;
    params.split = 2;
    first = digest(params, 0, 2);
    second = digest(params, 2, 2);
    assert_string_equal(first, second);
    loader = qtr_loader_new(&params, 0);
    batch = next(loader);
    for (int i = 0; i < 3; i++)
        assert_int_equal(batch->hr[i * 3 * HR * HR], 30 * some[i]);
    batch = next(loader);
    assert_int_equal(batch->hr[0], 30 * some[3]);
    assert_int_equal(batch->hr[3 * HR * HR], 30 * some[0]);
}

static void test_error_comes_with_its_batch(void **state)
{
    static const guint32 some[] = {0, 1, 2, 3, 4, 5};
    g_autoptr(GPtrArray) mine = g_ptr_array_new();

    for (int threads = 0; threads <= 3; threads += 3) {
        QtrLoaderParams params = defaults();
        g_autoptr(QtrLoader) loader = NULL;
        g_autoptr(GError) error = NULL;
        g_autofree char *small = g_build_filename(dir, "small.png", NULL);

        save_picture(small, HR, HR - 1, 1);
        g_ptr_array_set_size(mine, 0);
        for (int i = 0; i < 6; i++)
            g_ptr_array_add(mine, i == 3 ? small : i == 4 ? "/nowhere/gone.png" : paths->pdata[i]);
        params.paths = mine;
        params.indices = some;
        params.n_indices = 6;
        params.fixed = TRUE;
        params.threads = threads;
        loader = qtr_loader_new(&params, 0);
        (void)next(loader);
        assert_null(qtr_loader_next(loader, &error));
        g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
        assert_true(g_str_has_prefix(error->message, small));
        g_clear_error(&error);
        assert_null(qtr_loader_next(loader, &error));
        g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
    }
}

static void test_list_read(void **state)
{
    g_autofree char *path = g_build_filename(dir, "train.list", NULL);
    g_autofree char *want = g_build_filename(dir, "sub dir/a.png", NULL);
    g_autoptr(GPtrArray) list = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(
        g_file_set_contents(path, "# made by hand\n\n sub dir/a.png \r\n/abs/b.jpg", -1, NULL));
    list = qtr_image_list_read(path, &error);
    g_assert_no_error(error);
    assert_int_equal(list->len, 2);
    assert_string_equal(list->pdata[0], want);
    assert_string_equal(list->pdata[1], "/abs/b.jpg");
}

static void test_list_errors(void **state)
{
    g_autofree char *path = g_build_filename(dir, "bad.list", NULL);
    g_autoptr(GError) error = NULL;

    assert_null(qtr_image_list_read("/nowhere/train.list", &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_IO);
    g_clear_error(&error);
    assert_true(g_file_set_contents(path, "a\0b", 3, NULL));
    assert_null(qtr_image_list_read(path, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
}

static void collect(QtrLogLevel level, const char *line, gpointer user_data)
{
    g_ptr_array_add(user_data, g_strdup(line));
}

static void test_list_check_names_what_it_drops(void **state)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *broken = g_build_filename(dir, "broken.png", NULL);
    g_autofree char *data = NULL;
    QtrLog *log = qtr_log_new();
    gsize size;

    /* Its header is fine; only the end is missing. */
    assert_true(g_file_get_contents(paths->pdata[6], &data, &size, NULL));
    assert_true(g_file_set_contents(broken, data, (gssize)size - 5, NULL));
    g_ptr_array_add(list, g_strdup("/nowhere/gone.png"));
    g_ptr_array_add(list, g_strdup(paths->pdata[5]));
    g_ptr_array_add(list, g_strdup(broken));
    g_ptr_array_add(list, g_strdup(paths->pdata[1])); /* 13 x 14 */
    g_ptr_array_add(list, g_strdup(paths->pdata[2])); /* 14 x 16 */
    qtr_log_add_sink(log, collect, QTR_LOG_WARNING, lines);
    qtr_image_list_check(list, HR + 2, log);
    qtr_log_free(log);

    assert_int_equal(list->len, 2);
    assert_string_equal(list->pdata[0], paths->pdata[5]);
    assert_string_equal(list->pdata[1], paths->pdata[2]);
    assert_int_equal(lines->len, 2);
    assert_true(g_str_has_prefix(lines->pdata[0], "2 images left out: "));
    assert_non_null(strstr(lines->pdata[0], "/nowhere/gone.png"));
    assert_non_null(strstr(lines->pdata[0], broken));
    assert_true(g_str_has_prefix(lines->pdata[1], "1 image left out: "));
    assert_non_null(strstr(lines->pdata[1], paths->pdata[1]));
    assert_non_null(strstr(lines->pdata[1], "13 x 14"));
}

static void test_list_check_is_short_of_words(void **state)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    QtrLog *log = qtr_log_new();

    for (int i = 0; i < 1000; i++)
        g_ptr_array_add(list, g_strdup(paths->pdata[1]));
    qtr_log_add_sink(log, collect, QTR_LOG_WARNING, lines);
    qtr_log_add_sink(log, collect, QTR_LOG_DEBUG, all);
    qtr_image_list_check(list, HR + 2, log);
    qtr_log_free(log);
    assert_int_equal(list->len, 0);
    assert_int_equal(lines->len, 1);
    assert_true(g_str_has_suffix(lines->pdata[0], " and 997 more"));
    assert_int_equal(all->len, 1001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_cache_and_start_change_nothing),
        cmocka_unit_test(test_seed_and_split_change_batches),
        cmocka_unit_test(test_every_sample_equally_often_in_new_order),
        cmocka_unit_test(test_sample_is_a_crop_and_its_reduction),
        cmocka_unit_test(test_fixed_epochs_repeat_in_given_order),
        cmocka_unit_test(test_error_comes_with_its_batch),
        cmocka_unit_test(test_list_read),
        cmocka_unit_test(test_list_errors),
        cmocka_unit_test(test_list_check_names_what_it_drops),
        cmocka_unit_test(test_list_check_is_short_of_words),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
