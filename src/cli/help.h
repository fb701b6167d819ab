#pragma once
#include "cli/command.h"

/* Texts made from the tables of commands, options and configuration keys. All are to be freed. */
char *qtr_help_overview(void);
char *qtr_help_command(const QtrCommand *command);
char *qtr_help_config(void); /* every key: type, default, range, description */
/* The same as objects; of `only` or, if that is NULL, of all. */
JsonArray *qtr_help_config_json(const QtrConfigKey *only);
char **qtr_help_config_keys(void);           /* "search.penalty", ...; g_strfreev */
char *qtr_help_key(const QtrConfigKey *key); /* the same of one */
char *qtr_help_primitives(void);             /* every primitive: chain and weights */
char *qtr_help_man(void);                    /* troff, a man page */
char *qtr_help_completion(void);             /* a bash completion script */
