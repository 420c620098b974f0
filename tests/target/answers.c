/* SPDX-License-Identifier: BSD-2-Clause */
/* What tables and the types of a kernel answer. */
#include <linux/bpf.h>

#include "made.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "target/table.h"

#define RUNNING "/sys/kernel/btf/vmlinux"

/* ---- tables ---- */

static enum known on(struct made *made, const char *kernel, struct known_fact (*ask)(struct lade_target *, uint32_t),
		     uint32_t number)
{
	return ask(made_kernel(made, kernel), number).answer;
}

static void release_knows_what_came_up_to_it(void **state)
{
	struct made *made = *state;
	assert_int_equal(on(made, "5.7", lade_target_map_type, BPF_MAP_TYPE_RINGBUF), KNOWN_NO);
	assert_int_equal(on(made, "5.8", lade_target_map_type, BPF_MAP_TYPE_RINGBUF), KNOWN_YES);
	assert_int_equal(on(made, "5.8.3", lade_target_map_type, BPF_MAP_TYPE_RINGBUF), KNOWN_YES);
	assert_int_equal(on(made, "4.9", lade_target_program_type, BPF_PROG_TYPE_PERF_EVENT), KNOWN_YES);
	assert_int_equal(on(made, "4.8", lade_target_program_type, BPF_PROG_TYPE_PERF_EVENT), KNOWN_NO);
	assert_int_equal(on(made, "6.6", lade_target_attach_type, 46 /* tcx_ingress */), KNOWN_YES);
	assert_int_equal(on(made, "6.5", lade_target_attach_type, 46), KNOWN_NO);
	assert_int_equal(on(made, "5.18", lade_target_link_type, 8 /* kprobe_multi */), KNOWN_YES);
	assert_int_equal(on(made, "5.17", lade_target_link_type, 8), KNOWN_NO);
	assert_int_equal(on(made, "5.5", lade_target_map_flag, 0x400 /* mmapable */), KNOWN_YES);
	assert_int_equal(on(made, "5.4", lade_target_map_flag, 0x400), KNOWN_NO);
	assert_int_equal(on(made, "4.19", lade_target_btf_kind, BTF_KIND_FUNC), KNOWN_NO);
	assert_int_equal(on(made, "4.19", lade_target_btf_kind, BTF_KIND_STRUCT), KNOWN_YES);
	assert_int_equal(on(made, "4.17", lade_target_btf_kind, BTF_KIND_STRUCT), KNOWN_NO);
	assert_int_equal(on(made, "6.0", lade_target_btf_kind, 19 /* enum64 */), KNOWN_YES);
}

static void answers_of_tables_say_so_and_since_when(void **state)
{
	struct known_fact fact = lade_target_map_type(made_kernel(*state, "5.4"), BPF_MAP_TYPE_RINGBUF);
	assert_true(fact.by_table);
	assert_string_equal(fact.since, "5.8");
	assert_non_null(strstr(fact.why, "5.8"));
	assert_non_null(strstr(fact.why, "5.4"));
}

static void number_that_no_release_has_is_unknown_to_all(void **state)
{
	struct known_fact fact = lade_target_map_type(made_kernel(*state, "7.2"), 9999);
	assert_int_equal(fact.answer, KNOWN_NO);
	assert_string_equal(fact.since, "");
	fact = lade_target_helper_for(made_kernel(*state, "7.2"), 9999, 1);
	assert_int_equal(fact.answer, KNOWN_NO);
	assert_int_equal(lade_target_helper_for(made_kernel(*state, "7.2"), 1, 9999).answer, KNOWN_NOT);
}

static void release_is_at_least_itself(void **state)
{
	struct lade_target *target = made_kernel(*state, "5.15");
	assert_int_equal(lade_target_since(target, "5.15").answer, KNOWN_YES);
	assert_int_equal(lade_target_since(target, "5.3").answer, KNOWN_YES);
	assert_int_equal(lade_target_since(target, "5.16").answer, KNOWN_NO);
	assert_int_equal(lade_target_since(target, "4.20").answer, KNOWN_YES);
	assert_int_equal(lade_target_since(target, "6.0").answer, KNOWN_NO);
}

static void nothing_is_known_of_a_kernel_of_which_nothing_is(void **state)
{
	struct made *made = *state;
	struct lade_target_opts opts = { .system_map = made_text(made, "kallsyms", "00000000 T main\n") };
	assert_int_equal(made_open(made, opts), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	assert_int_equal(lade_target_version(target), 0);
	assert_null(made_info(target).version);
	assert_int_equal(lade_target_map_type(target, 1).answer, KNOWN_NOT);
	assert_int_equal(lade_target_since(target, "4.19").answer, KNOWN_NOT);
	assert_int_equal(lade_target_option(target, "CONFIG_BPF", NULL).answer, KNOWN_NOT);
	assert_int_equal(lade_target_event(target, "sched/sched_switch", NULL).answer, KNOWN_NOT);
	assert_int_equal(lade_target_cpus(target), 0);
	const char *why = NULL;
	assert_null(lade_target_types(target, &why));
	assert_non_null(strstr(why, "--btf"));
	assert_null(lade_target_config(target));
}

/* ---- helpers ---- */

static enum known may_call(struct made *made, const char *kernel, uint32_t helper, uint32_t type)
{
	return lade_target_helper_for(made_kernel(made, kernel), helper, type).answer;
}

static void measured_kernels_answer_as_measured(void **state)
{
	struct lade_target *targets[LADE_TARGET_MEASURED];
	struct made *made = *state;
	assert_int_equal(made_open(made, (struct lade_target_opts){ .kernels = "5.10,6.1,6.12,7.2" }), 0);
	unsigned allowed = 0;
	for (unsigned i = 0; i < LADE_TARGET_MEASURED; i++)
		targets[i] = lade_target(made->targets, i);
	for (uint32_t helper = 1; helper < lade_target_helper_count; helper++)
		for (uint32_t type = 1; type < lade_target_helper_programs; type++)
			for (unsigned i = 0; i < LADE_TARGET_MEASURED; i++) {
				bool may = lade_target_helpers[helper][type] >> i & 1;
				struct known_fact fact = lade_target_helper_for(targets[i], helper, type);
				if (fact.answer != (may ? KNOWN_YES : KNOWN_NO))
					fail_msg("helper %u, type %u on %s: %s", helper, type,
						 lade_target_name(targets[i]), fact.why);
				allowed += may;
			}
	assert_true(allowed > 5000);
}

static void between_measured_kernels_both_sides_decide(void **state)
{
	struct made *made = *state;
	assert_int_equal(may_call(made, "5.15", BPF_FUNC_map_lookup_elem, BPF_PROG_TYPE_XDP), KNOWN_YES);
	assert_int_equal(may_call(made, "5.15", BPF_FUNC_xdp_adjust_head, BPF_PROG_TYPE_SCHED_CLS), KNOWN_NO);
	/* bpf_loop came in 5.17, and 6.1 lets XDP call it. */
	assert_int_equal(may_call(made, "5.16", 181, BPF_PROG_TYPE_XDP), KNOWN_NO);
	assert_int_equal(may_call(made, "5.17", 181, BPF_PROG_TYPE_XDP), KNOWN_YES);
	assert_int_equal(may_call(made, "7.2", 181, BPF_PROG_TYPE_XDP), KNOWN_YES);
	/* Programs of type netfilter came in 6.4. */
	assert_int_equal(may_call(made, "6.3", BPF_FUNC_map_lookup_elem, 32), KNOWN_NO);
	assert_int_equal(may_call(made, "6.4", BPF_FUNC_map_lookup_elem, 32), KNOWN_YES);
	assert_int_equal(may_call(made, "4.19", BPF_FUNC_map_lookup_elem, BPF_PROG_TYPE_XDP), KNOWN_YES);
	assert_int_equal(may_call(made, "4.7", BPF_FUNC_map_lookup_elem, BPF_PROG_TYPE_XDP), KNOWN_NO);
}

static void change_between_measured_kernels_is_not_guessed(void **state)
{
	struct made *made = *state;
	unsigned unknown = 0;
	for (uint32_t helper = 1; helper < lade_target_helper_count; helper++)
		for (uint32_t type = 1; type < lade_target_helper_programs; type++) {
			if ((lade_target_helpers[helper][type] & 3) != 2) /* in 6.1, but not in 5.10 */
				continue;
			struct known_fact fact = lade_target_helper_for(made_kernel(made, "5.13"), helper, type);
			unknown += fact.answer == KNOWN_NOT;
			assert_int_not_equal(fact.answer == KNOWN_YES && strcmp(fact.since, "5.13") > 0 &&
						     strlen(fact.since) == 4,
					     1);
		}
	assert_true(unknown > 0);
}

/* ---- types ---- */

static struct lade_target *running(struct made *made)
{
	if (access(RUNNING, R_OK) < 0) {
		print_message("%s cannot be read\n", RUNNING);
		skip();
	}
	assert_int_equal(made_open(made, (struct lade_target_opts){ .btf = RUNNING }), 0);
	return lade_target(made->targets, 0);
}

static void types_alone_tell_how_new_a_kernel_is(void **state)
{
	struct lade_target *target = running(*state);
	assert_true(lade_target_version(target) >= (5u << 24 | 2u << 16));
	assert_true(made_info(target).has_types);
	const char *why = NULL;
	assert_non_null(lade_target_types(target, &why));
	struct known_fact fact = lade_target_since(target, "4.19");
	assert_int_equal(fact.answer, KNOWN_YES);
	assert_false(fact.by_table);
}

static void types_list_what_the_kernel_knows(void **state)
{
	struct lade_target *target = running(*state);
	struct known_fact fact = lade_target_map_type(target, BPF_MAP_TYPE_HASH);
	assert_int_equal(fact.answer, KNOWN_YES);
	assert_false(fact.by_table);
	assert_non_null(strstr(fact.why, "enum bpf_map_type of vmlinux"));
	fact = lade_target_map_type(target, 400);
	assert_int_equal(fact.answer, KNOWN_NO);
	assert_false(fact.by_table);
	assert_int_equal(lade_target_helper(target, BPF_FUNC_map_lookup_elem).answer, KNOWN_YES);
	assert_int_equal(lade_target_helper(target, 500).answer, KNOWN_NO);
	assert_int_equal(lade_target_program_type(target, BPF_PROG_TYPE_XDP).answer, KNOWN_YES);
	assert_int_equal(lade_target_attach_type(target, BPF_CGROUP_INET_EGRESS).answer, KNOWN_YES);
}

static void functions_and_tracepoints_are_among_the_types(void **state)
{
	struct lade_target *target = running(*state);
	assert_int_equal(lade_target_symbol(target, "vfs_read", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_symbol(target, "no_such_function_at_all", NULL).answer, KNOWN_NOT);
	assert_int_equal(lade_target_event(target, "sched/sched_process_exec", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_event(target, "sched/sched_nothing", NULL).answer, KNOWN_NOT);
}

/* A vendor's type in the place of one that the mainline took later. */
static void constant_of_another_name_is_none_of_the_mainline(void **state)
{
	struct made *made = *state;
	struct strbuf btf = { 0 };
	put_btf(&btf, 5);
	char *place = memmem(btf.text, btf.length, "BPF_MAP_TYPE_PROG_ARRAY", strlen("BPF_MAP_TYPE_PROG_ARRAY"));
	assert_non_null(place);
	memcpy(place + strlen("BPF_MAP_TYPE_"), (const char[]){ 'V', 'E', 'N', 'D' }, 4);
	assert_int_equal(made_open(made, (struct lade_target_opts){ .btf = made_file(made, "btf", &btf) }), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	assert_int_equal(lade_target_map_type(target, BPF_MAP_TYPE_PROG_ARRAY).answer, KNOWN_NO);
	assert_int_equal(lade_target_map_type(target, BPF_MAP_TYPE_ARRAY).answer, KNOWN_YES);
	lade_strbuf_clear(&btf);
}

static void types_of_a_distribution_that_backports_count_more_than_its_release(void **state)
{
	struct made *made = *state;
	struct lade_target_opts opts = { .kernels = "4.18", .btf = RUNNING };
	(void)running(made);
	assert_int_equal(made_open(made, opts), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	assert_true(lade_target_version(target) > (4u << 24 | 18u << 16));
	assert_int_equal(lade_target_program_type(target, BPF_PROG_TYPE_CGROUP_SOCKOPT).answer, KNOWN_YES);
}

static void files_without_types_are_refused(void **state)
{
	struct made *made = *state;
	assert_refused(made, (struct lade_target_opts){ .btf = made_text(made, "a", "text") }, "btf.kernel.format",
		       "BTF");
	assert_refused(made, (struct lade_target_opts){ .btf = "/no/such" }, "btf.kernel.file", "No such file");
}

static void image_given_for_its_types_has_them_inside(void **state)
{
	struct made *made = *state;
	struct strbuf kernel = { 0 }, image = { 0 };
	put_raw_kernel(&kernel);
	put_bzimage(&image, XZ, &kernel);
	assert_int_equal(made_open(made, (struct lade_target_opts){ .btf = made_file(made, "vmlinuz", &image) }), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	assert_int_equal(lade_target_map_type(target, 4).answer, KNOWN_YES);
	assert_string_equal(made_info(target).release, MADE_RELEASE);
	assert_string_equal(made_info(target).machine, "x86_64");
	lade_strbuf_clear(&kernel);
	lade_strbuf_clear(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(release_knows_what_came_up_to_it),
		TEST(answers_of_tables_say_so_and_since_when),
		TEST(number_that_no_release_has_is_unknown_to_all),
		TEST(release_is_at_least_itself),
		TEST(nothing_is_known_of_a_kernel_of_which_nothing_is),
		TEST(measured_kernels_answer_as_measured),
		TEST(between_measured_kernels_both_sides_decide),
		TEST(change_between_measured_kernels_is_not_guessed),
		TEST(types_alone_tell_how_new_a_kernel_is),
		TEST(types_list_what_the_kernel_knows),
		TEST(functions_and_tracepoints_are_among_the_types),
		TEST(constant_of_another_name_is_none_of_the_mainline),
		TEST(types_of_a_distribution_that_backports_count_more_than_its_release),
		TEST(files_without_types_are_refused),
		TEST(image_given_for_its_types_has_them_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
