/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a map was refused: first the gates, then whether the kernel has the type at all (asked with the smallest map
 * of it), then what the map's own words prove, and the errno's usual causes last.
 */
#include <errno.h>
#include <string.h>

#include "diagnose/denied.h"
#include "diagnose/map_rules.h"
#include "diagnose/map_trial.h"
#include "object/sections.h"

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
static int refuse_data(struct kernel *kernel, const struct lade_object *object, const char *map, const struct map_definition *definition,
		       int errnum, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, errnum, "map.create.global-data",
						      "%s: the kernel refuses the variables of %s: %s", object->file,
						      map, lade_errno_name(errnum));

	finding_map(finding, map);
	finding_evidence(finding, "an array of 1 entry and %u bytes with flags 0x%x answers %s", definition->value_size,
			 definition->flags, lade_errno_name(errnum));
	(void)lade_diagnose_filter(kernel, "BPF_MAP_CREATE", errnum, finding);
	return -errnum;
}

struct map_refusal {
	struct kernel *kernel;
	const struct map_definition *definition;
	const struct attr_map_create *attr; /* NULL: not known as it was given to the kernel */
	const struct map_rule *rule;        /* NULL: the words break none */
	const char *type;                   /* NULL: a number without a name */
	bool type_is_unknown;               /* to us or to the kernel */
	bool is_charged_too_much;           /* more than kernels before 5.11 can count */
	int errnum;
	const char *log;
};

static bool is_without_files(const struct map_refusal *refusal)
{
	return refusal->errnum == EMFILE || refusal->errnum == ENFILE;
}

static bool is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* What a map's words can be the cause of. Some kernels (5.10) do not test a per-CPU value, and find no memory for it. */
static bool is_about_words(int errnum, uint32_t type)
{
	return errnum == EINVAL || errnum == E2BIG || errnum == EOPNOTSUPP || errnum == KERNEL_ENOTSUPP ||
	       (errnum == ENOMEM && is_per_cpu(type));
}

/* What proves most decides: a gate, the type, the words, the errno alone. */
static const char *code_of(const struct map_refusal *refusal)
{
	if (refusal->errnum == EPERM || refusal->errnum == EACCES)
		return "map.create.permission";
	if (refusal->errnum == ENOSYS)
		return "kernel.bpf.absent";
	if (is_without_files(refusal))
		return "environment.files";
	if (refusal->type_is_unknown)
		return "map.create.type";
	if (refusal->rule)
		return "map.create.definition";
	if (refusal->errnum == E2BIG)
		return "map.create.too-large";
	return refusal->errnum == ENOMEM ? "map.create.memory" : "map.create.refused";
}

static void explain_gate(const struct map_refusal *refusal, struct lade_finding *finding)
{
	struct denied_call call = lade_denied_call("BPF_MAP_CREATE", refusal->errnum);

	lade_denied_map(&call, refusal->definition->type, refusal->definition->flags);
	call.smaller = refusal->attr ? lade_map_try_smaller : NULL;
	call.data = refusal->attr;
	lade_diagnose_denied(refusal->kernel, &call, finding);
}

enum { LIMIT_SINCE_5_11 = 5 << 16 | 11 << 8 };

/* 2^32 less a page: the sum is made in 64 bits and compared with that, before anything is allocated. */
static bool is_charged_too_much(struct kernel *kernel, const struct map_definition *map)
{
	uint32_t version = lade_kernel_version(kernel);

	return version && version < LIMIT_SINCE_5_11 &&
	       lade_map_charge(map, lade_kernel_possible_cpus(kernel)) >= UINT32_MAX - 4096U;
}

static void explain_charge(const struct map_refusal *refusal, struct lade_finding *finding)
{
	const struct map_definition *map = refusal->definition;
	unsigned cpus = lade_kernel_possible_cpus(refusal->kernel);

	finding_cause(finding, "kernels before 5.11 refuse a map of 4 GiB or more in all, which this one would have");
	finding_evidence(finding, "%u entries of %u bytes of key and %u of value%s are at least %.3g bytes",
			 map->max_entries, map->key_size, map->value_size,
			 is_per_cpu(map->type) ? ", the latter for each possible CPU," : "",
			 (double)lade_map_charge(map, cpus));
	if (is_per_cpu(map->type))
		finding_evidence(finding, "there are %u possible CPUs", cpus);
	finding_fix(finding, "lower max_entries: --max-entries MAP=N; or BPF_F_NO_PREALLOC on a newer kernel");
}

static void explain_memory(const struct map_refusal *refusal, struct lade_finding *finding)
{
	if (refusal->attr)
		(void)lade_map_find_culprit(refusal->kernel, refusal->attr, ENOMEM, finding);
	lade_diagnose_memory(refusal->kernel,
			     lade_map_charge(refusal->definition, lade_kernel_possible_cpus(refusal->kernel)), finding);
}

/* The words break no rule that we know: what the kernel finds wrong is tried, and else taken from what it says. */
static void explain_words(const struct map_refusal *refusal, struct lade_finding *finding)
{
	if (refusal->attr && lade_map_find_culprit(refusal->kernel, refusal->attr, refusal->errnum, finding))
		return;
	if (*refusal->log)
		finding_cause(finding, "the kernel says: %s", lade_last_line(refusal->log));
	else
		lade_diagnose_causes(refusal->kernel, "BPF_MAP_CREATE", refusal->errnum, finding);
}

static void explain_map(const struct map_refusal *refusal, struct lade_finding *finding)
{
	if (refusal->errnum == EPERM || refusal->errnum == EACCES || refusal->errnum == ENOSYS) {
		explain_gate(refusal, finding);
	} else if (lade_diagnose_filter(refusal->kernel, "BPF_MAP_CREATE", refusal->errnum, finding)) {
		return;
	} else if (refusal->type_is_unknown) {
		explain_unknown_type(refusal->type, finding);
	} else if (refusal->rule) {
		finding_cause(finding, "%s", refusal->rule->cause);
		finding_fix(finding, "%s", refusal->rule->fix);
	} else if (refusal->is_charged_too_much) {
		explain_charge(refusal, finding);
	} else if (refusal->errnum == ENOMEM) {
		explain_memory(refusal, finding);
	} else if (!is_without_files(refusal)) {
		explain_words(refusal, finding);
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
		      const struct map_definition *definition, const struct attr_map_create *attr, int errnum,
		      const char *log, struct lade_error **error)
{
	struct map_refusal refusal = { .kernel = kernel,
				       .definition = definition,
				       .attr = attr,
				       .rule = is_about_words(errnum, definition->type) ? lade_map_broken_rule(definition) : NULL,
				       .type = lade_map_type_name(definition->type),
				       .errnum = errnum,
				       .log = log };
	struct lade_finding *finding;

	if (errnum == EINVAL && !*log && is_data(object, map))
		return refuse_data(kernel, object, map, definition, errnum, error);
	refusal.is_charged_too_much = errnum == E2BIG && is_charged_too_much(kernel, definition);
	refusal.type_is_unknown =
		!refusal.type || (errnum == EINVAL && lade_map_type_is_known(kernel, definition->type) == 0);
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
