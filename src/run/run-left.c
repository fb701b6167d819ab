#include "run/run-left.h"

#include "base/error.h"
#include "run/checkpoint.h"
#include "run/events.h"
#include "run/folder.h"

/* What the events of a folder tell. `begun`: a search or a training; `searched`: a search; `saved`:
 * a job of this kind has written a checkpoint since it was begun. */
typedef struct {
    gboolean validated, begun, searched;
    gboolean saved[QTR_CHECKPOINT_TRAIN + 1];
} Story;

static void tell(Story *story, const QtrEvent *event, QtrCheckpointKind *at)
{
    gboolean started = g_strcmp0(event->type, "started") == 0;

    if (g_strcmp0(event->type, "checkpoint") == 0) {
        story->saved[*at] = TRUE;
    } else if (started || g_strcmp0(event->type, "resumed") == 0) {
        if (!qtr_checkpoint_kind_of(qtr_event_string(event, "kind"), at)) {
            story->validated = TRUE;
            return;
        }
        story->begun = TRUE;
        if (*at == QTR_CHECKPOINT_SEARCH)
            story->searched = TRUE;
        if (started)
            story->saved[*at] = FALSE;
    }
}

static Story read_story(const char *dir)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_EVENTS);
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(path);
    QtrCheckpointKind at = QTR_CHECKPOINT_SEARCH;
    QtrEvent *event;
    Story story = {0};

    while ((event = qtr_events_reader_next(reader, NULL))) {
        tell(&story, event, &at);
        qtr_event_free(event);
    }
    return story;
}

static gboolean has_lost_checkpoint(const char *dir)
{
    gboolean searched = qtr_folder_has(dir, QTR_FOLDER_SUPERNET_CHECKPOINT);
    Story story;

    if (qtr_folder_has(dir, QTR_FOLDER_CHECKPOINT))
        return FALSE;
    story = read_story(dir);
    return story.saved[QTR_CHECKPOINT_TRAIN] || (story.saved[QTR_CHECKPOINT_SEARCH] && !searched) ||
           (!story.begun && qtr_folder_has(dir, QTR_FOLDER_BEST));
}

gboolean qtr_run_left_weights(const char *dir)
{
    return qtr_folder_has(dir, QTR_FOLDER_CHECKPOINT) ||
           qtr_folder_has(dir, QTR_FOLDER_SUPERNET_CHECKPOINT) || has_lost_checkpoint(dir);
}

gboolean qtr_run_left_can_go_on(const char *dir)
{
    return qtr_folder_has(dir, QTR_FOLDER_CHECKPOINT) ||
           (qtr_folder_has(dir, QTR_FOLDER_SUPERNET_CHECKPOINT) && !has_lost_checkpoint(dir));
}

/* The genotype is the first thing that a training writes, and comes from a search only after its
 * beginning. */
gboolean qtr_run_left_is_training(const char *dir)
{
    Story story = read_story(dir);

    return !story.searched && (story.begun || qtr_folder_has(dir, QTR_FOLDER_GENOTYPE));
}

gboolean qtr_run_left_check_resume(const char *dir, GError **error)
{
    if (!has_lost_checkpoint(dir))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s has no %s any more, and without it the run cannot go on: put it back, or begin "
                "a new run in another --run-dir or after deleting the folder",
                dir, qtr_folder_item_name(QTR_FOLDER_CHECKPOINT));
    return FALSE;
}

gboolean qtr_run_left_check_validation(const char *dir, GError **error)
{
    Story story;

    if (!qtr_folder_has(dir, QTR_FOLDER_CONFIG))
        return TRUE;
    story = read_story(dir);
    if (story.validated && !story.begun)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s holds a run; 'run --resume %s --sets FILE' finishes and validates it there, or "
                "give another --run-dir",
                dir, dir);
    return FALSE;
}
