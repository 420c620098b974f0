/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which struct is a record? What the caller said, else what the map declares, else the only struct of that
 * size in the object's BTF that is no map key, no map value and no context of a program.
 */
#ifndef LADE_STREAM_TYPES_H
#define LADE_STREAM_TYPES_H

#include "load/instance.h"
#include "stream/decoder.h"

struct record_candidate {
	uint32_t id;
	uint64_t size;
};

struct compiled_type {
	uint32_t id;
	struct lade_decoder *decoder; /* NULL: cannot be compiled */
};

struct record_types {
	struct lade_btf *btf; /* referenced; NULL: the object has none */
	ARRAY_OF(struct record_candidate) candidates;
	ARRAY_OF(struct compiled_type) compiled;
};

int lade_record_types_init(struct record_types *types, const struct lade_instance *instance);
void lade_record_types_clear(struct record_types *types);

/* "event", "struct event", "union u", or a typedef's name: its id; 0: there is none. */
uint32_t lade_record_types_find(const struct record_types *types, const char *name);
/* Names of the candidates, as evidence. */
void lade_record_types_list(const struct record_types *types, struct lade_finding *finding);

/* What is known about the records of one buffer. */
struct record_hints {
	uint32_t chosen;   /* by the caller; 0: nothing */
	uint32_t declared; /* by the map; 0: nothing */
	bool is_padded;    /* perf records end with up to 7 bytes that the program did not write */
};

struct record_choice {
	const struct lade_decoder *decoder; /* NULL: none fits */
	char *why;                          /* why none fits, or that the size differs; else NULL */
};
/* -ENOMEM. why is the caller's to free. */
int lade_record_types_choose(struct record_types *types, const struct record_hints *hints, size_t length,
			     struct record_choice *ret_choice);

#endif
