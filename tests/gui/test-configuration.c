/* The panel of the configuration: form and text say the same, comments stay, errors have a line. */
#include "hand.h"
#include "qtr-config-panel.h"
#include "scene.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static Scene open_scene(const char *text, int width, int height, gboolean dark)
{
    QtrDocument *document = qtr_document_new();

    if (text)
        qtr_document_set_text(document, text, NULL);
    return scene_open(QTR_TYPE_CONFIG_PANEL, document, width, height, dark);
}

static GtkWidget *control(const Scene *scene, const char *key)
{
    QtrKeyRow *row = qtr_config_panel_get_row(QTR_CONFIG_PANEL(scene->panel), key);

    assert_non_null(row);
    return qtr_key_row_get_control(row);
}

static void assert_text(const Scene *scene, const char *expected)
{
    g_autofree char *text = qtr_document_get_text(scene->document);

    assert_string_equal(text, expected);
}

static void test_form_edits_text(void **state)
{
    Scene scene = open_scene("# mine\nsearch:\n  penalty: 0.001 # strong\n  optimizer: adam\n",
                             1100, 700, FALSE);

    hand_enter(control(&scene, "search.penalty"), "2e-3");
    stage_settle(0.7); /* as after typing */
    assert_text(&scene, "# mine\nsearch:\n  penalty: 2e-3 # strong\n  optimizer: adam\n");
    hand_click(control(&scene, "search.quant_noise"));
    hand_choose(control(&scene, "search.optimizer"), "sgd");
    hand_enter(control(&scene, "train.epochs"), "7");
    assert_text(&scene, "# mine\nsearch:\n  penalty: 2e-3 # strong\n  optimizer: sgd\n"
                        "  quant_noise: True\ntrain:\n  epochs: 7\n");
    hand_enter(control(&scene, "env.run_name"), "my run: #1");
    stage_settle(0.7);
    assert_null(qtr_document_find_problem(scene.document, NULL));
    assert_string_equal(qtr_document_get_config(scene.document)->env.run_name, "my run: #1");
    scene_close(&scene);
}

static void test_text_edits_form(void **state)
{
    Scene scene = open_scene("search:\n  epochs: 3\n", 1100, 700, FALSE);
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(qtr_document_get_buffer(scene.document));
    GtkSpinButton *epochs = GTK_SPIN_BUTTON(control(&scene, "search.epochs"));
    GtkTextIter start, end;

    assert_int_equal(gtk_spin_button_get_value_as_int(epochs), 3);
    gtk_text_buffer_get_iter_at_line_offset(buffer, &start, 1, 10);
    gtk_text_buffer_get_end_iter(buffer, &end);
    gtk_text_buffer_begin_user_action(buffer);
    gtk_text_buffer_delete(buffer, &start, &end);
    gtk_text_buffer_insert(buffer, &start, "44\n  w_lr: 5e-4\n", -1);
    gtk_text_buffer_end_user_action(buffer);
    stage_settle(0.1);
    assert_int_equal(gtk_spin_button_get_value_as_int(epochs), 44);
    assert_string_equal(gtk_editable_get_text(GTK_EDITABLE(control(&scene, "search.w_lr"))),
                        "0.0005");
    gtk_text_buffer_undo(buffer);
    stage_settle(0.1);
    assert_int_equal(gtk_spin_button_get_value_as_int(epochs), 3);
    scene_close(&scene);
}

static void test_errors(void **state)
{
    Scene scene =
        open_scene("search:\n  epochs: 3\n  penalti: 1\ntrain:\n  lr: fast\n", 1100, 700, FALSE);
    QtrYamlView *yaml = qtr_config_panel_get_yaml(QTR_CONFIG_PANEL(scene.panel));
    GtkSourceBuffer *buffer = qtr_document_get_buffer(scene.document);
    GtkListBoxRow *row;
    GSList *marks;

    stage_settle(0.4);
    assert_true(stage_reads(scene.panel, "Line 3: search.penalti: unknown key; did you mean"));
    assert_true(stage_reads(scene.panel, "Line 5: train.lr:"));
    marks = gtk_source_buffer_get_source_marks_at_line(buffer, 2, "error");
    assert_int_equal(g_slist_length(marks), 1);
    g_slist_free(marks);
    row = gtk_list_box_get_row_at_index(qtr_yaml_view_get_problem_list(yaml), 1);
    hand_click(GTK_WIDGET(row));
    {
        GtkTextIter at;

        gtk_text_buffer_get_iter_at_mark(GTK_TEXT_BUFFER(buffer), &at,
                                         gtk_text_buffer_get_insert(GTK_TEXT_BUFFER(buffer)));
        assert_int_equal(gtk_text_iter_get_line(&at), 4);
    }
    /* The other keys can be edited all the same. */
    hand_enter(control(&scene, "search.epochs"), "9");
    assert_int_equal(qtr_document_get_config(scene.document)->search.epochs, 9);
    stage_settle(0.4);
    stage_shot(scene.window, "config-errors");
    hand_enter(control(&scene, "train.lr"), "0.01");
    stage_settle(0.7);
    assert_null(qtr_document_find_problem(scene.document, "train.lr"));
    scene_close(&scene);
}

static void test_not_a_number(void **state)
{
    Scene scene = open_scene("train:\n  lr: 0.5\n", 1100, 700, FALSE);

    hand_enter(control(&scene, "train.lr"), "[ # {");
    stage_settle(0.7);
    assert_non_null(qtr_document_find_problem(scene.document, "train.lr"));
    assert_non_null(qtr_document_get_config(scene.document));
    scene_close(&scene);
}

static void test_files(void **state)
{
    Scene scene = open_scene("search:\n  epochs: 3\n", 1100, 700, FALSE);
    g_autofree char *folder = g_dir_make_tmp("quantoaster-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a b.yaml", NULL);
    g_autofree char *none = qtr_config_panel_command(QTR_CONFIG_PANEL(scene.panel));
    g_autofree char *command = NULL, *expected = NULL, *text = NULL;
    g_autoptr(GError) error = NULL;

    assert_null(none);
    assert_true(qtr_document_save(scene.document, path, NULL));
    assert_false(qtr_document_is_modified(scene.document));
    hand_enter(control(&scene, "search.epochs"), "4");
    assert_true(qtr_document_is_modified(scene.document));
    command = qtr_config_panel_command(QTR_CONFIG_PANEL(scene.panel));
    expected = g_strdup_printf("quantoaster run -c '%s' --set 'search.epochs=4'", path);
    assert_string_equal(command, expected);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "search:\n  epochs: 3\n");
    assert_false(qtr_document_is_outdated(scene.document));
    assert_true(g_file_set_contents(path, "search:\n  epochs: 5\n", -1, NULL));
    assert_true(qtr_document_is_outdated(scene.document));
    assert_false(qtr_document_save(scene.document, "/nonexistent/x.yaml", &error));
    assert_non_null(error);
    assert_true(qtr_document_is_modified(scene.document));
    (void)g_unlink(path);
    (void)g_rmdir(folder);
    scene_close(&scene);
}

static void test_foreign_files(void **state)
{
    g_autoptr(QtrDocument) document = qtr_document_new();
    g_autofree char *before = qtr_document_get_text(document), *after = NULL;
    g_autoptr(GError) error = NULL;

    assert_false(qtr_document_load(document, "/proc/self/exe", &error));
    assert_non_null(error);
    after = qtr_document_get_text(document);
    assert_string_equal(before, after);
}

static void test_pictures(void **state)
{
    static const struct {
        const char *name;
        int width, height;
        gboolean dark;
    } shots[] = {
        {"config-light", 1180, 800, FALSE},
        {"config-dark", 1180, 800, TRUE},
        {"config-narrow", 360, 700, FALSE},
        {"config-wide", 2560, 1300, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(shots); i++) {
        Scene scene = open_scene(NULL, shots[i].width, shots[i].height, shots[i].dark);

        scene_picture(&scene, shots[i].width, shots[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form_edits_text), cmocka_unit_test(test_text_edits_form),
        cmocka_unit_test(test_errors),          cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_files),           cmocka_unit_test(test_foreign_files),
        cmocka_unit_test(test_pictures),
    };

    if (!stage_init())
        return 77;
    gtk_icon_theme_add_resource_path(gtk_icon_theme_get_for_display(gdk_display_get_default()),
                                     "/io/github/quantoaster/QuanToaster/icons");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
