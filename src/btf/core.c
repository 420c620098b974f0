/* SPDX-License-Identifier: BSD-2-Clause */
/* The resolver: from a relocation to its answer, once for each question, and into the instruction. */
#include "btf/core.h"

#include <errno.h>
#include <stdio.h>

#include "btf/core_candidates.h"
#include "btf/core_memo.h"

struct core_resolver {
	const struct lade_btf *local;
	char *file;
	struct core_targets targets;
	struct core_memo memo;
	struct core_budget budget;
};

int lade_core_resolver_new(const struct lade_btf *local, struct kernel_types *target, const char *file,
			   struct core_resolver **ret_resolver, struct lade_error **error)
{
	struct core_resolver *resolver = calloc(1, sizeof *resolver);
	if (resolver)
		resolver->file = strdup(file);
	if (!resolver || !resolver->file) {
		free(resolver);
		return lade_fail_memory(error);
	}
	resolver->local = local;
	resolver->budget = (struct core_budget){ .steps = CORE_MAX_STEPS, .names = CORE_MAX_NAMES };
	resolver->targets = (struct core_targets){ .local = local, .types = target, .budget = &resolver->budget };
	*ret_resolver = resolver;
	return 0;
}

struct core_resolver *lade_core_resolver_free(struct core_resolver *resolver)
{
	if (!resolver)
		return NULL;
	lade_core_targets_clear(&resolver->targets);
	lade_core_memo_clear(&resolver->memo);
	free(resolver->file);
	free(resolver);
	return NULL;
}

bool lade_core_needs_target(const struct btf_core_relocation *relocation)
{
	return relocation->kind != BPF_CORE_TYPE_ID_LOCAL;
}

const char *lade_core_root_name(const struct lade_btf *local, const struct btf_core_relocation *relocation)
{
	return lade_btf_type_name(local, relocation->type_id);
}

/* ---- what can be wrong ---- */

/* One relocation on its way to an answer. */
struct asking {
	struct core_resolver *resolver;
	const struct btf_core_relocation *relocation;
	struct core_path local;
	const char *program;
	uint32_t instruction;
	struct lade_error **error;
};

/* "struct x.field (field offset)"; before the way is known, the type alone. */
static char *spell_question(const struct asking *asking)
{
	struct strbuf text = { 0 };
	const struct core_kind *kind = lade_core_kind(asking->relocation->kind);
	if (asking->local.root < lade_btf_count(asking->resolver->local))
		lade_core_spell_path(&text, asking->relocation->kind, &asking->local);
	else
		lade_strbuf_addf(&text, "type %u", asking->local.root);
	lade_strbuf_addf(&text, " (%s)", kind ? kind->what : "unknown");
	return lade_strbuf_take(&text);
}

static struct lade_finding *complain(const struct asking *asking, int errnum, const char *code, const char *text)
{
	char *question CLEANUP(cleanup_free) = spell_question(asking);
	struct lade_finding *finding = lade_error_add(
		asking->error, errnum, code, "%s: program %s, instruction %u: CO-RE relocation of %s: %s",
		asking->resolver->file, asking->program, asking->instruction, question ? question : "?", text);
	finding_program(finding, asking->program);
	finding_instruction(finding, asking->instruction);
	return finding;
}

static int bad_record(const struct asking *asking, const char *reason)
{
	struct lade_finding *finding = complain(asking, EINVAL, "core.record", reason);
	finding_evidence(finding, "record: type %u, access string \"%.64s\", kind %u", asking->relocation->type_id,
			 lade_btf_string(asking->resolver->local, asking->relocation->access_string_offset),
			 asking->relocation->kind);
	return -EINVAL;
}

static int bad_candidate(const struct asking *asking, const struct kernel_type *candidate, const char *reason)
{
	struct strbuf text = { 0 };
	struct lade_finding *finding =
		complain(asking, EINVAL, "core.record", reason ? reason : "cannot be looked for");
	lade_core_spell_candidate(&text, candidate);
	char *spelled CLEANUP(cleanup_free) = lade_strbuf_take(&text);
	finding_evidence(finding, "found when compared with %s", spelled ? spelled : "?");
	return -EINVAL;
}

/* ---- several candidates ---- */

static struct core_types types_of(const struct asking *asking, const struct kernel_type *candidate)
{
	return (struct core_types){ candidate->btf, lade_core_pointer_bytes(&asking->resolver->targets) };
}

static int try_candidate(struct asking *asking, const struct kernel_type *candidate, struct core_path *target,
			 struct core_answer *answer)
{
	const char *reason = NULL;
	uint32_t kind = asking->relocation->kind;
	struct core_types types = types_of(asking, candidate);
	int found = lade_core_match(&asking->resolver->budget, kind, &asking->local, &types, candidate->id, target,
				    &reason);
	if (found > 0 && lade_core_answer(kind, &asking->local, target, answer, &reason) < 0)
		found = -EINVAL;
	return found < 0 ? bad_candidate(asking, candidate, reason) : found;
}

static void add_candidate_evidence(struct asking *asking, const struct kernel_type *candidate,
				   struct lade_finding *finding)
{
	struct core_path target;
	struct core_answer answer;
	struct strbuf text = { 0 };
	struct lade_error **error = asking->error;
	asking->error = NULL;
	int found = try_candidate(asking, candidate, &target, &answer);
	asking->error = error;
	lade_core_spell_candidate(&text, candidate);
	char *spelled CLEANUP(cleanup_free) = lade_strbuf_take(&text);
	if (found > 0 && lade_core_kind(asking->relocation->kind)->family == CORE_FIELD)
		finding_evidence(finding, "%s: %lld, at bit %llu", spelled ? spelled : "?", (long long)answer.value,
				 (unsigned long long)target.bit_offset);
	else if (found > 0)
		finding_evidence(finding, "%s: %lld", spelled ? spelled : "?", (long long)answer.value);
	else
		finding_evidence(finding, "%s: does not have it", spelled ? spelled : "?");
}

static int ambiguous(struct asking *asking, const struct core_candidates *candidates)
{
	struct lade_finding *finding = complain(asking, EINVAL, "core.ambiguous",
						"the target has several types of this name, with different answers");
	for (size_t i = 0; i < candidates->list.count && i < 16; i++)
		add_candidate_evidence(asking, &candidates->list.items[i], finding);
	return -EINVAL;
}

/* All that match must agree; what does not match is dropped from the list as soon as anything does. */
static int ask_candidates(struct asking *asking, struct core_candidates *candidates, struct core_memory *memory)
{
	struct kernel_type_list *list = &candidates->list;
	struct core_path target;
	uint64_t bit_offset = 0;
	size_t matches = 0;
	bool *matching CLEANUP(cleanup_free) = calloc(list->count + 1, sizeof *matching);
	if (!matching)
		return lade_fail_memory(asking->error);
	for (size_t i = 0; i < list->count; i++) {
		struct core_answer answer;
		if (!lade_core_spend(&asking->resolver->budget, CORE_CANDIDATE_STEPS))
			return bad_record(asking, "the object asks too much of the target");
		int found = try_candidate(asking, &list->items[i], &target, &answer);
		if (found < 0)
			return found;
		if (!found)
			continue;
		if (matches && (target.bit_offset != bit_offset || answer.value != memory->answer.value))
			return ambiguous(asking, candidates);
		if (!matches) {
			memory->answer = answer;
			memory->chosen = list->items[i];
			bit_offset = target.bit_offset;
		}
		matching[i] = true;
		matches++;
	}
	memory->matches = (uint32_t)matches;
	size_t kept = 0;
	for (size_t i = 0; matches && i < list->count; i++)
		if (matching[i])
			list->items[kept++] = list->items[i];
	if (matches)
		list->count = kept;
	return 0;
}

/* ---- one question ---- */

static int ask_nobody(struct asking *asking, struct core_memory *memory)
{
	const char *reason = NULL;
	int result = lade_core_answer(asking->relocation->kind, &asking->local, NULL, &memory->answer, &reason);
	return result < 0 ? bad_record(asking, reason) : 0;
}

static int ask_target(struct asking *asking, struct core_memory *memory)
{
	struct core_candidates *candidates = NULL;
	if (!*lade_core_root_name(asking->resolver->local, asking->relocation))
		return bad_record(asking, "its type has no name by which it could be found in the target");
	if (!asking->resolver->targets.types) {
		(void)complain(asking, ENOENT, "core.target", "no types of a kernel are at hand");
		return -ENOENT;
	}
	int result = lade_core_candidates(&asking->resolver->targets, asking->relocation->type_id, &candidates,
					  asking->error);
	if (result == -E2BIG)
		return bad_record(asking, "the target has too many types of this name");
	if (result == 0)
		result = ask_candidates(asking, candidates, memory);
	return result == 0 && !memory->matches ? ask_nobody(asking, memory) : result;
}

static int ask(struct asking *asking, struct core_memory *memory)
{
	const struct btf_core_relocation *relocation = asking->relocation;
	const char *reason = NULL;
	if (lade_core_parse(asking->resolver->local, relocation, &asking->local, &reason) < 0)
		return bad_record(asking, reason);
	if (lade_core_needs_target(relocation))
		return ask_target(asking, memory);
	memory->answer = (struct core_answer){ .local_value = relocation->type_id,
					       .value = relocation->type_id,
					       .unchecked = true };
	return 0;
}

static int recall_or_ask(struct asking *asking, const struct core_memory **ret_memory)
{
	struct core_memo *memo = &asking->resolver->memo;
	const struct core_memory *known = lade_core_recall(memo, asking->relocation);
	if (!known) {
		struct core_memory asked = { 0 };
		int result = ask(asking, &asked);
		if (result < 0)
			return result;
		struct core_memory *memory = lade_core_remember(memo, asking->relocation);
		if (!memory)
			return lade_fail_memory(asking->error);
		memory->answer = asked.answer;
		memory->chosen = asked.chosen;
		memory->matches = asked.matches;
		known = memory;
	}
	*ret_memory = known;
	return 0;
}

/* ---- the instruction ---- */

static int describe(struct asking *asking, const struct core_answer *answer, struct core_poison *poison)
{
	struct core_candidates *candidates = NULL;
	const char *reason = NULL;
	int result = lade_core_parse(asking->resolver->local, asking->relocation, &asking->local, &reason);
	if (result == 0)
		result = lade_core_candidates(&asking->resolver->targets, asking->relocation->type_id, &candidates,
					      asking->error);
	if (result < 0)
		return result;
	const struct core_question question = {
		.kind = asking->relocation->kind,
		.local = &asking->local,
		.answer = answer,
		.budget = &asking->resolver->budget,
		.candidates = &candidates->list,
		.namesakes = candidates->namesakes,
		.pointer_bytes = lade_core_pointer_bytes(&asking->resolver->targets),
		.instruction = asking->instruction,
	};
	return lade_core_describe(&question, poison) < 0 ? lade_fail_memory(asking->error) : 0;
}

static int bad_instruction(struct asking *asking, int result, const char *text)
{
	const char *reason = NULL;
	if (lade_core_parse(asking->resolver->local, asking->relocation, &asking->local, &reason) == 0)
		(void)complain(asking, -result, "core.instruction", text);
	return result;
}

int lade_core_apply(struct core_resolver *resolver, const struct btf_core_relocation *relocation, const char *program,
		    struct bpf_insn *instructions, uint32_t count, uint32_t index, bool *ret_poisoned,
		    struct core_poison *poison, struct lade_error **error)
{
	struct asking asking = { .resolver = resolver,
				 .relocation = relocation,
				 .local.types.btf = resolver->local,
				 .local.root = relocation->type_id,
				 .program = program,
				 .instruction = index,
				 .error = error };
	const struct core_memory *memory = NULL;
	bool poisoned = false;
	char text[160];
	if (index >= count)
		return bad_record(&asking, "it is for an instruction beyond the end of the program");
	int result = recall_or_ask(&asking, &memory);
	if (result < 0)
		return result;
	result = lade_core_patch(&memory->answer, instructions, count, index, &poisoned, text, sizeof text);
	if (result < 0)
		return bad_instruction(&asking, result, text);
	if (poisoned)
		result = describe(&asking, &memory->answer, poison);
	if (result == 0)
		*ret_poisoned = poisoned;
	return result;
}

/* ---- -v ---- */

static void spell_answer(struct strbuf *into, const struct btf_core_relocation *relocation,
			 const struct core_memory *memory)
{
	const struct core_answer *answer = &memory->answer;
	lade_strbuf_addf(into, ": %s %lld → ", lade_core_kind_name(relocation->kind), (long long)answer->local_value);
	if (answer->poison)
		lade_strbuf_add(into, "nothing");
	else
		lade_strbuf_addf(into, "%lld", (long long)answer->value);
	if (!answer->poison && answer->bytes != answer->local_bytes)
		lade_strbuf_addf(into, ", size %u → %u%s", answer->local_bytes, answer->bytes,
				 answer->unsafe_size ? " (loads cannot follow)" : "");
	if (!lade_core_needs_target(relocation))
		return;
	lade_strbuf_addf(into, " (%u candidate%s", memory->matches, memory->matches == 1 ? "" : "s");
	if (memory->matches) {
		lade_strbuf_addf(into, ": %u", memory->chosen.id);
		lade_strbuf_addf(into, memory->chosen.module ? " of %s" : "%s",
				 memory->chosen.module ? memory->chosen.module : "");
	}
	lade_strbuf_add(into, ")");
}

char *lade_core_explain(struct core_resolver *resolver, const struct btf_core_relocation *relocation)
{
	const struct core_memory *memory = lade_core_recall(&resolver->memo, relocation);
	struct core_path local;
	struct strbuf text = { 0 };
	const char *reason = NULL;
	if (!memory || lade_core_parse(resolver->local, relocation, &local, &reason) < 0)
		return NULL;
	lade_core_spell_path(&text, relocation->kind, &local);
	spell_answer(&text, relocation, memory);
	return lade_strbuf_take(&text);
}
