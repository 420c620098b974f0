/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that tell of a boot: token, report and the word on the command line that rescues. */
#include "boot/ready_scratch.h"

/* ---- the token ---- */

static void what_is_said_is_what_is_read(void **state)
{
	static const enum lade_ready_state all[] = { LADE_READY_BOOTING, LADE_READY_FAILED, LADE_READY_YES,
						     LADE_READY_OFF };
	char id[40];
	(void)state;
	lade_boot_id(id);
	assert_int_equal(get().state, LADE_READY_NONE);
	for (size_t i = 0; i < ELEMENTS(all); i++) {
		assert_int_equal(lade_ready_set(run, all[i], "why\nnot", NULL), 0);
		struct lade_ready_info info = get();
		assert_int_equal(info.state, all[i]);
		assert_string_equal(info.text, "why not");
		assert_string_equal(info.boot_id, id);
		assert_int_equal(info.pid, getpid());
		assert_false(info.is_earlier || info.is_dead);
		assert_int_equal(has_property(), all[i] == LADE_READY_YES);
	}
}

static void files_are_for_everybody_to_read_and_for_the_owner_to_write(void **state)
{
	struct stat status;
	char path[160];
	(void)state;
	mode_t before = umask(077);
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	(void)umask(before);
	assert_int_equal(stat(in_top(path, "a/run/readiness"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(stat(in_top(path, "a/run/properties"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(stat(run, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0755);
}

static void a_second_boot_leaves_what_is_ready(void **state)
{
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	assert_int_equal(get().state, LADE_READY_YES);
	assert_int_equal(lade_ready_set(run, LADE_READY_FAILED, NULL, NULL), 0);
	assert_int_equal(get().state, LADE_READY_FAILED);
	assert_false(has_property());
}

static void a_token_of_an_earlier_boot_does_not_count(void **state)
{
	char path[160];
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	put_text(in_top(path, "a/run/readiness"),
		 "STATE=ready\nBOOT_ID=00000000-0000-0000-0000-000000000000\nPID=1\nTIME=1\nTEXT=old\n");
	struct lade_ready_info info = get();
	assert_int_equal(info.state, LADE_READY_NONE);
	assert_true(info.is_earlier);
	/* And a boot that begins now is a first one. */
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	assert_int_equal(get().state, LADE_READY_BOOTING);
	assert_false(has_property());
}

static void what_is_no_token_says_nothing(void **state)
{
	static const char *const bad[] = { "",
					   "\n\n",
					   "ready",
					   "STATE=\nBOOT_ID=x\n",
					   "STATE=ready\n",
					   "BOOT_ID=x\n",
					   "STATE=ready or so\nBOOT_ID=x\n",
					   "xSTATE=ready\nBOOT_ID=x\n" };
	char path[160], long_text[6000];
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	(void)in_top(path, "a/run/readiness");
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		put_text(path, bad[i]);
		assert_int_equal(get().state, LADE_READY_NONE);
	}
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	put_text(path, long_text);
	assert_int_equal(get().state, LADE_READY_NONE);
	/* A FIFO or a link must not make us wait or lead us elsewhere. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(get().state, LADE_READY_NONE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(get().state, LADE_READY_NONE);
}

static void what_others_may_write_is_not_believed(void **state)
{
	char path[160];
	struct lade_error *error = NULL;
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(chmod(in_top(path, "a/run/readiness"), 0666), 0);
	assert_int_equal(get().state, LADE_READY_NONE);
	assert_int_equal(chmod(run, 0777), 0);
	assert_true(lade_ready_set(run, LADE_READY_YES, NULL, &error) < 0);
	assert_string_equal(code_of(error), "ready.write");
	assert_int_equal(lade_error_exit_code(error), 5);
	(void)lade_error_free(error);
}

static void nothing_is_not_said(void **state)
{
	struct lade_ready_info info = { .size = 0 };
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_NONE, NULL, NULL), -EINVAL);
	assert_int_equal(lade_ready_set(run, (enum lade_ready_state)99, NULL, NULL), -EINVAL);
	assert_int_equal(lade_ready_get(run, &info), -EINVAL);
}

static void a_long_text_is_cut_between_characters(void **state)
{
	char text[600];
	(void)state;
	for (size_t i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "…", 4);
	assert_int_equal(lade_ready_set(run, LADE_READY_FAILED, text, NULL), 0);
	struct lade_ready_info info = get();
	assert_int_equal(info.state, LADE_READY_FAILED);
	assert_true(strlen(info.text) > 200 && strlen(info.text) % 3 == 0);
}

/* ---- files ---- */

static void a_full_file_system_leaves_the_old_file(void **state)
{
	char fs[160], path[200];
	struct lade_error *error = NULL;
	(void)state;
	if (!getenv("LADE_ISOLATED")) {
		(void)fprintf(stderr, "needs a mount namespace of its own\n");
		skip();
	}
	assert_int_equal(mkdir(in_top(fs, "small"), 0755), 0);
	assert_int_equal(mount("none", fs, "tmpfs", 0, "size=64k,mode=755"), 0);
	assert_int_equal(lade_boot_report_save(fs, "{\"a\":1}", 7, NULL), 0);
	char *big = calloc(1, 200000);
	assert_non_null(big);
	assert_int_equal(lade_boot_report_save(fs, big, 200000, &error), -ENOSPC);
	assert_string_equal(code_of(error), "report.write");
	error = lade_error_free(error);
	free(big);
	char *text = NULL;
	size_t length = 0;
	assert_int_equal(lade_boot_report_read(fs, &text, &length, NULL), 0);
	assert_string_equal(text, "{\"a\":1}");
	free(text);
	/* Nothing half is left. */
	(void)snprintf(path, sizeof path, "ls -A '%s' | grep -qvx boot.json", fs);
	assert_int_not_equal(system(path), 0); /* NOLINT(cert-env33-c) */
	assert_int_equal(mount(NULL, fs, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(lade_boot_report_save(fs, "{}", 2, &error), -EROFS);
	error = lade_error_free(error);
	assert_int_equal(lade_ready_set(fs, LADE_READY_YES, NULL, &error), -EROFS);
	assert_string_equal(code_of(error), "ready.write");
	(void)lade_error_free(error);
	assert_int_equal(umount2(fs, MNT_DETACH), 0);
}

static void a_report_has_a_bound(void **state)
{
	char *big = calloc(1, LADE_REPORT_MAX + 1), path[160], *text = NULL;
	size_t length;
	(void)state;
	assert_non_null(big);
	assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), -ENOENT);
	assert_int_equal(lade_boot_report_save(run, big, LADE_REPORT_MAX + 1, NULL), -EFBIG);
	assert_int_equal(lade_boot_report_save(run, big, LADE_REPORT_MAX, NULL), 0);
	assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), 0);
	assert_int_equal(length, LADE_REPORT_MAX);
	free(text);
	free(big);
	assert_int_equal(truncate(in_top(path, "a/run/boot.json"), LADE_REPORT_MAX + 1), 0);
	assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), -EFBIG);
}

/* Who is killed while he writes leaves a temporary file; the next one removes it. */
static void left_overs_of_the_killed_go(void **state)
{
	char path[160], other[160];
	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	(void)snprintf(path, sizeof path, "%s/.readiness.%d", run, child);
	put_text(path, "STATE=rea");
	(void)snprintf(other, sizeof other, "%s/.readiness.1", run); /* lives */
	put_text(other, "");
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(other, F_OK), 0);
}

static void who_reads_sees_whole_files_while_two_write(void **state)
{
	pid_t writers[2];
	(void)state;
	assert_int_equal(lade_boot_report_save(run, "{\"writer\":0}", 12, NULL), 0);
	for (int w = 0; w < 2; w++) {
		writers[w] = fork();
		if (writers[w] == 0) {
			char text[20000];
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			memset(text, '0' + w, sizeof text);
			for (;;)
				(void)lade_boot_report_save(run, text, sizeof text, NULL);
		}
	}
	for (unsigned i = 0; i < 300; i++) {
		char *text = NULL;
		size_t length = 0;
		assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), 0);
		assert_true(length == 12 || length == 20000);
		for (size_t j = 1; length == 20000 && j < length; j++)
			assert_int_equal(text[j], text[0]);
		free(text);
	}
	for (int w = 0; w < 2; w++)
		end(writers[w]);
}

/* ---- rescue ---- */

static void the_kernels_command_line_can_rescue(void **state)
{
	static const struct {
		const char *line;
		enum lade_rescue rescue;
		const char *code; /* NULL: nothing to say */
	} lines[] = {
		{ "root=/dev/sda quiet", LADE_RESCUE_NONE, NULL },
		{ "", LADE_RESCUE_NONE, NULL },
		{ "root=/dev/sda lade.boot=off quiet\n", LADE_RESCUE_OFF, "rescue.off" },
		{ "lade.boot=critical-only", LADE_RESCUE_CRITICAL_ONLY, "rescue.critical-only" },
		{ "lade.boot=off lade.boot=critical-only", LADE_RESCUE_CRITICAL_ONLY, "rescue.critical-only" },
		{ "lade.boot=\"off\"", LADE_RESCUE_OFF, "rescue.off" },
		{ "\"lade.boot=off\"", LADE_RESCUE_OFF, "rescue.off" },
		{ "x=\"a lade.boot=off b\"", LADE_RESCUE_NONE, NULL },
		{ "x=\"a lade.boot=off", LADE_RESCUE_NONE, NULL },
		{ "xlade.boot=off", LADE_RESCUE_NONE, NULL },
		{ "lade.boot", LADE_RESCUE_NONE, NULL },
		{ "lade.boot=", LADE_RESCUE_NONE, "rescue.unknown" },
		{ "lade.boot=of", LADE_RESCUE_NONE, "rescue.unknown" },
		{ "lade.boot=off lade.boot=0", LADE_RESCUE_NONE, "rescue.unknown" },
	};
	char path[160];
	(void)state;
	(void)in_top(path, "cmdline");
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		struct lade_error *notes = NULL;
		put_text(path, lines[i].line);
		assert_int_equal(lade_rescue_read(path, &notes), lines[i].rescue);
		assert_int_equal(notes != NULL, lines[i].code != NULL);
		if (notes)
			assert_string_equal(code_of(notes), lines[i].code);
		(void)lade_error_free(notes);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lade_rescue_read(path, NULL), LADE_RESCUE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_is_what_is_read),
		TEST(files_are_for_everybody_to_read_and_for_the_owner_to_write),
		TEST(a_second_boot_leaves_what_is_ready),
		TEST(a_token_of_an_earlier_boot_does_not_count),
		TEST(what_is_no_token_says_nothing),
		TEST(what_others_may_write_is_not_believed),
		TEST(nothing_is_not_said),
		TEST(a_long_text_is_cut_between_characters),
		TEST(a_full_file_system_leaves_the_old_file),
		TEST(a_report_has_a_bound),
		TEST(left_overs_of_the_killed_go),
		TEST(who_reads_sees_whole_files_while_two_write),
		TEST(the_kernels_command_line_can_rescue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
