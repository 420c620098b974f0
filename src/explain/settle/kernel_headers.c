/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which kernel's headers a program is compiled against, where no vmlinux.h is: the command and the lines "In file
 * included from" name their directory, and it its version. A member that is not there, and two declarations that are
 * both the kernel's own, have other causes then than a vmlinux.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES    (1U << 20)
#define ITEMS_MAX     16 /* for which the text is searched */
#define VERSION_BYTES 64
#define LINES_NEAR    4            /* below the message, where the other place stands */
#define LONG_PAST     (5 << 8 | 4) /* before it hardly any source of today was written */

/* Where a directory begins that has a version: of Fedora and its kin, of Debian and SUSE, of all. */
static const char *const trees[] = { "/usr/src/kernels/", "/usr/src/linux-", "/lib/modules/" };

/* "5.10.0-21-amd64", "headers-5.10.0-21-amd64", "hwe-6.8-headers-6.8.0-40": up to the next directory; false: nothing
 * that begins as a version. */
static bool take_version(const char *at, const char *end, char version[VERSION_BYTES])
{
	static const char word[] = "headers-";
	const char *slash = memchr(at, '/', (size_t)(end - at));
	const char *behind = lade_search(at, (size_t)((slash ? slash : end) - at), word, strlen(word));
	size_t length = 0;

	at = behind ? behind + strlen(word) : at;
	while (at + length < end && !strchr("/ \t'\":\r", at[length]) && length < VERSION_BYTES - 1)
		length++;
	(void)snprintf(version, VERSION_BYTES, "%.*s", (int)length, at);
	return length > 2 && lade_is_digit(version[0]) && (version[1] == '.' || version[2] == '.');
}

/* The kernel's headers at the beginning of a path. */
static bool is_of_kernel(const char *at, const char *end, char version[VERSION_BYTES])
{
	for (size_t i = 0; i < ELEMENTS(trees); i++) {
		size_t length = strlen(trees[i]);
		if ((size_t)(end - at) > length && memcmp(at, trees[i], length) == 0)
			return take_version(at + length, end, version);
	}
	return false;
}

/* ---- the headers that the compiler reads ---- */

/* What stands before a directory that is searched, and before a file that was read. */
static bool is_read(const char *line, const char *at)
{
	static const char *const before[] = { "-I",       "-I ",         "-isystem ",
					      "-isystem", "-idirafter ", "included from ",
					      "-C ",      "directory '" };

	for (size_t i = 0; i < ELEMENTS(before); i++) {
		size_t length = strlen(before[i]);
		if ((size_t)(at - line) >= length && memcmp(at - length, before[i], length) == 0)
			return true;
	}
	return at == line;
}

static bool has_headers(const struct mention *line, const char *tree, char version[VERSION_BYTES])
{
	const char *at = line->text.text, *end = at + line->text.length;

	for (; (at = lade_search(at, (size_t)(end - at), tree, strlen(tree))); at++)
		if (is_read(line->text.text, at) && is_of_kernel(at, end, version))
			return true;
	return false;
}

/* The line that names them; 0: none does. */
static size_t find_headers(const struct span *text, char version[VERSION_BYTES])
{
	for (size_t i = 0; i < ELEMENTS(trees); i++) {
		struct mention line = { .next = text->text };
		while (lade_find_mention(text, trees[i], &line))
			if (has_headers(&line, trees[i], version))
				return line.number;
	}
	return 0;
}

/* ---- a member that is not there ---- */

/* Those of libbpf, of skeletons and of bcc's own source come from elsewhere. */
static bool is_of_member(const char *line)
{
	static const char *const others[] = { "/virtual/",         ".skel.h", "_opts'", "_skeleton'",
					      "struct bpf_object", "vmlinux", "llvm::", "clang::" };

	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (strstr(line, others[i]))
			return false;
	return strstr(line, "no member named '") && strstr(line, "struct ");
}

static bool blame_version(struct explained *item, const struct span *text)
{
	char version[VERSION_BYTES];
	uint16_t kernel = 0;
	size_t line;

	if (!is_of_member(item->line) || !(line = find_headers(text, version)))
		return false;
	bool is_old = lade_kernel_parse(version, &kernel) && kernel < LONG_PAST;
	finding_cause(item->finding,
		      "the program is compiled with the headers of kernel %s (line %zu), whose structure has no such "
		      "member: %s",
		      version, line,
		      is_old ? "they are most likely too old for this source, which is written for newer kernels"
			     : "the source was written for a newer kernel, which has it, or for an older one, which "
			       "still had it");
	finding_fix(item->finding,
		    "%s (kernel-devel, linux-headers), and that kernel running where the program is "
		    "to run; or a version of the source for such kernels; or, where the project can be built with "
		    "CO-RE, that (vmlinux.h in place of these headers)",
		    is_old ? "headers of a newer kernel" : "headers of a kernel for which the source was written");
	return true;
}

/* ---- two declarations, both the kernel's ---- */

static bool is_twice(const char *line)
{
	static const char *const words[] = { "static declaration of ", "conflicting types for ", "redefinition",
					     "redeclar", "previously defined" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

/* "PATH: note: previous declaration is here" below; 0: none, 1: the kernel's as well, -1: another's. */
static int other_place(const struct span *text, size_t number, char version[VERSION_BYTES])
{
	struct mention line = { .next = text->text };

	while (lade_find_mention(text, "note: previous", &line))
		if (line.number > number && line.number <= number + LINES_NEAR)
			return is_of_kernel(line.text.text, line.text.text + line.text.length, version) ? 1 : -1;
	return 0;
}

static bool blame_mixture(struct explained *item, const struct span *text)
{
	static const char vmlinux[] = "vmlinux.h";
	char version[VERSION_BYTES], other[VERSION_BYTES];
	int place;

	if (!is_twice(item->line) || !is_of_kernel(item->line, item->line + strlen(item->line), version) ||
	    lade_search_long(text->text, text->length, vmlinux, strlen(vmlinux)))
		return false;
	place = other_place(text, item->first_line, other);
	/* Without a note types may be the C library's as well; functions of such headers are the kernel's. */
	if (place < 0 || (!place && !strstr(item->line, "static declaration of ")))
		return false;
	finding_cause(item->finding,
		      "both declarations are the kernel's own, of its headers %s%s%s: they were put together wrongly. "
		      "Either those of two kernels or packages are mixed (common ones and the processor's), or the "
		      "compiler does not read the configuration that belongs to them, so that a header declares what "
		      "only kernels without some option need",
		      version, place && strcmp(version, other) != 0 ? " and " : "",
		      place && strcmp(version, other) != 0 ? other : "");
	finding_fix(item->finding,
		    "the headers of one kernel, whole (on Debian linux-headers-VERSION-amd64 and its -common, of one "
		    "version), in the order of the kernel's own build, the processor's first, with "
		    "-include include/linux/kconfig.h of the same directory, which brings generated/autoconf.h; or a "
		    "build with CO-RE, which needs no headers of the kernel (vmlinux.h)");
	return true;
}

static bool is_of_compiler(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line &&
	       strncmp(item->finding->code, "compile.", strlen("compile.")) == 0 &&
	       item->finding->confidence != LADE_CERTAIN;
}

void lade_explanation_kernel_headers(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		if (!is_of_compiler(item) || looked++ >= ITEMS_MAX)
			continue;
		if (!blame_version(item, &span) && !blame_mixture(item, &span))
			continue;
		finding_confidence(item->finding, LADE_LIKELY);
		item->is_settled = true;
	}
}
