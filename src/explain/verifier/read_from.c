/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/verifier/read_from.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/text.h"
#include "explain/verifier/typed.h"
#include "explain/verifier/values.h"

bool lade_verifier_is_computed(const struct verifier_origin *origin, const struct verifier_step *step)
{
	for (const struct verifier_step *behind = origin->steps; behind < step; behind++)
		if (lade_verifier_is_way(behind, "changed"))
			return true;
	return false;
}

/* Something may have been added to it since. */
static const char *how(const struct verifier_origin *origin, const struct verifier_step *step)
{
	return lade_verifier_is_computed(origin, step) ? "was computed from what was read" : "was read";
}

static void say_from_context(const struct verifier_origin *origin, const struct verifier_step *step, const char *text,
			     struct lade_finding *finding)
{
	finding_cause(
		finding,
		"R%d %s from the context (instruction %lld: %s): what lies there (an argument or a register of "
		"a traced function, a member) is a number for the verifier, and no address that the program itself "
		"may follow",
		origin->reg, how(origin, step), (long long)step->line.number, text);
	finding_fix(finding, "copy what it points to: BPF_CORE_READ(pointer, member) or bpf_probe_read_kernel(&copy, "
			     "sizeof(copy), pointer), and bpf_probe_read_user() for an address of a process; or use "
			     "fentry, tp_btf or lsm, whose arguments have types and may be followed");
}

/* What the register is through which the step reads; length 0: no state tells. */
static struct span base_of(const struct verifier_origin *origin, const struct verifier_step *step)
{
	struct span value = { "", 0 };
	int reg, offset;

	if (!lade_verifier_take_base(&step->line, &reg, &offset))
		return value;
	bool is_overwritten = step->line.text.length > 1 && step->line.text.text[1] - '0' == reg;
	if (!is_overwritten)
		value = lade_verifier_value_in(&step->line.state, reg);
	return value.length ? value
			    : lade_verifier_register_above(origin->log,
							   lade_verifier_start_of(origin->log, &step->line), reg);
}

/* Was R1 only copied from the program's beginning on up to this step? */
static bool is_behind_copies(const struct verifier_origin *origin, const struct verifier_step *step)
{
	if (!origin->begins_as_context)
		return false;
	for (const struct verifier_step *before = step + 1; before < origin->steps + origin->count; before++)
		if (!lade_verifier_is_way(before, "copied"))
			return false;
	return true;
}

bool lade_verifier_reads_context(const struct verifier_origin *origin, const struct verifier_step *step)
{
	const struct span value = base_of(origin, step);

	return lade_verifier_is_way(step, "read from memory") &&
	       (lade_span_starts(&value, "ctx") || (!value.length && is_behind_copies(origin, step)));
}

/* "r2 = *(u32 *)(r6 +76)": what 4 bytes of a context hold may be an address in the packet, which kernels that tell no
 * states here forget where it is merged with NULL. */
static bool may_be_packet(const struct verifier_origin *origin, const struct verifier_step *step)
{
	return step != &origin->steps[origin->count - 1] &&
	       lade_search(step->line.text.text, step->line.text.length, "*(u32 *)", 8);
}

/* "ptr_task_struct(off=0,imm=0)", and "trusted_", "rcu_", "untrusted_" before it: "task_struct" */
static struct span structure_of(const struct span *value)
{
	static const char mark[] = "ptr_";
	const char *end = value->text + (value->length ? strcspn(value->text, "( \t\n") : 0);
	const char *at = lade_search(value->text, (size_t)(end - value->text), mark, strlen(mark));

	at = at ? at + strlen(mark) : end;
	return (struct span){ at, (size_t)(end - at) };
}

/* What a structure's member holds is followed if its type is a pointer to a structure, and is a number else. */
static void say_from_structure(const struct verifier_origin *origin, const struct span *structure, const char *text,
			       int64_t number, struct lade_finding *finding)
{
	finding_cause(
		finding,
		"R%d was read out of the kernel's structure %.*s (instruction %lld: %s), from a member of which the "
		"verifier makes a number: only a pointer to one structure stays an address, and not a pointer to a "
		"pointer, to a number or void, an array or a member of a union",
		origin->reg, (int)structure->length, structure->text, (long long)number, text);
	finding_fix(finding,
		    "copy what it points to: bpf_probe_read_kernel(&copy, sizeof(copy), pointer) or "
		    "BPF_CORE_READ(); where it is a pointer to pointers, the copy is one that is followed with "
		    "the next call; or bpf_rdonly_cast() (6.2; bpf_core_cast() of libbpf 1.4)");
}

void lade_verifier_read_from(const struct verifier_origin *origin, const struct verifier_step *step,
			     struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *text = lade_text_of(&step->line.text);
	const struct span value = base_of(origin, step), structure = structure_of(&value);

	if (lade_verifier_reads_context(origin, step) && (value.length || !may_be_packet(origin, step))) {
		if (!lade_verifier_typed(origin, step, finding))
			say_from_context(origin, step, text ? text : "", finding);
	} else if (lade_span_starts(&value, "map_value")) {
		finding_cause(finding,
			      "R%d %s out of a map's value (instruction %lld: %s): what lies in a map are numbers "
			      "for the verifier, also where the program stored an address there",
			      origin->reg, how(origin, step), (long long)step->line.number, text ? text : "");
		finding_fix(finding, "copy what it points to: bpf_probe_read_kernel(&copy, sizeof(copy), pointer), or "
				     "bpf_probe_read_user() for an address of a process; an object of the kernel may "
				     "stay usable in a map as a kptr (5.19)");
	} else if (structure.length && step == &origin->steps[0]) {
		say_from_structure(origin, &structure, text ? text : "", step->line.number, finding);
	}
}
