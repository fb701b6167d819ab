#include "run/train-genotype.h"

#include "base/error.h"
#include "run/folder.h"

#include <string.h>

#define NAMED 3 /* of what lies outside of the space */

/* A resumed run has its genotype in its folder, and trains no other. */
static gboolean load_own(QtrGenotype *genotype, const char *own, const char *given, GError **error)
{
    g_autofree char *text = NULL, *other_text = NULL;
    QtrGenotype other;

    if (!qtr_genotype_load(genotype, own, error))
        return FALSE;
    if (!given)
        return TRUE;
    if (!qtr_genotype_load(&other, given, error))
        return FALSE;
    text = qtr_genotype_format(genotype);
    other_text = qtr_genotype_format(&other);
    if (strcmp(text, other_text) == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "the run trains the genotype of %s and cannot go on with %s", own, given);
    return FALSE;
}

/* The genotype at `path`, which fits `arch`. */
static gboolean load(QtrGenotype *genotype, const char *path, const QtrArch *arch, GError **error)
{
    if (!qtr_genotype_load(genotype, path, error))
        return FALSE;
    if (qtr_genotype_check(genotype, arch, error))
        return TRUE;
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

gboolean qtr_train_genotype_check(const char *path, const QtrArch *arch, char **outside,
                                  GError **error)
{
    g_autoptr(GPtrArray) found = NULL;
    GString *text;
    QtrGenotype genotype;

    *outside = NULL;
    if (!load(&genotype, path, arch, error))
        return FALSE;
    found = qtr_genotype_outside(&genotype, arch);
    if (found->len == 0)
        return TRUE;
    text = g_string_new(NULL);
    g_string_append_printf(text,
                           "%s lies outside of the configured search space (arch.arch_pattern, "
                           "arch.primitives, arch.bits): ",
                           path);
    for (guint i = 0; i < MIN(found->len, NAMED); i++)
        g_string_append_printf(text, "%s%s", i ? "; " : "", (const char *)found->pdata[i]);
    if (found->len > NAMED)
        g_string_append_printf(text, " and %u more", found->len - NAMED);
    *outside = g_string_free(text, FALSE);
    return TRUE;
}

gboolean qtr_train_genotype_load(const QtrJob *job, const char *path, const QtrArch *arch,
                                 QtrGenotype *genotype, GError **error)
{
    g_autofree char *own =
        job->resume_dir ? qtr_folder_path(job->resume_dir, QTR_FOLDER_GENOTYPE) : NULL;
    gboolean has_own = own && g_file_test(own, G_FILE_TEST_EXISTS);

    if (!path && !has_own)
        path = job->config->train.genotype_path;
    if (!has_own && (!path || !*path)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "which genotype? Give --genotype or set train.genotype_path");
        return FALSE;
    }
    return has_own
               ? load_own(genotype, own, path, error) && qtr_genotype_check(genotype, arch, error)
               : load(genotype, path, arch, error);
}
