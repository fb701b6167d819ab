#pragma once
#include <gdk/gdk.h>

/* Who draws the window. GTK 4 draws by OpenGL; where that is done by the processor (no GPU, many
 * VNC and ssh -X sessions) its threads wait for the cores that runs keep busy, and GTK's cairo
 * renderer is several times as fast. GSK_RENDERER of the environment, if set, decides instead.
 * Main thread only. */

/* Call before GTK opens the display, while there are no threads: decides for an X server that
 * offers no way to a GPU, so that OpenGL is not even loaded. */
void qtr_rendering_prepare(void);

/* Call with the display open, before the first window: asks OpenGL itself. */
void qtr_rendering_choose(GdkDisplay *display);

/* Whether OpenGL's name of its renderer (GL_RENDERER) is that of a program. NULL: no. */
gboolean qtr_rendering_is_software(const char *renderer);
