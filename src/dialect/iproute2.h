/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of dialects iproute2 and calico share. */
#ifndef LADE_DIALECT_IPROUTE2_H
#define LADE_DIALECT_IPROUTE2_H

#include "dialect/fill.h"

/* Words of a map that only this dialect knows; parallel to the first maps of the object. */
struct tc_map {
	uint32_t id;        /* what tail-call sections and outer maps call it; 0: nothing */
	uint32_t inner_id;  /* outer maps: id of their template and content */
	uint32_t inner_idx; /* inner maps: the outer map's key */
};

struct tc_maps {
	struct tc_map *items;
	size_t count, capacity;
};

/* Reads section `maps` into the object and connects outer maps with what they hold. */
int lade_tc_maps_read(struct filling *filling, const struct elf_section *section, struct tc_maps *maps);

/* "42/0", "0x2a/010": what scanf reads with %i/%i; what follows is ignored, as tc ignored it. */
bool lade_tc_tail_name(const char *section, uint32_t *ret_id, uint32_t *ret_slot);

/* ---- pin_names.c: what numbers from 3 on mean, /etc/iproute2/bpf_pinning ---- */
struct pin_name {
	uint32_t pinning;
	char *directory; /* below bpffs */
};
struct pin_names {
	struct pin_name *items;
	size_t count, capacity;
};
/*
 * file NULL: tc's own, which need not be there. A line that cannot be read is a note and ends the reading.
 * -errno with dialect.iproute2.pin-names when a file that was asked for cannot be opened.
 */
int lade_pin_names_read(struct lade_object *object, const char *file, struct pin_names *ret_names,
			struct lade_error **error);
/* Directory below bpffs; NULL: the number has no entry. The last entry counts. */
const char *lade_pin_names_find(const struct pin_names *names, uint32_t pinning);
void lade_pin_names_clear(struct pin_names *names);

#endif
