/* SPDX-License-Identifier: BSD-2-Clause */
/* The list behind the public handle, and who fills it. */
#ifndef LADE_MAP_LIST_H
#define LADE_MAP_LIST_H

#include "map/live.h"

struct map_user {
	enum lade_map_user_kind kind;
	char *name;
	uint32_t id;
};

struct listed_map {
	struct bpf_map_info info;
	char *name; /* full; NULL: the kernel's */
	char kernel_name[BPF_OBJ_NAME_LEN + 1];
	bool frozen;
	struct strings pins;
	ARRAY_OF(struct map_user) users;
};

struct lade_map_list {
	struct lade_context *context;
	struct kernel *kernel;
	ARRAY_OF(struct listed_map) maps; /* by ascending id */
};

/* NULL: not on the list. */
struct listed_map *lade_list_find(struct lade_map_list *list, uint32_t id);
int lade_list_add_user(struct listed_map *map, enum lade_map_user_kind kind, const char *name, uint32_t id);

/* list_users.c; -ENOMEM. What cannot be read is left out. */
int lade_list_instances(struct lade_map_list *list);
int lade_list_programs(struct lade_map_list *list);
int lade_list_pins(struct lade_map_list *list);
int lade_list_processes(struct lade_map_list *list);

#endif
