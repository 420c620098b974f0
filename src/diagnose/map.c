/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a map was refused: first the gates, then whether the kernel has the type at all (asked with the smallest map
 * of it), then what the map's own words prove, and the errno's usual causes last.
 */
#include <errno.h>
#include <string.h>

#include "diagnose/map_rules.h"
#include "object/sections.h"

static void list_causes(struct lade_finding *finding, int errnum)
{
	const char *cause = lade_errno_cause("BPF_MAP_CREATE", errnum, 0);

	finding_confidence(finding, LADE_POSSIBLE);
	if (cause)
		finding_cause(finding, "the usual cause: %s", cause);
	for (unsigned i = 1; i < 4 && (cause = lade_errno_cause("BPF_MAP_CREATE", errnum, i)); i++)
		finding_evidence(finding, "also possible: %s", cause);
}

/* The smallest map of each kind that any kernel which knows the type accepts. */
static const struct {
	uint32_t type, key_size, value_size, max_entries, flags;
} smallest_maps[] = {
	{ BPF_MAP_TYPE_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PERCPU_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_STACK_TRACE, 4, 8, 1, 0 },
	{ BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_LRU_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_LPM_TRIE, 8, 4, 1, BPF_F_NO_PREALLOC },
	{ BPF_MAP_TYPE_DEVMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_CPUMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_XSKMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_SOCKHASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_QUEUE, 0, 4, 1, 0 },
	{ BPF_MAP_TYPE_STACK, 0, 4, 1, 0 },
	{ BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_RINGBUF, 0, 0, 65536, 0 }, /* a page multiple with 64 KiB pages too */
	{ BPF_MAP_TYPE_BLOOM_FILTER, 0, 4, 1, 0 },
	{ BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 65536, 0 },
	{ 33, 0, 0, 1, BPF_F_MMAPABLE },    /* BPF_MAP_TYPE_ARENA, since 6.9 */
	{ 35, 4, 4, 1, BPF_F_NO_PREALLOC }, /* BPF_MAP_TYPE_RHASH, since 7.2 */
};

/* 1: this kernel makes maps of the type; 0: it does not; -1: nothing was learnt. */
static int knows_type(struct kernel *kernel, uint32_t type)
{
	for (size_t i = 0; i < ELEMENTS(smallest_maps); i++) {
		struct attr_map_create attr = {
			.map_type = type,
			.key_size = smallest_maps[i].key_size,
			.value_size = smallest_maps[i].value_size,
			.max_entries = smallest_maps[i].max_entries,
			.map_flags = smallest_maps[i].flags,
		};
		int fd;
		if (smallest_maps[i].type != type)
			continue;
		fd = lade_bpf_map_create(kernel, &attr);
		(void)fd_close(fd);
		return fd >= 0 ? 1 : fd == -EINVAL ? 0 : -1;
	}
	return -1;
}

static void explain_unknown_type(const char *name, struct lade_finding *finding)
{
	if (!name) {
		finding_cause(finding, "no kernel known to this version of Lade has a map type of this number");
		finding_fix(finding, "correct the type in the source");
		return;
	}
	finding_cause(finding, "this kernel has no maps of type %s: it is older than they are, or built without them",
		      name);
	finding_evidence(finding, "the smallest map of that type is refused with EINVAL, too");
	finding_fix(finding, "use another map type or a newer kernel");
}

static bool is_data(const struct lade_object *object, const char *name)
{
	array_foreach(map, &object->maps)
		if ((*map)->is_data && strcmp((*map)->name, name) == 0)
			return true;
	return false;
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

struct map_refusal {
	struct kernel *kernel;
	const struct map_definition *definition;
	const struct map_rule *rule; /* NULL: the words break none */
	const char *type;            /* NULL: a number without a name */
	bool type_is_unknown;        /* to us or to the kernel */
	int errnum;
};

static bool is_without_files(const struct map_refusal *refusal)
{
	return refusal->errnum == EMFILE || refusal->errnum == ENFILE;
}

/* What proves most decides: a gate, the type, the words, the errno alone. */
static const char *code_of(const struct map_refusal *refusal)
{
	if (refusal->errnum == EPERM)
		return "map.create.permission";
	if (refusal->errnum == ENOSYS)
		return "kernel.bpf.absent";
	if (is_without_files(refusal))
		return "environment.files";
	if (refusal->type_is_unknown)
		return "map.create.type";
	if (refusal->rule)
		return "map.create.definition";
	return refusal->errnum == ENOMEM ? "map.create.memory" : "map.create.refused";
}

static void explain_map(const struct map_refusal *refusal, struct lade_finding *finding)
{
	if (refusal->errnum == EPERM) {
		lade_kernel_explain_privilege(refusal->kernel, finding);
	} else if (refusal->errnum == ENOSYS) {
		lade_kernel_explain_absent(refusal->kernel, finding);
	} else if (refusal->type_is_unknown) {
		explain_unknown_type(refusal->type, finding);
	} else if (refusal->rule) {
		finding_cause(finding, "%s", refusal->rule->cause);
		finding_fix(finding, "%s", refusal->rule->fix);
	} else if (refusal->errnum != ENOMEM && !is_without_files(refusal)) {
		list_causes(finding, refusal->errnum);
	}
	if (refusal->definition->has_numa_node)
		finding_evidence(finding,
				 "it asks for NUMA node %u; /sys/devices/system/node/online lists what there is",
				 refusal->definition->numa_node);
}

static void describe_words(const struct map_refusal *refusal, struct lade_finding *finding)
{
	const struct map_definition *definition = refusal->definition;

	finding_evidence(finding, "type %u (%s), key %u, value %u, %u entries, flags 0x%x", definition->type,
			 refusal->type ? refusal->type : "unknown", definition->key_size, definition->value_size,
			 definition->max_entries, definition->flags);
}

int lade_diagnose_map(struct kernel *kernel, const struct lade_object *object, const char *map,
		      const struct map_definition *definition, int errnum, const char *log, struct lade_error **error)
{
	struct map_refusal refusal = { .kernel = kernel,
				       .definition = definition,
				       .rule = lade_map_broken_rule(definition),
				       .type = lade_map_type_name(definition->type),
				       .errnum = errnum };
	struct lade_finding *finding;

	if (errnum == EINVAL && !*log && is_data(object, map))
		return refuse_data(object, map, definition, errnum, error);
	refusal.type_is_unknown = !refusal.type || (errnum == EINVAL && knows_type(kernel, definition->type) == 0);
	finding = lade_error_add(error, errnum, code_of(&refusal), "%s: the kernel refuses map %s: %s", object->file,
				 map, lade_errno_name(errnum));
	finding_map(finding, map);
	describe_words(&refusal, finding);
	if (*log) {
		finding_log(finding, log);
		finding_evidence(finding, "the kernel says: %s", lade_last_line(log));
	}
	explain_map(&refusal, finding);
	return -errnum;
}
