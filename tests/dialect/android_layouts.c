/* SPDX-License-Identifier: BSD-2-Clause */
/* Android's layouts: what their bytes and names mean, and what lies. */
#include "dialect/judged.h"

/* ---- layouts ---- */

struct layout {
	const char *file, *dialect;
	bool owner, program_owner, program_window, optional, loader, map_kernel, places, uid;
	uint32_t map_bytes, program_bytes;
};

static const struct layout layouts[] = {
	{ "android_a.o", "android-a", false, false, false, false, false, false, false, false, 28, 0 },
	{ "android_b8.o", "android-b", true, true, false, false, false, false, false, false, 32, 8 },
	{ "android_b16.o", "android-b", true, true, true, false, false, false, false, false, 32, 16 },
	{ "android_b.o", "android-b", true, true, true, true, false, false, false, false, 32, 20 },
	{ "android_c40.o", "android-c", true, true, true, true, true, false, false, false, 40, 28 },
	{ "android_c48.o", "android-c", true, true, true, true, true, true, false, false, 48, 28 },
	{ "android_d116.o", "android-d", true, true, true, true, true, true, true, false, 116, 92 },
	{ "android_d120.o", "android-d", true, true, true, true, true, true, true, true, 120, 92 },
	{ "android_d120.g.o", "android-d", true, true, true, true, true, true, true, true, 120, 92 },
	{ "android_d120.s.o", "android-d", true, true, true, true, true, true, true, true, 120, 92 },
};

static void assert_text(const char *text, const char *wanted)
{
	if (wanted)
		assert_string_equal(text, wanted);
	else
		assert_null(text);
}

static void check_counts(const struct layout *layout, const struct lade_map *map)
{
	struct lade_policy_info info = { .size = sizeof info };
	assert_definition(map, BPF_MAP_TYPE_ARRAY, 4, 4, 2, 0);
	assert_int_equal(lade_map_policy(map, &info), 0);
	assert_int_equal(info.has_owner, layout->owner);
	assert_int_equal(info.has_mode, layout->owner);
	assert_int_equal(info.uid, layout->uid ? 1029 : 0);
	assert_int_equal(info.gid, layout->owner ? 3007 : 0);
	assert_int_equal(info.mode, layout->owner ? 0640 : 0);
	assert_int_equal(info.min_loader, layout->loader ? 2 : 0);
	assert_int_equal(info.max_loader, 0x10000);
	assert_int_equal(info.min_kernel, layout->map_kernel ? KVER(4, 14, 0) : 0);
	assert_int_equal(info.max_kernel, UINT32_MAX);
	assert_text(info.selinux_context, layout->places ? "fs_bpf_net_shared" : NULL);
	assert_text(info.pin_subdir, layout->places ? "net_shared/" : NULL);
	assert_int_equal(info.shared, layout->places);
	assert_int_equal(info.ignore_on, layout->places ? LADE_IGNORE_RISCV64 : 0);
	assert_null(map->skip);
}

static void check_pick(const struct layout *layout, const struct lade_program *program)
{
	struct lade_policy_info info = { .size = sizeof info };
	assert_int_equal(program->type, BPF_PROG_TYPE_SOCKET_FILTER);
	assert_string_equal(program->section, "skfilter/picker");
	assert_string_equal(program->kernel_name, "skfilter_picker");
	assert_string_equal(first_map(program), "counts");
	assert_int_equal(lade_program_policy(program, &info), 0);
	assert_int_equal(info.has_owner, layout->program_owner);
	assert_false(info.has_mode);
	assert_int_equal(info.gid, layout->program_owner ? 3003 : 0);
	assert_int_equal(info.min_kernel, layout->program_window ? KVER(4, 14, 0) : 0);
	assert_int_equal(info.max_kernel, UINT32_MAX);
	assert_int_equal(info.optional, layout->optional);
	assert_int_equal(info.min_loader, layout->loader ? 2 : 0);
	assert_text(info.selinux_context, layout->places ? "fs_bpf_netd_readonly" : NULL);
	assert_text(info.pin_subdir, layout->places ? "netd_readonly/" : NULL);
	assert_null(program->skip);
}

static void every_layout_is_recognised_and_its_fields_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(layouts); i++) {
		struct lade_object *object = open_object(layouts[i].file);
		struct lade_object_policy_info info = { .size = sizeof info };
		assert_string_equal(object->dialect, layouts[i].dialect);
		assert_int_equal(object->maps.count, 2);
		assert_int_equal(object->programs.count, 2);
		assert_string_equal(object->license, "Apache 2.0");
		assert_int_equal(lade_object_policy(object, &info), 0);
		assert_int_equal(info.map_bytes, layouts[i].map_bytes);
		assert_int_equal(info.program_bytes, layouts[i].program_bytes);
		assert_definition(must_map(object, "second"), BPF_MAP_TYPE_HASH, 4, 8, 16, 1);
		check_counts(&layouts[i], must_map(object, "counts"));
		check_pick(&layouts[i], must_program(object, "pick"));
		assert_int_equal(object->notes.count, 0);
		lade_object_free(object);
	}
}

static void layout_is_known_without_its_marks(void **state)
{
	static const struct {
		const char *file, *dialect;
	} rows[] = { { "android_b.u.o", "android-b" },
		     { "android_c48.u.o", "android-c" },
		     { "android_d120.u.o", "android-d" } };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_object *object = open_object(rows[i].file);
		assert_string_equal(object->dialect, rows[i].dialect);
		assert_int_equal(must_map(object, "counts")->policy->gid, 3007);
		assert_int_equal(must_map(object, "counts")->policy->mode, 0640);
		lade_object_free(object);
	}
}

static void pins_are_named_as_android_names_them(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_d120.o");
	assert_string_equal(must_map(object, "counts")->policy->pin_name, "map__counts");
	assert_string_equal(must_map(object, "second")->policy->pin_name, "map_android_d120_second");
	assert_string_equal(must_program(object, "on_switch")->policy->pin_name,
			    "prog_android_d120_tracepoint_sched_sched_switch");
	lade_object_free(object);
}

static void name_of_the_object_ends_at_the_version_in_the_file_name(void **state)
{
	char bytes[32768];
	struct lade_object *object = NULL;
	(void)state;
	FILE *file = fopen(TEST_OBJECTS "/android_c48.o", "rbe");
	assert_non_null(file);
	size_t size = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	assert_int_equal(lade_object_open_memory(NULL, bytes, size, "/system/etc/bpf/netd@25.o", NULL, &object, NULL),
			 0);
	assert_string_equal(must_map(object, "second")->policy->pin_name, "map_netd_second");
	lade_object_free(object);
}

/* Symbols unsorted and without types, two string tables, a section symbol with an addend. */
static void symbols_may_come_in_any_order_and_form(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_separate.o");
	assert_string_equal(object->dialect, "android-b");
	assert_definition(must_map(object, "zeta"), BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	assert_definition(must_map(object, "alpha"), BPF_MAP_TYPE_HASH, 4, 8, 16, 0);
	assert_int_equal(must_map(object, "alpha")->policy->gid, 3003);
	assert_int_equal(must_map(object, "alpha")->policy->mode, 0660);
	const struct lade_program *pick = must_program(object, "pick");
	assert_string_equal(lade_program_map(pick, 0)->name, "zeta");
	assert_string_equal(lade_program_map(pick, 1)->name, "alpha");
	lade_object_free(object);
}

/* 5.4 was 0x50400 in Android 11. */
static void kernel_versions_of_android_11_have_the_kernels_own_code(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_separate.o");
	assert_int_equal(must_program(object, "pick")->policy->kernel.min, KVER(5, 4, 0));
	assert_int_equal(must_program(object, "pick")->policy->kernel.max, UINT32_MAX);
	lade_object_free(object);
}

static void layout_e_has_types_and_paths_in_its_definitions(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_e.o");
	assert_string_equal(object->dialect, "android-e");
	const struct lade_map *counts = must_map(object, "counts");
	assert_definition(counts, BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	assert_int_equal(counts->policy->gid, 3006);
	assert_int_equal(counts->policy->mode, 0060);
	assert_int_equal(counts->policy->loader.min, 3300);
	assert_string_equal(counts->policy->create_location, "/sys/fs/bpf/net_shared/tmp");
	assert_string_equal(counts->policy->pin_location, "/sys/fs/bpf/netd_shared/map_netd_counts");
	assert_string_equal(counts->policy->pin_name, "map_netd_counts");
	const struct lade_program *guard = must_program(object, "bind4_guard_35");
	assert_int_equal(guard->type, BPF_PROG_TYPE_CGROUP_SOCK_ADDR);
	assert_int_equal(guard->expected_attach_type, BPF_CGROUP_INET4_BIND);
	assert_true(guard->policy->optional);
	assert_int_equal(guard->policy->loader.min, 0); /* -1 */
	assert_string_equal(guard->kernel_name, "bind4_guard");
	assert_string_equal(first_map(guard), "counts");
	assert_non_null(must_map(object, "future")->skip);
	assert_non_null(strstr(must_program(object, "skfilter_later_38")->skip, "3800"));
	lade_object_free(object);
}

static void layout_f_is_a_btf_object_with_androids_names(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_f.bpf");
	assert_string_equal(object->dialect, "android-f");
	assert_string_equal(object->name, "android_f");
	assert_definition(must_map(object, "counts"), BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	assert_int_equal(must_program(object, "pick")->type, BPF_PROG_TYPE_SOCKET_FILTER);
	assert_int_equal(must_program(object, "other")->type, BPF_PROG_TYPE_TRACING);
	lade_object_free(object);
}

static void types_of_keys_and_values_come_from_btf_when_their_sizes_fit(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_btf.g.o");
	assert_string_equal(object->dialect, "android-d");
	assert_true(must_map(object, "counts")->definition.btf_key_type);
	assert_true(must_map(object, "counts")->definition.btf_value_type);
	assert_int_equal(must_map(object, "wrong")->definition.btf_value_type, 0);
	assert_int_equal(must_map(object, "untold")->definition.btf_value_type, 0);
	lade_object_free(object);
}

/* ---- prefixes ---- */

static void every_prefix_gives_its_type(void **state)
{
	static const struct {
		const char *program;
		uint32_t type, attach;
	} wanted[] = {
		{ "p_bind4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND },
		{ "p_bind6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND },
		{ "p_cgroupskb", BPF_PROG_TYPE_CGROUP_SKB, 0 },
		{ "p_cgroupsock", BPF_PROG_TYPE_CGROUP_SOCK, 0 },
		{ "p_cgroupsockcreate", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE },
		{ "p_cgroupsockrelease", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE },
		{ "p_cgroupsockaddr", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 0 },
		{ "p_connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT },
		{ "p_connect6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT },
		{ "p_egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS },
		{ "p_ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS },
		{ "p_getsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT },
		{ "p_setsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT },
		{ "p_kprobe", BPF_PROG_TYPE_KPROBE, 0 },
		{ "p_kretprobe", BPF_PROG_TYPE_KPROBE, 0 },
		{ "p_uprobe", BPF_PROG_TYPE_KPROBE, 0 },
		{ "p_uretprobe", BPF_PROG_TYPE_KPROBE, 0 },
		{ "p_lwt_in", BPF_PROG_TYPE_LWT_IN, 0 },
		{ "p_lwt_out", BPF_PROG_TYPE_LWT_OUT, 0 },
		{ "p_lwt_xmit", BPF_PROG_TYPE_LWT_XMIT, 0 },
		{ "p_lwt_seg6local", BPF_PROG_TYPE_LWT_SEG6LOCAL, 0 },
		{ "p_perf_event", BPF_PROG_TYPE_PERF_EVENT, 0 },
		{ "p_postbind4", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND },
		{ "p_postbind6", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND },
		{ "p_recvmsg4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_RECVMSG },
		{ "p_recvmsg6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_RECVMSG },
		{ "p_sendmsg4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG },
		{ "p_sendmsg6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG },
		{ "p_schedact", BPF_PROG_TYPE_SCHED_ACT, 0 },
		{ "p_schedcls", BPF_PROG_TYPE_SCHED_CLS, 0 },
		{ "p_skfilter", BPF_PROG_TYPE_SOCKET_FILTER, 0 },
		{ "p_sockops", BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS },
		{ "p_sysctl", BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL },
		{ "p_tracepoint", BPF_PROG_TYPE_TRACEPOINT, 0 },
		{ "p_xdp", BPF_PROG_TYPE_XDP, 0 },
	};
	(void)state;
	struct lade_object *object = open_object("android_prefixes.o");
	assert_int_equal(object->programs.count, ELEMENTS(wanted)); /* classifier is none of Android's */
	for (size_t i = 0; i < ELEMENTS(wanted); i++) {
		const struct lade_program *program = must_program(object, wanted[i].program);
		assert_int_equal(program->type, wanted[i].type);
		assert_int_equal(program->has_expected_attach_type ? program->expected_attach_type : 0,
				 wanted[i].attach);
	}
	assert_string_equal(must_program(object, "p_tracepoint")->attach_target, "a/b");
	assert_null(must_program(object, "p_skfilter")->attach_target);
	lade_object_free(object);
}

static void variant_is_cut_from_names_and_targets(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_variants.o");
	assert_string_equal(must_program(object, "pick_new")->kernel_name, "skfilter_pick");
	assert_string_equal(must_program(object, "picked_new")->kernel_name, "skfilter_picked");
	assert_string_equal(must_program(object, "probe")->attach_target, "do_exit");
	assert_string_equal(must_program(object, "stats_good")->policy->pin_name,
			    "prog_android_variants_cgroupskb_ingress_stats");
	size_t dollars = 0;
	array_foreach(note, &object->notes)
		dollars += strcmp((*note)->code, "dialect.android.dollar") == 0;
	assert_int_equal(dollars, 3); /* not skfilter/picked$new, where it would be the 16th */
	lade_object_free(object);
}

/* A type that is given by hand makes the fuse program loadable. */
static void fuse_program_is_left_out_until_it_gets_a_type(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_filters.o");
	struct lade_program *program = must_program(object, "in_fuse");
	assert_int_equal(program->type, 0);
	assert_non_null(program->skip);
	assert_int_equal(lade_program_set_type(program, "socket_filter"), 0);
	assert_null(program->skip);
	lade_object_free(object);
}

/* ---- lies ---- */

static void lies_are_refused_with_their_reason(void **state)
{
	(void)state;
	assert_refused("android_lie_size.o", "dialect.android.size", "16 bytes");
	assert_refused("android_lie_wrong.o", "dialect.android.stride", "a record 40");
	assert_refused("android_lie_truncated.o", "dialect.android.stride", "68 bytes");
	assert_refused("android_lie_zero.o", "dialect.android.zero", "map plain");
	assert_refused("android_lie_undefined.o", "dialect.android.undefined", "pick_def");
	assert_refused("android_lie_license.o", "dialect.android.license", "no section license");
	assert_refused("android_lie_beyond.o", "dialect.maps.beyond", "6400");
	assert_refused("android_lie_middle.o", "dialect.android.stride", "does not begin");
	assert_refused("android_lie_twice.o", "dialect.android.twice", "zeta");
}

static void older_loaders_took_what_newer_ones_refuse(void **state)
{
	(void)state;
	struct lade_object *object = open_judged("android_lie_zero.o", 27, NULL);
	assert_int_equal(must_map(object, "plain")->policy->uid, 1029);
	lade_object_free(object);
	object = open_judged("android_lie_undefined.o", 27, NULL);
	assert_non_null(find_note(object, "dialect.android.undefined-old"));
	lade_object_free(object);
	object = open_object("android_lie_orphan.o");
	assert_non_null(find_note(object, "dialect.android.undefined-old"));
	assert_non_null(find_note(object, "dialect.android.orphan"));
	assert_non_null(find_note(object, "dialect.android.old-uid"));
	assert_int_equal(must_map(object, "plain")->policy->uid, 1029);
	lade_object_free(object);
}

static void odd_metadata_is_noted(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_lie_places.o");
	assert_non_null(find_note(object, "dialect.android.short"));
	assert_non_null(find_note(object, "dialect.android.selinux"));
	assert_non_null(find_note(object, "dialect.android.subdir"));
	assert_null(find_note(object, "dialect.android.skipped"));
	lade_object_free(object);
	object = open_object("android_nameless.o");
	assert_non_null(find_note(object, "dialect.android.nameless"));
	assert_int_equal(object->maps.count, 1);
	lade_object_free(object);
}

static void data_is_left_to_the_kernel_to_refuse(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_data.o");
	const struct lade_finding *note = find_note(object, "dialect.android.data");
	assert_non_null(note);
	assert_string_equal(note->program, "optional_data");
	assert_int_equal(body_of(must_program(object, "optional_data"))->relocations.count, 0);
	assert_true(has_subprogram(must_program(object, "pick"), "helper"));
	lade_object_free(object);
}

static void wrong_override_is_a_finding(void **state)
{
	(void)state;
	assert_refused_as("android_d120.o", "android-a", "dialect.android.stride", "120");
	assert_refused_as("android_d120.o", "android-b", "dialect.android.stride", "120");
	assert_refused_as("android_a.o", "android-d", "dialect.android.stride", "32 bytes");
	assert_refused_as("dia_needs.bpf.o", "android-e", "dialect.android.undefined", "no definition");
	assert_refused_as("dia_foreign_kern.o", "android-c", "dialect.android.stride", "32");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_is_recognised_and_its_fields_are_read),
		cmocka_unit_test(layout_is_known_without_its_marks),
		cmocka_unit_test(pins_are_named_as_android_names_them),
		cmocka_unit_test(name_of_the_object_ends_at_the_version_in_the_file_name),
		cmocka_unit_test(symbols_may_come_in_any_order_and_form),
		cmocka_unit_test(kernel_versions_of_android_11_have_the_kernels_own_code),
		cmocka_unit_test(layout_e_has_types_and_paths_in_its_definitions),
		cmocka_unit_test(layout_f_is_a_btf_object_with_androids_names),
		cmocka_unit_test(types_of_keys_and_values_come_from_btf_when_their_sizes_fit),
		cmocka_unit_test(fuse_program_is_left_out_until_it_gets_a_type),
		cmocka_unit_test(every_prefix_gives_its_type),
		cmocka_unit_test(variant_is_cut_from_names_and_targets),
		cmocka_unit_test(lies_are_refused_with_their_reason),
		cmocka_unit_test(older_loaders_took_what_newer_ones_refuse),
		cmocka_unit_test(odd_metadata_is_noted),
		cmocka_unit_test(data_is_left_to_the_kernel_to_refuse),
		cmocka_unit_test(wrong_override_is_a_finding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
