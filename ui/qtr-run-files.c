#include "qtr-run-files.h"

#include "base/file.h"
#include "run/config.h"
#include "run/folder.h"
#include "run/run-left.h"

#include <errno.h>
#include <signal.h>

#define FAILURE_BYTES_MAX (1u << 20)

static void read_config(QtrRunSnapshot *s, gboolean *config_read)
{
    g_autofree char *path = qtr_folder_path(s->dir, QTR_FOLDER_CONFIG);
    g_autoptr(QtrConfig) config = NULL;

    if (*config_read || !g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    *config_read = TRUE;
    config = qtr_config_load(path, NULL, NULL, NULL, NULL);
    if (!config)
        return;
    qtr_config_get_arch(config, &s->arch);
    s->has_arch = TRUE;
    s->penalty = config->search.penalty;
}

/* Where no search was at work, the genotype that is trained lies in the folder. */
static void read_genotype(QtrRunSnapshot *s)
{
    g_autofree char *path = qtr_folder_path(s->dir, QTR_FOLDER_GENOTYPE);
    QtrGenotype genotype;

    if (s->genotype || !g_file_test(path, G_FILE_TEST_EXISTS) ||
        !qtr_genotype_load(&genotype, path, NULL))
        return;
    s->genotype = qtr_genotype_format(&genotype);
    s->best_genotype = g_strdup(s->genotype);
}

static void read_failure(QtrRunSnapshot *s)
{
    g_autofree char *path = qtr_folder_path(s->dir, QTR_FOLDER_ERROR);
    g_autofree char *text = NULL;
    gsize size;

    g_clear_pointer(&s->failure, g_free);
    if (!g_file_test(path, G_FILE_TEST_EXISTS) ||
        !(text = qtr_file_read(path, FAILURE_BYTES_MAX, &size, NULL)))
        return;
    s->failure = g_utf8_make_valid(text, (gssize)size);
    if (!s->message) {
        g_auto(GStrv) lines = g_strsplit(s->failure, "\n", 3);

        /* The first line is the time. */
        s->message = g_strdup(lines[0] && lines[1] ? lines[1] : s->failure);
    }
    if (s->state == QTR_RUN_WAITING || s->state == QTR_RUN_INTERRUPTED)
        s->state = QTR_RUN_FAILED;
}

static gboolean is_gone(const QtrRunSnapshot *s)
{
    return s->pid > 0 && g_strcmp0(s->host, g_get_host_name()) == 0 &&
           kill((pid_t)s->pid, 0) != 0 && errno == ESRCH;
}

static gboolean can_resume(const QtrRunSnapshot *s)
{
    return (s->state == QTR_RUN_STOPPED || s->state == QTR_RUN_INTERRUPTED ||
            s->state == QTR_RUN_FAILED) &&
           qtr_run_left_can_go_on(s->dir);
}

void qtr_run_files_read(QtrRunSnapshot *s, gboolean *config_read)
{
    s->missing = !g_file_test(s->dir, G_FILE_TEST_IS_DIR);
    s->can_resume = FALSE;
    if (s->state == QTR_RUN_RUNNING && is_gone(s))
        s->state = QTR_RUN_INTERRUPTED;
    if (s->missing)
        return;
    read_config(s, config_read);
    read_genotype(s);
    read_failure(s);
    s->can_resume = can_resume(s);
}
