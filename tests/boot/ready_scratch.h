/* SPDX-License-Identifier: BSD-2-Clause */
/* A scratch directory in which the readiness of a boot is told, and what the tests of it share. */
#ifndef LADE_TESTS_BOOT_READY_SCRATCH_H
#define LADE_TESTS_BOOT_READY_SCRATCH_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <lade/ready.h>

#include "base/error.h"
#include "boot/kept_file.h"
#include "boot/ready_token.h"
#include "boot/waiter.h"

static char top[64], run[96]; /* a scratch directory, and RUN in it, which is not there yet */

static inline int make_scratch(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(top, sizeof top, "%.40s/ready-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(top))
		return -1;
	(void)snprintf(run, sizeof run, "%s/a/run", top);
	return 0;
}

static inline int drop_scratch(void **state)
{
	char command[128];
	(void)state;
	(void)snprintf(command, sizeof command, "rm -rf '%s'", top);
	return system(command); /* NOLINT(cert-env33-c): our own name */
}

static inline char *in_top(char buffer[160], const char *name)
{
	(void)snprintf(buffer, 160, "%s/%s", top, name);
	return buffer;
}

static inline void put_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static inline struct lade_ready_info get(void)
{
	struct lade_ready_info info = { .size = sizeof info };
	assert_int_equal(lade_ready_get(run, &info), 0);
	return info;
}

static inline bool has_property(void)
{
	char path[160], line[64] = "";
	FILE *file = fopen(in_top(path, "a/run/properties"), "re");
	if (!file)
		return false;
	bool got = fgets(line, sizeof line, file) != NULL;
	(void)fclose(file);
	return got && strcmp(line, "bpf.progs_loaded=1\n") == 0;
}

static inline const char *code_of(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };
	return lade_finding_describe(lade_error_finding(error, 0), &info) == 0 ? info.code : "";
}

static inline void end(pid_t child)
{
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, drop_scratch)

#endif
