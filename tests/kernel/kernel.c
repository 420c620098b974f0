/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors, the elements of recorded maps, the fault kernel, facts and contexts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/live.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/facts.h"
#include "kernel/fault.h"
#include "kernel/recorded.h"

static struct kernel *new_recorded(const char *profile)
{
	struct kernel *kernel;
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile(profile), NULL, 0, &kernel), 0);
	return kernel;
}

static int new_map(struct kernel *kernel, uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	struct attr_map_create attr = { type, key, value, entries };
	return lade_bpf_map_create(kernel, &attr);
}

/* ---- descriptors ---- */

static int is_close_on_exec(int fd)
{
	return fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

/* In a child without 0, 1 and 2: exit code 0 when everything lies above and closes on exec. */
static void open_without_standard_descriptors(struct kernel *kernel)
{
	struct perf_event_attr clock = { .type = PERF_TYPE_SOFTWARE, .size = sizeof clock, .config = 0 };
	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
	int map = new_map(kernel, 2, 4, 4, 1);
	int lock = kernel->calls->lock(kernel, "/", true);
	int socket = kernel->calls->socket(kernel, AF_UNIX, SOCK_STREAM, 0);
	int event = kernel->calls->perf_event_open(kernel, &clock, 0, -1, -1, 0);
	const int fds[] = { map, lock, socket, event };
	for (size_t i = 0; i < ELEMENTS(fds); i++)
		if (fds[i] <= 2 || !is_close_on_exec(fds[i]))
			_exit(10 + (int)i);
	if (fcntl(0, F_GETFD) >= 0 || fcntl(1, F_GETFD) >= 0 || fcntl(2, F_GETFD) >= 0)
		_exit(20); /* the low ones were given back */
	_exit(0);
}

static void assert_fds_above_two(struct kernel *kernel)
{
	pid_t child = fork();
	if (child == 0)
		open_without_standard_descriptors(kernel);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void descriptors_are_never_standard_ones_live(void **state)
{
	(void)state;
	struct kernel *kernel;
	if (!live_enter())
		skip();
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	assert_fds_above_two(kernel);
	lade_kernel_free(kernel);
}

static void descriptors_are_never_standard_ones_recorded(void **state)
{
	(void)state;
	struct kernel *kernel = new_recorded("6.18");
	assert_fds_above_two(kernel);
	lade_kernel_free(kernel);
}

/* ---- elements: the same story on both kernels ---- */

static void tell_story_of_elements(struct kernel *kernel)
{
	uint32_t key = 1, next, one = 7, read = 99;
	int array = new_map(kernel, BPF_MAP_TYPE_ARRAY, 4, 4, 2), hash = new_map(kernel, BPF_MAP_TYPE_HASH, 4, 4, 2);
	assert_true(array > 2 && hash > 2);
	assert_int_equal(lade_bpf_map_lookup(kernel, array, &key, &read), 0);
	assert_int_equal(read, 0);
	assert_int_equal(lade_bpf_map_update(kernel, array, &key, &one, 0), 0);
	assert_int_equal(lade_bpf_map_lookup(kernel, array, &key, &read), 0);
	assert_int_equal(read, 7);
	assert_int_equal(lade_bpf_map_update(kernel, array, &key, &one, BPF_NOEXIST), -EEXIST);
	assert_int_equal(lade_bpf_map_delete(kernel, array, &key), -EINVAL);
	key = 2;
	assert_int_equal(lade_bpf_map_update(kernel, array, &key, &one, 0), -E2BIG);
	assert_int_equal(lade_bpf_map_lookup(kernel, array, &key, &read), -ENOENT);
	assert_int_equal(lade_bpf_map_next_key(kernel, array, NULL, &next), 0);
	assert_int_equal(next, 0);
	assert_int_equal(lade_bpf_map_update(kernel, hash, &key, &one, BPF_EXIST), -ENOENT);
	assert_int_equal(lade_bpf_map_next_key(kernel, hash, NULL, &next), -ENOENT);
	assert_int_equal(lade_bpf_map_update(kernel, hash, &key, &one, BPF_NOEXIST), 0);
	assert_int_equal(lade_bpf_map_next_key(kernel, hash, NULL, &next), 0);
	assert_int_equal(next, 2);
	assert_int_equal(lade_bpf_map_delete(kernel, hash, &key), 0);
	assert_int_equal(lade_bpf_map_delete(kernel, hash, &key), -ENOENT);
	assert_int_equal(lade_bpf_map_frozen(kernel, array), 0);
	assert_int_equal(lade_bpf_map_freeze(kernel, array), 0);
	assert_int_equal(lade_bpf_map_frozen(kernel, array), 1);
	key = 0;
	assert_int_equal(lade_bpf_map_update(kernel, array, &key, &one, 0), -EPERM);
	assert_int_equal(lade_bpf_map_lookup(kernel, array, &key, &read), 0);
	int again = lade_bpf_map_freeze(kernel, array);
	assert_true(again == -EPERM || again == -EBUSY); /* EBUSY up to 6.1 at least, EPERM from 6.12 */
	assert_int_equal(lade_bpf_map_update(kernel, 9999, &key, &one, 0), -EBADF);
	struct bpf_map_info info;
	assert_int_equal(lade_bpf_map_info(kernel, hash, &info), 0);
	assert_int_equal(info.type, BPF_MAP_TYPE_HASH);
	assert_int_equal(info.max_entries, 2);
	assert_true(info.id > 0);
	(void)close(array);
	(void)close(hash);
}

static void elements_behave_alike_recorded(void **state)
{
	(void)state;
	struct kernel *kernel = new_recorded("6.18");
	tell_story_of_elements(kernel);
	lade_kernel_free(kernel);
}

static void elements_behave_alike_live(void **state)
{
	(void)state;
	struct kernel *kernel;
	if (!live_enter())
		skip();
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	tell_story_of_elements(kernel);
	lade_kernel_free(kernel);
}

static void slots_of_a_prog_array_take_programs_only(void **state)
{
	(void)state;
	const struct bpf_insn end[] = { { .code = BPF_JMP | BPF_EXIT } };
	struct kernel *kernel = new_recorded("6.18");
	struct attr_prog_load attr = {
		.prog_type = 1, .insn_cnt = 1, .insns = (uintptr_t)end, .license = (uintptr_t) "GPL"
	};
	int array = new_map(kernel, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4), program = lade_bpf_prog_load(kernel, &attr);
	uint32_t key = 3, id = 0;
	struct bpf_prog_info info;
	assert_int_equal(lade_bpf_map_update(kernel, array, &key, &program, 0), 0);
	assert_int_equal(lade_bpf_map_lookup(kernel, array, &key, &id), 0);
	assert_int_equal(lade_bpf_prog_info(kernel, program, &info), 0);
	assert_int_equal(id, info.id);
	assert_int_equal(lade_bpf_map_update(kernel, array, &key, &array, 0), -EINVAL);
	key = 0;
	assert_int_equal(lade_bpf_map_lookup(kernel, array, &key, &id), -ENOENT);
	(void)close(array);
	(void)close(program);
	lade_kernel_free(kernel);
}

/* ---- pins of the recorded kernel ---- */

static void recorded_pins_are_files_that_another_recording_can_open(void **state)
{
	(void)state;
	char directory[] = "/tmp/lade-pins-XXXXXX", path[64];
	assert_non_null(mkdtemp(directory));
	struct live_before before = live_before(directory);
	(void)snprintf(path, sizeof path, "%s/map", directory);
	struct kernel *first = new_recorded("6.18"), *second = new_recorded("6.18");
	int map = new_map(first, 1, 4, 24, 8);
	struct bpf_map_info info;
	assert_int_equal(lade_bpf_obj_get(first, path), -ENOENT);
	assert_int_equal(lade_bpf_obj_pin(first, map, path), 0);
	assert_int_equal(lade_bpf_obj_pin(first, map, path), -EEXIST);
	int same = lade_bpf_obj_get(first, path), other = lade_bpf_obj_get(second, path);
	assert_true(same > 2 && other > 2);
	assert_int_equal(lade_bpf_map_info(second, other, &info), 0);
	assert_int_equal(info.value_size, 24);
	uint32_t key = 1;
	char value[24] = "through one, out of the", read[24];
	assert_int_equal(lade_bpf_map_update(first, map, &key, value, 0), 0);
	assert_int_equal(lade_bpf_map_lookup(first, same, &key, read), 0);
	assert_memory_equal(read, value, sizeof value);
	(void)close(map);
	(void)close(same);
	(void)close(other);
	lade_kernel_free(first);
	lade_kernel_free(second);
	assert_int_equal(unlink(path), 0);
	assert_nothing_left(&before);
	assert_int_equal(rmdir(directory), 0);
}

static void recording_remembers_calls_and_instructions(void **state)
{
	(void)state;
	const struct bpf_insn end[] = { { .code = BPF_JMP | BPF_EXIT } };
	struct kernel *kernel = new_recorded("5.4");
	struct attr_prog_load attr = {
		.prog_type = 1, .insn_cnt = 1, .insns = (uintptr_t)end, .license = (uintptr_t) "GPL"
	};
	int program = lade_bpf_prog_load(kernel, &attr);
	assert_int_equal(lade_recorded_call_count(kernel), 1);
	const struct recorded_call *call = lade_recorded_call(kernel, 0);
	assert_string_equal(call->name, "BPF_PROG_LOAD");
	assert_int_equal(call->result, program);
	assert_int_equal(call->payload_size, sizeof end);
	assert_memory_equal(call->payload, end, sizeof end);
	assert_null(lade_recorded_call(kernel, 1));
	(void)close(program);
	lade_kernel_free(kernel);
}

static void *create_many(void *kernel)
{
	for (int i = 0; i < 200; i++) {
		int fd = new_map(kernel, 2, 4, 4, 1);
		uint32_t key = 0, value = 1;
		bool written = lade_bpf_map_update(kernel, fd, &key, &value, 0) == 0;
		(void)close(fd);
		if (!written)
			return kernel;
	}
	return NULL;
}

static void recorded_and_fault_kernels_take_several_threads(void **state)
{
	(void)state;
	struct kernel *kernel;
	const struct fault none = { FAULT_NONE };
	pthread_t threads[4];
	assert_int_equal(lade_kernel_fault(new_recorded("6.18"), &none, &kernel), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, create_many, kernel), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++) {
		void *failed;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(lade_kernel_fault_count(kernel), ELEMENTS(threads) * 400);
	lade_kernel_free(kernel);
}

/* ---- faults ---- */

static void nth_changing_call_fails_and_reading_is_not_counted(void **state)
{
	(void)state;
	struct kernel *kernel;
	const struct fault fault = { FAULT_ERRNO, .nth = 2, .errnum = ENOMEM, .repeat = 2 };
	assert_int_equal(lade_kernel_fault(new_recorded("6.18"), &fault, &kernel), 0);
	struct bpf_map_info info;
	int first = new_map(kernel, 2, 4, 4, 1);
	assert_true(first > 2);
	assert_int_equal(lade_bpf_map_info(kernel, first, &info), 0);
	assert_int_equal(new_map(kernel, 2, 4, 4, 1), -ENOMEM);
	assert_int_equal(kernel->calls->mkdir(kernel, "/nowhere/at/all", 0700), -ENOMEM);
	assert_int_equal(kernel->calls->mkdir(kernel, "/nowhere/at/all", 0700), -ENOENT);
	assert_int_equal(lade_kernel_fault_count(kernel), 4);
	assert_string_equal(lade_kernel_fault_call(kernel, 1), "BPF_MAP_CREATE");
	assert_string_equal(lade_kernel_fault_call(kernel, 3), "mkdir");
	assert_null(lade_kernel_fault_call(kernel, 5));
	assert_null(lade_kernel_fault_call(kernel, 0));
	assert_int_equal(lade_kernel_version(kernel), 6 << 16 | 18 << 8 | 44);
	(void)close(first);
	lade_kernel_free(kernel);
}

static void interrupted_call_is_made_again(void **state)
{
	(void)state;
	struct kernel *kernel;
	const struct fault fault = { FAULT_ERRNO, .nth = 1, .errnum = EINTR, .repeat = 3 };
	assert_int_equal(lade_kernel_fault(new_recorded("6.18"), &fault, &kernel), 0);
	int fd = new_map(kernel, 2, 4, 4, 1);
	assert_true(fd > 2);
	assert_int_equal(lade_kernel_fault_count(kernel), 4);
	(void)close(fd);
	lade_kernel_free(kernel);
}

static void kill_before_makes_no_call_and_kill_after_does(void **state)
{
	(void)state;
	char directory[] = "/tmp/lade-kill-XXXXXX", path[64];
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof path, "%s/made", directory);
	for (int after = 0; after < 2; after++) {
		pid_t child = fork();
		if (child == 0) {
			struct kernel *kernel;
			const struct fault fault = { after ? FAULT_KILL_AFTER : FAULT_KILL_BEFORE, .nth = 1 };
			if (lade_kernel_fault(new_recorded("6.18"), &fault, &kernel) == 0)
				(void)kernel->calls->mkdir(kernel, path, 0700);
			_exit(0);
		}
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_int_equal(access(path, F_OK), after ? 0 : -1);
	}
	live_remove_tree(directory);
}

/* ---- facts ---- */

static void cpu_lists_are_counted(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		unsigned count;
	} lists[] = {
		{ "0", 1 }, { "0-1", 2 }, { "0-3,8", 5 }, { "0-1,4-5,7", 5 },
		{ "", 0 },  { "x", 0 },   { "3-1", 0 },   { "0-99999999999", 0 },
	};
	for (size_t i = 0; i < ELEMENTS(lists); i++)
		assert_int_equal(lade_cpu_list_count(lists[i].list), lists[i].count);
	struct kernel *kernel = new_recorded("4.19");
	assert_true(lade_kernel_online_cpus(kernel) >= 1);
	assert_true(lade_kernel_possible_cpus(kernel) >= lade_kernel_online_cpus(kernel));
	lade_kernel_free(kernel);
}

static void true_version_is_found_behind_the_distribution_s(void **state)
{
	(void)state;
	static const struct {
		const char *signature, *build, *release;
		uint32_t version;
	} machines[] = {
		{ "Ubuntu 4.15.0-20.21-generic 4.15.17", "#21-Ubuntu SMP", "4.15.0-20-generic", 0x040f11 },
		{ NULL, "#1 SMP Debian 4.9.82-1+deb9u3 (2018-03-02)", "4.9.0-6-amd64", 0x040952 },
		{ NULL, "#1 SMP Debian 5.10.223-1 (2024-08-10)", "5.10.0-32-amd64", 0x050adf },
		{ NULL, "#1 SMP PREEMPT_DYNAMIC @0", "6.18.44", 0x06122c },
		{ NULL, "#1 SMP", "4.19.325-android", 0x0413ff },
		{ NULL, "#1 SMP", "7.0-rc1", 0x070000 },
		{ "nonsense", "Debian nonsense", "nonsense", 0 },
	};
	for (size_t i = 0; i < ELEMENTS(machines); i++)
		assert_int_equal(lade_version_choose(machines[i].signature, machines[i].build, machines[i].release),
				 machines[i].version);
}

static void recorded_release_is_the_profile_s(void **state)
{
	(void)state;
	char buffer[64];
	struct kernel *kernel = new_recorded("5.10");
	assert_string_equal(lade_kernel_release(kernel, buffer, sizeof buffer), "5.10.223");
	assert_false(lade_kernel_form_absent(kernel, FORM_NAMES));
	lade_kernel_form_set_absent(kernel, FORM_NAMES);
	assert_true(lade_kernel_form_absent(kernel, FORM_NAMES));
	assert_false(lade_kernel_form_absent(kernel, FORM_PERF_LINK));
	lade_kernel_free(kernel);
}

/* ---- contexts and the log ---- */

static void context_checks_its_options(void **state)
{
	(void)state;
	struct lade_context *context = NULL;
	struct lade_error *error = NULL;
	struct {
		struct lade_context_opts known;
		size_t unknown;
	} longer = { { .size = sizeof longer }, 0 };
	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	assert_string_equal(context->bpffs, "/sys/fs/bpf");
	assert_null(context->kernel);
	context = lade_context_free(context);
	assert_int_equal(lade_context_new(&longer.known, &context, NULL), 0);
	context = lade_context_free(context);
	longer.unknown = 1;
	assert_int_equal(lade_context_new(&longer.known, &context, NULL), -E2BIG);
	const struct lade_context_opts relative = { .size = sizeof relative, .bpffs = "bpf" };
	assert_int_equal(lade_context_new(&relative, &context, &error), -EINVAL);
	assert_null(context);
	assert_int_equal(lade_error_exit_code(error), 1);
	lade_error_free(error);
	const struct lade_context_opts slash = { .size = sizeof slash, .bpffs = "/x/y//" };
	assert_int_equal(lade_context_new(&slash, &context, NULL), 0);
	assert_string_equal(context->bpffs, "/x/y");
	assert_null(lade_context_free(context));
	assert_null(lade_context_free(NULL));
	assert_true(lade_version()[0]);
}

static unsigned logged;
static char last_line[512];

static void count_line(void *userdata, enum lade_log_level level, const char *line)
{
	(void)userdata;
	if (level == LADE_LOG_DEBUG)
		logged++;
	(void)snprintf(last_line, sizeof last_line, "%s", line);
}

static void *make_one_directory(void *kernel)
{
	(void)((struct kernel *)kernel)->calls->mkdir(kernel, "/nowhere/at/all", 0700);
	return NULL;
}

static void calls_are_logged_from_the_owner_s_thread_only(void **state)
{
	(void)state;
	struct lade_context *context;
	struct kernel *kernel;
	pthread_t thread;
	const struct lade_context_opts opts = { .size = sizeof opts, .log = count_line };
	assert_int_equal(lade_context_new(&opts, &context, NULL), 0);
	assert_int_equal(lade_context_kernel(context, &kernel, NULL), 0);
	(void)make_one_directory(kernel);
	assert_int_equal(logged, 1);
	assert_string_equal(last_line, "mkdir /nowhere/at/all = -2 (ENOENT)");
	assert_int_equal(pthread_create(&thread, NULL, make_one_directory, kernel), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(logged, 1);
	(void)lade_bpf_obj_get(kernel, "/nowhere/at/all");
	assert_int_equal(logged, 2);
	assert_non_null(strstr(last_line, "BPF_OBJ_GET /nowhere/at/all = -"));
	lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_never_standard_ones_live),
		cmocka_unit_test(descriptors_are_never_standard_ones_recorded),
		cmocka_unit_test(elements_behave_alike_recorded),
		cmocka_unit_test(elements_behave_alike_live),
		cmocka_unit_test(slots_of_a_prog_array_take_programs_only),
		cmocka_unit_test(recorded_pins_are_files_that_another_recording_can_open),
		cmocka_unit_test(recording_remembers_calls_and_instructions),
		cmocka_unit_test(recorded_and_fault_kernels_take_several_threads),
		cmocka_unit_test(nth_changing_call_fails_and_reading_is_not_counted),
		cmocka_unit_test(interrupted_call_is_made_again),
		cmocka_unit_test(kill_before_makes_no_call_and_kill_after_does),
		cmocka_unit_test(cpu_lists_are_counted),
		cmocka_unit_test(true_version_is_found_behind_the_distribution_s),
		cmocka_unit_test(recorded_release_is_the_profile_s),
		cmocka_unit_test(context_checks_its_options),
		cmocka_unit_test(calls_are_logged_from_the_owner_s_thread_only),
	};
	return cmocka_run_group_tests_name("kernel-kernel", tests, NULL, NULL);
}
