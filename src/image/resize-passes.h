/* The two passes of a resize for one sample type; included once for each by resize.c, which
 * defines SAMPLE, SUM (holds 2^22 * 2 * the largest sample), LARGEST and NAME(x). */

static inline SAMPLE NAME(clip)(SUM sum)
{
    sum >>= PRECISION;
    return (SAMPLE)(sum < 0 ? 0 : sum > LARGEST ? LARGEST : sum);
}

/* Always inlined with a constant channel count: the inner loop then has no index arithmetic. */
static inline __attribute__((always_inline)) void NAME(row)(const Axis *axis, const SAMPLE *in,
                                                            SAMPLE *out, int channels)
{
    for (int x = 0; x < axis->out; x++, out += channels) {
        const gint32 *k = axis->weights + (gsize)x * (gsize)axis->taps;
        const SAMPLE *from = in + (gsize)axis->first[x] * (gsize)channels;
        int count = axis->count[x];

        for (int c = 0; c < channels; c++) {
            SUM sum = HALF;

            for (int i = 0; i < count; i++)
                sum += (SUM)from[i * channels + c] * k[i];
            out[c] = NAME(clip)(sum);
        }
    }
}

static void NAME(horizontal)(const Axis *axis, const SAMPLE *in, SAMPLE *out, int rows,
                             int channels)
{
    gsize in_row = (gsize)axis->in * (gsize)channels, out_row = (gsize)axis->out * (gsize)channels;

    for (int y = 0; y < rows; y++, in += in_row, out += out_row)
        switch (channels) {
        case 1:
            NAME(row)(axis, in, out, 1);
            break;
        case 2:
            NAME(row)(axis, in, out, 2);
            break;
        case 3:
            NAME(row)(axis, in, out, 3);
            break;
        default:
            NAME(row)(axis, in, out, 4);
        }
}

/* Row by row into sums, so that the inner loop runs along memory whatever the factor. */
static void NAME(vertical)(const Axis *axis, const SAMPLE *in, SAMPLE *out, gsize row)
{
    g_autofree SUM *sums = g_new(SUM, row);

    for (int y = 0; y < axis->out; y++, out += row) {
        const gint32 *k = axis->weights + (gsize)y * (gsize)axis->taps;

        for (gsize x = 0; x < row; x++)
            sums[x] = HALF;
        for (int i = 0; i < axis->count[y]; i++) {
            const SAMPLE *from = in + (gsize)(axis->first[y] + i) * row;
            SUM weight = k[i];

            for (gsize x = 0; x < row; x++)
                sums[x] += from[x] * weight;
        }
        for (gsize x = 0; x < row; x++)
            out[x] = NAME(clip)(sums[x]);
    }
}

/* `between`: between_samples() of them. */
static void NAME(apply)(const QtrResize *resize, const SAMPLE *in, SAMPLE *between, SAMPLE *out,
                        int channels)
{
    NAME(horizontal)(&resize->x, in, between, resize->y.in, channels);
    NAME(vertical)(&resize->y, between, out, (gsize)resize->x.out * (gsize)channels);
}
