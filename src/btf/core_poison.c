/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a relocation found nothing, and what the program's source can do about it. */
#include <errno.h>
#include <limits.h>

#include "base/similar.h"
#include "btf/core_internal.h"

/* Candidates described one by one; of the others only the number is told. */
#define DESCRIBED 4u

/* ---- the nearest name ---- */

struct nearest {
	const char *wanted;
	const char *name;
	unsigned distance; /* only nearer ones are taken */
	struct core_budget *budget;
};

static void consider(struct nearest *nearest, const char *name)
{
	size_t wanted = strlen(nearest->wanted), length = strlen(name);
	size_t difference = wanted > length ? wanted - length : length - wanted;
	/* The distance is at least the difference in length. */
	if (!length || difference >= nearest->distance || !nearest->budget->names)
		return;
	nearest->budget->names--;
	unsigned distance = lade_edit_distance(nearest->wanted, name);
	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->name = name;
	}
}

static struct nearest nearest_to(const char *wanted, struct core_budget *budget)
{
	return (struct nearest){ .wanted = wanted, .distance = 3 + (unsigned)(strlen(wanted) / 4), .budget = budget };
}

/* Anonymous structs within are looked into, as deep as anybody writes them. */
static void consider_members(struct nearest *nearest, const struct lade_btf *btf, uint32_t id, unsigned depth)
{
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));
	const struct btf_member *members = lade_btf_members(type);
	for (uint32_t i = 0; members && i < lade_btf_vlen(type) && lade_core_spend(nearest->budget, 1); i++) {
		const char *name = lade_btf_string(btf, members[i].name_off);
		if (*name)
			consider(nearest, name);
		else if (depth < 3)
			consider_members(nearest, btf, members[i].type, depth + 1);
	}
}

static void add_nearest(struct strbuf *into, const struct nearest *nearest)
{
	if (nearest->name)
		lade_strbuf_addf(into, " (nearest: %s)", nearest->name);
}

/* ---- one candidate ---- */

/* The type of the member of this name, at most three anonymous structs deep; 0: there is none. */
static uint32_t member_type(struct core_budget *budget, const struct lade_btf *btf, uint32_t id, const char *wanted,
			    unsigned depth)
{
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));
	const struct btf_member *members = lade_btf_members(type);
	uint32_t found = 0;
	for (uint32_t i = 0; members && !found && i < lade_btf_vlen(type) && lade_core_spend(budget, 1); i++) {
		const char *name = lade_btf_string(btf, members[i].name_off);
		if (strcmp(name, wanted) == 0)
			found = members[i].type;
		else if (!*name && depth < 3)
			found = member_type(budget, btf, members[i].type, wanted, depth + 1);
	}
	return found;
}

static void describe_member(struct strbuf *into, const struct core_question *question, const struct core_step *step,
			    const struct lade_btf *btf, uint32_t id)
{
	const struct core_path *local = question->local;
	uint32_t there = member_type(question->budget, btf, id, step->name, 0);
	if (there) {
		const struct btf_type *owner = lade_btf_type(local->types.btf, step->type_id);
		lade_strbuf_addf(into, " has %s as ", step->name);
		lade_core_spell_type(into, btf, there);
		lade_strbuf_add(into, ", not ");
		lade_core_spell_type(into, local->types.btf, lade_btf_members(owner)[step->index].type);
		return;
	}
	struct nearest nearest = nearest_to(step->name, question->budget);
	lade_strbuf_addf(into, " has no member %s", step->name);
	consider_members(&nearest, btf, id, 0);
	add_nearest(into, &nearest);
}

static void describe_element(struct strbuf *into, const struct core_step *step, const struct lade_btf *btf, uint32_t id)
{
	const struct btf_array *array = lade_btf_array(lade_btf_type(btf, lade_btf_skip_modifiers(btf, id)));
	if (array)
		lade_strbuf_addf(into, " has %u elements, none with index %u", array->nelems, step->index);
	else
		lade_strbuf_add(into, " is no array");
}

/* The first step of the way that the candidate does not have. */
static void describe_field(struct strbuf *into, const struct core_question *question,
			   const struct kernel_type *candidate)
{
	const struct core_path *local = question->local;
	uint32_t end = candidate->id;
	const char *reason = NULL;
	for (uint32_t steps = 1; steps <= local->count; steps++) {
		struct core_path target = { .types = { candidate->btf, question->pointer_bytes },
					    .root = candidate->id };
		const struct core_step *step = &local->steps[steps - 1];
		uint32_t before = end;
		int found = lade_core_match_fields(question->budget, local, steps, &target, &end, &reason);
		if (found > 0)
			continue;
		if (found < 0) {
			lade_strbuf_addf(into, ": %s", reason);
			return;
		}
		if (before != candidate->id) {
			lade_strbuf_add(into, ": there ");
			lade_core_spell_type(into, candidate->btf, before);
		}
		if (step->name)
			describe_member(into, question, step, candidate->btf, before);
		else
			describe_element(into, step, candidate->btf, before);
		return;
	}
}

static void describe_enum(struct strbuf *into, const struct core_question *question,
			  const struct kernel_type *candidate)
{
	const struct lade_btf *btf = candidate->btf;
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, candidate->id));
	struct nearest nearest = nearest_to(question->local->steps[0].name, question->budget);
	for (uint32_t i = 0; i < lade_core_enumerators(type) && lade_core_spend(question->budget, 1); i++)
		consider(&nearest, lade_core_enumerator_name(btf, type, i));
	lade_strbuf_addf(into, " has no enumerator %s", question->local->steps[0].name);
	add_nearest(into, &nearest);
}

/* ---- all of them ---- */

static void describe_candidates(struct strbuf *into, const struct core_question *question)
{
	const struct kernel_type_list *candidates = question->candidates;
	bool is_enum = lade_core_kind(question->kind)->family == CORE_ENUM;
	for (size_t i = 0; i < candidates->count && i < DESCRIBED; i++) {
		lade_strbuf_add(into, i ? "; " : "");
		lade_core_spell_candidate(into, &candidates->items[i]);
		(is_enum ? describe_enum : describe_field)(into, question, &candidates->items[i]);
	}
	if (candidates->count > DESCRIBED)
		lade_strbuf_addf(into, "; and %zu more", candidates->count - DESCRIBED);
}

static void describe_absence(struct strbuf *into, const struct core_question *question)
{
	const struct kernel_type_list *namesakes = question->namesakes;
	lade_strbuf_add(into, "the target has no ");
	lade_core_spell_type(into, question->local->types.btf, question->local->root);
	for (size_t i = 0; i < namesakes->count && i < DESCRIBED; i++) {
		const struct kernel_type *other = &namesakes->items[i];
		uint32_t kind = lade_btf_kind(lade_btf_type(other->btf, other->id));
		const char *word = kind == BTF_KIND_FWD ? "forward declaration" : lade_btf_kind_name(kind);
		lade_strbuf_addf(into, "%s %s [%u] is a %s there", i ? "," : ";",
				 lade_btf_type_name(other->btf, other->id), other->id,
				 word ? word : "type of a kind not known");
	}
}

/* A load or store of one size was compiled for it. */
static void describe_sizes(struct strbuf *into, const struct core_question *question)
{
	const struct core_answer *answer = question->answer;
	if (!answer->bytes)
		lade_strbuf_add(into, "it is a bitfield in the target: read it with BPF_CORE_READ_BITFIELD()");
	else if (!answer->local_bytes)
		lade_strbuf_add(into, "it is a bitfield in the object alone: read it with BPF_CORE_READ_BITFIELD()");
	else
		lade_strbuf_addf(into,
				 "its size in bytes is %u in the object and %u in the target, and only pointers and "
				 "unsigned integers can be read with another size",
				 answer->local_bytes, answer->bytes);
}

/* ---- guards ---- */

/* struct x, or the name of a typedef. */
static void add_field(struct strbuf *into, const struct core_path *path)
{
	lade_strbuf_add(into, "((");
	lade_core_spell_type(into, path->types.btf, path->root);
	lade_strbuf_add(into, " *)0)");
	if (path->steps[0].index)
		lade_strbuf_addf(into, "[%u]", path->steps[0].index);
	for (uint32_t i = 1; i < path->count; i++) {
		const struct core_step *step = &path->steps[i];
		if (!step->name)
			lade_strbuf_addf(into, "[%u]", step->index);
		else
			lade_strbuf_addf(into, "%s%s", i == 1 && !path->steps[0].index ? "->" : ".", step->name);
	}
}

static bool is_bitfield_somewhere(const struct core_answer *answer)
{
	return answer->unsafe_size && (!answer->bytes || !answer->local_bytes);
}

static char *make_guard(const struct core_question *question)
{
	struct strbuf text = { 0 };
	const struct core_path *local = question->local;
	enum core_family family = lade_core_kind(question->kind)->family;
	bool whole = family == CORE_TYPE || (family == CORE_FIELD && local->count < 2);
	if (whole) {
		lade_strbuf_add(&text, "bpf_core_type_exists(");
		lade_core_spell_type(&text, local->types.btf, local->root);
	} else if (family == CORE_ENUM) {
		lade_strbuf_add(&text, "bpf_core_enum_value_exists(");
		lade_core_spell_type(&text, local->types.btf, local->root);
		lade_strbuf_addf(&text, ", %s", local->steps[0].name);
	} else {
		lade_strbuf_add(&text,
				question->answer->unsafe_size ? "bpf_core_field_size(" : "bpf_core_field_exists(");
		add_field(&text, local);
	}
	lade_strbuf_add(&text, ")");
	if (!whole && question->answer->unsafe_size)
		lade_strbuf_addf(&text, " == %u", question->answer->local_bytes);
	return lade_strbuf_take(&text);
}

/* ---- the poison ---- */

static char *make_what(const struct core_question *question)
{
	struct strbuf text = { 0 };
	lade_core_spell_path(&text, question->kind, question->local);
	lade_strbuf_addf(&text, " (%s)", lade_core_kind(question->kind)->what);
	return lade_strbuf_take(&text);
}

static char *make_why(const struct core_question *question)
{
	struct strbuf text = { 0 };
	if (question->answer->unsafe_size)
		describe_sizes(&text, question);
	else if (question->candidates->count)
		describe_candidates(&text, question);
	else
		describe_absence(&text, question);
	return lade_strbuf_take(&text);
}

void lade_core_poison_clear(struct core_poison *poison)
{
	free(poison->what);
	free(poison->why);
	free(poison->guard);
	*poison = (struct core_poison){ 0 };
}

int lade_core_describe(const struct core_question *question, struct core_poison *poison)
{
	bool guarded = !is_bitfield_somewhere(question->answer);
	*poison = (struct core_poison){ .instruction = question->instruction,
					.what = make_what(question),
					.why = make_why(question),
					.guard = guarded ? make_guard(question) : NULL };
	if (poison->what && poison->why && (poison->guard || !guarded))
		return 0;
	lade_core_poison_clear(poison);
	return -ENOMEM;
}
