/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows from what: only what nothing else explains is an error. */
#include <string.h>

#include "explain/strace.h"
#include "explain/text.h"

#define ANY_ERROR "*"

/* A kernel that is locked down says so, and takes the helpers away. */
static const char *because_of_verdict(const struct explained *item)
{
	return item->finding && strcmp(item->finding->code, "verifier.helper-not-allowed") == 0 && item->line &&
			       strstr(item->line, "bpf_probe_")
		       ? "environment.lockdown"
		       : "";
}

static const char *because(const struct explained *item)
{
	if (item->traced && strcmp(item->traced, "prog_load") != 0)
		return "";
	return item->rule ? lade_explain_strings + item->rule->because : because_of_verdict(item);
}

/* "map.create. kernel.bpf.absent": does one of the words begin the code? */
static bool is_listed(const char *words, const char *code)
{
	while (*words) {
		size_t length = strcspn(words, " ");
		if (strncmp(words, code, length) == 0)
			return true;
		words += length + strspn(words + length, " ");
	}
	return false;
}

/* True whatever the object. */
static bool is_of_machine(const char *code)
{
	static const char *const beginnings[] = { "kernel.", "environment.", "btf.kernel.", "doctor." };

	for (size_t i = 0; i < ELEMENTS(beginnings); i++)
		if (strncmp(code, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

/* ---- every item is compared with every other: what is compared are numbers ---- */

struct key {
	uint64_t object, program; /* 0: not known, which may be any */
	size_t code;              /* in codes; SIZE_MAX: none */
	enum lade_confidence confidence;
	bool is_any;     /* it follows from whatever else there is */
	bool is_general; /* no rule knew more than that something failed */
};

struct code {
	const char *code;
	bool is_of_machine;
	bool is_listed; /* by the item whose cause is looked for */
};

struct keys {
	struct key *items; /* as many as the explanation has */
	struct code *codes;
	size_t code_count;
	const char *words; /* by which the codes are listed */
};

static void keys_clear(struct keys *keys)
{
	free(keys->items);
	free(keys->codes);
}

static uint64_t key_of(const char *name)
{
	return name ? lade_hash_add(0, name, strlen(name)) | 1 : 0;
}

/* Codes are the table's own: the same one has the same address. */
static size_t number_of(struct keys *keys, const char *code)
{
	for (size_t i = 0; i < keys->code_count; i++)
		if (keys->codes[i].code == code)
			return i;
	keys->codes[keys->code_count] = (struct code){ .code = code, .is_of_machine = is_of_machine(code) };
	return keys->code_count++;
}

static bool make_keys(const struct lade_explanation *explanation, struct keys *keys)
{
	size_t count = explanation->items.count;

	keys->items = calloc(count + 1, sizeof *keys->items);
	keys->codes = calloc(count + 1, sizeof *keys->codes);
	for (size_t i = 0; keys->items && keys->codes && i < count; i++) {
		const struct explained *item = &explanation->items.items[i];
		const struct lade_finding *finding = item->finding;
		keys->items[i] = (struct key){
			.object = key_of(finding ? finding->object : NULL),
			.program = key_of(finding ? finding->program : NULL),
			.code = finding ? number_of(keys, finding->code) : SIZE_MAX,
			.confidence = finding ? finding->confidence : LADE_POSSIBLE,
			.is_any = strcmp(because(item), ANY_ERROR) == 0,
			.is_general = item->rule && item->rule->role == EXPLAIN_GENERAL,
		};
	}
	return keys->items && keys->codes;
}

/* Neighbours often are of the same rule. */
static void list_codes(struct keys *keys, const char *words)
{
	if (keys->words == words)
		return;
	keys->words = words;
	for (size_t i = 0; i < keys->code_count; i++)
		keys->codes[i].is_listed = is_listed(words, keys->codes[i].code);
}

/* Names that are not known may be the same. */
static bool is_same_name(uint64_t one, uint64_t other)
{
	return !one || !other || one == other;
}

static bool is_surer(const struct key *one, const struct key *other)
{
	return one->confidence < other->confidence;
}

static bool fits(const struct keys *keys, const struct key *item, const struct key *cause)
{
	const struct code *code = &keys->codes[cause->code];

	if (item->is_any)
		return !cause->is_any;
	/* What itself may follow from anything must be true of the machine or better known, and so what comes later. */
	if (cause->is_any && !is_surer(cause, item) && !code->is_of_machine)
		return false;
	if (cause > item && cause->code == item->code && !is_surer(cause, item))
		return false;
	/* Of what a rule knows better nothing else than another rule knows the cause. */
	if (cause->is_general && !item->is_general)
		return false;
	return code->is_listed && (code->is_of_machine || (is_same_name(item->object, cause->object) &&
							   is_same_name(item->program, cause->program)));
}

/* The first that fits; of the same object rather than another. */
static size_t find_cause(const struct lade_explanation *explanation, struct keys *keys, size_t index)
{
	const struct key *item = &keys->items[index];
	size_t found = SIZE_MAX;

	list_codes(keys, because(&explanation->items.items[index]));
	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct key *cause = &keys->items[i];
		if (i == index || explanation->items.items[i].role != LADE_EXPLAINED_ERROR || cause->code == SIZE_MAX ||
		    !fits(keys, item, cause))
			continue;
		if (item->object && item->object == cause->object)
			return i;
		if (found == SIZE_MAX)
			found = i;
	}
	return found;
}

/* A missing /sys/fs/bpf is what no seccomp filter makes. */
static void confirm(const struct explained *item, const struct explained *cause)
{
	if (strcmp(cause->finding->code, "kernel.bpf.absent") != 0 ||
	    strcmp(item->finding->code, "pin.bpffs-missing") != 0)
		return;
	finding_evidence(cause->finding, "line %zu: there is no directory /sys/fs/bpf, which CONFIG_BPF_SYSCALL makes",
			 item->first_line);
	finding_confidence(cause->finding, LADE_CERTAIN);
}

static void relate(struct lade_explanation *explanation, struct keys *keys, bool any)
{
	for (size_t i = 0; i < explanation->items.count; i++) {
		struct explained *item = &explanation->items.items[i];
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || !*because(item) ||
		    keys->items[i].is_any != any)
			continue;
		item->cause = find_cause(explanation, keys, i);
		if (item->cause == SIZE_MAX) {
			/* A crash alone may be of anything. */
			if (strcmp(item->finding->code, "tool.crashed") == 0 && explanation->items.count == 1)
				item->role = LADE_EXPLAINED_NOTE;
			continue;
		}
		item->role = LADE_EXPLAINED_CONSEQUENCE;
		confirm(item, &explanation->items.items[item->cause]);
	}
}

static bool is_of_compiler(const struct explained *item, const char *mark)
{
	static const char compiler[] = "compile.";

	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line &&
	       strncmp(item->finding->code, compiler, strlen(compiler)) == 0 && strstr(item->line, mark);
}

/* Beside what a compiler calls an error, what it only warns of is none. */
static void weigh_warnings(struct lade_explanation *explanation)
{
	bool has_error = false;

	array_foreach(item, &explanation->items)
		has_error |= is_of_compiler(item, " error: ");
	array_foreach(item, &explanation->items)
		if (has_error && is_of_compiler(item, " warning: "))
			item->role = LADE_EXPLAINED_NOTE;
}

/* A tool's words that say why the verifier refused what the tool made: "explains:verifier." among what a rule follows
 * from. */
static const char *explains(const struct explained *item)
{
	static const char mark[] = "explains:";
	const char *words = item->rule && !item->traced ? lade_explain_strings + item->rule->because : "";
	const char *at = strstr(words, mark);

	return at ? at + strlen(mark) : "";
}

#define EXPLAINED_LINES 40 /* between the tool's words and the verdict, at most */

static void follow_tools(struct lade_explanation *explanation)
{
	struct explained *items = explanation->items.items;

	for (size_t i = 0; i < explanation->items.count; i++)
		for (size_t j = 0; *explains(&items[i]) && j < explanation->items.count; j++) {
			if (items[i].role != LADE_EXPLAINED_ERROR || items[j].role != LADE_EXPLAINED_ERROR ||
			    items[j].rule || !items[j].finding ||
			    items[j].first_line > items[i].last_line + EXPLAINED_LINES ||
			    items[i].first_line > items[j].last_line + EXPLAINED_LINES ||
			    !is_listed(explains(&items[i]), items[j].finding->code))
				continue;
			items[j].role = LADE_EXPLAINED_CONSEQUENCE;
			items[j].cause = i;
		}
}

/* To types that are optional: the note says so. */
static bool is_objection(const struct explained *item)
{
	return !item->rule && strcmp(item->finding->code, "verifier.btf") == 0;
}

/* A bare log may reach further than what it says. */
static size_t begun(const struct explained *item)
{
	return item->rule ? item->last_line : item->first_line;
}

/* "Falling back to …": what its rule lists, and failed before, was no failure. */
static void step_back(struct lade_explanation *explanation, struct keys *keys)
{
	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *note = &explanation->items.items[i];
		if (note->role != LADE_EXPLAINED_NOTE || !note->finding || !*because(note))
			continue;
		list_codes(keys, because(note));
		for (size_t j = 0; j < explanation->items.count; j++) {
			struct explained *item = &explanation->items.items[j];
			if (item->role == LADE_EXPLAINED_ERROR && begun(item) < note->last_line &&
			    keys->items[j].code != SIZE_MAX && keys->codes[keys->items[j].code].is_listed)
				item->role = is_objection(item) ? LADE_EXPLAINED_HARMLESS : LADE_EXPLAINED_NOTE;
		}
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool is_load(const struct explained *item)
{
	static const char load[] = "program.load.";

	return strncmp(item->finding->code, load, strlen(load)) == 0;
}

/* May the second be of the same cause, though its rule does not say so? Who may not do one thing may not do another. */
static bool is_alike(const struct key *first, const struct explained *one, const struct key *second,
		     const struct explained *other)
{
	static const char permission[] = ".permission";

	/* That a program goes on after a failure, and crashes, is a fault of its own. */
	if (first->is_any && second->is_any)
		return strcmp(other->finding->code, "tool.crashed") != 0;
	/* A rule and the verifier's message that it quotes. */
	if (one->first_line == other->first_line && one->finding->code == other->finding->code)
		return true;
	/* Loaders try again with less. */
	if (first->program && first->program == second->program && is_load(one) && is_load(other))
		return true;
	/* It says no more than that something was refused, and a log tells what refused. */
	if (one->is_accepted && !second->program && is_load(one) && is_load(other) && one->errnum == other->errnum)
		return true;
	return one->errnum && one->errnum == other->errnum && ends_with(one->finding->code, permission) &&
	       ends_with(other->finding->code, permission);
}

#define TOLD_LINES 3 /* between a system call and what its program says of it, at most */

static bool is_near(const struct explained *one, const struct explained *other)
{
	return one->first_line <= other->last_line + TOLD_LINES && other->first_line <= one->last_line + TOLD_LINES;
}

/* "map.create.definition" is of maps. */
static bool is_same_matter(const char *one, const char *other)
{
	size_t length = strcspn(one, ".");

	return strncmp(one, other, length) == 0 && other[length] == '.';
}

/* Who lacks a privilege lacks it for whatever is asked first. */
static bool is_privilege(const char *code)
{
	return ends_with(code, ".permission") || strcmp(code, "environment.privilege") == 0;
}

/* Does the program say of the call what strace shows? */
static bool is_told_of(const struct explained *said, const struct explained *call)
{
	return !said->traced && (!said->errnum || said->errnum == call->errnum) && is_near(said, call) &&
	       (is_same_matter(said->finding->code, call->finding->code) ||
		(is_privilege(said->finding->code) && is_privilege(call->finding->code))) &&
	       lade_may_be_same(said->finding->map, call->finding->map) &&
	       lade_may_be_same(said->finding->program, call->finding->program);
}

/* Which knows more of the failure: the call shows all that was asked for, other words of it may be of its cause. */
static bool is_call_better(const struct explained *call, const struct explained *said)
{
	return call->finding->confidence < said->finding->confidence ||
	       (call->finding->confidence == said->finding->confidence &&
		(call->finding->code == said->finding->code ||
		 (is_privilege(call->finding->code) && is_privilege(said->finding->code))));
}

/* A call that strace shows and the program's own words of it are one failure. */
static void join_calls(struct lade_explanation *explanation)
{
	struct explained *items = explanation->items.items;

	for (size_t i = 0; i < explanation->items.count; i++)
		for (size_t j = 0; items[i].traced && j < explanation->items.count; j++) {
			if (items[i].role != LADE_EXPLAINED_ERROR || items[j].role != LADE_EXPLAINED_ERROR ||
			    !items[i].finding || !items[j].finding || !is_told_of(&items[j], &items[i]))
				continue;
			bool is_better = is_call_better(&items[i], &items[j]);
			items[is_better ? j : i].role = LADE_EXPLAINED_CONSEQUENCE;
			items[is_better ? j : i].cause = is_better ? i : j;
		}
}

/* Of errors that are alike the surest, or the first, is shown; the others follow from it. */
static void gather(struct lade_explanation *explanation, const struct keys *keys)
{
	struct explained *items = explanation->items.items;

	for (size_t i = 0; i < explanation->items.count; i++) {
		if (items[i].role != LADE_EXPLAINED_ERROR || !items[i].finding)
			continue;
		for (size_t j = 0; j < explanation->items.count && items[i].role == LADE_EXPLAINED_ERROR; j++) {
			const bool is_before = is_surer(&keys->items[j], &keys->items[i]) ||
					       (j < i && !is_surer(&keys->items[i], &keys->items[j]));
			if (j == i || !is_before || items[j].role != LADE_EXPLAINED_ERROR || !items[j].finding ||
			    !is_alike(&keys->items[j], &items[j], &keys->items[i], &items[i]))
				continue;
			items[i].role = LADE_EXPLAINED_CONSEQUENCE;
			items[i].cause = j;
		}
	}
}

/* ---- in the order in which it is shown ---- */

static void sort(struct lade_explanation *explanation)
{
	size_t count = explanation->items.count, next = 0;
	CLEANUP(cleanup_free) struct explained *sorted = calloc(count + 1, sizeof *sorted);
	CLEANUP(cleanup_free) size_t *places = calloc(count + 1, sizeof *places);

	if (!sorted || !places) {
		explanation->failed = true;
		return;
	}
	for (unsigned role = LADE_EXPLAINED_ERROR; role <= LADE_EXPLAINED_HARMLESS; role++)
		for (size_t i = 0; i < count; i++)
			if (explanation->items.items[i].role == role) {
				places[i] = next;
				sorted[next++] = explanation->items.items[i];
			}
	for (size_t i = 0; i < count; i++) {
		explanation->items.items[i] = sorted[i];
		if (sorted[i].cause != SIZE_MAX)
			explanation->items.items[i].cause = places[sorted[i].cause];
	}
}

/* A cause may itself turn out to be a consequence: then it is the cause's cause. */
static void follow_up(struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		for (unsigned steps = 0; item->cause != SIZE_MAX && steps < 8; steps++) {
			size_t next = explanation->items.items[item->cause].cause;
			if (next == SIZE_MAX || next == (size_t)(item - explanation->items.items))
				break;
			item->cause = next;
		}
}

void lade_explanation_relate(struct lade_explanation *explanation)
{
	CLEANUP(keys_clear) struct keys keys = { 0 };

	if (!make_keys(explanation, &keys)) {
		explanation->failed = true;
		return;
	}
	lade_traced_settle(explanation);
	step_back(explanation, &keys);
	relate(explanation, &keys, false);
	relate(explanation, &keys, true);
	follow_tools(explanation);
	weigh_warnings(explanation);
	join_calls(explanation);
	gather(explanation, &keys);
	lade_explanation_gather(explanation);
	follow_up(explanation);
	sort(explanation);
}
