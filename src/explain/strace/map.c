/* SPDX-License-Identifier: BSD-2-Clause */
/* A map that was refused: what its sizes prove. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "diagnose/map_rules.h"
#include "explain/strace/strace.h"
#include "needs/table.h"
#include "object/sections_table.h"

#define COST_MAX  UINT64_C(4294963200) /* before 5.11: 4 GiB less a page */
#define CPUS_MAX  1024                 /* more than machines have that such maps were made for */
#define UNION_419 72                   /* sizeof(union bpf_attr) of 4.19 */

uint32_t lade_traced_map_type(const struct traced_call *call)
{
	static const char prefix[] = "BPF_MAP_TYPE_";
	struct span value;
	uint64_t number;

	if (lade_call_number(call, "map_type", &number) && number < UINT32_MAX)
		return (uint32_t)number;
	if (!lade_call_field(call, "map_type", &value) || value.length < strlen(prefix))
		return 0;
	value = (struct span){ value.text + strlen(prefix), value.length - strlen(prefix) };
	for (uint32_t type = 0; type < lade_map_name_count; type++) {
		const char *name = lade_map_names[type];
		if (name && strlen(name) == value.length && strncasecmp(name, value.text, value.length) == 0)
			return type;
	}
	return 0;
}

static uint32_t small(const struct traced_call *call, const char *name)
{
	uint64_t number = 0;

	(void)lade_call_number(call, name, &number);
	return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

static uint32_t flags_of(const struct traced_call *call)
{
	struct span value = { 0 };

	if (!lade_call_field(call, "map_flags", &value) || !value.length)
		return 0;
	if (*value.text == '0')
		return small(call, "map_flags");
	return (lade_traced_has(&value, "BPF_F_NO_PREALLOC") ? BPF_F_NO_PREALLOC : 0U) |
	       (lade_traced_has(&value, "BPF_F_MMAPABLE") ? BPF_F_MMAPABLE : 0U);
}

static bool is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* Before 5.11 a map that costs 4 GiB is refused, and values for each CPU count once for each. */
static bool explain_cost(const struct map_definition *map, struct lade_finding *finding)
{
	uint64_t value = ((uint64_t)map->value_size + 7) & ~UINT64_C(7), bytes, cpus;

	if (__builtin_mul_overflow(value, (uint64_t)map->max_entries, &bytes) || !bytes)
		return false;
	cpus = (COST_MAX + bytes - 1) / bytes;
	if (bytes >= COST_MAX) {
		finding_cause(finding,
			      "the map is too large: %" PRIu32 " entries of %" PRIu64 " bytes are 4 GiB or more, which "
			      "kernels before 5.11 refuse with E2BIG",
			      map->max_entries, value);
	} else if (is_per_cpu(map->type) && cpus <= CPUS_MAX) {
		finding_cause(finding,
			      "the map is too large: %" PRIu32 " entries of %" PRIu64 " bytes for each possible CPU "
			      "cost 4 GiB or more from %" PRIu64
			      " CPUs on, which kernels before 5.11 refuse with E2BIG "
			      "(a limit of 32 bits)",
			      map->max_entries, value, cpus);
		finding_see(finding, "/sys/devices/system/cpu/possible of that machine, and its kernel's version");
	} else {
		return false;
	}
	finding_fix(finding, "lower max_entries or the size of the value; or a map without a copy for each CPU (hash "
			     "instead of percpu_hash), or a ring buffer; BPF_F_NO_PREALLOC does not help");
	finding_confidence(finding, LADE_LIKELY);
	return true;
}

/* bpf(…, {…}, 72); 0: not said. */
static unsigned size_of(const struct traced_call *call)
{
	const char *end = call->arguments.text + call->arguments.length;
	const char *at = memmem(call->arguments.text, call->arguments.length, "}, ", 3);
	unsigned size = 0;

	for (at = at ? at + 3 : end; at < end && *at >= '0' && *at <= '9' && size < 10000; at++)
		size = size * 10 + (unsigned)(*at - '0');
	return size;
}

/* The attribute is not what is too large. */
static void explain_size(const struct traced_call *call, struct lade_finding *finding)
{
	const unsigned size = size_of(call);

	if (size && size <= UNION_419)
		finding_evidence(finding, "the attribute itself is not too large: %u bytes, as many as 4.19 knows",
				 size);
}

static void add_since(const struct span *word, const struct need_fact *facts, size_t count,
		      struct lade_finding *finding)
{
	const struct need_fact *fact = lade_traced_fact(word, facts, count);

	if (fact && *(lade_need_text + fact->since))
		finding_evidence(finding, "%.*s came with %s", (int)word->length, word->text,
				 lade_need_text + fact->since);
}

void lade_traced_since(const struct traced_call *call, struct lade_finding *finding)
{
	struct span word;
	const char *end;

	if (call->errnum != EINVAL && call->errnum)
		return;
	if (lade_call_field(call, "map_type", &word))
		add_since(&word, lade_need_maps, lade_need_map_count, finding);
	if (lade_call_field(call, "prog_type", &word))
		add_since(&word, lade_need_programs, lade_need_program_count, finding);
	if (!lade_call_field(call, "map_flags", &word))
		return;
	end = word.text + word.length;
	for (const char *at = word.text, *bar; at < end; at = bar + 1) {
		bar = memchr(at, '|', (size_t)(end - at));
		bar = bar ? bar : end;
		struct span flag = { at, (size_t)(bar - at) };
		add_since(&flag, lade_need_flags, lade_need_flag_count, finding);
	}
}

/* Of a type that strace knows by its number alone, and the kernel perhaps not at all. */
static void explain_type(uint32_t type, const struct span *word, struct lade_finding *finding)
{
	if (!lade_traced_has(word, "???") || type >= lade_map_name_count || !lade_map_names[type])
		return;
	const struct span name = { lade_map_names[type], strlen(lade_map_names[type]) };
	finding_cause(finding,
		      "the kernel does not know maps of type %" PRIu32
		      " (%s): it is older than they are, as this strace "
		      "is, or was built without them",
		      type, name.text);
	finding_fix(finding, "a newer kernel; lade doctor tells which map types this one has");
	finding_confidence(finding, LADE_LIKELY);
	add_since(&name, lade_need_maps, lade_need_map_count, finding);
}

/* Bits that strace has no name for, and the kernel perhaps not either. A type without a name says more. */
static bool explain_flags(const struct traced_call *call, const struct span *type, struct lade_finding *finding)
{
	struct span word;

	if (lade_traced_has(type, "???") || !lade_call_field(call, "map_flags", &word) ||
	    !lade_traced_has(&word, "BPF_F_???"))
		return false;
	finding_cause(finding,
		      "map_flags has a bit that this strace has no name for (%.*s), and the kernel probably neither: a "
		      "flag that is newer than it, or none at all",
		      (int)word.length, word.text);
	finding_fix(finding, "look at map_flags where the map is defined; without the bit, or with a kernel that has "
			     "the flag");
	finding_confidence(finding, LADE_LIKELY);
	return true;
}

/* Where each member that a rule looks at begins in the attribute. */
static const struct {
	const char *name;
	unsigned offset;
} members[] = {
	{ "key_size", 4 },
	{ "value_size", 8 },
	{ "max_entries", 12 },
	{ "map_flags", 16 },
};

#define BTF_KEY_OFFSET 52 /* of btf_key_type_id, the same */

/* What the call does not show may have any value: an older strace knows fewer members, and people shorten. Behind the
 * end of the attribute all is 0. */
static bool is_hidden(const struct traced_call *call, const char *member, unsigned offset)
{
	const unsigned size = size_of(call);
	struct span value;

	return !lade_call_field(call, member, &value) && (!size || size > offset);
}

static bool has_hidden(const struct traced_call *call)
{
	for (size_t i = 0; i < ELEMENTS(members); i++)
		if (is_hidden(call, members[i].name, members[i].offset))
			return true;
	return false;
}

/* The rule that this very error is for. NULL: none, or of the type nothing is known. */
static const struct map_rule *find_rule(const struct traced_call *call, const struct map_definition *map)
{
	struct map_definition shown = *map;
	const struct map_rule *rule;

	if (!map->type || map->type >= lade_map_name_count || !lade_map_names[map->type] || has_hidden(call))
		return NULL;
	if (is_hidden(call, "btf_key_type_id", BTF_KEY_OFFSET))
		shown.btf_key_type = shown.btf_value_type = 1;
	rule = lade_map_broken_rule(&shown);
	return rule && call->errnum == (rule->errnum ? rule->errnum : EINVAL) ? rule : NULL;
}

void lade_traced_map(const struct traced_call *call, struct lade_finding *finding)
{
	struct map_definition map = {
		.type = lade_traced_map_type(call),
		.key_size = small(call, "key_size"),
		.value_size = small(call, "value_size"),
		.max_entries = small(call, "max_entries"),
		.flags = flags_of(call),
		.btf_key_type = small(call, "btf_key_type_id"),
		.btf_value_type = small(call, "btf_value_type_id"),
	};
	struct span name;
	const struct map_rule *rule;

	if (!lade_call_field(call, "map_type", &name))
		return;
	rule = find_rule(call, &map);
	finding_evidence(finding, "map type %.*s, key %" PRIu32 ", value %" PRIu32 ", %" PRIu32 " entries",
			 (int)name.length, name.text, map.key_size, map.value_size, map.max_entries);
	if (rule) {
		finding_cause(finding, "%s", rule->cause);
		finding_fix(finding, "%s", rule->fix);
		finding_confidence(finding, LADE_CERTAIN);
	} else if (call->errnum == E2BIG && explain_cost(&map, finding)) {
		explain_size(call, finding);
	} else if (call->errnum == EINVAL && !explain_flags(call, &name, finding)) {
		explain_type(map.type, &name, finding);
	}
}
