#include "frames.h"

#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct _Frames {
    GdkFrameClock *clock;
    GArray *wall, *busy; /* double, milliseconds */
    double wall_begin, busy_begin;
};

static double now(clockid_t id)
{
    struct timespec time;

    (void)clock_gettime(id, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void on_before_paint(GdkFrameClock *clock, Frames *frames)
{
    frames->wall_begin = now(CLOCK_MONOTONIC);
    frames->busy_begin = now(CLOCK_THREAD_CPUTIME_ID);
}

static void on_after_paint(GdkFrameClock *clock, Frames *frames)
{
    double wall = now(CLOCK_MONOTONIC) - frames->wall_begin;
    double busy = now(CLOCK_THREAD_CPUTIME_ID) - frames->busy_begin;

    g_array_append_val(frames->wall, wall);
    g_array_append_val(frames->busy, busy);
}

Frames *frames_new(GtkWidget *widget)
{
    Frames *frames = g_new0(Frames, 1);

    frames->clock = g_object_ref(gtk_widget_get_frame_clock(widget));
    frames->wall = g_array_new(FALSE, FALSE, sizeof(double));
    frames->busy = g_array_new(FALSE, FALSE, sizeof(double));
    g_signal_connect(frames->clock, "before-paint", G_CALLBACK(on_before_paint), frames);
    g_signal_connect(frames->clock, "after-paint", G_CALLBACK(on_after_paint), frames);
    return frames;
}

void frames_free(Frames *frames)
{
    g_signal_handlers_disconnect_by_data(frames->clock, frames);
    g_object_unref(frames->clock);
    g_array_unref(frames->wall);
    g_array_unref(frames->busy);
    g_free(frames);
}

int frames_compare(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

double frames_percentile(GArray *times, double share)
{
    g_array_sort(times, frames_compare);
    return times->len ? g_array_index(times, double, (guint)((times->len - 1) * share)) : NAN;
}

static void print_times(const char *what, GArray *times)
{
    g_print("%s, ms: median %.2f, 99 %% %.2f, longest %.2f\n", what, frames_percentile(times, 0.5),
            frames_percentile(times, 0.99), frames_percentile(times, 1));
}

void frames_print(Frames *frames)
{
    g_print("%u frames\n", frames->wall->len);
    print_times("a frame on the clock", frames->wall);
    print_times("of the processor", frames->busy);
}

double frames_resident_mib(void)
{
    g_autofree char *text = NULL;
    long pages = 0;

    if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        (void)sscanf(text, "%*d %ld", &pages);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}
