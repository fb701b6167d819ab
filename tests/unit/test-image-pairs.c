/* Which LR image belongs to which HR image of a validation set. */
#include "image-fixture.h"

#include "base/error.h"
#include "run/image-pairs.h"

#include <string.h>

static char *root, *lr_dir, *hr_dir;

static int setup(void **state)
{
    root = scratch_new();
    lr_dir = g_build_filename(root, "LR", NULL);
    hr_dir = g_build_filename(root, "HR", NULL);
    return g_mkdir(lr_dir, 0777) == 0 && g_mkdir(hr_dir, 0777) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    scratch_remove(root);
    g_free(root);
    g_free(lr_dir);
    g_free(hr_dir);
    return 0;
}

static void make_files(const char *dir, const char *names)
{
    g_auto(GStrv) each = g_strsplit(names, " ", -1);

    for (char **name = each; *name; name++) {
        g_autofree char *path = g_build_filename(dir, *name, NULL);

        assert_true(g_file_set_contents(path, "", 0, NULL));
    }
}

/* "<LR file>=<HR file> ..." */
static char *pairs_text(const GPtrArray *pairs)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < pairs->len; i++) {
        const QtrImagePair *pair = pairs->pdata[i];
        g_autofree char *lr = g_path_get_basename(pair->lr);
        g_autofree char *hr = g_path_get_basename(pair->hr);

        g_string_append_printf(text, "%s%s=%s", i ? " " : "", lr, hr);
    }
    return g_string_free(text, FALSE);
}

static void test_names_of_the_usual_sets(void **state)
{
    static const char *const sets[][3] = {
        {"img_002.png img_001.png", "img_001.png img_002.png",
         "img_001.png=img_001.png img_002.png=img_002.png"},
        {"0801x4.png 0802x4.png", "0801.png 0802.png", "0801x4.png=0801.png 0802x4.png=0802.png"},
        {"0801x4w2.png 0802x4w1.png", "0801.png 0802.png",
         "0801x4w2.png=0801.png 0802x4w1.png=0802.png"},
        {"img_001_SRF_4_LR.png img_002_SRF_4_LR.png", "img_001_SRF_4_HR.png img_002_SRF_4_HR.png",
         "img_001_SRF_4_LR.png=img_001_SRF_4_HR.png img_002_SRF_4_LR.png=img_002_SRF_4_HR.png"},
        {"baby_LRBI_x4.png bird_LRBI_x4.png", "baby_HR_x4.png bird_HR_x4.png",
         "baby_LRBI_x4.png=baby_HR_x4.png bird_LRBI_x4.png=bird_HR_x4.png"},
        {"Canon_001_LR4.png Canon_002_LR4.png", "Canon_001_HR.png Canon_002_HR.png",
         "Canon_001_LR4.png=Canon_001_HR.png Canon_002_LR4.png=Canon_002_HR.png"},
        {"LR_a.png LR_b.png", "GT_a.png GT_b.png", "LR_a.png=GT_a.png LR_b.png=GT_b.png"},
        {"Baby.JPG bird.jpg", "baby.png bird.png", "Baby.JPG=baby.png bird.jpg=bird.png"},
        {"A.png a.jpg a.png", "A.png a.jpg a.png", "A.png=A.png a.jpg=a.jpg a.png=a.png"},
        {"max4x4.png min4x4.png", "max4.png min4.png", "max4x4.png=max4.png min4x4.png=min4.png"},
        /* Sorted, LR has 10 first and HR has 1. */
        {"1x4.png 10x4.png", "1.png 10.png", "1x4.png=1.png 10x4.png=10.png"},
        /* Nothing in common: by place. */
        {"low-a.png low-b.png", "1.png 2.png", "low-a.png=1.png low-b.png=2.png"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
        g_autoptr(GPtrArray) pairs = NULL;
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;

        if (i > 0) {
            teardown(state);
            setup(state);
        }
        make_files(lr_dir, sets[i][0]);
        make_files(hr_dir, sets[i][1]);
        pairs = qtr_image_pairs(lr_dir, hr_dir, &error);
        g_assert_no_error(error);
        text = pairs_text(pairs);
        assert_string_equal(text, sets[i][2]);
        assert_int_equal(((const QtrImagePair *)pairs->pdata[0])->is_guess,
                         i + 1 == G_N_ELEMENTS(sets));
    }
}

static void assert_refused(const char *word)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_image_pairs(lr_dir, hr_dir, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_USAGE);
    if (!strstr(error->message, word))
        fail_msg("'%s' does not say '%s'", error->message, word);
}

static void test_a_name_without_partner(void **state)
{
    make_files(lr_dir, "babyx4.png birdx4.png headx4.png");
    make_files(hr_dir, "baby.png bird.png womanx4.png");
    assert_refused("LR/headx4.png: ");
    teardown(state);
    setup(state);
    make_files(lr_dir, "a_x2.png a_x4.png");
    make_files(hr_dir, "a.png b.png");
    assert_refused("LR/a_x4.png: ");
}

static void test_other_numbers(void **state)
{
    assert_refused("0 images");
    make_files(lr_dir, "a.png b.png");
    make_files(hr_dir, "a.png");
    assert_refused("has 2 images");
    scratch_remove(hr_dir);
    assert_refused("HR");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(test_names_of_the_usual_sets),
        EACH(test_a_name_without_partner),
        EACH(test_other_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
