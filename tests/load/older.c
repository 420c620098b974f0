/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernels that are not here: what is stepped back, what is remembered of it, how a rejection is asked about.
 * The recorded kernel answers and remembers the calls.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "base/error.h"
#include "diagnose/diagnose.h"
#include "harness/live.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "kernel/recorded.h"

#define SAMPLES      OBJECT("dia_size28_kern.o")
#define OBJECT(name) TEST_OBJECTS "/" name

struct world {
	struct lade_context *context;
	struct kernel *kernel;
	struct lade_object *object;
	struct lade_instance *instance;
	struct lade_error *error;
	struct live_before before;
};

static void enter(struct world *world, const char *profile, const struct recorded_rejection *rejections, size_t count)
{
	*world = (struct world){ .before = live_before("/tmp") };
	assert_int_equal(lade_context_new(NULL, &world->context, NULL), 0);
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile(profile), rejections, count, &world->kernel), 0);
	lade_context_set_kernel(world->context, world->kernel);
}

static int load(struct world *world, const char *file)
{
	if (lade_object_open(world->context, file, NULL, &world->object, &world->error) < 0)
		fail_msg("%s", lade_error_message(world->error));
	return lade_object_load(world->object, NULL, &world->instance, &world->error);
}

static void must_load(struct world *world, const char *file)
{
	if (load(world, file) < 0)
		fail_msg("%s", lade_error_message(world->error));
}

static void leave(struct world *world)
{
	if (world->instance)
		assert_int_equal(lade_instance_unload(world->instance, NULL), 0);
	(void)lade_object_free(world->object);
	(void)lade_error_free(world->error);
	(void)lade_context_free(world->context);
	assert_int_equal(fd_count(), world->before.fds);
	free(world->before.root);
	free(world->before.pins);
}

static unsigned notes_with(const struct world *world, const char *code)
{
	unsigned count = 0;

	for (size_t i = 0; i < lade_instance_note_count(world->instance); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_instance_note(world->instance, i), &info), 0);
		count += strcmp(info.code, code) == 0;
	}
	return count;
}

/* The nth call of a command, from 0; NULL: there were fewer. */
static const struct recorded_call *nth_call(const struct world *world, int command, unsigned nth)
{
	for (size_t i = 0; i < lade_recorded_call_count(world->kernel); i++) {
		const struct recorded_call *call = lade_recorded_call(world->kernel, i);
		if (call->command == command && nth-- == 0)
			return call;
	}
	return NULL;
}

static unsigned count_calls(const struct world *world, int command)
{
	unsigned count = 0;

	while (nth_call(world, command, count))
		count++;
	return count;
}

static void a_sample_loads_on_4_19_without_stepping_back(void **state)
{
	struct world world;

	(void)state;
	enter(&world, "4.19", NULL, 0);
	must_load(&world, SAMPLES);
	assert_int_equal(lade_instance_note_count(world.instance), 0);
	assert_int_equal(count_calls(&world, BPF_MAP_CREATE), 2);
	assert_int_equal(count_calls(&world, BPF_PROG_LOAD), 1);
	leave(&world);
}

static void a_kprobe_gets_the_version_of_the_kernel_and_not_that_of_its_object(void **state)
{
	struct world world;
	const struct attr_prog_load *attr;

	(void)state;
	enter(&world, "4.19", NULL, 0);
	must_load(&world, SAMPLES);
	attr = nth_call(&world, BPF_PROG_LOAD, 0)->attr;
	assert_int_equal(attr->kern_version, lade_recorded_profile("4.19")->version);
	leave(&world);
}

static void a_kernel_without_names_is_asked_once_with_a_name_and_then_never_again(void **state)
{
	struct world world;

	(void)state;
	enter(&world, "4.9", NULL, 0);
	must_load(&world, SAMPLES);
	/* The first map is refused with its name and made without; the second and the program come without. */
	assert_int_equal(count_calls(&world, BPF_MAP_CREATE), 3);
	assert_int_equal(count_calls(&world, BPF_PROG_LOAD), 1);
	assert_int_equal(notes_with(&world, "map.stepped-back"), 1);
	leave(&world);
}

static void btf_loses_what_an_old_kernel_does_not_know_and_programs_their_records(void **state)
{
	struct world world;
	const struct attr_prog_load *attr;

	(void)state;
	enter(&world, "4.19", NULL, 0);
	must_load(&world, OBJECT("cli_refused.bpf.o"));
	assert_int_equal(notes_with(&world, "btf.stepped-back"), 1);
	assert_int_equal(notes_with(&world, "btf.load.without"), 0);
	attr = nth_call(&world, BPF_PROG_LOAD, 0)->attr;
	assert_int_equal(attr->prog_btf_fd, 0);
	assert_int_equal(attr->func_info_cnt, 0);
	leave(&world);
}

static void kinds_that_came_later_are_rewritten_and_the_rest_of_the_btf_is_kept(void **state)
{
	struct lade_finding_info info = { .size = sizeof info };
	const struct attr_prog_load *attr;
	struct world world;

	(void)state;
	enter(&world, "5.10", NULL, 0);
	must_load(&world, OBJECT("elf_basic.bpf.o")); /* has a float */
	assert_int_equal(notes_with(&world, "btf.stepped-back"), 1);
	assert_int_equal(lade_finding_describe(lade_instance_note(world.instance, 0), &info), 0);
	assert_string_equal(info.evidence[info.evidence_count - 1], "without floating point types (since 5.13)");
	attr = nth_call(&world, BPF_PROG_LOAD, 0)->attr;
	assert_true(attr->prog_btf_fd > 0);
	assert_true(attr->func_info_cnt > 0);
	leave(&world);
}

static void global_data_on_a_kernel_before_5_2_is_a_finding_and_leaves_nothing(void **state)
{
	struct lade_finding_info info = { .size = sizeof info };
	struct world world;

	(void)state;
	enter(&world, "4.19", NULL, 0);
	assert_true(load(&world, OBJECT("elf_basic.bpf.o")) < 0);
	assert_int_equal(lade_finding_describe(lade_error_finding(world.error, 0), &info), 0);
	assert_string_equal(info.code, "map.create.global-data");
	assert_int_equal(lade_error_exit_code(world.error), 3);
	leave(&world);
}

/* ---- how a rejection is asked about ---- */

#define LOG                                                                                                            \
	"0: (85) call bpf_map_lookup_elem#1\n"                                                                         \
	"1: (79) r1 = *(u64 *)(r0 +0)\n"                                                                               \
	"R0 invalid mem access 'map_value_or_null'\n"                                                                  \
	"processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"

static void a_rejected_program_is_tried_once_more_with_a_log_of_64_kib_at_level_1(void **state)
{
	const struct recorded_rejection rejection = { "count", EACCES, LOG };
	const struct attr_prog_load *first, *second;
	struct lade_finding_info info = { .size = sizeof info };
	struct world world;

	(void)state;
	enter(&world, "6.18", &rejection, 1);
	assert_int_equal(load(&world, SAMPLES), -EACCES);
	assert_int_equal(count_calls(&world, BPF_PROG_LOAD), 2);
	first = nth_call(&world, BPF_PROG_LOAD, 0)->attr;
	second = nth_call(&world, BPF_PROG_LOAD, 1)->attr;
	assert_int_equal(first->log_level, 0);
	assert_int_equal(first->log_size, 0);
	assert_int_equal(second->log_level, 1);
	assert_int_equal(second->log_size, 64 * 1024);
	assert_int_equal(lade_finding_describe(lade_error_finding(world.error, 0), &info), 0);
	assert_string_equal(info.code, "verifier.deref.maybe-null");
	assert_string_equal(info.program, "count");
	assert_int_equal(info.instruction, 1);
	assert_string_equal(info.log, LOG);
	assert_int_equal(lade_error_exit_code(world.error), 4);
	leave(&world);
}

/* Its symbol table lacks the variable (CONFIG_KALLSYMS_ALL=n): no fault of the program. */
static void variable_whose_address_the_kernel_does_not_know_is_what_the_kernel_lacks(void **state)
{
	static const char log[] =
		"ldimm64 failed to find the address for kernel symbol 'runqueues'.\n"
		"processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 "
		"mark_read 0\n";
	const struct recorded_rejection rejection = { "count", ENOENT, log };
	struct lade_finding_info info = { .size = sizeof info };
	struct world world;

	(void)state;
	enter(&world, "6.18", &rejection, 1);
	assert_int_equal(load(&world, SAMPLES), -ENOENT);
	assert_int_equal(lade_finding_describe(lade_error_finding(world.error, 0), &info), 0);
	assert_string_equal(info.code, "verifier.ksym.no-address");
	assert_non_null(strstr(info.message, "'runqueues'"));
	assert_non_null(strstr(info.fix, "CONFIG_KALLSYMS_ALL=y"));
	assert_int_equal(lade_error_exit_code(world.error), 3);
	leave(&world);
}

static void all_programs_are_tried_and_findings_come_in_file_order(void **state)
{
	const struct recorded_rejection rejections[] = { { "on_switch", EACCES, LOG },
							 { "plain_xdp", EINVAL, LOG },
							 { "on_exit", EACCES, LOG } };
	static const char *const order[] = { "plain_xdp", "on_switch", "on_exit" };
	struct world world;

	(void)state;
	enter(&world, "6.18", rejections, ELEMENTS(rejections));
	assert_int_equal(load(&world, OBJECT("dia_prefix_kern.o")), -EINVAL);
	assert_int_equal(lade_error_finding_count(world.error), ELEMENTS(order));
	for (size_t i = 0; i < ELEMENTS(order); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_error_finding(world.error, i), &info), 0);
		assert_string_equal(info.program, order[i]);
	}
	leave(&world);
}

/* Ten programs, each tried once and once more with its log. */
static void no_program_is_tried_a_third_time_without_reason(void **state)
{
	const struct recorded_rejection rejection = { "plain_xdp", EACCES, LOG };
	struct world world;

	(void)state;
	enter(&world, "6.18", &rejection, 1);
	assert_int_equal(load(&world, OBJECT("dia_prefix_kern.o")), -EACCES);
	assert_int_equal(count_calls(&world, BPF_PROG_LOAD), 11);
	leave(&world);
}

/* The log shows source lines, too, and these may say anything: here "BTF". Its end tells that types were no matter. */
static void a_log_that_only_mentions_btf_is_no_reason_to_try_without(void **state)
{
	const struct recorded_rejection rejection = { "on_exec", EINVAL, "; read_BTF(func_info);\n" LOG };
	struct world world;
	size_t programs;

	(void)state;
	enter(&world, "6.18", NULL, 0);
	assert_int_equal(load(&world, OBJECT("elf_basic.bpf.o")), 0);
	programs = count_calls(&world, BPF_PROG_LOAD);
	leave(&world);
	enter(&world, "6.18", &rejection, 1);
	assert_int_equal(load(&world, OBJECT("elf_basic.bpf.o")), -EINVAL);
	assert_int_equal(count_calls(&world, BPF_PROG_LOAD), programs + 1);
	leave(&world);
}

/* ---- calls that fail and are made again ---- */

struct hiccup {
	const char *profile, *call;
	int errnum;
	unsigned times;
	bool raise_memlock;
};

static int load_hiccuping(const struct hiccup *hiccup)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .raise_memlock = hiccup->raise_memlock };
	struct fault fault = { .action = FAULT_NONE };
	struct lade_context *context = NULL;
	struct lade_instance *instance = NULL;
	struct lade_object *object = NULL;
	struct kernel *inner = NULL, *kernel = NULL;
	unsigned nth = 0;
	int r = 0;

	for (unsigned round = 0; round < 2; round++) { /* find the call, then make it fail */
		assert_int_equal(lade_context_new(&opts, &context, NULL), 0);
		assert_int_equal(lade_kernel_recorded(lade_recorded_profile(hiccup->profile), NULL, 0, &inner), 0);
		assert_int_equal(lade_kernel_fault(inner, &fault, &kernel), 0);
		lade_context_set_kernel(context, kernel);
		assert_int_equal(lade_object_open(context, SAMPLES, NULL, &object, NULL), 0);
		instance = NULL;
		r = lade_object_load(object, NULL, &instance, NULL);
		for (unsigned i = 1; nth == 0 && i <= lade_kernel_fault_count(kernel); i++)
			if (strcmp(lade_kernel_fault_call(kernel, i), hiccup->call) == 0)
				nth = i;
		(void)lade_instance_close(instance);
		(void)lade_object_free(object);
		(void)lade_context_free(context);
		assert_true(nth > 0);
		fault = (struct fault){
			.action = FAULT_ERRNO, .nth = nth, .errnum = hiccup->errnum, .repeat = hiccup->times
		};
	}
	return r;
}

static void an_interrupted_verification_is_tried_five_times(void **state)
{
	const struct hiccup four = { "6.18", "BPF_PROG_LOAD", EAGAIN, 4, false };
	const struct hiccup five = { "6.18", "BPF_PROG_LOAD", EAGAIN, 5, false };

	(void)state;
	assert_int_equal(load_hiccuping(&four), 0);
	assert_int_equal(load_hiccuping(&five), -EAGAIN);
}

static void memlock_is_raised_after_eperm_on_kernels_before_5_11_where_that_is_allowed(void **state)
{
	static const char *const calls[] = { "BPF_MAP_CREATE", "BPF_PROG_LOAD" };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(calls); i++) {
		const struct hiccup allowed = { "5.10", calls[i], EPERM, 1, true };
		const struct hiccup forbidden = { "5.10", calls[i], EPERM, 1, false };
		const struct hiccup newer = { "6.18", calls[i], EPERM, 1, true };
		assert_int_equal(load_hiccuping(&allowed), 0);
		assert_int_equal(load_hiccuping(&forbidden), -EPERM);
		assert_int_equal(load_hiccuping(&newer), -EPERM);
	}
}

static void what_a_kernel_says_about_a_map_is_in_the_finding(void **state)
{
	struct recorded_profile newest = *lade_recorded_profile("6.18");
	struct world world = { .before = live_before("/tmp") };
	const struct lade_finding *finding;
	bool said = false;

	(void)state;
	newest.common_log = "max_entries must be a power of two";
	assert_int_equal(lade_context_new(NULL, &world.context, NULL), 0);
	assert_int_equal(lade_kernel_recorded(&newest, NULL, 0, &world.kernel), 0);
	lade_context_set_kernel(world.context, world.kernel);
	assert_int_equal(load(&world, OBJECT("cli_map999.bpf.o")), -EINVAL);
	finding = lade_error_finding(world.error, 0);
	array_foreach(line, &finding->evidence)
		said |= strstr(*line, newest.common_log) != NULL;
	assert_true(said);
	assert_non_null(strstr(finding->log, newest.common_log));
	leave(&world);
}

/* The words of each are right: what lacks is memory, or the type. */
static void arena_that_is_refused_is_not_told_to_have_a_value(void **state)
{
	static const struct {
		const char *profile, *code;
		int errnum;
	} rows[] = { { "6.18", "map.create.memory", ENOMEM }, { "5.10", "map.create.type", EINVAL } };
	const struct map_definition arena = { .type = 33, .max_entries = 100, .flags = BPF_F_MMAPABLE };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct world world;
		enter(&world, rows[i].profile, NULL, 0);
		must_load(&world, SAMPLES);
		assert_int_equal(lade_diagnose_map(world.kernel, world.object, "arena", &arena, NULL, rows[i].errnum,
						   "", &world.error),
				 -rows[i].errnum);
		assert_string_equal(lade_error_finding(world.error, 0)->code, rows[i].code);
		leave(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_that_is_refused_is_not_told_to_have_a_value),
		cmocka_unit_test(what_a_kernel_says_about_a_map_is_in_the_finding),
		cmocka_unit_test(a_sample_loads_on_4_19_without_stepping_back),
		cmocka_unit_test(a_kprobe_gets_the_version_of_the_kernel_and_not_that_of_its_object),
		cmocka_unit_test(a_kernel_without_names_is_asked_once_with_a_name_and_then_never_again),
		cmocka_unit_test(btf_loses_what_an_old_kernel_does_not_know_and_programs_their_records),
		cmocka_unit_test(kinds_that_came_later_are_rewritten_and_the_rest_of_the_btf_is_kept),
		cmocka_unit_test(global_data_on_a_kernel_before_5_2_is_a_finding_and_leaves_nothing),
		cmocka_unit_test(a_rejected_program_is_tried_once_more_with_a_log_of_64_kib_at_level_1),
		cmocka_unit_test(variable_whose_address_the_kernel_does_not_know_is_what_the_kernel_lacks),
		cmocka_unit_test(all_programs_are_tried_and_findings_come_in_file_order),
		cmocka_unit_test(no_program_is_tried_a_third_time_without_reason),
		cmocka_unit_test(a_log_that_only_mentions_btf_is_no_reason_to_try_without),
		cmocka_unit_test(an_interrupted_verification_is_tried_five_times),
		cmocka_unit_test(memlock_is_raised_after_eperm_on_kernels_before_5_11_where_that_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
