#include "qtr-choice-columns.h"

struct QtrChoiceColumns {
    QtrRunSpace *space;
    GPtrArray *names; /* char*, of the space */
};

static const QtrRunLayer *layer_at(const QtrChoiceColumns *columns, guint layer)
{
    return &g_array_index(columns->space->layers, QtrRunLayer, layer);
}

static guint find(char **names, guint n, const char *name)
{
    for (guint i = 0; i < n; i++)
        if (g_str_equal(names[i], name))
            return i;
    return G_MAXUINT;
}

static guint find_name(const QtrChoiceColumns *columns, const char *name)
{
    return find((char **)columns->names->pdata, columns->names->len, name);
}

QtrChoiceColumns *qtr_choice_columns_new(QtrRunSpace *space)
{
    QtrChoiceColumns *columns = g_new0(QtrChoiceColumns, 1);

    columns->space = qtr_run_space_ref(space);
    columns->names = g_ptr_array_new();
    for (guint i = 0; i < space->layers->len; i++)
        for (guint p = 0; p < layer_at(columns, i)->n_primitives; p++) {
            char *name = layer_at(columns, i)->primitives[p];

            if (find_name(columns, name) == G_MAXUINT)
                g_ptr_array_add(columns->names, name);
        }
    return columns;
}

void qtr_choice_columns_free(QtrChoiceColumns *columns)
{
    if (!columns)
        return;
    g_ptr_array_unref(columns->names);
    qtr_run_space_unref(columns->space);
    g_free(columns);
}

guint qtr_choice_columns_primitives(const QtrChoiceColumns *columns)
{
    return columns->names->len;
}

const char *qtr_choice_columns_name(const QtrChoiceColumns *columns, guint primitive)
{
    return g_ptr_array_index(columns->names, primitive);
}

guint qtr_choice_columns_count(const QtrChoiceColumns *columns)
{
    return columns->names->len * columns->space->bits->len;
}

int qtr_choice_columns_bits(const QtrChoiceColumns *columns, guint column)
{
    return g_array_index(columns->space->bits, int, column % columns->space->bits->len);
}

guint qtr_choice_columns_choice(const QtrChoiceColumns *columns, guint layer, guint column)
{
    const QtrRunLayer *l = layer_at(columns, layer);
    guint bits = columns->space->bits->len;
    guint p = find(l->primitives, l->n_primitives, qtr_choice_columns_name(columns, column / bits));

    return p == G_MAXUINT ? G_MAXUINT : p * bits + column % bits;
}

guint qtr_choice_columns_column(const QtrChoiceColumns *columns, guint layer, guint choice)
{
    guint bits = columns->space->bits->len;

    return find_name(columns, layer_at(columns, layer)->primitives[choice / bits]) * bits +
           choice % bits;
}
