/* SPDX-License-Identifier: BSD-2-Clause */
/* The compiled form: what compile.c writes and print.c reads. */
#ifndef LADE_STREAM_FIELDS_H
#define LADE_STREAM_FIELDS_H

#include "stream/decoder.h"

enum field_kind {
	FIELD_SIGNED,
	FIELD_UNSIGNED,
	FIELD_BOOL,
	FIELD_CHARACTER,
	FIELD_FLOAT,
	FIELD_ENUM,
	FIELD_POINTER,
	FIELD_TEXT,  /* char array: up to its NUL */
	FIELD_WIDE,  /* __int128 */
	FIELD_BIG,   /* __be16, __be32, __be64: shown as the number they are */
	FIELD_IPV4,  /* in_addr, and __be32 of an address */
	FIELD_IPV6,  /* in6_addr */
	FIELD_TIME,  /* nanoseconds: ktime_t */
	FIELD_NONE,  /* asked for, but this type has no such field */
	FIELD_BYTES, /* what cannot be taken apart */
	FIELD_GROUP, /* struct or union; its fields follow, up to `next` */
	FIELD_ARRAY, /* its element follows */
};

/*
 * struct { int pid; struct { char c; } in[2]; }  becomes
 *   0 SIGNED pid  offset 0 next 1 | 1 ARRAY in offset 4 size 1 count 2 next 4 | 2 GROUP next 4 | 3 CHARACTER c next 4
 */
struct field {
	enum field_kind kind;
	bool is_signed;     /* of enums: how a value without a name is shown */
	bool takes_rest;    /* array without a length at the end of the record */
	uint8_t bit_offset; /* of bitfields, from the start of byte `offset` */
	uint8_t bit_size;   /* 0: no bitfield */
	uint64_t offset;    /* bytes from the start of the enclosing group or element */
	uint64_t size;      /* bytes of the value; of an array: of one element */
	uint64_t count;     /* array elements */
	uint32_t next;      /* index of what follows this field and everything in it */
	uint32_t enumeration;
	char *name;             /* shown in text, made safe; NULL: element of an array */
	char *json_name;        /* quoted */
	char *lead, *json_lead; /* the same with what stands before a value: pid= and "pid": */
	size_t lead_length, json_lead_length;
};

/* compile.c. Sets all forms; -ENOMEM. */
int lade_field_set_name(struct field *field, const char *name);
void lade_field_clear_name(struct field *field);

struct enumerator {
	uint64_t value; /* cut to the size of the enum */
	uint32_t order; /* place in the type: of several names for one value the first is shown */
	char *name;
};

struct enumeration {
	struct enumerator *items; /* sorted by value */
	size_t count, capacity;
};

struct lade_decoder {
	char *name;
	uint64_t size;
	bool is_plain; /* the first field, which has no name, is the whole: no group */
	ARRAY_OF(struct field) fields;
	ARRAY_OF(struct enumeration) enumerations;
};

#endif
