/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_ATTACH_TRACED_H
#define LADE_ATTACH_TRACED_H

#include "attach/method.h"

/* Evidence of why the kernel refused to attach a program that was verified against target. */
void lade_traced_explain(struct attach_call *call, const char *target, int errnum, struct lade_finding *finding);

#endif
