/* SPDX-License-Identifier: BSD-2-Clause */
/* Our objects before kernels that are not here: releases by their number, and kernels whose types are known. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/check.h>
#include <lade/needs.h>

#include "base/array.h"

#define PROGRAMS TEST_OBJECTS "/chk_programs.bpf.o"
#define MAPS     TEST_OBJECTS "/chk_maps.bpf.o"
#define KERNEL   TEST_OBJECTS "/chk_kernel.bpf.o" /* its types stand for a kernel's */

struct made {
	struct lade_context *context;
	struct lade_object *object;
	struct lade_targets *targets;
	struct lade_check *check;
	char directory[64];
};

static int setup(void **state)
{
	struct made *made = calloc(1, sizeof *made);

	if (!made)
		return -1;
	*state = made;
	(void)strcpy(made->directory, "/tmp/lade-check-XXXXXX");
	return mkdtemp(made->directory) ? lade_context_new(NULL, &made->context, NULL) : -1;
}

static void forget(struct made *made)
{
	made->check = lade_check_free(made->check);
	made->object = lade_object_free(made->object);
	made->targets = lade_targets_free(made->targets);
}

static int teardown(void **state)
{
	struct made *made = *state;
	char command[128];

	forget(made);
	lade_context_free(made->context);
	(void)snprintf(command, sizeof command, "rm -rf %s", made->directory);
	int result = system(command); /* NOLINT(cert-env33-c): the name is ours */
	free(made);
	return result;
}

static const char *put_file(struct made *made, const char *name, const char *text)
{
	static char path[256];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", made->directory, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void open_targets(struct made *made, struct lade_target_opts opts)
{
	struct lade_error *error = NULL;

	opts.size = sizeof opts;
	opts.machine = opts.machine ? opts.machine : "x86_64";
	if (lade_targets_open(made->context, &opts, &made->targets, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

/* program NULL: all of them. */
static void open_object(struct made *made, const char *file, const char *program)
{
	struct lade_error *error = NULL;
	struct lade_program *other;

	if (lade_object_open(made->context, file, NULL, &made->object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	for (size_t i = 0; program && (other = lade_object_program(made->object, i)); i++) {
		struct lade_program_info info = { .size = sizeof info };
		assert_int_equal(lade_program_describe(other, &info), 0);
		assert_int_equal(lade_program_set_autoload(other, strcmp(info.name, program) == 0), 0);
	}
}

static enum lade_check_answer judge(struct made *made, bool attach)
{
	struct lade_check_opts opts = { .size = sizeof opts, .attach = attach };
	struct lade_error *error = NULL;

	if (lade_check_object(made->object, lade_target(made->targets, 0), &opts, &made->check, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return lade_check_answer(made->check);
}

/* One program before one release. */
static enum lade_check_answer program_on(struct made *made, const char *program, const char *kernel)
{
	forget(made);
	open_targets(made, (struct lade_target_opts){ .kernels = kernel });
	open_object(made, PROGRAMS, program);
	return judge(made, false);
}

/* The same where its types are known, too. */
static enum lade_check_answer program_with_types(struct made *made, const char *program, const char *kernel)
{
	forget(made);
	open_targets(made, (struct lade_target_opts){ .kernels = kernel, .btf = KERNEL });
	open_object(made, PROGRAMS, program);
	return judge(made, false);
}

static enum lade_check_answer maps_on(struct made *made, const char *kernel, unsigned cpus)
{
	forget(made);
	open_targets(made, (struct lade_target_opts){ .kernels = kernel, .cpus = cpus });
	open_object(made, MAPS, NULL);
	return judge(made, false);
}

/* The first of this code that speaks of the map, if one is given. */
static bool find(const struct made *made, const char *code, const char *map, struct lade_finding_info *info)
{
	for (size_t i = 0; i < lade_check_finding_count(made->check); i++) {
		*info = (struct lade_finding_info){ .size = sizeof *info };
		assert_int_equal(lade_finding_describe(lade_check_finding(made->check, i), info), 0);
		if (strcmp(info->code, code) == 0 && (!map || (info->map && strcmp(info->map, map) == 0)))
			return true;
	}
	return false;
}

static bool has(const struct made *made, const char *code)
{
	struct lade_finding_info info;

	return find(made, code, NULL, &info);
}

/* ---- answers ---- */

static void helper_that_came_later_is_refused_with_place_and_release(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	assert_int_equal(program_on(made, "chk_helper", "5.4"), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.helper.absent", NULL, &info));
	assert_int_equal(info.severity, LADE_ERROR);
	assert_string_equal(info.program, "chk_helper");
	assert_true(info.instruction >= 0);
	assert_non_null(strstr(info.source_file, "chk_programs.bpf.c"));
	assert_true(info.source_line > 0);
	assert_non_null(strstr(info.message, "bpf_ktime_get_boot_ns"));
	assert_true(info.evidence_count > 0);
	assert_string_equal(info.until, "5.7");
	assert_true(lade_check_by_table(made->check));
	assert_int_equal(program_on(made, "chk_helper", "5.8"), LADE_CHECK_LOADS);
}

static void helper_behind_a_question_is_a_note(void **state)
{
	struct made *made = *state;

	assert_int_equal(program_on(made, "chk_guarded", "5.4"), LADE_CHECK_LOADS);
	assert_false(has(made, "check.helper.absent"));
	/* With types it is answered by them. */
	assert_int_equal(program_with_types(made, "chk_guarded", "5.4"), LADE_CHECK_LOADS);
}

static void branch_on_a_read_only_variable_is_followed_only_where_kernels_do(void **state)
{
	struct made *made = *state;
	bool on = true;

	assert_int_equal(program_on(made, "chk_constant", "5.5"), LADE_CHECK_LOADS);
	assert_int_equal(program_on(made, "chk_constant", "5.4"), LADE_CHECK_DOES_NOT);
	/* … and what the user sets counts. */
	forget(made);
	open_targets(made, (struct lade_target_opts){ .kernels = "5.5" });
	open_object(made, PROGRAMS, "chk_constant");
	assert_int_equal(
		lade_variable_set_bytes(lade_object_find_variable(made->object, "chk_wants_boot"), &on, sizeof on), 0);
	assert_int_equal(judge(made, false), LADE_CHECK_DOES_NOT);
}

static void variables_need_5_2(void **state)
{
	struct made *made = *state;

	assert_int_equal(program_on(made, "chk_constant", "4.19"), LADE_CHECK_DOES_NOT);
	assert_true(has(made, "check.data"));
}

static void loop_is_refused_before_5_3(void **state)
{
	struct made *made = *state;

	assert_int_equal(program_on(made, "chk_loop", "5.2"), LADE_CHECK_DOES_NOT);
	assert_true(has(made, "check.loop"));
	assert_int_equal(program_on(made, "chk_loop", "5.3"), LADE_CHECK_LOADS);
}

static void stack_of_functions_that_call_each_other_is_added_up(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	assert_int_equal(program_on(made, "chk_stack", "6.12"), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.stack", NULL, &info));
	assert_int_equal(info.evidence_count, 2);
	assert_non_null(strstr(info.evidence[1], "deep"));
}

static void tail_call_beside_a_function_needs_5_10_and_the_machine(void **state)
{
	struct made *made = *state;

	assert_int_equal(program_on(made, "chk_tail", "5.4"), LADE_CHECK_DOES_NOT);
	assert_true(has(made, "check.tail-call"));
	assert_int_equal(program_on(made, "chk_tail", "5.10"), LADE_CHECK_LOADS);
	forget(made);
	open_targets(made, (struct lade_target_opts){ .kernels = "5.15", .machine = "aarch64" });
	open_object(made, PROGRAMS, "chk_tail");
	assert_int_equal(judge(made, false), LADE_CHECK_DOES_NOT);
	assert_true(has(made, "check.tail-call"));
}

static void atomic_operation_that_brings_the_old_value_needs_5_12(void **state)
{
	struct made *made = *state;

	assert_int_equal(program_on(made, "chk_atomic", "5.10"), LADE_CHECK_DOES_NOT);
	assert_true(has(made, "check.instruction"));
	assert_int_equal(program_on(made, "chk_atomic", "5.12"), LADE_CHECK_LOADS);
}

static void padding_on_the_stack_is_refused_by_old_kernels(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	assert_int_equal(program_on(made, "chk_padding", "5.4"), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.padding", NULL, &info));
	assert_non_null(strstr(info.message, "4 of 16 bytes of the key"));
	assert_int_equal(info.confidence, LADE_LIKELY);
	assert_int_equal(program_on(made, "chk_padding", "5.10"), LADE_CHECK_LOADS);
	assert_int_equal(program_on(made, "chk_guarded", "5.4"), LADE_CHECK_LOADS);
}

/* ---- types ---- */

static void field_that_the_types_lack_is_refused_and_a_guarded_one_is_not(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	assert_int_equal(program_with_types(made, "chk_field", "6.1"), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.core.field", NULL, &info));
	assert_non_null(strstr(info.message, "never_there"));
	assert_non_null(strstr(info.fix, "bpf_core_field_exists"));
	assert_int_equal(program_with_types(made, "chk_field_guarded", "6.1"), LADE_CHECK_LOADS);
	assert_false(has(made, "check.core.field"));
}

static void relocations_without_types_are_a_note_where_kernels_have_types(void **state)
{
	struct made *made = *state;

	assert_int_equal(program_on(made, "chk_field", "6.1"), LADE_CHECK_LOADS);
	assert_true(has(made, "check.core.open"));
	assert_int_equal(program_on(made, "chk_field_guarded", "5.1"), LADE_CHECK_DOES_NOT); /* it has variables */
	assert_true(has(made, "check.core.open"));
}

/* ---- maps ---- */

static void maps_are_judged_one_by_one(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	assert_int_equal(maps_on(made, "5.4", 96), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.map.type", "chk_ring", &info));
	assert_true(find(made, "check.map.rule", "chk_lpm", &info));
	assert_true(find(made, "check.map.rule", "chk_queue", &info));
	assert_true(find(made, "check.map.key", "chk_key", &info));
	assert_true(find(made, "check.map.value", "chk_wide", &info));
	assert_false(find(made, "check.map.flag", "chk_zero", &info));
	for (size_t i = 0; i < lade_check_finding_count(made->check); i++) {
		assert_int_equal(lade_finding_describe(lade_check_finding(made->check, i), &info), 0);
		assert_true(!info.map || strcmp(info.map, "chk_plain") != 0);
	}
	assert_int_equal(maps_on(made, "4.19", 1), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.map.flag", "chk_zero", &info));
	assert_int_equal(maps_on(made, "6.12", 1), LADE_CHECK_DOES_NOT);
	assert_false(find(made, "check.map.type", "chk_ring", &info));
	assert_false(find(made, "check.map.key", "chk_key", &info));
	assert_true(find(made, "check.map.rule", "chk_lpm", &info));
}

static void cost_before_5_11_counts_every_cpu(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	(void)maps_on(made, "4.19", 96);
	assert_true(find(made, "check.map.cost", "chk_percpu", &info));
	assert_int_equal(info.severity, LADE_ERROR);
	assert_non_null(strstr(info.fix, "--max-entries chk_percpu="));
	(void)maps_on(made, "4.19", 8);
	assert_false(find(made, "check.map.cost", "chk_percpu", &info));
	(void)maps_on(made, "5.11", 96);
	assert_false(find(made, "check.map.cost", "chk_percpu", &info));
	/* How many there are is not known: from how many on it is too much. */
	(void)maps_on(made, "4.19", 0);
	assert_true(find(made, "check.map.cost", "chk_percpu", &info));
	assert_int_equal(info.severity, LADE_NOTE);
	assert_non_null(strstr(info.message, "from 88 possible CPUs on"));
}

static void perf_array_without_entries_is_sized_there(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	(void)maps_on(made, "6.1", 0);
	assert_true(find(made, "check.adjusted", "chk_events", &info));
	assert_false(find(made, "check.map.rule", "chk_events", &info));
	(void)maps_on(made, "6.1", 4);
	assert_true(find(made, "map.adjusted.perf-array", "chk_events", &info));
}

/* ---- configuration, symbols, events ---- */

static bool names_option(const struct made *made, const char *option)
{
	for (size_t i = 0; i < lade_check_finding_count(made->check); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_check_finding(made->check, i), &info), 0);
		if (strcmp(info.code, "check.config") == 0 && strstr(info.message, option))
			return true;
	}
	return false;
}

static void kernel_without_bpf_is_named_first(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;
	const char *config = put_file(
		made, "config",
		"CONFIG_NET=y\n# CONFIG_BPF_SYSCALL is not set\n# CONFIG_BPF_EVENTS is not set\nCONFIG_BPF=y\n");

	open_targets(made, (struct lade_target_opts){ .kernels = "5.10", .config = config });
	open_object(made, PROGRAMS, "chk_helper");
	assert_int_equal(judge(made, false), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.config", NULL, &info));
	assert_non_null(strstr(info.message, "CONFIG_BPF_SYSCALL"));
	assert_int_equal(info.confidence, LADE_CERTAIN);
	/* What else is missing is said besides, and nothing twice. */
	assert_false(has(made, "check.map.type"));
	assert_false(has(made, "check.program.type"));
	assert_true(names_option(made, "CONFIG_BPF_EVENTS"));
	assert_false(names_option(made, "CONFIG_NET:"));
}

static void missing_function_matters_only_when_attached(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;
	const char *map = put_file(made, "System.map",
				   "ffffffff81000000 T _text\nffffffff81000100 t chk_never_a_function.isra.0\n"
				   "ffffffff81000200 T vfs_read\n");

	open_targets(made, (struct lade_target_opts){ .kernels = "6.1", .system_map = map });
	open_object(made, PROGRAMS, "chk_probe");
	assert_int_equal(judge(made, false), LADE_CHECK_LOADS);
	assert_true(find(made, "check.probe", NULL, &info));
	assert_int_equal(info.severity, LADE_NOTE);
	made->check = lade_check_free(made->check);
	assert_int_equal(judge(made, true), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.probe", NULL, &info));
	assert_non_null(strstr(info.evidence[info.evidence_count - 1], "chk_never_a_function.isra.0"));
}

static void put_event(struct made *made)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/events", made->directory);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof path, "%s/events/sched", made->directory);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof path, "%s/events/sched/sched_process_exec", made->directory);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)put_file(made, "events/sched/sched_process_exec/format",
		       "name: sched_process_exec\nID: 365\nformat:\n"
		       "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		       "\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
		       "\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n"
		       "\tfield:pid_t old_pid;\toffset:16;\tsize:4;\tsigned:1;\n\nprint fmt: \"\"\n");
}

static void record_is_compared_field_by_field(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;
	char events[128];

	put_event(made);
	(void)snprintf(events, sizeof events, "%s/events", made->directory);
	open_targets(made, (struct lade_target_opts){ .kernels = "6.1", .events = events });
	open_object(made, PROGRAMS, "chk_record");
	assert_int_equal(judge(made, true), LADE_CHECK_LOADS);
	assert_true(find(made, "check.event.field", NULL, &info));
	assert_non_null(strstr(info.message, "pid at byte 16"));
	assert_non_null(strstr(info.message, "at 12 there"));
	forget(made);
	open_targets(made, (struct lade_target_opts){ .kernels = "6.1", .events = events });
	open_object(made, PROGRAMS, "chk_beyond");
	assert_int_equal(judge(made, true), LADE_CHECK_DOES_NOT);
	assert_true(has(made, "check.event.record"));
	/* Another event is not there at all. */
	forget(made);
	open_targets(made, (struct lade_target_opts){ .kernels = "6.1", .events = events });
	open_object(made, PROGRAMS, "chk_helper");
	assert_int_equal(judge(made, true), LADE_CHECK_DOES_NOT);
	assert_true(has(made, "check.event"));
}

/* ---- what every answer says ---- */

static void every_answer_says_what_it_does_not_predict(void **state)
{
	struct made *made = *state;

	(void)program_on(made, "chk_helper", "6.1");
	assert_true(has(made, "check.verifier"));
	assert_false(has(made, "check.tables"));
	(void)program_on(made, "chk_helper", "4.19");
	assert_true(has(made, "check.tables"));
	assert_true(lade_check_by_table(made->check));
}

static void findings_come_in_the_order_of_their_weight(void **state)
{
	struct made *made = *state;
	enum lade_severity last = LADE_ERROR;

	(void)maps_on(made, "4.9", 0);
	for (size_t i = 0; i < lade_check_finding_count(made->check); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_check_finding(made->check, i), &info), 0);
		assert_true(info.severity <= last);
		assert_non_null(info.code);
		assert_non_null(info.object);
		last = info.severity;
	}
	assert_null(lade_check_finding(made->check, lade_check_finding_count(made->check)));
}

static void the_same_question_twice_has_the_same_answer(void **state)
{
	struct made *made = *state;
	size_t count;

	assert_int_equal(program_on(made, NULL, "5.4"), LADE_CHECK_DOES_NOT);
	count = lade_check_finding_count(made->check);
	made->check = lade_check_free(made->check);
	assert_int_equal(judge(made, false), LADE_CHECK_DOES_NOT);
	assert_int_equal(lade_check_finding_count(made->check), count);
}

/* Nothing but a configuration: what only the release tells is one finding, which says how to settle it. */
static void unknown_release_is_said_once(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;
	const char *config = put_file(
		made, "config", "CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_BPF_EVENTS=y\nCONFIG_PERF_EVENTS=y\n");

	open_targets(made, (struct lade_target_opts){ .config = config });
	open_object(made, PROGRAMS, "chk_loop");
	assert_int_equal(judge(made, false), LADE_CHECK_CANNOT_SAY);
	assert_true(find(made, "check.unknown", NULL, &info));
	assert_int_equal(info.severity, LADE_WARNING);
	assert_non_null(strstr(info.fix, "--kernel"));
}

/* ---- one source of truth with lade inspect --needs ---- */

/* The release before one that has this number. */
static const char *before(const char *release)
{
	static const char *const releases[] = { "4.15", "4.16", "4.20", "5.0", "5.1",  "5.2",  "5.3", "5.4",
						"5.5",  "5.7",  "5.8",  "5.9", "5.10", "5.11", "5.12" };

	for (size_t i = 1; i < ELEMENTS(releases); i++)
		if (strcmp(releases[i], release) == 0)
			return releases[i - 1];
	fail_msg("%s is not in the list", release);
	return NULL;
}

static void lowest_kernel_of_needs_is_where_it_begins_to_load(void **state)
{
	static const char *const programs[] = { "chk_helper", "chk_loop", "chk_tail", "chk_atomic", "chk_probe" };
	struct made *made = *state;

	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct lade_needs *needs = lade_needs_new();
		const char *lowest;
		forget(made);
		open_object(made, PROGRAMS, programs[i]);
		assert_int_equal(lade_needs_add(needs, made->object), 0);
		lowest = lade_needs_kernel(needs);
		assert_int_equal(program_on(made, programs[i], lowest), LADE_CHECK_LOADS);
		assert_int_equal(program_on(made, programs[i], before(lowest)), LADE_CHECK_DOES_NOT);
		lade_needs_free(needs);
	}
}

/* ---- the kernel that runs ---- */

static void types_of_this_kernel_are_read_and_answer(void **state)
{
	struct made *made = *state;
	struct lade_finding_info info;

	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		(void)fprintf(stderr, "skipped: this kernel has no BTF\n");
		skip();
	}
	open_targets(made, (struct lade_target_opts){ .btf = "/sys/kernel/btf/vmlinux", .kernels = "6.1" });
	open_object(made, PROGRAMS, "chk_field_guarded");
	assert_int_equal(judge(made, false), LADE_CHECK_LOADS);
	forget(made);
	open_targets(made, (struct lade_target_opts){ .btf = "/sys/kernel/btf/vmlinux", .kernels = "6.1" });
	open_object(made, PROGRAMS, "chk_field");
	assert_int_equal(judge(made, false), LADE_CHECK_DOES_NOT);
	assert_true(find(made, "check.core.field", NULL, &info));
}

static void names_of_answers(void **state)
{
	(void)state;
	assert_string_equal(lade_check_answer_name(LADE_CHECK_LOADS), "loads");
	assert_string_equal(lade_check_answer_name(LADE_CHECK_CANNOT_SAY), "cannot say");
	assert_string_equal(lade_check_answer_name(LADE_CHECK_DOES_NOT), "does not load");
	assert_null(lade_check_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(helper_that_came_later_is_refused_with_place_and_release, setup,
						teardown),
		cmocka_unit_test_setup_teardown(helper_behind_a_question_is_a_note, setup, teardown),
		cmocka_unit_test_setup_teardown(branch_on_a_read_only_variable_is_followed_only_where_kernels_do, setup,
						teardown),
		cmocka_unit_test_setup_teardown(variables_need_5_2, setup, teardown),
		cmocka_unit_test_setup_teardown(loop_is_refused_before_5_3, setup, teardown),
		cmocka_unit_test_setup_teardown(stack_of_functions_that_call_each_other_is_added_up, setup, teardown),
		cmocka_unit_test_setup_teardown(tail_call_beside_a_function_needs_5_10_and_the_machine, setup,
						teardown),
		cmocka_unit_test_setup_teardown(atomic_operation_that_brings_the_old_value_needs_5_12, setup, teardown),
		cmocka_unit_test_setup_teardown(padding_on_the_stack_is_refused_by_old_kernels, setup, teardown),
		cmocka_unit_test_setup_teardown(field_that_the_types_lack_is_refused_and_a_guarded_one_is_not, setup,
						teardown),
		cmocka_unit_test_setup_teardown(relocations_without_types_are_a_note_where_kernels_have_types, setup,
						teardown),
		cmocka_unit_test_setup_teardown(maps_are_judged_one_by_one, setup, teardown),
		cmocka_unit_test_setup_teardown(cost_before_5_11_counts_every_cpu, setup, teardown),
		cmocka_unit_test_setup_teardown(perf_array_without_entries_is_sized_there, setup, teardown),
		cmocka_unit_test_setup_teardown(kernel_without_bpf_is_named_first, setup, teardown),
		cmocka_unit_test_setup_teardown(missing_function_matters_only_when_attached, setup, teardown),
		cmocka_unit_test_setup_teardown(record_is_compared_field_by_field, setup, teardown),
		cmocka_unit_test_setup_teardown(every_answer_says_what_it_does_not_predict, setup, teardown),
		cmocka_unit_test_setup_teardown(findings_come_in_the_order_of_their_weight, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_question_twice_has_the_same_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_release_is_said_once, setup, teardown),
		cmocka_unit_test_setup_teardown(lowest_kernel_of_needs_is_where_it_begins_to_load, setup, teardown),
		cmocka_unit_test_setup_teardown(types_of_this_kernel_are_read_and_answer, setup, teardown),
		cmocka_unit_test(names_of_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
