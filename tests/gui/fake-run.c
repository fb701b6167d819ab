#include "fake-run.h"

#include "base/file.h"
#include "image/codec.h"
#include "image/resize.h"
#include "run/config.h"
#include "run/folder.h"
#include "run/table.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define STEPS 40

static const char genotype_text[] =
    "Genotype_SR(head=[('simple_3x3', 8), ('simple_5x5', 4)], "
    "body=[('conv_3x1_1x3', 4), ('simple_3x3', 8)], tail=[('simple_3x3', 8)], "
    "skip=[('simple_1x1', 4)], upsample=[('simple_3x3', 8)])";

static const char config_text[] =
    "dataset: {scale: 4, batch_size: 4, crop_size: 16}\n"
    "arch:\n"
    "  bits: [8, 4]\n  scale: 4\n  c_fixed: 12\n  body_cells: 1\n  skip_mode: true\n"
    "  arch_pattern: {head: 2, body: 2, skip: 1, tail: 1, upsample: 1}\n"
    "  primitives:\n"
    "    head: [simple_3x3, simple_5x5, simple_3x3_grouped_3]\n"
    "    body: [simple_3x3, simple_5x5, conv_3x1_1x3, conv_5x1_1x5]\n"
    "    skip: [simple_1x1, simple_3x3]\n"
    "    upsample: [simple_3x3, simple_3x3_grouped_3]\n"
    "    tail: [simple_3x3, simple_5x5]\n"
    "search: {penalty: %s}\n";

static void check(gboolean ok, GError *error)
{
    if (!ok)
        fail_msg("%s", error ? error->message : "no reason");
}

static void write_config(const char *dir, const FakeRun *run, QtrArch *arch)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_CONFIG);
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *text =
        g_strdup_printf(config_text, g_ascii_dtostr(digits, sizeof digits, run->penalty));
    GError *error = NULL;
    g_autoptr(QtrConfig) config =
        qtr_config_load_text(text, strlen(text), "config", NULL, NULL, NULL, NULL, &error);
    g_autofree char *yaml = NULL;

    check(config != NULL, error);
    qtr_config_get_arch(config, arch);
    yaml = qtr_config_to_yaml(config);
    check(qtr_file_write(path, yaml, strlen(yaml), &error), error);
}

/* Alphas that drift apart; the same for the same epoch. */
static float **make_alphas(const QtrArch *arch, guint epoch)
{
    int n = qtr_arch_layer_count(arch);
    float **alphas = g_new0(float *, n + 1);

    for (int i = 0; i < n; i++) {
        QtrBlock block;
        int layer, m;

        qtr_arch_layer_at(arch, i, &block, &layer);
        m = arch->n_primitives[block] * arch->n_bits;
        alphas[i] = g_new0(float, m);
        for (int j = 0; j < m; j++)
            alphas[i][j] = (float)(0.22 * epoch * sin(1.7 * i + 2.3 * j));
    }
    return alphas;
}

static void add_search_epoch(QtrEvents *events, const QtrArch *arch, guint epoch, guint epochs)
{
    float **alphas = make_alphas(arch, epoch);
    double e = epoch;
    QtrEventEpoch event = {.phase = epoch < 2 ? "warm-up" : "search",
                           .epoch = epoch,
                           .epochs = epochs,
                           .train_loss = 0.03 + 0.09 * exp(-e / 3),
                           .alpha_loss = epoch < 2 ? NAN : 0.035 + 0.09 * exp(-e / 3),
                           .val_loss = 0.036 + 0.1 * exp(-e / 3),
                           .psnr = NAN,
                           .lr = 0.001 * (1 + cos(G_PI * e / epochs)) / 2,
                           .temperature = 5 - 4.9 * e / epochs,
                           .cost = 6e9 * exp(-e / 12),
                           .memory = 1e7,
                           .best_cost = 5.2e9 * exp(-floor(e / 3) / 3),
                           .best_memory = 1e7,
                           .bitops_32 = 3.1e9 * exp(-floor(e / 3) / 3),
                           .seconds = 31,
                           .is_best = epoch == epochs - 1,
                           .genotype = genotype_text,
                           .arch = arch,
                           .alphas = (const float *const *)alphas};
    GError *error = NULL;

    for (guint s = 1; s <= STEPS; s += 3)
        check(qtr_events_step(events,
                              &(QtrEventStep){.phase = event.phase,
                                              .epoch = epoch,
                                              .step = s,
                                              .steps = STEPS,
                                              .loss = event.train_loss * (1 + 0.2 * sin(9.0 * s)),
                                              .alpha_loss = event.alpha_loss,
                                              .lr = event.lr,
                                              .eta = 30.0 * (epochs - e)},
                              &error),
              error);
    check(qtr_events_epoch(events, &event, &error), error);
    g_strfreev((char **)alphas);
}

static void add_search(QtrEvents *events, const FakeRun *run, const QtrArch *arch)
{
    GError *error = NULL;

    check(qtr_events_started(events,
                             &(QtrEventStarted){.kind = "search",
                                                .name = run->name,
                                                .device = "Example GPU",
                                                .config_path = "config.yaml",
                                                .epochs = run->search_epochs,
                                                .epoch_steps = STEPS},
                             &error),
          error);
    check(qtr_events_space(events, arch, &error), error);
    for (guint e = 0; e < run->search_epochs; e++)
        add_search_epoch(events, arch, e, run->search_epochs);
    if (run->state)
        check(qtr_events_finished(events, "done", NULL, 380, &error), error);
}

static void add_training(QtrEvents *events, const FakeRun *run)
{
    GError *error = NULL;

    check(qtr_events_started(events,
                             &(QtrEventStarted){.kind = "train",
                                                .name = run->name,
                                                .device = "Example GPU",
                                                .config_path = "config.yaml",
                                                .epochs = run->train_epochs,
                                                .epoch_steps = STEPS},
                             &error),
          error);
    for (guint e = 0; e < run->train_epochs; e++) {
        double loss = 0.025 + 0.06 * exp(-(double)e / 5);

        check(qtr_events_epoch(events,
                               &(QtrEventEpoch){.phase = "train",
                                                .epoch = e,
                                                .epochs = run->train_epochs,
                                                .train_loss = loss,
                                                .alpha_loss = NAN,
                                                .val_loss = NAN,
                                                .psnr = 27.4 - 3 * exp(-(double)e / 4),
                                                .lr = 0.001 * (1 - (double)e / run->train_epochs),
                                                .temperature = NAN,
                                                .cost = NAN,
                                                .memory = NAN,
                                                .best_cost = NAN,
                                                .bitops_32 = NAN,
                                                .best_memory = NAN,
                                                .seconds = 12},
                               &error),
              error);
    }
    if (run->state)
        check(qtr_events_finished(events, run->state,
                                  g_str_equal(run->state, "failed")
                                      ? "the device ran out of memory: lower dataset.batch_size"
                                      : NULL,
                                  240, &error),
              error);
}

#define WIDTH 256
#define HEIGHT 192

/* Something with edges, ramps and fine lines. */
static QtrImage *make_picture(void)
{
    QtrImage *image = qtr_image_new(WIDTH, HEIGHT, 3, 8);
    guint8 *p = image->data;

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++, p += 3) {
            double d = hypot(x - 170, y - 60), sky = 1 - y / (double)HEIGHT;
            gboolean hill = y > 120 + 25 * sin(x * 0.035), sun = d < 34;
            gboolean stripe = hill && ((x + 2 * y) / 3) % 3 == 0;

            p[0] = (guint8)(sun ? 250 : hill ? (stripe ? 70 : 40) : 120 + 90 * (1 - sky));
            p[1] = (guint8)(sun ? 220 : hill ? (stripe ? 130 : 95) : 160 + 40 * (1 - sky));
            p[2] = (guint8)(sun ? 120 : hill ? (stripe ? 60 : 50) : 220 - 60 * (1 - sky));
        }
    return image;
}

static void save(QtrEvents *events, const char *dir, const char *name, const char *kind,
                 const QtrImage *image)
{
    g_autofree char *relative = qtr_folder_picture("Set5", name, kind);
    g_autofree char *path = g_build_filename(dir, relative, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    GError *error = NULL;

    (void)g_mkdir_with_parents(parent, 0755);
    check(qtr_image_save(image, path, &error), error);
    check(qtr_events_picture(events, kind, "Set5", name, relative, &error), error);
}

static void add_pictures(QtrEvents *events, const char *dir)
{
    static const char *const names[] = {"hills", "a-photo-with-a-rather-long-name-0001"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(QtrImage) hr = make_picture();
        g_autoptr(QtrImage) sr = qtr_image_copy(hr, NULL);
        g_autoptr(QtrImage) lr = qtr_image_resize_bicubic(hr, WIDTH / 4, HEIGHT / 4, NULL);
        g_autoptr(QtrImage) bicubic = qtr_image_resize_bicubic(lr, WIDTH, HEIGHT, NULL);

        for (int j = 0; j < WIDTH * HEIGHT * 3; j++)
            ((guint8 *)sr->data)[j] =
                (guint8)((3 * ((guint8 *)hr->data)[j] + ((guint8 *)bicubic->data)[j]) / 4);
        save(events, dir, names[i], "LR", lr);
        save(events, dir, names[i], "SR", sr);
        save(events, dir, names[i], "HR", hr);
        save(events, dir, names[i], "bicubic", bicubic);
    }
}

static void add_validation(QtrEvents *events, const char *dir, const FakeRun *run)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_VALIDATION);
    QtrValidationRow set5 = {.set = (char *)"Set5",
                             .model_size = 0.03,
                             .packed_bytes = 30000,
                             .bitops_32 = run->bitops,
                             .bitops_256 = run->bitops * 64,
                             .psnr = run->psnr + 2,
                             .ssim = 0.86,
                             .psnr_bicubic = 28.42,
                             .seconds_per_megapixel = 1.2,
                             .images = 5};
    QtrValidationRow set14 = set5;
    GError *error = NULL;

    set14.set = (char *)"Set14";
    set14.psnr = run->psnr;
    set14.psnr_bicubic = 26.08;
    set14.images = 14;
    g_ptr_array_add(rows, &set5);
    g_ptr_array_add(rows, &set14);
    check(qtr_events_started(
              events,
              &(QtrEventStarted){.kind = "validate", .name = run->name, .device = "Example GPU"},
              &error),
          error);
    check(qtr_events_validation(events, &set5, &error), error);
    check(qtr_events_validation(events, &set14, &error), error);
    if (run->pictures)
        add_pictures(events, dir);
    check(qtr_events_finished(events, "done", NULL, 5, &error), error);
    check(qtr_validation_save(rows, path, &error), error);
}

QtrEvents *fake_run_open_events(const char *dir)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_EVENTS);
    GError *error = NULL;
    QtrEvents *events = qtr_events_open(path, &error);

    check(events != NULL, error);
    return events;
}

char *fake_run_make(const char *parent, const char *leaf, const FakeRun *run)
{
    char *dir = g_build_filename(parent, leaf, NULL);
    g_autofree char *genotype_path = qtr_folder_path(dir, QTR_FOLDER_GENOTYPE);
    g_autofree char *weights = qtr_folder_path(dir, QTR_FOLDER_BEST);
    GError *error = NULL;
    QtrEvents *events;
    QtrArch arch;

    check(qtr_folder_make(dir, &error), error);
    write_config(dir, run, &arch);
    events = fake_run_open_events(dir);
    if (run->search_epochs) {
        add_search(events, run, &arch);
        check(qtr_file_write(genotype_path, genotype_text, strlen(genotype_text), &error), error);
    }
    if (run->train_epochs)
        add_training(events, run);
    if (isfinite(run->psnr)) {
        add_validation(events, dir, run);
        check(qtr_file_write(weights, "", 0, &error), error);
    }
    qtr_events_close(events);
    return dir;
}

void fake_run_add_step(const char *dir, guint epoch, guint step, double loss)
{
    GError *error = NULL;
    QtrEvents *events = fake_run_open_events(dir);

    check(qtr_events_step(events,
                          &(QtrEventStep){.phase = "search",
                                          .epoch = epoch,
                                          .step = step,
                                          .steps = STEPS,
                                          .loss = loss,
                                          .alpha_loss = NAN,
                                          .lr = 0.001,
                                          .eta = 100},
                          &error),
          error);
    qtr_events_close(events);
}

void fake_program_make(const char *dir)
{
    static const char text[] = "#!/bin/sh\necho \"$*\" >>\"${0%/*}/calls.txt\"\n";
    g_autofree char *path = g_build_filename(dir, "program", NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(path, 0755), 0);
    g_setenv("QUANTOASTER_PROGRAM", path, TRUE);
}

void fake_program_forget(void)
{
    g_unsetenv("QUANTOASTER_PROGRAM");
}

char *fake_program_calls(const char *dir)
{
    g_autofree char *path = g_build_filename(dir, "calls.txt", NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

char *fake_dir_make(void)
{
    char *dir = g_dir_make_tmp("qtr-gui-XXXXXX", NULL);

    assert_non_null(dir);
    return dir;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    return remove(path);
}

void fake_dir_remove(char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    g_free(dir);
}
