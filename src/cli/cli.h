#pragma once

/* The command line, whole: `quantoaster` is nothing else, `quantoaster-gtk --headless` calls it
 * too. Returns the exit code: 0 done, 1 failed, 2 usage or configuration, 3 part of a batch failed,
 * 130 interrupted (with the state saved). */
int qtr_cli_main(int argc, char **argv);
