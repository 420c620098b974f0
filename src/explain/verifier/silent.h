/* SPDX-License-Identifier: BSD-2-Clause */
/* What verifiers refuse without a word. */
#ifndef LADE_EXPLAIN_VERIFIER_SILENT_H
#define LADE_EXPLAIN_VERIFIER_SILENT_H

#include "explain/text.h"

/* A log whose last instruction no message follows, up to line `number`; true: that instruction was refused, and is
 * told. */
bool lade_verifier_silent(struct lade_explanation *explanation, const char *log, size_t number);

#endif
