#include "run/tile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static void assert_genotype(QtrGenotype *genotype, const char *text)
{
    assert_true(qtr_genotype_parse(genotype, text, "test", NULL));
}

static void test_margin_is_the_reach_of_the_kernels(void **state)
{
    QtrGenotype genotype;
    QtrTileMargin margin;
    QtrArch arch;

    qtr_arch_init(&arch);
    arch.scale = 4;
    arch.body_cells = 3;
    assert_genotype(&genotype, "Genotype_SR(head=[('simple_5x5', 8)], body=[('conv_3x1_1x3', 8), "
                               "('decenc_3x3_2', 8)], tail=[('simple_9x9', 8)], "
                               "skip=[('simple_9x9', 8)], upsample=[('simple_3x3', 4)])");
    margin = qtr_tile_margin(&arch, &genotype);
    /* head 2, three times the larger of body 1 + 3 and skip 4, upsample 1, tail 4 of HR: 16 */
    assert_int_equal(margin.columns, 16);
    /* From the tail on, each kernel's reach beyond whole strips of four rows: 4 of HR; 4 + 1; in
     * each cell 3 x 3 three times and 3 x 1: 5 > 9 > 13 > 17 > 21, > 37, > 53; 56 + 2. */
    assert_int_equal(margin.rows, 60);
}

static guint64 bytes_with_tail(const char *tail)
{
    g_autofree char *text = g_strdup_printf(
        "Genotype_SR(head=[('simple_3x3', 8)], body=[('simple_3x3', 8)], tail=[%s], "
        "skip=[('simple_3x3', 8)], upsample=[('simple_3x3', 8)])",
        tail);
    QtrGenotype genotype;
    QtrArch arch;

    qtr_arch_init(&arch);
    assert_genotype(&genotype, text);
    return qtr_tile_bytes(&arch, &genotype, 100, 100);
}

static void test_bytes_count_chains_at_full_size(void **state)
{
    const guint64 plane = 4 * (guint64)100 * 100 * 16, c = 36;

    /* In front of the second convolution stand 2C channels and as many activations. */
    assert_true(bytes_with_tail("('growth2_3x3', 8)") >=
                bytes_with_tail("('simple_3x3', 8)") + 2 * 2 * c * plane - 9 * plane);
    assert_true(bytes_with_tail("") < bytes_with_tail("('simple_3x3', 8)"));
}

static void check_spans(int length, int core, int margin)
{
    g_autoptr(GArray) spans = qtr_tile_spans(length, core, margin);
    int next = 0, size = qtr_tile_size(length, core, margin);

    for (guint i = 0; i < spans->len; i++) {
        const QtrTileSpan *s = &g_array_index(spans, QtrTileSpan, i);
        int end = s->core_at + s->core;

        assert_int_equal(s->core_at, next);
        assert_true(s->core > 0 && s->core_at % core == 0);
        assert_true(s->at >= 0 && s->at + size <= length);
        assert_true(core % QTR_WINOGRAD_ROWS != 0 || s->at % QTR_WINOGRAD_ROWS == 0);
        assert_true(s->at == 0 || s->core_at - s->at >= margin);
        assert_true(s->at + size == length || s->at + size - end >= margin);
        next = end;
    }
    assert_int_equal(next, length);
}

static void test_spans_cover_with_margin(void **state)
{
    for (int margin = 0; margin < 7; margin++)
        for (int core = 1; core < 12; core++)
            for (int length = 1; length < 60; length++)
                check_spans(length, core, margin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_margin_is_the_reach_of_the_kernels),
        cmocka_unit_test(test_bytes_count_chains_at_full_size),
        cmocka_unit_test(test_spans_cover_with_margin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
