/* How long the window is busy while two runs go and many events arrive, and whether its memory
 * grows: bench-monitor [SECONDS [EVENTS A MINUTE [CONFIGURATION]]], in real time. With a
 * configuration two searches of it run beside, started as the window starts runs;
 * QUANTOASTER_PROGRAM says by which quantoaster-gtk. */
#include "fake-run.h"
#include "frames.h"
#include "qtr-monitor-panel.h"
#include "qtr-process.h"
#include "qtr-rendering.h"
#include "stage.h"

#include "run/folder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define RUNS 2
#define TIMER_MS 4
#define START_SECONDS 300 /* most that the searches take to their first steps */

typedef struct {
    char *dir;
    double per_second;
    gint stop, count;
} Writer;

static double seconds_since(gint64 begun)
{
    return (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC;
}

static gpointer write_events(gpointer data)
{
    Writer *writer = data;
    g_autofree char *path = qtr_folder_path(writer->dir, QTR_FOLDER_EVENTS);
    g_autoptr(QtrEvents) events = qtr_events_open(path, NULL);

    gint64 begun = g_get_monotonic_time();

    for (guint i = 0; events && !g_atomic_int_get(&writer->stop); i++) {
        while (i > seconds_since(begun) * writer->per_second && !g_atomic_int_get(&writer->stop))
            g_usleep(2000);
        (void)qtr_events_step(events,
                              &(QtrEventStep){.phase = "search",
                                              .epoch = 12 + i / 1000,
                                              .step = i % 1000,
                                              .steps = 1000,
                                              .loss = 0.1 + 0.01 * sin(i),
                                              .alpha_loss = 0.1,
                                              .lr = 0.001,
                                              .eta = 60},
                              NULL);
        g_atomic_int_inc(&writer->count);
    }
    return NULL;
}

/* How much later than asked for the main loop gets to a timer: how long it was busy. */
typedef struct {
    gint64 last_call;
    Times *times;
} Lateness;

static gboolean on_timer(gpointer data)
{
    Lateness *late = data;
    gint64 now = g_get_monotonic_time();

    if (late->last_call)
        times_add(late->times, (double)(now - late->last_call) / 1000 - TIMER_MS);
    late->last_call = now;
    return G_SOURCE_CONTINUE;
}

/* Once a minute, or ten times. */
static void watch_memory(double seconds)
{
    double step = MIN(seconds / 10, 60);

    g_print("seconds, memory in MiB, of it in use by the heap\n");
    for (int i = 0; i * step < seconds; i++) {
        g_print("%.0f %.2f %.3f\n", i * step, frames_resident_mib(), frames_in_use_mib());
        stage_settle(step);
    }
    g_print("%.0f %.2f %.3f\n", seconds, frames_resident_mib(), frames_in_use_mib());
}

typedef struct {
    char *dir;
    QtrProcess *process;
} Search;

static void begin_search(Search *search, const char *parent, const char *config, int number)
{
    g_autofree char *dir = g_strdup_printf("%s/SEARCH_%d", parent, number);
    const char *const args[] = {"search",    "-q", "-c", config, "--set", "search.epochs=100000",
                                "--run-dir", dir,  NULL};
    g_autoptr(GError) error = NULL;

    search->process = qtr_process_new(QTR_PROCESS_RUN, args, NULL, &error);
    if (!search->process)
        g_error("%s", error->message);
    search->dir = g_steal_pointer(&dir);
}

/* Both have got to their steps: what is compiled is compiled. */
static gboolean search_both(gpointer user_data)
{
    const Search *searches = user_data;

    for (int i = 0; i < RUNS; i++) {
        g_autofree char *path = qtr_folder_path(searches[i].dir, QTR_FOLDER_EVENTS);
        g_autofree char *text = NULL;

        if (!qtr_process_is_running(searches[i].process))
            g_error("a search ended: %s", qtr_process_get_failure(searches[i].process));
        if (!g_file_get_contents(path, &text, NULL, NULL) || !strstr(text, "\"epoch\""))
            return FALSE;
    }
    return TRUE;
}

static gboolean have_ended(gpointer user_data)
{
    const Search *searches = user_data;

    return !qtr_process_is_running(searches[0].process) &&
           !qtr_process_is_running(searches[1].process);
}

static void begin_searches(Search *searches, const char *parent, const char *config)
{
    if (!g_getenv("QUANTOASTER_PROGRAM"))
        g_error("QUANTOASTER_PROGRAM must say by which program to search");
    for (int i = 0; i < RUNS; i++)
        begin_search(&searches[i], parent, config, i);
    if (!stage_wait(search_both, searches, START_SECONDS))
        g_error("the searches do not get to their first steps");
}

static void end_searches(Search *searches)
{
    for (int i = 0; i < RUNS; i++)
        qtr_process_kill(searches[i].process);
    (void)stage_wait(have_ended, searches, 10);
    for (int i = 0; i < RUNS; i++) {
        g_object_unref(searches[i].process);
        g_free(searches[i].dir);
    }
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 20;
    double per_minute = argc > 2 ? atof(argv[2]) : 10000;
    const char *config = argc > 3 ? argv[3] : NULL;
    FakeRun fake = {.name = "bench", .search_epochs = 12, .psnr = NAN};
    Lateness late = {0, times_new()};
    double warm_up = MIN(seconds / 4, 60);
    GtkWidget *box;
    GtkWindow *window;
    Frames *frames;
    Writer writers[RUNS];
    Search searches[RUNS] = {0};
    GThread *threads[RUNS];
    char *parent;

    qtr_rendering_prepare();
    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    qtr_rendering_choose(gdk_display_get_default());
    parent = fake_dir_make();
    box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    for (int i = 0; i < RUNS; i++) {
        g_autofree char *leaf = g_strdup_printf("RUN_%d", i);
        GtkWidget *panel = g_object_new(QTR_TYPE_MONITOR_PANEL, "hexpand", TRUE, NULL);

        writers[i] = (Writer){fake_run_make(parent, leaf, &fake), per_minute / 60 / RUNS, 0, 0};
        gtk_box_append(GTK_BOX(box), panel);
        qtr_panel_show_run(QTR_PANEL(panel), writers[i].dir);
    }
    window = stage_show(box, 1400, 900, FALSE);
    stage_settle(2);
    g_print("drawn by %s\n",
            G_OBJECT_TYPE_NAME(gtk_native_get_renderer(gtk_widget_get_native(box))));
    if (config)
        begin_searches(searches, parent, config);
    for (int i = 0; i < RUNS; i++)
        threads[i] = g_thread_new("writer", write_events, &writers[i]);
    stage_settle(warm_up);
    frames = frames_new(box);
    g_timeout_add_full(G_PRIORITY_HIGH, TIMER_MS, on_timer, &late, NULL);
    watch_memory(seconds);
    for (int i = 0; i < RUNS; i++) {
        g_atomic_int_set(&writers[i].stop, 1);
        g_thread_join(threads[i]);
    }
    if (config)
        end_searches(searches);
    g_print("%.0f events a minute asked for, %d written in %.0f s\n", per_minute,
            writers[0].count + writers[1].count, seconds + warm_up);
    frames_print(frames);
    frames_free(frames);
    times_print(late.times, "answer late by");
    g_free(late.times);
    gtk_window_destroy(window);
    fake_dir_remove(parent);
    return 0;
}
