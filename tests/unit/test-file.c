/* Writing files whole: what becomes of links, modes, long names and of what is no file. */
#include "scratch-fixture.h"

#include "base/error.h"
#include "base/file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static int setup(void **state)
{
    folder = scratch_new();
    return 0;
}

static int teardown(void **state)
{
    scratch_remove(folder);
    g_free(folder);
    return 0;
}

static void write_ok(const char *path, const char *text)
{
    g_autoptr(GError) error = NULL;

    qtr_file_write(path, text, strlen(text), &error);
    g_assert_no_error(error);
}

static void assert_text(const char *path, const char *text)
{
    g_autofree char *found = qtr_file_read(path, 100, NULL, NULL);

    assert_non_null(found);
    assert_string_equal(found, text);
}

static void assert_refused(const char *path, const char *word)
{
    g_autoptr(GError) error = NULL;

    assert_false(qtr_file_write(path, "new", 3, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_IO);
    if (!strstr(error->message, word) || !strstr(error->message, path))
        fail_msg("'%s' does not say '%s' and '%s'", error->message, word, path);
}

static guint entries(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void links_stay_and_lead_to_the_new_text(void **state)
{
    g_autofree char *sub = in_folder("sub");
    g_autofree char *real = in_folder("sub/real");
    g_autofree char *to_real = in_folder("to-real");
    g_autofree char *to_link = in_folder("to-link");
    g_autofree char *to_nothing = in_folder("sub/to-nothing");
    g_autofree char *nothing = in_folder("nothing");

    assert_int_equal(g_mkdir(sub, 0777), 0);
    write_ok(real, "old");
    assert_int_equal(symlink("sub/real", to_real), 0);
    assert_int_equal(symlink(to_real, to_link), 0);
    assert_int_equal(symlink("../nothing", to_nothing), 0);
    write_ok(to_link, "new");
    write_ok(to_nothing, "begun");
    assert_true(g_file_test(to_real, G_FILE_TEST_IS_SYMLINK));
    assert_true(g_file_test(to_link, G_FILE_TEST_IS_SYMLINK));
    assert_true(g_file_test(to_nothing, G_FILE_TEST_IS_SYMLINK));
    assert_text(real, "new");
    assert_text(nothing, "begun");
    assert_int_equal(entries(sub), 2);
}

static void links_in_a_circle(void **state)
{
    g_autofree char *a = in_folder("a");
    g_autofree char *b = in_folder("b");

    assert_int_equal(symlink("b", a), 0);
    assert_int_equal(symlink("a", b), 0);
    assert_refused(a, "link");
    assert_int_equal(entries(folder), 2);
}

static void the_mode_stays(void **state)
{
    static const mode_t modes[] = {0600, 0644, 0664, 0755};
    g_autofree char *path = in_folder("secret");

    write_ok(path, "old");
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        struct stat st;

        assert_int_equal(chmod(path, modes[i]), 0);
        write_ok(path, "new");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, modes[i]);
    }
}

/* Of a file that a user shares with others, as written by root. */
static void the_owner_stays(void **state)
{
    g_autofree char *path = in_folder("mine");
    struct stat st;

    write_ok(path, "old");
    if (chown(path, 12, 34) != 0) {
        print_message("skipped: only root can make files of others\n");
        skip();
    }
    write_ok(path, "new");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 12);
    assert_int_equal(st.st_gid, 34);
}

static void what_is_no_file_stays(void **state)
{
    g_autofree char *pipe = in_folder("pipe");
    g_autofree char *to_pipe = in_folder("to-pipe");
    g_autofree char *sub = in_folder("sub");
    g_autofree char *to_null = in_folder("to-null");
    struct stat st;

    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink("pipe", to_pipe), 0);
    assert_int_equal(g_mkdir(sub, 0777), 0);
    assert_int_equal(symlink("/dev/null", to_null), 0);
    assert_refused(pipe, "a pipe");
    assert_refused(to_pipe, "a pipe");
    assert_refused(sub, "a folder");
    assert_refused(to_null, "a device");
    assert_int_equal(stat(pipe, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(entries(folder), 4);
}

static void names_as_long_as_they_may_be(void **state)
{
    for (guint n = 244; n <= 255; n++) {
        g_autofree char *name = g_strnfill(n, 'n');
        g_autofree char *path = in_folder(name);

        write_ok(path, "whole");
        assert_text(path, "whole");
    }
    assert_int_equal(entries(folder), 12);
}

static gboolean fill_half(int fd, gpointer user_data, GError **error)
{
    if (qtr_file_write_all(fd, "half", 4, error))
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "no more");
    return FALSE;
}

static void a_failure_leaves_the_old_file_alone(void **state)
{
    g_autofree char *path = in_folder("kept");
    g_autoptr(GError) error = NULL;

    write_ok(path, "old");
    assert_false(qtr_file_write_with(path, fill_half, NULL, &error));
    assert_non_null(error);
    assert_text(path, "old");
    assert_int_equal(entries(folder), 1);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(links_stay_and_lead_to_the_new_text),
        EACH(links_in_a_circle),
        EACH(the_mode_stays),
        EACH(the_owner_stays),
        EACH(what_is_no_file_stays),
        EACH(names_as_long_as_they_may_be),
        EACH(a_failure_leaves_the_old_file_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
