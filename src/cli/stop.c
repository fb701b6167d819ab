#include "cli/stop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct QtrStop {
    gint flag;
    gint64 asked;      /* when first, in microseconds */
    int signals, quit; /* descriptors */
    sigset_t set, before;
    QtrLog *log;
    GThread *thread;
};

static void die_by(const QtrStop *stop, int number)
{
    (void)signal(number, SIG_DFL);
    (void)pthread_sigmask(SIG_UNBLOCK, &stop->set, NULL);
    (void)raise(number);
}

static void take_signal(QtrStop *stop, int number)
{
    gint64 now = g_get_monotonic_time();

    if (!g_atomic_int_get(&stop->flag)) {
        stop->asked = now;
        g_atomic_int_set(&stop->flag, 1);
        qtr_warning(stop->log, QTR_STOP_WARNING "the work in hand is brought to a safe end; "
                                                "interrupt again to stop at once");
    } else if (number == SIGINT && now - stop->asked > QTR_STOP_REPEAT_MS * 1000) {
        die_by(stop, number);
    }
}

static gpointer wait_for_signals(gpointer user_data)
{
    QtrStop *stop = user_data;
    struct pollfd fds[] = {{.fd = stop->signals, .events = POLLIN},
                           {.fd = stop->quit, .events = POLLIN}};

    for (;;) {
        struct signalfd_siginfo info;

        if (poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno != EINTR)
            return NULL;
        if (fds[1].revents)
            return NULL;
        if (!(fds[0].revents & POLLIN) || read(stop->signals, &info, sizeof info) != sizeof info)
            continue;
        take_signal(stop, (int)info.ssi_signo);
    }
}

QtrStop *qtr_stop_new(QtrLog *log)
{
    QtrStop *stop = g_new0(QtrStop, 1);

    stop->log = log;
    sigemptyset(&stop->set);
    sigaddset(&stop->set, SIGINT);
    sigaddset(&stop->set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop->set, &stop->before);
    stop->signals = signalfd(-1, &stop->set, SFD_CLOEXEC);
    stop->quit = eventfd(0, EFD_CLOEXEC);
    if (stop->signals < 0 || stop->quit < 0)
        g_error("cannot watch signals: %s", g_strerror(errno));
    stop->thread = g_thread_new("signals", wait_for_signals, stop);
    return stop;
}

void qtr_stop_free(QtrStop *stop)
{
    const guint64 one = 1;

    if (!stop)
        return;
    if (write(stop->quit, &one, sizeof one) != sizeof one)
        g_warning("cannot end the signal thread: %s", g_strerror(errno));
    g_thread_join(stop->thread);
    (void)close(stop->signals);
    (void)close(stop->quit);
    if (stop->flag)
        (void)signal(SIGTERM, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &stop->before, NULL);
    g_free(stop);
}

const gint *qtr_stop_flag(const QtrStop *stop)
{
    return &stop->flag;
}
