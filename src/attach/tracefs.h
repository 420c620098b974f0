/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that tracefs lists, for naming those that a user may have meant. */
#ifndef LADE_ATTACH_TRACEFS_H
#define LADE_ATTACH_TRACEFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Exactly "CATEGORY/EVENT", both plain names: the words become part of a path. */
bool lade_tracefs_is_event(const char *text);

/* The number of "CATEGORY/EVENT", whose words the caller has checked. -errno of reading. */
int lade_tracefs_event_id(const char *tracefs, const char *event, uint64_t *ret_id);

/* Evidence on the finding: events near to "CATEGORY/EVENT", or to "EVENT" in any category. */
void lade_tracefs_near_events(const char *tracefs, const char *wanted, struct lade_finding *finding);

#endif
