#include "qtr-devices.h"

#include "qtr-process.h"

#include <glib/gi18n.h>

struct _QtrDeviceItem {
    GObject parent_instance;

    char *key, *name, *failure;
    int index;
};

G_DEFINE_FINAL_TYPE(QtrDeviceItem, qtr_device_item, G_TYPE_OBJECT)

enum { ITEM_PROP_NAME = 1, ITEM_PROP_KEY };

struct _QtrDevices {
    GObject parent_instance;

    GListStore *items;
    QtrProcess *child; /* while loading */
    char *message;
};

static void list_model_init(GListModelInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE(QtrDevices, qtr_devices, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_LOADING = 1, PROP_MESSAGE, N_PROPS };
static GParamSpec *props[N_PROPS];

static void qtr_device_item_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    QtrDeviceItem *self = QTR_DEVICE_ITEM(object);

    g_value_set_string(value, id == ITEM_PROP_NAME ? self->name : self->key);
}

static void qtr_device_item_finalize(GObject *object)
{
    QtrDeviceItem *self = QTR_DEVICE_ITEM(object);

    g_free(self->key);
    g_free(self->name);
    g_free(self->failure);
    G_OBJECT_CLASS(qtr_device_item_parent_class)->finalize(object);
}

static void qtr_device_item_class_init(QtrDeviceItemClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    object_class->get_property = qtr_device_item_get_property;
    object_class->finalize = qtr_device_item_finalize;
    g_object_class_install_property(object_class, ITEM_PROP_NAME,
                                    g_param_spec_string("name", NULL, NULL, NULL, flags));
    g_object_class_install_property(object_class, ITEM_PROP_KEY,
                                    g_param_spec_string("key", NULL, NULL, NULL, flags));
}

static void qtr_device_item_init(QtrDeviceItem *self)
{
    self->index = -1;
}

const char *qtr_device_item_get_key(QtrDeviceItem *item)
{
    return item->key;
}

const char *qtr_device_item_get_name(QtrDeviceItem *item)
{
    return item->name;
}

int qtr_device_item_get_index(QtrDeviceItem *item)
{
    return item->index;
}

const char *qtr_device_item_get_failure(QtrDeviceItem *item)
{
    return item->failure;
}

static GType get_item_type(GListModel *model)
{
    return QTR_TYPE_DEVICE_ITEM;
}

static guint get_n_items(GListModel *model)
{
    return g_list_model_get_n_items(G_LIST_MODEL(QTR_DEVICES(model)->items));
}

static gpointer get_item(GListModel *model, guint position)
{
    return g_list_model_get_item(G_LIST_MODEL(QTR_DEVICES(model)->items), position);
}

static void list_model_init(GListModelInterface *iface)
{
    iface->get_item_type = get_item_type;
    iface->get_n_items = get_n_items;
    iface->get_item = get_item;
}

static void append_best(QtrDevices *self)
{
    g_autoptr(QtrDeviceItem) item = g_object_new(QTR_TYPE_DEVICE_ITEM, NULL);

    item->key = g_strdup("");
    item->name = g_strdup(_("Best available"));
    g_list_store_append(self->items, item);
}

static const char *text_of(JsonObject *object, const char *member)
{
    return json_object_get_string_member_with_default(object, member, "");
}

static void append_device(JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
    QtrDevices *self = user_data;
    g_autoptr(QtrDeviceItem) item = NULL;
    JsonObject *object;

    if (!JSON_NODE_HOLDS_OBJECT(node))
        return;
    object = json_node_get_object(node);
    item = g_object_new(QTR_TYPE_DEVICE_ITEM, NULL);
    item->key = g_strdup(text_of(object, "key"));
    item->name = g_strstrip(g_strdup(text_of(object, "name")));
    item->index = (int)json_object_get_int_member_with_default(object, "index", (gint64)index);
    if (!json_object_get_boolean_member_with_default(object, "self_test", FALSE))
        item->failure = g_strdup(text_of(object, "failure"));
    g_list_store_append(self->items, item);
}

static void on_message(QtrDevices *self, JsonObject *object)
{
    JsonNode *node = json_object_get_member(object, "devices");

    if (node && JSON_NODE_HOLDS_ARRAY(node))
        json_array_foreach_element(json_node_get_array(node), append_device, self);
}

static void set_message(QtrDevices *self, const char *message)
{
    g_free(self->message);
    self->message = g_strdup(message);
    g_object_notify_by_pspec(G_OBJECT(self), props[PROP_MESSAGE]);
}

static void on_finished(QtrDevices *self, QtrProcess *child)
{
    set_message(self, qtr_process_get_failure(child));
    g_clear_object(&self->child);
    g_object_notify_by_pspec(G_OBJECT(self), props[PROP_LOADING]);
}

void qtr_devices_refresh(QtrDevices *devices)
{
    static const char *const args[] = {"devices", "--json", NULL};
    g_autoptr(GError) error = NULL;

    if (devices->child)
        return;
    g_list_store_remove_all(devices->items);
    append_best(devices);
    devices->child = qtr_process_new(QTR_PROCESS_ANSWER, args, NULL, &error);
    set_message(devices, error ? error->message : NULL);
    if (!devices->child)
        return;
    g_signal_connect_object(devices->child, "message", G_CALLBACK(on_message), devices,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(devices->child, "finished", G_CALLBACK(on_finished), devices,
                            G_CONNECT_SWAPPED);
    g_object_notify_by_pspec(G_OBJECT(devices), props[PROP_LOADING]);
}

QtrDevices *qtr_devices_get(void)
{
    GApplication *application = g_application_get_default();
    QtrDevices *devices;

    g_return_val_if_fail(application != NULL, NULL);
    devices = g_object_get_data(G_OBJECT(application), "qtr-devices");
    if (!devices) {
        devices = g_object_new(QTR_TYPE_DEVICES, NULL);
        g_object_set_data_full(G_OBJECT(application), "qtr-devices", devices, g_object_unref);
        qtr_devices_refresh(devices);
    }
    return g_object_ref(devices);
}

gboolean qtr_devices_is_loading(QtrDevices *devices)
{
    return devices->child != NULL;
}

const char *qtr_devices_get_message(QtrDevices *devices)
{
    return devices->message;
}

guint qtr_devices_find(QtrDevices *devices, const char *key)
{
    guint n = get_n_items(G_LIST_MODEL(devices));

    for (guint i = 0; i < n; i++) {
        g_autoptr(QtrDeviceItem) item = get_item(G_LIST_MODEL(devices), i);

        if (g_strcmp0(item->key, key) == 0)
            return i;
    }
    return G_MAXUINT;
}

static void qtr_devices_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    QtrDevices *self = QTR_DEVICES(object);

    if (id == PROP_LOADING)
        g_value_set_boolean(value, self->child != NULL);
    else
        g_value_set_string(value, self->message);
}

static void on_items_changed(QtrDevices *self, guint position, guint removed, guint added)
{
    g_list_model_items_changed(G_LIST_MODEL(self), position, removed, added);
}

static void qtr_devices_dispose(GObject *object)
{
    QtrDevices *self = QTR_DEVICES(object);

    if (self->child)
        qtr_process_kill(self->child);
    g_clear_object(&self->child);
    g_clear_object(&self->items);
    g_clear_pointer(&self->message, g_free);
    G_OBJECT_CLASS(qtr_devices_parent_class)->dispose(object);
}

static void qtr_devices_class_init(QtrDevicesClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    object_class->get_property = qtr_devices_get_property;
    object_class->dispose = qtr_devices_dispose;
    props[PROP_LOADING] = g_param_spec_boolean("loading", NULL, NULL, FALSE, flags);
    props[PROP_MESSAGE] = g_param_spec_string("message", NULL, NULL, NULL, flags);
    g_object_class_install_properties(object_class, N_PROPS, props);
}

static void qtr_devices_init(QtrDevices *self)
{
    self->items = g_list_store_new(QTR_TYPE_DEVICE_ITEM);
    g_signal_connect_swapped(self->items, "items-changed", G_CALLBACK(on_items_changed), self);
}
