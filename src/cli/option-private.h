#pragma once
#include "cli/option.h"

/* Shared by the files of the options. */

/* The option of a table by its long name, of `length` characters, or its letter; NULL if there is
 * none. */
const QtrOption *qtr_option_find(const QtrOption *table, const char *name, gsize length);
const QtrOption *qtr_option_find_letter(const QtrOption *table, char letter);

/* option-walk.c: sorts `args` into options, each written as --name=value or --name, and what is no
 * option (char*, with free functions). QTR_ERROR_USAGE as in qtr_options_parse. */
gboolean qtr_options_walk(const QtrOption *table, const char *const *args, GPtrArray *canonical,
                          GPtrArray *positional, GError **error);
