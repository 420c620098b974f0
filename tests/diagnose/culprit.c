/* SPDX-License-Identifier: BSD-2-Clause */
/* EINVAL, E2BIG and ENOMEM without a word of the kernel: which part of a map or program is guilty. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "diagnose/map_trial.h"
#include "harness/live.h"
#include "harness/loaded.h"
#include "kernel/fault.h"
#include "kernel/recorded.h"
#include "object/model.h"

/* ---- maps ---- */

struct map_case {
	const char *profile; /* NULL: the running kernel */
	struct map_definition definition;
	const char *code;
	enum lade_confidence confidence;
	const char *cause, *evidence; /* parts; NULL: whatever */
};

static const struct map_case map_cases[] = {
	/* flags */
	{ NULL,
	  { .type = 2, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = 0x80000000u },
	  "map.create.refused",
	  LADE_CERTAIN,
	  "the flag 0x80000000",
	  "nothing changed but its flags" },
	{ NULL,
	  { .type = 1,
	    .key_size = 4,
	    .value_size = 4,
	    .max_entries = 1,
	    .flags = BPF_F_NO_PREALLOC | BPF_F_STACK_BUILD_ID },
	  "map.create.refused",
	  LADE_CERTAIN,
	  "BPF_F_STACK_BUILD_ID",
	  "since 4.17" },
	{ NULL,
	  { .type = 2, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = 0xc0000000u },
	  "map.create.refused",
	  LADE_LIKELY,
	  "the flags 0xc0000000",
	  NULL },
	/* the node, and what only some types take */
	{ NULL,
	  { .type = 1,
	    .key_size = 4,
	    .value_size = 4,
	    .max_entries = 1,
	    .flags = BPF_F_NUMA_NODE,
	    .has_numa_node = true,
	    .numa_node = 1000 },
	  "map.create.refused",
	  LADE_CERTAIN,
	  "NUMA node 1000",
	  "but its NUMA node" },
	{ NULL,
	  { .type = 1, .key_size = 4, .value_size = 4, .max_entries = 1, .extra = 3 },
	  "map.create.refused",
	  LADE_CERTAIN,
	  "map_extra is 0x3",
	  NULL },
	/* sizes */
	{ NULL,
	  { .type = 1, .key_size = 4, .value_size = 5000000, .max_entries = 1 },
	  "map.create.too-large",
	  LADE_CERTAIN,
	  "values of 5000000 bytes",
	  "but value_size" },
	/* before 5.11 it is the sum of its bytes, since then the number of entries */
	{ NULL,
	  { .type = 1, .key_size = 4, .value_size = 4, .max_entries = 3000000000u },
	  "map.create.too-large",
	  LADE_CERTAIN,
	  NULL,
	  NULL },
	{ NULL,
	  { .type = 5, .key_size = 8, .value_size = 32776, .max_entries = 1 },
	  "map.create.definition",
	  LADE_CERTAIN,
	  "32768",
	  NULL },
	/* what was: the sum of 32 bits, and long keys */
	{ "5.10",
	  { .type = 5, .key_size = 8, .value_size = 32768, .max_entries = 1000000 },
	  "map.create.too-large",
	  LADE_CERTAIN,
	  "before 5.11 refuse a map of 4 GiB",
	  "for each possible CPU" },
	{ "4.19",
	  { .type = 1, .key_size = 4, .value_size = 4096, .max_entries = 2000000 },
	  "map.create.too-large",
	  LADE_CERTAIN,
	  "before 5.11 refuse a map of 4 GiB",
	  NULL },
	{ "5.10",
	  { .type = 1, .key_size = 600, .value_size = 4, .max_entries = 1 },
	  "map.create.too-large",
	  LADE_CERTAIN,
	  "keys of 600 bytes",
	  "but key_size" },
	/* not the type, which 4.19 has not either */
	{ "4.19",
	  { .type = 27, .max_entries = 4096 },
	  "map.create.type",
	  LADE_CERTAIN,
	  "no maps of type ringbuf",
	  NULL },
	{ "6.18",
	  { .type = 5, .key_size = 8, .value_size = 8, .max_entries = 1, .flags = 0x4000000 },
	  "map.create.refused",
	  LADE_CERTAIN,
	  "the flag 0x4000000",
	  NULL },
};

static bool has_evidence(const struct lade_finding_info *info, const char *part)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], part))
			return true;
	return false;
}

static void check_info(const struct lade_finding_info *info, const struct map_case *row, size_t index)
{
	if (strcmp(info->code, row->code) != 0 || info->confidence != row->confidence)
		fail_msg("case %zu: %s, %s: %s", index, info->code, lade_confidence_name(info->confidence),
			 info->cause ? info->cause : "");
	if (row->cause && (!info->cause || !strstr(info->cause, row->cause)))
		fail_msg("case %zu: the cause is %s", index, info->cause ? info->cause : "");
	if (row->evidence && !has_evidence(info, row->evidence))
		fail_msg("case %zu: no evidence says %s", index, row->evidence);
}

static struct lade_finding_info load_map(struct loaded *loaded, const struct map_definition *definition)
{
	struct lade_map *map;

	loaded->object = lade_object_create(loaded->context, "culprit.o", "culprit");
	assert_non_null(loaded->object);
	loaded->object->dialect = strdup("samples");
	map = lade_object_add_map(loaded->object, "guilty", "maps");
	assert_non_null(map);
	map->definition = *definition;
	assert_true(loaded_fail(loaded, NULL) < 0);
	return loaded->info;
}

static struct loaded begin(const char *profile)
{
	struct loaded loaded = { .before = { 0 } };

	if (profile)
		return loaded_recorded(profile, NULL, 0);
	loaded.before = live_before(LIVE_BPFFS);
	assert_int_equal(lade_context_new(NULL, &loaded.context, NULL), 0);
	return loaded;
}

static void the_part_of_a_map_that_is_guilty_is_found_by_taking_it_away(void **state)
{
	bool is_live = live_enter();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(map_cases); i++) {
		if (!map_cases[i].profile && !is_live)
			continue;
		struct loaded loaded = begin(map_cases[i].profile);
		struct lade_finding_info info = load_map(&loaded, &map_cases[i].definition);
		check_info(&info, &map_cases[i], i);
		loaded_leave(&loaded);
	}
}

/* Twice the same answer, and no more: nothing that is left away then proves anything. */
static void a_passing_refusal_blames_nothing(void **state)
{
	static const int errnos[] = { EINVAL, ENOMEM, E2BIG };
	const struct attr_map_create attr = {
		.map_type = 1, .key_size = 4, .value_size = 8, .max_entries = 1000, .map_flags = BPF_F_NO_PREALLOC
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(errnos); i++) {
		struct kernel *kernel = NULL;
		struct lade_finding_info info = { .size = sizeof info };
		struct lade_error *error = NULL;
		struct lade_finding *finding = lade_error_add(&error, errnos[i], "map.create.refused", "test");
		assert_int_equal(lade_kernel_recorded(lade_recorded_profile("6.18"), NULL, 0, &kernel), 0);
		assert_true(lade_map_find_culprit(kernel, &attr, errnos[i], finding));
		assert_int_equal(lade_finding_describe(finding, &info), 0);
		assert_int_equal(info.confidence, LADE_LIKELY);
		assert_non_null(strstr(info.cause, "passing"));
		assert_int_equal(lade_recorded_call_count(kernel), 1);
		(void)lade_error_free(error);
		lade_kernel_free(kernel);
	}
}

/* Whatever is tried is closed; and it is tried a few times only, also where nothing helps. */
static void trying_is_bounded_and_leaves_nothing(void **state)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = 1, .errnum = EINVAL, .repeat = 1000 };
	const struct attr_map_create attr = { .map_type = 1,
					      .key_size = 600,
					      .value_size = 600,
					      .max_entries = 1000,
					      .map_flags = 0x7f,
					      .map_name = "name",
					      .btf_fd = 7,
					      .map_extra = 1 };
	struct kernel *inner = NULL, *kernel = NULL;
	struct lade_error *error = NULL;
	struct lade_finding *finding = lade_error_add(&error, EINVAL, "map.create.refused", "test");
	size_t before = fd_count();

	(void)state;
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile("6.18"), NULL, 0, &inner), 0);
	assert_int_equal(lade_kernel_fault(inner, &fault, &kernel), 0);
	assert_false(lade_map_find_culprit(kernel, &attr, EINVAL, finding));
	assert_in_range(lade_kernel_fault_count(kernel), 2, 9);
	lade_kernel_free(kernel);
	(void)lade_error_free(error);
	assert_int_equal(fd_count(), before);
}

/* Of a type that every kernel has the smallest map proves nothing: whatever is refused then, it is no type. */
static void no_kernel_is_without_hashes_and_arrays(void **state)
{
	static const struct {
		uint32_t type;
		int known;
	} rows[] = { { BPF_MAP_TYPE_HASH, 1 }, { BPF_MAP_TYPE_ARRAY, 1 }, { BPF_MAP_TYPE_RINGBUF, 0 } };
	const struct fault fault = { .action = FAULT_ERRNO, .nth = 1, .errnum = EINVAL, .repeat = 1000 };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct kernel *inner = NULL, *kernel = NULL;
		assert_int_equal(lade_kernel_recorded(lade_recorded_profile("6.18"), NULL, 0, &inner), 0);
		assert_int_equal(lade_kernel_fault(inner, &fault, &kernel), 0);
		assert_int_equal(lade_map_type_is_known(kernel, rows[i].type), rows[i].known);
		lade_kernel_free(kernel);
	}
}

static void what_was_charged_is_counted_without_overflow(void **state)
{
	static const struct {
		struct map_definition map;
		unsigned cpus;
		uint64_t bytes;
	} rows[] = {
		{ { .type = 2, .key_size = 4, .value_size = 5, .max_entries = 10 }, 4, 80 },
		{ { .type = 6, .key_size = 4, .value_size = 5, .max_entries = 10 }, 4, 320 },
		{ { .type = 1, .key_size = 4, .value_size = 5, .max_entries = 10 }, 4, 160 },
		{ { .type = 5, .key_size = 4, .value_size = 5, .max_entries = 10 }, 4, 400 },
		{ { .type = 27, .max_entries = 4096 }, 4, 0 },
		{ { .type = 5, .key_size = UINT32_MAX, .value_size = UINT32_MAX, .max_entries = UINT32_MAX },
		  4096,
		  UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_true(lade_map_charge(&rows[i].map, rows[i].cpus) == rows[i].bytes);
}

/* ---- programs ---- */

static const struct {
	const char *profile, *program, *cause, *evidence;
} program_cases[] = {
	{ "5.10", "frags", "the program flags 0x20 (BPF_F_XDP_HAS_FRAGS, since 5.18)", "without its flags" },
	{ "5.4", "lookup", "does not take programs of type sk_lookup", "an empty program" },
	{ "4.19", "lookup", "does not take programs of type sk_lookup", "an empty program" },
};

static void the_part_of_a_program_that_is_guilty_is_found_by_taking_it_away(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(program_cases); i++) {
		struct loaded loaded = loaded_recorded(program_cases[i].profile, NULL, 0);
		assert_int_equal(
			lade_object_open(loaded.context, TEST_OBJECTS "/gate_new.bpf.o", NULL, &loaded.object, NULL),
			0);
		(void)load_only(loaded.object, program_cases[i].program);
		assert_int_equal(loaded_fail(&loaded, NULL), -EINVAL);
		assert_string_equal(loaded.info.code, "program.load.refused");
		if (!strstr(loaded.info.cause, program_cases[i].cause) ||
		    !has_evidence(&loaded.info, program_cases[i].evidence))
			fail_msg("case %zu: %s", i, loaded.info.cause);
		assert_int_equal(loaded.info.confidence, LADE_CERTAIN);
		loaded_leave(&loaded);
	}
}

/* The gates write no log, and so none is asked for at first: the verifier's own EPERM is not taken for theirs. */
static void what_the_verifier_refuses_the_unprivileged_is_told_from_a_gate(void **state)
{
	static const struct recorded_rejection rejection = {
		"lookup", EPERM,
		"function calls to other bpf functions are allowed for CAP_BPF and CAP_SYS_ADMIN\n"
		"processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
	};
	static const struct recorded_rejection gate = { "lookup", EPERM, NULL };
	struct loaded loaded = loaded_recorded("6.18", &rejection, 1);

	(void)state;
	assert_int_equal(lade_object_open(loaded.context, TEST_OBJECTS "/gate_new.bpf.o", NULL, &loaded.object, NULL),
			 0);
	(void)load_only(loaded.object, "lookup");
	assert_int_equal(loaded_fail(&loaded, NULL), -EPERM);
	if (strncmp(loaded.info.code, "verifier.", 9) != 0)
		fail_msg("%s: %s", loaded.info.code, loaded.info.message);
	loaded_leave(&loaded);
	loaded = loaded_recorded("6.18", &gate, 1);
	assert_int_equal(lade_object_open(loaded.context, TEST_OBJECTS "/gate_new.bpf.o", NULL, &loaded.object, NULL),
			 0);
	(void)load_only(loaded.object, "lookup");
	assert_int_equal(loaded_fail(&loaded, NULL), -EPERM);
	assert_string_equal(loaded.info.code, "program.load.permission");
	loaded_leave(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_part_of_a_map_that_is_guilty_is_found_by_taking_it_away),
		cmocka_unit_test(a_passing_refusal_blames_nothing),
		cmocka_unit_test(trying_is_bounded_and_leaves_nothing),
		cmocka_unit_test(no_kernel_is_without_hashes_and_arrays),
		cmocka_unit_test(what_was_charged_is_counted_without_overflow),
		cmocka_unit_test(the_part_of_a_program_that_is_guilty_is_found_by_taking_it_away),
		cmocka_unit_test(what_the_verifier_refuses_the_unprivileged_is_told_from_a_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
