/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows from what: only what nothing else explains is an error. */
#include <errno.h>
#include <string.h>

#include "explain/strace/strace.h"
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

/* "map.create. kernel.bpf.absent": does one of the words begin the code, and none that is denied ("!map.create.x")? */
static bool is_listed(const char *words, const char *code)
{
	bool is_found = false;

	while (*words) {
		const bool is_denied = *words == '!';
		const char *at = words + is_denied;
		for (const char *same = code; *at && *at != ' ' && *at == *same; same++)
			at++;
		if (!*at || *at == ' ') {
			if (is_denied)
				return false;
			is_found = true;
		}
		words = strchrnul(at, ' ');
		words += *words == ' ';
	}
	return is_found;
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
	bool is_missing; /* a tool is not there */
	bool is_refused; /* somebody may not do something */
	bool has_number; /* an error number was told */
	bool is_vague;   /* of an operation that failed, and nothing says with which error */
	bool is_bare;    /* of who gave up, without saying at what */
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

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

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

/* Somebody's sentence, mostly, about a failure that another line tells. */
static bool is_vague(const struct explained *item)
{
	return item->rule && !item->errnum && !item->traced && lade_explain_strings[item->rule->operation] &&
	       !lade_explain_strings[item->rule->meaning];
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
			.is_missing = finding && strcmp(finding->code, "tool.missing") == 0,
			.is_refused = finding && ends_with(finding->code, ".permission"),
			.has_number = item->errnum != 0,
			.is_vague = is_vague(item),
			.is_bare = finding && !item->errnum && strcmp(finding->code, "tool.gave-up") == 0,
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

/* Which of two that are alike is shown: as sure as the other, it tells what failed. */
static bool is_fuller(const struct key *one, const struct key *other)
{
	return is_surer(one, other) || (one->confidence == other->confidence && !one->is_bare && other->is_bare);
}

static bool fits(const struct keys *keys, const struct key *item, const struct key *cause)
{
	const struct code *code = &keys->codes[cause->code];

	if (item->is_any)
		return !cause->is_any;
	/* The one that tells the error number knows more. */
	if (item->has_number && cause->is_vague)
		return false;
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

/* Of logs without a program's name, which comes behind: the last one before it. */
static bool is_nearer(const struct lade_explanation *explanation, const struct keys *keys, size_t index, size_t cause,
		      size_t other)
{
	const struct explained *items = explanation->items.items;

	return keys->items[index].program && !keys->items[cause].program && !keys->items[other].program &&
	       items[cause].finding->instruction >= 0 && items[cause].first_line > items[other].first_line &&
	       items[cause].first_line < items[index].first_line;
}

/* What a tool is or lacks that was called later keeps none from working before; what it tells of the machine may. */
static bool is_of_later_tool(const struct lade_explanation *explanation, size_t index, size_t cause)
{
	static const char tool[] = "tool.";
	const struct explained *one = &explanation->items.items[index], *other = &explanation->items.items[cause];

	return strncmp(other->finding->code, tool, strlen(tool)) == 0 &&
	       lade_explanation_is_prompted(explanation, one->last_line, other->first_line);
}

/* Who tells an error number that means the same as a message follows from that message, and not from another one. */
static bool is_same_error(const struct lade_explanation *explanation, const struct keys *keys, size_t index,
			  size_t cause, size_t other)
{
	const size_t code = keys->items[index].code;

	return explanation->items.items[index].errnum && code != SIZE_MAX && keys->items[cause].code == code &&
	       keys->items[other].code != code &&
	       explanation->items.items[cause].first_line < explanation->items.items[index].first_line;
}

/* What a type or function is like, of which a header that is there tells. */
static bool is_of_content(const char *line)
{
	static const char *const words[] = { "member named",      "too many arguments", "too few arguments",
					     "redefinition of",   "conflicting types",  "redeclar",
					     "incompatible type", "static assertion",   "static_assert" };
	const char *error = strstr(line, " error: ");

	for (size_t i = 0; error && i < ELEMENTS(words); i++)
		if (strstr(error, words[i]))
			return true;
	return false;
}

/* A header that is not found ends a compiler's run. Names that nothing declares may be missing as somebody then did
 * without it, but no structure loses a member by that: it is told by another run. */
static bool is_of_other_run(const struct explained *item, const struct explained *cause)
{
	return item->finding && item->line && cause->line && strcmp(item->finding->code, "compile.source") == 0 &&
	       strcmp(cause->finding->code, "compile.header") == 0 && is_of_content(item->line) &&
	       strstr(cause->line, " fatal error: ");
}

/* ERANGE at XDP is what a driver says of the interface's MTU: no fault of an object leads to it. */
static bool is_of_interface(const struct explained *item, const struct explained *cause)
{
	static const char xdp[] = "attach.xdp.", attach[] = "attach.";

	return item->errnum == ERANGE && item->finding && strncmp(item->finding->code, xdp, strlen(xdp)) == 0 &&
	       strncmp(cause->finding->code, attach, strlen(attach)) != 0;
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
		    !fits(keys, item, cause) || is_of_later_tool(explanation, index, i) ||
		    is_of_other_run(&explanation->items.items[index], &explanation->items.items[i]) ||
		    is_of_interface(&explanation->items.items[index], &explanation->items.items[i]))
			continue;
		if (item->object && item->object == cause->object)
			return i;
		if (found == SIZE_MAX || is_nearer(explanation, keys, index, i, found) ||
		    is_same_error(explanation, keys, index, i, found))
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

/* Libraries before libbpf 1.0 name the program behind its log. */
static void name_behind(const struct explained *item, const struct explained *cause)
{
	if (cause->finding->instruction >= 0 && !cause->finding->program && cause->times == item->times &&
	    item->first_line > cause->first_line)
		finding_program(cause->finding, item->finding->program);
}

#define BEHIND_LINES 3 /* between a log and what its loader says of it, at most */

/* "prog 'NAME': failed to load: …" right behind a log whose head was cut off. */
static void name_cut(const struct explained *item, const struct explained *cause)
{
	if (!cause->rule && cause->finding->instruction >= 0 && !cause->finding->program && cause->times == 1 &&
	    item->times == 1 && item->finding->program && item->line && strstr(item->line, "': failed to load: ") &&
	    item->first_line > cause->last_line && item->first_line <= cause->last_line + BEHIND_LINES)
		finding_program(cause->finding, item->finding->program);
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
		name_cut(item, &explanation->items.items[item->cause]);
		if (any)
			name_behind(item, &explanation->items.items[item->cause]);
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

/* "in function f i64 (i64, i64): …" of both: LLVM compiles one function after the other. */
static bool is_same_function(const char *one, const char *other)
{
	static const char mark[] = "in function ";
	const char *at = strstr(one, mark), *place = strstr(other, mark), *end = at ? strstr(at, "): ") : NULL;

	return end && place && strncmp(at, place, (size_t)(end - at) + 3) == 0;
}

/* What a 128-bit multiplication or division calls returns 128 bits, of which LLVM complains in a line of its own. */
static void follow_wide(struct lade_explanation *explanation)
{
	static const char wide[] = "ti3' is not supported";
	struct explained *items = explanation->items.items;

	for (size_t i = 0; i < explanation->items.count; i++)
		for (size_t j = 0; is_of_compiler(&items[i], "only small returns") && j < explanation->items.count; j++)
			if (is_of_compiler(&items[j], wide) && is_same_function(items[j].line, items[i].line)) {
				items[i].role = LADE_EXPLAINED_CONSEQUENCE;
				items[i].cause = j;
			}
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
			/* In a text of strace most are calls. */
			if (items[j].traced || items[i].role != LADE_EXPLAINED_ERROR ||
			    items[j].role != LADE_EXPLAINED_ERROR || items[j].rule || !items[j].finding ||
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

static bool is_load(const struct explained *item)
{
	static const char load[] = "program.load.";

	return strncmp(item->finding->code, load, strlen(load)) == 0;
}

/* The shell says that a tool is not there, and make says it again: "no clang is in $PATH: …" */
static bool is_same_missing(const struct lade_finding *one, const struct lade_finding *other)
{
	if (!one->cause || !other->cause || !one->fix || !other->fix)
		return false;
	size_t length = strcspn(one->cause, ":");

	return one->cause[length] && strncmp(one->cause, other->cause, length + 1) == 0 &&
	       strcmp(one->fix, other->fix) == 0;
}

/* May the second be of the same cause, though its rule does not say so? Who may not do one thing may not do another. */
static bool is_alike(const struct key *first, const struct explained *one, const struct key *second,
		     const struct explained *other)
{
	/* That a program goes on after a failure, and crashes, is a fault of its own. */
	if (first->is_any && second->is_any)
		return strcmp(other->finding->code, "tool.crashed") != 0;
	if (first->is_missing && second->is_missing && is_same_missing(one->finding, other->finding))
		return true;
	/* A rule and the verifier's message that it quotes. */
	if (one->first_line == other->first_line && one->finding->code == other->finding->code)
		return true;
	/* Loaders try again with less. */
	if (first->program && first->program == second->program && is_load(one) && is_load(other))
		return true;
	/* It says no more than that something was refused, and a log tells what refused. */
	if (one->accepted_line && !second->program && is_load(one) && is_load(other) && one->errnum == other->errnum)
		return true;
	return one->errnum && one->errnum == other->errnum && first->is_refused && second->is_refused;
}

/* Of errors that are alike the surest, or the first, is shown; the others follow from it. */
static void gather(struct lade_explanation *explanation, const struct keys *keys)
{
	struct explained *items = explanation->items.items;

	for (size_t i = 0; i < explanation->items.count; i++) {
		if (items[i].role != LADE_EXPLAINED_ERROR || !items[i].finding)
			continue;
		for (size_t j = 0; j < explanation->items.count && items[i].role == LADE_EXPLAINED_ERROR; j++) {
			if (j == i || items[j].role != LADE_EXPLAINED_ERROR || !items[j].finding)
				continue;
			const bool is_before = is_fuller(&keys->items[j], &keys->items[i]) ||
					       (j < i && !is_fuller(&keys->items[i], &keys->items[j]));
			if (!is_before || !is_alike(&keys->items[j], &items[j], &keys->items[i], &items[i]))
				continue;
			items[i].role = LADE_EXPLAINED_CONSEQUENCE;
			items[i].cause = j;
		}
	}
}

/* ---- in the order in which it is shown ---- */

void lade_explanation_sort(struct lade_explanation *explanation)
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

/* "the kernel refused the program, and this log does not tell why" is said of a line alone: beside the verifier's log
 * it is false. */
static void name_told(struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items) {
		const struct explained *cause = item->cause != SIZE_MAX ? &explanation->items.items[item->cause] : NULL;
		if (!cause || !cause->finding || !item->finding || item->errnum ||
		    strcmp(item->finding->code, "program.load.refused") != 0 ||
		    strncmp(cause->finding->code, "verifier.", strlen("verifier.")) != 0)
			continue;
		finding_cause(item->finding,
			      "the kernel refused the program, and the verifier's log tells why (from line %zu on)",
			      cause->first_line);
		finding_fix(item->finding, "do what is said of the verifier's message");
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
	follow_wide(explanation);
	weigh_warnings(explanation);
	lade_explanation_join_calls(explanation);
	gather(explanation, &keys);
	lade_explanation_gather(explanation);
	follow_up(explanation);
	name_told(explanation);
	lade_explanation_sort(explanation);
}
