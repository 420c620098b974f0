/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A map's element that was refused: which map it is tell the calls before, by its descriptor, and its type and the
 * call's flags leave few reasons.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/strace/strace.h"
#include "object/sections_table.h"

#define MAPS_MAX 256 /* that are remembered, by descriptor */

struct traced_map {
	uint64_t descriptor;
	size_t line, frozen_line; /* where it was made, and frozen; 0: it was not */
	uint32_t type, entries;
	long thread;       /* that made it */
	bool is_read_only; /* for the process; programs write it */
	char name[16];
};

struct traced_maps {
	struct traced_map items[MAPS_MAX]; /* a ring */
	size_t count;
};

/* ---- which map ---- */

/* The one that has the descriptor last; NULL: it was made before, or by no call of the text. Each process has numbers
 * of its own: where threads of two may have made one of this number, only who made the last one is known to mean it. */
static struct traced_map *find(const struct lade_explanation *explanation, uint64_t descriptor, long thread)
{
	struct traced_maps *maps = explanation->maps;
	struct traced_map *last = NULL;
	size_t count = maps ? maps->count : 0, kept = count < MAPS_MAX ? count : MAPS_MAX;

	for (size_t i = 1; i <= kept; i++) {
		struct traced_map *map = &maps->items[(count - i) % MAPS_MAX];
		if (map->descriptor != descriptor)
			continue;
		if (last && map->thread != last->thread)
			return NULL;
		last = last ? last : map;
		if (last->thread == thread)
			break;
	}
	return last && last->type ? last : NULL;
}

static struct traced_map *of_call(const struct lade_explanation *explanation, const struct traced_call *call)
{
	uint64_t descriptor;

	return lade_call_number(call, "map_fd", &descriptor) ? find(explanation, descriptor, call->thread) : NULL;
}

static uint32_t number_of(const struct traced_call *call, const char *field)
{
	uint64_t number = 0;

	(void)lade_call_number(call, field, &number);
	return (uint32_t)number;
}

/* What a descriptor stands for now; type 0: something else. */
static void remember(struct lade_explanation *explanation, const struct traced_map *map)
{
	struct traced_maps *maps = explanation->maps;

	if (!maps)
		maps = explanation->maps = calloc(1, sizeof *maps);
	if (maps)
		maps->items[maps->count++ % MAPS_MAX] = *map;
}

void lade_traced_made(struct lade_explanation *explanation, const struct traced_call *call, const char *operation,
		      size_t number)
{
	struct traced_map map = { .descriptor = (uint64_t)call->result, .line = number, .thread = call->thread };
	struct traced_map *known = NULL;
	struct span text = { 0 };

	if (call->kind != CALL_BPF || call->result < 0)
		return;
	if (strcmp(operation, "map_freeze") == 0)
		known = of_call(explanation, call);
	if (known)
		known->frozen_line = number;
	if (strcmp(operation, "map_create") == 0) {
		map.type = lade_traced_map_type(call);
		map.entries = number_of(call, "max_entries");
		if (lade_call_field(call, "map_name", &text) && text.length < sizeof map.name)
			memcpy(map.name, text.text, text.length);
		map.is_read_only = lade_call_field(call, "map_flags", &text) &&
				   lade_traced_has(&text, "BPF_F_RDONLY") && !lade_traced_has(&text, "RDONLY_PROG");
	}
	/* Without a map before there is nothing that could be another now. */
	if (map.type || (explanation->maps && call->result > 2 && strcmp(operation, "map_freeze") != 0))
		remember(explanation, &map);
}

size_t lade_traced_line_of(const struct lade_explanation *explanation, uint32_t type)
{
	const struct traced_maps *maps = explanation->maps;
	size_t count = maps ? maps->count : 0;

	for (size_t i = 0; i < count && i < MAPS_MAX; i++)
		if (maps->items[i].type == type)
			return maps->items[i].line;
	return 0;
}

char *lade_traced_map_name(const struct lade_explanation *explanation, const struct traced_call *call)
{
	const struct traced_map *map = of_call(explanation, call);
	const struct span name = { map ? map->name : "", map ? strlen(map->name) : 0 };

	return lade_text_of(&name);
}

/* ---- what its type and the flags leave ---- */

enum wanted_flags {
	FLAGS_WHATEVER,
	FLAGS_ANY,
	FLAGS_NOEXIST,
	FLAGS_EXIST,
	FLAGS_LOCK,
	FLAGS_OTHER, /* none that a kernel takes there */
	FLAGS_NOT_ANY,
};

static enum wanted_flags flags_of(const struct traced_call *call)
{
	static const enum wanted_flags by_number[] = { FLAGS_ANY, FLAGS_NOEXIST, FLAGS_EXIST, FLAGS_OTHER, FLAGS_LOCK };
	struct span value;
	uint64_t number;

	if (!lade_call_field(call, "flags", &value) && !lade_call_field(call, "elem_flags", &value))
		return FLAGS_ANY;
	if (lade_call_number(call, "flags", &number))
		return number < ELEMENTS(by_number) ? by_number[number] : FLAGS_OTHER;
	return lade_traced_has(&value, "BPF_F_LOCK")  ? FLAGS_LOCK
	       : lade_traced_has(&value, "NOEXIST")   ? FLAGS_NOEXIST
	       : lade_traced_has(&value, "BPF_EXIST") ? FLAGS_EXIST
	       : lade_traced_has(&value, "BPF_ANY")   ? FLAGS_ANY
						      : FLAGS_OTHER;
}

#define TYPE(type)   (UINT64_C(1) << (BPF_MAP_TYPE_##type))
#define CGRP_STORAGE (UINT64_C(1) << 32) /* since 6.2 */
#define EVERY_TYPE   (~UINT64_C(0))
#define PLAIN_ARRAYS (TYPE(ARRAY) | TYPE(PERCPU_ARRAY))
#define ARRAYS                                                                                                         \
	(PLAIN_ARRAYS | TYPE(PROG_ARRAY) | TYPE(PERF_EVENT_ARRAY) | TYPE(CGROUP_ARRAY) | TYPE(ARRAY_OF_MAPS) |         \
	 TYPE(DEVMAP) | TYPE(CPUMAP) | TYPE(XSKMAP) | TYPE(SOCKMAP) | TYPE(REUSEPORT_SOCKARRAY))
#define HASHES (TYPE(HASH) | TYPE(PERCPU_HASH) | TYPE(HASH_OF_MAPS) | TYPE(SOCKHASH) | TYPE(DEVMAP_HASH))
#define PLAIN_MAPS                                                                                                     \
	(PLAIN_ARRAYS | TYPE(HASH) | TYPE(PERCPU_HASH) | TYPE(LRU_HASH) | TYPE(LRU_PERCPU_HASH) | TYPE(LPM_TRIE))
#define OF_MAPS    (TYPE(ARRAY_OF_MAPS) | TYPE(HASH_OF_MAPS))
#define OF_SOCKETS (TYPE(SOCKMAP) | TYPE(SOCKHASH) | TYPE(XSKMAP) | TYPE(REUSEPORT_SOCKARRAY))
#define STORAGES   (TYPE(SK_STORAGE) | TYPE(INODE_STORAGE) | TYPE(TASK_STORAGE) | CGRP_STORAGE)
#define RINGS      (TYPE(RINGBUF) | TYPE(USER_RINGBUF))
#define UNREADABLE (TYPE(PROG_ARRAY) | TYPE(PERF_EVENT_ARRAY) | TYPE(CGROUP_ARRAY) | TYPE(XSKMAP) | RINGS)

enum wanted_map {
	MAP_WHATEVER,
	MAP_FROZEN,
	MAP_READ_ONLY,
};

/* The first that fits. Which map it is need be known only where `types` is not EVERY_TYPE, or `map` is not whatever. */
static const struct element_rule {
	const char *operation;
	int errnum;
	uint64_t types;
	enum wanted_flags flags;
	enum wanted_map map;
	enum lade_confidence confidence;
	const char *cause, *fix;
} rules[] = {
	{ "map_update", EEXIST, PLAIN_ARRAYS, FLAGS_NOEXIST, MAP_WHATEVER, LADE_CERTAIN,
	  "every element of an array is there from the beginning: with BPF_NOEXIST none can be added",
	  "flags BPF_ANY" },
	{ "map_update", EEXIST, TYPE(DEVMAP) | TYPE(CPUMAP), FLAGS_NOEXIST, MAP_WHATEVER, LADE_CERTAIN,
	  "of this type every index counts as taken, also one that is empty: with BPF_NOEXIST none can be added",
	  "flags BPF_ANY" },
	{ "map_update", EEXIST, EVERY_TYPE, FLAGS_NOEXIST, MAP_WHATEVER, LADE_CERTAIN,
	  "the key is in the map already (of arrays, devmaps and cpumaps every index counts as there), and with "
	  "BPF_NOEXIST only new ones are added",
	  "BPF_ANY writes it either way; where several may write the same key, take EEXIST for success" },
	{ "map_update", ENOENT, EVERY_TYPE, FLAGS_EXIST, MAP_WHATEVER, LADE_CERTAIN,
	  "the key is not in the map, and with BPF_EXIST only what is there is changed",
	  "BPF_ANY writes it either way; put the key in first, with BPF_NOEXIST" },
	{ "map_update", ENOENT, TYPE(CGROUP_STORAGE) | TYPE(PERCPU_CGROUP_STORAGE), FLAGS_WHATEVER, MAP_WHATEVER,
	  LADE_LIKELY,
	  "the storage of a cgroup is there only while a program that uses it is attached to that cgroup: the key "
	  "names "
	  "another one, another attach type, or the program is not attached yet",
	  "attach first, then write; bpftool cgroup tree" },
	{ "map_update", ENOENT, TYPE(TASK_STORAGE), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the process whose pidfd is the key has ended", "take it for success, or open the pidfd anew" },
	{ "map_update", ENOENT, EVERY_TYPE, FLAGS_ANY, MAP_WHATEVER, LADE_POSSIBLE,
	  "with BPF_ANY a key that is missing is no error: what the key names is not there (any more): a cgroup to "
	  "which "
	  "the storage's program is attached, the process of a pidfd",
	  "bpftool map show says of which type the map is; attach the program first, or open what the key names anew" },
	{ "map_update", E2BIG, ARRAYS, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN, "the index is not below max_entries",
	  "max_entries must be larger than the largest index: of perf event arrays and cpumaps the number of possible "
	  "CPUs (/sys/devices/system/cpu/possible)" },
	{ "map_update", E2BIG, HASHES, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "the map is full: it holds max_entries keys",
	  "raise max_entries, delete keys that nobody needs, or take an LRU hash, which drops the oldest" },
	{ "map_update", E2BIG, TYPE(QUEUE) | TYPE(STACK), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "the queue is full: it holds max_entries elements",
	  "flags BPF_EXIST drop the oldest element for the new one; or raise max_entries" },
	{ "map_update", ENOSPC, TYPE(LPM_TRIE), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "the trie is full: it holds max_entries prefixes", "raise max_entries" },
	{ "map_update", EPERM, EVERY_TYPE, FLAGS_WHATEVER, MAP_FROZEN, LADE_CERTAIN,
	  "the map is frozen: since BPF_MAP_FREEZE no process may write it",
	  "write before the map is frozen: constants (.rodata) are set between open and load" },
	{ "map_delete", EPERM, EVERY_TYPE, FLAGS_WHATEVER, MAP_FROZEN, LADE_CERTAIN,
	  "the map is frozen: since BPF_MAP_FREEZE no process may write it", "delete before the map is frozen" },
	{ "map_update", EPERM, EVERY_TYPE, FLAGS_WHATEVER, MAP_READ_ONLY, LADE_CERTAIN,
	  "the map was made with BPF_F_RDONLY: only programs may write it", "leave the flag out" },
	{ "map_update", EBADF, TYPE(PROG_ARRAY), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the value of a prog array is the descriptor of a program, and this one is none of this process: the program "
	  "was "
	  "not loaded (-1), was closed, or the number comes from another process",
	  "look at the result of the load first; a pinned program: BPF_OBJ_GET, then its descriptor" },
	{ "map_update", EBADF, OF_MAPS, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the value of a map of maps is the descriptor of a map, and this one is none of this process: it was closed, "
	  "or "
	  "it is an id",
	  "give a descriptor; of an id: bpf_map_get_fd_by_id()" },
	{ "map_update", EBADF, OF_SOCKETS, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the value is the descriptor of a socket, and this one is none of this process (any more)",
	  "put the socket in before it is closed" },
	{ "map_update", EBADF, TYPE(PERF_EVENT_ARRAY), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the value of a perf event array is the descriptor that perf_event_open() returned, and this one is none",
	  "look at the result of perf_event_open() first" },
	{ "map_update", EBADF, TYPE(CGROUP_ARRAY), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the value of a cgroup array is the descriptor of a directory of cgroup version 2, and this one is none",
	  "open the directory below the mount of cgroup2" },
	{ "map_update", EBADF, STORAGES, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the key of a local storage is a descriptor of what it belongs to (a socket, a file, a pidfd, a cgroup), and "
	  "this "
	  "one is none",
	  "open it first; of a process pidfd_open()" },
	{ "map_update", EBADF, PLAIN_MAPS, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "map_fd is no open descriptor of this process (any more)", "close it after the last use" },
	{ "map_update", ENOTSOCK, EVERY_TYPE, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "the value (of a socket's storage: the key) is to be the descriptor of a socket, and this one is open, but "
	  "none",
	  "give the socket's" },
	{ "map_update", EOPNOTSUPP, TYPE(SOCKMAP) | TYPE(SOCKHASH), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "a sockmap does not take this socket: TCP must be connected (since 5.7 or listening), UDP needs 5.7, and "
	  "unix and "
	  "vsock sockets newer kernels",
	  "put it in after connect() or accept(), or from a program of sock_ops" },
	{ "map_update", EOPNOTSUPP, TYPE(XSKMAP), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "an xskmap takes sockets of AF_XDP only", "socket(AF_XDP, SOCK_RAW, 0)" },
	{ "map_update", EOPNOTSUPP, TYPE(PERF_EVENT_ARRAY), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "programs cannot read this perf event: it is inherited (attr.inherit), or of a kind without a counter of its "
	  "own",
	  "inherit = 0" },
	{ "map_update", EBUSY, TYPE(REUSEPORT_SOCKARRAY), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the socket is in such a map already, or the slot is taken", "delete it there first; BPF_ANY" },
	{ "map_update", EBUSY, TYPE(STRUCT_OPS), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "this table of operations is registered already", "one map registers once: make another one" },
	{ "map_update", ENODEV, TYPE(CPUMAP), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "the key of a cpumap is the number of a CPU, and this machine cannot have this one",
	  "/sys/devices/system/cpu/possible" },
	{ "map_update", EOVERFLOW, TYPE(CPUMAP), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "the queue of a cpumap's CPU has at most 16384 entries", "a smaller qsize" },
	{ "map_update", EINVAL, EVERY_TYPE, FLAGS_OTHER, MAP_WHATEVER, LADE_LIKELY,
	  "no map takes these flags: BPF_ANY (0), BPF_NOEXIST (1), BPF_EXIST (2), and BPF_F_LOCK (4) since 5.1",
	  "flags BPF_ANY" },
	{ "map_update", EINVAL, EVERY_TYPE, FLAGS_LOCK, MAP_WHATEVER, LADE_LIKELY,
	  "BPF_F_LOCK needs a struct bpf_spin_lock in the value, described by BTF, and a kernel from 5.1 on",
	  "leave the flag out, or add the lock to the value's struct" },
	{ "map_update", EINVAL, TYPE(PROG_ARRAY) | TYPE(ARRAY_OF_MAPS) | TYPE(PERF_EVENT_ARRAY) | TYPE(CGROUP_ARRAY),
	  FLAGS_NOT_ANY, MAP_WHATEVER, LADE_CERTAIN, "arrays of descriptors take BPF_ANY only", "flags BPF_ANY" },
	{ "map_update", EINVAL, TYPE(QUEUE) | TYPE(STACK), FLAGS_NOEXIST, MAP_WHATEVER, LADE_CERTAIN,
	  "queues and stacks have no keys: BPF_NOEXIST means nothing there",
	  "BPF_ANY, or BPF_EXIST to drop the oldest" },
	{ "map_update", EINVAL, TYPE(BLOOM_FILTER), FLAGS_NOT_ANY, MAP_WHATEVER, LADE_CERTAIN,
	  "a bloom filter takes BPF_ANY only", "flags BPF_ANY" },
	{ "map_update", EINVAL, PLAIN_ARRAYS | TYPE(HASH), FLAGS_NOT_ANY, MAP_WHATEVER, LADE_POSSIBLE,
	  "the map does not take these flags", "flags BPF_ANY" },
	{ "map_update", EINVAL, TYPE(PROG_ARRAY), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the descriptor is open, but of no program, or of one that cannot be tail-called with those that are in the "
	  "map "
	  "or use it: all must be of one type, one expected attach type, all translated by the JIT or none, and use "
	  "the "
	  "same features (since 5.18 XDP fragments)",
	  "bpftool prog show for types; a prog array of its own for each type" },
	{ "map_update", EINVAL, OF_MAPS, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the value is no map, or one unlike the inner map that the outer one was made with: type, key and value size "
	  "and "
	  "flags must be the same, before 5.10 max_entries, too (an array's still without BPF_F_INNER_MAP)",
	  "make all inner maps alike; an array that varies in length: BPF_F_INNER_MAP on both (5.10)" },
	{ "map_update", EINVAL, TYPE(DEVMAP) | TYPE(DEVMAP_HASH), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "this network namespace has no interface with the index in the value; or the program in it (since 5.8) is "
	  "none "
	  "with the attach type BPF_XDP_DEVMAP",
	  "ip link; SEC(\"xdp/devmap\"); a value without a program has 4 bytes, or -1 for it" },
	{ "map_update", EINVAL, TYPE(CPUMAP), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the program in the value (since 5.9) is none with the attach type BPF_XDP_CPUMAP",
	  "SEC(\"xdp/cpumap\"); a value without a program has 4 bytes, or -1 for it" },
	{ "map_update", EINVAL, TYPE(REUSEPORT_SOCKARRAY), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the socket has no SO_REUSEPORT, or does not listen (TCP) or is not bound (UDP) yet",
	  "setsockopt(SO_REUSEPORT), bind(), listen(), then put it into the map" },
	{ "map_update", EINVAL, TYPE(LPM_TRIE), FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the prefix in the key is longer than the key: at most 8 bits for each byte behind prefixlen",
	  "prefixlen of at most 32 for IPv4, 128 for IPv6" },
	{ "map_update", EINVAL, RINGS | TYPE(STACK_TRACE), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "maps of this type take no elements from a process: programs write them",
	  "ring buffers are mapped and read" },
	{ "map_update", KERNEL_ENOTSUPP, RINGS, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "a ring buffer has no elements: programs write it, processes map and read it", "ring_buffer__new()" },
	{ "map_delete", EINVAL, PLAIN_ARRAYS, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "elements of an array cannot be deleted: they are always there", "write zeros in its place" },
	{ "map_delete", EINVAL, TYPE(QUEUE) | TYPE(STACK), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "queues and stacks have no keys: nothing in them can be deleted",
	  "BPF_MAP_LOOKUP_AND_DELETE_ELEM takes the next one out" },
	{ "map_lookup", EBADF, STORAGES, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the key of a local storage is a descriptor of what it belongs to (a socket, a file, a pidfd, a cgroup), and "
	  "this one is none; else map_fd is none (any more)",
	  "open it first; of a process pidfd_open()" },
	{ "map_lookup", EBADF, ~STORAGES, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "map_fd is no open descriptor of this process (any more): the map was closed before, as by closing the "
	  "object that it came with",
	  "close it after the last use; of a pinned map BPF_OBJ_GET gives one, of an id BPF_MAP_GET_FD_BY_ID" },
	{ "map_lookup", EBADF, EVERY_TYPE, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "map_fd is no open descriptor of this process (any more): the map was never opened, or closed before, as by "
	  "closing the object that it came with; or, of a local storage, the key is to be a descriptor (a pidfd, a "
	  "socket) and is none",
	  "close it after the last use; of a pinned map BPF_OBJ_GET gives one, of an id BPF_MAP_GET_FD_BY_ID" },
	{ "map_delete", EBADF, STORAGES, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "the key of a local storage is a descriptor of what it belongs to (a socket, a file, a pidfd, a cgroup), and "
	  "this one is none; else map_fd is none (any more)",
	  "open it first; of a process pidfd_open()" },
	{ "map_delete", EBADF, ~STORAGES, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "map_fd is no open descriptor of this process (any more): the map was closed before, as by closing the "
	  "object that it came with",
	  "close it after the last use; of a pinned map BPF_OBJ_GET gives one, of an id BPF_MAP_GET_FD_BY_ID" },
	{ "map_delete", EBADF, EVERY_TYPE, FLAGS_WHATEVER, MAP_WHATEVER, LADE_LIKELY,
	  "map_fd is no open descriptor of this process (any more): the map was never opened, or closed before, as by "
	  "closing the object that it came with; or, of a local storage, the key is to be a descriptor (a pidfd, a "
	  "socket) and is none",
	  "close it after the last use; of a pinned map BPF_OBJ_GET gives one, of an id BPF_MAP_GET_FD_BY_ID" },
	{ "map_lookup", KERNEL_ENOTSUPP, UNREADABLE, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "a process cannot read what this type of map holds", "nothing need be done; programs use it" },
	{ "map_lookup", EOPNOTSUPP, UNREADABLE, FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "a process cannot read what this type of map holds", "nothing need be done; programs use it" },
	{ "map_lookup", ENOSPC, TYPE(SOCKMAP) | TYPE(SOCKHASH), FLAGS_WHATEVER, MAP_WHATEVER, LADE_CERTAIN,
	  "of a sockmap a process reads the sockets' cookies, which have 8 bytes, and its values have 4",
	  "value_size 8" },
};

static bool has_flags(const struct element_rule *rule, enum wanted_flags flags)
{
	return rule->flags == FLAGS_WHATEVER || rule->flags == flags ||
	       (rule->flags == FLAGS_NOT_ANY && flags != FLAGS_ANY);
}

static bool is_of_map(const struct element_rule *rule, const struct traced_map *map)
{
	if (!map)
		return rule->types == EVERY_TYPE && rule->map == MAP_WHATEVER;
	return (rule->map != MAP_FROZEN || map->frozen_line) && (rule->map != MAP_READ_ONLY || map->is_read_only) &&
	       map->type < 64 && rule->types >> map->type & 1;
}

static const struct element_rule *find_rule(const struct traced_call *call, const char *operation,
					    const struct traced_map *map)
{
	enum wanted_flags flags = flags_of(call);

	for (size_t i = 0; i < ELEMENTS(rules); i++)
		if (rules[i].errnum == call->errnum && strcmp(rules[i].operation, operation) == 0 &&
		    has_flags(&rules[i], flags) && is_of_map(&rules[i], map))
			return &rules[i];
	return NULL;
}

/* "map_fd=3</etc/passwd>" of strace -y: an open file that is no map. */
static bool explain_file(const struct traced_call *call, struct lade_finding *finding)
{
	struct span value;
	const char *path;

	if (call->errnum != EINVAL || !lade_call_field(call, "map_fd", &value) ||
	    !(path = memchr(value.text, '<', value.length)) || lade_traced_has(&value, "bpf-map") ||
	    value.text[value.length - 1] != '>')
		return false;
	finding_cause(finding, "descriptor %.*s is open, and what it stands for (%.*s) is no map",
		      (int)(path - value.text), value.text, (int)(value.text + value.length - path - 2), path + 1);
	finding_fix(finding, "pass the map's descriptor: of a pinned map what BPF_OBJ_GET returns, and not open()");
	finding_confidence(finding, LADE_CERTAIN);
	return true;
}

bool lade_traced_element(const struct lade_explanation *explanation, const struct traced_call *call,
			 const char *operation, struct lade_finding *finding)
{
	const struct traced_map *map = of_call(explanation, call);
	const struct element_rule *rule = find_rule(call, operation, map);

	if (explain_file(call, finding))
		return true;
	if (map)
		finding_evidence(finding,
				 "line %zu made the map, with descriptor %" PRIu64 ": %s of %" PRIu32 " entries",
				 map->line, map->descriptor,
				 map->type < lade_map_name_count ? lade_map_names[map->type] : "a map", map->entries);
	if (map && map->frozen_line)
		finding_evidence(finding, "line %zu froze it", map->frozen_line);
	if (!rule)
		return false;
	finding_cause(finding, "%s", rule->cause);
	finding_fix(finding, "%s", rule->fix);
	finding_confidence(finding, rule->confidence);
	return rule->confidence == LADE_CERTAIN;
}
