/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this room share. */
#ifndef LADE_MAP_LIVE_H
#define LADE_MAP_LIVE_H

#include <linux/bpf.h>

#include <lade/map.h>

#include "kernel/elements.h"
#include "stream/encoder.h"
#include "txn/state.h"


/* What a value means besides its type. */
enum map_content {
	CONTENT_PLAIN,
	CONTENT_PROGRAM,   /* written as a descriptor, read as an id */
	CONTENT_MAP,       /* likewise */
	CONTENT_INTERFACE, /* the first 4 bytes are an ifindex */
	CONTENT_CGROUP,    /* written as a descriptor, never read */
	CONTENT_SOCKET,    /* written as a descriptor, read as a cookie where the value has 8 bytes */
	CONTENT_NONE,      /* nothing that bpf(2) reads or writes: buffers, arenas */
};

enum map_key {
	KEY_PLAIN,
	KEY_NONE,   /* queues, stacks, bloom filters */
	KEY_PREFIX, /* LPM tries */
	KEY_TASK,   /* a pidfd */
	KEY_FILE,   /* a descriptor of a file */
	KEY_CGROUP, /* one of a cgroup's directory */
	KEY_SOCKET,
};

struct map_kind {
	enum map_content content;
	enum map_key key;
	bool per_cpu;
	const char *no_walk; /* why its elements cannot be walked over; NULL: they can */
};
const struct map_kind *lade_map_kind(uint32_t type); /* never NULL */

struct lade_live_map {
	struct lade_context *context;
	struct kernel *kernel;
	int fd;
	enum lade_map_access access;
	char *name, *instance; /* instance: that it was named with; NULL: none */
	struct bpf_map_info info;
	const struct map_kind *kind;
	unsigned cpus;
	size_t stride, value_bytes; /* of one CPU's value, of all */
	int frozen;                 /* -1: not asked yet */
	unsigned no_batch;          /* bits by command - BPF_MAP_LOOKUP_BATCH: the kernel has none for this type */
	const char *given_key;      /* during a call that was given the key as text; else NULL */
	bool types_read;
	struct lade_decoder *key_decoder, *value_decoder; /* NULL: not known */
	char *key_type, *value_type;
};

/* ---- find.c ---- */
enum found_kind { FOUND_MAP, FOUND_PROGRAM };
struct found {
	int fd;
	char *name, *instance; /* full name, instance; NULL: not known */
};
/* flags: BPF_F_RDONLY …, of maps and of pins of programs. hint: instance whose things may be named barely; NULL: none. */
int lade_find_fd(struct lade_context *context, enum found_kind kind, const char *which, const char *hint,
		 uint32_t flags, struct found *ret_found, struct lade_error **error);
void lade_found_clear(struct found *found);

/* ---- open.c ---- */
/* Takes found's content, also when it fails. */
int lade_map_from_found(struct lade_context *context, struct found *found, enum lade_map_access access,
			struct lade_live_map **ret_map, struct lade_error **error);

/* ---- shape.c ---- */
/* map.shape, map.access, map.options */
int lade_map_check_shape(const struct lade_live_map *map, const struct lade_map_shape *shape,
			 struct lade_error **error);
bool lade_map_lock_is_possible(enum lade_map_lock lock, enum lade_map_access access);
/* map.locked (-EAGAIN) */
int lade_map_take_lock(const struct lade_live_map *map, enum lade_map_lock lock, struct lade_error **error);

/* ---- types.c ---- */
/* Reads BTF once; without it, or where it cannot be read, keys and values are numbers or bytes. */
int lade_map_types(struct lade_live_map *map, struct lade_error **error);

/* ---- access.c ---- */
/* -result as a finding: the map, what was done, why. key may be NULL. */
int lade_map_refused(struct lade_live_map *map, const char *what, const void *key, int result,
		     struct lade_error **error);
/* map.cpu: it has no values per CPU, or none of this one. */
int lade_map_check_cpu(const struct lade_live_map *map, int cpu, struct lade_error **error);
int lade_map_needs_keys(const struct lade_live_map *map, bool wanted, struct lade_error **error);

/* ---- batch.c ---- */
/* Has the kernel no such batch for this type? Remembered by lade_map_forget_batch(). */
bool lade_map_can_batch(const struct lade_live_map *map, int command);
bool lade_map_batch_is_absent(struct lade_live_map *map, int command, int result);

/* ---- prefix.c: 10.0.0.0/8 ---- */
bool lade_prefix_is_address(const struct lade_live_map *map);
/* 0; -EINVAL: it has not that form. */
int lade_prefix_read(const struct lade_live_map *map, const char *text, uint8_t *key);
void lade_prefix_print(const struct lade_live_map *map, const uint8_t *key, struct strbuf *into);

/* ---- reference.c: what is named instead of written ---- */
/* Descriptors that must stay open until the update is made. */
struct references {
	int *items;
	size_t count, capacity;
};
void lade_references_clear(struct references *references);
/* 1: the value was read; 0: this kind of map has no references, or text is none. */
int lade_reference_read(struct lade_live_map *map, const char *text, uint8_t *value, struct references *references,
			struct lade_error **error);
/* Are its keys descriptors? */
bool lade_key_is_opened(const struct lade_live_map *map);
int lade_reference_key(struct lade_live_map *map, const char *text, uint8_t *key, struct references *references,
		       struct lade_error **error);
/* True: it was printed. */
bool lade_reference_print(struct lade_live_map *map, const uint8_t *value, bool is_json, struct strbuf *into);

/* ---- text.c ---- */
int lade_map_text_key(struct lade_live_map *map, const char *text, size_t length, uint8_t *key,
		      struct references *references, struct lade_error **error);
/* One CPU's value. */
int lade_map_text_value(struct lade_live_map *map, const char *text, size_t length, uint8_t *value,
			struct references *references, struct lade_error **error);

DEFINE_CLEANUP(struct lade_live_map, lade_live_map, lade_map_close)
DEFINE_CLEANUP(struct lade_state, map_state, lade_state_free)

/* find.c: "12" behind a word; false: it is no number of 32 bits. */
bool lade_map_number(const char *text, uint32_t *ret_number);

#endif
