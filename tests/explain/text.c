/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs of loaders: what is an error, what follows from it, what is harmless; whatever stands before a message. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/strbuf.h"

static struct lade_explanation *explain_bytes(const char *text, size_t length)
{
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;

	if (lade_explain_text(text, length, NULL, &explanation, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return explanation;
}

static struct lade_explanation *explain(const char *text)
{
	return explain_bytes(text, strlen(text));
}

static struct lade_explained_info item(const struct lade_explanation *explanation, size_t index)
{
	struct lade_explained_info info = { .size = sizeof info };

	assert_int_equal(lade_explained(explanation, index, &info), 0);
	return info;
}

static struct lade_finding_info finding(const struct lade_explained_info *explained)
{
	struct lade_finding_info info = { .size = sizeof info };

	assert_non_null(explained->finding);
	assert_int_equal(lade_finding_describe(explained->finding, &info), 0);
	return info;
}

static struct lade_explanation_info counts(const struct lade_explanation *explanation)
{
	struct lade_explanation_info info = { .size = sizeof info };

	assert_int_equal(lade_explanation_describe(explanation, &info), 0);
	return info;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	struct strbuf text = { 0 };
	char bytes[4096];
	size_t got;

	if (!file)
		return NULL;
	while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
		lade_strbuf_add_bytes(&text, bytes, got);
	(void)fclose(file);
	return lade_strbuf_take(&text);
}

/* ---- the boot that ends in -38 ---- */

static void assert_absent(const struct lade_explanation *explanation)
{
	struct lade_explained_info error = item(explanation, 0), other = item(explanation, 1);
	struct lade_finding_info info = finding(&error);

	assert_int_equal(counts(explanation).errors, 1);
	assert_string_equal(info.code, "kernel.bpf.absent");
	assert_int_equal(info.confidence, LADE_CERTAIN); /* the directory is missing, too */
	assert_non_null(strstr(info.fix, "CONFIG_BPF=y CONFIG_BPF_SYSCALL=y"));
	assert_non_null(strstr(info.see, "seccomp"));
	assert_int_equal(counts(explanation).consequences, 2);
	for (size_t i = 1; i <= 2; i++) {
		other = item(explanation, i);
		assert_int_equal(other.role, LADE_EXPLAINED_CONSEQUENCE);
		assert_int_equal(other.cause, 0);
	}
	assert_int_equal(counts(explanation).notes, 0);
}

static void boot_log_of_a_kernel_without_bpf_is_one_error_with_its_consequences(void **state)
{
	char *text = read_file(TEST_SOURCE_ROOT "/tests/explain/logs/absent.log");
	struct lade_explanation *explanation;

	(void)state;
	assert_non_null(text);
	explanation = explain(text);
	assert_absent(explanation);
	assert_int_equal(counts(explanation).lines, 12);
	assert_int_equal(counts(explanation).known, 12); /* also the wrapped line, and "valu e" */
	struct lade_explained_info first = item(explanation, 0);
	assert_string_equal(finding(&first).object, "first.o");
	assert_int_equal(first.times, 1);
	lade_explanation_free(explanation);
	free(text);
}

#define ARTICLE "/work/shared/articles/000_5e9714ae57e7868b.txt"

static void published_log_of_a_kernel_without_bpf_is_one_error(void **state)
{
	char *text = read_file(ARTICLE), *end;
	struct lade_explanation *explanation;

	(void)state;
	if (!text) {
		(void)fputs("the published log is not on this machine\n", stderr);
		skip();
	}
	explanation = explain(text);
	assert_absent(explanation);
	lade_explanation_free(explanation);
	/* The log alone, without the text around it. */
	end = strstr(text, "(ret=-38) in ");
	assert_non_null(end);
	explanation = explain_bytes(text, (size_t)(end - text) + strcspn(end, "\n"));
	assert_absent(explanation);
	lade_explanation_free(explanation);
	free(text);
}

static void attempt_after_attempt_is_one_finding(void **state)
{
	char *text = read_file(TEST_SOURCE_ROOT "/tests/explain/logs/absent.log");
	struct strbuf loop = { 0 };
	char *all;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < 7; i++)
		lade_strbuf_add(&loop, text);
	all = lade_strbuf_take(&loop);
	struct lade_explanation *explanation = explain(all);
	assert_absent(explanation);
	assert_int_equal(item(explanation, 0).times, 7);
	assert_int_equal(item(explanation, 1).times, 7);
	assert_int_equal(item(explanation, 0).last_line, 6 * 12 + 11);
	lade_explanation_free(explanation);
	free(all);
	free(text);
}

/* A missing directory alone is a bpffs that is not mounted. */
static void directory_that_cannot_be_made_alone_is_a_missing_bpffs(void **state)
{
	struct lade_explanation *explanation =
		explain("W bpfloader: x\n05-02 11:20:34.518   198   198 W bpfloader: Failed to create directory: "
			"/sys/fs/bpf/tethering/, ret: No such file or directory\n");
	struct lade_explained_info error = item(explanation, 0);

	(void)state;
	assert_int_equal(error.role, LADE_EXPLAINED_ERROR);
	assert_string_equal(finding(&error).code, "pin.bpffs-missing");
	lade_explanation_free(explanation);
}

/* Without the directory's failure a filter is not excluded. */
static void enosys_alone_is_likely_and_not_certain(void **state)
{
	struct lade_explanation *explanation = explain("LibBpfLoader: Failed to create maps: (ret=-38) in /a/b.o\n");
	struct lade_explained_info error = item(explanation, 0);

	(void)state;
	assert_string_equal(finding(&error).code, "kernel.bpf.absent");
	assert_int_equal(finding(&error).confidence, LADE_LIKELY);
	lade_explanation_free(explanation);
}

/* ---- what stands before a message ---- */

#define MESSAGE "Failed to create maps: (ret=-38) in /system/etc/bpf/first.o"

static const char *const written[] = {
	MESSAGE,
	"LibBpfLoader: " MESSAGE,
	"05-02 11:20:34.533   198   198 E LibBpfLoader: " MESSAGE,
	"2026-05-02 11:20:34.533   198   198 E LibBpfLoader: " MESSAGE,
	"05-02 11:20:34.533  root   198   198 E LibBpfLoader: " MESSAGE,
	"05-02 11:20:34.533 E/LibBpfLoader(  198): " MESSAGE,
	"E/LibBpfLoader(  198): " MESSAGE,
	"E/LibBpfLoader: " MESSAGE,
	"E(  198) " MESSAGE "  (LibBpfLoader)",
	"E(  198:  198) " MESSAGE,
	"[ 05-02 11:20:34.533   198:  198 E/LibBpfLoader ]\n" MESSAGE "\n",
	"[   85.639342] LibBpfLoader: " MESSAGE,
	"[   85.639342] bpfloader: LibBpfLoader: " MESSAGE,
	"<14>[   85.639342] bpfloader: " MESSAGE,
	"[   85.639342][  T198] bpfloader: " MESSAGE,
	"user  :err   : [   85.639342] bpfloader: " MESSAGE,
	"[Sat May  2 11:20:34 2026] bpfloader: " MESSAGE,
	"2026-05-02T11:20:34,639342+00:00 bpfloader: " MESSAGE,
	"May 02 11:20:34 device bpfloader[198]: " MESSAGE,
	"May  2 11:20:34 device kernel: bpfloader: " MESSAGE,
	"2026-05-02T11:20:34+0200 device bpfloader[198]: " MESSAGE,
	"2026-05-02T11:20:34.639342+02:00 device bpfloader[198]: " MESSAGE,
	"\033[0m\033[31m05-02 11:20:34.533   198   198 E LibBpfLoader: " MESSAGE "\033[0m",
	"05-02 11:20:34.533   198   198 E LibBpfLoader: " MESSAGE "\r",
	"05-02 11:20:34.533   198   198 E LibBpfLoader: Failed to create\n maps: (ret=-38)\n in "
	"/system/etc/bpf/first.o",
	"05-02 11:20:34.533   198   198 E LibBpfLoader: Fai led to create maps : (ret= -38) in /system/etc/bpf/first.o",
};

static void a_message_is_known_whatever_logger_wrote_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(written); i++) {
		struct lade_explanation *explanation = explain(written[i]);
		if (counts(explanation).errors != 1)
			fail_msg("%zu errors in: %s", counts(explanation).errors, written[i]);
		struct lade_explained_info error = item(explanation, 0);
		assert_string_equal(finding(&error).code, "kernel.bpf.absent");
		if (!finding(&error).object || strcmp(finding(&error).object, "first.o") != 0)
			fail_msg("object %s in: %s", finding(&error).object, written[i]);
		lade_explanation_free(explanation);
	}
}

/* ---- every message of Android's loaders ---- */

static const struct {
	const char *line, *code; /* code NULL: harmless; "": nothing is known */
	enum lade_explained_role role;
} messages[] = {
	{ "Couldn't find license in /system/etc/bpf/a.o", "android.license", LADE_EXPLAINED_ERROR },
	{ "Loading optional ELF object /system/etc/bpf/a.o with license Apache 2.0", NULL, LADE_EXPLAINED_HARMLESS },
	{ "Platform BpfLoader loading optional ELF object /a.o with license GPL", NULL, LADE_EXPLAINED_HARMLESS },
	{ "Couldn't find section bpfloader_min_ver (defaulting to 0 [0x0]).", NULL, LADE_EXPLAINED_HARMLESS },
	{ "Section bpfloader_min_ver too short (defaulting to 0 [0x0]).", "android.section", LADE_EXPLAINED_ERROR },
	{ "BpfLoader version 0x00013 ignoring ELF object /a.o with min ver 0x00019", "android.loader.ignored",
	  LADE_EXPLAINED_NOTE },
	{ "BpfLoader version 0x00013 ignoring ELF object /a.o with max ver 0x00002", "android.loader.ignored",
	  LADE_EXPLAINED_NOTE },
	{ "NetBpfLoad version 44 ignoring ELF object /a.o with netbpfload min ver 46", "android.loader.ignored",
	  LADE_EXPLAINED_NOTE },
	{ "BpfLoader version 0x00013 failing due to ELF object /a.o with required min ver 0x00019",
	  "android.loader.required", LADE_EXPLAINED_ERROR },
	{ "sizeof(bpf_map_def) of 20 is too small (< 32)", "android.section", LADE_EXPLAINED_ERROR },
	{ "sizeof(bpf_prog_def) of 12 is too small (< 20)", "android.section", LADE_EXPLAINED_ERROR },
	{ "createMaps failed due to improper sized maps section, 28 % 48 != 0", "android.records",
	  LADE_EXPLAINED_ERROR },
	{ "readProgDefs failed due to improper sized progs section, 28 % 92 != 0", "android.records",
	  LADE_EXPLAINED_ERROR },
	{ "No progs section could be found in elf object", NULL, LADE_EXPLAINED_HARMLESS },
	{ "Program type tracepoint not permitted here", "android.location", LADE_EXPLAINED_ERROR },
	{ "Couldn't read all code sections in /a.o", "android.code", LADE_EXPLAINED_ERROR },
	{ "skipping map foo_map which requires bpfloader min ver 0x26", "android.filtered", LADE_EXPLAINED_NOTE },
	{ "bpf_create_map name foo_map, ret: 5", NULL, LADE_EXPLAINED_HARMLESS },
	{ "bpf_create_map name foo_map, ret: -1", "map.create.refused", LADE_EXPLAINED_ERROR },
	{ "bpf_create_map reusing map foo_map, ret: 5", NULL, LADE_EXPLAINED_HARMLESS },
	{ "bpf map name foo mismatch: desired/found: type:1/2 key:4/4 value:8/8 entries:1/2 flags:0/0",
	  "pin.map.differs", LADE_EXPLAINED_ERROR },
	{ "Failed to create maps: (ret=-1) in /a.o", "map.create.permission", LADE_EXPLAINED_ERROR },
	{ "Failed to create maps: (ret=-22) in /a.o", "map.create.definition", LADE_EXPLAINED_ERROR },
	{ "Failed to create maps: (ret=-76) in /a.o", "pin.map.differs", LADE_EXPLAINED_ERROR },
	{ "Failed to create maps: (ret=-20) in /a.o", "android.place", LADE_EXPLAINED_ERROR },
	{ "Failed to create maps: (ret=-99) in /a.o", "map.create.refused", LADE_EXPLAINED_ERROR },
	{ "ignoring unrecognized selinux_context 'fs_bpf_new                      '", "android.place.ignored",
	  LADE_EXPLAINED_NOTE },
	{ "unrecognized pin_subdir 'new/                            '", "android.place", LADE_EXPLAINED_ERROR },
	{ "map foo has invalid pin_subdir of 9 (allowed bitmask 0x1c)", "android.place", LADE_EXPLAINED_ERROR },
	{ "prog foo has invalid selinux_context of 9 (allowed bitmask 0x1c)", "android.place", LADE_EXPLAINED_ERROR },
	{ "pin /sys/fs/bpf/map_a_b -> 0 [0:Success]", NULL, LADE_EXPLAINED_HARMLESS },
	{ "pin /sys/fs/bpf/map_a_b -> -1 [17:File exists]", "android.pin", LADE_EXPLAINED_ERROR },
	{ "chmod(/sys/fs/bpf/map_a_b, 0440) = -1 [1:Operation not permitted]", "android.pin", LADE_EXPLAINED_ERROR },
	{ "[3] 'foo' missing program definition! bad bpf.o build?", "android.program.definition",
	  LADE_EXPLAINED_ERROR },
	{ "unable to get kernel version", "android.kernel-version", LADE_EXPLAINED_ERROR },
	{ "cs[2].name:foo min_kver:50a00 .max_kver:ffffffff (kvers:60100)", NULL, LADE_EXPLAINED_HARMLESS },
	{ "cs[2].name:foo requires bpfloader version [0x26,0x10000)", "android.filtered", LADE_EXPLAINED_NOTE },
	{ "cs[2].name:foo is ignored on user builds", "android.filtered", LADE_EXPLAINED_NOTE },
	{ "invalid relo for insn 3: code 0x85", "android.relocation", LADE_EXPLAINED_ERROR },
	{ "New bpf prog load reusing prog foo, ret: 7 (Success)", "android.program.reused", LADE_EXPLAINED_NOTE },
	{ "BPF_PROG_LOAD call for /a.o (foo) returned fd: 7 (no error)", NULL, LADE_EXPLAINED_HARMLESS },
	{ "BPF_PROG_LOAD call for /a.o (foo) returned fd: -1 (Permission denied)", "verifier.rejected",
	  LADE_EXPLAINED_ERROR },
	{ "BPF_PROG_LOAD call for /a.o (foo) returned fd: -1 (Function not implemented)", "kernel.bpf.absent",
	  LADE_EXPLAINED_ERROR },
	{ "bpf_prog_load lib call for /a.o (foo) returned fd: -1 (Operation not permitted)", "program.load.permission",
	  LADE_EXPLAINED_ERROR },
	{ "failed program is marked optional - continuing...", "program.optional", LADE_EXPLAINED_NOTE },
	{ "non-optional program failed to load.", "android.object", LADE_EXPLAINED_ERROR },
	{ "Failed to load programs, loadCodeSections ret=-13", "verifier.rejected", LADE_EXPLAINED_ERROR },
	{ "Failed to load object: /a.o, ret: Operation not permitted", "android.object", LADE_EXPLAINED_ERROR },
	{ "Loaded object: /a.o", NULL, LADE_EXPLAINED_HARMLESS },
	{ "Failed to create directory: /sys/fs/bpf/x, ret: Permission denied", "environment.permission",
	  LADE_EXPLAINED_ERROR },
	{ "=== CRITICAL FAILURE LOADING BPF PROGRAMS FROM /system/etc/bpf/ ===", "android.critical",
	  LADE_EXPLAINED_ERROR },
	{ "--- DO NOT EXPECT SYSTEM TO BOOT SUCCESSFULLY ---", "android.critical", LADE_EXPLAINED_ERROR },
	{ "Critical kernel bug - failure to write into index 1 of 2 element bpf map array.", "android.array-write",
	  LADE_EXPLAINED_ERROR },
	{ "Failed to determine the build type: got weird, want 'eng', 'user', or 'userdebug'", "android.build-type",
	  LADE_EXPLAINED_ERROR },
	{ "map /sys/fs/bpf/map_a_b id 17", NULL, LADE_EXPLAINED_HARMLESS },
	{ "prog /sys/fs/bpf/prog_a_b id 18", NULL, LADE_EXPLAINED_HARMLESS },
	{ "Failed to create maps: (ret=%d) in %s", "", LADE_EXPLAINED_HARMLESS },
	{ "something of somebody else", "", LADE_EXPLAINED_HARMLESS },
};

static void every_message_of_androids_loaders_has_its_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(messages); i++) {
		struct lade_explanation *explanation = explain(messages[i].line);
		bool unknown = messages[i].code && !*messages[i].code;
		if (lade_explained_count(explanation) != !unknown)
			fail_msg("%zu things in: %s", lade_explained_count(explanation), messages[i].line);
		if (!unknown) {
			struct lade_explained_info info = item(explanation, 0);
			if (info.role != messages[i].role)
				fail_msg("role %s of: %s", lade_explained_role_name(info.role), messages[i].line);
			if (messages[i].code && strcmp(finding(&info).code, messages[i].code) != 0)
				fail_msg("%s of: %s", finding(&info).code, messages[i].line);
			if (!messages[i].code)
				assert_null(info.finding);
		}
		lade_explanation_free(explanation);
	}
}

/* ---- what follows from what ---- */

static void verdict_of_a_log_explains_the_program_and_its_object(void **state)
{
	struct lade_explanation *explanation = explain(
		"D LibBpfLoader: x\nLibBpfLoader: Loading critical for a test ELF object /system/etc/bpf/a.o with "
		"license GPL\n"
		"LibBpfLoader: BPF_PROG_LOAD call for /system/etc/bpf/a.o (foo) returned fd: -1 (Permission denied)\n"
		"LibBpfLoader: BPF_PROG_LOAD - BEGIN log_buf contents:\n"
		"LibBpfLoader: 0: (61) r1 = *(u32 *)(r1 +0)\nLibBpfLoader: 1: (79) r1 = *(u64 *)(r1 +0)\n"
		"LibBpfLoader: R1 invalid mem access 'inv'\n"
		"LibBpfLoader: processed 2 insns (limit 1000000) max_states_per_insn 0\n"
		"LibBpfLoader: BPF_PROG_LOAD - END log_buf contents.\n"
		"LibBpfLoader: non-optional program failed to load.\n"
		"LibBpfLoader: Failed to load programs, loadCodeSections ret=-13\n"
		"bpfloader: Failed to load object: /system/etc/bpf/a.o, ret: Permission denied\n"
		"bpfloader: === CRITICAL FAILURE LOADING BPF PROGRAMS FROM /system/etc/bpf/ ===\n");
	struct lade_explained_info error = item(explanation, 0);

	(void)state;
	assert_int_equal(counts(explanation).errors, 1);
	assert_int_equal(counts(explanation).consequences, 5);
	assert_string_equal(error.line, "R1 invalid mem access 'inv'");
	assert_string_equal(finding(&error).program, "foo");
	assert_string_equal(finding(&error).object, "a.o");
	assert_int_equal(finding(&error).instruction, 1);
	for (size_t i = 1; i <= 5; i++)
		assert_int_equal(item(explanation, i).cause, 0);
	lade_explanation_free(explanation);
}

static void marks_of_a_log_count_behind_one_without_marks(void **state)
{
	static const char text[] =
		"R2 pointer arithmetic prohibited\n"
		"processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
		"Exception: Failed to load BPF program handle_exec\n"
		"W LibBpfLoader: bpf_prog_load - BEGIN log_buf contents:\n"
		"W LibBpfLoader: 83: (85) call bpf_skb_change_head#43\n"
		"W LibBpfLoader: unknown func bpf_skb_change_head#43\n"
		"W LibBpfLoader: processed 80 insns (limit 1000000) max_states_per_insn 0 total_states 6\n"
		"W LibBpfLoader: bpf_prog_load - END log_buf contents.\n";
	struct lade_explanation *explanation = explain(text);
	bool is_found = false;

	(void)state;
	for (size_t i = 0; i < lade_explained_count(explanation); i++) {
		struct lade_explained_info error = item(explanation, i);
		if (!error.line || strcmp(error.line, "unknown func bpf_skb_change_head#43") != 0)
			continue;
		is_found = true;
		assert_int_equal(error.first_line, 4);
		assert_int_equal(error.last_line, 8);
	}
	assert_true(is_found);
	lade_explanation_free(explanation);
}

static void failures_of_different_objects_for_one_reason_are_one_that_names_them(void **state)
{
	struct lade_explanation *explanation = explain("LibBpfLoader: Failed to create maps: (ret=-22) in /a.o\n"
						       "LibBpfLoader: Failed to create maps: (ret=-22) in /b.o\n"
						       "LibBpfLoader: Failed to create maps: (ret=-22) in /a.o\n");

	struct lade_explained_info error = item(explanation, 0), other = item(explanation, 1);
	struct lade_finding_info info = finding(&error);

	(void)state;
	assert_int_equal(counts(explanation).errors, 1);
	assert_int_equal(error.times, 3);
	assert_string_equal(info.object, "a.o");
	assert_string_equal(info.evidence[info.evidence_count - 1], "the same is true of object b.o (line 2)");
	assert_int_equal(other.role, LADE_EXPLAINED_CONSEQUENCE);
	assert_int_equal(other.cause, 0);
	assert_string_equal(finding(&other).object, "b.o");
	lade_explanation_free(explanation);
}

/* ---- hostile texts ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Deterministic; under the sanitizers every step beyond a buffer is seen. */
static void damaged_logs_and_random_bytes_do_no_harm(void **state)
{
	char *log = read_file(TEST_SOURCE_ROOT "/tests/explain/logs/absent.log");
	uint32_t seed = 38;

	(void)state;
	assert_non_null(log);
	for (unsigned round = 0; round < 2000; round++) {
		size_t length = strlen(log);
		char *copy = malloc(length + 1);
		assert_non_null(copy);
		memcpy(copy, log, length + 1);
		for (unsigned i = 0; i < 1 + round % 40; i++)
			copy[next_random(&seed) % length] = (char)next_random(&seed);
		if (round % 2)
			length = next_random(&seed) % length;
		struct lade_explanation *explanation = explain_bytes(copy, length);
		assert_true(counts(explanation).known <= counts(explanation).lines);
		lade_explanation_free(explanation);
		free(copy);
	}
	free(log);
}

static void lines_of_any_length_and_number_do_no_harm(void **state)
{
	size_t length = 4u << 20;
	char *text = malloc(length);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', length);
	lade_explanation_free(explain_bytes(text, length));
	memset(text, '\n', length);
	struct lade_explanation *explanation = explain_bytes(text, length);
	assert_int_equal(counts(explanation).lines, length);
	lade_explanation_free(explanation);
	memset(text, '\033', length);
	lade_explanation_free(explain_bytes(text, length));
	lade_explanation_free(explain_bytes(text, 0));
	free(text);
}

/* ---- the catalogue ---- */

static void codes_are_found_by_name_and_by_place(void **state)
{
	struct lade_code_info info = { .size = sizeof info };

	(void)state;
	assert_true(lade_catalogue_count() > 200);
	assert_int_equal(lade_catalogue_find("kernel.bpf.absent", &info), 0);
	assert_int_equal(info.exit_code, 3);
	assert_int_equal(lade_catalogue_find("kernel.bpf.absen", &info), -ENOENT);
	assert_int_equal(lade_catalogue_code(lade_catalogue_count(), &info), -ERANGE);
	for (size_t i = 0; i < lade_catalogue_count(); i++) {
		struct lade_code_info found = { .size = sizeof found };
		assert_int_equal(lade_catalogue_code(i, &info), 0);
		assert_int_equal(lade_catalogue_find(info.code, &found), 0);
		assert_ptr_equal(found.code, info.code);
	}
}

static void error_numbers_are_read_in_every_spelling(void **state)
{
	static const struct {
		const char *text;
		int errnum;
	} words[] = { { "38", 38 },
		      { "-38", 38 },
		      { "ENOSYS", 38 },
		      { "enosys", 38 },
		      { "ENOTSUPP", 524 },
		      { "-524", 524 },
		      { "EPERM", 1 },
		      { "0", -EINVAL },
		      { "-", -EINVAL },
		      { "", -EINVAL },
		      { "99999", -EINVAL },
		      { "38x", -EINVAL },
		      { "EFOO", -EINVAL },
		      { "-EPERM", 1 },
		      { "errno 22", 22 },
		      { "error: -22", 22 },
		      { "ret=-22", 22 },
		      { "error", -EINVAL },
		      { "errno 0", -EINVAL },
		      { "Unknown error 524", 524 },
		      { "Operation not permitted", 1 },
		      { "function not implemented", 38 },
		      { "EWOULDBLOCK", EAGAIN },
		      { "ENOTSUP", EOPNOTSUPP } };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_errno_parse(words[i].text) != words[i].errnum)
			fail_msg("'%s' is %d", words[i].text, lade_errno_parse(words[i].text));
	assert_string_equal(lade_errno_word_of(38), "ENOSYS");
	assert_string_equal(lade_errno_word_of(4007), "LIBBPF_ERRNO__VERIFY");
	assert_non_null(strstr(lade_errno_text_of(4013), "netlink"));
	assert_string_equal(lade_errno_text_of(4014), "an error without a name");
}

static void lists_and_sentences_that_begin_as_logs_are_none(void **state)
{
	static const char *const texts[] = {
		"bits:\n0:\n   the device is enabled\n1:\n   an event was not allowed\nelse:\n  invalid access\n",
		"from 1197 to 307, Sinhala down by 16: see\n  ORIYA: 9 failed\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct lade_explanation *explanation;
		assert_int_equal(lade_explain_text(texts[i], strlen(texts[i]), NULL, &explanation, NULL), 0);
		assert_int_equal(lade_explained_count(explanation), 0);
		lade_explanation_free(explanation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_log_of_a_kernel_without_bpf_is_one_error_with_its_consequences),
		cmocka_unit_test(published_log_of_a_kernel_without_bpf_is_one_error),
		cmocka_unit_test(attempt_after_attempt_is_one_finding),
		cmocka_unit_test(directory_that_cannot_be_made_alone_is_a_missing_bpffs),
		cmocka_unit_test(enosys_alone_is_likely_and_not_certain),
		cmocka_unit_test(a_message_is_known_whatever_logger_wrote_it),
		cmocka_unit_test(every_message_of_androids_loaders_has_its_meaning),
		cmocka_unit_test(verdict_of_a_log_explains_the_program_and_its_object),
		cmocka_unit_test(marks_of_a_log_count_behind_one_without_marks),
		cmocka_unit_test(failures_of_different_objects_for_one_reason_are_one_that_names_them),
		cmocka_unit_test(damaged_logs_and_random_bytes_do_no_harm),
		cmocka_unit_test(lines_of_any_length_and_number_do_no_harm),
		cmocka_unit_test(lists_and_sentences_that_begin_as_logs_are_none),
		cmocka_unit_test(codes_are_found_by_name_and_by_place),
		cmocka_unit_test(error_numbers_are_read_in_every_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
