/* What SIGINT and SIGTERM do. Each case is a process of its own, as some of them end it. */
#include "cli/stop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define LONG_ENOUGH_US ((QTR_STOP_REPEAT_MS + 100) * 1000)
#define TRIES 50

/* Until somebody has read it. */
static void send_signal(int number)
{
    sigset_t pending;

    (void)kill(getpid(), number);
    do {
        g_usleep(200);
        (void)sigpending(&pending);
    } while (sigismember(&pending, number));
}

/* What waitpid says of a process that gets these signals, 0 at their end, with a rest of so many
 * microseconds after each; 130 if it comes through. */
static int status_after(const int *numbers, gulong rest)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        QtrStop *stop = qtr_stop_new(NULL);

        for (; *numbers; numbers++) {
            send_signal(*numbers);
            while (!g_atomic_int_get(qtr_stop_flag(stop)))
                g_usleep(200);
            g_usleep(rest);
        }
        qtr_stop_free(stop); /* once the last is dealt with */
        (void)kill(getpid(), SIGTERM);
        _exit(130);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void assert_stops_in_order(int status)
{
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
}

static void assert_ended_by(int number, int status)
{
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), number);
}

/* Two windows stop the same run, one of them twice. */
static void test_asked_by_many(void **state)
{
    assert_stops_in_order(status_after((const int[]){SIGTERM, SIGTERM, SIGTERM, 0}, 1000));
    assert_stops_in_order(status_after((const int[]){SIGINT, SIGTERM, 0}, LONG_ENOUGH_US));
}

static void test_interrupted_again(void **state)
{
    assert_ended_by(SIGINT, status_after((const int[]){SIGINT, SIGINT, 0}, LONG_ENOUGH_US));
    assert_ended_by(SIGINT, status_after((const int[]){SIGTERM, SIGINT, 0}, LONG_ENOUGH_US));
}

/* One Ctrl-C that arrives twice, from the terminal and from a parent that passes it on. */
static void test_interrupted_twice_in_a_moment(void **state)
{
    for (int i = 0; i < TRIES; i++) {
        gint64 begun = g_get_monotonic_time();
        int status = status_after((const int[]){SIGINT, SIGINT, 0}, 1000);

        if (g_get_monotonic_time() - begun > QTR_STOP_REPEAT_MS * 1000)
            continue; /* the machine was busy for so long that they were two */
        assert_stops_in_order(status);
        return;
    }
    print_message("skipped: the machine is too busy\n");
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_by_many),
        cmocka_unit_test(test_interrupted_again),
        cmocka_unit_test(test_interrupted_twice_in_a_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
