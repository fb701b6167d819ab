/* The panel of the search space: every edit is in the YAML, in the figures and in the drawing. */
#include "fake-run.h"
#include "hand.h"
#include "qtr-key-row.h"
#include "qtr-primitive-list.h"
#include "qtr-space-panel.h"
#include "qtr-supernet-view.h"
#include "scene.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static Scene open_scene(int width, int height, gboolean dark)
{
    QtrDocument *document = qtr_document_new();
    g_autofree char *path =
        g_build_filename(g_getenv("QTR_SOURCE_ROOT"), "configs", "quant_config.yaml", NULL);

    assert_true(qtr_document_load(document, path, NULL));
    return scene_open(QTR_TYPE_SPACE_PANEL, document, width, height, dark);
}

static gboolean is_row_of(GtkWidget *widget, gconstpointer key)
{
    return QTR_IS_KEY_ROW(widget) &&
           strcmp(qtr_key_row_get_key(QTR_KEY_ROW(widget))->path, key) == 0;
}

static GtkWidget *control(const Scene *scene, const char *key)
{
    GtkWidget *row = stage_find(scene->panel, is_row_of, key);

    assert_non_null(row);
    return qtr_key_row_get_control(QTR_KEY_ROW(row));
}

static gboolean has_title(GtkWidget *widget, gconstpointer title)
{
    return QTR_IS_PRIMITIVE_LIST(widget) &&
           strcmp(adw_preferences_row_get_title(ADW_PREFERENCES_ROW(widget)), title) == 0;
}

static GtkWidget *check_of(const Scene *scene, const char *block, const char *primitive)
{
    GtkWidget *list = stage_find(scene->panel, has_title, block);

    assert_non_null(list);
    adw_expander_row_set_expanded(ADW_EXPANDER_ROW(list), TRUE);
    stage_settle(0.2);
    return qtr_primitive_list_get_check(QTR_PRIMITIVE_LIST(list), primitive);
}

static void assert_value(const Scene *scene, const char *key, const char *expected)
{
    g_autofree char *value = NULL;

    stage_settle(0.1);
    value = qtr_document_get_value(scene->document, key);
    assert_string_equal(value, expected);
}

static void test_layers_and_figures(void **state)
{
    Scene scene = open_scene(1180, 800, FALSE);
    const QtrDrawing *drawing;
    GtkWidget *view = stage_find_type(scene.panel, QTR_TYPE_SUPERNET_VIEW);

    assert_true(stage_reads(scene.panel, "29.9 GBitOps"));
    assert_true(stage_reads(scene.panel, "2.0 × 10<sup>7</sup>"));
    drawing = qtr_supernet_view_get(QTR_SUPERNET_VIEW(view));
    hand_enter(control(&scene, "arch.body_cells"), "5");
    assert_value(&scene, "arch.body_cells", "5");
    assert_false(stage_reads(scene.panel, "29.9 GBitOps"));
    assert_ptr_not_equal(qtr_supernet_view_get(QTR_SUPERNET_VIEW(view)), drawing);
    hand_enter(control(&scene, "arch.scale"), "2");
    assert_value(&scene, "arch.scale", "2");
    assert_value(&scene, "dataset.scale", "2");
    assert_null(qtr_document_find_problem(scene.document, NULL));
    scene_close(&scene);
}

static gboolean is_ticked(gpointer check)
{
    return gtk_check_button_get_active(check);
}

static void test_primitives_and_undo(void **state)
{
    Scene scene = open_scene(1180, 800, FALSE);
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(qtr_document_get_buffer(scene.document));
    GtkWidget *check = check_of(&scene, "Skip", "simple_5x5");
    const char *before = "[simple_1x1, simple_3x3, simple_5x5]";

    assert_true(gtk_check_button_get_active(GTK_CHECK_BUTTON(check)));
    hand_click(check);
    assert_value(&scene, "arch.primitives.skip", "[simple_1x1, simple_3x3]");
    hand_click(check_of(&scene, "Skip", "growth2_3x3"));
    assert_value(&scene, "arch.primitives.skip", "[simple_1x1, simple_3x3, growth2_3x3]");
    gtk_text_buffer_undo(buffer);
    gtk_text_buffer_undo(buffer);
    assert_value(&scene, "arch.primitives.skip", before);
    assert_true(stage_wait(is_ticked, check, 10));
    gtk_text_buffer_redo(buffer);
    assert_value(&scene, "arch.primitives.skip", "[simple_1x1, simple_3x3]");
    /* 36 channels to 3: what keeps the channels cannot stand there. */
    check = check_of(&scene, "Head", "skip_connect");
    assert_false(gtk_widget_is_sensitive(check));
    scene_close(&scene);
}

static gboolean is_bits_button(GtkWidget *widget, gconstpointer label)
{
    return GTK_IS_TOGGLE_BUTTON(widget) &&
           g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), label) == 0;
}

static void test_bits(void **state)
{
    Scene scene = open_scene(1180, 800, FALSE);
    GtkWidget *two = stage_find(scene.panel, is_bits_button, "2");
    GtkWidget *eight = stage_find(scene.panel, is_bits_button, "8");
    GtkWidget *four = stage_find(scene.panel, is_bits_button, "4");

    hand_click(two);
    assert_value(&scene, "arch.bits", "[8, 4, 2]");
    hand_click(eight);
    assert_value(&scene, "arch.bits", "[4, 2]");
    hand_click(two);
    hand_click(four);
    stage_settle(0.1);
    assert_non_null(qtr_document_find_problem(scene.document, "arch.bits"));
    assert_true(stage_reads(scene.panel, "arch.bits"));
    scene_close(&scene);
}

static gboolean is_presets(GtkWidget *widget, gconstpointer unused)
{
    return GTK_IS_MENU_BUTTON(widget) &&
           g_strcmp0(gtk_menu_button_get_label(GTK_MENU_BUTTON(widget)), "_Presets") == 0;
}

static void test_preset(void **state)
{
    Scene scene = open_scene(1180, 800, FALSE);
    g_autofree char *text = NULL;

    hand_choose(stage_find(scene.panel, is_presets, NULL), "Paper: full precision");
    assert_value(&scene, "arch.bits", "[32]");
    assert_value(&scene, "arch.skip_mode", "True");
    assert_value(&scene, "search.quant_noise", "True"); /* not of the search space */
    text = qtr_document_get_text(scene.document);
    assert_non_null(strstr(text, "# what each layer chooses from"));
    gtk_text_buffer_undo(GTK_TEXT_BUFFER(qtr_document_get_buffer(scene.document)));
    assert_value(&scene, "arch.bits", "[8, 4]");
    assert_value(&scene, "arch.skip_mode", "False");
    scene_close(&scene);
}

static void test_broken_text(void **state)
{
    Scene scene = open_scene(1000, 700, FALSE);
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(qtr_document_get_buffer(scene.document));
    GtkWidget *spin = control(&scene, "arch.body_cells");

    gtk_text_buffer_insert_at_cursor(buffer, "[", 1);
    stage_settle(0.1);
    assert_null(qtr_document_get_config(scene.document));
    assert_false(gtk_widget_is_sensitive(spin));
    assert_true(stage_reads(scene.panel, "not valid YAML"));
    gtk_text_buffer_undo(buffer);
    stage_settle(0.1);
    assert_true(gtk_widget_is_sensitive(spin));
    assert_false(stage_reads(scene.panel, "not valid YAML"));
    scene_close(&scene);
}

/* Waits for a file "go", then answers as `space --measure` does; with "fail" in it, as on failure.
 */
static const char measuring_program[] =
    "#!/bin/sh\n"
    "here=$(dirname \"$0\")\n"
    "echo \"$@\" >>\"$here/calls\"\n"
    "until test -e \"$here/go\"; do sleep 0.05; done\n"
    "if grep -q fail \"$here/go\"; then\n"
    "  echo '{\"type\":\"error\",\"message\":\"the supernet needs 9 GiB; lower "
    "dataset.batch_size\"}'\n"
    "  exit 1\n"
    "fi\n"
    "echo '{\"type\":\"result\",\"measured\":{\"device\":\"Test GPU\",\"memory\":1610612736,"
    "\"compile_seconds\":3,\"step_seconds\":0.25,\"warm_up_step_seconds\":0.1,"
    "\"evaluation_seconds\":0.05,\"images\":800,\"epoch_steps\":300,\"epoch_seconds\":95.2,"
    "\"search_seconds\":1900}}'\n";

typedef struct {
    char *folder, *go, *calls;
} Bench;

static Bench open_bench(void)
{
    Bench bench = {.folder = fake_dir_make()};
    g_autofree char *program = g_build_filename(bench.folder, "program", NULL);

    bench.go = g_build_filename(bench.folder, "go", NULL);
    bench.calls = g_build_filename(bench.folder, "calls", NULL);
    assert_true(g_file_set_contents(program, measuring_program, -1, NULL));
    assert_int_equal(g_chmod(program, 0755), 0);
    g_setenv("QUANTOASTER_PROGRAM", program, TRUE);
    return bench;
}

static void close_bench(Bench *bench)
{
    g_unsetenv("QUANTOASTER_PROGRAM");
    g_free(bench->go);
    g_free(bench->calls);
    fake_dir_remove(bench->folder);
}

static guint count_calls(const Bench *bench)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(bench->calls, &text, NULL, NULL))
        return 0;
    lines = g_strsplit(text, "space --json --measure -c ", -1);
    return g_strv_length(lines) - 1;
}

static gboolean was_asked(gpointer bench)
{
    return count_calls(bench) > 0;
}

static GtkWidget *shown_button(const Scene *scene, const char *action)
{
    GtkWidget *button = stage_find(scene->panel, stage_has_action, action);

    assert_non_null(button);
    return gtk_widget_get_mapped(button) ? button : NULL;
}

static gboolean is_measured(gpointer scene)
{
    return shown_button(scene, "space.cancel") == NULL;
}

static void test_measuring(void **state)
{
    Bench bench = open_bench();
    Scene scene = open_scene(1180, 800, FALSE);

    hand_click(shown_button(&scene, "space.measure"));
    assert_true(stage_wait(was_asked, &bench, 10));
    assert_null(shown_button(&scene, "space.measure"));
    stage_shot(scene.window, "space-measuring");
    assert_true(g_file_set_contents(bench.go, "", -1, NULL));
    assert_true(stage_wait(is_measured, &scene, 10));
    stage_settle(0.2);
    assert_true(stage_reads(scene.panel, "1 min 35 s"));
    assert_true(stage_reads(scene.panel, "1.5\xc2\xa0GiB"));
    stage_shot(scene.window, "space-measured");
    /* Of another configuration nothing is known; undone, it is known again. */
    hand_enter(control(&scene, "arch.body_cells"), "5");
    stage_settle(0.2);
    assert_false(stage_reads(scene.panel, "1 min 35 s"));
    gtk_text_buffer_undo(GTK_TEXT_BUFFER(qtr_document_get_buffer(scene.document)));
    stage_settle(0.2);
    assert_true(stage_reads(scene.panel, "1 min 35 s"));
    assert_int_equal(count_calls(&bench), 1);
    scene_close(&scene);
    close_bench(&bench);
}

static gboolean can_measure(gpointer scene)
{
    return gtk_widget_is_sensitive(shown_button(scene, "space.measure"));
}

static gboolean cannot_measure(gpointer scene)
{
    return !can_measure(scene);
}

static void test_measuring_fails_and_is_cancelled(void **state)
{
    Bench bench = open_bench();
    Scene scene = open_scene(1180, 800, FALSE);
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(qtr_document_get_buffer(scene.document));

    hand_click(shown_button(&scene, "space.measure"));
    assert_true(stage_wait(was_asked, &bench, 10));
    hand_click(shown_button(&scene, "space.cancel"));
    assert_true(is_measured(&scene));
    assert_true(g_file_set_contents(bench.go, "fail", -1, NULL));
    hand_click(shown_button(&scene, "space.measure"));
    assert_true(stage_wait(is_measured, &scene, 10));
    stage_settle(0.2);
    assert_true(stage_reads(scene.panel, "the supernet needs 9 GiB; lower dataset.batch_size"));
    assert_int_equal(count_calls(&bench), 2);
    gtk_text_buffer_insert_at_cursor(buffer, "[", 1);
    assert_true(stage_wait(cannot_measure, &scene, 10));
    assert_false(stage_reads(scene.panel, "9 GiB"));
    gtk_text_buffer_undo(buffer);
    assert_true(stage_wait(can_measure, &scene, 10));
    /* Closed while it measures. */
    assert_int_equal(g_unlink(bench.go), 0);
    hand_click(shown_button(&scene, "space.measure"));
    scene_close(&scene);
    close_bench(&bench);
}

static void test_pictures(void **state)
{
    static const struct {
        const char *name;
        int width, height;
        gboolean dark;
    } shots[] = {
        {"space-light", 1180, 800, FALSE},
        {"space-dark", 1180, 800, TRUE},
        {"space-narrow", 360, 700, FALSE},
        {"space-wide", 2560, 1300, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(shots); i++) {
        Scene scene = open_scene(shots[i].width, shots[i].height, shots[i].dark);

        (void)check_of(&scene, "Body", "simple_3x3");
        scene_picture(&scene, shots[i].width, shots[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers_and_figures),
        cmocka_unit_test(test_primitives_and_undo),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_preset),
        cmocka_unit_test(test_broken_text),
        cmocka_unit_test(test_measuring),
        cmocka_unit_test(test_measuring_fails_and_is_cancelled),
        cmocka_unit_test(test_pictures),
    };

    if (!stage_init())
        return 77;
    gtk_icon_theme_add_resource_path(gtk_icon_theme_get_for_display(gdk_display_get_default()),
                                     "/io/github/quantoaster/QuanToaster/icons");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
