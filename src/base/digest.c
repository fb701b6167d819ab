#include "base/digest.h"

#include <string.h>

void qtr_digest_add_text(GChecksum *sum, const char *text)
{
    g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text) + 1);
}
