/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules that tell the old dialects apart: one object for each, named after its row of the table. */
#include <errno.h>

#include "dialect/opened.h"

static const struct {
	const char *file, *dialect, *also; /* also: names with a blank between them */
	const char *evidence;              /* part of some line */
} rules[] = {
	{ "old_libbpf0.g.o", "libbpf0", "", "sections .maps and maps" },
	{ "old_libbpf0.o", "libbpf0", "", "3 of 3 program sections" },
	{ "old_gobpf280.o", "gobpf", "", "280 bytes" },
	{ "old_gobpf284.o", "gobpf", "", "284 bytes" },
	{ "old_r4_named20.o", "redbpf", "aya", "section maps/a with one record of 20 bytes" },
	{ "old_r4_named28.o", "redbpf", "aya", "28 bytes" },
	{ "old_r4_namedaya.o", "aya", "", "1 of 1 program sections are known to aya" },
	{ "old_r4_namedlong.o", "redbpf", "", "36 bytes" },
	{ "old_r4_prefix.o", "aya", "", "section maps_of_mine" },
	{ "old_redbpf_kern.o", "redbpf", "", "4 of 4 program sections are known to redbpf" },
	{ "old_r6_36.o", "iproute2", "", "36 bytes" },
	{ "old_r6_32.o", "iproute2", "", "32 bytes" },
	{ "old_r8_40zero.o", "samples", "", "40 bytes" },
	{ "old_r9_inner.o", "libbpf0", "", "second is a map of maps" },
	{ "old_r9_numa.o", "samples", "", "first asks for a NUMA node" },
	{ "old_r9_suricata.o", "suricata", "", "first asks for a NUMA node" },
	{ "old_r9_libbpf0.o", "libbpf0", "", "first asks for a NUMA node" },
	{ "old_r10_samples.o", "samples", "libbpf0 aya android-a", "section version" },
	{ "old_r10_xdp.o", "samples", "", "1 of 1 program sections" },
	{ "old_r10_libbpf0.o", "libbpf0", "", "libbpf took before 1.0" },
	{ "old_r10_tc.o", "iproute2", "libbpf0", "program section classifier" },
	{ "old_r10_free.o", "iproute2", "", "free names" },
	{ "old_r10_freeversion.o", "libbpf0", "", "no program section has a name" },
	{ "old_r10_partly.o", "samples", "", "1 of 2 program sections" },
	{ "old_r11_global.o", "iproute2", "", "PIN_GLOBAL_NS" },
	{ "old_r12_tail.o", "iproute2", "", "section 5/N" },
	{ "old_r13_tail.o", "iproute2", "", "section 5/N" },
	{ "old_r13_id.o", "samples", "", "1 of 1 program sections" },
	{ "old_r14_24.o", "samples", "libbpf0 aya", "24 bytes" },
	{ "old_r14_pin.o", "iproute2", "", "no flags" },
	{ "old_r15_20.o", "samples", "libbpf0 aya", "20 bytes" },
	{ "old_r15_tail.o", "iproute2", "", "id in word 4" },
	{ "old_r15_id.o", "iproute2", "", "no flags" },
	{ "old_r16_16.o", "samples", "libbpf0", "16 bytes" },
	{ "old_falco_kern.o", "falco", "", "section schema_version" },
	{ "old_suricata_kern.o", "suricata", "", "section filter" },
	{ "old_ovs_kern.o", "ovs", "", "section tail-3" },
	{ "old_llvm39.o", "ovs", "", "section tail-1" },
	{ "old_perf_kern.o", "perf", "", "func=vfs_read" },
	{ "old_bcc_kern.o", "bcc", "", "maps/hash" },
	{ "old_windows_size.o", "windows", "", "its own size, 20" },
};

static bool says(const struct lade_object *object, const char *text)
{
	array_foreach(line, &object->evidence)
		if (strstr(*line, text))
			return true;
	return false;
}

static void join(const struct lade_object *object, char *into, size_t size)
{
	*into = 0;
	array_foreach(name, &object->also)
		(void)snprintf(into + strlen(into), size - strlen(into), "%s%s", *into ? " " : "", *name);
}

static void each_rule_of_the_table_decides_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rules); i++) {
		char also[128];
		struct lade_object *object = open_object(rules[i].file);
		join(object, also, sizeof also);
		if (strcmp(object->dialect, rules[i].dialect) != 0 || strcmp(also, rules[i].also) != 0)
			fail_msg("%s: %s, also %s", rules[i].file, object->dialect, also);
		if (!says(object, rules[i].evidence))
			fail_msg("%s: \"%s\" is not among the evidence, which begins with \"%s\"", rules[i].file,
				 rules[i].evidence, object->evidence.items[0]);
		lade_object_free(object);
	}
}

static void same_bytes_with_different_meanings_are_refused_naming_both(void **state)
{
	(void)state;
	assert_refused("old_r12_one.o", "dialect.ambiguous", "iproute2 or aya");
	assert_refused("old_r12_three.o", "dialect.ambiguous", "iproute2 or samples");
	assert_refused("old_r14_unclear.o", "dialect.ambiguous", "samples or iproute2");
	assert_refused("old_r4_namedpin.o", "dialect.ambiguous", "redbpf or aya");
}

static void ambiguous_objects_open_as_either_of_their_dialects(void **state)
{
	static const struct {
		const char *file, *dialect;
		enum lade_pinning pinning;
		uint32_t flags;
	} overrides[] = {
		{ "old_r12_one.o", "aya", LADE_PIN_BY_NAME, 0 },
		{ "old_r12_one.o", "iproute2", LADE_PIN_PATH, 0 },
		{ "old_r12_three.o", "samples", LADE_PIN_OBJECT, 0 },
		{ "old_r14_unclear.o", "samples", LADE_PIN_OBJECT, 1 },
		{ "old_r14_unclear.o", "iproute2", LADE_PIN_PATH, 0 },
		{ "old_r4_namedpin.o", "aya", LADE_PIN_BY_NAME, 0 },
		{ "old_r4_namedpin.o", "redbpf", LADE_PIN_OBJECT, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(overrides); i++) {
		struct lade_object *object = open_as(overrides[i].file, overrides[i].dialect);
		assert_string_equal(object->dialect, overrides[i].dialect);
		assert_int_equal(object->maps.items[0]->pinning, overrides[i].pinning);
		assert_int_equal(object->maps.items[0]->definition.flags, overrides[i].flags);
		assert_true(says(object, "asked for"));
		lade_object_free(object);
	}
}

static const char *const debug_kinds[] = { "g", "dwarf2", "dwarf3", "dwarf4", "dwarf5" };

static struct lade_object *open_named(const char *name, const char *kind)
{
	char file[64];
	(void)snprintf(file, sizeof file, "%s.%s.o", name, kind);
	return open_object(file);
}

static void member_names_decide_whether_from_btf_or_from_any_dwarf(void **state)
{
	static const struct {
		const char *name, *dialect;
		enum lade_pinning pinning;
	} named[] = {
		{ "old_n_iproute2", "iproute2", LADE_PIN_PATH },  { "old_n_samples", "samples", LADE_PIN_OBJECT },
		{ "old_n_aya", "aya", LADE_PIN_BY_NAME },         { "old_n_tc", "iproute2", LADE_PIN_PATH },
		{ "old_n_calico", "calico", LADE_PIN_OBJECT },    { "old_n_suricata", "suricata", LADE_PIN_OBJECT },
		{ "old_n_typedef", "iproute2", LADE_PIN_OBJECT },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(named); i++) {
		for (size_t j = 0; j < ELEMENTS(debug_kinds); j++) {
			struct lade_object *object = open_named(named[i].name, debug_kinds[j]);
			assert_string_equal(object->dialect, named[i].dialect);
			assert_definition(must_map(object, "shared"), BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
			assert_int_equal(must_map(object, "shared")->pinning, named[i].pinning);
			lade_object_free(object);
		}
	}
}

static void words_are_read_by_name_wherever_they_lie(void **state)
{
	(void)state;
	for (size_t j = 0; j < ELEMENTS(debug_kinds); j++) {
		struct lade_object *object = open_named("old_n_moved", debug_kinds[j]);
		assert_string_equal(object->dialect, "libbpf0");
		assert_definition(must_map(object, "shared"), BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
		assert_true(says(object, j ? "(DWARF)" : "(BTF)"));
		assert_true(says(object, "struct own_map_def"));
		lade_object_free(object);
	}
}

static void member_without_a_meaning_must_be_zero(void **state)
{
	(void)state;
	assert_refused("old_n_unknown.g.o", "dialect.record.tail", "in member surprise");
	assert_refused("old_n_unknown.dwarf4.o", "dialect.record.tail", "in member surprise");
}

static void windows_objects_are_known_by_the_name_of_their_struct(void **state)
{
	(void)state;
	for (size_t j = 0; j < ELEMENTS(debug_kinds); j++) {
		struct lade_object *object = open_named("old_n_windows", debug_kinds[j]);
		assert_string_equal(object->dialect, "windows");
		lade_object_free(object);
	}
}

static void what_nobody_can_load_is_inspected_with_the_reason(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_bcc_kern.o");
	assert_int_equal(object->needs.count, 1);
	assert_string_equal(object->needs.items[0].code, "dialect.refused.bcc");
	assert_non_null(find_note(object, "dialect.refused.bcc"));
	assert_non_null(must_program(object, "kprobe__sys_clone"));
	assert_int_equal(object->maps.count, 0);
	lade_object_free(object);
}

static void wrong_override_is_a_finding_or_reads_what_it_can(void **state)
{
	static const char *const dialects[] = { "btf",  "libbpf0", "samples", "iproute2", "calico",   "android-a",
						"aya",  "redbpf",  "gobpf",   "falco",    "suricata", "ovs",
						"perf", "bcc",     "windows", "android-d" };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rules); i++) {
		for (size_t j = 0; j < ELEMENTS(dialects); j++) {
			char path[512];
			struct lade_object *object = NULL;
			struct lade_error *error = NULL;
			struct lade_open_opts options = { .size = sizeof options, .dialect = dialects[j] };
			(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", rules[i].file);
			int result = lade_object_open(NULL, path, &options, &object, &error);
			assert_true(result == 0 ? object != NULL : lade_error_finding_count(error) > 0);
			lade_object_free(object);
			lade_error_free(error);
		}
	}
	assert_refused_as("old_r10_samples.o", "gobpf", "dialect.record.size", "records of 280 bytes");
	assert_refused_as("old_r12_three.o", "aya", "dialect.aya.pinning", "pinning is 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_of_the_table_decides_as_written),
		cmocka_unit_test(same_bytes_with_different_meanings_are_refused_naming_both),
		cmocka_unit_test(ambiguous_objects_open_as_either_of_their_dialects),
		cmocka_unit_test(member_names_decide_whether_from_btf_or_from_any_dwarf),
		cmocka_unit_test(words_are_read_by_name_wherever_they_lie),
		cmocka_unit_test(member_without_a_meaning_must_be_zero),
		cmocka_unit_test(windows_objects_are_known_by_the_name_of_their_struct),
		cmocka_unit_test(what_nobody_can_load_is_inspected_with_the_reason),
		cmocka_unit_test(wrong_override_is_a_finding_or_reads_what_it_can),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
