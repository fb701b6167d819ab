/* Pictures of every panel over real runs, for README and the eye:
 * pictures [--dark] [--size WxH] [--font FACTOR] RUNS_FOLDER BATCH CONFIG. They go to
 * QTR_SCREENSHOTS. */
#include "hand.h"
#include "qtr-application.h"
#include "qtr-batch-panel.h"
#include "qtr-build-config.h"
#include "qtr-images-panel.h"
#include "qtr-pareto.h"
#include "qtr-results-panel.h"
#include "qtr-results-table.h"
#include "qtr-window.h"
#include "stage.h"

#include "run/folder.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka needs the headers above */
#include <cmocka.h>

typedef struct {
    const char *runs, *batch, *config;
    gboolean dark;
    int width, height;
    double font;
    QtrApplication *application;
    GtkWidget *window;
} Tour;

static QtrPanel *panel(Tour *tour, const char *name)
{
    return qtr_window_get_panel(QTR_WINDOW(tour->window), name);
}

static void shoot(Tour *tour, const char *name)
{
    g_autofree char *file = g_strdup_printf("%s%s", name, tour->dark ? "-dark" : "");

    stage_settle(1);
    stage_shot(GTK_WINDOW(tour->window), file);
}

/* Of panels that scroll, more. */
static void shoot_tall(Tour *tour, const char *name)
{
    stage_resize(GTK_WINDOW(tour->window), tour->width, tour->height * 3 / 2);
    shoot(tour, name);
    stage_resize(GTK_WINDOW(tour->window), tour->width, tour->height);
}

static void show_panel(Tour *tour, const char *name)
{
    gtk_widget_activate_action(tour->window, "win.show-panel", "s", name);
    stage_settle(0.5);
}

static void open_window(Tour *tour)
{
    GSettings *settings;
    GFile *config = g_file_new_for_path(tour->config);

    tour->application = qtr_application_new();
    g_application_set_flags(G_APPLICATION(tour->application),
                            G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);
    assert_true(g_application_register(G_APPLICATION(tour->application), NULL, NULL));
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
                                       tour->dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                  : ADW_COLOR_SCHEME_FORCE_LIGHT);
    g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", (int)(96 * 1024 * tour->font), NULL);
    settings = qtr_application_get_settings(tour->application);
    g_settings_set_string(settings, "runs-folder", tour->runs);
    g_settings_set_boolean(settings, "runs-give-way", FALSE); /* it is waited for */
    g_settings_set_int(settings, "window-width", tour->width);
    g_settings_set_int(settings, "window-height", tour->height);
    g_application_activate(G_APPLICATION(tour->application));
    tour->window =
        GTK_WIDGET(gtk_application_get_active_window(GTK_APPLICATION(tour->application)));
    stage_settle(2);
    shoot(tour, "welcome");
    g_application_open(G_APPLICATION(tour->application), &config, 1, "");
    stage_settle(1);
    g_object_unref(config);
}

static gboolean is_measured(gpointer tour)
{
    GtkWidget *cancel =
        stage_find(GTK_WIDGET(panel(tour, "space")), stage_has_action, "space.cancel");

    return !gtk_widget_get_visible(cancel);
}

static void shoot_editors(Tour *tour)
{
    show_panel(tour, "space");
    gtk_widget_activate_action(GTK_WIDGET(panel(tour, "space")), "space.measure", NULL);
    assert_true(stage_wait(is_measured, tour, 240));
    shoot(tour, "space");
    show_panel(tour, "config");
    shoot(tour, "config");
    show_panel(tour, "batch");
    shoot(tour, "batch-new");
}

static gboolean has_trials(gpointer tour)
{
    QtrBatchModel *model = qtr_batch_panel_get_model(QTR_BATCH_PANEL(panel(tour, "batch")));

    return g_list_model_get_n_items(G_LIST_MODEL(model)) > 0;
}

static void shoot_batch(Tour *tour)
{
    g_autofree char *dir = g_build_filename(tour->runs, tour->batch, NULL);

    qtr_batch_panel_open(QTR_BATCH_PANEL(panel(tour, "batch")), dir);
    assert_true(stage_wait(has_trials, tour, 10));
    shoot(tour, "batch");
}

static gboolean has_points(gpointer pareto)
{
    return qtr_pareto_count(pareto) > 0;
}

/* The best by PSNR of those shown; a reference. */
static QtrRunItem *find_best(Tour *tour)
{
    GtkWidget *table = stage_find_type(GTK_WIDGET(panel(tour, "results")), QTR_TYPE_RESULTS_TABLE);
    GListModel *shown = qtr_results_table_get_shown(QTR_RESULTS_TABLE(table));
    QtrRunItem *best = NULL;
    double psnr = 0;

    for (guint i = 0; i < g_list_model_get_n_items(shown); i++) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(shown, i);
        const GPtrArray *rows = qtr_run_item_get_snapshot(item)->rows;
        const QtrValidationRow *row = rows->len ? g_ptr_array_index(rows, 0) : NULL;

        if (!row || !(row->psnr > psnr))
            continue;
        psnr = row->psnr;
        g_set_object(&best, item);
    }
    assert_non_null(best);
    return best;
}

static QtrRunItem *shoot_results(Tour *tour)
{
    GtkWidget *results = GTK_WIDGET(panel(tour, "results"));
    GtkWidget *table = stage_find_type(results, QTR_TYPE_RESULTS_TABLE);
    GtkColumnView *view = qtr_results_table_get_view(QTR_RESULTS_TABLE(table));
    g_autoptr(GtkColumnViewColumn) psnr =
        g_list_model_get_item(gtk_column_view_get_columns(view), 4);
    QtrRunItem *best;

    show_panel(tour, "results");
    assert_true(stage_wait(has_points, stage_find_type(results, QTR_TYPE_PARETO), 20));
    gtk_column_view_sort_by_column(view, psnr, GTK_SORT_DESCENDING);
    best = find_best(tour);
    qtr_results_table_select(QTR_RESULTS_TABLE(table), best);
    stage_settle(1);
    shoot_tall(tour, "results");
    return best;
}

/* Searches have the most to show. */
static void shoot_monitor(Tour *tour, QtrRunItem *best)
{
    g_autofree char *dir = g_strdup(qtr_run_item_get_snapshot(best)->dir);
    g_autofree char *parent = g_path_get_dirname(dir);
    g_autofree char *leaf = g_path_get_basename(dir);
    g_autofree char *search = g_str_has_prefix(leaf, "TUNE_")
                                  ? g_strdup_printf("%s/SEARCH_%s", parent, leaf + strlen("TUNE_"))
                                  : g_strdup(dir);

    gtk_widget_activate_action(tour->window, "win.show-run", "s", search);
    stage_settle(2);
    shoot_tall(tour, "monitor");
}

static gboolean is_compared(gpointer comparison)
{
    return !isnan(qtr_comparison_get_quality(comparison, QTR_SLOT_A, FALSE).psnr) &&
           !qtr_comparison_is_busy(comparison);
}

static gboolean has_title(GtkWidget *widget, gconstpointer title)
{
    return ADW_IS_COMBO_ROW(widget) &&
           g_strcmp0(adw_preferences_row_get_title(ADW_PREFERENCES_ROW(widget)), title) == 0;
}

static void shoot_images(Tour *tour, QtrRunItem *best)
{
    QtrImagesPanel *images = QTR_IMAGES_PANEL(panel(tour, "images"));
    const char *dir = qtr_run_item_get_snapshot(best)->dir;
    g_autofree char *lr = g_build_filename(dir, "images", "demo", "cat_LR.png", NULL);
    g_autofree char *hr = g_build_filename(dir, "images", "demo", "cat_HR.png", NULL);

    GtkWidget *left = stage_find(GTK_WIDGET(images), has_title, "_Left");

    show_panel(tour, "images");
    shoot(tour, "images-empty");
    qtr_images_panel_open(images, dir, lr, hr);
    assert_true(stage_wait(is_compared, qtr_images_panel_get_comparison(images), 30));
    if (left)
        adw_combo_row_set_selected(ADW_COMBO_ROW(left), QTR_SLOT_NEAREST);
    shoot(tour, "images");
}

int main(int argc, char **argv)
{
    Tour tour = {.width = 1240, .height = 860, .font = 1};
    g_autofree char *size = NULL;
    gboolean dark = FALSE;
    const GOptionEntry entries[] = {
        {"dark", 0, 0, G_OPTION_ARG_NONE, &dark, NULL, NULL},
        {"size", 0, 0, G_OPTION_ARG_STRING, &size, NULL, NULL},
        {"font", 0, 0, G_OPTION_ARG_DOUBLE, &tour.font, NULL, NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("RUNS_FOLDER BATCH CONFIG");
    const char *locales = g_getenv("QTR_LOCALES");
    QtrRunItem *best;

    (void)setlocale(LC_ALL, "");
    if (locales)
        (void)bindtextdomain("quantoaster", locales);
    (void)bind_textdomain_codeset("quantoaster", "UTF-8");
    (void)textdomain("quantoaster");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL) || argc != 4 ||
        (size && sscanf(size, "%dx%d", &tour.width, &tour.height) != 2) || !stage_init()) {
        (void)fprintf(stderr,
                      "usage: pictures [--dark] [--size WxH] [--font X] RUNS BATCH CONFIG\n");
        return 2;
    }
    tour.dark = dark;
    tour.runs = argv[1];
    tour.batch = argv[2];
    tour.config = argv[3];
    open_window(&tour);
    shoot_editors(&tour);
    shoot_batch(&tour);
    best = shoot_results(&tour);
    shoot_monitor(&tour, best);
    shoot_images(&tour, best);
    g_object_unref(best);
    gtk_window_destroy(GTK_WINDOW(tour.window));
    return 0;
}
