/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps that are in the kernel, whoever made them: found by pin, id or name, read and written as bytes or as text and
 * JSON by the types that BTF gives their keys and values.
 *
 *     struct lade_live_map *map = NULL;
 *     if (lade_map_open(context, "demo/counts", NULL, &map, &error) == 0) {
 *             uint32_t key = 1;
 *             uint64_t value;
 *             if (lade_map_lookup(map, &key, &value, &error) == 0)
 *                     …
 *             lade_map_set(map, "1", "42", LADE_ALL_CPUS, &error);
 *     }
 *     lade_map_close(map);
 *
 * Keys have lade_live_map_info.key_size bytes (0: the map has no keys), values value_bytes: for maps that have a value
 * per CPU that is value_size, rounded up to 8, times cpus.
 *
 * A map that others write to at the same time stays sound: every call below sees or makes one element at a time, as a
 * whole where the kernel does that (hash values of other CPUs may change while they are copied).
 */
#ifndef LADE_MAP_H
#define LADE_MAP_H

#include <lade/instance.h>

LADE_BEGIN_DECLS

struct lade_live_map;

enum lade_map_access { LADE_MAP_READ_WRITE, LADE_MAP_READ, LADE_MAP_WRITE };

/*
 * A lock between those who ask for one, as Android's libraries take it (fcntl(2), F_OFD_SETLK, the byte of the map's
 * id): nobody who asks for none is kept out. It is held until the handle and every duplicate of its descriptor are
 * closed. The kernel gives a shared one only for reading, an exclusive one only for writing: the other combinations
 * are -EINVAL. Kernels that number no maps (before 4.13) have nothing to lock.
 */
enum lade_map_lock { LADE_MAP_UNLOCKED, LADE_MAP_SHARED, LADE_MAP_EXCLUSIVE };

/* What a map must be like for its user, who was compiled with these sizes. 0 and NULL: any. */
struct lade_map_shape {
	size_t size;                   /* of this struct */
	const char *type;              /* "hash", "array" … */
	uint32_t key_size, value_size;
	size_t value_bytes;            /* as lade_live_map_info.value_bytes: that of one value keeps maps per CPU out */
	uint32_t flags, flags_mask;    /* BPF_F_…: those in flags_mask must be as in flags */
	uint32_t least_entries;        /* max_entries must be this or more */
};

struct lade_map_open_opts {
	size_t size;
	enum lade_map_access access; /* what the descriptor may be used for */
	enum lade_map_lock lock;     /* -EAGAIN map.locked: another holds one that does not go with it */
	/*
	 * -ENOTUNIQ map.shape: it is another, and each difference is evidence. With a shape the map's own flags count, too,
	 * on kernels that keep them: -EPERM map.access when it was made to be only read (BPF_F_RDONLY) or only written from
	 * user space, and access says otherwise. Only used during the call.
	 */
	const struct lade_map_shape *shape;
};

/*
 * which: the path of a pin (absolute, or relative to bpffs), "id:N" or N, "NAME/MAP" for a map of an instance by its
 * full name (a pin of that path goes first), "fd:N" for a descriptor of this process, or the kernel's name of the only
 * map that is called so. The mode of a pin counts as that of a file: LADE_MAP_READ needs the right to read it,
 * LADE_MAP_WRITE to write, LADE_MAP_READ_WRITE both; map.open (-EACCES) says whose it is, what its mode is, and who
 * asked. Findings: map.unknown, map.ambiguous, map.open, map.locked, map.shape, environment.permission.
 *
 *     struct lade_map_shape shape = { .size = sizeof shape, .type = "hash", .key_size = 8, .value_size = 8 };
 *     struct lade_map_open_opts opts = { .size = sizeof opts, .access = LADE_MAP_READ, .shape = &shape };
 *     lade_map_open(context, "map_gpuMem_gpu_mem_total_map", &opts, &map, &error);
 *
 * <lade/typed.h> has the same for C types.
 */
LADE_API int lade_map_open(struct lade_context *context, const char *which, const struct lade_map_open_opts *opts,
			   struct lade_live_map **ret_map, struct lade_error **error);
/* A map of an instance; the handle outlives it. */
LADE_API int lade_instance_open_map(struct lade_instance *instance, const char *map, struct lade_live_map **ret_map,
				    struct lade_error **error);
LADE_API struct lade_live_map *lade_map_close(struct lade_live_map *map);
/*
 * The descriptor of a pinned or otherwise known map or program ("NAME/PROG", pin, "id:N"), close-on-exec and the
 * caller's to close; a negative errno. Findings as lade_map_open(), program.unknown, program.open.
 */
LADE_API int lade_map_get(struct lade_context *context, const char *which, struct lade_error **error);
LADE_API int lade_program_get(struct lade_context *context, const char *which, struct lade_error **error);

struct lade_program_get_opts {
	size_t size;
	const char *type; /* "tracepoint", "cgroup_skb" …: what it must be, else -EINVAL program.type; NULL: any */
};
/*
 * The same, checked. To use a pinned program takes the right to read its pin and no more: Android's have mode 0440.
 *
 *     struct lade_program_get_opts opts = { .size = sizeof opts, .type = "tracepoint" };
 *     int fd = lade_program_get_with(context, "prog_gpuMem_tracepoint_gpu_mem_gpu_mem_total", &opts, &error);
 */
LADE_API int lade_program_get_with(struct lade_context *context, const char *which,
				   const struct lade_program_get_opts *opts, struct lade_error **error);

struct lade_live_program_info {
	size_t size;
	uint32_t id, type;
	const char *type_name;   /* "tracepoint"; NULL: a number that Lade does not know */
	char name[16];           /* the kernel's, ends with a NUL */
	uint32_t instructions;   /* as the kernel rewrote them */
	uint32_t jited_bytes;    /* machine code; 0: it is interpreted, or the kernel does not say */
};
/* What the kernel says of a descriptor, which stays the caller's. -EINVAL: it is no program. */
LADE_API int lade_live_program_describe(struct lade_context *context, int program_fd, struct lade_live_program_info *info,
				   struct lade_error **error);

struct lade_live_map_info {
	size_t size;
	const char *name;            /* full name where it is known, else the kernel's */
	uint32_t id, type;
	const char *type_name;       /* "hash"; NULL: a number that Lade does not know */
	uint32_t key_size, value_size, max_entries, flags;
	size_t value_bytes;          /* of a value as the calls below take it */
	unsigned cpus;               /* values per element; 1 for maps that are not per CPU */
	bool frozen;                 /* nothing may be written from here */
	int fd;                      /* borrowed */
	const char *key_type, *value_type; /* C spelling by BTF; NULL: not known */
};
LADE_API int lade_live_map_describe(const struct lade_live_map *map, struct lade_live_map_info *info);

/* ---- as bytes ---- */

enum { LADE_MAP_ANY = 0, LADE_MAP_NEW = 1, LADE_MAP_EXISTING = 2 };

/* -ENOENT without such an element. Findings: map.key.absent, map.read, map.access, map.no-keys. */
LADE_API int lade_map_lookup(struct lade_live_map *map, const void *key, void *value, struct lade_error **error);
/* flags: one of the above. Findings: map.frozen, map.full, map.exists, map.write … */
LADE_API int lade_map_update(struct lade_live_map *map, const void *key, const void *value, uint64_t flags,
			     struct lade_error **error);
LADE_API int lade_map_delete(struct lade_live_map *map, const void *key, struct lade_error **error);
/*
 * Deletes every element that is there when the call begins; queues and stacks are popped until they are empty. What
 * others add meanwhile may stay. Returns how many were deleted. Elements of arrays are always there: map.delete.fixed.
 */
LADE_API int64_t lade_map_clear(struct lade_live_map *map, struct lade_error **error);
/* Queues, stacks and bloom filters. Peeking in a bloom filter asks whether `value` may be in it: 0 or -ENOENT. */
LADE_API int lade_map_push(struct lade_live_map *map, const void *value, struct lade_error **error);
LADE_API int lade_map_pop(struct lade_live_map *map, void *value, struct lade_error **error);
LADE_API int lade_map_peek(struct lade_live_map *map, void *value, struct lade_error **error);

/*
 * Deals with `count` elements that lie behind one another; in one call where the kernel can (since 5.6, by map type),
 * else one by one. *ret_done, also on failure: how many are done. Deleting what is not there is no failure.
 */
LADE_API int lade_map_update_many(struct lade_live_map *map, const void *keys, const void *values, size_t count,
				  uint64_t flags, size_t *ret_done, struct lade_error **error);
LADE_API int lade_map_delete_many(struct lade_live_map *map, const void *keys, size_t count, size_t *ret_done,
				  struct lade_error **error);

/* Return 0 to go on; anything else ends the iteration and is returned by it when negative. value NULL: unreadable. */
typedef int lade_entry_fn(void *userdata, const void *key, const void *value);

struct lade_iterate_opts {
	size_t size;
	size_t batch;      /* elements per call; 0: 4096; 1: one by one */
};
/*
 * Every element; none comes twice. What is added or deleted meanwhile may come or not. Of what is there from the
 * beginning to the end:
 *  - In arrays, and in batches (hashes and LRU hashes, also per CPU, since 5.6), every element comes, also one whose
 *    value is replaced meanwhile.
 *  - From key to key (other types, older kernels, batch 1) the kernel begins anew when the key that the walk stands at
 *    is deleted, and may answer about another place when a hash uses a deleted element again right under the walk; an
 *    element of a hash whose value is replaced (not written in place) moves in it. So the walk steps back to a key
 *    that is still there, an answer counts when it comes twice in a row, and the walk is made again until two in a row
 *    came by the same keys in the same order, 8 times at most. Every element that is not replaced meanwhile comes
 *    then, unless each of these walks meets the same wrong answer twice in a row; one that is replaced all the time,
 *    unless it moves past each of them.
 * A walk from key to key that has asked the kernel 64 x max_entries + 65536 times ends: -EAGAIN, map.restless; it
 * keeps the keys that came. fn may delete or update the map's elements. Returns how many elements came.
 */
LADE_API int64_t lade_map_iterate(struct lade_live_map *map, const struct lade_iterate_opts *opts, lade_entry_fn *fn,
				  void *userdata, struct lade_error **error);

/*
 * What changes in a map, found by reading it again and again: an element that changes and changes back between two
 * looks is not seen. The handle must live longer. Keeps all keys and values of the last two looks, and reads them into
 * as much again: not for maps of gigabytes.
 *
 *     lade_map_watch_open(map, &watch, &error);        remembers what there is
 *     for (;;) {
 *             sleep(1);
 *             lade_map_watch_look(watch, print, NULL, &error);
 *     }
 */
struct lade_map_watch;
enum lade_change { LADE_ADDED, LADE_CHANGED, LADE_REMOVED };
/* old: NULL when it was added; value: NULL when it was removed. Return 0 to go on, as lade_entry_fn. */
typedef int lade_change_fn(void *userdata, enum lade_change change, const void *key, const void *old,
			   const void *value);
LADE_API int lade_map_watch_open(struct lade_live_map *map, struct lade_map_watch **ret_watch,
				 struct lade_error **error);
/* How many changes there were since the last look. */
LADE_API int64_t lade_map_watch_look(struct lade_map_watch *watch, lade_change_fn *fn, void *userdata,
				     struct lade_error **error);
LADE_API struct lade_map_watch *lade_map_watch_close(struct lade_map_watch *watch);

/* ---- as text and JSON ---- */

enum { LADE_ALL_CPUS = -1 };

/*
 * Keys and values from text: JSON ({"pid":1}), words (42, 0x2a, RUNNING, "text", text), fields (pid=1 inner.b=2),
 * bytes (hex:00 01). What is not named is zero. Besides: 10.0.0.0/8 and fd00::/8 for keys of LPM tries that have the
 * form of addresses; programs (of prog arrays) and maps (of map-in-map) by pin, id:N, NAME/PROG, or the bare name of
 * one of the map's own instance; interfaces by name in devmaps; pid:N, cgroup:PATH, file:PATH for the keys of task,
 * cgroup and inode storage. Findings: encode.*, map.target, map.no-keys.
 * For maps with a value per CPU a value is one CPU's, and cpu says whose; LADE_ALL_CPUS: everyone's.
 */
LADE_API int lade_map_set(struct lade_live_map *map, const char *key, const char *value, int cpu,
			  struct lade_error **error);
/* The same with flags; key NULL: push. */
LADE_API int lade_map_set_with(struct lade_live_map *map, const char *key, const char *value, int cpu, uint64_t flags,
			       struct lade_error **error);
/*
 * As lade_map_lookup() and lade_map_delete(), for the key that text means; also where it stands for something that is
 * opened for the call, as pid:N does.
 */
LADE_API int lade_map_lookup_text(struct lade_live_map *map, const char *key, void *value, struct lade_error **error);
LADE_API int lade_map_delete_text(struct lade_live_map *map, const char *key, struct lade_error **error);
/* key_bytes: key_size bytes. -EOPNOTSUPP where they would be a descriptor. */
LADE_API int lade_map_read_key(struct lade_live_map *map, const char *text, void *key_bytes, struct lade_error **error);
/* value_bytes: as many as the info says, all CPUs set alike. */
LADE_API int lade_map_read_value(struct lade_live_map *map, const char *text, void *value_bytes,
				 struct lade_error **error);

enum lade_map_form { LADE_MAP_TEXT, LADE_MAP_JSON };
/*
 * To be freed by the caller. A value per CPU is one CPU's, LADE_ALL_CPUS: all, as `cpu0: … cpu1: …` and
 * [{"cpu":0,"value":…},…]. -ENOMEM.
 */
LADE_API int lade_map_print_key(struct lade_live_map *map, const void *key_bytes, enum lade_map_form form,
				char **ret_text);
LADE_API int lade_map_print_value(struct lade_live_map *map, const void *value_bytes, int cpu, enum lade_map_form form,
				  char **ret_text);

/*
 * Sets elements in bulk from what `lade map dump --json` prints: its document, its array of entries, or one entry after
 * another ({"key":…,"value":…} or {"key":…,"values":[{"cpu":0,"value":…}]}; {"value":…} pushes). In batches. Stops at
 * the first that cannot be set; *ret_done, also then: how many are. Findings: map.import and those of lade_map_set().
 */
LADE_API int lade_map_import(struct lade_live_map *map, const char *json, size_t length, uint64_t flags,
			     size_t *ret_done, struct lade_error **error);
/* The same for the values of one CPU: those of the others are read and written back, which is not atomic. */
LADE_API int lade_map_import_cpu(struct lade_live_map *map, const char *json, size_t length, int cpu, uint64_t flags,
				 size_t *ret_done, struct lade_error **error);

/* ---- every map of the kernel ---- */

struct lade_map_list;

/* which: a name of an instance, or one that lade_map_open() takes; NULL: all. Needs CAP_SYS_ADMIN. */
LADE_API int lade_map_list_read(struct lade_context *context, const char *which, struct lade_map_list **ret_list,
				struct lade_error **error);
LADE_API struct lade_map_list *lade_map_list_free(struct lade_map_list *list);

struct lade_map_list_entry {
	size_t size;
	uint32_t id, type;
	const char *name;      /* full name where an instance knows it, else the kernel's */
	const char *type_name; /* NULL: not known */
	uint32_t key_size, value_size, max_entries, flags;
	bool frozen;
	size_t pin_count, user_count;
};
LADE_API size_t lade_map_list_count(const struct lade_map_list *list);
LADE_API int lade_map_list_entry(const struct lade_map_list *list, size_t index, struct lade_map_list_entry *entry);
/* Path of a pin below the context's bpffs. NULL past the end. */
LADE_API const char *lade_map_list_pin(const struct lade_map_list *list, size_t index, size_t pin);

enum lade_map_user_kind { LADE_USED_BY_INSTANCE, LADE_USED_BY_PROGRAM, LADE_USED_BY_PROCESS };
struct lade_map_user {
	size_t size;
	enum lade_map_user_kind kind;
	const char *name; /* of the instance, the program, or the process (comm) */
	uint32_t id;      /* of the program, or the process id */
};
LADE_API int lade_map_list_user(const struct lade_map_list *list, size_t index, size_t user,
				struct lade_map_user *ret_user);

LADE_END_DECLS
#endif
