#pragma once
/* Shared by the tests of what runs on a device: the default one, as setup and teardown of a group
 * of tests. */
#include "gpu/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int open_device(void **state)
{
    return (*state = qtr_device_open(NULL, NULL)) ? 0 : -1;
}

static int close_device(void **state)
{
    qtr_device_close(*state);
    return 0;
}
