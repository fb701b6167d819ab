#pragma once
/* Shared by the tests of the configuration. */
#include "base/error.h"
#include "run/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

G_GNUC_UNUSED static QtrConfig *load(const char *text, const char *const *overrides,
                                     GPtrArray **problems)
{
    g_autoptr(GError) error = NULL;
    QtrConfig *config =
        qtr_config_load_text(text, strlen(text), "c.yaml", NULL, overrides, NULL, problems, &error);

    if (!config)
        fail_msg("%s", error->message);
    return config;
}

G_GNUC_UNUSED static char *source_path(const char *path)
{
    return g_build_filename(g_getenv("QTR_SOURCE_ROOT"), path, NULL);
}

G_GNUC_UNUSED static QtrConfig *load_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    QtrConfig *config = qtr_config_load(path, NULL, NULL, NULL, &error);

    if (!config)
        fail_msg("%s", error->message);
    return config;
}

/* The whole message that loading `text` gives, "" if it loads. */
G_GNUC_UNUSED static char *failure(const char *text, const char *const *overrides)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrConfig) config =
        qtr_config_load_text(text, strlen(text), "c.yaml", NULL, overrides, NULL, NULL, &error);

    if (config)
        return g_strdup("");
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    return g_strdup(error->message);
}

G_GNUC_UNUSED static void assert_fails(const char *text, const char *message)
{
    g_autofree char *found = failure(text, NULL);

    if (strcmp(found, message) != 0)
        fail_msg("%s\ngives   %s\nwanted  %s", text, found, message);
}
