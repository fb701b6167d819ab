/* Where OpenGL is drawn by the processor, as under Xvfb, GTK draws by cairo; the user's own choice
 * is left alone. Each case is a process of its own, as GTK is started once. */
#include "qtr-rendering.h"

#include <gtk/gtk.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static void test_names(void **state)
{
    static const char *const programs[] = {
        "llvmpipe (LLVM 15.0.6, 256 bits)",
        "softpipe",
        "Software Rasterizer",
        "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader)",
        "virgl (LLVMPIPE (LLVM 15.0.6, 256 bits))",
        "zink (llvmpipe (LLVM 15.0.6, 256 bits))",
        "D3D12 (Microsoft Basic Render Driver)",
    };
    static const char *const gpus[] = {
        "NVIDIA GeForce RTX 4070/PCIe/SSE2",
        "Mesa Intel(R) UHD Graphics 620 (KBL GT2)",
        "AMD Radeon RX 6600 (navi23, LLVM 15.0.6, DRM 3.49, 6.1.0-13-amd64)",
        "virgl (AMD Radeon RX 6600 (navi23, LLVM 15.0.6))",
        "V3D 4.2",
        "",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++)
        assert_true(qtr_rendering_is_software(programs[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(gpus); i++)
        assert_false(qtr_rendering_is_software(gpus[i]));
    assert_false(qtr_rendering_is_software(NULL));
}

static gboolean draws_by_cairo(void)
{
    GtkWidget *window = gtk_window_new();

    gtk_widget_realize(window);
    return GSK_IS_CAIRO_RENDERER(gtk_native_get_renderer(GTK_NATIVE(window)));
}

static gboolean has_thread_of(const char *name)
{
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *task;

    while ((task = g_dir_read_name(tasks))) {
        g_autofree char *path = g_build_filename("/proc/self/task", task, "comm", NULL);
        g_autofree char *text = NULL;

        if (g_file_get_contents(path, &text, NULL, NULL) && g_str_has_prefix(text, name))
            return TRUE;
    }
    return FALSE;
}

/* Xvfb has no way to a GPU, so that OpenGL is not even loaded. */
static gboolean is_decided_before(void)
{
    qtr_rendering_prepare();
    gtk_init();
    qtr_rendering_choose(gdk_display_get_default());
    return draws_by_cairo() && !has_thread_of("llvmpipe");
}

static gboolean is_decided_by_opengl(void)
{
    gtk_init();
    qtr_rendering_choose(gdk_display_get_default());
    return draws_by_cairo();
}

static gboolean is_left_alone(void)
{
    (void)g_setenv("GSK_RENDERER", "gl", TRUE);
    qtr_rendering_prepare();
    gtk_init();
    qtr_rendering_choose(gdk_display_get_default());
    return g_str_equal(g_getenv("GSK_RENDERER"), "gl") && !g_getenv("GDK_DEBUG");
}

static void assert_in_child(gboolean (*holds)(void))
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        g_unsetenv("GSK_RENDERER");
        g_unsetenv("GDK_DEBUG");
        _exit(holds() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_windows(void **state)
{
    if (!g_getenv("DISPLAY")) {
        print_message("skipped: there is no display\n");
        skip();
    }
    assert_in_child(is_decided_before);
    assert_in_child(is_decided_by_opengl);
    assert_in_child(is_left_alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
