/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the recorded kernel share. */
#ifndef LADE_KERNEL_RECORDING_H
#define LADE_KERNEL_RECORDING_H

#include <linux/bpf.h>
#include <pthread.h>

#include "base/array.h"
#include "kernel/attr.h"
#include "kernel/recorded.h"

enum recorded_kind { RECORDED_MAP, RECORDED_PROGRAM, RECORDED_BTF, RECORDED_LINK, RECORDED_OTHER };

/* What a descriptor or a pin stands for; written into pins as it is. */
struct recorded_facts {
	enum recorded_kind kind;
	uint32_t id, type;
	uint32_t key_size, value_size, max_entries, flags; /* maps */
	uint32_t instructions;                             /* programs */
	uint32_t program_id;                               /* links */
	char name[BPF_OBJ_NAME_LEN];
};

struct recorded_element {
	unsigned char *key, *value; /* key_size and value bytes; one allocation at key */
};

struct recorded_object {
	struct recorded_facts facts;
	bool frozen;
	uint32_t inner_type; /* map-in-map: type of the template */
	ARRAY_OF(struct recorded_element) elements;
};

/* A descriptor is known by the inode of its memfd: numbers are reused, and may be duplicated. */
struct recorded_inode {
	uint64_t inode;
	size_t object;
};

struct recorded_kernel {
	struct kernel kernel;
	const struct recorded_profile *profile;
	const struct recorded_rejection *rejections;
	size_t rejection_count;
	pthread_mutex_t mutex;
	uint32_t next_id;
	ARRAY_OF(struct recorded_object) objects;
	ARRAY_OF(struct recorded_inode) inodes;
	ARRAY_OF(struct recorded_call) calls;
};

/* ---- recorded_rules.c: what that version refuses; 0 or a negative errno ---- */

/* Known command, and no byte set where this version has no field. */
int lade_recorded_check_attr(const struct recorded_profile *profile, int command, const void *attr, size_t size);
int lade_recorded_check_map(struct recorded_kernel *recorded, const struct attr_map_create *attr);
int lade_recorded_check_btf(const struct recorded_profile *profile, const void *btf, size_t size);
/* May write a line into the verifier log. */
int lade_recorded_check_program(struct recorded_kernel *recorded, const struct attr_prog_load *attr);
uint32_t lade_recorded_attr_end(const struct recorded_profile *profile, int command);

/* ---- recorded_store.c ---- */
int lade_recorded_new(struct recorded_kernel *recorded, const struct recorded_facts *facts); /* descriptor */
struct recorded_object *lade_recorded_find(struct recorded_kernel *recorded, int fd);        /* NULL: not one of ours */
void lade_recorded_clear(struct recorded_kernel *recorded);
int lade_recorded_pin(struct recorded_kernel *recorded, int fd, const char *path);
int lade_recorded_get(struct recorded_kernel *recorded, const char *path);
int lade_recorded_info(struct recorded_kernel *recorded, struct attr_get_info *attr);
/* ---- recorded_elements.c ---- */
int lade_recorded_element(struct recorded_kernel *recorded, int command, const struct attr_map_elem *attr);
void lade_recorded_elements_clear(struct recorded_object *object);

#endif
