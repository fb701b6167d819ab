/* Cutting a folder into patches: what is made, what is left out, going on after a stop. */
#include "image-fixture.h"

#include "base/error.h"
#include "base/file.h"
#include "image/loader.h"
#include "image/patches.h"
#include "image/resize.h"
#include "run/config-valsets.h"
#include "run/image-pairs.h"

#include <string.h>
#include <unistd.h>
#include <utime.h>

static char *root;

static int teardown(void **state)
{
    scratch_remove(root);
    g_free(root);
    return 0;
}

static char *in_root(const char *a, const char *b)
{
    return g_build_filename(root, a, b, NULL);
}

/* Five images that can be cut, one too small, one broken, one that is no image. */
static void fill_input(void)
{
    g_autofree char *input = in_root("in", NULL);
    g_autofree char *small = in_root("in", "small.png");
    g_autofree char *broken = in_root("in", "broken.png");
    g_autofree char *text = in_root("in", "notes.txt");
    g_autofree char *data = NULL;
    gsize size;

    assert_int_equal(g_mkdir(input, 0777), 0);
    for (int i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("in/im%d.%s", i, i == 2 ? "jpg" : "png");
        g_autofree char *path = in_root(name, NULL);

        save_picture(path, 61 + i, 50 - i, i);
    }
    save_picture(small, 9, 60, 1);
    save_picture(broken, 64, 64, 1);
    assert_true(g_file_get_contents(broken, &data, &size, NULL));
    assert_true(g_file_set_contents(broken, data, (gssize)size / 2, NULL));
    assert_true(g_file_set_contents(text, "hello", -1, NULL));
}

static int setup(void **state)
{
    root = scratch_new();
    fill_input();
    return 0;
}

static QtrPatchesParams params_for(char **input, char **output, const char *out_name)
{
    *input = in_root("in", NULL);
    *output = in_root(out_name, NULL);
    return (QtrPatchesParams){.input_dir = *input,
                              .output_dir = *output,
                              .patch = 20,
                              .stride = 15,
                              .scale = 4,
                              .valid = 0,
                              .threads = 2};
}

static QtrPatchesResult cut_ok(const QtrPatchesParams *params)
{
    g_autoptr(GError) error = NULL;
    QtrPatchesResult result;

    qtr_patches_cut(params, &result, &error);
    g_assert_no_error(error);
    return result;
}

static QtrImage *load_from(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    QtrImage *image = qtr_image_load(path, &error);

    g_assert_no_error(error);
    return image;
}

static char *list_text(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void test_patches_are_squares_of_the_image(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "squares");
    QtrPatchesResult result = cut_ok(&params);
    g_autofree char *list = list_text(output, "train.list");
    g_autoptr(QtrImage) whole = load_from(input, "im1.png"); /* 62 x 49: 3 across, 2 down */
    g_autoptr(QtrImage) want = qtr_image_crop(whole, 30, 15, 20, 20, NULL);
    g_autoptr(QtrImage) want_lr = qtr_image_resize_bicubic(want, 5, 5, NULL);
    g_autoptr(QtrImage) hr = load_from(output, "train/HR/im1_15_30.png");
    g_autoptr(QtrImage) lr = load_from(output, "train/LRx4/im1_15_30.png");

    assert_same_pixels(hr, want);
    assert_same_pixels(lr, want_lr);
    assert_int_equal(result.images, 7);
    assert_int_equal(result.left_out, 2);
    /* 61x50, 62x49, 63x48, 64x47, 65x46: 3 or 4 across (65), 3 down (50) or 2. */
    assert_int_equal(result.patches, 9 + 6 + 6 + 6 + 8);
    assert_int_equal(result.written, 2 * result.patches);
    assert_true(g_str_has_prefix(list, "train/HR/im0_0_0.png\ntrain/HR/im0_0_15.png\n"));
    assert_null(strstr(list, "broken"));
}

static void test_split_is_of_whole_images(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "split");
    QtrPatchesResult result;
    g_autofree char *path = NULL;
    g_autoptr(GPtrArray) valid = NULL;

    params.valid = 0.3;
    params.seed = 5;
    result = cut_ok(&params);
    path = g_build_filename(output, "val.list", NULL);
    valid = qtr_image_list_read(path, NULL);
    assert_int_equal(valid->len, result.valid);
    assert_in_range(valid->len, 1,
                    2); /* 2 of 7 readable headers; a broken or small one may be among */
    for (guint i = 0; i < valid->len; i++) {
        g_autofree char *name = g_path_get_basename(valid->pdata[i]);
        g_autofree char *stem = g_strndup(name, strlen(name) - 4);
        g_autofree char *train = list_text(output, "train.list");
        g_autofree char *hr_dir = g_build_filename(output, "valid", "HR", NULL);
        g_autofree char *lr_dir = g_build_filename(output, "valid", "LRx4", NULL);
        g_autoptr(QtrImage) hr = load_from(hr_dir, name);
        g_autoptr(QtrImage) lr = load_from(lr_dir, name);

        assert_null(strstr(train, stem));
        assert_int_equal(hr->width, 4 * lr->width);
        assert_int_equal(hr->height, 4 * lr->height);
    }
}

static void test_subfolders(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "in/sub/cut");
    g_autofree char *deep = in_root("in/cats/small", NULL);
    g_autofree char *hidden = in_root("in/.thumbnails", NULL);
    g_autofree char *first = in_root("in/cats", "im0.png");
    g_autofree char *second = in_root("in/cats/small", "im0.png");
    g_autofree char *third = in_root("in/.thumbnails", "im0.png");
    g_autofree char *loop = in_root("in/cats/small", "up");
    g_autofree char *link = in_root("in", "zz-cats");
    g_autofree char *list = NULL;
    QtrPatchesResult result;

    assert_int_equal(g_mkdir_with_parents(deep, 0777), 0);
    assert_int_equal(g_mkdir_with_parents(hidden, 0777), 0);
    save_picture(first, 20, 20, 7);
    save_picture(second, 35, 20, 8);
    save_picture(third, 35, 20, 8);
    assert_int_equal(symlink("../../cats", loop), 0);
    assert_int_equal(symlink("cats", link), 0);
    for (int again = 0; again < 2; again++) {
        result = cut_ok(&params);
        /* The second time the patches lie below the input. */
        assert_int_equal(result.images, 7 + 2);
        assert_int_equal(result.patches, 35 + 1 + 2);
        assert_int_equal(result.written, again ? 0 : 2 * result.patches);
    }
    list = list_text(output, "train.list");
    assert_non_null(strstr(list, "train/HR/cats__im0_0_0.png\n"));
    assert_non_null(strstr(list, "train/HR/cats__small__im0_0_15.png\n"));
    assert_null(strstr(list, "zz-cats"));
}

static void test_sets_file_names_what_was_kept(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "my 1:sets");
    g_autofree char *file = NULL;
    g_autofree char *hr = NULL;
    g_autofree char *lr = NULL;
    g_autoptr(GPtrArray) sets = NULL;
    g_autoptr(GPtrArray) pairs = NULL;
    g_autoptr(GError) error = NULL;
    const QtrValset *set;

    cut_ok(&params);
    file = g_build_filename(output, "valsets.yaml", NULL);
    assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
    scratch_remove(output);
    params.valid = 0.4;
    cut_ok(&params);
    sets = qtr_valsets_load(file, &error);
    g_assert_no_error(error);
    assert_int_equal(sets->len, 1);
    set = sets->pdata[0];
    assert_string_equal(set->name, "my_1_sets");
    hr = g_build_filename(output, "valid", "HR", NULL);
    lr = g_build_filename(output, "valid", "LRx4", NULL);
    assert_string_equal(set->hr_dir, hr);
    assert_string_equal(set->lr_dir, lr);
    pairs = qtr_image_pairs(set->lr_dir, set->hr_dir, &error);
    g_assert_no_error(error);
    assert_true(pairs->len > 0);
}

static void test_goes_on_where_it_stopped(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "again");
    QtrPatchesResult result;
    g_autofree char *list = NULL;
    g_autofree char *list_again = NULL;
    g_autofree char *lost = NULL;
    g_autoptr(GError) error = NULL;
    gint stop = 1;

    params.stop = &stop;
    assert_false(qtr_patches_cut(&params, &result, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_CANCELLED);
    lost = g_build_filename(output, "train.list", NULL);
    assert_false(g_file_test(lost, G_FILE_TEST_EXISTS));
    g_free(lost);

    stop = 0;
    cut_ok(&params);
    list = list_text(output, "train.list");
    lost = g_build_filename(output, "train", "LRx4", "im3_0_15.png", NULL);
    assert_int_equal(g_unlink(lost), 0);
    result = cut_ok(&params);
    assert_int_equal(result.written, 2);
    assert_true(g_file_test(lost, G_FILE_TEST_EXISTS));
    list_again = list_text(output, "train.list");
    assert_string_equal(list, list_again);
}

static void test_threads_change_nothing(void **state)
{
    char *text[2];

    for (int i = 0; i < 2; i++) {
        g_autofree char *input = NULL;
        g_autofree char *output = NULL;
        QtrPatchesParams params = params_for(&input, &output, i ? "many" : "one");

        params.threads = i ? 6 : 1;
        params.valid = 0.4;
        cut_ok(&params);
        text[i] = list_text(output, "train.list");
    }
    assert_string_equal(text[0], text[1]);
    g_free(text[0]);
    g_free(text[1]);
}

static void assert_refused(const QtrPatchesParams *params, const char *word)
{
    g_autoptr(GError) error = NULL;
    QtrPatchesResult result;

    assert_false(qtr_patches_cut(params, &result, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_USAGE);
    if (!strstr(error->message, word))
        fail_msg("'%s' does not say '%s'", error->message, word);
}

static void test_other_images_are_another_split(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    g_autofree char *added = in_root("in", "added.png");
    g_autofree char *changed = in_root("in", "im0.png");
    QtrPatchesParams params = params_for(&input, &output, "grown");
    g_autofree char *list = NULL;
    g_autofree char *list_after = NULL;

    params.valid = 0.4;
    cut_ok(&params);
    list = list_text(output, "val.list");
    assert_int_equal(utime(changed, &(struct utimbuf){1000000000, 1000000000}), 0);
    cut_ok(&params);
    save_picture(added, 40, 40, 9);
    assert_refused(&params, "other images");
    list_after = list_text(output, "val.list");
    assert_string_equal(list, list_after);
    assert_int_equal(g_unlink(added), 0);
    cut_ok(&params);
    save_picture(changed, 71, 52, 3);
    assert_refused(&params, "other images");
    scratch_remove(output);
    cut_ok(&params);
}

/* Into the folder of the images themselves, again and again; but not where patches would mix with
 * what is there. */
static void test_in_place(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    g_autofree char *train = in_root("in", "train");
    g_autofree char *own = in_root("in", "train/own.png");
    QtrPatchesParams params = params_for(&input, &output, "unused");

    params.output_dir = input;
    assert_int_equal(g_mkdir(train, 0777), 0);
    save_picture(own, 40, 40, 9);
    assert_refused(&params, "not made by prep");
    assert_int_equal(g_unlink(own), 0);
    assert_int_equal(g_rmdir(train), 0);
    cut_ok(&params);
    cut_ok(&params);
    assert_false(g_file_test(output, G_FILE_TEST_EXISTS));
}

static void keep_warning(QtrLogLevel level, const char *line, gpointer user_data)
{
    if (level == QTR_LOG_WARNING)
        g_ptr_array_add(user_data, g_strdup(line));
}

static GPtrArray *warnings_of(QtrPatchesParams *params, QtrPatchesResult *result)
{
    GPtrArray *said = g_ptr_array_new_with_free_func(g_free);

    params->log = qtr_log_new();
    qtr_log_add_sink(params->log, keep_warning, QTR_LOG_WARNING, said);
    *result = cut_ok(params);
    qtr_log_free(params->log);
    return said;
}

/* Folders' names become part of the pictures'. */
static void test_names_too_long_are_left_out(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "long");
    g_autofree char *half = g_strnfill(120, 'f');
    g_autofree char *deep = g_build_filename(root, "in", half, half, NULL);
    g_autofree char *fits = g_build_filename(deep, "a.png", NULL); /* a_10_10.png: 255 bytes */
    g_autofree char *too_long = g_build_filename(deep, "ab.png", NULL);
    g_autofree char *broken = in_root("in", "broken.png");
    g_autoptr(GPtrArray) said = NULL;
    QtrPatchesResult result;

    params.stride = 10;
    assert_int_equal(g_unlink(broken), 0);
    assert_int_equal(g_mkdir_with_parents(deep, 0777), 0);
    save_picture(fits, 30, 30, 1);
    save_picture(too_long, 30, 30, 2);
    said = warnings_of(&params, &result);
    assert_int_equal(result.left_out, 1 + 1); /* and the small one */
    assert_int_equal(said->len, 2);
    assert_non_null(strstr(said->pdata[0], "ab.png: its name"));
}

static void test_folders_too_deep_are_counted(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "deep");
    g_autoptr(GString) path = g_string_new(root);
    g_autoptr(GPtrArray) said = NULL;
    QtrPatchesResult result;

    g_string_append(path, "/in");
    for (int i = 0; i < QTR_FILE_DEPTH_MAX; i++)
        g_string_append(path, "/d");
    for (int i = 0; i < 3; i++) {
        g_autofree char *below = g_strdup_printf("%s/e%d", path->str, i);
        g_autofree char *picture = g_strdup_printf("%s/x.png", below);

        assert_int_equal(g_mkdir_with_parents(below, 0777), 0);
        save_picture(picture, 30, 30, i);
    }
    g_string_append(path, "/y.png");
    save_picture(path->str, 30, 30, 3);
    said = warnings_of(&params, &result);
    assert_int_equal(result.images, 7 + 1);
    assert_non_null(strstr(said->pdata[0], "3 folders"));
    assert_non_null(strstr(said->pdata[0], "/e0"));
    for (guint i = 1; i < said->len; i++)
        assert_null(strstr(said->pdata[i], "folder"));
}

typedef struct {
    guint calls, done, total;
} Seen;

static void on_progress(guint done, guint total, gpointer user_data)
{
    Seen *seen = user_data;

    assert_true(done >= seen->done && done <= total);
    *seen = (Seen){seen->calls + 1, done, total};
}

static void test_progress_reaches_the_end(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "progress");
    Seen seen = {0};

    params.progress = on_progress;
    params.progress_data = &seen;
    cut_ok(&params);
    assert_true(seen.calls >= 1 && seen.total > 0);
    assert_int_equal(seen.done, seen.total);
}

static void test_refuses_other_settings_and_bad_ones(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    g_autofree char *twin = in_root("in", "im2.png");
    QtrPatchesParams params = params_for(&input, &output, "settings");

    cut_ok(&params);
    params.stride = 16;
    assert_refused(&params, "other settings");
    params.patch = 21;
    assert_refused(&params, "scale 4");
    params.patch = 0;
    assert_refused(&params, "at least 1");
    params.patch = 20;
    params.valid = 1.5;
    assert_refused(&params, "0 to 1");
    params.valid = 0;
    params.stride = 15;
    save_picture(twin, 30, 30, 1);
    assert_refused(&params, "one name");
}

static void keep_small(QtrLogLevel level, const char *line, gpointer user_data)
{
    if (level == QTR_LOG_WARNING && strstr(line, "smaller than"))
        g_ptr_array_add(user_data, g_strdup(line));
}

static void count_path(const char *path, gpointer user_data)
{
    ++*(guint *)user_data;
}

static void test_small_images_are_one_warning(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "small");
    g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *first = in_root("in", "im2.jpg (63 x 48); ");
    QtrPatchesResult result;
    guint told = 0;

    params.patch = 49; /* im0 and im1 are large enough */
    params.scale = 1;
    params.left_out = count_path;
    params.left_out_data = &told;
    params.log = qtr_log_new();
    qtr_log_add_sink(params.log, keep_small, QTR_LOG_DEBUG, said);
    result = cut_ok(&params);
    qtr_log_free(params.log);
    assert_int_equal(said->len, 1);
    assert_non_null(strstr(said->pdata[0], "4 images left out: smaller than a patch of 49 x 49: "));
    assert_non_null(strstr(said->pdata[0], first));
    assert_true(g_str_has_suffix(said->pdata[0], " and 1 more"));
    assert_int_equal(result.left_out, 5); /* the broken one, too */
    assert_int_equal(told, 5);
}

static void test_nothing_to_cut(void **state)
{
    g_autofree char *input = NULL;
    g_autofree char *output = NULL;
    QtrPatchesParams params = params_for(&input, &output, "nothing");
    g_autoptr(GError) error = NULL;
    QtrPatchesResult result;

    params.patch = 400;
    assert_false(qtr_patches_cut(&params, &result, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
    g_clear_error(&error);
    params.patch = 20;
    params.input_dir = "/nowhere";
    assert_false(qtr_patches_cut(&params, &result, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_IO);
    params.input_dir = output;
    assert_int_equal(g_mkdir_with_parents(output, 0777), 0);
    assert_refused(&params, "no .png");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(test_patches_are_squares_of_the_image),
        EACH(test_split_is_of_whole_images),
        EACH(test_subfolders),
        EACH(test_sets_file_names_what_was_kept),
        EACH(test_goes_on_where_it_stopped),
        EACH(test_other_images_are_another_split),
        EACH(test_in_place),
        EACH(test_names_too_long_are_left_out),
        EACH(test_folders_too_deep_are_counted),
        EACH(test_threads_change_nothing),
        EACH(test_progress_reaches_the_end),
        EACH(test_refuses_other_settings_and_bad_ones),
        EACH(test_small_images_are_one_warning),
        EACH(test_nothing_to_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
