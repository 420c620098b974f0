/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a map was refused: first what its words alone prove (rules of facts/data/map_types.csv), then the
 * errno's usual causes.
 */
#include <errno.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "object/sections.h"

#define TYPE_BIT(type) (UINT64_C(1) << (type))

static const uint64_t arrays = TYPE_BIT(BPF_MAP_TYPE_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PROG_ARRAY) |
			       TYPE_BIT(BPF_MAP_TYPE_PERF_EVENT_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY) |
			       TYPE_BIT(BPF_MAP_TYPE_CGROUP_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_ARRAY_OF_MAPS) |
			       TYPE_BIT(BPF_MAP_TYPE_DEVMAP) | TYPE_BIT(BPF_MAP_TYPE_CPUMAP) |
			       TYPE_BIT(BPF_MAP_TYPE_XSKMAP) | TYPE_BIT(BPF_MAP_TYPE_SOCKMAP);
static const uint64_t descriptors = TYPE_BIT(BPF_MAP_TYPE_PROG_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PERF_EVENT_ARRAY) |
				    TYPE_BIT(BPF_MAP_TYPE_CGROUP_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_ARRAY_OF_MAPS) |
				    TYPE_BIT(BPF_MAP_TYPE_HASH_OF_MAPS);
static const uint64_t rings = TYPE_BIT(BPF_MAP_TYPE_RINGBUF) | TYPE_BIT(BPF_MAP_TYPE_USER_RINGBUF);
static const uint64_t storages = TYPE_BIT(BPF_MAP_TYPE_SK_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_INODE_STORAGE) |
				 TYPE_BIT(BPF_MAP_TYPE_TASK_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_CGROUP_STORAGE) |
				 TYPE_BIT(BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
static const uint64_t local_storages =
	TYPE_BIT(BPF_MAP_TYPE_SK_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_INODE_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_TASK_STORAGE);
static const uint64_t lru = TYPE_BIT(BPF_MAP_TYPE_LRU_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH);
static const uint64_t keyless =
	TYPE_BIT(BPF_MAP_TYPE_QUEUE) | TYPE_BIT(BPF_MAP_TYPE_STACK) | TYPE_BIT(BPF_MAP_TYPE_BLOOM_FILTER);
static const uint64_t percpu = TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH) | TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY) |
			       TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH);

static bool key_not_4(const struct map_definition *map)
{
	return map->key_size != 4;
}

static bool value_not_4(const struct map_definition *map)
{
	return map->value_size != 4;
}

static bool no_entries(const struct map_definition *map)
{
	return map->max_entries == 0;
}

static bool some_entries(const struct map_definition *map)
{
	return map->max_entries != 0;
}

static bool no_value(const struct map_definition *map)
{
	return map->value_size == 0;
}

static bool no_key(const struct map_definition *map)
{
	return map->key_size == 0;
}

static bool some_key(const struct map_definition *map)
{
	return map->key_size != 0;
}

static bool key_or_value(const struct map_definition *map)
{
	return map->key_size || map->value_size;
}

static bool preallocated(const struct map_definition *map)
{
	return !(map->flags & BPF_F_NO_PREALLOC);
}

static bool not_preallocated(const struct map_definition *map)
{
	return map->flags & BPF_F_NO_PREALLOC;
}

static bool without_btf(const struct map_definition *map)
{
	return !map->btf_key_type || !map->btf_value_type;
}

static bool lpm_key(const struct map_definition *map)
{
	return map->key_size < 5 || map->key_size > 260;
}

static bool stack_value(const struct map_definition *map)
{
	return map->value_size < 8 || map->value_size % 8;
}

static bool percpu_value(const struct map_definition *map)
{
	return map->value_size > 32768;
}

/* What the words of a map prove by themselves. In this order; the first that holds is the cause. */
static const struct map_rule {
	uint64_t types;
	bool (*broken)(const struct map_definition *map);
	const char *cause, *fix;
} map_rules[] = {
	{ rings, key_or_value, "a ring buffer has neither key nor value", "key_size and value_size must be 0" },
	{ storages, some_entries, "the number of entries of a storage map is not the program's to choose",
	  "set max_entries to 0" },
	{ local_storages, without_btf, "a local storage map needs the BTF of its key (int) and value",
	  "compile with -g and declare __type(key, int) and __type(value, …)" },
	{ local_storages | TYPE_BIT(BPF_MAP_TYPE_LPM_TRIE), preallocated, "this map type cannot be preallocated",
	  "set map_flags to BPF_F_NO_PREALLOC" },
	{ lru, not_preallocated, "an LRU map is always preallocated", "remove BPF_F_NO_PREALLOC" },
	{ keyless, some_key, "this map type has no key", "set key_size to 0" },
	{ ~(storages), no_entries, "max_entries is 0", "give the map entries in the source or with --max-entries" },
	{ arrays, key_not_4, "the key of an array is a 4-byte index", "set key_size to 4" },
	{ descriptors, value_not_4, "the value of this map type is a 4-byte descriptor", "set value_size to 4" },
	{ TYPE_BIT(BPF_MAP_TYPE_LPM_TRIE), lpm_key, "the key of an LPM trie is 4 bytes and 1 to 256 bytes of prefix",
	  "set key_size to 5 … 260" },
	{ TYPE_BIT(BPF_MAP_TYPE_STACK_TRACE), stack_value, "a stack trace is a row of 8-byte addresses",
	  "set value_size to a multiple of 8" },
	{ percpu, percpu_value, "a per-CPU value is at most 32768 bytes", "make the value smaller" },
	{ TYPE_BIT(BPF_MAP_TYPE_HASH) | lru | TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH), no_key, "a hash needs a key",
	  "set key_size" },
	{ ~(rings | storages), no_value, "value_size is 0", "set value_size" },
};

static const struct map_rule *broken_rule(const struct map_definition *map)
{
	for (size_t i = 0; map->type < 64 && i < ELEMENTS(map_rules); i++)
		if ((map_rules[i].types & TYPE_BIT(map->type)) && map_rules[i].broken(map))
			return &map_rules[i];
	return NULL;
}

static void list_causes(struct lade_finding *finding, int errnum)
{
	const char *cause = lade_errno_cause("BPF_MAP_CREATE", errnum, 0);

	finding_confidence(finding, LADE_POSSIBLE);
	if (cause)
		finding_cause(finding, "the usual cause: %s", cause);
	for (unsigned i = 1; i < 4 && (cause = lade_errno_cause("BPF_MAP_CREATE", errnum, i)); i++)
		finding_evidence(finding, "also possible: %s", cause);
}

/* An array of the smallest kind: when it is created, the system call works and the type is to blame. */
static bool plain_array_works(struct kernel *kernel)
{
	struct attr_map_create attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	int fd = lade_bpf_map_create(kernel, &attr);

	(void)fd_close(fd);
	return fd >= 0;
}

static void explain_unknown_type(struct kernel *kernel, struct lade_finding *finding, const char *name)
{
	if (!name) {
		finding_cause(finding, "no kernel known to this version of Lade has a map type of this number");
		finding_fix(finding, "correct the type in the source");
		return;
	}
	if (!plain_array_works(kernel))
		return;
	finding_evidence(finding, "a plain array can be created");
}

static bool is_data(const struct lade_object *object, const char *name)
{
	array_foreach(map, &object->maps)
		if ((*map)->is_data && strcmp((*map)->name, name) == 0)
			return true;
	return false;
}

static int usual_code(int errnum, const struct map_rule *rule, const char *type, const char **ret_code)
{
	if (errnum == EPERM)
		*ret_code = "map.create.permission";
	else if (errnum == ENOSYS)
		*ret_code = "kernel.bpf.absent";
	else if (errnum == ENOMEM)
		*ret_code = "map.create.memory";
	else if (!type)
		*ret_code = "map.create.type";
	else
		*ret_code = rule ? "map.create.definition" : "map.create.refused";
	return -errnum;
}

/* The words of a data map are ours; only a kernel that does not know their flags refuses them. */
static int refuse_data(const struct lade_object *object, const char *map, const struct map_definition *definition,
		       int errnum, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, errnum, "map.create.global-data",
						      "%s: the kernel refuses the variables of %s: %s", object->file,
						      map, lade_errno_name(errnum));

	finding_map(finding, map);
	finding_evidence(finding, "an array of 1 entry and %u bytes with flags 0x%x answers %s", definition->value_size,
			 definition->flags, lade_errno_name(errnum));
	return -errnum;
}

int lade_diagnose_map(struct kernel *kernel, const struct lade_object *object, const char *map,
		      const struct map_definition *definition, int errnum, struct lade_error **error)
{
	const char *type = lade_map_type_name(definition->type), *code;
	const struct map_rule *rule = broken_rule(definition);
	struct lade_finding *finding;
	int r = usual_code(errnum, rule, type, &code);

	if (errnum == EINVAL && is_data(object, map))
		return refuse_data(object, map, definition, errnum, error);
	finding = lade_error_add(error, errnum, code, "%s: the kernel refuses map %s: %s", object->file, map,
				 lade_errno_name(errnum));
	finding_map(finding, map);
	finding_evidence(finding, "type %u (%s), key %u, value %u, %u entries, flags 0x%x", definition->type,
			 type ? type : "unknown", definition->key_size, definition->value_size, definition->max_entries,
			 definition->flags);
	if (errnum == EPERM) {
		lade_kernel_explain_privilege(kernel, finding);
	} else if (errnum == ENOSYS) {
		lade_kernel_explain_absent(kernel, finding);
	} else if (rule && type && errnum != ENOMEM) {
		finding_cause(finding, "%s", rule->cause);
		finding_fix(finding, "%s", rule->fix);
	} else if (type) {
		list_causes(finding, errnum);
		explain_unknown_type(kernel, finding, type);
	} else {
		explain_unknown_type(kernel, finding, type);
	}
	return r;
}
