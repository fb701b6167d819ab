#pragma once
#include "run/config.h"

#include <gtksourceview/gtksource.h>

/* The configuration being edited: a YAML text with one undo history, and what it means. Panels
 * change it through keys, the text view through the buffer; both see each other's changes. Main
 * thread only.
 *
 * Signals: `changed` () when idle after changes of the text, its file or state. What is asked for
 * is always of the text as it is. */
#define QTR_TYPE_DOCUMENT (qtr_document_get_type())
G_DECLARE_FINAL_TYPE(QtrDocument, qtr_document, QTR, DOCUMENT, GObject)

/* Holds the default configuration. */
QtrDocument *qtr_document_new(void);

GtkSourceBuffer *qtr_document_get_buffer(QtrDocument *document); /* borrowed */
char *qtr_document_get_text(QtrDocument *document);              /* free with g_free */

/* Borrowed until the text changes. Keys with a problem have their default in it; NULL only if the
 * text cannot be read at all (it is not YAML). */
const QtrConfig *qtr_document_get_config(QtrDocument *document);
/* QtrConfigProblem; borrowed until the text changes. */
const GPtrArray *qtr_document_get_problems(QtrDocument *document);
/* The first error (no warning) of `key`, NULL if it has none; with NULL, the first of all. */
const QtrConfigProblem *qtr_document_find_problem(QtrDocument *document, const char *key);

/* Gives a key a value (YAML text, "" for none) as one step of the undo history; comments survive.
 * FALSE, and nothing changes, while the text is not YAML. */
gboolean qtr_document_set_value(QtrDocument *document, const char *key, const char *value);
/* The value that is written in the text, NULL if the key is not in it. Free with g_free. */
char *qtr_document_get_value(QtrDocument *document, const char *key);
/* Several changes as one step. */
void qtr_document_begin(QtrDocument *document);
void qtr_document_end(QtrDocument *document);

/* Takes over all keys of the sections in NULL-terminated `sections` from `config`, as one step.
 * FALSE if the text has no place for some of them. */
gboolean qtr_document_apply(QtrDocument *document, const QtrConfig *config,
                            const char *const *sections);

/* The text for a copy that is read from another folder: relative paths in it are made absolute.
 * Free with g_free. */
char *qtr_document_get_standalone(QtrDocument *document);

/* A new text without a file; `folder` is what relative paths count from (may be NULL). */
void qtr_document_set_text(QtrDocument *document, const char *text, const char *folder);
/* Reads and writes files; on failure nothing changes. */
gboolean qtr_document_load(QtrDocument *document, const char *path, GError **error);
gboolean qtr_document_save(QtrDocument *document, const char *path, GError **error);

const char *qtr_document_get_path(QtrDocument *document);   /* NULL: never saved */
const char *qtr_document_get_folder(QtrDocument *document); /* NULL: none */
char *qtr_document_get_name(QtrDocument *document);         /* for titles; free with g_free */
gboolean qtr_document_is_modified(QtrDocument *document);
/* The text differs from the file's on disk because somebody else wrote it. */
gboolean qtr_document_is_outdated(QtrDocument *document);
