/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A load that replaces what runs under its name: what becomes of the old instance's maps and attachments. Judged before
 * anything is made; done when the new programs are verified.
 */
#ifndef LADE_LOAD_REPLACE_H
#define LADE_LOAD_REPLACE_H

#include "load/loader.h"

#define MAP_TYPE_ARENA 33 /* since 6.9 */

enum map_fate {
	MAP_NEW,      /* the old instance has none of this name, or its content is the object's own */
	MAP_KEPT,     /* the old map goes on */
	MAP_ADOPTED,  /* the same, though it differs: --adopt */
	MAP_MIGRATED, /* a new one that gets the old one's entries */
};

struct map_judgement {
	enum map_fate fate;
	const struct loaded_map *old; /* NULL for MAP_NEW */
};

enum link_fate {
	LINK_DROPPED,  /* goes with the old instance: its program is gone from the object, or it was gone itself */
	LINK_UPDATED,  /* BPF_LINK_UPDATE */
	LINK_SWAPPED,  /* an effect that can be replaced in one step */
	LINK_OVERLAPS, /* attached anew before the old one goes */
	LINK_COPIED,   /* an effect that others stand on */
	LINK_REFUSED,  /* nothing of these would be without a gap */
};

struct link_judgement {
	enum link_fate fate;
	const struct loaded_link *old;
	const struct journal_entry *entry; /* of an effect */
	uint32_t program, table;           /* index of its new program or map; NO_INDEX */
	uint32_t type;                     /* of a link */
	bool done;                         /* with another link of the same request */
};

/* A pin outside that waits aside; places_replace.c. */
struct place_swap {
	bool is_program;
	uint32_t id, old_id;
	const char *name; /* the object's */
	char *path, *aside;
};

struct replacement {
	struct lade_instance *old;
	struct journal journal;     /* the old one's */
	struct map_judgement *maps; /* by map index */
	ARRAY_OF(struct place_swap) swaps;
	ARRAY_OF(struct link_judgement) links;
};

/* replace.c: after the transaction began; loader->replacement stays NULL where nothing is replaced. */
int lade_replace_begin(struct loader *loader, struct lade_error **error);
/* Programs are verified and all is pinned: migrates, attaches and swaps. Then only the commit is left. */
int lade_replace_switch(struct loader *loader, struct lade_error **error);
/* After the commit. What cannot be removed is a note. */
void lade_replace_finish(struct loader *loader);
void lade_replace_clear(struct loader *loader);

/* replace_maps.c */
int lade_replace_judge_maps(struct loader *loader, struct lade_error **error);
/* The descriptor of a map that goes on; -ENOENT: it is to be created. */
int lade_replace_map(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* Do the slots of this map stay what they are? */
bool lade_replace_keeps_slots(const struct loader *loader, uint32_t map);
/* migrate.c */
int lade_replace_check_migration(const struct loader *loader, const struct operation *operation,
				 const struct loaded_map *old, struct lade_error **error);
int lade_replace_migrate(struct loader *loader, struct lade_error **error);
/* layout.c: which variables lie where in a data map, "counter:0:8,limit:8:4"; a hash when that is long. NULL: no
 * memory. */
char *lade_load_layout(const struct lade_object *object, uint32_t map);
int lade_load_note_layout(struct loader *loader, uint32_t map, struct lade_error **error);
/* Offset of a variable in a layout; -ENOENT: it is not there with this length. */
int64_t lade_layout_find(const char *layout, const char *name, uint32_t length);

void lade_place_swaps_clear(struct replacement *replacement);

/* replace_links.c */
int lade_replace_judge_links(struct loader *loader, struct lade_error **error);
/* Will this request be carried over from the old instance? */
bool lade_replace_carries(const struct loader *loader, uint32_t program, uint32_t table, const char *request);
int lade_replace_links(struct loader *loader, struct lade_error **error);

#endif
