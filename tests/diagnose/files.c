/* SPDX-License-Identifier: BSD-2-Clause */
/* EACCES of a path: the part of it that keeps a process out. The process: a child that is nobody. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "diagnose/denied.h"

struct file_case {
	const char *path; /* below the directory */
	int mode;
	const char *code, *confidence, *cause; /* cause: a part */
};

static const struct file_case cases[] = {
	{ "closed/file", R_OK, "trace.open", "certain", "the permissions of %s/closed keep" },
	{ "open/secret", R_OK, "trace.open", "certain", "the permissions of %s/open/secret keep" },
	{ "open/public", W_OK, "trace.open", "certain", "the permissions of %s/open/public keep" },
	{ "open/absent", W_OK, "trace.open", "certain", "the permissions of %s/open keep" },
	/* nothing in the way: then it was something else, and nobody knows what */
	{ "open/public", R_OK, "trace.open", "possible", "could not be found" },
};

static void judge(const char *directory, const struct file_case *row, FILE *to)
{
	struct lade_finding_info info = { .size = sizeof info };
	struct kernel *kernel = NULL;
	struct lade_error *error = NULL;
	struct lade_finding *finding = lade_error_add(&error, EACCES, "trace.open", "test");
	char path[256];

	(void)snprintf(path, sizeof path, "%s/%s", directory, row->path);
	if (lade_kernel_live(NULL, &kernel, NULL) < 0)
		_exit(3);
	lade_diagnose_file(kernel, path, row->mode, EACCES, finding);
	(void)lade_finding_describe(finding, &info);
	(void)fprintf(to, "%s %s %s\n", info.code, lade_confidence_name(info.confidence), info.cause);
	(void)lade_error_free(error);
	lade_kernel_free(kernel);
}

/* As nobody. False: this process cannot become that. */
static bool ask(const char *directory, const struct file_case *row, char *answer, size_t size)
{
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		FILE *to = fdopen(ends[1], "w");
		if (!to || syscall(SYS_setresgid, 65534, 65534, 65534) < 0 ||
		    syscall(SYS_setresuid, 65534, 65534, 65534) < 0)
			_exit(2);
		judge(directory, row, to);
		_exit(fclose(to) == 0 ? 0 : 3);
	}
	(void)close(ends[1]);
	ssize_t got = read(ends[0], answer, size - 1);
	answer[got > 0 ? got : 0] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return false;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return true;
}

static void make(const char *directory, const char *name, mode_t mode, bool is_directory)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	if (is_directory) {
		assert_int_equal(mkdir(path, 0755), 0);
	} else {
		int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		(void)close(fd);
	}
	assert_int_equal(chmod(path, mode), 0);
}

static void make_all(const char *directory)
{
	assert_int_equal(chmod(directory, 0755), 0);
	make(directory, "closed", 0755, true);
	make(directory, "closed/file", 0644, false);
	make(directory, "closed/../open", 0755, true);
	make(directory, "open/secret", 0600, false);
	make(directory, "open/public", 0644, false);
	char path[256];
	(void)snprintf(path, sizeof path, "%s/closed", directory);
	assert_int_equal(chmod(path, 0700), 0);
}

static void remove_all(const char *directory)
{
	static const char *const names[] = { "closed/file", "closed", "open/secret", "open/public", "open", "" };
	char path[256];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		assert_int_equal(remove(path), 0);
	}
}

static void the_part_of_a_path_that_keeps_a_process_out_is_named(void **state)
{
	char directory[] = "/tmp/lade-files-XXXXXX", answer[1024], cause[512], wanted[600];
	bool is_able = true;

	(void)state;
	if (geteuid() != 0) {
		(void)fprintf(stderr, "# only root can become nobody\n");
		skip();
	}
	assert_non_null(mkdtemp(directory));
	make_all(directory);
	for (size_t i = 0; is_able && i < sizeof cases / sizeof *cases; i++) {
		is_able = ask(directory, &cases[i], answer, sizeof answer);
		if (!is_able)
			break;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(cause, sizeof cause, cases[i].cause, directory);
#pragma GCC diagnostic pop
		(void)snprintf(wanted, sizeof wanted, "%s %s ", cases[i].code, cases[i].confidence);
		if (strncmp(answer, wanted, strlen(wanted)) != 0 || !strstr(answer, cause))
			print_error("case %zu: %s\n", i, answer);
		assert_true(strncmp(answer, wanted, strlen(wanted)) == 0 && strstr(answer, cause));
	}
	remove_all(directory);
	if (!is_able)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_part_of_a_path_that_keeps_a_process_out_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
