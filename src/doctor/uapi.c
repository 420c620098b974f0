/* SPDX-License-Identifier: BSD-2-Clause */
/* Of which kernel <linux/bpf.h> is: by the constants that it has. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "base/strbuf.h"
#include "doctor/build.h"
#include "needs/table.h"

#define SECTION "build"
#define NAME    "linux/bpf.h"
#define SHOWN   3

const char *lade_doctor_multiarch(void)
{
	static const char *const names[][2] = {
		{ "x86_64", "x86_64-linux-gnu" },    { "aarch64", "aarch64-linux-gnu" },
		{ "armv7l", "arm-linux-gnueabihf" }, { "riscv64", "riscv64-linux-gnu" },
		{ "s390x", "s390x-linux-gnu" },      { "ppc64le", "powerpc64le-linux-gnu" },
		{ "i686", "i386-linux-gnu" }
	};
	struct utsname name;

	for (size_t i = 0; uname(&name) == 0 && i < ELEMENTS(names); i++)
		if (strcmp(names[i][0], name.machine) == 0)
			return names[i][1];
	return names[0][1];
}

/* "BPF_MAP_TYPE_" and "ringbuf" → BPF_MAP_TYPE_RINGBUF; helpers keep their case: BPF_FUNC_map_lookup_elem. */
static void spell(const char *prefix, const char *name, bool upper, char *buffer, size_t size)
{
	int length = snprintf(buffer, size, "%s%s", prefix, name);

	for (int i = 0; upper && i < length && (size_t)i < size; i++)
		buffer[i] = (char)toupper((unsigned char)buffer[i]);
}

static bool is_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		bool starts = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
		if (starts && !isalnum((unsigned char)at[length]) && at[length] != '_')
			return true;
	}
	return false;
}

struct known {
	uint32_t newest; /* version of the newest constant that is there */
	char since[16];  /* the same, in words */
	struct strbuf lacking;
	size_t lacking_count;
};

static const struct group {
	const struct need_fact *facts;
	const size_t *count;
	const char *prefix;
	bool upper;
} groups[] = {
	{ lade_need_programs, &lade_need_program_count, "BPF_PROG_TYPE_", true },
	{ lade_need_maps, &lade_need_map_count, "BPF_MAP_TYPE_", true },
	{ lade_need_attachs, &lade_need_attach_count, "BPF_", true },
	{ lade_need_helpers, &lade_need_helper_count, "BPF_FUNC_", false },
};

static const char *word_of(const struct group *group, size_t index, char *buffer, size_t size)
{
	const char *name = lade_need_text + group->facts[index].name;

	if (!group->upper && strncmp(name, "bpf_", 4) == 0)
		name += 4;
	spell(group->prefix, name, group->upper, buffer, size);
	return buffer;
}

static void find_newest(const char *text, struct known *known)
{
	char word[96];

	for (size_t g = 0; g < ELEMENTS(groups); g++) {
		for (size_t i = 0; i < *groups[g].count; i++) {
			const char *since = lade_need_text + groups[g].facts[i].since;
			uint32_t version = lade_doctor_version(since);
			if (version <= known->newest || !is_word(text, word_of(&groups[g], i, word, sizeof word)))
				continue;
			known->newest = version;
			(void)snprintf(known->since, sizeof known->since, "%s", since);
		}
	}
}

static void find_lacking(struct known *known)
{
	char word[96];

	for (size_t g = 0; g < ELEMENTS(groups); g++) {
		for (size_t i = 0; i < *groups[g].count; i++) {
			const char *since = lade_need_text + groups[g].facts[i].since;
			if (lade_doctor_version(since) <= known->newest)
				continue;
			if (known->lacking_count++ < SHOWN)
				lade_strbuf_addf(&known->lacking, "%s%s (%s)", known->lacking.length ? ", " : "",
						 word_of(&groups[g], i, word, sizeof word), since);
		}
	}
}

/* # 1 "/usr/include/linux/bpf.h" 1 */
static void find_place(const char *text, char *path, size_t size)
{
	const char *end = strstr(text, "/linux/bpf.h\""), *start = end;

	while (start && start > text && start[-1] != '"' && start[-1] != '\n')
		start--;
	if (!end)
		(void)snprintf(path, size, "%s", NAME);
	else
		(void)snprintf(path, size, "%.*s/linux/bpf.h", (int)(end - start), start);
}

static void put_absent(struct lade_doctor *doctor, const char *compiler, int result)
{
	static const char cost[] = "programs that use the kernel's constants do not compile";

	if (result < 0) {
		lade_doctor_put(doctor, SECTION, NAME, LADE_FACT_UNKNOWN, compiler, "%s", strerror(-result));
		return;
	}
	lade_doctor_detail(doctor, lade_doctor_put(doctor, SECTION, NAME, LADE_FACT_ABSENT, compiler, "not found"),
			   "%s; Debian: linux-libc-dev", cost);
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.build.headers", "there is no <linux/bpf.h>");
	finding_cause(finding, "%s", cost);
	finding_fix(finding, "apt-get install linux-libc-dev (Debian's package)");
}

void lade_doctor_uapi(struct lade_doctor *doctor, const char *compiler, int result, const char *text)
{
	struct known known = { 0 };
	char path[PATH_MAX];

	find_newest(text, &known);
	if (result != 0 || !known.newest) {
		put_absent(doctor, compiler, result);
		return;
	}
	find_lacking(&known);
	find_place(text, path, sizeof path);
	struct doctor_fact *fact =
		lade_doctor_put(doctor, SECTION, NAME, LADE_FACT_GIVEN, path, "of Linux %s", known.since);
	if (known.lacking_count)
		lade_doctor_detail(doctor, fact, "without %s%s", known.lacking.text,
				   known.lacking_count > SHOWN ? " and others" : "");
	if (known.lacking_count && known.newest < (doctor->version & ~255U)) {
		struct lade_finding *finding =
			lade_note_add(&doctor->findings, "doctor.build.uapi",
				      "the kernel's headers are older (%s) than the kernel that runs", known.since);
		finding_evidence(finding, "%s has no %s", path, known.lacking.text);
	}
	lade_strbuf_clear(&known.lacking);
}
