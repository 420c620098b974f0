/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernel a text names: what machines print of themselves, labels of reports, sentences. */
#include "explain/kernels/kernels.h"
#include "explain/reading/mentions.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

#define TEXT_BYTES (4U << 20) /* of a text: who names the kernel does so at the beginning */

/* "4.19.191", "4.15.0-20-generic": what stands behind the second point. */
static void take_patch(struct kernel_known *known, const char *word)
{
	const char *point = strchr(word, '.'), *second = point ? strchr(point + 1, '.') : NULL;
	unsigned patch = 0;
	int length = 0;

	if (!second || sscanf(second + 1, "%3u%n", &patch, &length) != 1 || patch > UINT8_MAX)
		return;
	known->has_patch = true;
	known->patch = (uint8_t)patch;
	known->is_of_distributor = second[1 + length] != '\0';
}

static bool take(struct kernel_known *known, const char *at, size_t length)
{
	char word[64];
	uint16_t version;

	(void)snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), at);
	word[strcspn(word, " \t\r\n,;:()\"`*\\")] = '\0';
	/* The end of a sentence, and of what is set in italics ("_kernel 6.6.6-arch1-1_"). */
	while (*word && strchr(".?!_", word[strlen(word) - 1]))
		word[strlen(word) - 1] = '\0';
	if (!lade_kernel_parse(word, &version))
		return false;
	known->low = known->high = version;
	take_patch(known, word);
	(void)snprintf(known->why, sizeof known->why, "the text names kernel %s", word);
	return true;
}

/* "Alpine Linux v3.14", "Rocky Linux 8.6": a distribution has versions of its own. */
static bool is_distribution(const char *line, const char *at)
{
	const char *word;

	if (at - line < 2 || at[-1] != ' ')
		return false;
	word = memrchr(line, ' ', (size_t)(at - 1 - line));
	word = word ? word + 1 : line;
	return isupper((unsigned char)word[*word == '"' || *word == '\'']) && islower((unsigned char)at[-2]);
}

/* "Debian GNU/Linux 9.4", and what file prints, "for GNU/Linux 2.6.32": the oldest kernel that a program runs on. */
static bool is_gnu(const char *line, const char *at)
{
	static const char gnu[] = "GNU/";

	return (size_t)(at - line) >= strlen(gnu) && memcmp(at - strlen(gnu), gnu, strlen(gnu)) == 0;
}

/* "#1 SMP": an issue may have lost the # to its form. */
static bool is_uname(const char *at, const char *end)
{
	return memmem(at, (size_t)(end - at), " #", 2) || memmem(at, (size_t)(end - at), " SMP ", 5);
}

/* "Linux version 4.19.191 (…", and behind "Linux HOST " what uname -a prints. */
static bool find_linux(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "Linux ", version[] = "version ";
	const char *at = memmem(line, length, mark, strlen(mark)), *end = line + length, *blank;

	if (!at || is_gnu(line, at) || is_distribution(line, at) ||
	    lade_kernel_is_wish(line, at, at + strlen(mark), end))
		return false;
	at += strlen(mark);
	if ((size_t)(end - at) > strlen(version) && memcmp(at, version, strlen(version)) == 0)
		return !lade_kernel_is_wish(line, at, at + strlen(version), end) &&
		       take(known, at + strlen(version), (size_t)(end - at) - strlen(version));
	blank = memchr(at, ' ', (size_t)(end - at));
	while (blank && blank + 1 < end && blank[1] == ' ')
		blank++;
	return take(known, at, (size_t)(end - at)) ||
	       (blank && is_uname(blank, end) && take(known, blank + 1, (size_t)(end - blank) - 1));
}

/* "- kernel-4.15", as people list what they run: a word of its own, and no package's name with a release behind it. */
static bool find_hyphen(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "ernel-";
	const char *at = memmem(line, length, mark, strlen(mark)), *end = line + length, *stop;

	if (!at || at == line || (at[-1] | 0x20) != 'k' || (at - 1 > line && !isspace((unsigned char)at[-2])))
		return false;
	at += strlen(mark);
	for (stop = at; stop < end && (isdigit((unsigned char)*stop) || *stop == '.');)
		stop++;
	return (stop == end || isspace((unsigned char)*stop)) && memchr(at, '.', (size_t)(stop - at)) &&
	       take(known, at, (size_t)(stop - at));
}

/* "kernel: upgrade to 4.4.243", as people list what they run. */
static const char *skip_upgrade(const char *at, const char *end)
{
	static const char *const words[] = { "upgraded to ", "upgrade to ", "updated to " };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if ((size_t)(end - at) > strlen(words[i]) && memcmp(at, words[i], strlen(words[i])) == 0)
			return at + strlen(words[i]);
	return at;
}

/* "Linux HOST 6.15.6-gentoo-dist", cut behind the release. */
static const char *skip_host(const char *at, const char *end)
{
	static const char mark[] = "Linux ";
	const char *next, *blank;

	if ((size_t)(end - at) < strlen(mark) || memcmp(at, mark, strlen(mark)) != 0)
		return at;
	next = at + strlen(mark);
	blank = memchr(next, ' ', (size_t)(end - next));
	return !isdigit((unsigned char)*next) && blank ? blank + 1 : next;
}

/* "kernel: 5.15.0-91-generic", "Kernel version 6.1.0", "uname -r: 5.4.0", "**Kernel Version**: `6.1`", "Kernel (e.g.
 * `uname -a`): 5.4.0". */
static bool find_named(struct kernel_known *known, const char *line, size_t length)
{
	static const char *const marks[] = { "ernel version is", "ernel is",      "ernel version", "ernel release",
					     "ernel Version",    "ernel Release", "ernel:",        "ernel ",
					     "KERNEL_RELEASE",   "uname -r",      "uname -a" };

	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *at = memmem(line, length, marks[i], strlen(marks[i])), *end = line + length;
		if (!at)
			continue;
		const char *word = at - (at > line);
		at += strlen(marks[i]);
		/* … and the wide colon of Chinese texts */
		while (at < end && strchr(" :=\"'v*`)\\\xef\xbc\x9a", *at))
			at++;
		at = skip_host(skip_upgrade(at, end), end);
		if (lade_kernel_is_wish(line, word, at, end))
			continue;
		if (at < end && memchr(at, '.', (size_t)(end - at)) && take(known, at, (size_t)(end - at)))
			return true;
	}
	return false;
}

/* "clang (7.0.0) and kernel (4.19.4) versions: OK!", as Cilium's agent begins. */
static bool find_checked(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "kernel (";
	const char *at = memmem(line, length, mark, strlen(mark));

	return at && take(known, at + strlen(mark), (size_t)(line + length - at) - strlen(mark));
}

/* "no BTF found for kernel version 6.6.144: not supported": the loader looked for what runs, whatever else is named. */
static bool find_stated(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "BTF found for kernel version ";
	const char *at = memmem(line, length, mark, strlen(mark));

	return at && take(known, at + strlen(mark), (size_t)(line + length - at) - strlen(mark));
}

/* uname({sysname="Linux", …, release="4.15.0-20-generic", …}), as strace writes it. */
static bool find_release(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "release=\"";
	const char *at = memmem(line, length, mark, strlen(mark));

	return at && memmem(line, length, "\"Linux\"", 7) &&
	       take(known, at + strlen(mark), (size_t)(line + length - at) - strlen(mark));
}

/* "stat /boot/config-6.11.3-200.fc40.aarch64: no such file or directory": a tool wants that of the kernel that runs. */
static bool find_config(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "/boot/config-", missing[] = "o such file";
	const char *at = memmem(line, length, mark, strlen(mark)), *end = line + length;

	return at && memmem(at, (size_t)(end - at), missing, strlen(missing)) &&
	       take(known, at + strlen(mark), (size_t)(end - at) - strlen(mark));
}

/* "make[1]: *** [/build/linux-5.10.240/Makefile:1226: vmlinux] Error 255": a kernel is built, and the text is about
 * that one, whatever the machine runs. */
static bool find_built(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "/linux-", end_mark[] = "/Makefile:", target[] = ": vmlinux";
	const char *makefile = memmem(line, length, end_mark, strlen(end_mark)), *at;

	if (!makefile || !memmem(makefile, (size_t)(line + length - makefile), target, strlen(target)))
		return false;
	at = memrchr(line, '/', (size_t)(makefile - line));
	return at && (size_t)(makefile - at) > strlen(mark) && memcmp(at, mark, strlen(mark)) == 0 &&
	       take(known, at + strlen(mark), (size_t)(makefile - at) - strlen(mark));
}

/* "/lib/modules/4.19.11-1.el7/build: No such file or directory": what is built for the kernel that runs looks there. */
static bool find_modules(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "/lib/modules/", missing[] = "o such file";
	const char *at = memmem(line, length, mark, strlen(mark)), *end = line + length, *slash;

	at = at ? at + strlen(mark) : end;
	slash = memchr(at, '/', (size_t)(end - at));
	return slash && memmem(slash, (size_t)(end - slash), missing, strlen(missing)) &&
	       take(known, at, (size_t)(slash - at));
}

#define MENTIONS_MAX 64

/* Only lines with these words are looked at, and only so many: texts may be long. */
static bool find_mention(struct kernel_known *known, const char *text, size_t length, const char *word,
			 bool (*find)(struct kernel_known *, const char *, size_t))
{
	const char *at = text, *end = text + length;

	for (unsigned i = 0; i < MENTIONS_MAX; i++) {
		const char *hit = lade_search_long(at, (size_t)(end - at), word, strlen(word)), *start, *stop;
		if (!hit)
			return false;
		start = hit > text ? memrchr(text, '\n', (size_t)(hit - text)) : NULL;
		stop = memchr(hit, '\n', (size_t)(end - hit));
		start = start ? start + 1 : text;
		stop = stop ? stop : end;
		if (find(known, start, (size_t)(stop - start)))
			return true;
		at = stop;
	}
	return false;
}

/* The answer alone on the next line that is not empty. */
static bool find_below(struct kernel_known *known, const struct span *text, const char *asked)
{
	const char *end = text->text + text->length;
	struct mention line = { .next = text->text };

	for (unsigned i = 0; i < MENTIONS_MAX && lade_find_mention(text, asked, &line); i++) {
		const char *title = lade_in_mention(&line, asked), *behind = title + strlen(asked);
		const char *at = line.next, *stop;
		while (behind < line.next && (isspace((unsigned char)*behind) || *behind == ':'))
			behind++;
		while (at < end && isspace((unsigned char)*at))
			at++;
		for (stop = at; stop < end && !isspace((unsigned char)*stop);)
			stop++;
		at += at < stop && *at == 'v';
		if (behind == line.next && !lade_kernel_is_wish(line.text.text, title, at, stop) &&
		    (stop == end || strchr("\r\n", *stop)) && memchr(at, '.', (size_t)(stop - at)) &&
		    take(known, at, (size_t)(stop - at)))
			return true;
	}
	return false;
}

/* "$ uname -r", "### Kernel Version": the forms of issues ask for it in a title. */
static bool find_answer(struct kernel_known *known, const struct span *text)
{
	static const char *const asked[] = { "uname -r", "Kernel Version", "Kernel version", "kernel version",
					     "(run `uname -a`)" };

	for (size_t i = 0; i < ELEMENTS(asked); i++)
		if (find_below(known, text, asked[i]))
			return true;
	return false;
}

/* "Linux 4.18.0-25-generic installed … verified by /boot/config-4.19.0-8-amd64": a container, and where it runs. Which
 * of the two refused, the text does not say. */
static bool is_other_config(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "/boot/config-";
	const char *at = memmem(line, length, mark, strlen(mark));
	const struct kernel_known before = *known;
	struct kernel_known other = before;

	if (!at || !take(&other, at + strlen(mark), (size_t)(line + length - at) - strlen(mark)) ||
	    other.high == before.high)
		return false;
	known->low = before.low < other.low ? before.low : other.low;
	known->high = before.high > other.high ? before.high : other.high;
	known->has_patch = false;
	(void)snprintf(known->why, sizeof known->why, "%.100s, and %.100s", before.why,
		       other.why + strlen("the text names "));
	return true;
}

static const struct way {
	const char *word;
	bool (*find)(struct kernel_known *, const char *, size_t);
} ways[] = {
	{ "/Makefile:", find_built },   { "Linux version ", find_linux }, { "Linux ", find_linux },
	{ "ernel", find_named },        { "KERNEL_RELEASE", find_named }, { "uname -r", find_named },
	{ "release=\"", find_release }, { "/boot/config-", find_config }, { "/lib/modules/", find_modules },
	{ "ernel-", find_hyphen },      { "uname -a", find_named },       { " versions: OK!", find_checked },
};

static bool guess(const struct span *looked, struct kernel_known *known)
{
	for (size_t i = 0; i < ELEMENTS(ways); i++)
		if (find_mention(known, looked->text, looked->length, ways[i].word, ways[i].find))
			return true;
	return find_answer(known, looked);
}

/* ---- of several machines ---- */

enum rank {
	RANK_PROSE,   /* "it loads on kernel 6.8" */
	RANK_LABEL,   /* "Kernel: 6.8.0" */
	RANK_PRINTED, /* what uname and the kernel itself print, and what is built */
};

/* The version as the text writes it. */
static const char *version_of(const struct kernel_known *known)
{
	static const char begins[] = "the text names kernel ";

	return strncmp(known->why, begins, strlen(begins)) == 0 ? known->why + strlen(begins) : "";
}

static enum rank rank_of(const struct kernel_known *known, const char *line, size_t length)
{
	const char *version = version_of(known), *at = memmem(line, length, version, strlen(version));

	if (!at || is_uname(line, line + length) || memmem(line, length, "Linux version ", 14) ||
	    memmem(line, length, "/Makefile:", 10))
		return RANK_PRINTED;
	while (at > line && strchr(" \t\"'v*`)", at[-1]))
		at--;
	return at == line || strchr(":=", at[-1]) ? RANK_LABEL : RANK_PROSE;
}

/* "It works with kernel 6.8": not where it fails. */
static bool is_elsewhere(const char *line, size_t length)
{
	static const char *const words[] = {
		"works",    "worked",     "fine on",         "fine with",      "fine in",
		"was fine", "no problem", "annot reproduce", "an't reproduce", "loads on"
	};
	static const char *const nots[] = { "stopped", "no longer", "never", "othing", "but ", "not ", "n't " };

	for (size_t i = 0; i < ELEMENTS(nots); i++)
		if (memmem(line, length, nots[i], strlen(nots[i])))
			return memmem(line, length, "reproduce", 9) != NULL;
	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(line, length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* What the text names, all in all. */
struct named {
	struct kernel_known known; /* the first, later all */
	enum rank rank;
	bool is_read;
	bool is_anywhere; /* also where it works */
};

static void take_named(struct named *named, const struct kernel_known *other, enum rank rank)
{
	struct kernel_known *known = &named->known;
	char why[sizeof known->why];

	if (!named->is_read || rank > named->rank) {
		named->known = *other;
		named->rank = rank;
		named->is_read = true;
		return;
	}
	if (rank < named->rank || (other->low >= known->low && other->high <= known->high))
		return;
	known->low = other->low < known->low ? other->low : known->low;
	known->high = other->high > known->high ? other->high : known->high;
	known->has_patch = false;
	if (snprintf(why, sizeof why, "%s, and kernel %s", known->why, version_of(other)) < (int)sizeof why)
		memcpy(known->why, why, strlen(why) + 1);
}

/* All of a line: "it is so on kernel 5.4, and on kernel 6.1, too". */
static void read_line(const struct way *way, const char *line, size_t length, struct named *named)
{
	const char *at = line, *end = line + length;

	if (!named->is_anywhere && is_elsewhere(line, length))
		return;
	while (at < end) {
		struct kernel_known found = { 0 };
		const char *version, *next;
		if (!way->find(&found, at, (size_t)(end - at)))
			return;
		take_named(named, &found, rank_of(&found, at, (size_t)(end - at)));
		version = version_of(&found);
		next = *version ? memmem(at, (size_t)(end - at), version, strlen(version)) : NULL;
		at = next ? next + strlen(version) : end;
	}
}

static void read_way(const struct span *looked, const struct way *way, struct named *named)
{
	struct mention line = { .next = looked->text };

	for (unsigned i = 0; i < MENTIONS_MAX && lade_find_mention(looked, way->word, &line); i++)
		read_line(way, line.text.text, line.text.length, named);
}

/* "$ uname -r", and the answer on the next line. */
static void read_answer(const struct span *looked, struct named *named)
{
	struct kernel_known answer = { 0 };

	if (find_below(&answer, looked, "uname -r"))
		take_named(named, &answer, RANK_PRINTED);
}

/* One that works and one that fails, host and guest, before and after: which of them the text is about it does not say.
 * What a machine printed counts more than what somebody says in a sentence. */
static void guess_all(const struct span *looked, struct kernel_known *known)
{
	struct named named = { 0 };

	if (find_mention(known, looked->text, looked->length, "BTF found for kernel version ", find_stated))
		return;
	if (!guess(looked, known) || known->low != known->high || strchr(known->why, ','))
		return;
	for (unsigned pass = 0; pass < 2 && !named.is_read; pass++) {
		named.is_anywhere = pass > 0;
		for (size_t i = 0; i < ELEMENTS(ways); i++)
			read_way(looked, &ways[i], &named);
		read_answer(looked, &named);
	}
	if (named.is_read && (named.known.low != known->low || named.known.high != known->high))
		*known = named.known;
}

/* "Linux 4.18.0-25-generic" in a sentence may be of another machine; what uname -a prints has a name between. */
static bool is_in_sentence(const struct kernel_known *known, const struct span *text)
{
	static const char begins[] = "the text names kernel ";
	char words[sizeof known->why];

	if (strncmp(known->why, begins, strlen(begins)) != 0)
		return false;
	(void)snprintf(words, sizeof words, "Linux %s", known->why + strlen(begins));
	return lade_search_long(text->text, text->length, words, strlen(words)) != NULL;
}

void lade_kernel_guess(const char *text, size_t length, struct kernel_known *known)
{
	const struct span looked = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	guess_all(&looked, known);
	if (is_in_sentence(known, &looked))
		(void)find_mention(known, text, looked.length, "/boot/config-", is_other_config);
}
