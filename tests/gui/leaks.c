/* For the leak sanitizer: what libraries allocate while they are loaded, before main, is theirs.
 * GLib makes its table of names then, and when it needs a larger one leaves the old one to readers
 * that take no lock; the stack of that allocation has nothing by which to suppress it. */
#include <sanitizer/lsan_interface.h>

typedef void (*Initializer)(void);

/* Runs before the constructors of the libraries; this program's own run after them. */
__attribute__((section(".preinit_array"), used)) static const Initializer begin = __lsan_disable;

__attribute__((constructor)) static void end(void)
{
    __lsan_enable();
}
