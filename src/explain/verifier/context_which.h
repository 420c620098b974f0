/* SPDX-License-Identifier: BSD-2-Clause */
/* Which structure a program's context is, by what a text shows of the program. Pure. */
#ifndef LADE_EXPLAIN_VERIFIER_CONTEXT_WHICH_H
#define LADE_EXPLAIN_VERIFIER_CONTEXT_WHICH_H

#include <stdint.h>

#include "explain/reading/line.h"

/* A bit for each structure of data/explain/context_fields.csv, in its order. */
#define CONTEXT_ANY    UINT32_MAX
#define CONTEXT_OTHER  (UINT32_C(1) << 31) /* one that the table does not have */
#define CONTEXT_RECORD (UINT32_C(1) << 30) /* the record of a tracepoint, of which each has its own */

/* By its index in lade_context_fields. */
uint32_t lade_context_bit(uint16_t field);
/* By a parameter's type in the source, the fields that source lines name beside the reads, or which reads gave pointers
 * into the packet. CONTEXT_ANY: the log does not tell. */
uint32_t lade_context_by_log(const struct span *log);
/* By the names of sections and program types; program may be NULL. */
uint32_t lade_context_by_section(const struct span *text, const char *program);

#endif
