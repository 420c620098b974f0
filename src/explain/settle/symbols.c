/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who cannot attach to a function looks for it: lines of /proc/kallsyms or available_filter_functions in the text. They
 * show that it has another name in this kernel, that it is there, or that its module is.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define LINES_MAX  4096 /* that are looked at */
#define ITEMS_MAX  16   /* for which the text is searched */
#define NAME_BYTES 128
#define LEAST_NAME 4
#define LEAST_HEX  8

struct symbol {
	char name[NAME_BYTES];   /* with its suffix */
	char module[NAME_BYTES]; /* "": none */
	size_t base;             /* bytes of the name in the source */
	size_t line;
	bool is_listed; /* with its address, as kallsyms has it */
};

/* Functions of one name: static ones of several files, or copies of one in a header. */
struct copies {
	size_t count, last_line;
};

/* Suffixes that compilers put behind a name, and why; those that say most come first. */
static const struct suffix {
	const char *suffix, *why;
	bool is_part; /* the function itself was inlined */
} suffixes[] = {
	{ ".llvm.",
	  "clang's link-time optimisation (CONFIG_LTO_CLANG_THIN) renames functions that are static in their file",
	  false },
	{ ".lto_priv.", "gcc's link-time optimisation renames functions that are static in their file", false },
	{ ".isra.", "gcc changed what it takes as arguments, which are then not those of the source", false },
	{ ".constprop.", "gcc made a copy in which an argument is constant", false },
	{ ".localalias", "gcc made a second name of it for calls within its file", false },
	{ ".part.", "gcc inlined its beginning, and this is the rest", true },
	{ ".cold", "the compiler moved what is rarely run of it there, and inlined the rest", true },
};

static const struct suffix *suffix_of(const struct symbol *symbol)
{
	const char *behind = symbol->name + symbol->base;

	for (size_t i = 0; i < ELEMENTS(suffixes); i++)
		if (strncmp(behind, suffixes[i].suffix, strlen(suffixes[i].suffix)) == 0)
			return &suffixes[i];
	return NULL;
}

/* ---- a line ---- */

static bool is_of_name(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_' || byte == '.' || byte == '$';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* "ffffffffc142eb60 t ": the place behind it; NULL: it is none of kallsyms. */
static const char *behind_address(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && isxdigit((unsigned char)*at))
		at++;
	if (at - start < LEAST_HEX || end - at < 4 || *at != ' ' || !strchr("tTwW", at[1]) || at[2] != ' ')
		return NULL;
	return at + 3;
}

/* The rest is nothing, or "[module]". */
static bool take_module(const char *at, const char *end, char module[NAME_BYTES])
{
	const char *close;

	*module = '\0';
	at = skip_blanks(at, end);
	while (end > at && strchr(" \t\r", end[-1]))
		end--;
	if (at == end)
		return true;
	close = *at == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL;
	if (!close || close + 1 != end)
		return false;
	(void)snprintf(module, NAME_BYTES, "%.*s", (int)(close - at - 1), at + 1);
	return true;
}

/* Of kallsyms any name; without an address, as in available_filter_functions, only one with a suffix or a module. */
static bool take_symbol(const struct span *line, struct symbol *symbol)
{
	const char *end = line->text + line->length, *at = skip_blanks(line->text, end);
	const char *name = behind_address(at, end);
	const bool is_listed = name != NULL;
	size_t length = 0;

	at = name ? name : at;
	while (at + length < end && length < NAME_BYTES - 1 && is_of_name(at[length]))
		length++;
	if (length < LEAST_NAME || !take_module(at + length, end, symbol->module))
		return false;
	(void)snprintf(symbol->name, NAME_BYTES, "%.*s", (int)length, at);
	symbol->base = strcspn(symbol->name, ".");
	symbol->is_listed = is_listed;
	return symbol->base >= LEAST_NAME && (is_listed || suffix_of(symbol) || *symbol->module);
}

/* ---- what it settles ---- */

/* Does the failure's line name the function, as a whole word and without a suffix? */
static bool is_asked_for(const char *line, const char *name, size_t length)
{
	for (const char *at = line; (at = strstr(at, name)); at++)
		if ((at == line || !is_of_name(at[-1])) && !is_of_name(at[length]))
			return true;
	return false;
}

static void say_renamed(const struct symbol *symbol, struct lade_finding *finding)
{
	const struct suffix *suffix = suffix_of(symbol);

	finding_cause(
		finding,
		"%.*s has another name in this kernel: line %zu lists %s%s%s (%s), and none of the plain name, for "
		"which the probe asks",
		(int)symbol->base, symbol->name, symbol->line, symbol->name, *symbol->module ? ", of the module " : "",
		symbol->module, suffix->why);
	if (suffix->is_part)
		finding_fix(finding,
			    "probe a function that calls it, or that it calls, which grep -w NAME /proc/kallsyms lists "
			    "by its "
			    "plain name: %s is not run whenever the function is",
			    symbol->name);
	else
		finding_fix(
			finding,
			"probe the whole name: kprobe/%s (fentry cannot, and the suffix may be another in the next "
			"kernel: read it from /proc/kallsyms); or a version of the tool that looks for names with a "
			"suffix; or a kernel without it",
			symbol->name);
	finding_confidence(finding, LADE_LIKELY);
}

static void say_listed(const struct symbol *symbol, struct lade_finding *finding)
{
	finding_cause(finding,
		      "the kernel has the function: line %zu lists %s%s%s. So either it was not there yet when this "
		      "failed (its module was loaded later), or it may not be probed (notrace, the list of kprobes' "
		      "exceptions)",
		      symbol->line, symbol->name, *symbol->module ? ", of the module " : "", symbol->module);
	finding_fix(finding,
		    "try again; grep -w %s /sys/kernel/tracing/available_filter_functions, which lists what may be "
		    "traced, and /sys/kernel/debug/kprobes/blacklist, which lists what may not",
		    symbol->name);
	finding_confidence(finding, LADE_POSSIBLE);
}

static void say_copies(const struct symbol *symbol, const struct copies *copies, struct lade_finding *finding)
{
	finding_cause(
		finding,
		"%s is not one function but %zu of the same name (static ones of several files; lines %zu to %zu "
		"list them): the types (BTF) know one by its name alone, which need not be the one at the address "
		"that is taken, and kernels from 6.6 on refuse a kprobe by a name that several have",
		symbol->name, copies->count, symbol->line, copies->last_line);
	finding_fix(finding,
		    "probe a function with a name of its own that calls it, or that it calls, or a tracepoint near it; "
		    "to choose one of them a kprobe by its address, or NAME+OFFSET of a unique symbol before it "
		    "(/proc/kallsyms); grep -cw %s /proc/kallsyms counts",
		    symbol->name);
	finding_confidence(finding, LADE_LIKELY);
}

/* "one of the module btrfs, which is not loaded": the text shows that it is. */
static bool blames_module(const struct lade_finding *finding, const char *module)
{
	static const char mark[] = "one of the module ";
	const char *at = finding->cause ? strstr(finding->cause, mark) : NULL;
	size_t length = strlen(module);

	return at && length && strncmp(at + strlen(mark), module, length) == 0 && at[strlen(mark) + length] == ',';
}

static void say_loaded(const struct symbol *symbol, struct lade_finding *finding)
{
	finding_cause(finding,
		      "the module %s is loaded (line %zu lists a function of it), and has no function of this name in "
		      "this kernel: it was renamed or removed, or the compiler inlined it or gave it a suffix",
		      symbol->module, symbol->line);
	finding_fix(
		finding,
		"grep '\\[%s\\]' /proc/kallsyms lists the functions that there are (NAME.llvm.…, NAME.isra.0 are such "
		"names); a version of the tool for this kernel",
		symbol->module);
	finding_confidence(finding, LADE_LIKELY);
}

/* What else is there says less. */
enum evidence {
	EVIDENCE_NONE,
	EVIDENCE_MODULE,                                     /* of another function of the module */
	EVIDENCE_SUFFIX,                                     /* of the last of the suffixes */
	EVIDENCE_NAME = EVIDENCE_SUFFIX + ELEMENTS(suffixes) /* itself */
};

/* In its own line, or in that of what followed from it: bcc names the function there. */
static bool is_asked_by(const struct lade_explanation *explanation, const struct explained *item, const char *name,
			size_t length)
{
	const size_t index = (size_t)(item - explanation->items.items);

	if (is_asked_for(item->line, name, length))
		return true;
	array_foreach(other, &explanation->items)
		if (other->cause == index && other->line && is_asked_for(other->line, name, length))
			return true;
	return false;
}

static unsigned evidence_of(const struct lade_explanation *explanation, const struct explained *item,
			    const struct symbol *symbol)
{
	char base[NAME_BYTES];
	const struct suffix *suffix = suffix_of(symbol);

	(void)snprintf(base, sizeof base, "%.*s", (int)symbol->base, symbol->name);
	if (!is_asked_by(explanation, item, base, symbol->base))
		return blames_module(item->finding, symbol->module) ? EVIDENCE_MODULE : EVIDENCE_NONE;
	if (!symbol->name[symbol->base])
		return EVIDENCE_NAME;
	return suffix ? EVIDENCE_NAME - 1 - (unsigned)(suffix - suffixes) : EVIDENCE_NONE;
}

static void say(const struct symbol *symbol, unsigned evidence, struct lade_finding *finding)
{
	if (evidence == EVIDENCE_NAME)
		say_listed(symbol, finding);
	else if (evidence == EVIDENCE_MODULE)
		say_loaded(symbol, finding);
	else
		say_renamed(symbol, finding);
}

/* Nothing was found by the name; of what was refused in another way only several of a name tell something. */
static bool is_missing(const struct explained *item)
{
	return strcmp(item->finding->code, "attach.function.missing") == 0;
}

static bool is_refused(const struct explained *item)
{
	return item->finding->confidence != LADE_CERTAIN &&
	       (strcmp(item->finding->code, "attach.refused") == 0 ||
		strcmp(item->finding->code, "attach.function.ambiguous") == 0);
}

static void look(const struct lade_explanation *explanation, struct explained *item, const struct span *text)
{
	const char *at = text->text, *end = at + text->length;
	struct symbol best = { .line = 0 };
	struct copies copies = { 0 };
	unsigned most = EVIDENCE_NONE;

	for (size_t number = 1; at < end && number <= LINES_MAX; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const struct span line = { at, (size_t)((newline ? newline : end) - at) };
		struct symbol symbol = { .line = number };
		unsigned evidence =
			take_symbol(&line, &symbol) ? evidence_of(explanation, item, &symbol) : EVIDENCE_NONE;
		if (evidence > most) {
			most = evidence;
			best = symbol;
		}
		if (evidence == EVIDENCE_NAME && symbol.is_listed && strcmp(symbol.name, best.name) == 0)
			copies = (struct copies){ copies.count + 1, number };
		at = newline ? newline + 1 : end;
	}
	if (copies.count > 1)
		say_copies(&best, &copies, item->finding);
	else if (most != EVIDENCE_NONE && is_missing(item))
		say(&best, most, item->finding);
	else
		return;
	item->is_settled = true;
}

void lade_explanation_symbols(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (item->role == LADE_EXPLAINED_ERROR && item->finding && item->line &&
		    (is_missing(item) || is_refused(item)) && looked++ < ITEMS_MAX)
			look(explanation, item, &span);
}
