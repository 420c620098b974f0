/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lines of other tools become: findings by rule, by operation and error number, or by their words alone. */
#include <string.h>

#include "explain/tools/errors.h"
#include "explain/verifier/verdict.h"
#include "explain/reading/grams.h"
#include "explain/tools/operations.h"
#include "explain/reading/search.h"
#include "explain/text.h"

#define KERNEL_BYTES 16 /* of fixed text: a shorter message may be a tool's */

static const char *string(uint32_t offset)
{
	return lade_explain_strings + offset;
}

/* ---- texts with what was captured ---- */

/* The captured text with its blanks. */
static void add_capture(struct strbuf *text, const struct message *message, const struct span *span)
{
	size_t start = (size_t)(span->text - message->text);

	for (size_t i = start; i < start + span->length; i++) {
		if (i > start && message->gap[i])
			lade_strbuf_add(text, " ");
		lade_strbuf_add_bytes(text, message->text + i, 1);
	}
}

static const struct {
	const char *word;
	enum capture capture;
} words[] = {
	{ "{text}", CAPTURE_TEXT }, { "{object}", CAPTURE_OBJECT },   { "{path}", CAPTURE_PATH },
	{ "{map}", CAPTURE_MAP },   { "{program}", CAPTURE_PROGRAM }, { "{number}", CAPTURE_NUMBER },
	{ "{word}", CAPTURE_WORD },
};

/* Bytes of a placeholder at `text`; 0: it is none. */
static size_t placeholder(const char *text, enum capture *ret_capture)
{
	for (size_t i = 0; *text == '{' && i < ELEMENTS(words); i++)
		if (strncmp(text, words[i].word, strlen(words[i].word)) == 0) {
			*ret_capture = words[i].capture;
			return strlen(words[i].word);
		}
	return 0;
}

/* To be freed; NULL without memory. */
static char *expand(const char *format, const struct rule_match *match)
{
	struct strbuf text = { 0 };

	while (*format) {
		enum capture capture;
		size_t length = placeholder(format, &capture);
		if (length && lade_captured(match, capture)->length)
			add_capture(&text, match->message, lade_captured(match, capture));
		else
			lade_strbuf_add_bytes(&text, format, length ? 0 : 1);
		format += length ? length : 1;
	}
	struct span span = { text.text, text.length };
	char *readable = lade_text_of(&span);
	lade_strbuf_clear(&text);
	return readable;
}

/* ---- findings ---- */

static void describe(const struct rule_match *match, int errnum, struct lade_finding *finding)
{
	const struct explain_rule *rule = match->rule;
	CLEANUP(cleanup_free) char *meaning = expand(string(rule->meaning), match);
	CLEANUP(cleanup_free) char *fix = expand(string(rule->fix), match);
	const struct explain_operation *operation =
		*string(rule->operation) ? lade_failure_find(string(rule->operation), errnum) : NULL;

	if (errnum && (!match->message || lade_error_is_told(match->message->text, match->message->length, errnum)))
		finding_evidence(finding, "%d is %s (%s)", -errnum, lade_errno_word_of(errnum),
				 lade_errno_text_of(errnum));
	finding_confidence(finding, (enum lade_confidence)rule->confidence);
	if (operation && lade_captured(match, CAPTURE_WORD)->length) {
		CLEANUP(cleanup_free) char *word = lade_text_of(lade_captured(match, CAPTURE_WORD));
		finding_evidence(finding, "it is about %s", word);
	}
	if (operation)
		lade_operation_describe(operation, errnum, finding);
	if (operation)
		lade_operation_describe_map(operation, errnum, finding);
	/* Nothing but the rule's words says what failed. */
	if (operation && !errnum && finding->confidence < (enum lade_confidence)rule->confidence)
		finding_confidence(finding, (enum lade_confidence)rule->confidence);
	if (meaning) {
		finding_cause(finding, "%s", meaning);
		finding_confidence(finding, (enum lade_confidence)rule->confidence);
	}
	if (fix)
		finding_fix(finding, "%s", fix);
}

static const char *code_of(const struct explain_rule *rule, int errnum)
{
	const char *code = string(rule->code);
	const struct explain_operation *operation;

	if (*code || !*string(rule->operation))
		return code;
	operation = lade_failure_find(string(rule->operation), errnum);
	/* An error has a code, whatever number it comes with. */
	return operation ? string(operation->code) : rule->role == EXPLAIN_ERROR ? "tool.gave-up" : code;
}

/* What the kernel said of the BTF belongs to the line that says what becomes of it. */
static void tell_types(struct lade_explanation *explanation, const char *code, struct lade_finding *finding)
{
	bool is_of_types = strncmp(code, "btf.load.", strlen("btf.load.")) == 0;
	const char *types = is_of_types ? lade_explanation_named(explanation, NAMED_TYPES) : NULL;

	if (!types)
		return;
	if (finding)
		finding_evidence(finding, "line %zu: the kernel says: %s", explanation->types_line, types);
	lade_explanation_rename(explanation, NAMED_TYPES, NULL);
}

/* The same line of the same rule, about the same object, says the same. */
static uint64_t hash_of(struct lade_explanation *explanation, const struct explain_rule *rule, const struct span *line)
{
	const char *object = lade_explanation_named(explanation, NAMED_OBJECT);
	uint64_t hash = lade_hash_add(0, (const void *)&rule, sizeof rule);

	hash = lade_hash_add(hash, object ? object : "", object ? strlen(object) : 0);
	return lade_hash_add(hash, line->text, line->length) | 1;
}

static void add(struct lade_explanation *explanation, struct rule_match *match, const struct span *line, size_t number)
{
	const struct explain_rule *rule = match->rule;
	const char *code;
	if (!match->errnum && *string(rule->operation)) {
		struct grams grams;
		lade_grams_of(match->message->text, match->message->length, &grams);
		match->errnum = lade_error_within(match->message->text, match->message->length, &grams);
	}
	code = code_of(rule, match->errnum);
	uint64_t hash = hash_of(explanation, rule, line);
	/* Loaders try again and again. */
	if (lade_explanation_again(explanation, hash, number))
		return;
	struct explained item;
	if (!lade_explanation_begin(explanation, match, code, lade_explanation_named(explanation, NAMED_OBJECT), line,
				    number, &item)) {
		tell_types(explanation, code, NULL);
		return;
	}
	item.hash = hash;
	explanation->open = SIZE_MAX;
	if (item.finding) {
		describe(match, match->errnum, item.finding);
		tell_types(explanation, code, item.finding);
	}
	size_t before = explanation->items.count;
	lade_explanation_keep(explanation, &item);
	if (!match->errnum && *string(rule->operation) && explanation->items.count > before) {
		explanation->open = before;
		explanation->open_line = number;
	}
}

/* ---- an error number that stands alone belongs to the error before ---- */

static struct lade_finding *renew(struct lade_explanation *explanation, const struct explained *item, int errnum)
{
	struct rule_match nothing;
	struct lade_finding *old = item->finding, *finding;

	lade_match_begin(&nothing, item->rule, NULL);
	finding = lade_explanation_finding(explanation, code_of(item->rule, errnum), item->line);
	if (!finding)
		return NULL;
	finding_object(finding, old->object);
	finding_map(finding, old->map);
	finding_program(finding, old->program);
	describe(&nothing, errnum, finding);
	if (*string(item->rule->meaning))
		finding_cause(finding, "%s", old->cause);
	return finding;
}

bool lade_explanation_is_open(const struct lade_explanation *explanation, size_t number)
{
	return explanation->open < explanation->items.count && number - explanation->open_line <= JOIN_LINES;
}

static bool join(struct lade_explanation *explanation, int errnum, size_t number)
{
	size_t index = explanation->open;
	struct explained *item;
	struct lade_finding *finding;

	if (!errnum || !lade_explanation_is_open(explanation, number))
		return false;
	item = &explanation->items.items[index];
	explanation->open = SIZE_MAX;
	finding = item->finding ? renew(explanation, item, errnum) : NULL;
	if (!finding)
		return false;
	(void)lade_finding_free(item->finding);
	item->finding = finding;
	item->errnum = errnum;
	item->last_line = number;
	lade_explanation_index(explanation, index);
	return true;
}

/* ---- words alone ---- */

/* Words without blanks that say that a line is about BPF. */
#define FIELD(word)                                                                                                    \
	{                                                                                                              \
		word, GRAMS_OF(word)                                                                                   \
	}

static const struct {
	const char *word;
	uint16_t grams[WORD_GRAMS];
} fields[] = {
	FIELD("bpf"),
	FIELD("BPF"),
	FIELD("kprobe"),
	FIELD("uprobe"),
	FIELD("tracepoint"),
	FIELD("XDP"),
	FIELD("xdp"),
	FIELD("clsact"),
	FIELD("tracefs"),
	FIELD("probe"),
	FIELD("BTF"),
	FIELD("perf_event"),
	FIELD("perfevent"),
	FIELD("memlock"),
	FIELD("PROG_"),
	FIELD("MAP_CREATE"),
	FIELD("cgroupattach"),
	FIELD("attachprogram"),
	FIELD("attachingprogram"),
	FIELD("loadprogram"),
	FIELD("loadingprogram"),
	FIELD("rlimit"),
	FIELD("xsk"),
	FIELD("sched_ext"),
	FIELD("struct_ops"),
	FIELD("map:update:"),
	FIELD("map:lookup:"),
	FIELD("map:delete:"),
	FIELD("mapentry"),
	FIELD("mapelem"),
	FIELD("updatemap"),
	FIELD("updatingmap"),
	FIELD("lockedmem"),
	FIELD("locked-mem"),
};

static bool is_of_field(const struct message *message, const struct grams *grams)
{
	for (size_t i = 0; i < ELEMENTS(fields); i++)
		if (lade_grams_may_have(grams, fields[i].grams) &&
		    lade_search(message->text, message->length, fields[i].word, strlen(fields[i].word)))
			return true;
	return false;
}

bool lade_explanation_general(struct lade_explanation *explanation, const struct general *general, size_t number)
{
	const struct explained_key key = {
		.code = general->code, .rule = general->rule, .errnum = general->errnum, .instruction = -1
	};

	return lade_explanation_counted(explanation, &key, number);
}

/* Something failed: is it about BPF, and is there an error number? Then its operation's causes are all there is. NULL:
 * it is not, or there is none. */
static const struct explain_operation *find_general(const struct message *message, int *ret_errnum)
{
	/* Whose failure has one cause, whatever the number. */
	static const char single[] = "memlock_raise";
	struct grams grams;
	const char *operation;

	lade_grams_of(message->text, message->length, &grams);
	operation = is_of_field(message, &grams) ? lade_operation_of(message, &grams) : NULL;
	*ret_errnum = operation ? lade_error_within(message->text, message->length, &grams) : 0;
	return *ret_errnum || (operation && strcmp(operation, single) == 0) ? lade_failure_find(operation, *ret_errnum)
									    : NULL;
}

static bool add_general(struct lade_explanation *explanation, const struct message *message, struct rule_match *match,
			const struct span *line, size_t number)
{
	const struct explain_operation *row;
	struct explained item = { .role = LADE_EXPLAINED_ERROR,
				  .rule = match->rule,
				  .times = 1,
				  .first_line = number,
				  .last_line = number,
				  .cause = SIZE_MAX };

	row = find_general(message, &item.errnum);
	if (!row)
		return false;
	explanation->general = (struct general){ string(row->code), match->rule, item.errnum };
	if (lade_explanation_general(explanation, &explanation->general, number))
		return true;
	item.line = lade_text_of(line);
	item.finding = lade_explanation_finding(explanation, string(row->code), item.line);
	if (item.errnum && lade_error_is_told(message->text, message->length, item.errnum))
		finding_evidence(item.finding, "%d is %s (%s)", -item.errnum, lade_errno_word_of(item.errnum),
				 lade_errno_text_of(item.errnum));
	lade_operation_describe(row, item.errnum, item.finding);
	lade_explanation_keep(explanation, &item);
	return true;
}

/* ---- lines ---- */

/* Loggers of which no form is known put the same before each line. */
static void remember_prefix(struct lade_explanation *explanation, const struct span *line)
{
	static const char library[] = "libbpf:";
	const char *at = lade_search(line->text, line->length, library, strlen(library));
	size_t length = at ? (size_t)(at - line->text) : 0;

	explanation->prefix_length = length < PREFIX_BYTES ? length : 0;
	memcpy(explanation->prefix, line->text, explanation->prefix_length);
}

static void begin(struct lade_explanation *explanation, const struct rule_match *match, const struct span *line,
		  size_t number)
{
	lade_explanation_log_end(explanation, number);
	remember_prefix(explanation, line);
	explanation->in_log = true;
	explanation->is_types = match->rule->role == EXPLAIN_TYPES || explanation->types_follow;
	explanation->is_bare = match->rule->role == EXPLAIN_ANALYSIS && !explanation->is_types;
	explanation->types_follow = false;
	explanation->has_instruction = explanation->has_ended = false;
	explanation->others = 0;
	explanation->log_line = number;
}

/* What the kernel says within a bare log is the kernel's, whatever a tool's words in it. */
static bool is_of_kernel(const struct span *line)
{
	const struct verifier_message *message = lade_verifier_message_begun(line->text, line->length);

	return message && message->literal >= KERNEL_BYTES && strcmp(lade_verifier_text + message->family, "info") != 0;
}

/* Between its marks a log holds nothing of a tool, unless the last mark was lost. */
static bool is_in_log(const struct lade_explanation *explanation, const struct rule_match *match,
		      const struct span *line)
{
	if (explanation->in_log && explanation->is_bare && !explanation->has_ended && is_of_kernel(line))
		return true;
	if (explanation->is_types && match->rule->role != EXPLAIN_GENERAL)
		return false;
	return explanation->in_log && !explanation->is_bare && match->rule->role != EXPLAIN_END &&
	       match->rule->role != EXPLAIN_BEGIN &&
	       (match->message->length < strlen("libbpf:") ||
		memcmp(match->message->text, "libbpf:", strlen("libbpf:")) != 0);
}

/* "Failed to start agent: …": what stands behind it may say of what. */
static bool add_rest(struct lade_explanation *explanation, const struct message *message, struct rule_match *match,
		     const struct span *line, size_t number)
{
	struct message rest;

	if (match->rule->role != EXPLAIN_ERROR || strcmp(string(match->rule->code), "tool.gave-up") != 0 ||
	    match->errnum || explanation->in_log)
		return false;
	lade_message_clear(&rest);
	lade_message_add(&rest, &(struct span){ message->text + match->end, message->length - match->end });
	return add_general(explanation, &rest, match, line, number);
}

/* Is it about a program that was not loaded? */
static bool may_quote_verifier(const struct explain_rule *rule)
{
	static const char *const beginnings[] = { "program.", "verifier.", "tool.gave-up" };

	if (rule->role != EXPLAIN_ERROR)
		return false;
	for (size_t i = 0; i < ELEMENTS(beginnings); i++)
		if (strncmp(string(rule->code), beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return !*string(rule->code) && strcmp(string(rule->operation), "prog_load") == 0;
}

/* "failed to load program 'a'", behind its log: what comes next is not about that program. */
static bool is_last_word(const struct rule_match *match)
{
	return match->rule->role == EXPLAIN_ERROR && strcmp(string(match->rule->because), "*") == 0 &&
	       lade_captured(match, CAPTURE_PROGRAM)->length;
}

/* "libbpf: failed to load object 'a.o'": none of its programs is what a log behind that is about. */
static bool ends_object(const struct rule_match *match)
{
	return match->rule->role == EXPLAIN_ERROR && strcmp(string(match->rule->because), "*") == 0 &&
	       strcmp(string(match->rule->code), "tool.gave-up") == 0 && lade_captured(match, CAPTURE_OBJECT)->length;
}

/* "can't start: map events: map create: invalid argument": of an operation, with its error and what it was about. */
static bool names_map(const struct rule_match *match)
{
	return *string(match->rule->operation) && match->errnum && lade_captured(match, CAPTURE_MAP)->length;
}

/* "Failed to start, retrying: can't detach program: no such file": who gives up may say why in the same line. */
static void find_better(const struct message *message, struct rule_match *match)
{
	struct rule_match other;

	if (strcmp(string(match->rule->code), "tool.gave-up") != 0 || strcmp(string(match->rule->because), "*") != 0 ||
	    is_last_word(match) || !lade_tool_find(message, match->number + 1, &other))
		return;
	if (other.rule->role == EXPLAIN_ERROR && other.rule->confidence != LADE_POSSIBLE &&
	    strcmp(string(other.rule->because), "*") != 0 && (*string(other.rule->code) || names_map(&other)))
		*match = other;
}

static bool find_rule(const struct message *message, uint16_t *number, struct rule_match *match)
{
	bool is_found = *number == TOOL_NONE ? false
			: *number            ? lade_tool_again(message, *number - 1U, match)
					     : lade_tool_find(message, 0, match);

	if (is_found && !*number)
		find_better(message, match);
	/* Whether one is of a call depends on the lines before. */
	*number = !is_found ? TOOL_NONE : match->rule->role == EXPLAIN_CALL ? 0 : (uint16_t)(match->number + 1);
	return is_found;
}

bool lade_is_no_tool(const struct message *message)
{
	struct rule_match match;
	int errnum;

	return !lade_tool_find(message, 0, &match) ||
	       (match.rule->role == EXPLAIN_GENERAL && !find_general(message, &errnum));
}

bool lade_explanation_tool(struct lade_explanation *explanation, const struct message *message, const struct span *line,
			   size_t number, uint16_t *known)
{
	struct rule_match match;
	const struct explain_rule *rule;

	if (!find_rule(message, known, &match) || is_in_log(explanation, &match, line))
		return false;
	if (match.rule->role == EXPLAIN_CALL) {
		explanation->depends = true;
		if (lade_explanation_call(explanation, line, number))
			return true;
		/* A line that only speaks of one? */
		if (lade_search(line->text, line->length, ") = ", 4) ||
		    !lade_tool_find(message, match.number + 1, &match) || match.rule->role == EXPLAIN_CALL)
			return false;
	}
	rule = match.rule;
	if (add_rest(explanation, message, &match, line, number))
		return true;
	explanation->depends |= rule->role != EXPLAIN_GENERAL;
	if (rule->role == EXPLAIN_JOIN && join(explanation, match.errnum, number))
		return true;
	if (rule->role == EXPLAIN_GENERAL || rule->role == EXPLAIN_JOIN)
		return add_general(explanation, message, &match, line, number);
	if (explanation->in_log &&
	    (!explanation->is_bare || rule->role == EXPLAIN_ERROR || rule->role == EXPLAIN_END)) {
		bool is_told = explanation->is_types && rule->role == EXPLAIN_ERROR;
		lade_explanation_log_end(explanation, number);
		/* A line of it that a rule knows says more than the last line that none knows. */
		if (is_told)
			lade_explanation_rename(explanation, NAMED_TYPES, NULL);
	}
	lade_explanation_name(explanation, NAMED_PROGRAM, lade_captured(&match, CAPTURE_PROGRAM));
	if (rule->role == EXPLAIN_PROGRESS)
		lade_explanation_name(explanation, NAMED_OBJECT, lade_captured(&match, CAPTURE_OBJECT));
	if (rule->role == EXPLAIN_BEGIN || rule->role == EXPLAIN_ANALYSIS || rule->role == EXPLAIN_TYPES)
		begin(explanation, &match, line, number);
	if (rule->role < EXPLAIN_BEGIN)
		add(explanation, &match, line, number);
	explanation->types_follow = strcmp(string(rule->code), "btf.load.without") == 0;
	/* Libraries make one line of an error and the verifier's last word. */
	if (may_quote_verifier(rule) && match.end < message->length)
		(void)lade_explanation_verdict(explanation, line, number);
	if (is_last_word(&match) || ends_object(&match))
		lade_explanation_rename(explanation, NAMED_PROGRAM, NULL);
	return true;
}

/* Some say first that they go on without the BTF, and then what the kernel said of it. */
static struct lade_finding *note_of_types(const struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		if (item->role == LADE_EXPLAINED_NOTE && item->finding && item->last_line < explanation->types_line &&
		    strcmp(item->finding->code, "btf.load.without") == 0)
			return item->finding;
	return NULL;
}

void lade_explanation_tools_end(struct lade_explanation *explanation)
{
	struct explained item = { .role = LADE_EXPLAINED_ERROR, .times = 1, .cause = SIZE_MAX };
	const char *types = explanation->names[NAMED_TYPES];
	struct lade_finding *note = types ? note_of_types(explanation) : NULL;

	if (note)
		finding_evidence(note, "line %zu: the kernel says: %s", explanation->types_line, types);
	if (note || !types)
		return;
	item.first_line = item.last_line = explanation->types_line;
	item.line = strdup(types);
	item.finding = lade_explanation_finding(explanation, "btf.load.refused", item.line);
	finding_confidence(item.finding, LADE_LIKELY);
	lade_explanation_put(explanation, &item);
}
