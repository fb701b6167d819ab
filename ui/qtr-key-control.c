#include "qtr-key-control.h"

#include "qtr-bits-box.h"
#include "run/config-yaml.h"

#include <string.h>

gboolean qtr_key_is_text(QtrKeyType type)
{
    return type == QTR_KEY_STRING || type == QTR_KEY_NAME || type == QTR_KEY_INPUT ||
           type == QTR_KEY_OUTPUT;
}

char *qtr_key_control_get(GtkWidget *control, const QtrConfigKey *key)
{
    GtkStringObject *choice;

    switch (key->type) {
    case QTR_KEY_INT:
        return g_strdup_printf("%d", gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(control)));
    case QTR_KEY_BOOL:
        return g_strdup(gtk_switch_get_active(GTK_SWITCH(control)) ? "True" : "False");
    case QTR_KEY_ENUM:
        choice = gtk_drop_down_get_selected_item(GTK_DROP_DOWN(control));
        return g_strdup(choice ? gtk_string_object_get_string(choice) : "");
    default:
        return g_strdup(gtk_editable_get_text(GTK_EDITABLE(control)));
    }
}

/* Text of the user's as YAML: numbers as they are, everything else so that it reads back. */
char *qtr_key_as_yaml(const QtrConfigKey *key, const char *text)
{
    if (!*text)
        return g_strdup("");
    if (key->type == QTR_KEY_FLOAT && !text[strspn(text, "0123456789+-.eE_")])
        return g_strdup(text);
    return qtr_key_is_text(key->type) || key->type == QTR_KEY_FLOAT ? qtr_yaml_quote(text)
                                                                    : g_strdup(text);
}

void qtr_key_control_set(GtkWidget *control, const QtrConfigKey *key, const char *value)
{
    guint selected = GTK_INVALID_LIST_POSITION;

    switch (key->type) {
    case QTR_KEY_INT:
        gtk_spin_button_set_value(GTK_SPIN_BUTTON(control), g_ascii_strtod(value, NULL));
        break;
    case QTR_KEY_BOOL:
        gtk_switch_set_active(GTK_SWITCH(control), strcmp(value, "True") == 0);
        break;
    case QTR_KEY_ENUM:
        for (guint i = 0; key->choices[i]; i++)
            if (strcmp(key->choices[i], value) == 0)
                selected = i;
        gtk_drop_down_set_selected(GTK_DROP_DOWN(control), selected);
        break;
    case QTR_KEY_BITS:
        qtr_bits_box_refresh(QTR_BITS_BOX(control));
        break;
    default:
        if (strcmp(gtk_editable_get_text(GTK_EDITABLE(control)), value) != 0)
            gtk_editable_set_text(GTK_EDITABLE(control), value);
    }
}

static GtkWidget *make_entry(const QtrConfigKey *key)
{
    GtkWidget *entry = gtk_entry_new();

    if (key->type == QTR_KEY_FLOAT) {
        gtk_editable_set_width_chars(GTK_EDITABLE(entry), 9);
        gtk_editable_set_max_width_chars(GTK_EDITABLE(entry), 9);
    } else {
        gtk_widget_set_hexpand(entry, TRUE);
    }
    return entry;
}

GtkWidget *qtr_key_control_new(const QtrConfigKey *key, QtrDocument *document)
{
    GtkWidget *control;

    switch (key->type) {
    case QTR_KEY_INT:
        control = gtk_spin_button_new_with_range(key->min, key->max, 1);
        gtk_editable_set_width_chars(GTK_EDITABLE(control), 5);
        return control;
    case QTR_KEY_BOOL:
        return gtk_switch_new();
    case QTR_KEY_ENUM:
        return gtk_drop_down_new_from_strings(key->choices);
    case QTR_KEY_BITS:
        return qtr_bits_box_new(key->path, document);
    default:
        return make_entry(key);
    }
}

const char *qtr_key_control_signal(const QtrConfigKey *key)
{
    switch (key->type) {
    case QTR_KEY_INT:
        return "value-changed";
    case QTR_KEY_BOOL:
        return "notify::active";
    case QTR_KEY_ENUM:
        return "notify::selected";
    default:
        return NULL;
    }
}
