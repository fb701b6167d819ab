#include "base/error.h"

GQuark qtr_error_quark(void)
{
    return g_quark_from_static_string("qtr-error-quark");
}

void qtr_problems_add(GString *problems, const char *format, ...)
{
    va_list args;

    if (problems->len > 0)
        g_string_append_c(problems, '\n');
    va_start(args, format);
    g_string_append_vprintf(problems, format, args);
    va_end(args);
}
