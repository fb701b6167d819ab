/* How long the window is busy while two runs go and many events arrive, and whether its memory
 * grows: bench-monitor [SECONDS [EVENTS A MINUTE]]. */
#include "fake-run.h"
#include "qtr-monitor-panel.h"
#include "stage.h"

#include "run/folder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RUNS 2
#define TIMER_MS 4

typedef struct {
    char *dir;
    double per_second;
    gint stop;
} Writer;

static gpointer write_events(gpointer data)
{
    Writer *writer = data;
    g_autofree char *path = qtr_folder_path(writer->dir, QTR_FOLDER_EVENTS);
    g_autoptr(QtrEvents) events = qtr_events_open(path, NULL);

    for (guint i = 0; events && !g_atomic_int_get(&writer->stop); i++) {
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
        g_usleep((gulong)(1e6 / writer->per_second));
    }
    return NULL;
}

static gint64 last_call, frame_begin;

/* How much later than asked for the main loop gets to a timer: how long it was busy. */
static gboolean on_timer(gpointer times)
{
    gint64 now = g_get_monotonic_time();
    double late = (double)(now - last_call) / 1000 - TIMER_MS;

    if (last_call)
        g_array_append_val((GArray *)times, late);
    last_call = now;
    return G_SOURCE_CONTINUE;
}

static void on_before_paint(GdkFrameClock *clock, gpointer unused)
{
    frame_begin = g_get_monotonic_time();
}

static void on_after_paint(GdkFrameClock *clock, gpointer times)
{
    double ms = (double)(g_get_monotonic_time() - frame_begin) / 1000;

    g_array_append_val((GArray *)times, ms);
}

static int compare(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double percentile(GArray *times, double share)
{
    g_array_sort(times, compare);
    return times->len ? g_array_index(times, double, (guint)((times->len - 1) * share)) : NAN;
}

static double resident_mib(void)
{
    g_autofree char *text = NULL;
    long pages = 0;

    if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        (void)sscanf(text, "%*d %ld", &pages);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 20;
    double per_minute = argc > 2 ? atof(argv[2]) : 10000;
    FakeRun fake = {.name = "bench", .search_epochs = 12, .psnr = NAN};
    g_autoptr(GArray) frames = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GArray) late = g_array_new(FALSE, FALSE, sizeof(double));
    GtkWidget *box;
    GtkWindow *window;
    GdkFrameClock *clock;
    Writer writers[RUNS];
    GThread *threads[RUNS];
    char *parent;
    double before;

    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    parent = fake_dir_make();
    box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    for (int i = 0; i < RUNS; i++) {
        g_autofree char *leaf = g_strdup_printf("RUN_%d", i);
        GtkWidget *panel = g_object_new(QTR_TYPE_MONITOR_PANEL, "hexpand", TRUE, NULL);

        writers[i] = (Writer){fake_run_make(parent, leaf, &fake), per_minute / 60 / RUNS, 0};
        gtk_box_append(GTK_BOX(box), panel);
        qtr_panel_show_run(QTR_PANEL(panel), writers[i].dir);
    }
    window = stage_show(box, 1400, 900, FALSE);
    stage_settle(2);
    clock = gtk_widget_get_frame_clock(box);
    for (int i = 0; i < RUNS; i++)
        threads[i] = g_thread_new("writer", write_events, &writers[i]);
    stage_settle(seconds / 4);
    before = resident_mib();
    g_signal_connect(clock, "before-paint", G_CALLBACK(on_before_paint), NULL);
    g_signal_connect(clock, "after-paint", G_CALLBACK(on_after_paint), frames);
    g_timeout_add_full(G_PRIORITY_HIGH, TIMER_MS, on_timer, late, NULL);
    stage_settle(seconds);
    for (int i = 0; i < RUNS; i++) {
        g_atomic_int_set(&writers[i].stop, 1);
        g_thread_join(threads[i]);
    }
    g_print("%.0f events a minute for %.0f s, %u frames\n", per_minute, seconds, frames->len);
    g_print("frame, ms: median %.2f, 99 %% %.2f, longest %.2f\n", percentile(frames, 0.5),
            percentile(frames, 0.99), percentile(frames, 1));
    g_print("answer late by, ms: median %.2f, 99 %% %.2f, longest %.2f\n", percentile(late, 0.5),
            percentile(late, 0.99), percentile(late, 1));
    g_print("memory, MiB: %.1f before, %.1f after\n", before, resident_mib());
    gtk_window_destroy(window);
    fake_dir_remove(parent);
    return 0;
}
