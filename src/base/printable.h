#pragma once

/* `text`, which may be any bytes a file holds, as it may stand in a message: valid UTF-8 without
 * control characters, which could do things to a terminal, and cut off after `max` characters. A
 * new string. */
char *qtr_printable(const char *text, int max);

#define QTR_NAME_SHOWN 80 /* characters of a name out of a file */
