/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A BPF token: a process in a user namespace of its own, with a bpffs that delegates to it, loads what the kernel
 * refuses it otherwise. The child makes the namespaces and opens the file system in them; its parent, who has the
 * privilege, says what is delegated. Both share their descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "harness/live.h"
#include "kernel/bpf.h"
#include "kernel/context.h"

#define HIDDEN TEST_OBJECTS "/btf_hidden.bpf.o"

enum answer { ANSWER_DONE, ANSWER_FAILED, ANSWER_UNABLE };

/* What the child does with the delegating bpffs, mounted at LIVE_BPFFS. */
typedef enum answer child_fn(void);

struct meeting {
	int to_child[2], to_parent[2];
};

static bool say(int fd, int word)
{
	return write(fd, &word, sizeof word) == sizeof word;
}

static int hear(int fd)
{
	int word = -1;

	return read(fd, &word, sizeof word) == sizeof word ? word : -1;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return written;
}

static bool map_ids(pid_t pid)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
	if (!write_file(path, "0 0 1"))
		return false;
	(void)snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
	return write_file(path, "0 0 1");
}

static int configure(int fs, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fs, value ? FSCONFIG_SET_STRING : FSCONFIG_CMD_CREATE, key, value, 0);
}

/* Kernels before 6.9 take the words and delegate nothing. */
static bool kernel_has_tokens(void)
{
	struct {
		uint32_t flags, bpffs_fd;
	} attr = { .bpffs_fd = UINT32_MAX };

	return syscall(SYS_bpf, 36 /* BPF_TOKEN_CREATE */, &attr, sizeof attr) >= 0 || errno == EBADF;
}

enum delegated { NOTHING, EVERYTHING, ALL_BUT_PROGRAMS };

/* Descriptor of the mount, or -1. */
static int delegate(int fs, enum delegated delegated)
{
	static const char *const keys[] = { "delegate_cmds", "delegate_maps", "delegate_progs", "delegate_attachs" };

	for (size_t i = 0; delegated != NOTHING && i < sizeof keys / sizeof *keys; i++)
		if ((delegated == EVERYTHING || strcmp(keys[i], "delegate_progs") != 0) &&
		    configure(fs, keys[i], "any") < 0)
			return -1;
	if (configure(fs, NULL, NULL) < 0 || !kernel_has_tokens())
		return -1;
	return (int)syscall(SYS_fsmount, fs, 0, 0);
}

static enum answer child(const struct meeting *meeting, child_fn *work)
{
	int fs, mount_fd;

	if (unshare(CLONE_NEWUSER) < 0 || !say(meeting->to_parent[1], 0) || hear(meeting->to_child[0]) != 0 ||
	    unshare(CLONE_NEWNS) < 0)
		return ANSWER_UNABLE;
	fs = (int)syscall(SYS_fsopen, "bpf", 0);
	if (fs < 0 || !say(meeting->to_parent[1], fs))
		return ANSWER_UNABLE;
	mount_fd = hear(meeting->to_child[0]);
	if (mount_fd < 0 || syscall(SYS_move_mount, mount_fd, "", AT_FDCWD, LIVE_BPFFS, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return ANSWER_UNABLE;
	return work();
}

/* The child shares our descriptors; nobody else has them. */
static pid_t fork_sharing(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
}

static enum answer run(child_fn *work, enum delegated delegated)
{
	struct meeting meeting;
	int status = 0, mount_fd = -1, fs;
	pid_t pid;

	assert_int_equal(pipe2(meeting.to_child, O_CLOEXEC), 0);
	assert_int_equal(pipe2(meeting.to_parent, O_CLOEXEC), 0);
	pid = fork_sharing();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(child(&meeting, work));
	if (hear(meeting.to_parent[0]) == 0 && map_ids(pid) && say(meeting.to_child[1], 0)) {
		fs = hear(meeting.to_parent[0]);
		mount_fd = fs < 0 ? -1 : delegate(fs, delegated);
	}
	(void)say(meeting.to_child[1], mount_fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (unsigned i = 0; i < 2; i++) {
		(void)close(meeting.to_child[i]);
		(void)close(meeting.to_parent[i]);
	}
	return WIFEXITED(status) ? (enum answer)WEXITSTATUS(status) : ANSWER_FAILED;
}

/* ---- what the child tries ---- */

/* The code of the first finding; "" when it was loaded. */
static const char *load(const char *token_path)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .bpf_token_path = token_path };
	struct lade_finding_info info = { .size = sizeof info };
	static char code[128];
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	code[0] = '\0';
	if (lade_context_new(&opts, &context, &error) < 0 ||
	    lade_object_open(context, HIDDEN, NULL, &object, &error) < 0 ||
	    lade_object_load(object, NULL, &instance, &error) < 0) {
		(void)lade_finding_describe(lade_error_finding(error, 0), &info);
		(void)snprintf(code, sizeof code, "%s", info.code);
		(void)fprintf(stderr, "# %s\n", info.message);
	}
	if (instance)
		(void)lade_instance_unload(instance, NULL);
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	return code;
}

static enum answer answer(bool right)
{
	return right ? ANSWER_DONE : ANSWER_FAILED;
}

static enum answer load_by_itself(void)
{
	return answer(!*load(NULL));
}

static enum answer load_from_a_path(void)
{
	return answer(!*load(LIVE_BPFFS));
}

static enum answer load_without_a_token(void)
{
	return answer(strcmp(load(""), "environment.user-namespace") == 0);
}

static enum answer load_programs_that_are_not_delegated(void)
{
	return answer(strcmp(load(LIVE_BPFFS), "environment.delegation") == 0);
}

static enum answer load_from_nowhere(void)
{
	return answer(strcmp(load("/nowhere"), "environment.token") == 0);
}

static enum answer load_from_a_bpffs_that_delegates_nothing(void)
{
	return answer(strcmp(load(LIVE_BPFFS), "environment.token") == 0);
}

/* What a program's load target is asked for; opening by id needs privilege. */
static int open_btf(const char *token_path)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .bpf_token_path = token_path };
	struct lade_context *context = NULL;
	struct kernel *kernel = NULL;
	uint32_t id = 1; /* the kernel's own */
	int fd = -EINVAL;

	if (lade_context_new(&opts, &context, NULL) == 0 && lade_context_kernel(context, &kernel, NULL) == 0)
		fd = lade_bpf_btf_by_id(kernel, id);
	if (fd >= 0)
		(void)close(fd);
	(void)lade_context_free(context);
	return fd;
}

static enum answer open_btf_by_its_id(void)
{
	if (open_btf("") != -EPERM)
		return ANSWER_FAILED;
	return open_btf(LIVE_BPFFS) >= 0 ? ANSWER_DONE : ANSWER_UNABLE; /* before 6.15 */
}

static void expect(child_fn *work, enum delegated delegated)
{
	enum answer result;

	if (!live_enter())
		skip();
	result = run(work, delegated);
	if (result == ANSWER_UNABLE) {
		print_error("this kernel or machine cannot delegate a bpffs to a user namespace\n");
		skip();
	}
	assert_int_equal(result, ANSWER_DONE);
}

static void delegating_bpffs_is_used_when_privilege_lacks(void **state)
{
	(void)state;
	expect(load_by_itself, EVERYTHING);
}

static void bpffs_that_is_named_gives_the_token(void **state)
{
	(void)state;
	expect(load_from_a_path, EVERYTHING);
}

static void empty_path_means_no_token(void **state)
{
	(void)state;
	expect(load_without_a_token, EVERYTHING);
}

static void path_without_a_bpffs_is_a_finding(void **state)
{
	(void)state;
	expect(load_from_nowhere, EVERYTHING);
}

static void bpffs_that_delegates_nothing_is_a_finding(void **state)
{
	(void)state;
	expect(load_from_a_bpffs_that_delegates_nothing, NOTHING);
}

static void what_the_token_does_not_delegate_is_named(void **state)
{
	(void)state;
	expect(load_programs_that_are_not_delegated, ALL_BUT_PROGRAMS);
}

static void types_are_opened_by_their_id(void **state)
{
	(void)state;
	expect(open_btf_by_its_id, EVERYTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delegating_bpffs_is_used_when_privilege_lacks),
		cmocka_unit_test(bpffs_that_is_named_gives_the_token),
		cmocka_unit_test(empty_path_means_no_token),
		cmocka_unit_test(path_without_a_bpffs_is_a_finding),
		cmocka_unit_test(bpffs_that_delegates_nothing_is_a_finding),
		cmocka_unit_test(what_the_token_does_not_delegate_is_named),
		cmocka_unit_test(types_are_opened_by_their_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
