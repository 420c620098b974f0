/* SPDX-License-Identifier: BSD-2-Clause */
/* From a line that a rule knows to a finding; the same again is counted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "explain/verifier/verdict.h"
#include "explain/text.h"
#include "explain/verifier/line.h"

#define QUOTED_BYTES 1024       /* of a line */
#define LOG_BYTES    (1U << 20) /* of a verifier's log: the end is what matters */

static const char *string(uint32_t offset)
{
	return lade_explain_strings + offset;
}

/* ---- texts of captures: blanks are gone, which no name has ---- */

/* Bytes of a whole UTF-8 character at text; 0: it is none. Overlong ones do no harm here. */
static size_t character(const char *text, size_t length)
{
	unsigned char first = (unsigned char)*text;
	size_t bytes = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

	if (bytes > length)
		return 0;
	for (size_t i = 1; i < bytes; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
	return bytes;
}

/* Eight bytes of ASCII, and none of them a control character. */
static bool is_plain(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t bytes;

	memcpy(&bytes, text, sizeof bytes);
	return !((bytes | (bytes - ones * ' ')) & ones << 7);
}

/* A log may hold any bytes, and what is said of it goes into JSON. */
static void make_readable(char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		if (length - i >= sizeof(uint64_t) && is_plain(text + i)) {
			i += sizeof(uint64_t);
			continue;
		}
		size_t bytes = text[i] ? character(text + i, length - i) : 0;
		if (!bytes || (bytes == 1 && (unsigned char)text[i] < ' ' && text[i] != '\t' && text[i] != '\n'))
			text[i] = '?';
		i += bytes ? bytes : 1;
	}
}

char *lade_text_of(const struct span *span)
{
	size_t length = span->length < QUOTED_BYTES ? span->length : QUOTED_BYTES;
	char *text = length ? malloc(length + 1) : NULL;

	if (!text)
		return NULL;
	memcpy(text, span->text, length);
	text[length] = '\0';
	make_readable(text, length);
	return text;
}

static const struct span *object_of(const struct rule_match *match)
{
	return lade_captured(match, CAPTURE_OBJECT);
}

static const char *file_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && slash[1] ? slash + 1 : path;
}

/* ---- a rule ---- */

struct lade_finding *lade_explanation_finding(struct lade_explanation *explanation, const char *code, const char *line)
{
	struct findings list = { 0 };
	struct lade_finding *finding = lade_note_add(&list, code, "%s", line ? line : "");

	explanation->failed |= !finding;
	array_clear(&list);
	return finding;
}

static void explain_errno(const struct rule_match *match, struct lade_finding *finding)
{
	const char *words = match->errnum ? strerrordesc_np(match->errnum) : NULL;

	if (words)
		finding_evidence(finding, "%d is %s (%s)", -match->errnum, lade_errno_word(match->errnum), words);
}

/* What a log can tell of a kernel that is not here. */
static void explain_absence(struct lade_finding *finding)
{
	finding_confidence(finding, LADE_LIKELY);
	finding_cause(finding, "a system call that does not exist answers ENOSYS: the kernel was built without "
			       "CONFIG_BPF_SYSCALL, so bpf(2) itself is absent");
	finding_fix(finding,
		    "build the kernel with CONFIG_BPF=y CONFIG_BPF_SYSCALL=y; what the objects need besides says: "
		    "lade inspect --needs OBJ");
	finding_see(finding,
		    "/proc/filesystems on that machine: if it has a line bpf, a seccomp filter answered ENOSYS "
		    "instead (Seccomp of /proc/PID/status is 2)");
}

static void describe(const struct rule_match *match, struct lade_finding *finding)
{
	const char *meaning = string(match->rule->meaning), *fix = string(match->rule->fix);

	explain_errno(match, finding);
	finding_confidence(finding, (enum lade_confidence)match->rule->confidence);
	if (*meaning)
		finding_cause(finding, "%s", meaning);
	if (*fix)
		finding_fix(finding, "%s", fix);
	if (lade_is_bpf_absent(finding->code))
		explain_absence(finding);
}

static enum lade_explained_role role_of(enum explain_role role)
{
	return role == EXPLAIN_ERROR  ? LADE_EXPLAINED_ERROR
	       : role == EXPLAIN_NOTE ? LADE_EXPLAINED_NOTE
				      : LADE_EXPLAINED_HARMLESS;
}

static void follow(struct lade_explanation *explanation, const struct rule_match *match, size_t number)
{
	if (match->rule->role == EXPLAIN_PROGRESS)
		lade_explanation_name(explanation, NAMED_OBJECT, object_of(match));
	lade_explanation_name(explanation, NAMED_PROGRAM, lade_captured(match, CAPTURE_PROGRAM));
	if (match->rule->role != EXPLAIN_BEGIN)
		return;
	lade_explanation_log_end(explanation, number);
	explanation->in_log = true;
	explanation->is_bare = explanation->is_types = false;
	explanation->has_instruction = explanation->has_ended = false;
	explanation->others = 0;
	explanation->log_line = number;
}

/* All of the name of which the pattern has the beginning: "bpf_{word}", and not what blanks keep apart from it. */
static struct span whole_word(const struct rule_match *match, const struct span *word)
{
	const char *end = word->text + word->length, *at = word->text;

	while (word->length && match->message && at > match->message->text &&
	       !match->message->gap[at - match->message->text] &&
	       (lade_is_letter(at[-1]) || lade_is_digit(at[-1]) || at[-1] == '_'))
		at--;
	return (struct span){ at, (size_t)(end - at) };
}

static struct span word_of(const struct rule_match *match)
{
	const struct span *word = lade_captured(match, CAPTURE_WORD);

	return word->length ? whole_word(match, word) : *lade_captured(match, CAPTURE_PATH);
}

/* The rule says the same again, of something else. */
static void name_other(struct lade_explanation *explanation, const struct explained_key *key, const char *word,
		       size_t number)
{
	struct explained *known = word && key->code ? lade_explanation_find(explanation, key) : NULL;

	if (!known || !known->word || strcmp(known->word, word) == 0)
		return;
	size_t before = known->other_count;
	if (lade_explanation_other(known, "", word, number))
		lade_effects_other(explanation, known->other_count - before);
	else
		explanation->effects.is_new = true;
}

bool lade_explanation_begin(struct lade_explanation *explanation, const struct rule_match *match, const char *code,
			    const char *otherwise, const struct span *line, size_t number, struct explained *ret_item)
{
	CLEANUP(cleanup_free) char *object = lade_text_of(object_of(match));
	CLEANUP(cleanup_free) char *map = lade_text_of(lade_captured(match, CAPTURE_MAP));
	CLEANUP(cleanup_free) char *program = lade_text_of(lade_captured(match, CAPTURE_PROGRAM));
	const struct span named = word_of(match);
	CLEANUP(cleanup_free) char *word = lade_text_of(&named);
	const struct explained_key key = {
		.code = *code ? code : NULL,
		.rule = match->rule,
		.errnum = match->errnum,
		.object = file_name(object ? object : otherwise),
		.map = file_name(map),
		.program = program,
		.instruction = -1,
	};

	if (lade_explanation_counted(explanation, &key, number)) {
		name_other(explanation, &key, word, number);
		return false;
	}
	*ret_item = (struct explained){
		.role = role_of(match->rule->role),
		.rule = match->rule,
		.errnum = match->errnum,
		.line = lade_text_of(line),
		.times = 1,
		.first_line = number,
		.last_line = number,
		.cause = SIZE_MAX,
	};
	ret_item->word = TAKE(word);
	explanation->failed |= !ret_item->line;
	ret_item->finding = *code ? lade_explanation_finding(explanation, code, ret_item->line) : NULL;
	finding_object(ret_item->finding, key.object);
	finding_map(ret_item->finding, key.map);
	finding_program(ret_item->finding, key.program);
	return true;
}

static void add(struct lade_explanation *explanation, const struct rule_match *match, const struct span *line,
		size_t number)
{
	/* A directory is no object's. */
	const char *otherwise =
		lade_captured(match, CAPTURE_PATH)->length ? NULL : lade_explanation_named(explanation, NAMED_OBJECT);
	struct explained item;

	if (!lade_explanation_begin(explanation, match, string(match->rule->code), otherwise, line, number, &item))
		return;
	if (item.finding)
		describe(match, item.finding);
	lade_explanation_keep(explanation, &item);
}

void lade_explanation_add(struct lade_explanation *explanation, const struct rule_match *match, const struct span *line,
			  size_t number)
{
	follow(explanation, match, number);
	if (match->rule->role == EXPLAIN_END)
		lade_explanation_log_end(explanation, number);
	add(explanation, match, line, number);
}

/* ---- a verifier's log ---- */

/* The newer half stays: the end is what matters. */
static void forget_half(struct strbuf *log)
{
	char *middle = memchr(log->text + log->length / 2, '\n', log->length - log->length / 2);

	if (!middle) {
		lade_strbuf_clear(log);
		return;
	}
	log->length -= (size_t)(middle + 1 - log->text);
	memmove(log->text, middle + 1, log->length + 1);
}

void lade_explanation_log(struct lade_explanation *explanation, const struct span *line)
{
	if (explanation->log.length > LOG_BYTES)
		forget_half(&explanation->log);
	lade_strbuf_add_bytes(&explanation->log, line->text, line->length);
	lade_strbuf_add(&explanation->log, "\n");
}

static void describe_verdict(const struct lade_explanation *explanation, const struct verifier_verdict *verdict,
			     const char *log, struct lade_finding *finding)
{
	finding_log(finding, log);
	lade_verifier_source(log, verdict, finding);
	lade_verifier_words(verdict, finding);
	lade_verifier_trace(log, verdict, finding);
	lade_verifier_report(verdict, finding);
	if (explanation->omitted) {
		finding_evidence(finding, "%zu lines of the log were left out by the library that printed it",
				 explanation->omitted);
		finding_see(finding, "the whole log: fmt.Printf(\"%+v\", err) with cilium/ebpf, or lade load");
	}
}

/* The same verdict, of which only the line was there before: the log says more of it. */
static void complete(struct lade_explanation *explanation, const struct verifier_verdict *verdict, const char *log,
		     struct explained *item)
{
	struct explained *same = lade_explanation_same(explanation, item);
	struct lade_finding *known = same ? same->finding : NULL;

	if (!known || !item->finding || known->instruction >= 0 || verdict->instruction < 0)
		return;
	explanation->effects.is_new = true;
	describe_verdict(explanation, verdict, log, item->finding);
	if (!item->finding->program)
		finding_program(item->finding, known->program);
	if (!item->finding->object)
		finding_object(item->finding, known->object);
	same->finding = item->finding;
	item->finding = known;
}

/* Takes what item holds. */
static void put_verdict(struct lade_explanation *explanation, const struct verifier_verdict *verdict, const char *log,
			struct explained *item)
{
	if (item->finding) {
		finding_object(item->finding, file_name(lade_explanation_named(explanation, NAMED_OBJECT)));
		finding_program(item->finding, lade_explanation_named(explanation, NAMED_PROGRAM));
		finding_instruction(item->finding, verdict->instruction);
	}
	complete(explanation, verdict, log, item);
	if (lade_explanation_known(explanation, item))
		return;
	if (item->finding)
		describe_verdict(explanation, verdict, log, item->finding);
	lade_explanation_keep(explanation, item);
}

/* Of a log about BTF: its last line that is not empty, for whoever says whether it matters. */
static void keep_types(struct lade_explanation *explanation, const char *log)
{
	size_t length = strlen(log), start;

	while (length && (unsigned char)log[length - 1] <= ' ')
		length--;
	for (start = length; start && log[start - 1] != '\n';)
		start--;
	struct span line = { log + start, length - start };
	lade_explanation_rename(explanation, NAMED_TYPES, lade_text_of(&line));
	explanation->types_line = explanation->log_line;
}

static bool has_instruction(const char *log)
{
	for (size_t length; *log; log += length + (log[length] == '\n')) {
		length = strcspn(log, "\n");
		if (lade_verifier_line(log, length).kind == VERIFIER_INSTRUCTION)
			return true;
	}
	return false;
}

/* "0:", "from 1 to 3": lists and sentences begin so, too. Without a mark, an instruction or a known message it is none.
 */
static bool is_of_verifier(const struct lade_explanation *explanation, const struct verifier_verdict *verdict,
			   const char *log)
{
	struct report report;

	return !explanation->is_bare || (verdict->message && !verdict->is_like) || has_instruction(log) ||
	       lade_report_read(log, &report);
}

static void read_log(struct lade_explanation *explanation, char *text, size_t length, size_t number)
{
	struct explained item = { .role = LADE_EXPLAINED_ERROR, .times = 1, .cause = SIZE_MAX };
	struct verifier_verdict verdict;
	const char *log;

	if (!lade_log_verdict(explanation, text, length, &log, &verdict) ||
	    !is_of_verifier(explanation, &verdict, log)) {
		lade_explanation_log_rest(explanation, log, number);
		return;
	}
	if (lade_explanation_is_cut(explanation, &verdict, log)) {
		lade_explanation_log_cut(explanation, &verdict, log, number);
		return;
	}
	const struct span line = { verdict.line, verdict.length };
	item.first_line = explanation->log_line;
	item.last_line = number > item.first_line ? number : item.first_line;
	item.line = lade_text_of(&line);
	if (lade_explanation_is_full(explanation, lade_verifier_code(&verdict), item.line)) {
		free(item.line);
		return;
	}
	item.finding = lade_explanation_finding(explanation, lade_verifier_code(&verdict), item.line);
	put_verdict(explanation, &verdict, log, &item);
}

void lade_explanation_log_end(struct lade_explanation *explanation, size_t number)
{
	size_t length = explanation->log.length, told = explanation->told;
	CLEANUP(cleanup_free) char *log = lade_strbuf_take(&explanation->log);
	bool is_types = explanation->is_types;

	explanation->in_log = explanation->is_types = explanation->is_foreign = false;
	explanation->prefix_length = 0;
	if (log && is_types) {
		keep_types(explanation, log);
		return;
	}
	if (log) {
		make_readable(log, length);
		read_log(explanation, log, length, number);
	}
	explanation->is_verdict_told = explanation->told > told;
	explanation->omitted = 0;
}

void lade_explanation_cut(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	struct explained item = {
		.role = LADE_EXPLAINED_ERROR, .times = 1, .first_line = number, .last_line = number, .cause = SIZE_MAX
	};

	item.line = lade_text_of(line);
	item.finding = lade_explanation_finding(explanation, "verifier.log-cut", item.line);
	finding_evidence(item.finding, "%zu lines of the log were left out", explanation->omitted);
	explanation->omitted = 0;
	lade_explanation_put(explanation, &item);
}
