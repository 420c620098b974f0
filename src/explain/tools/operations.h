/* SPDX-License-Identifier: BSD-2-Clause */
/* What failed, and with which error number: the finding's code and its causes, the most likely first. Pure. */
#ifndef LADE_EXPLAIN_TOOLS_OPERATIONS_H
#define LADE_EXPLAIN_TOOLS_OPERATIONS_H

#include "explain/reading/grams.h"
#include "explain/tools/rules.h"

struct lade_finding;

/* data/explain/failures.csv: the row of this operation and error number, else its row for any; NULL: none. */
const struct explain_operation *lade_failure_find(const char *operation, int errnum);
/* Cause, fix, what else it may be and what would tell, and how sure that is. */
void lade_operation_describe(const struct explain_operation *operation, int errnum, struct lade_finding *finding);
/* What the name of finding's map tells of a map that was refused. */
void lade_operation_describe_map(const struct explain_operation *operation, int errnum, struct lade_finding *finding);
/* The operation that a line without blanks is about, by data/explain/keywords.csv; NULL: none.
 * grams: of the message. */
const char *lade_operation_of(const struct message *message, const struct grams *grams);

#endif
