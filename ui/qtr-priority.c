#include "qtr-priority.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LOWEST 19
#define LOWEST_TEXT "19"
#define TRIES 3

/* Linux may share the cores between sessions first, and niceness then counts within one alone. It
 * takes ten changes a second, whoever's. */
static void lower_session(void)
{
    const struct timespec rest = {.tv_nsec = 60000000};
    int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    for (int i = 0; i < TRIES; i++) {
        if (write(fd, LOWEST_TEXT, sizeof LOWEST_TEXT - 1) >= 0 || errno != EAGAIN)
            break;
        (void)nanosleep(&rest, NULL);
    }
    (void)close(fd);
}

void qtr_priority_lower(gboolean leads_session)
{
    (void)setpriority(PRIO_PROCESS, 0, LOWEST);
    if (leads_session)
        lower_session();
}
