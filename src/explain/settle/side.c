/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a file is a BPF program or a program of the machine: by its path, by the file that includes it, by the
 * command that compiles it, and by whose words the message has (gcc compiles for BPF rarely).
 */
#include "explain/settle/side.h"

#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"

#define LINES_BEFORE 6  /* the message, in which "In file included from" stands */
#define MENTIONS     64 /* of a file that are looked at */

static const struct {
	const char *part;
	enum compiled_side side;
	bool is_end;
} paths[] = {
	/* the first that fits */
	{ ".bpf.c", SIDE_BPF, true },
	{ ".bpf.h", SIDE_BPF, true },
	{ ".ebpf.c", SIDE_BPF, true },
	{ "_kern.c", SIDE_BPF, true },
	{ "_kern.h", SIDE_BPF, true },
	{ "vmlinux.h", SIDE_BPF, true },
	{ "bpf_helpers.h", SIDE_BPF, true },
	{ "bpf_helper_defs.h", SIDE_BPF, true },
	{ "bpf_tracing.h", SIDE_BPF, true },
	{ "bpf_core_read.h", SIDE_BPF, true },
	{ "definitions.h", SIDE_BPF, true },
	{ "/virtual/", SIDE_BPF, false },
	{ "progs/", SIDE_BPF, false },
	{ "skeleton/", SIDE_BPF, false },
	{ "bpf_skel/", SIDE_BPF, false },
	{ ".skel.h", SIDE_HOST, true },
	{ ".cc", SIDE_HOST, true },
	{ ".cpp", SIDE_HOST, true },
	{ ".cxx", SIDE_HOST, true },
	{ ".hpp", SIDE_HOST, true },
	{ ".hh", SIDE_HOST, true },
	{ ".go", SIDE_HOST, true },
	{ "libbpfgo.h", SIDE_HOST, true },
	{ "libbpf.h", SIDE_HOST, true },
	{ "bpf/bpf.h", SIDE_HOST, true },
	{ "bpf/btf.h", SIDE_HOST, true },
	{ "xdp/xsk.h", SIDE_HOST, true },
	{ "xdp/libxdp.h", SIDE_HOST, true },
	{ "_user.c", SIDE_HOST, true },
	{ "_user.h", SIDE_HOST, true },
	{ "libbpf/src/", SIDE_HOST, false },
	{ "tools/lib/bpf/", SIDE_HOST, false },
	{ "bpf/bpftool/", SIDE_HOST, false },
	{ "bcc/src/cc/", SIDE_HOST, false },
	{ "kernel/bpf/", SIDE_KERNEL, false },
	{ "kernel/trace/", SIDE_KERNEL, false },
	{ "net/core/", SIDE_KERNEL, false },
	{ "drivers/net/", SIDE_KERNEL, false },
	{ "/lib/modules/", SIDE_KERNEL, false },
	{ "/usr/src/", SIDE_KERNEL, false },
};

bool lade_path_has(const struct span *path, const char *part)
{
	return lade_search(path->text, path->length, part, strlen(part)) != NULL;
}

bool lade_path_ends(const struct span *path, const char *end)
{
	size_t length = strlen(end);

	return path->length >= length && memcmp(path->text + path->length - length, end, length) == 0;
}

enum compiled_side lade_side_of_path(const struct span *path)
{
	for (size_t i = 0; i < ELEMENTS(paths); i++)
		if (paths[i].is_end ? lade_path_ends(path, paths[i].part) : lade_path_has(path, paths[i].part))
			return paths[i].side;
	return SIDE_UNKNOWN;
}

/* ---- the place that a message names ---- */

/* Before ":12" at the end; the same end: there is none. */
static const char *before_number(const char *begin, const char *end)
{
	const char *at = end;

	while (at > begin && lade_is_digit(at[-1]))
		at--;
	return at < end && at > begin && at[-1] == ':' ? at - 1 : end;
}

static bool take_path(const char *begin, const char *end, struct span *path)
{
	const char *at = before_number(begin, end);

	if (at == end)
		return false;
	end = before_number(begin, at);
	for (at = end; at > begin && at[-1] != ' ' && at[-1] != '\t';)
		at--;
	*path = (struct span){ at, (size_t)(end - at) };
	return end > at;
}

bool lade_is_open_complaint(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line && !item->is_settled &&
	       item->finding->confidence != LADE_CERTAIN && strcmp(item->finding->code, "compile.source") == 0;
}

bool lade_place_of(const struct span *line, struct span *path)
{
	static const char *const marks[] = { ": error: ", ": note: ", ": warning: " };

	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *at = lade_search(line->text, line->length, marks[i], strlen(marks[i]));
		if (at)
			return take_path(line->text, at, path);
	}
	return false;
}

/* ---- who includes it ---- */

/* "In file included from a.c:5:", and behind it "                 from b.c:3:" */
static bool take_includer(const struct span *line, struct span *path)
{
	static const char mark[] = " from ";
	const char *at = lade_search(line->text, line->length, mark, strlen(mark)), *end = line->text + line->length;

	if (!at || lade_search(line->text, line->length, ": error", strlen(": error")))
		return false;
	at += strlen(mark);
	const char *colon = memchr(at, ':', (size_t)(end - at));
	*path = (struct span){ at, (size_t)((colon ? colon : at) - at) };
	return path->length > 0 && !memchr(at, ' ', path->length);
}

static enum compiled_side side_of_includer(const struct span *text, size_t number)
{
	struct mention line;
	struct span path;

	if (number < 2 || !lade_line_at(text, number > LINES_BEFORE ? number - LINES_BEFORE : 1, &line))
		return SIDE_UNKNOWN;
	enum compiled_side side = SIDE_UNKNOWN;
	do {
		if (lade_search(line.text.text, line.text.length, ": error: ", strlen(": error: ")))
			side = SIDE_UNKNOWN; /* what stands before it is about another message */
		else if (take_includer(&line.text, &path) && lade_side_of_path(&path) != SIDE_UNKNOWN)
			side = lade_side_of_path(&path);
	} while (line.number + 1 < number && lade_next_line(text, &line));
	return side;
}

/* ---- which command compiles it ---- */

static const char *const for_bpf[] = { "target bpf", "target=bpf", "-march=bpf", "bpfel",
				       "bpfeb",      "-emit-llvm", "-D__BPF_" };
static const char *const gcc_for_bpf[] = { "bpf-gcc", "bpf-unknown-none", "bpf-none", "GCC-BPF", "-mco-re" };
static const char *const for_kernel[] = { "CC [M]", "/lib/modules/", "scripts/Makefile.build", "Kbuild" };

/* A whole command, with its compiler and its options. */
static enum compiled_side side_of_command(const struct span *line)
{
	static const char *const compilers[] = { "gcc ", "cc -", "cc ", "g++ ", "c++ ", "clang " };
	static const char *const others[] = { ": error", ": note:", ": warning", " from ", ": In function", "***" };

	if (lade_search_any(line->text, line->length, others, ELEMENTS(others)) ||
	    !lade_search_any(line->text, line->length, compilers, ELEMENTS(compilers)) ||
	    !lade_search(line->text, line->length, " -", 2))
		return SIDE_UNKNOWN;
	if (lade_search_any(line->text, line->length, for_bpf, ELEMENTS(for_bpf)) ||
	    lade_search_any(line->text, line->length, gcc_for_bpf, ELEMENTS(gcc_for_bpf)))
		return SIDE_BPF;
	return line->length && line->text[line->length - 1] == '\\' ? SIDE_UNKNOWN : SIDE_HOST;
}

static enum compiled_side side_by_command(const struct span *path, const struct span *text)
{
	const char *slash = memrchr(path->text, '/', path->length);
	const char *name = slash ? slash + 1 : path->text;
	size_t length = (size_t)(path->text + path->length - name);
	struct mention line = { .next = text->text };
	char word[64];

	if (!length || length >= sizeof word)
		return SIDE_UNKNOWN;
	memcpy(word, name, length);
	word[length] = '\0';
	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, word, &line); mentions++) {
		enum compiled_side side = side_of_command(&line.text);
		if (side != SIDE_UNKNOWN)
			return side;
	}
	return SIDE_UNKNOWN;
}

/* ---- whose words it has ---- */

/* As the kernel's own build names its files. */
static bool is_of_tree(const struct span *path)
{
	static const char *const rooms[] = { "kernel/", "net/",   "drivers/",  "fs/",      "arch/",
					     "mm/",     "block/", "security/", "include/", "./include/" };

	for (size_t i = 0; i < ELEMENTS(rooms); i++)
		if (path->length > strlen(rooms[i]) && memcmp(path->text, rooms[i], strlen(rooms[i])) == 0)
			return true;
	return false;
}

/* Quotation marks and wordings of gcc alone, where nothing speaks of BPF's gcc or of a kernel's build. */
static bool is_of_gcc(const char *line, const struct span *text)
{
	static const char *const words[] = { "\xe2\x80\x98", "(first use in this function)",
					     "was not declared in this scope", "not in a function)",
					     "storage size of " };
	const struct span span = { line, strlen(line) };

	return lade_search_any(span.text, span.length, words, ELEMENTS(words)) &&
	       !lade_search_any(text->text, text->length, gcc_for_bpf, ELEMENTS(gcc_for_bpf)) &&
	       !lade_search_any(text->text, text->length, for_kernel, ELEMENTS(for_kernel));
}

enum compiled_side lade_side_of(const struct explained *item, const struct span *text)
{
	const struct span line = { item->line, strlen(item->line) };
	enum compiled_side side;
	struct span path;

	if (!lade_place_of(&line, &path))
		return SIDE_UNKNOWN;
	side = lade_side_of_path(&path);
	if (side == SIDE_UNKNOWN)
		side = side_of_includer(text, item->first_line);
	if (side == SIDE_UNKNOWN)
		side = side_by_command(&path, text);
	if (side == SIDE_UNKNOWN && !is_of_tree(&path) && is_of_gcc(item->line, text))
		side = SIDE_HOST;
	return side;
}
