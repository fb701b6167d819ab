#pragma once
#include <gio/gio.h>

/* An OpenCL device as `devices --json` tells. Immutable. */
#define QTR_TYPE_DEVICE_ITEM (qtr_device_item_get_type())
G_DECLARE_FINAL_TYPE(QtrDeviceItem, qtr_device_item, QTR, DEVICE_ITEM, GObject)

/* Also as properties of these names, for GtkExpressions. */
const char *qtr_device_item_get_key(QtrDeviceItem *item);  /* stable, what -g takes; "": the best */
const char *qtr_device_item_get_name(QtrDeviceItem *item); /* for people */
int qtr_device_item_get_index(QtrDeviceItem *item);        /* -1: the best one */
/* NULL if the device's self-test passed, else why it did not. */
const char *qtr_device_item_get_failure(QtrDeviceItem *item);

/* The devices of this machine: a GListModel of QtrDeviceItem, filled once by a child process, as a
 * driver may crash. Its first item is "the best device" with the key "". Properties: `loading`
 * (gboolean) and `message` (NULL, or why there is no device and what to install). */
#define QTR_TYPE_DEVICES (qtr_devices_get_type())
G_DECLARE_FINAL_TYPE(QtrDevices, qtr_devices, QTR, DEVICES, GObject)

/* The application's list, asked for at the first call; a new reference. */
QtrDevices *qtr_devices_get(void);
void qtr_devices_refresh(QtrDevices *devices);
gboolean qtr_devices_is_loading(QtrDevices *devices);
const char *qtr_devices_get_message(QtrDevices *devices);
/* The position of a key, or G_MAXUINT. */
guint qtr_devices_find(QtrDevices *devices, const char *key);
