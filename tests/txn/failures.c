/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that fail, processes that are killed or meet, an environment that refuses: nothing stays unknown. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>

static void every_call_that_fails_leaves_nothing(void **state)
{
	(void)state;
	static const int errnos[] = { EPERM, ENOMEM, ENOSPC, EINVAL, EIO, EROFS };
	if (!live_enter())
		skip();
	unsigned tried = 0;
	for (size_t e = 0; e < ELEMENTS(errnos); e++) {
		bool reached = true;
		for (unsigned nth = 1; reached; nth++) {
			struct live_before before = live_before(LIVE_BPFFS);
			struct lade_context *context = fixture_context(NULL);
			struct kernel *live, *kernel;
			struct lade_error *error = NULL;
			const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = errnos[e] };
			assert_int_equal(lade_kernel_live(&context->log, &live, NULL), 0);
			assert_int_equal(lade_kernel_fault(live, &fault, &kernel), 0);
			lade_context_set_kernel(context, kernel);
			int result = fixture_load(context, "demo", &error);
			reached = lade_kernel_fault_count(kernel) >= nth;
			/* the rename without NOREPLACE is a second way */
			bool stepped_back = errnos[e] == EINVAL && reached &&
					    strcmp(lade_kernel_fault_call(kernel, nth), "rename") == 0;
			if (reached && !stepped_back)
				assert_true(result < 0);
			if (result < 0 && nth > 1)
				assert_true(lade_error_finding_count(error) > 0);
			lade_error_free(error);
			lade_context_free(context);
			context = fixture_context(NULL);
			assert_int_equal(lade_state_unload(context, "demo", NULL), result == 0 ? 0 : -ENOENT);
			lade_context_free(context);
			assert_nothing_left(&before);
			tried += reached;
		}
	}
	assert_true(tried > 60);
}

/* What `lade list` shows of a load that was killed, and what unload and the next load make of it. */
static void check_after_kill(struct live_before *before)
{
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	struct lade_state *read = NULL;
	char *tree = pin_tree(LIVE_BPFFS);
	bool left = strstr(tree, "lade/demo") != NULL;
	bool committed = strstr(tree, "lade/demo/") != NULL;
	assert_int_equal(lade_state_read(context, NULL, &read, &error), 0);
	assert_int_equal(lade_state_count(read), left);
	if (left) {
		struct lade_state_entry entry = { .size = sizeof entry };
		assert_int_equal(lade_state_entry(read, 0, &entry), 0);
		assert_string_equal(entry.name, "demo");
		assert_int_equal(entry.unfinished, !committed);
		assert_false(entry.busy);
	}
	lade_state_free(read);
	/* the next load works beside what is left, unless that is whole */
	assert_int_equal(fixture_load(context, "demo", NULL), committed ? -EEXIST : 0);
	assert_int_equal(lade_state_unload(context, "demo", &error), 0);
	free(tree);
	lade_context_free(context);
	/* killed before the first directory had its name: an empty lade/ shows nothing and harms nothing */
	(void)rmdir(LIVE_BPFFS "/lade");
	assert_nothing_left(before);
}

static void load_and_die(const struct fault *fault)
{
	struct lade_context *context = fixture_context(NULL);
	struct kernel *live, *kernel;
	if (lade_kernel_live(&context->log, &live, NULL) < 0 || lade_kernel_fault(live, fault, &kernel) < 0)
		_exit(2);
	lade_context_set_kernel(context, kernel);
	_exit(fixture_load(context, "demo", NULL) < 0 ? 3 : 0);
}

static void unload_and_die(const struct fault *fault)
{
	struct lade_context *context = fixture_context(NULL);
	struct kernel *live, *kernel;
	if (lade_kernel_live(&context->log, &live, NULL) < 0 || lade_kernel_fault(live, fault, &kernel) < 0)
		_exit(2);
	lade_context_set_kernel(context, kernel);
	_exit(lade_state_unload(context, "demo", NULL) < 0 ? 3 : 0);
}

/* True when the child was killed, false when it ended by itself. */
static bool run_child(void (*run)(const struct fault *fault), enum fault_action action, unsigned nth)
{
	const struct fault fault = { .action = action, .nth = nth };
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		run(&fault);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return true;
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

static void killed_load(enum fault_action action)
{
	unsigned nth = 0;
	for (bool killed = true; killed;) {
		struct live_before before = live_before(LIVE_BPFFS);
		killed = run_child(load_and_die, action, ++nth);
		check_after_kill(&before);
	}
	assert_true(nth > 15);
}

static void load_killed_before_any_call_is_listed_and_removed(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	killed_load(FAULT_KILL_BEFORE);
}

static void load_killed_after_any_call_is_listed_and_removed(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	killed_load(FAULT_KILL_AFTER);
}

static void killed_unload(enum fault_action action)
{
	unsigned nth = 0;
	for (bool killed = true; killed;) {
		struct live_before before = live_before(LIVE_BPFFS);
		struct lade_context *context = fixture_context(NULL);
		assert_int_equal(fixture_load(context, "demo", NULL), 0);
		killed = run_child(unload_and_die, action, ++nth);
		int result = lade_state_unload(context, "demo", NULL);
		assert_true(result == 0 || (result == -ENOENT && (!killed || nth > 15)));
		lade_context_free(context);
		(void)rmdir(LIVE_BPFFS "/lade");
		assert_nothing_left(&before);
	}
	assert_true(nth > 15);
}

static void interrupted_unload_is_resumed_by_the_next(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	killed_unload(FAULT_KILL_BEFORE);
	killed_unload(FAULT_KILL_AFTER);
}

/* The child holds its transaction until told; the parent's begin waits for it, then finds the name taken. */
static void second_process_waits_for_the_first(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct live_before before = live_before(LIVE_BPFFS);
	int ready[2], go[2];
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	pid_t child = fork();
	if (child == 0) {
		struct lade_context *context = fixture_context(NULL);
		struct txn *txn = fixture_begin(context, "demo");
		char word;
		bool told = txn && write(ready[1], "x", 1) == 1 && read(go[0], &word, 1) == 1;
		usleep(200000); /* the parent waits by then, as a rule; the answer is the same if it does not */
		_exit(told && lade_txn_commit(txn, NULL) == 0 ? 0 : 1);
	}
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	struct lade_context *context = fixture_context(NULL);
	struct lade_state *read = NULL;
	struct lade_state_entry entry = { .size = sizeof entry };
	assert_int_equal(lade_state_read(context, "demo", &read, NULL), 0);
	assert_int_equal(lade_state_entry(read, 0, &entry), 0);
	assert_true(entry.busy);
	lade_state_free(read);
	assert_int_equal(lade_state_unload(context, "demo", NULL), -EBUSY);
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(fixture_load(context, "demo", NULL), -EEXIST);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	lade_context_free(context);
	for (int end = 0; end < 2; end++) {
		(void)close(ready[end]);
		(void)close(go[end]);
	}
	assert_nothing_left(&before);
}

/* Many processes at once: one of them wins, nobody leaves anything. */
static void of_many_loads_of_one_name_one_wins(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	enum { CHILDREN = 8 };
	struct live_before before = live_before(LIVE_BPFFS);
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0) {
			int result = fixture_load(fixture_context(NULL), "demo", NULL);
			_exit(result == 0 ? 0 : result == -EEXIST ? 1 : 2);
		}
	unsigned count[3] = { 0 };
	for (int i = 0; i < CHILDREN; i++) {
		int status;
		assert_true(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) < 3);
		count[WEXITSTATUS(status)]++;
	}
	assert_int_equal(count[0], 1);
	assert_int_equal(count[1], CHILDREN - 1);
	struct lade_context *context = fixture_context(NULL);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void plain_directory_is_no_place_for_pins(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	char plain[] = "/tmp/lade-plain-XXXXXX", *file;
	assert_non_null(mkdtemp(plain));
	file = lade_path("%s/file", plain);
	int fd = open(file, O_CREAT | O_WRONLY, 0600);
	(void)close(fd);
	struct lade_context *context = fixture_context(plain);
	struct lade_error *error = NULL;
	assert_int_equal(fixture_load(context, "demo", &error), -EINVAL);
	assert_code(error, "pin.not-bpffs");
	assert_int_equal(lade_error_exit_code(error), 5);
	lade_error_free(error);
	lade_context_free(context);
	context = fixture_context(NULL);
	error = NULL;
	const struct txn_options options = { .name = "demo", .pin_dir = plain, .named = true };
	struct txn *txn = NULL;
	assert_int_equal(lade_txn_begin(context, &options, &txn, &error), -EINVAL);
	assert_code(error, "pin.not-bpffs");
	lade_error_free(error);
	lade_context_free(context);
	free(file);
	live_remove_tree(plain);
}

static void missing_bpffs_is_mounted_unless_forbidden(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	char place[] = "/tmp/lade-mount-XXXXXX";
	assert_non_null(mkdtemp(place));
	struct lade_context *context = fixture_context(place);
	struct lade_error *error = NULL;
	context->no_mount = true;
	assert_int_equal(fixture_load(context, "demo", &error), -ENOENT);
	assert_code(error, "pin.bpffs-missing");
	lade_error_free(error);
	context->no_mount = false;
	assert_int_equal(fixture_load(context, "demo", NULL), 0);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	lade_context_free(context);
	assert_int_equal(umount(place), 0);
	assert_int_equal(rmdir(place), 0);
	error = NULL;
	context = fixture_context("/tmp/lade-no-such-place");
	assert_int_equal(fixture_load(context, "demo", &error), -ENOENT);
	assert_code(error, "pin.bpffs-missing");
	lade_error_free(error);
	lade_context_free(context);
}

static void read_only_bpffs_says_so(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	assert_int_equal(mount(NULL, LIVE_BPFFS, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	assert_int_equal(fixture_load(context, "demo", &error), -EROFS);
	assert_code(error, "pin.mkdir");
	assert_int_equal(lade_error_exit_code(error), 5);
	lade_error_free(error);
	lade_context_free(context);
}

static void state_without_privilege_says_permission(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	pid_t child = fork();
	if (child == 0) {
		struct lade_context *context = fixture_context(NULL);
		struct lade_state *read = NULL;
		struct lade_error *error = NULL;
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(2);
		int result = lade_state_read(context, NULL, &read, &error);
		_exit(result == -EACCES && lade_error_exit_code(error) == 5 ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static char order[16]; /* in which the notes were called */

static void undo_note(void *data)
{
	(void)strcat(order, data);
}

static void forget_note(void *data)
{
	(void)data;
	(void)strcat(order, "f");
}

static void undo_runs_backwards_and_forget_after_commit(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = fixture_context(NULL);
	for (int commit = 0; commit < 2; commit++) {
		order[0] = '\0';
		struct txn *txn = fixture_begin(context, "demo");
		assert_int_equal(lade_txn_undo(txn, undo_note, forget_note, "1"), 0);
		assert_int_equal(lade_txn_undo(txn, undo_note, forget_note, "2"), 0);
		if (commit)
			assert_int_equal(lade_txn_commit(txn, NULL), 0);
		lade_txn_end(txn);
		assert_string_equal(order, commit ? "ff" : "21");
	}
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_that_fails_leaves_nothing),
		cmocka_unit_test(load_killed_before_any_call_is_listed_and_removed),
		cmocka_unit_test(load_killed_after_any_call_is_listed_and_removed),
		cmocka_unit_test(interrupted_unload_is_resumed_by_the_next),
		cmocka_unit_test(second_process_waits_for_the_first),
		cmocka_unit_test(of_many_loads_of_one_name_one_wins),
		cmocka_unit_test(plain_directory_is_no_place_for_pins),
		cmocka_unit_test(missing_bpffs_is_mounted_unless_forbidden),
		cmocka_unit_test(read_only_bpffs_says_so),
		cmocka_unit_test(state_without_privilege_says_permission),
		cmocka_unit_test(undo_runs_backwards_and_forget_after_commit),
	};
	return cmocka_run_group_tests_name("txn-failures", tests, NULL, NULL);
}
