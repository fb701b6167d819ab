#include "qtr-priority.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NICENESS 10
#define NICENESS_TEXT G_STRINGIFY(NICENESS)

/* Linux may share the cores between sessions first, and niceness then counts within one alone. It
 * takes ten changes a second, whoever's; the window waits meanwhile, so there is one more try. */
static void lower_session(void)
{
    const struct timespec rest = {.tv_nsec = 60000000};
    int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, NICENESS_TEXT, sizeof NICENESS_TEXT - 1) < 0 && errno == EAGAIN &&
        nanosleep(&rest, NULL) == 0)
        (void)!write(fd, NICENESS_TEXT, sizeof NICENESS_TEXT - 1);
    (void)close(fd);
}

void qtr_priority_lower(gboolean leads_session)
{
    if (getpriority(PRIO_PROCESS, 0) < NICENESS)
        (void)setpriority(PRIO_PROCESS, 0, NICENESS);
    if (leads_session)
        lower_session();
}
