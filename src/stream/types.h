/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which struct is a record? What the caller said, else what the map declares, else the only struct of that
 * size in the object's BTF that is no map key, no map value and no context of a program.
 */
#ifndef LADE_STREAM_TYPES_H
#define LADE_STREAM_TYPES_H

#include <lade/stream.h>

#include "load/instance.h"
#include "stream/decoder.h"

struct record_candidate {
	uint32_t id;
	uint64_t size;
	bool is_part; /* other types have it as a member: less likely to be a record */
};

struct compiled_type {
	uint32_t id;
	struct lade_decoder *decoder; /* NULL: cannot be compiled */
};

/* --fields, or none. The paths are borrowed. */
struct field_choice {
	const char *const *paths;
	size_t count;
};

struct record_types {
	struct lade_btf *btf; /* referenced; NULL: there is none */
	uint32_t btf_id;      /* in the kernel; 0: they come from somewhere else */
	struct field_choice fields;
	ARRAY_OF(struct record_candidate) candidates;
	ARRAY_OF(struct compiled_type) compiled;
};

/* What types are used for: those of keys, values and contexts are no records. Ids of the BTF in question. */
struct type_uses {
	ARRAY_OF(uint32_t) elements; /* keys and values of maps that are no buffers */
	ARRAY_OF(uint32_t) programs; /* functions: the first parameter is a context */
};
void lade_type_uses_clear(struct type_uses *uses);

/* candidates.c. btf NULL: nothing is known. -ENOMEM. */
int lade_record_types_init(struct record_types *types, struct lade_btf *btf, const struct type_uses *uses);
void lade_record_types_clear(struct record_types *types);
/* T of a buffer's __type(value, T) in .maps; 0: nothing is declared. name: whole, or cut as the kernel does. */
uint32_t lade_record_types_declared(const struct record_types *types, const char *map);
bool lade_is_record_buffer(uint32_t map_type);

/* sources.c: the types of what was loaded or opened by this process, or of BTF that the kernel holds. */
int lade_record_types_of_instance(struct record_types *types, const struct lade_instance *instance);
int lade_record_types_of_object(struct record_types *types, const struct lade_object *object);
int lade_record_types_of_kernel(struct record_types *types, struct kernel *kernel, uint32_t btf_id,
				struct lade_error **error);
/* The BTF that a map, or else a program that uses it, was loaded with; 0: none is. */
uint32_t lade_btf_id_of_map(struct kernel *kernel, int map_fd);

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
	enum lade_type_source source;       /* who chose it */
	char *why;                          /* why none fits, or that the size differs; else NULL */
};
/* -ENOMEM. why is the caller's to free. */
int lade_record_types_choose(struct record_types *types, const struct record_hints *hints, size_t length,
			     struct record_choice *ret_choice);

#endif
