#include "cli/cli.h"

int main(int argc, char **argv)
{
    return qtr_cli_main(argc, argv);
}
