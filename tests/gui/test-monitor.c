#include "fake-run.h"
#include "qtr-chart.h"
#include "qtr-choice-columns.h"
#include "qtr-heat-map.h"
#include "qtr-monitor-panel.h"
#include "qtr-run-builder.h"
#include "stage.h"

#include "cli/stop.h"
#include "run/folder.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static gboolean is_read(gpointer panel)
{
    QtrRunFolder *run = qtr_monitor_panel_get_run(panel);

    return run && qtr_run_folder_get_snapshot(run);
}

static QtrRunSnapshot *snapshot_of(gpointer panel)
{
    return qtr_run_folder_get_snapshot(qtr_monitor_panel_get_run(panel));
}

static QtrPanel *new_panel(void)
{
    return g_object_new(QTR_TYPE_MONITOR_PANEL, NULL);
}

static void show(QtrPanel *panel, const char *dir)
{
    qtr_panel_show_run(panel, dir);
    assert_true(stage_wait(is_read, panel, 10));
    stage_settle(0.3);
}

static void test_empty(void **state)
{
    QtrPanel *panel = new_panel();
    GtkWindow *window = stage_show(GTK_WIDGET(panel), 700, 500, FALSE);

    assert_true(stage_reads(GTK_WIDGET(panel), "No Run Shown"));
    assert_non_null(stage_find(GTK_WIDGET(panel), stage_has_action, "monitor.open"));
    stage_shot(window, "monitor-empty");
    stage_close(window, GTK_WIDGET(panel));
}

static gboolean has_loss(GtkWidget *widget, gconstpointer title)
{
    g_autofree char *text = NULL;

    if (!QTR_IS_CHART(widget) || !gtk_widget_get_mapped(widget))
        return FALSE;
    g_object_get(widget, "title", &text, NULL);
    return g_strcmp0(text, title) == 0;
}

/* Down the panel, to the heat map. */
static void scroll_to_alphas(QtrPanel *panel)
{
    GtkWidget *map = stage_find_type(GTK_WIDGET(panel), QTR_TYPE_HEAT_MAP);
    GtkWidget *inner = gtk_widget_get_ancestor(map, GTK_TYPE_SCROLLED_WINDOW);
    GtkWidget *outer =
        gtk_widget_get_ancestor(gtk_widget_get_parent(inner), GTK_TYPE_SCROLLED_WINDOW);
    GtkAdjustment *place = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(outer));
    double y;

    assert_true(gtk_widget_translate_coordinates(map, outer, 0, 0, NULL, &y));
    gtk_adjustment_set_value(place, gtk_adjustment_get_value(place) + y - 250);
    stage_settle(0.3);
}

static void test_finished_run(void **state)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = fake_run_make(parent, "RUN_demo-2026-01-01-120000", &fake);
    QtrPanel *panel = new_panel();
    GtkWindow *window = stage_show(GTK_WIDGET(panel), 1280, 900, FALSE);
    GtkWidget *chart, *map;

    show(panel, dir);
    assert_true(stage_reads(GTK_WIDGET(panel), "Done"));
    assert_true(stage_reads(GTK_WIDGET(panel), "Set14"));
    assert_true(stage_reads(GTK_WIDGET(panel), "27.10 dB"));
    chart = stage_find(GTK_WIDGET(panel), has_loss, "Loss of the Search");
    assert_non_null(chart);
    assert_non_null(stage_find(GTK_WIDGET(panel), has_loss, "PSNR in Training"));
    map = stage_find_type(GTK_WIDGET(panel), QTR_TYPE_HEAT_MAP);
    qtr_heat_map_set_layer(QTR_HEAT_MAP(map), 2);
    stage_settle(0.1);
    assert_non_null(stage_find(GTK_WIDGET(panel), has_loss, "Alphas of body 1"));
    assert_false(
        gtk_widget_get_mapped(stage_find(GTK_WIDGET(panel), stage_has_action, "monitor.stop")));
    stage_shot(window, "monitor-light");
    stage_resize(window, 1280, 2400);
    stage_shot(window, "monitor-light-whole");
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
                                       ADW_COLOR_SCHEME_FORCE_DARK);
    stage_settle(0.3);
    stage_shot(window, "monitor-dark");
    stage_close(window, GTK_WIDGET(panel));
    window = stage_show(GTK_WIDGET(panel = new_panel()), 360, 1600, FALSE);
    show(panel, dir);
    assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= 360);
    stage_shot(window, "monitor-narrow");
    scroll_to_alphas(panel);
    stage_shot(window, "monitor-narrow-alphas");
    stage_close(window, GTK_WIDGET(panel));
    fake_dir_remove(parent);
}

/* Every choice of every layer has a column of its name and bits, and no other layer's. */
static void test_columns(void **state)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = fake_run_make(parent, "RUN_demo", &fake);
    g_autoptr(QtrRunSnapshot) s = qtr_run_snapshot_load(dir);
    QtrChoiceColumns *columns = qtr_choice_columns_new(s->space);
    guint bits = s->space->bits->len;

    assert_string_equal(qtr_choice_columns_name(columns, 0), "simple_3x3");
    assert_int_equal(qtr_choice_columns_count(columns),
                     qtr_choice_columns_primitives(columns) * bits);
    for (guint i = 0; i < s->space->layers->len; i++) {
        const QtrRunLayer *layer = &g_array_index(s->space->layers, QtrRunLayer, i);
        guint found = 0;

        for (guint c = 0; c < qtr_choice_columns_count(columns); c++) {
            guint choice = qtr_choice_columns_choice(columns, i, c);

            if (choice == G_MAXUINT)
                continue;
            found++;
            assert_int_equal(qtr_choice_columns_column(columns, i, choice), c);
            assert_string_equal(qtr_choice_columns_name(columns, c / bits),
                                layer->primitives[choice / bits]);
            assert_int_equal(qtr_choice_columns_bits(columns, c),
                             g_array_index(s->space->bits, int, choice % bits));
        }
        assert_int_equal(found, layer->n_primitives * bits);
    }
    qtr_choice_columns_free(columns);
    fake_dir_remove(parent);
}

static gboolean has_step_7(gpointer panel)
{
    return snapshot_of(panel)->step == 7;
}

static gboolean is_missing(gpointer panel)
{
    return snapshot_of(panel)->missing;
}

static void test_live_run(void **state)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = NULL;
    QtrPanel *panel = new_panel();
    GtkWindow *window = stage_show(GTK_WIDGET(panel), 900, 700, FALSE);
    double begun;

    fake.train_epochs = 0;
    fake.psnr = NAN;
    fake.state = NULL;
    dir = fake_run_make(parent, "RUN_live", &fake);
    show(panel, dir);
    /* This process wrote it, and lives. */
    assert_int_equal(snapshot_of(panel)->state, QTR_RUN_RUNNING);
    assert_true(
        gtk_widget_get_mapped(stage_find(GTK_WIDGET(panel), stage_has_action, "monitor.stop")));
    begun = snapshot_of(panel)->begun;
    fake_run_add_step(dir, 12, 7, NAN);
    assert_true(stage_wait(has_step_7, panel, 10));
    assert_true(begun == snapshot_of(panel)->begun);
    stage_settle(0.1);
    assert_true(stage_reads(GTK_WIDGET(panel), "NaN"));
    stage_shot(window, "monitor-live");
    fake_dir_remove(g_strdup(dir));
    assert_true(stage_wait(is_missing, panel, 10));
    stage_settle(0.1);
    assert_true(stage_reads(GTK_WIDGET(panel), "The folder is gone"));
    assert_true(qtr_series_length(snapshot_of(panel)->curves[QTR_RUN_SEARCH][QTR_CURVE_VAL_LOSS]) ==
                12);
    stage_close(window, GTK_WIDGET(panel));
    fake_dir_remove(parent);
}

static gboolean on_terminated(gpointer count)
{
    ++*(int *)count;
    return G_SOURCE_CONTINUE;
}

static gboolean is_counted(gpointer count)
{
    return *(int *)count > 0;
}

static GtkWidget *button(QtrPanel *panel, const char *action)
{
    return stage_find(GTK_WIDGET(panel), stage_has_action, action);
}

/* This process wrote the run, so it is the one asked to stop. */
static void test_stop(void **state)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = NULL;
    QtrPanel *panel = new_panel();
    GtkWindow *window = stage_show(GTK_WIDGET(panel), 900, 700, FALSE);
    int count = 0;
    guint source = g_unix_signal_add(SIGTERM, on_terminated, &count);

    fake.train_epochs = 0;
    fake.psnr = NAN;
    fake.state = NULL;
    dir = fake_run_make(parent, "RUN_live", &fake);
    show(panel, dir);
    assert_false(gtk_widget_get_mapped(button(panel, "monitor.resume")));
    stage_click(button(panel, "monitor.stop"));
    assert_true(stage_wait(is_counted, &count, 10));
    assert_int_equal(count, 1);
    g_source_remove(source);
    stage_close(window, GTK_WIDGET(panel));
    fake_dir_remove(parent);
}

static void warn(const char *dir, const char *message)
{
    QtrEvents *events = fake_run_open_events(dir);

    assert_true(qtr_events_warning(events, message, NULL));
    qtr_events_close(events);
}

/* The run's own answer to a signal tells that it will stop; no other warning does. */
static void test_stopping(void **state)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = NULL;
    g_autoptr(QtrRunSnapshot) before = NULL;
    g_autoptr(QtrRunSnapshot) after = NULL;

    fake.state = NULL;
    dir = fake_run_make(parent, "RUN_asked", &fake);
    warn(dir, "half of the images are too small");
    before = qtr_run_snapshot_load(dir);
    assert_false(before->stopping);
    warn(dir, QTR_STOP_WARNING "it was asked to");
    after = qtr_run_snapshot_load(dir);
    assert_true(after->stopping);
    fake_dir_remove(parent);
}

static gboolean was_called(gpointer parent)
{
    g_autofree char *calls = fake_program_calls(parent);

    return strchr(calls, '\n') != NULL;
}

/* What was stopped goes on from a checkpoint, and only with one. */
static void resume_from(QtrFolderItem item)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = NULL, *checkpoint = NULL, *calls = NULL, *expected = NULL;
    QtrPanel *panel = new_panel();
    GtkWindow *window = stage_show(GTK_WIDGET(panel), 900, 700, FALSE);

    fake.state = "cancelled";
    fake.psnr = NAN;
    dir = fake_run_make(parent, "RUN_stopped", &fake);
    fake_program_make(parent);
    show(panel, dir);
    assert_int_equal(snapshot_of(panel)->state, QTR_RUN_STOPPED);
    assert_false(gtk_widget_get_mapped(button(panel, "monitor.stop")));
    assert_false(gtk_widget_get_mapped(button(panel, "monitor.resume")));
    checkpoint = qtr_folder_path(dir, item);
    assert_true(g_file_set_contents(checkpoint, "x", 1, NULL));
    stage_close(window, GTK_WIDGET(panel));
    panel = new_panel();
    window = stage_show(GTK_WIDGET(panel), 900, 700, FALSE);
    show(panel, dir);
    stage_click(button(panel, "monitor.resume"));
    assert_true(stage_wait(was_called, parent, 10));
    calls = fake_program_calls(parent);
    expected = g_strdup_printf("--headless run -q --resume %s\n", dir);
    assert_string_equal(calls, expected);
    fake_program_forget();
    stage_close(window, GTK_WIDGET(panel));
    fake_dir_remove(parent);
}

static void test_resume(void **state)
{
    resume_from(QTR_FOLDER_CHECKPOINT);
}

/* Stopped before the training's first save. */
static void test_resume_behind_the_search(void **state)
{
    resume_from(QTR_FOLDER_SUPERNET_CHECKPOINT);
}

static void test_failed_run(void **state)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = NULL;
    g_autoptr(GError) failure = g_error_new(1, 1, "out of memory");
    QtrPanel *panel = new_panel();
    GtkWindow *window = stage_show(GTK_WIDGET(panel), 900, 700, FALSE);

    fake.state = "failed";
    fake.psnr = NAN;
    dir = fake_run_make(parent, "RUN_failed", &fake);
    assert_true(qtr_folder_write_failure(dir, failure, NULL));
    show(panel, dir);
    assert_true(stage_reads(GTK_WIDGET(panel), "lower dataset.batch_size"));
    assert_true(stage_reads(GTK_WIDGET(panel), "ERROR.txt"));
    stage_shot(window, "monitor-failed");
    stage_close(window, GTK_WIDGET(panel));
    fake_dir_remove(parent);
}

static void test_damaged_events(void **state)
{
    char *parent = fake_dir_make();
    g_autofree char *path = qtr_folder_path(parent, QTR_FOLDER_EVENTS);
    QtrPanel *panel = new_panel();
    GtkWindow *window = stage_show(GTK_WIDGET(panel), 900, 700, FALSE);

    assert_true(
        g_file_set_contents(path,
                            "not json\n"
                            "{\"seq\":1,\"time\":1,\"type\":\"epoch\",\"epoch\":-4,\"train_loss\":"
                            "\"x\",\"alphas\":[1]}\n"
                            "{\"seq\":2,\"time\":2,\"type\":\"space\",\"bits\":[],\"layers\":[]}\n"
                            "{\"seq\":3,\"time\":3,\"type\":\"unheard of\"}\n"
                            "{\"seq\":4,\"time\":4,\"type\":\"st",
                            -1, NULL));
    show(panel, parent);
    assert_int_equal(snapshot_of(panel)->skipped_lines, 1);
    assert_null(snapshot_of(panel)->space);
    assert_true(stage_reads(GTK_WIDGET(panel), "1 damaged line"));
    stage_close(window, GTK_WIDGET(panel));
    fake_dir_remove(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_finished_run),
        cmocka_unit_test(test_live_run),
        cmocka_unit_test(test_failed_run),
        cmocka_unit_test(test_damaged_events),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_resume_behind_the_search),
        cmocka_unit_test(test_stopping),
    };

    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
