/* SPDX-License-Identifier: BSD-2-Clause */
/* What policy files make of objects of any dialect. */
#include "boot/policy_files.h"

#define B         "/sys/fs/bpf/"
#define DIRECTORY "/usr/lib/bpf"
#define HERE      "[location " DIRECTORY "]\n"
#define FIREWALL  "boot_firewall.bpf.o"

struct told {
	struct files files;
	struct decided decided;
};

/* On kernel 6.1 of aarch64, built with CONFIG_XDP_SOCKETS=y, CONFIG_NET_CLS_BPF=m, CONFIG_HZ=250, no CONFIG_BPF_LSM. */
static struct kernel_config *some_config(void)
{
	static struct config_option options[] = {
		{ (char *)"CONFIG_XDP_SOCKETS", (char *)"y", true },
		{ (char *)"CONFIG_NET_CLS_BPF", (char *)"m", true },
		{ (char *)"CONFIG_HZ", (char *)"250", true },
		{ (char *)"CONFIG_BPF_LSM", NULL, true },
	};
	static struct kernel_config config = { .is_read = true,
					       .options = { options, ELEMENTS(options), ELEMENTS(options) } };
	return &config;
}

static struct told tell(const char *policy, const char *file, const char *name)
{
	struct told told = { 0 };
	struct lade_error *error = NULL;
	files_of(&told.files, policy);
	struct boot_policy *used = &told.files.policy;
	used->device.kernel = KVER(6, 1, 57);
	used->device.machine = LADE_IGNORE_AARCH64;
	used->device.build_type = "user";
	used->device.config = some_config();
	const struct boot_location *location = must_location(used, DIRECTORY);
	told.decided.object = open_named(file, name, location, used, &error);
	if (!told.decided.object)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(lade_boot_decide(used, location, told.decided.object, &told.decided.decision), 0);
	return told;
}

static void told_clear(struct told *told)
{
	decided_clear(&told->decided);
	files_end(&told->files);
}

/* ---- without words ---- */

static void policy_without_words_loads_and_pins_nothing_outside(void **state)
{
	(void)state;
	struct told told = tell(HERE, FIREWALL, "firewall.bpf.o");
	assert_loads(&told.decided);
	assert_string_equal(told.decided.decision.instance, "firewall");
	assert_null(told.decided.decision.critical);
	assert_false(told.decided.decision.optional);
	assert_int_equal(told.decided.decision.order, 0);
	for (size_t i = 0; i < told.decided.decision.map_count; i++)
		assert_null(told.decided.decision.maps[i].pin);
	for (size_t i = 0; i < told.decided.decision.program_count; i++) {
		assert_null(told.decided.decision.programs[i].pin);
		assert_false(told.decided.decision.programs[i].attach);
	}
	told_clear(&told);
}

/* ---- pins and owners ---- */

struct placed {
	const char *policy, *part;
	bool is_map;
	const char *pin; /* NULL: none outside */
};

static const struct placed places[] = {
	{ HERE "prefix = net\n", "counts", true, B "net/fire_wall/maps/counts" },
	{ HERE "prefix = net\n", "filter", false, B "net/fire_wall/progs/filter" },
	{ HERE "prefix = net\n", "shared_rules", true, NULL },
	{ HERE "prefix = net\n", ".bss", true, NULL },
	{ HERE "mode = 0660\n", "counts", true, B "fire_wall/maps/counts" },
	{ HERE "mode = 0660\n", "shared_rules", true, B "shared_rules" },
	{ HERE "prefix = net\n[map fire*/counts]\nmode = 0600\n", "counts", true, B "net/fire_wall/maps/counts" },
	{ HERE "[map fire.wall/counts]\npin = x/y\n", "counts", true, B "x/y" },
	{ HERE "[map fire.wall/counts]\npin = x/y\n", "filter", false, NULL },
	{ HERE "[program fire.wall/filter]\npin = x/f\n", "filter", false, B "x/f" },
	{ HERE "[program fire.wall/xdp]\npin = /sys/fs/bpf/x/f\n", "filter", false, B "x/f" },
	{ HERE "[map other/counts]\npin = x/y\n", "counts", true, NULL },
	{ HERE "[program fire.wall/counts]\npin = x/y\n", "counts", true, NULL },
};

static const struct boot_part *part_of(const struct told *told, const char *name, bool is_map)
{
	return is_map ? map_part(&told->decided, name) : program_part(&told->decided, name);
}

static void pins_are_below_the_prefix_or_where_a_line_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(places); i++) {
		struct told told = tell(places[i].policy, FIREWALL, "fire.wall.bpf.o");
		assert_loads(&told.decided);
		const struct boot_part *part = part_of(&told, places[i].part, places[i].is_map);
		if (!part->pin != !places[i].pin || (part->pin && strcmp(part->pin, places[i].pin) != 0))
			fail_msg("row %zu: %s", i, part->pin);
		told_clear(&told);
	}
}

static void owners_come_from_the_nearest_section(void **state)
{
	(void)state;
	struct told told = tell(HERE "owner = 10\ngroup = 11\nmode = 0640\n"
				     "[object firewall]\ngroup = 12\n[map firewall/counts]\nmode = 0666\nowner = 13\n",
				FIREWALL, "firewall.bpf.o");
	const struct boot_part *counts = map_part(&told.decided, "counts"),
			       *rules = map_part(&told.decided, "shared_rules");
	const struct boot_part *filter = program_part(&told.decided, "filter");
	assert_true(counts->has_owner && counts->has_mode && counts->is_local);
	assert_int_equal(counts->uid, 13);
	assert_int_equal(counts->gid, 12);
	assert_int_equal(counts->mode, 0666);
	assert_int_equal(rules->uid, 10);
	assert_int_equal(rules->gid, 12);
	assert_int_equal(rules->mode, 0640);
	assert_int_equal(filter->uid, 10);
	assert_int_equal(filter->mode, 0640);
	told_clear(&told);
}

static void androids_objects_keep_their_words_here(void **state)
{
	(void)state;
	struct told told =
		tell(HERE "prefix = a\nowner = 10\n[map gpu/plain]\nmode = 0644\n", "boot_places.o", "gpu.o");
	assert_loads(&told.decided);
	assert_string_equal(told.decided.decision.critical, "Connectivity");
	assert_string_equal(map_part(&told.decided, "plain")->pin, B "a/map_gpu_plain");
	assert_string_equal(map_part(&told.decided, "common")->pin, B "a/map__common");
	assert_string_equal(map_part(&told.decided, "moved")->pin, B "netd_shared/map_gpu_moved");
	assert_string_equal(program_part(&told.decided, "here")->pin, B "a/prog_gpu_skfilter_here");
	assert_int_equal(map_part(&told.decided, "moved")->gid, 1073);
	assert_int_equal(map_part(&told.decided, "moved")->mode, 0660);
	assert_false(map_part(&told.decided, "moved")->is_local);
	assert_int_equal(map_part(&told.decided, "plain")->mode, 0644);
	told_clear(&told);
	told = tell(HERE, "android_filters.o", NULL);
	assert_loads(&told.decided);
	assert_non_null(map_part(&told.decided, "new_loader")->skip);
	assert_non_null(map_part(&told.decided, "new_kernel")->skip);
	assert_non_null(program_part(&told.decided, "for_no_machine")->skip);
	assert_null(map_part(&told.decided, "plain")->skip);
	told_clear(&told);
	told = tell(HERE, "android_excluded.o", NULL);
	assert_int_equal(told.decided.decision.verdict, BOOT_SKIP);
	assert_non_null(boot_note(&told.decided, "boot.rule.loader"));
	told_clear(&told);
}

/* ---- whether ---- */

struct judged {
	const char *policy;
	enum boot_verdict verdict;
	const char *code; /* of the error or note; NULL: none */
};

static const struct judged verdicts[] = {
	{ HERE "[object firewall]\nkernel = 5.10..6.1\n", BOOT_LOAD, NULL },
	{ HERE "[object firewall]\nkernel = >=6.2\n", BOOT_SKIP, "boot.rule.kernel" },
	{ HERE "[object other]\nkernel = >=6.2\n", BOOT_LOAD, NULL },
	{ HERE "[object fire*]\nkernel = >=6.2\n", BOOT_SKIP, "boot.rule.kernel" },
	{ HERE "[object fire*]\nkernel = >=6.2\n[object firewall]\nkernel = >=5.10\n", BOOT_LOAD, NULL },
	{ HERE "[object firewall.bpf.o]\nkernel = >=6.2\n", BOOT_SKIP, "boot.rule.kernel" },
	{ HERE "[object firewall]\nconfig = CONFIG_XDP_SOCKETS, CONFIG_NET_CLS_BPF\n", BOOT_LOAD, NULL },
	{ HERE "[object firewall]\nconfig = CONFIG_HZ=250\n", BOOT_LOAD, NULL },
	{ HERE "[object firewall]\nconfig = CONFIG_HZ=1000\n", BOOT_FAIL, "boot.rule.config" },
	{ HERE "[object firewall]\nconfig = CONFIG_BPF_LSM\n", BOOT_FAIL, "boot.rule.config" },
	{ HERE "[object firewall]\nconfig = CONFIG_NET_CLS_BPF=y\n", BOOT_FAIL, "boot.rule.config" },
	{ HERE "[object firewall]\nconfig = CONFIG_BPF_LSM\noptional = yes\n", BOOT_SKIP, "boot.rule.config-missing" },
	{ HERE "[object firewall]\nconfig = CONFIG_OTHER\n", BOOT_LOAD, "boot.rule.config-unknown" },
	{ HERE "[map firewall/counts]\nconfig = CONFIG_BPF_LSM\n", BOOT_FAIL, "boot.rule.config" },
	{ HERE "[program firewall/filter]\nconfig = CONFIG_BPF_LSM\n", BOOT_FAIL, "boot.rule.config" },
	{ HERE "[program firewall/filter]\nconfig = CONFIG_BPF_LSM\noptional = yes\n", BOOT_LOAD, NULL },
	{ HERE "types = xdp, kprobe\n", BOOT_LOAD, NULL },
	{ HERE "types = xdp\n", BOOT_FAIL, "boot.rule.type" },
	{ HERE "types = any\n", BOOT_LOAD, NULL },
};

static void windows_options_and_types_decide_whether_an_object_is_loaded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(verdicts); i++) {
		struct told told = tell(verdicts[i].policy, FIREWALL, "firewall.bpf.o");
		const struct boot_decision *decision = &told.decided.decision;
		if (decision->verdict != verdicts[i].verdict)
			fail_msg("row %zu: %s", i, lade_error_message(decision->error));
		if (decision->verdict == BOOT_FAIL) {
			const struct lade_finding *finding = lade_error_finding(decision->error, 0);
			assert_string_equal(finding->code, verdicts[i].code);
			assert_true(finding->fix && *finding->fix && finding->evidence.count >= 2);
			assert_non_null(strstr(finding->evidence.items[finding->evidence.count - 1], "50-test.conf:"));
		} else if (verdicts[i].code) {
			assert_non_null(boot_note(&told.decided, verdicts[i].code));
		}
		told_clear(&told);
	}
}

static void parts_are_left_out_by_kernel_and_option(void **state)
{
	(void)state;
	struct told told = tell(HERE "[program */watch]\nkernel = <5.4\n"
				     "[program */filter]\noptional = yes\nconfig = CONFIG_BPF_LSM\n",
				FIREWALL, NULL);
	assert_loads(&told.decided);
	assert_string_equal(program_part(&told.decided, "watch")->skip,
			    "for kernels 0.0.0 to before 5.4.0, this is 6.1.57");
	assert_string_equal(program_part(&told.decided, "filter")->skip,
			    "optional, and this kernel lacks CONFIG_BPF_LSM");
	told_clear(&told);
}

static void critical_optional_order_and_timeout_are_the_objects(void **state)
{
	(void)state;
	struct told told =
		tell(HERE "[object *]\ncritical = nobody may log in\norder = 7\ntimeout = 2s\noptional = yes\n",
		     FIREWALL, NULL);
	assert_string_equal(told.decided.decision.critical, "nobody may log in");
	assert_int_equal(told.decided.decision.order, 7);
	assert_int_equal(told.decided.decision.timeout_ms, 2000);
	assert_true(told.decided.decision.optional);
	told_clear(&told);
	told = tell(HERE "[object *]\ncritical = why\n[object boot_firewall]\ncritical = no\n", FIREWALL, NULL);
	assert_null(told.decided.decision.critical);
	told_clear(&told);
	told = tell(HERE "[object *]\ncritical = yes\n", FIREWALL, NULL);
	assert_string_equal(told.decided.decision.critical, "by the policy");
	told_clear(&told);
	told = tell(HERE "[object *]\ncritical = no\n", "boot_places.o", NULL);
	assert_null(told.decided.decision.critical);
	told_clear(&told);
}

/* ---- attaching ---- */

struct attached {
	const char *policy, *program;
	bool attach;
	size_t targets;
};

static const struct attached attachments[] = {
	{ HERE, "watch", false, 0 },
	{ HERE "attach = yes\n", "watch", true, 0 },
	{ HERE "attach = yes\n", "filter", false, 0 }, /* its section names no place */
	{ HERE "[object boot*]\nattach = yes\n", "watch", true, 0 },
	{ HERE "attach = yes\n[object boot*]\nattach = no\n", "watch", false, 0 },
	{ HERE "attach = yes\n[program boot*/watch]\nattach = no\n", "watch", false, 0 },
	{ HERE "[program boot*/filter]\nattach = yes\n", "filter", true, 0 },
	{ HERE "[program boot*/filter]\nattach = dev:eth0\nattach = dev:eth1\n", "filter", true, 2 },
	{ HERE "[program boot*/filter]\nattach = dev:eth0\n", "watch", false, 0 },
};

static void programs_attach_where_the_policy_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(attachments); i++) {
		struct told told = tell(attachments[i].policy, FIREWALL, NULL);
		const struct boot_part *part = program_part(&told.decided, attachments[i].program);
		if (part->attach != attachments[i].attach || part->targets.count != attachments[i].targets)
			fail_msg("row %zu", i);
		told_clear(&told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_without_words_loads_and_pins_nothing_outside),
		cmocka_unit_test(pins_are_below_the_prefix_or_where_a_line_says),
		cmocka_unit_test(owners_come_from_the_nearest_section),
		cmocka_unit_test(androids_objects_keep_their_words_here),
		cmocka_unit_test(windows_options_and_types_decide_whether_an_object_is_loaded),
		cmocka_unit_test(parts_are_left_out_by_kernel_and_option),
		cmocka_unit_test(critical_optional_order_and_timeout_are_the_objects),
		cmocka_unit_test(programs_attach_where_the_policy_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
