#include "base/error.h"
#include "run/events.h"

#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
/* cmocka needs the headers above */
#include <cmocka.h>

typedef struct {
    char *dir, *path;
} Place;

static int setup(void **state)
{
    Place *place = g_new0(Place, 1);

    place->dir = g_dir_make_tmp("qtr-events-XXXXXX", NULL);
    place->path = g_build_filename(place->dir, "events.jsonl", NULL);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    Place *place = *state;

    g_unlink(place->path);
    g_rmdir(place->dir);
    g_free(place->path);
    g_free(place->dir);
    g_free(place);
    return 0;
}

static void append_text(const char *path, const char *text)
{
    FILE *file = g_fopen(path, "a");

    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static QtrEvent *next(QtrEventsReader *reader, const char *type)
{
    g_autoptr(GError) error = NULL;
    QtrEvent *event = qtr_events_reader_next(reader, &error);

    assert_null(error);
    assert_non_null(event);
    assert_string_equal(event->type, type);
    return event;
}

static void assert_no_more(QtrEventsReader *reader)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_events_reader_next(reader, &error));
    assert_null(error);
}

static void write_run(QtrEvents *events, const QtrArch *arch, const float *const *alphas)
{
    const QtrEventStarted started = {
        .kind = "search", .name = "n", .device = "cpu", .epochs = 3, .epoch_steps = 5};
    const QtrEventStep step = {"search", 0, 2, 5, 0.5, NAN, 1e-3, 12.5};
    const QtrEventEpoch epoch = {
        .phase = "search",
        .epochs = 3,
        .train_loss = 0.25,
        .val_loss = INFINITY,
        .genotype = "Genotype_SR(...)",
        .is_best = TRUE,
        .arch = arch,
        .alphas = alphas,
    };
    const QtrValidationRow row = {.set = (char *)"Set5", .psnr = 28.42, .images = 5};

    assert_true(qtr_events_started(events, &started, NULL));
    assert_true(qtr_events_space(events, arch, NULL));
    assert_true(qtr_events_step(events, &step, NULL));
    assert_true(qtr_events_epoch(events, &epoch, NULL));
    assert_true(qtr_events_checkpoint(events, "checkpoint.safetensors", 0, 5, FALSE, NULL));
    assert_true(qtr_events_validation(events, &row, NULL));
    assert_true(qtr_events_picture(events, "sr", "Set5", "baby", "images/a\nb \xff.png", NULL));
    assert_true(qtr_events_warning(events, "\"careful\"", NULL));
    assert_true(qtr_events_finished(events, "done", NULL, 3.5, NULL));
}

static void check_space_and_epoch(QtrEventsReader *reader, const QtrArch *arch)
{
    g_autoptr(QtrEvent) space = next(reader, "space");
    g_autoptr(QtrEvent) step = next(reader, "step");
    g_autoptr(QtrEvent) epoch = next(reader, "epoch");
    JsonArray *layers = json_object_get_array_member(space->object, "layers");
    JsonArray *alphas = json_object_get_array_member(epoch->object, "alphas");
    JsonArray *first = json_array_get_array_element(alphas, 0);
    int n = arch->n_primitives[QTR_BLOCK_HEAD] * arch->n_bits;

    JsonObject *head = json_array_get_object_element(layers, 0);

    assert_int_equal(json_array_get_length(layers), qtr_arch_layer_count(arch));
    assert_int_equal(json_object_get_int_member(head, "layer"), 1);
    assert_int_equal(json_array_get_length(alphas), qtr_arch_layer_count(arch));
    assert_int_equal(json_array_get_length(first), n);
    assert_float_equal(json_array_get_double_element(first, (guint)n - 1), n - 1, 0);
    assert_true(json_object_get_null_member(step->object, "alpha_loss"));
    assert_float_equal(qtr_event_number(step, "lr"), 1e-3, 0);
    assert_float_equal(qtr_event_number(step, "step"), 2, 0);
    assert_true(json_object_get_null_member(epoch->object, "val_loss"));
    assert_true(isnan(qtr_event_number(epoch, "val_loss")));
    assert_true(isnan(qtr_event_number(epoch, "genotype")));
    assert_string_equal(qtr_event_string(epoch, "genotype"), "Genotype_SR(...)");
    assert_null(qtr_event_string(epoch, "epoch"));
}

static void test_what_is_written_is_read(void **state)
{
    const Place *place = *state;
    g_autoptr(QtrEvents) events = qtr_events_open(place->path, NULL);
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(place->path);
    const float values[QTR_PRIMITIVES_MAX * QTR_BITS_MAX] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
        17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
    };
    const float *alphas[QTR_BLOCKS * QTR_LAYERS_MAX];
    const char *const rest[] = {"checkpoint", "validation", "picture", "warning", "finished"};
    QtrEvent *event;
    QtrArch arch;

    qtr_arch_init(&arch);
    for (guint i = 0; i < G_N_ELEMENTS(alphas); i++)
        alphas[i] = values;
    write_run(events, &arch, alphas);
    event = next(reader, "started");
    assert_int_equal(event->seq, 1);
    assert_true(fabs(event->time - (double)g_get_real_time() / 1e6) < 60);
    assert_float_equal(qtr_event_number(event, "pid"), getpid(), 0);
    qtr_event_free(event);
    check_space_and_epoch(reader, &arch);
    for (guint i = 0; i < G_N_ELEMENTS(rest); i++) {
        event = next(reader, rest[i]);
        assert_int_equal(event->seq, 5 + i);
        qtr_event_free(event);
    }
    assert_no_more(reader);
    assert_int_equal(qtr_events_reader_skipped(reader), 0);
}

/* A warning may name a file by any bytes. */
static void test_text_that_is_no_utf8_is_still_an_event(void **state)
{
    const Place *place = *state;
    g_autoptr(QtrEvents) events = qtr_events_open(place->path, NULL);
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(place->path);
    QtrEvent *event;

    assert_true(qtr_events_warning(events, "B\xfc/a.png is small", NULL));
    event = next(reader, "warning");
    assert_string_equal(qtr_event_string(event, "message"), "B\xef\xbf\xbd/a.png is small");
    qtr_event_free(event);
}

static void test_reader_follows_a_growing_file(void **state)
{
    const Place *place = *state;
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(place->path);

    assert_no_more(reader);
    append_text(place->path, "{\"seq\":1,\"time\":1.5,\"type\":");
    assert_no_more(reader);
    append_text(place->path, "\"a\"}\n{\"seq\":2,\"time\":2,\"type\":\"b\"}\n");
    qtr_event_free(next(reader, "a"));
    qtr_event_free(next(reader, "b"));
    assert_no_more(reader);
}

static void test_damaged_lines_are_passed_over(void **state)
{
    const Place *place = *state;
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(place->path);

    append_text(place->path, "\n"
                             "nonsense\n"
                             "{\"seq\":1,\"time\":1,\"type\":7}\n"
                             "{\"seq\":-1,\"time\":1,\"type\":\"x\"}\n"
                             "{\"seq\":1,\"type\":\"x\"}\n"
                             "[[[[[[[[[[[[[[[[[[[[[[[[\n"
                             "{\"seq\":1,\"time\":1,\"type\":\"\xff\"}\n"
                             "{\"seq\":1,\"time\":1,\"type\":\"good\"}\n");
    qtr_event_free(next(reader, "good"));
    assert_no_more(reader);
    assert_int_equal(qtr_events_reader_skipped(reader), 7);
}

static void test_resume_cuts_half_a_line_and_counts_on(void **state)
{
    const Place *place = *state;
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(place->path);
    const QtrEventResumed resumed = {"search", "cpu", 1, 0};
    QtrEvents *events = qtr_events_open(place->path, NULL);
    QtrEvent *event;

    assert_true(qtr_events_warning(events, "one", NULL));
    qtr_events_close(events);
    append_text(place->path, "{\"seq\":2,\"time\":1,\"type\":\"step\",\"loss\":0.0000000");
    qtr_event_free(next(reader, "warning"));
    assert_no_more(reader);

    events = qtr_events_open(place->path, NULL);
    assert_true(qtr_events_resumed(events, &resumed, NULL));
    event = next(reader, "resumed");
    assert_int_equal(event->seq, 2);
    assert_float_equal(qtr_event_number(event, "epoch"), 1, 0);
    qtr_event_free(event);
    assert_int_equal(qtr_events_reader_skipped(reader), 0);
    qtr_events_close(events);
}

static void test_one_writer_at_a_time(void **state)
{
    const Place *place = *state;
    g_autoptr(QtrEvents) events = qtr_events_open(place->path, NULL);
    g_autoptr(GError) error = NULL;

    assert_non_null(events);
    assert_null(qtr_events_open(place->path, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_non_null(strstr(error->message, place->path));
}

static void test_folder_missing(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_events_open("/nonexistent/events.jsonl", &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_IO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_written_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_that_is_no_utf8_is_still_an_event, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_reader_follows_a_growing_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_lines_are_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resume_cuts_half_a_line_and_counts_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_one_writer_at_a_time, setup, teardown),
        cmocka_unit_test(test_folder_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
