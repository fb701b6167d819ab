/* Readers of text from outside, given damaged and forged files. */
#include "base/error.h"
#include "image/loader.h"
#include "mutate.h"
#include "nn/genotype.h"
#include "run/batch.h"
#include "run/config-valsets.h"
#include "run/config.h"
#include "run/events.h"
#include "run/table.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define ROUNDS 1500

static const char *const words[] = {"\n",
                                    "\t",
                                    " ",
                                    "'",
                                    "\"",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    ":",
                                    ": ",
                                    "- ",
                                    ",",
                                    "#",
                                    "&a ",
                                    "*a",
                                    "!!int ",
                                    "<<: *a",
                                    "|\n",
                                    "%YAML 9\n",
                                    "---",
                                    "...",
                                    "null",
                                    "true",
                                    "-1",
                                    "1e999",
                                    "nan",
                                    "\xff\xfe",
                                    "\xc3",
                                    "\\u0000",
                                    "0x",
                                    "32",
                                    "../../",
                                    "/",
                                    "epoch",
                                    "bits",
                                    "[[[[[[[[[[[[[[[[",
                                    "(",
                                    ")",
                                    "=",
                                    "\r\n",
                                    "\\",
                                    "{\"a\":",
                                    "99999999999999999999",
                                    "\xef\xbb\xbf",
                                    "search:\n",
                                    NULL};

typedef struct {
    GBytes *samples[4];
    QtrMutateSource source;
    char *dir, *path; /* a scratch folder and a file in it */
} Case;

static Case case_of(const char *first, ...)
{
    Case c = {.dir = g_dir_make_tmp("qtr-hostile-XXXXXX", NULL)};
    va_list list;

    va_start(list, first);
    for (const char *text = first; text; text = va_arg(list, const char *))
        c.samples[c.source.n_samples++] = g_bytes_new(text, strlen(text));
    va_end(list);
    c.source.words = words;
    c.path = g_build_filename(c.dir, "file", NULL);
    return c;
}

static void case_end(Case *c)
{
    for (guint i = 0; i < c->source.n_samples; i++)
        g_bytes_unref(c->samples[i]);
    (void)g_unlink(c->path);
    assert_int_equal(g_rmdir(c->dir), 0);
    g_free(c->path);
    g_free(c->dir);
}

static GByteArray *next(Case *c, guint64 seed)
{
    c->source.samples = (const GBytes *const *)c->samples;
    return qtr_mutate(&c->source, seed);
}

static char *shipped(const char *name)
{
    g_autofree char *path = g_build_filename(g_getenv("QTR_SOURCE_ROOT"), name, NULL);
    char *text;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* What is read is written and read again as the same. */
static void test_configuration(void **state)
{
    g_autofree char *quant = shipped("configs/quant_config.yaml");
    g_autofree char *demo = shipped("configs/demo.yaml");
    Case c = case_of(quant, demo, "search: {penalty: 1e-3}\n", NULL);

    for (guint64 seed = 0; seed < ROUNDS / 2; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) problems = NULL;
        g_autoptr(QtrConfig) config = qtr_config_load_text((const char *)data->data, data->len, "f",
                                                           NULL, NULL, NULL, &problems, &error);
        g_autoptr(QtrConfig) again = NULL;
        g_autofree char *text = NULL;
        g_autofree char *same = NULL;

        qtr_mutate_assert_outcome(config != NULL, error, seed);
        if (!config)
            continue;
        text = qtr_config_to_yaml(config);
        again = qtr_config_load_text(text, strlen(text), "f", NULL, NULL, NULL, NULL, &error);
        g_assert_no_error(error);
        same = qtr_config_to_yaml(again);
        assert_string_equal(same, text);
    }
    case_end(&c);
}

static void test_validation_sets(void **state)
{
    g_autofree char *sets = shipped("configs/valsets4x.yaml");
    Case c =
        case_of(sets, "a:\n  data_processed_lr: x\n  data_processed_hr: y\n  extra: 1\n", NULL);

    for (guint64 seed = 0; seed < ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) found = NULL;

        qtr_mutate_put(c.path, data);
        found = qtr_valsets_load(c.path, &error);
        qtr_mutate_assert_outcome(found != NULL, error, seed);
        for (guint i = 0; found && i < found->len; i++) {
            const QtrValset *set = g_ptr_array_index(found, i);

            assert_true(*set->name && *set->lr_dir && *set->hr_dir);
        }
    }
    case_end(&c);
}

static void test_genotype(void **state)
{
    Case c = case_of(
        "Genotype_SR(head=[('simple_3x3', 8), ('conv_5x1_1x5', 4)], body=[('skip_connect', 8)], "
        "tail=[], skip=[('decenc_3x3_2', 32)], upsample=[('simple_3x3_grouped_3', 8)])",
        "Genotype_SR(head=[('simple_5x5',2)],body=[],tail=[],skip=[],upsample=[])", NULL);

    for (guint64 seed = 0; seed < 4 * ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        QtrGenotype genotype, again;
        gboolean ok = qtr_genotype_parse(&genotype, (const char *)data->data, "f", &error);

        qtr_mutate_assert_outcome(ok, error, seed);
        if (!ok)
            continue;
        text = qtr_genotype_format(&genotype);
        assert_true(qtr_genotype_parse(&again, text, "f", NULL));
        assert_true(qtr_genotype_equal(&genotype, &again));
    }
    case_end(&c);
}

/* A reader of events passes over what is damaged, and fails over nothing in the file. */
static void test_events(void **state)
{
    Case c = case_of(
        "{\"seq\":0,\"time\":1.5,\"type\":\"started\",\"kind\":\"search\",\"epochs\":20}\n"
        "{\"seq\":1,\"time\":2,\"type\":\"step\",\"loss\":0.5,\"eta\":null,\"phase\":\"train\"}\n",
        "{\"seq\":7,\"time\":3,\"type\":\"epoch\",\"alphas\":[[0.5,1e-3],[1]],\"epoch\":2}\n"
        "{\"seq\":8,\"time\":4,\"type\":\"finished\",\"state\":\"done\",\"message\":null}\n",
        NULL);

    for (guint64 seed = 0; seed < ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(c.path);
        g_autoptr(GError) error = NULL;
        QtrEvent *event;

        qtr_mutate_put(c.path, data);
        while ((event = qtr_events_reader_next(reader, &error))) {
            assert_non_null(event->type);
            (void)qtr_event_number(event, "loss");
            (void)qtr_event_string(event, "phase");
            qtr_event_free(event);
        }
        qtr_mutate_assert_outcome(TRUE, error, seed);
        assert_true(qtr_events_reader_offset(reader) <= data->len);
    }
    case_end(&c);
}

static void test_events_are_continued(void **state)
{
    Case c = case_of("{\"seq\":0,\"time\":1.5,\"type\":\"started\",\"kind\":\"search\"}\n",
                     "{\"seq\":4,\"time\":2,\"type\":\"step\",\"loss\":0.5}\n{\"seq\":5", NULL);

    for (guint64 seed = 0; seed < ROUNDS / 8; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(QtrEvents) events = NULL;

        qtr_mutate_put(c.path, data);
        events = qtr_events_open(c.path, &error);
        qtr_mutate_assert_outcome(events != NULL, error, seed);
        if (events)
            assert_true(qtr_events_warning(events, "a word", NULL));
    }
    case_end(&c);
}

static void test_table(void **state)
{
    Case c = case_of("set,PSNR,note\r\nSet5,28.4,\"a, b\"\r\nSet14,26.1,\"line\nand \"\"x\"\"\"\n",
                     "a\n1\n\n2\n", NULL);

    for (guint64 seed = 0; seed < 4 * ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(QtrTable) table =
            qtr_table_parse((const char *)data->data, data->len, "f", &error);

        qtr_mutate_assert_outcome(table != NULL, error, seed);
        for (guint row = 0; table && row < qtr_table_rows(table); row++) {
            (void)qtr_table_get_number(table, row, "PSNR");
            assert_non_null(qtr_table_get(table, row, 0));
        }
    }
    case_end(&c);
}

static void test_batch(void **state)
{
    Case c = case_of(
        "{\"format\":1,\"trials\":[{\"id\":\"a\",\"name\":\"a\",\"key\":\"penalty\","
        "\"value\":\"0\",\"folder\":\"trail_1\",\"trail\":1,\"state\":\"done\",\"seconds\":3,"
        "\"overrides\":[\"env.seed=1\"]}]}",
        "{\"format\":1,\"trials\":[]}", NULL);
    g_autofree char *file = g_build_filename(c.dir, "batch.json", NULL);

    for (guint64 seed = 0; seed < ROUNDS; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) trials = NULL;

        qtr_mutate_put(file, data);
        trials = qtr_batch_read(c.dir, &error);
        qtr_mutate_assert_outcome(trials != NULL, error, seed);
        for (guint i = 0; trials && i < trials->len; i++) {
            const QtrTrial *trial = g_ptr_array_index(trials, i);

            assert_true(trial->id && trial->folder && !strstr(trial->folder, "../"));
        }
    }
    (void)g_unlink(file);
    case_end(&c);
}

static void test_image_list(void **state)
{
    Case c = case_of("train/a.png\n# a comment\n/b/c.jpg\n\ntrain/d.png\n", "x\r\ny\r\n", NULL);

    for (guint64 seed = 0; seed < ROUNDS / 2; seed++) {
        g_autoptr(GByteArray) data = next(&c, seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) paths = NULL;

        qtr_mutate_put(c.path, data);
        paths = qtr_image_list_read(c.path, &error);
        qtr_mutate_assert_outcome(paths != NULL, error, seed);
        for (guint i = 0; paths && i < paths->len; i++)
            assert_true(g_path_is_absolute(paths->pdata[i]));
        if (paths)
            qtr_image_list_check(paths, 8, NULL);
    }
    case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_validation_sets),
        cmocka_unit_test(test_genotype),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_events_are_continued),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_image_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
