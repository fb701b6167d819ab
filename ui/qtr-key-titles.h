#pragma once

/* What a key of the configuration is called in forms, translated; its path if it has no name of its
 * own. Borrowed. */
const char *qtr_key_title(const char *path);
/* "Training images" for "dataset", ... */
const char *qtr_section_title(const char *section);
