/* SPDX-License-Identifier: BSD-2-Clause */
/* Arenas: memory that programs and this process share. Compiled by clang 19 or newer, where there is one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "harness/loaded.h"
#include "harness/sanitized.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/fault.h"

#define GLOBAL        TEST_OBJECTS "/arena_global.recent.o"
#define FIXED         TEST_OBJECTS "/arena_fixed.recent.o"
#define SMALL         TEST_OBJECTS "/arena_small.recent.o"
#define FIXED_ADDRESS 0x123400000000ull
#define ADDRESS_TAKEN "its own memory lies where this arena wants to be"
#define ARENA_PAGES   100

/* Does the kernel have arenas, and do we have an object? */
static bool can_run(void)
{
	struct bpf_map_create_opts opts = { .sz = sizeof opts, .map_flags = BPF_F_MMAPABLE };
	int fd;

	if (access(GLOBAL, R_OK) != 0 || !live_enter()) {
		print_error("no object with an arena (clang-19), or no privilege\n");
		return false;
	}
	fd = bpf_map_create((enum bpf_map_type)33, "probe", 0, 0, 1, &opts);
	if (fd < 0)
		print_error("this kernel has no arenas\n");
	else
		(void)close(fd);
	return fd >= 0;
}

/* On the last page where the kernel takes such offsets, else on the first. */
static uint8_t *variables(struct lade_context *context, const struct lade_instance *instance, uint32_t pages)
{
	size_t bytes = 0, page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *memory = lade_instance_map_memory(instance, "arena", &bytes);
	struct kernel *kernel = NULL;

	assert_non_null(memory);
	assert_int_equal(bytes, pages * page);
	assert_int_equal(lade_context_kernel(context, &kernel, NULL), 0);
	return lade_kernel_has_far_offsets(kernel) ? memory + bytes - page : memory;
}

static void program_and_process_see_the_same_variables(void **state)
{
	struct loaded loaded;
	uint8_t *memory;
	uint64_t sum;
	uint32_t number;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, GLOBAL);
	assert_int_equal(lade_variable_set(lade_object_find_variable(loaded.object, "arena_number"), "5", NULL), 0);
	loaded_load(&loaded, NULL);
	memory = variables(loaded.context, loaded.instance, ARENA_PAGES);
	memcpy(&number, memory, sizeof number);
	assert_int_equal(number, 5);
	number = 30;
	memcpy(memory, &number, sizeof number);
	assert_int_equal(must_run(loaded.instance, "arena_add"), 30);
	assert_int_equal(must_run(loaded.instance, "arena_add"), 30);
	memcpy(&sum, memory + 8, sizeof sum);
	assert_int_equal(sum, 60);
	assert_leaves_nothing(&loaded);
}

static void arena_lies_where_its_author_says(void **state)
{
	struct loaded loaded;
	uint64_t address = 0;
	struct bpf_test_run_opts opts = { .sz = sizeof opts, .ctx_in = &address, .ctx_size_in = sizeof address };
	int fd;
	uint8_t *memory;
	uint32_t number;

	(void)state;
	if (!can_run() || thread_sanitizer_forbids(ADDRESS_TAKEN))
		skip();
	loaded = loaded_open(NULL, FIXED);
	loaded_load(&loaded, NULL);
	memory = variables(loaded.context, loaded.instance, 10);
	fd = lade_instance_program_fd(loaded.instance, "arena_address");
	assert_int_equal(bpf_prog_test_run_opts(fd, &opts), 0);
	assert_int_equal(address >> 32, FIXED_ADDRESS >> 32);
	assert_ptr_equal((uint8_t *)(uintptr_t)address, memory);
	memcpy(&number, memory, sizeof number);
	assert_int_equal(number, 42);
	loaded_leave(&loaded);
}

static void address_in_use_is_never_taken_away(void **state)
{
	struct loaded loaded;
	uint8_t *ours;

	(void)state;
	if (!can_run() || thread_sanitizer_forbids(ADDRESS_TAKEN))
		skip();
	loaded = loaded_open(NULL, FIXED);
	ours = mmap((void *)FIXED_ADDRESS, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0);
	assert_ptr_equal(ours, (void *)FIXED_ADDRESS);
	*ours = 99;
	assert_int_equal(loaded_fail(&loaded, NULL), -EEXIST);
	assert_string_equal(loaded.info.code, "map.arena.memory");
	assert_int_equal(*ours, 99);
	assert_int_equal(munmap(ours, 4096), 0);
	assert_leaves_nothing(&loaded);
}

static void arena_too_small_for_its_variables_is_refused(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, SMALL);
	assert_int_equal(loaded_fail(&loaded, NULL), -E2BIG);
	assert_string_equal(loaded.info.code, "plan.arena.small");
	assert_int_equal(lade_map_set_max_entries(lade_object_find_map(loaded.object, "arena"), 2), 0);
	(void)lade_instance_unload(must_load(loaded.object, NULL), NULL);
	loaded_leave(&loaded);
}

/* BPF_F_SEGV_ON_FAULT: whoever touches a page that programs have not made is killed. Not we. */
static void variables_that_cannot_be_written_are_a_finding(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, GLOBAL);
	assert_int_equal(lade_map_set_flags(lade_object_find_map(loaded.object, "arena"), 1 << 10 | 1 << 17), 0);
	assert_int_equal(loaded_fail(&loaded, NULL), -EFAULT);
	assert_string_equal(loaded.info.code, "map.arena.content");
	assert_leaves_nothing(&loaded);
}

/* False: the call that is to fail was never made. */
static bool fail_call(unsigned nth)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = ENOMEM };
	struct lade_context *context = new_context(NULL);
	struct lade_object *object = open_object(context, GLOBAL);
	struct kernel *faulty = use_faulty(context, &fault);
	struct lade_instance *instance = NULL;
	bool was_made;

	if (lade_object_load(object, NULL, &instance, NULL) == 0)
		assert_int_equal(lade_instance_unload(instance, NULL), 0);
	was_made = lade_kernel_fault_count(faulty) >= nth;
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	return was_made;
}

static void call_that_fails_leaves_nothing(void **state)
{
	unsigned nth = 1;

	(void)state;
	if (!can_run())
		skip();
	for (bool was_made = true; was_made; nth++) {
		struct live_before before = live_before(LIVE_BPFFS);
		was_made = fail_call(nth);
		assert_nothing_left(&before);
	}
	assert_true(nth > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_and_process_see_the_same_variables),
		cmocka_unit_test(arena_lies_where_its_author_says),
		cmocka_unit_test(address_in_use_is_never_taken_away),
		cmocka_unit_test(arena_too_small_for_its_variables_is_refused),
		cmocka_unit_test(variables_that_cannot_be_written_are_a_finding),
		cmocka_unit_test(call_that_fails_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
