/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of libbpf that came with a later release: where only such are undefined, libbpf was linked, and is too old.
 * One that each release has, or that 1.0 dropped, tells another story.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/libbpf_table.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define MENTIONS   256 /* lines that are looked at */
#define ITEMS_MAX  16
#define LINE_BYTES 512
#define NAME_BYTES 64
#define OLDEST     (0 << 8 | 3) /* release that anybody has still: what came before is in all */

/* The name behind one of the marks; false: the line has none. */
static bool take_name(const char *line, const char *const *marks, size_t count, char name[NAME_BYTES])
{
	const struct span found = lade_name_behind(line, marks, count);

	return lade_name_copy(&found, name, NAME_BYTES);
}

static bool take_undefined(const char *line, char name[NAME_BYTES])
{
	static const char *const marks[] = { "undefined reference to ", "undefined symbol: " };

	return take_name(line, marks, ELEMENTS(marks), name);
}

static bool take_undeclared(const char *line, char name[NAME_BYTES])
{
	static const char *const marks[] = { "implicit declaration of function ", "call to undeclared function ",
					     "use of undeclared identifier " };

	return take_name(line, marks, ELEMENTS(marks), name);
}

/* NULL: libbpf of today has no such function. */
static const struct libbpf_function *find_function(const char *name)
{
	size_t low = 0, high = lade_libbpf_function_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, lade_libbpf_text + lade_libbpf_functions[middle].name);
		if (order == 0)
			return &lade_libbpf_functions[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* That no other library has. */
static bool is_of_libbpf(const char *name)
{
	static const char *const begins[] = { "bpf_object__", "bpf_program__", "bpf_map__",     "bpf_link__",   "btf__",
					      "libbpf_",      "bpf_prog_",     "perf_buffer__", "ring_buffer__" };

	for (size_t i = 0; i < ELEMENTS(begins); i++)
		if (strncmp(name, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* Nothing that the linker lacks is of an old libbpf, or of none. */
static bool lacks_only_newer(const struct span *text)
{
	struct mention line = { .next = text->text };

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, "undefined ", &line); mentions++) {
		char copy[LINE_BYTES], name[NAME_BYTES];
		(void)snprintf(copy, sizeof copy, "%.*s",
			       (int)(line.text.length < LINE_BYTES ? line.text.length : LINE_BYTES - 1),
			       line.text.text);
		if (!take_undefined(copy, name))
			continue;
		const struct libbpf_function *function = find_function(name);
		if (function ? function->release < OLDEST : is_of_libbpf(name))
			return false;
	}
	return true;
}

/* The rules know the release of some. */
static bool is_open(const struct explained *item, const char *code)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line && !item->is_settled &&
	       item->finding->confidence != LADE_CERTAIN && strcmp(item->finding->code, code) == 0 &&
	       !(item->finding->cause && strstr(item->finding->cause, "came with libbpf "));
}

static void say_fix(struct lade_finding *finding, unsigned release)
{
	finding_fix(
		finding,
		"pkg-config --modversion libbpf; libbpf %u.%u or later, headers and library of one release: a newer "
		"libbpf-dev (libbpf-devel), or the project's own (git submodule update --init --recursive, make "
		"clean), with its -I and -L before the system's; where two are installed: ls -l /usr/lib*/libbpf* "
		"/usr/local/lib*/libbpf* /usr/lib/*/libbpf*",
		release >> 8, release & 0xff);
}

static void blame_library(struct explained *item, const struct libbpf_function *function)
{
	finding_cause(item->finding,
		      "%s() came with libbpf %u.%u, and the libbpf that was linked is older (than the headers, too, "
		      "which declare it). That libbpf is linked shows what is not missing: nothing that each release "
		      "of it has",
		      lade_libbpf_text + function->name, function->release >> 8, function->release & 0xffU);
}

static void blame_headers(struct explained *item, const struct libbpf_function *function)
{
	finding_cause(item->finding,
		      "%s() came with libbpf %u.%u, and later ones have it still: the headers of libbpf that the "
		      "compiler found are older, or the one that declares it (bpf/libbpf.h, bpf/bpf.h, bpf/btf.h) is "
		      "not included",
		      lade_libbpf_text + function->name, function->release >> 8, function->release & 0xffU);
}

static void blame_installed(struct explained *item, const struct libbpf_function *function)
{
	unsigned major = function->release >> 8, minor = function->release & 0xffU;

	finding_cause(item->finding,
		      "%s() came with libbpf %u.%u, and the libbpf that the program finds when it starts is older than "
		      "the one that it was built with",
		      lade_libbpf_text + function->name, major, minor);
	finding_fix(
		item->finding,
		"ldd PROGRAM | grep libbpf shows which one is taken: libbpf %u.%u or later there (libbpf1, libbpf of "
		"a newer release of the distribution; built by hand: ldconfig, LD_LIBRARY_PATH), or build the "
		"program against the one that is installed, or with libbpf.a",
		major, minor);
}

/* NULL: the line is about something else, or each release has what it lacks. */
static const struct libbpf_function *find_newer(const char *line, bool (*take)(const char *line, char name[NAME_BYTES]))
{
	char name[NAME_BYTES];
	const struct libbpf_function *function = take(line, name) ? find_function(name) : NULL;

	return function && function->release >= OLDEST ? function : NULL;
}

/* False: it is nothing of that kind. `lacks_newer`: all that the linker lacks is of newer releases. */
static bool blame(struct explained *item, bool lacks_newer)
{
	const struct libbpf_function *undefined = find_newer(item->line, take_undefined), *undeclared;

	/* bcc has its own libbpf within. */
	if (is_open(item, "tool.too-old") && undefined && !strstr(item->line, "bcc")) {
		blame_installed(item, undefined);
	} else if (is_open(item, "compile.source") && undefined && lacks_newer) {
		blame_library(item, undefined);
		say_fix(item->finding, undefined->release);
	} else if (is_open(item, "compile.source") && (undeclared = find_newer(item->line, take_undeclared))) {
		blame_headers(item, undeclared);
		say_fix(item->finding, undeclared->release);
	} else {
		return false;
	}
	finding_confidence(item->finding, LADE_LIKELY);
	return true;
}

void lade_explanation_newer_function(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned blamed = 0;
	bool is_asked = false, lacks_newer = false;

	array_foreach(item, &explanation->items) {
		if (!item->line || blamed >= ITEMS_MAX)
			continue;
		if (!is_asked && find_newer(item->line, take_undefined)) {
			lacks_newer = lacks_only_newer(&span);
			is_asked = true;
		}
		blamed += blame(item, lacks_newer);
	}
}
