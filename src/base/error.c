#include "base/error.h"

GQuark qtr_error_quark(void)
{
    return g_quark_from_static_string("qtr-error-quark");
}
