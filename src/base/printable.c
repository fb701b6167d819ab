#include "base/printable.h"

#include <glib.h>

char *qtr_printable(const char *text, int max)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_new(NULL);

    for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);

        if (max-- == 0) {
            g_string_append(out, "...");
            break;
        }
        g_string_append_unichar(out, g_unichar_iscntrl(letter) ? '?' : letter);
    }
    return g_string_free(out, FALSE);
}
