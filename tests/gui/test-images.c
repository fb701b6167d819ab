#include "fake-run.h"
#include "hand.h"
#include "qtr-image-view.h"
#include "qtr-images-panel.h"
#include "qtr-images-save.h"
#include "stage.h"

#include "image/codec.h"
#include "run/folder.h"

#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

typedef struct {
    char *dir, *run, *lr, *hr;
    QtrPanel *panel;
    QtrComparison *comparison;
    GtkWindow *window;
} Stage;

static void open_stage(Stage *stage, int width, int height, gboolean dark)
{
    FakeRun run = FAKE_RUN_INIT;

    run.pictures = TRUE;
    *stage = (Stage){.dir = fake_dir_make()};
    stage->run = fake_run_make(stage->dir, "RUN_demo", &run);
    stage->lr = g_build_filename(stage->run, "images/Set5/hills_LR.png", NULL);
    stage->hr = g_build_filename(stage->run, "images/Set5/hills_HR.png", NULL);
    stage->panel = g_object_new(QTR_TYPE_IMAGES_PANEL, NULL);
    stage->comparison = qtr_images_panel_get_comparison(QTR_IMAGES_PANEL(stage->panel));
    stage->window = stage_show(GTK_WIDGET(stage->panel), width, height, dark);
}

static void close_stage(Stage *stage)
{
    stage_close(stage->window, GTK_WIDGET(stage->panel));
    fake_dir_remove(stage->dir);
    g_free(stage->run);
    g_free(stage->lr);
    g_free(stage->hr);
}

static gboolean is_compared(gpointer data)
{
    Stage *stage = data;

    return !isnan(qtr_comparison_get_quality(stage->comparison, QTR_SLOT_A, FALSE).psnr) &&
           !isnan(qtr_comparison_get_quality(stage->comparison, QTR_SLOT_BICUBIC, FALSE).psnr);
}

static gboolean is_area_measured(gpointer data)
{
    Stage *stage = data;

    return !isnan(qtr_comparison_get_quality(stage->comparison, QTR_SLOT_A, TRUE).psnr);
}

static gboolean has_title(GtkWidget *widget, gconstpointer title)
{
    return ADW_IS_PREFERENCES_ROW(widget) &&
           g_strcmp0(adw_preferences_row_get_title(ADW_PREFERENCES_ROW(widget)), title) == 0;
}

static void choose(Stage *stage, const char *row, const char *text)
{
    GtkWidget *found = stage_find(GTK_WIDGET(stage->panel), has_title, row);

    assert_non_null(found);
    hand_choose(found, text);
    stage_settle(0.3);
}

static QtrImageView *view_of(Stage *stage)
{
    return QTR_IMAGE_VIEW(stage_find_type(GTK_WIDGET(stage->panel), QTR_TYPE_IMAGE_VIEW));
}

static void test_empty(void **state)
{
    Stage stage;

    open_stage(&stage, 1000, 640, FALSE);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "No Image Open"));
    stage_shot(stage.window, "images-empty");
    close_stage(&stage);
}

static void test_modes(void **state)
{
    Stage stage;
    QtrPyramid *sr;

    open_stage(&stage, 1280, 800, FALSE);
    qtr_images_panel_open(QTR_IMAGES_PANEL(stage.panel), stage.run, stage.lr, stage.hr);
    assert_true(stage_wait(is_compared, &stage, 10));
    sr = qtr_comparison_get(stage.comparison, QTR_SLOT_A);
    assert_int_equal(qtr_pyramid_get_image(sr)->width, 256);
    assert_true(qtr_comparison_get_quality(stage.comparison, QTR_SLOT_A, FALSE).psnr > 25);
    assert_true(qtr_comparison_get_quality(stage.comparison, QTR_SLOT_A, FALSE).psnr >
                qtr_comparison_get_quality(stage.comparison, QTR_SLOT_BICUBIC, FALSE).psnr);
    hand_drag(GTK_WIDGET(view_of(&stage)), GRAPHENE_POINT_INIT(180, 320),
              GRAPHENE_POINT_INIT(300, 420), "shift");
    assert_true(stage_wait(is_area_measured, &stage, 10));
    stage_settle(0.3);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "Whole image"));
    stage_shot(stage.window, "images-side-by-side");
    choose(&stage, "_Mode", "Split");
    hand_scroll(GTK_WIDGET(view_of(&stage)), 4, NULL);
    assert_true(qtr_image_view_get_zoom(view_of(&stage)) > 1.2);
    stage_settle(0.2);
    stage_shot(stage.window, "images-split");
    choose(&stage, "_Mode", "Difference");
    stage_settle(0.3);
    assert_true(gtk_widget_get_visible(stage_find(GTK_WIDGET(stage.panel), has_title, "_Gain")));
    stage_shot(stage.window, "images-difference");
    choose(&stage, "_Mode", "Flicker");
    stage_settle(0.8);
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
                                       ADW_COLOR_SCHEME_FORCE_DARK);
    stage_settle(0.2);
    stage_shot(stage.window, "images-dark");
    close_stage(&stage);
}

static void test_narrow(void **state)
{
    Stage stage;

    open_stage(&stage, 360, 640, FALSE);
    qtr_images_panel_open(QTR_IMAGES_PANEL(stage.panel), stage.run, stage.lr, stage.hr);
    assert_true(stage_wait(is_compared, &stage, 10));
    stage_settle(0.3);
    assert_true(gtk_widget_get_width(GTK_WIDGET(stage.window)) <= 360);
    stage_shot(stage.window, "images-narrow");
    close_stage(&stage);
}

static void test_save(void **state)
{
    Stage stage;
    g_autofree char *pair = NULL;
    g_autofree char *result = NULL;
    g_autoptr(QtrImage) saved = NULL;

    open_stage(&stage, 900, 640, FALSE);
    qtr_images_panel_open(QTR_IMAGES_PANEL(stage.panel), stage.run, stage.lr, stage.hr);
    assert_true(stage_wait(is_compared, &stage, 10));
    pair = g_build_filename(stage.dir, "pair.png", NULL);
    result = g_build_filename(stage.dir, "result.png", NULL);
    assert_true(qtr_images_save_pair(qtr_comparison_get(stage.comparison, QTR_SLOT_BICUBIC),
                                     qtr_comparison_get(stage.comparison, QTR_SLOT_A),
                                     (QtrArea){10, 20, 50, 40}, pair, NULL));
    saved = qtr_image_load(pair, NULL);
    assert_int_equal(saved->width, 108);
    assert_int_equal(saved->height, 40);
    assert_true(
        qtr_images_save_result(qtr_comparison_get_result(stage.comparison, 0), result, NULL));
    close_stage(&stage);
}

static gboolean is_idle(gpointer data)
{
    return !qtr_comparison_is_busy(((Stage *)data)->comparison);
}

static void note_failure(QtrComparison *comparison, const char *message, char **noted)
{
    g_free(*noted);
    *noted = g_strdup(message);
}

static gboolean is_noted(gpointer noted)
{
    return *(char **)noted != NULL;
}

/* A program that stands for this one's `upscale`. */
static char *make_program(const char *dir, const char *script)
{
    char *path = g_build_filename(dir, "program", NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", script);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(path, 0755), 0);
    g_setenv("QUANTOASTER_PROGRAM", path, TRUE);
    return path;
}

static gboolean has_sr(gpointer data)
{
    return qtr_comparison_get(((Stage *)data)->comparison, QTR_SLOT_A) != NULL;
}

static void test_upscale(void **state)
{
    Stage stage;
    g_autofree char *copy = NULL;
    g_autofree char *program = NULL;
    g_autofree char *script = NULL;
    g_autofree char *noted = NULL;
    g_autofree char *text = NULL;
    gsize size;

    open_stage(&stage, 900, 640, FALSE);
    g_signal_connect(stage.comparison, "failed", G_CALLBACK(note_failure), &noted);
    /* Outside the run's folder there is no result to find. */
    copy = g_build_filename(stage.dir, "photo.png", NULL);
    assert_true(g_file_get_contents(stage.lr, &text, &size, NULL));
    assert_true(g_file_set_contents(copy, text, (gssize)size, NULL));
    script = g_strdup_printf("while [ \"$1\" != -o ]; do shift; done; sleep 0.3; cp '%s' \"$2\"",
                             stage.hr);
    program = make_program(stage.dir, script);
    qtr_images_panel_open(QTR_IMAGES_PANEL(stage.panel), stage.run, copy, stage.hr);
    assert_true(qtr_comparison_is_busy(stage.comparison));
    assert_true(stage_wait(has_sr, &stage, 10));
    assert_true(stage_wait(is_compared, &stage, 10));
    assert_true(isinf(qtr_comparison_get_quality(stage.comparison, QTR_SLOT_A, FALSE).psnr));
    assert_true(qtr_comparison_get_seconds(stage.comparison, 0) >= 0.3);
    assert_null(noted);

    g_free(program);
    program = make_program(stage.dir, "echo 'quantoaster: no device' >&2; exit 1");
    qtr_images_panel_open(QTR_IMAGES_PANEL(stage.panel), NULL, copy, stage.hr);
    assert_true(stage_wait(is_noted, &noted, 10));
    assert_null(qtr_comparison_get_network(stage.comparison, 0));

    g_free(program);
    program = make_program(stage.dir, "exec sleep 60");
    qtr_comparison_set_network(stage.comparison, 0, stage.run);
    stage_settle(0.2);
    assert_true(qtr_comparison_is_busy(stage.comparison));
    stage_click(stage_find(GTK_WIDGET(stage.panel), stage_has_action, "images.cancel"));
    assert_true(stage_wait(is_idle, &stage, 10));
    assert_null(qtr_comparison_get(stage.comparison, QTR_SLOT_A));
    g_unsetenv("QUANTOASTER_PROGRAM");
    close_stage(&stage);
}

static gboolean has_sr_of_b(gpointer data)
{
    return qtr_comparison_get(((Stage *)data)->comparison, QTR_SLOT_B) != NULL;
}

/* The result of the network before may still be loading when another is chosen. */
static void test_another_network_while_loading(void **state)
{
    Stage stage;
    FakeRun fake = FAKE_RUN_INIT;
    g_autofree char *program = NULL;
    g_autofree char *other = NULL;

    open_stage(&stage, 900, 640, FALSE);
    other = fake_run_make(stage.dir, "RUN_other", &fake);
    program = make_program(stage.dir, "exec sleep 60");
    qtr_comparison_open(stage.comparison, stage.lr, stage.hr);
    qtr_comparison_set_network(stage.comparison, 0, stage.run);
    qtr_comparison_set_network(stage.comparison, 0, other);
    qtr_comparison_set_network(stage.comparison, 1, stage.run);
    assert_true(stage_wait(has_sr_of_b, &stage, 10));
    stage_settle(0.5);
    assert_null(qtr_comparison_get(stage.comparison, QTR_SLOT_A));
    assert_true(isnan(qtr_comparison_get_quality(stage.comparison, QTR_SLOT_A, FALSE).psnr));
    /* Giving the second up does not bring the first one's picture back either. */
    qtr_comparison_cancel(stage.comparison);
    assert_true(stage_wait(is_idle, &stage, 10));
    assert_null(qtr_comparison_get(stage.comparison, QTR_SLOT_A));
    assert_true(has_sr_of_b(&stage));
    g_unsetenv("QUANTOASTER_PROGRAM");
    close_stage(&stage);
}

static void test_damaged(void **state)
{
    Stage stage;
    g_autofree char *path = NULL;
    g_autofree char *noted = NULL;

    open_stage(&stage, 900, 640, FALSE);
    g_signal_connect(stage.comparison, "failed", G_CALLBACK(note_failure), &noted);
    path = g_build_filename(stage.dir, "broken.png", NULL);
    assert_true(g_file_set_contents(path, "not an image", -1, NULL));
    qtr_images_panel_open(QTR_IMAGES_PANEL(stage.panel), NULL, path, NULL);
    assert_true(stage_wait(is_noted, &noted, 10));
    assert_non_null(strstr(noted, "broken.png"));
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "No Image Open"));
    close_stage(&stage);
}

static void assert_texel(GdkTexture *texture, guint8 grey)
{
    gsize stride = 4 * (gsize)gdk_texture_get_width(texture);
    g_autofree guchar *pixels = g_malloc(stride * (gsize)gdk_texture_get_height(texture));

    gdk_texture_download(texture, pixels, stride);
    assert_int_equal(pixels[0], grey);
    assert_int_equal(pixels[stride * (gsize)gdk_texture_get_height(texture) - 4], grey);
}

/* Every level of a picture with odd sides: tiles cover it, and means are means. */
static void test_pyramid(void **state)
{
    QtrImage *image = qtr_image_new(2049, 1027, 3, 8);
    g_autoptr(QtrPyramid) pyramid = NULL;

    memset(image->data, 77, qtr_image_stride(image) * 1027);
    pyramid = qtr_pyramid_new(image);
    assert_int_equal(qtr_pyramid_level_for(pyramid, 0.2), 0);
    stage_settle(0.5);
    assert_int_equal(qtr_pyramid_level_for(pyramid, 0.2), 2);
    assert_int_equal(qtr_pyramid_get_level(pyramid, 2)->width, 513);
    assert_int_equal(qtr_pyramid_get_level(pyramid, 2)->height, 257);
    assert_int_equal(gdk_texture_get_width(qtr_pyramid_get_tile(pyramid, 0, 2, 1)), 1);
    assert_int_equal(gdk_texture_get_height(qtr_pyramid_get_tile(pyramid, 0, 2, 1)), 3);
    assert_texel(qtr_pyramid_get_tile(pyramid, 2, 0, 0), 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_modes),
        cmocka_unit_test(test_narrow),  cmocka_unit_test(test_save),
        cmocka_unit_test(test_upscale), cmocka_unit_test(test_another_network_while_loading),
        cmocka_unit_test(test_damaged), cmocka_unit_test(test_pyramid),
    };

    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
