#include "base/rng.h"

QtrRng4 qtr_rng_philox(const guint32 counter[4], const guint32 key[2], int rounds)
{
    guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    guint32 k0 = key[0], k1 = key[1];

    for (int round = 0; round < rounds; round++) {
        guint64 p0 = (guint64)0xD2511F53u * c0;
        guint64 p1 = (guint64)0xCD9E8D57u * c2;

        c0 = (guint32)(p1 >> 32) ^ c1 ^ k0;
        c2 = (guint32)(p0 >> 32) ^ c3 ^ k1;
        c1 = (guint32)p1;
        c3 = (guint32)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return (QtrRng4){{c0, c1, c2, c3}};
}

QtrRng4 qtr_rng_at(guint64 seed, QtrRngStream stream, guint32 step, guint64 index)
{
    const guint32 counter[4] = {(guint32)index, (guint32)(index >> 32), step, (guint32)stream};
    const guint32 key[2] = {(guint32)seed, (guint32)(seed >> 32)};

    return qtr_rng_philox(counter, key, QTR_RNG_ROUNDS);
}

void qtr_rng_shuffle(guint64 seed, QtrRngStream stream, guint32 step, guint32 *items, guint32 n)
{
    for (guint32 i = n; i > 1; i--) {
        guint32 j = qtr_rng_below(qtr_rng_at(seed, stream, step, i).v[0], i);
        guint32 t = items[i - 1];

        items[i - 1] = items[j];
        items[j] = t;
    }
}
