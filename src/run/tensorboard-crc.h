#pragma once
#include <glib.h>

/* CRC-32C (Castagnoli, reflected polynomial 0x82f63b78, as in iSCSI, RFC 3720). */
guint32 qtr_crc32c(const void *data, gsize size);

/* As TFRecord files store it: rotated and offset, for data that may itself hold checksums. */
guint32 qtr_crc32c_masked(const void *data, gsize size);
