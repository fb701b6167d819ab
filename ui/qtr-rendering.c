#include "qtr-rendering.h"

#include <X11/Xlib.h>
#include <epoxy/gl.h>
#include <string.h>

#define CHOICE "GSK_RENDERER"

gboolean qtr_rendering_is_software(const char *renderer)
{
    /* Some name what they draw through: "zink (llvmpipe (LLVM 15.0.6, 256 bits))". */
    static const char *const programs[] = {"llvmpipe",
                                           "softpipe",
                                           "swrast",
                                           "software rasterizer",
                                           "swiftshader",
                                           "openswr",
                                           "microsoft basic render"};
    g_autofree char *name = renderer ? g_ascii_strdown(renderer, -1) : NULL;

    for (gsize i = 0; name && i < G_N_ELEMENTS(programs); i++)
        if (strstr(name, programs[i]))
            return TRUE;
    return FALSE;
}

/* Whether GDK, which prefers Wayland, will open an X display. */
static gboolean is_for_x11(void)
{
    const char *backend = g_getenv("GDK_BACKEND");

    return g_getenv("DISPLAY") &&
           (backend ? g_str_has_prefix(backend, "x11") : !g_getenv("WAYLAND_DISPLAY"));
}

/* A client reaches the GPU through one of these, whatever the driver. */
static gboolean leads_to_gpu(Display *display)
{
    static const char *const ways[] = {"DRI3", "DRI2", "NV-GLX", "ATIFGLEXTENSION"};
    int opcode, event, error;

    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
        if (XQueryExtension(display, ways[i], &opcode, &event, &error))
            return TRUE;
    return FALSE;
}

static void choose_cairo(const char *reason)
{
    (void)g_setenv(CHOICE, "cairo", TRUE);
    g_info("drawn by GTK's cairo renderer: %s", reason);
}

/* GDK makes a context for OpenGL as it opens an X display, used or not. */
static void disable_gl(void)
{
    const char *flags = g_getenv("GDK_DEBUG");
    g_autofree char *more = flags && *flags ? g_strdup_printf("%s,gl-disable", flags) : NULL;

    (void)g_setenv("GDK_DEBUG", more ? more : "gl-disable", TRUE);
}

void qtr_rendering_prepare(void)
{
    Display *display;

    if (g_getenv(CHOICE) || !is_for_x11() || !(display = XOpenDisplay(NULL)))
        return;
    if (!leads_to_gpu(display)) {
        choose_cairo("this X server offers no way to a GPU");
        disable_gl();
    }
    (void)XCloseDisplay(display);
}

void qtr_rendering_choose(GdkDisplay *display)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GdkGLContext) context = NULL;
    const char *renderer = NULL;

    if (g_getenv(CHOICE))
        return;
    context = gdk_display_create_gl_context(display, &error);
    if (!context || !gdk_gl_context_realize(context, &error)) {
        choose_cairo(error->message);
        return;
    }
    gdk_gl_context_make_current(context);
    renderer = (const char *)glGetString(GL_RENDERER);
    if (qtr_rendering_is_software(renderer))
        choose_cairo(renderer);
    else
        g_info("drawn by OpenGL: %s", renderer ? renderer : "of no name");
    gdk_gl_context_clear_current();
}
