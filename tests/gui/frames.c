#include "frames.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 0.02
#define STEPS 10000

struct _Times {
    guint counts[STEPS]; /* the last has all that took longer */
    guint count;
    double longest;
};

Times *times_new(void)
{
    Times *times = g_new0(Times, 1);

    times->longest = NAN;
    return times;
}

void times_add(Times *times, double ms)
{
    times->counts[(guint)CLAMP(ms / STEP_MS, 0, STEPS - 1)]++;
    times->count++;
    times->longest = fmax(times->longest, ms);
}

guint times_count(const Times *times)
{
    return times->count;
}

double times_percentile(const Times *times, double share)
{
    guint below = 0;

    for (int i = 0; i < STEPS - 1; i++) {
        below += times->counts[i];
        if (times->count && below >= times->count * share)
            return fmin(STEP_MS * (i + 1), times->longest);
    }
    return times->longest;
}

void times_print(const Times *times, const char *what)
{
    g_print("%s, ms: median %.2f, 99 %% %.2f, longest %.2f\n", what, times_percentile(times, 0.5),
            times_percentile(times, 0.99), times->longest);
}

struct _Frames {
    GdkFrameClock *clock;
    Times *wall, *busy;
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
    times_add(frames->wall, now(CLOCK_MONOTONIC) - frames->wall_begin);
    times_add(frames->busy, now(CLOCK_THREAD_CPUTIME_ID) - frames->busy_begin);
}

Frames *frames_new(GtkWidget *widget)
{
    Frames *frames = g_new0(Frames, 1);

    frames->clock = g_object_ref(gtk_widget_get_frame_clock(widget));
    frames->wall = times_new();
    frames->busy = times_new();
    g_signal_connect(frames->clock, "before-paint", G_CALLBACK(on_before_paint), frames);
    g_signal_connect(frames->clock, "after-paint", G_CALLBACK(on_after_paint), frames);
    return frames;
}

void frames_free(Frames *frames)
{
    g_signal_handlers_disconnect_by_data(frames->clock, frames);
    g_object_unref(frames->clock);
    g_free(frames->wall);
    g_free(frames->busy);
    g_free(frames);
}

void frames_print(const Frames *frames)
{
    g_print("%u frames\n", times_count(frames->wall));
    times_print(frames->wall, "a frame on the clock");
    times_print(frames->busy, "of the processor");
}

double frames_resident_mib(void)
{
    g_autofree char *text = NULL;
    long pages = 0;

    if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        (void)sscanf(text, "%*d %ld", &pages);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

double frames_in_use_mib(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)(info.uordblks + info.hblkhd) / (1 << 20);
}
