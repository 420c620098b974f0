/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a map or program is pinned outside its instance's directory, and whose that pin is. */
#ifndef LADE_OBJECT_PIN_PLACE_H
#define LADE_OBJECT_PIN_PLACE_H

#include <stdbool.h>
#include <stdint.h>

struct lade_pin_opts;

struct pin_place {
	char *path;  /* absolute, or relative to bpffs */
	char *first; /* pinned here first, then renamed; NULL: no */
	bool has_owner, has_mode;
	uint32_t uid, gid, mode;
};

/* Replaces *place by a copy of what the caller gives; NULL: by nothing. */
int lade_pin_place_set(struct pin_place **place, const struct lade_pin_opts *pin);
struct pin_place *lade_pin_place_free(struct pin_place *place);

#endif
