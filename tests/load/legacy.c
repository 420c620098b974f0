/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects of the old dialects in the kernel: each loads as it is, is pinned where its loader did, and goes again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "base/error.h"
#include "harness/live.h"

static struct lade_context *new_context(void)
{
	struct lade_context *context = NULL;
	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	return context;
}

static struct lade_object *open_object(struct lade_context *context, const char *file)
{
	char path[512];
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	if (lade_object_open(context, path, NULL, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static struct lade_instance *load(struct lade_object *object, const char *name)
{
	const struct lade_load_opts options = { .size = sizeof options, .name = name };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	if (lade_object_load(object, &options, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

static struct bpf_map_info map_info(const struct lade_instance *instance, const char *name)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof info;
	assert_int_equal(bpf_obj_get_info_by_fd(lade_instance_map_fd(instance, name), &info, &size), 0);
	return info;
}

static void every_object_that_says_what_it_is_loads_and_leaves_nothing(void **state)
{
	static const char *const files[] = {
		"old_aya_kern.o",      "old_falco_kern.o",   "old_gobpf280.o",     "old_gobpf284.o",
		"old_gobpf_custom.o",  "old_gobpf_escape.o", "old_libbpf0.o",      "old_libbpf0.g.o",
		"old_llvm39.o",        "old_n_aya.g.o",      "old_n_calico.g.o",   "old_n_moved.dwarf4.o",
		"old_n_suricata.g.o",  "old_ovs_kern.o",     "old_perf_kern.o",    "old_redbpf_kern.o",
		"old_suricata_kern.o", "old_r4_named20.o",   "old_r4_namedlong.o", "old_r4_prefix.o",
		"old_r6_36.o",         "old_r8_40zero.o",    "old_r9_inner.o",     "old_r9_suricata.o",
		"old_r10_samples.o",   "old_r10_xdp.o",      "old_r10_libbpf0.o",  "old_r10_tc.o",
		"old_r10_free.o",      "old_r10_partly.o",   "old_r11_global.o",   "old_r12_tail.o",
		"old_r13_tail.o",      "old_r13_id.o",       "old_r14_24.o",       "old_r14_pin.o",
		"old_r15_20.o",        "old_r15_tail.o",     "old_r15_id.o",       "old_r16_16.o",
	};
	(void)state;
	if (!live_enter())
		skip();
	for (size_t i = 0; i < ELEMENTS(files); i++) { /* NOLINT: items are pointers */
		struct live_before before = live_before(LIVE_BPFFS);
		struct lade_context *context = new_context();
		struct lade_object *object = open_object(context, files[i]);
		struct lade_instance *instance = load(object, "old");
		assert_true(lade_instance_program_count(instance) > 0);
		for (size_t j = 0; j < lade_instance_program_count(instance); j++) {
			struct lade_loaded_program_info info = { .size = sizeof info };
			assert_int_equal(lade_instance_program(instance, j, &info), 0);
			assert_true(info.fd >= 0);
		}
		assert_int_equal(lade_instance_unload(instance, NULL), 0);
		lade_object_free(object);
		lade_context_free(context);
		assert_nothing_left(&before);
	}
}

static void assert_pinned(const char *file, const char *path)
{
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, file);
	struct lade_instance *instance = load(object, "old");
	if (access(path, F_OK) != 0)
		fail_msg("%s: nothing at %s", file, path);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	lade_object_free(object);
	lade_context_free(context);
}

static void maps_are_pinned_where_their_dialect_says(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	assert_pinned("old_aya_kern.o", LIVE_BPFFS "/PINNED");
	assert_pinned("old_gobpf280.o", LIVE_BPFFS "/guard/globals/shared");
	assert_pinned("old_redbpf_kern.o", LIVE_BPFFS "/tc/globals/blocked");
	assert_pinned("old_gobpf_escape.o", LIVE_BPFFS "/______etc/globals/shared");
}

static void falco_buffers_are_made_for_the_cpus_of_this_machine(void **state)
{
	static const char *const names[] = { "perf_map", "frame_scratch_map", "tmp_scratch_map", "local_state_map" };
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, "old_falco_kern.o");
	struct lade_instance *instance = load(object, "old");
	for (size_t i = 0; i < ELEMENTS(names); i++) /* NOLINT: items are pointers */
		assert_int_equal(map_info(instance, names[i]).max_entries, libbpf_num_possible_cpus());
	assert_int_equal(map_info(instance, "settings_map").max_entries, 1);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	lade_object_free(object);
	lade_context_free(context);
}

/* gobpf itself took whatever was there. */
static void gobpf_pin_that_differs_is_refused(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *first = open_object(context, "old_gobpf280.o");
	struct lade_object *second = open_object(context, "old_gobpf280.o");
	struct lade_instance *instance = load(first, "first"), *other = NULL;
	struct lade_error *error = NULL;
	const struct lade_load_opts options = { .size = sizeof options, .name = "second" };
	lade_map_set_max_entries(lade_object_find_map(second, "shared"), 2);
	assert_true(lade_object_load(second, &options, &other, &error) < 0);
	assert_string_equal(lade_error_finding(error, 0)->code, "pin.map.differs");
	lade_error_free(error);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	lade_object_free(first);
	lade_object_free(second);
	lade_context_free(context);
}

static void what_nobody_can_load_is_refused_with_the_reason(void **state)
{
	static const char *const files[][2] = { { "old_bcc_kern.o", "dialect.refused.bcc" },
						{ "old_windows_size.o", "dialect.refused.windows" } };
	(void)state;
	struct lade_context *context = new_context();
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		struct lade_object *object = open_object(context, files[i][0]);
		struct lade_instance *instance = NULL;
		struct lade_error *error = NULL;
		const struct lade_load_opts options = { .size = sizeof options, .name = "old" };
		assert_true(lade_object_load(object, &options, &instance, &error) < 0);
		assert_string_equal(lade_error_finding(error, 0)->code, files[i][1]);
		assert_int_equal(lade_error_exit_code(error), 2);
		lade_error_free(error);
		lade_object_free(object);
	}
	lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_that_says_what_it_is_loads_and_leaves_nothing),
		cmocka_unit_test(maps_are_pinned_where_their_dialect_says),
		cmocka_unit_test(falco_buffers_are_made_for_the_cpus_of_this_machine),
		cmocka_unit_test(gobpf_pin_that_differs_is_refused),
		cmocka_unit_test(what_nobody_can_load_is_refused_with_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
