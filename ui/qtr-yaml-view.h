#pragma once
#include "qtr-document.h"

#include <adwaita.h>

/* The document's text in an editor, with its errors marked at their lines and listed below. */
#define QTR_TYPE_YAML_VIEW (qtr_yaml_view_get_type())
G_DECLARE_FINAL_TYPE(QtrYamlView, qtr_yaml_view, QTR, YAML_VIEW, AdwBin)

void qtr_yaml_view_set_document(QtrYamlView *view, QtrDocument *document); /* borrowed */
/* Puts the cursor there and shows it; from 1. */
void qtr_yaml_view_go_to(QtrYamlView *view, int line, int column);

GtkListBox *qtr_yaml_view_get_problem_list(QtrYamlView *view);
