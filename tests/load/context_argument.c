/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __arg_ctx on kernels that read the tag (since 6.8) and on those that do not: these are played by a kernel that looks
 * for the types of parameters as they did.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "btf/btf.h"
#include "harness/live.h"
#include "kernel/attr.h"
#include "kernel/context.h"
#include "kernel/recorded.h"

#define TAGGED   TEST_OBJECTS "/context_tag.bpf.o"
#define PROGRAMS 4

struct world {
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;
	struct lade_error *error;
	unsigned loads; /* BPF_PROG_LOAD */
};

/* The kernel behind the one that is played, and the types that it was given last. */
static const struct kernel_calls *recorded;
static struct lade_btf *types;
static unsigned loads;
static bool reads_tags;

static bool is_tagged(uint32_t function, uint32_t parameter)
{
	for (uint32_t id = 1; id < lade_btf_count(types); id++) {
		const struct btf_type *type = lade_btf_type(types, id);
		if (lade_btf_kind(type) == BTF_KIND_DECL_TAG && type->type == function &&
		    ((const struct btf_decl_tag *)(type + 1))->component_idx == (int)parameter)
			return true;
	}
	return false;
}

/* A context by the name of a struct that kernels have always known. */
static bool is_context(uint32_t type_id)
{
	static const char *const names[] = { "__sk_buff", "xdp_md", "bpf_user_pt_regs_t", "bpf_raw_tracepoint_args" };
	const struct btf_type *pointer = lade_btf_type(types, type_id);

	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(lade_btf_type_name(types, pointer->type), names[i]) == 0)
			return true;
	return false;
}

static bool is_understood(uint32_t function)
{
	const struct btf_type *prototype = lade_btf_type(types, lade_btf_type(types, function)->type);

	for (uint32_t i = 0; i < lade_btf_vlen(prototype); i++)
		if (is_tagged(function, i) && !is_context(lade_btf_params(prototype)[i].type))
			return false;
	return true;
}

static int refuse(const struct attr_prog_load *attr)
{
	static const char log[] = "Validating report() func#1...\n"
				  "arg#1 reference type('UNKNOWN ') size cannot be determined: -22\n"
				  "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0\n";

	if (attr->log_buf)
		memcpy((void *)(uintptr_t)attr->log_buf, log, sizeof log);
	return -EINVAL;
}

static int before_6_8(struct kernel *kernel, int command, void *attr, size_t size)
{
	const struct attr_btf_load *btf = attr;
	const struct attr_prog_load *load = attr;

	if (command == BPF_BTF_LOAD) {
		types = lade_btf_free(types);
		assert_int_equal(
			lade_btf_parse((void *)(uintptr_t)btf->btf, btf->btf_size, "the kernel's", &types, NULL), 0);
	}
	loads += command == BPF_PROG_LOAD;
	for (uint32_t i = 0; command == BPF_PROG_LOAD && !reads_tags && i < load->func_info_cnt; i++)
		if (!is_understood(((const struct bpf_func_info *)(uintptr_t)load->func_info)[i].type_id))
			return refuse(load);
	return recorded->bpf(kernel, command, attr, size);
}

static int load(struct world *world, bool tags, const struct recorded_rejection *rejections, size_t count)
{
	static struct kernel_calls calls;
	const struct lade_load_opts opts = { .size = sizeof opts, .jobs = 1 };
	struct kernel *kernel;
	int r;

	*world = (struct world){ 0 };
	reads_tags = tags;
	loads = 0;
	assert_int_equal(lade_context_new(NULL, &world->context, NULL), 0);
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile("6.18"), rejections, count, &kernel), 0);
	recorded = kernel->calls;
	calls = *recorded;
	calls.bpf = before_6_8;
	kernel->calls = &calls;
	lade_context_set_kernel(world->context, kernel);
	assert_int_equal(lade_object_open(world->context, TAGGED, NULL, &world->object, NULL), 0);
	r = lade_object_load(world->object, &opts, &world->instance, &world->error);
	world->loads = loads;
	return r;
}

/* Also of adjustments that are not the matter here. */
static unsigned steps_back(const struct world *world, const char *words)
{
	unsigned count = 0;

	for (size_t i = 0; i < lade_instance_note_count(world->instance); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_instance_note(world->instance, i), &info), 0);
		count += strcmp(info.code, "program.stepped-back") == 0 && strstr(info.message, words) != NULL;
	}
	return count;
}

static void leave(struct world *world)
{
	(void)lade_instance_close(world->instance);
	(void)lade_object_free(world->object);
	(void)lade_error_free(world->error);
	(void)lade_context_free(world->context);
	types = lade_btf_free(types);
}

static void a_kernel_that_reads_the_tag_gets_the_object_as_it_is(void **state)
{
	struct world world;

	(void)state;
	assert_int_equal(load(&world, true, NULL, 0), 0);
	assert_int_equal(world.loads, PROGRAMS);
	assert_int_equal(steps_back(&world, ""), 0);
	leave(&world);
}

static void a_kernel_that_does_not_gets_types_it_knows_and_that_is_a_note(void **state)
{
	struct world world;

	(void)state;
	if (load(&world, false, NULL, 0) < 0)
		fail_msg("%s", lade_error_message(world.error));
	/* The first that needs it: as it is, with a log, with the older types; the others are tried with them at once.
	 */
	assert_int_equal(world.loads, PROGRAMS + 2);
	assert_int_equal(steps_back(&world, "__arg_ctx"), 1);
	assert_int_equal(steps_back(&world, ""), 1);
	leave(&world);
}

static void a_program_that_is_refused_for_another_reason_is_not_tried_with_older_types(void **state)
{
	const struct recorded_rejection rejection = { "of_xdp", EACCES,
						      "R0 invalid mem access 'scalar'\nprocessed 3 insns\n" };
	struct world world;

	(void)state;
	assert_int_equal(load(&world, true, &rejection, 1), -EACCES);
	assert_int_equal(world.loads, PROGRAMS + 1);
	leave(&world);
}

static void a_program_that_older_types_do_not_help_keeps_its_verdict(void **state)
{
	const struct recorded_rejection rejection = { "of_xdp", EINVAL,
						      "arg#1 reference type('UNKNOWN ') size cannot be determined\n" };
	struct world world;

	(void)state;
	assert_int_equal(load(&world, true, &rejection, 1), -EINVAL);
	assert_null(world.instance);
	leave(&world);
}

/* ---- the kernel of this machine ---- */

static void this_kernel_takes_the_programs(void **state)
{
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	(void)state;
	if (!live_enter())
		skip();
	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	assert_int_equal(lade_object_open(context, TAGGED, NULL, &object, NULL), 0);
	/* Kernels without kprobes. */
	(void)lade_program_set_autoload(lade_object_find_program(object, "of_kprobe"), false);
	if (lade_object_load(object, NULL, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	(void)lade_instance_close(instance);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_that_reads_the_tag_gets_the_object_as_it_is),
		cmocka_unit_test(a_kernel_that_does_not_gets_types_it_knows_and_that_is_a_note),
		cmocka_unit_test(a_program_that_is_refused_for_another_reason_is_not_tried_with_older_types),
		cmocka_unit_test(a_program_that_older_types_do_not_help_keeps_its_verdict),
		cmocka_unit_test(this_kernel_takes_the_programs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
