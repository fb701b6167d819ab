#pragma once
#include "cli/console.h"

/* Shows rows of QtrValidationRow as a table on standard output. */
void qtr_cli_print_validation(QtrConsole *console, const GPtrArray *rows);
/* The same as JSON; the caller's. */
JsonArray *qtr_cli_validation_json(const GPtrArray *rows);
