#include "run/tensorboard-crc.h"

guint32 qtr_crc32c(const void *data, gsize size)
{
    const guint8 *bytes = data;
    guint32 crc = 0xffffffffu;

    /* Bit by bit: a run logs kilobytes an epoch. */
    for (gsize i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82f63b78u & -(crc & 1u));
    }
    return ~crc;
}

guint32 qtr_crc32c_masked(const void *data, gsize size)
{
    guint32 crc = qtr_crc32c(data, size);

    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}
