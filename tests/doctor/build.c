/* SPDX-License-Identifier: BSD-2-Clause */
/* The build environment, with tools that are made up: what is there, what lacks, and what must never be run. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doctor/build.h"
#include "doctor/command.h"

static char directory[64], old_path[8192];

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int enter(void **state)
{
	(void)state;
	(void)strcpy(directory, "/tmp/lade-build-XXXXXX");
	assert_non_null(mkdtemp(directory));
	(void)snprintf(old_path, sizeof old_path, "%s", getenv("PATH"));
	assert_int_equal(setenv("PATH", directory, 1), 0);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	assert_int_equal(setenv("PATH", old_path, 1), 0);
	return nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* A shell script of that name. */
static void make(const char *name, const char *body)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\n%s\n", body) > 0);
	assert_int_equal(fchmod(fileno(file), 0755), 0);
	assert_int_equal(fclose(file), 0);
}

static struct lade_doctor *examine(void)
{
	const struct lade_doctor_opts opts = { .size = sizeof opts, .build = true };
	struct lade_context *context = NULL;
	struct lade_doctor *doctor = NULL;
	struct lade_error *error = NULL;

	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	if (lade_doctor_examine(context, &opts, &doctor, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	lade_context_free(context);
	return doctor;
}

static const struct doctor_fact *fact(const struct lade_doctor *doctor, const char *name)
{
	const struct doctor_fact *found = lade_doctor_find(doctor, "build", name);

	if (!found)
		fail_msg("no fact build/%s", name);
	return found;
}

static bool has_finding(const struct lade_doctor *doctor, const char *code)
{
	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++)
		if (strcmp(lade_doctor_finding(doctor, i)->code, code) == 0)
			return true;
	return false;
}

/* Takes every option but a level that it does not know, and prints what a compiler would. */
#define CLANG                                                                                                          \
	"case \"$*\" in *--version*) echo 'Some clang version 17.0.6 (x)';; *mcpu=v4*) exit 1;;"                       \
	" *-print-file-name*) echo libelf.so;; *-E*) echo '# 1 \"/inc/linux/bpf.h\" 1'; echo BPF_MAP_TYPE_HASH,;"      \
	" echo BPF_MAP_TYPE_RINGBUF, BPF_FUNC_map_lookup_elem BPF_MAP_TYPE_ARENAS;;"                                   \
	" *fsyntax-only*) exec grep -qv gelf;; esac; exit 0"

static void without_clang_nothing_can_be_built(void **state)
{
	struct lade_doctor *doctor = examine();

	(void)state;
	assert_int_equal(fact(doctor, "clang")->state, LADE_FACT_ABSENT);
	assert_non_null(strstr(fact(doctor, "pahole")->detail, "Debian: pahole"));
	assert_true(has_finding(doctor, "doctor.build.clang"));
	assert_true(has_finding(doctor, "doctor.build.tool"));
	assert_int_equal(lade_doctor_exit_code(doctor), 5);
	lade_doctor_free(doctor);
}

static void tools_are_asked_for_their_versions_and_levels(void **state)
{
	(void)state;
	make("clang", CLANG);
	make("bpftool", "[ \"$1\" = version ] && echo 'bpftool v7.1.0'");
	make("llc-17", "echo LLVM version 17.0.6");
	make("llvm-strip", "echo no words");
	struct lade_doctor *doctor = examine();
	assert_string_equal(fact(doctor, "clang")->value, "17.0.6");
	assert_string_equal(fact(doctor, "bpf target")->value, "yes");
	assert_string_equal(fact(doctor, "cpu v3")->value, "yes");
	assert_int_equal(fact(doctor, "cpu v4")->state, LADE_FACT_ABSENT);
	assert_string_equal(fact(doctor, "bpftool")->value, "7.1.0");
	assert_string_equal(fact(doctor, "llc")->value, "17.0.6");
	assert_int_equal(fact(doctor, "llvm-strip")->state, LADE_FACT_GIVEN);
	assert_int_equal(fact(doctor, "pahole")->state, LADE_FACT_ABSENT);
	assert_int_equal(fact(doctor, "libelf")->state, LADE_FACT_ABSENT);
	assert_string_equal(fact(doctor, "linux/bpf.h")->source, "/inc/linux/bpf.h");
	assert_string_equal(fact(doctor, "linux/bpf.h")->value, "of Linux 5.8");
	assert_int_equal(lade_doctor_exit_code(doctor), 0);
	assert_null(lade_doctor_find(doctor, "privileges", "effective")); /* the build environment, and nothing else */
	lade_doctor_free(doctor);
}

static void level_that_only_another_clang_takes_is_there_with_its_name(void **state)
{
	(void)state;
	make("clang", CLANG);
	make("clang-19", "exit 0");
	struct lade_doctor *doctor = examine();
	assert_string_equal(fact(doctor, "cpu v4")->value, "yes");
	assert_non_null(strstr(fact(doctor, "cpu v4")->detail, "clang-19"));
	lade_doctor_free(doctor);
}

static void compiler_that_cannot_be_used_is_exit_5(void **state)
{
	(void)state;
	/* It prints without end, and is stopped. */
	make("clang", "a=0123456789abcdef; a=$a$a$a$a; a=$a$a$a$a; a=$a$a$a$a; while :; do echo $a; done");
	struct lade_doctor *doctor = examine();
	assert_int_equal(fact(doctor, "bpf target")->state, LADE_FACT_UNKNOWN);
	assert_true(has_finding(doctor, "doctor.build.clang"));
	assert_int_equal(lade_doctor_exit_code(doctor), 5);
	lade_doctor_free(doctor);
}

static void compiler_without_the_target_is_exit_5(void **state)
{
	(void)state;
	make("clang", "case \"$*\" in *--version*) echo clang 17.0.6;; *target=bpf*) exit 1;; esac");
	struct lade_doctor *doctor = examine();
	assert_string_equal(fact(doctor, "bpf target")->value, "no");
	assert_true(has_finding(doctor, "doctor.build.target"));
	assert_int_equal(lade_doctor_exit_code(doctor), 5);
	lade_doctor_free(doctor);
}

static void nothing_is_run_that_path_has_not(void **state)
{
	char cwd[PATH_MAX], path[PATH_MAX], ran[PATH_MAX];

	(void)state;
	(void)snprintf(ran, sizeof ran, "touch %s/ran", directory);
	make("clang", ran);
	make("pahole", ran);
	assert_non_null(getcwd(cwd, sizeof cwd));
	assert_int_equal(chdir(directory), 0);
	(void)snprintf(path, sizeof path, ".::relative:%s/nowhere", directory);
	assert_int_equal(setenv("PATH", path, 1), 0);
	struct lade_doctor *doctor = examine();
	assert_int_equal(chdir(cwd), 0);
	assert_int_equal(fact(doctor, "clang")->state, LADE_FACT_ABSENT);
	(void)snprintf(ran, sizeof ran, "%s/ran", directory);
	assert_int_equal(access(ran, F_OK), -1);
	lade_doctor_free(doctor);
}

static void file_that_is_no_program_is_passed_over(void **state)
{
	char path[PATH_MAX];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/clang", directory);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_false(lade_command_find("clang", path, sizeof path));
	make("llc", "");
	(void)snprintf(path, sizeof path, "%s/llc", directory);
	assert_int_equal(chmod(path, 0644), 0);
	assert_false(lade_command_find("llc", path, sizeof path));
}

/* ---- the runner ---- */

static int run(const char *body, uint64_t ns, size_t most_bytes, struct strbuf *output)
{
	char path[PATH_MAX];
	const char *const words[] = { path, NULL };
	const struct command command = {
		.words = words, .input = "in\n", .until_ns = lade_command_now_ns() + ns, .most_bytes = most_bytes
	};

	make("tool", body);
	(void)snprintf(path, sizeof path, "%s/tool", directory);
	return lade_command_run(&command, true, output);
}

static void tool_that_hangs_is_killed_with_its_children(void **state)
{
	struct strbuf output = { 0 };
	pid_t children[2] = { 0 };

	(void)state;
	assert_int_equal(run("/bin/sleep 600 & echo $! $$; wait", 300000000, 4096, &output), -ETIMEDOUT);
	assert_int_equal(sscanf(output.text, "%d %d", &children[0], &children[1]), 2); /* NOLINT(cert-err34-c) */
	lade_strbuf_clear(&output);
	/* The tool is ours and was waited for; its child may be a zombie of init's for a moment. */
	assert_int_equal(kill(children[1], 0), -1);
	assert_int_equal(errno, ESRCH);
	/* One that closes its output and stays. */
	assert_int_equal(run("exec >&- 2>&-; exec /bin/sleep 600", 300000000, 4096, NULL), 128 + SIGKILL);
}

static void tool_that_prints_without_end_is_stopped(void **state)
{
	(void)state;
	assert_int_equal(run("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done", 60000000000, 100000, NULL),
			 -EFBIG);
}

static void status_and_output_come_back(void **state)
{
	struct strbuf output = { 0 };

	(void)state;
	assert_int_equal(run("read word; echo got $word; exit 7", 60000000000, 4096, &output), 7);
	assert_string_equal(output.text, "got in\n");
	lade_strbuf_clear(&output);
	const char *const words[] = { "/nonexistent/tool", NULL };
	const struct command command = { .words = words, .until_ns = UINT64_MAX, .most_bytes = 1 };
	assert_int_equal(lade_command_run(&command, false, NULL), -ENOENT);
}

static void build_goes_with_nothing_else(void **state)
{
	const struct lade_doctor_opts opts[] = { { .size = sizeof opts[0], .build = true, .probe = true },
						 { .size = sizeof opts[0], .build = true, .pid = 1 },
						 { .size = sizeof opts[0], .build = true, .root = "/" } };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(opts); i++) {
		struct lade_doctor *doctor = NULL;
		struct lade_error *error = NULL;
		assert_int_equal(lade_doctor_examine(NULL, &opts[i], &doctor, &error), -EINVAL);
		assert_string_equal(lade_error_finding(error, 0)->code, "doctor.options");
		lade_error_free(error);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_clang_nothing_can_be_built),
		TEST(tools_are_asked_for_their_versions_and_levels),
		TEST(level_that_only_another_clang_takes_is_there_with_its_name),
		TEST(compiler_that_cannot_be_used_is_exit_5),
		TEST(compiler_without_the_target_is_exit_5),
		TEST(nothing_is_run_that_path_has_not),
		TEST(file_that_is_no_program_is_passed_over),
		TEST(tool_that_hangs_is_killed_with_its_children),
		TEST(tool_that_prints_without_end_is_stopped),
		TEST(status_and_output_come_back),
		TEST(build_goes_with_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
