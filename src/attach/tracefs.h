/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that tracefs lists, for naming those that a user may have meant. */
#ifndef LADE_ATTACH_TRACEFS_H
#define LADE_ATTACH_TRACEFS_H

#include "base/error.h"

/* Evidence on the finding: events near to "CATEGORY/EVENT", or to "EVENT" in any category. */
void lade_tracefs_near_events(const char *tracefs, const char *wanted, struct lade_finding *finding);

#endif
