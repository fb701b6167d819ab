#include "base/error.h"
#include "run/config.h"

#include <string.h>

static char *shown(const char *value)
{
    return *value ? g_strdup(value) : g_strdup("unset");
}

gboolean qtr_config_check_change(const QtrConfig *before, const QtrConfig *after,
                                 QtrConfigChange least, const char *advice, GError **error)
{
    g_autoptr(QtrConfig) old = qtr_config_copy(before);
    g_autoptr(QtrConfig) new = qtr_config_copy(after);
    g_autoptr(GString) text = g_string_new(NULL);
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    /* Only compared, so whatever bytes will do. */
    (void)qtr_config_make_absolute(old, NULL);
    (void)qtr_config_make_absolute(new, NULL);
    for (guint i = 0; i < count; i++) {
        g_autofree char *was = qtr_config_value_text(old, &keys[i]);
        g_autofree char *is = qtr_config_value_text(new, &keys[i]);
        g_autofree char *was_shown = shown(was);
        g_autofree char *is_shown = shown(is);

        if (keys[i].change < least && strcmp(was, is) != 0)
            g_string_append_printf(text, "%s was %s and would become %s\n", keys[i].path, was_shown,
                                   is_shown);
    }
    if (text->len == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "%s%s", text->str, advice);
    return FALSE;
}
