/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots of images of a system, by Android's rules: what is pinned where, whose it is, and that it stays so. */
#include "boot/images.h"

#include "base/array.h"

static struct image image;
static struct lade_context *context;

static int set_up(void **state)
{
	(void)state;
	if (!live_enter())
		return 0;
	image = new_image();
	context = new_context(NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (!context)
		return 0;
	unload_all(context);
	context = lade_context_free(context);
	remove_image(&image);
	return 0;
}

#define NEEDS_LIVE()                                                                                                   \
	do {                                                                                                           \
		if (!context)                                                                                          \
			skip();                                                                                        \
	} while (0)

static struct lade_boot_opts android_opts(void)
{
	return (struct lade_boot_opts){
		.size = sizeof(struct lade_boot_opts),
		.android = "14",
		.loader_version = 40,
		.root = image.root,
		.owners = LADE_OWNERS_NUMERIC,
	};
}

static void put_typical(void)
{
	put(&image, APEX, "bootrun_net.o", "offload.o");
	put(&image, SYSTEM, "bootrun_one.o", "one.o");
	put(&image, SYSTEM, "bootrun_two.o", "two.o");
	put_bytes(&image, SYSTEM, "README", "no object", 9);
}

#define DIRECTORIES                                                                                                    \
	"loader/ 0:0 0755\n"                                                                                           \
	"map__common 0:1003 0660\n"                                                                                    \
	"net_private/ 0:0 0755\n"                                                                                      \
	"net_shared/ 0:0 0755\n"                                                                                       \
	"netd_readonly/ 0:0 0755\n"                                                                                    \
	"netd_readonly/map_offload_elsewhere 0:3005 0460\n"                                                            \
	"netd_shared/ 0:0 0755\n"                                                                                      \
	"prog_one_skfilter_one 0:1003 0440\n"                                                                          \
	"prog_two_skfilter_two 0:1003 0440\n"                                                                          \
	"tethering/ 0:0 0755\n"                                                                                        \
	"tethering/map_offload_labelled 0:0 0600\n"                                                                    \
	"tethering/map_offload_limits 0:1073 0660\n"                                                                   \
	"tethering/map_offload_readers 1000:3005 0640\n"                                                               \
	"tethering/prog_offload_schedcls_tether_down 0:1073 0440\n"                                                    \
	"tethering/prog_offload_schedcls_tether_up 1000:3005 0440\n"                                                   \
	"vendor/ 0:0 0755\n"

static void assert_typical(void)
{
	char *pins = owned_pins();

	assert_string_equal(pins, DIRECTORIES);
	free(pins);
}

static struct booted boot_typical(unsigned jobs)
{
	struct lade_boot_opts opts = android_opts();

	opts.jobs = jobs;
	struct booted booted = boot_with(context, &opts);
	if (booted.code < 0)
		fail_msg("%s", lade_error_message(booted.error));
	return booted;
}

static void pins_have_their_places_owners_and_modes(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct booted booted = boot_typical(0);
	struct lade_boot_info info = { .size = sizeof info };

	assert_typical();
	assert_int_equal(lade_boot_describe(booted.boot, &info), 0);
	assert_int_equal(info.loaded, 3);
	assert_int_equal(info.failed + info.skipped + info.unchanged, 0);
	assert_int_equal(info.android_value, 0);
	assert_string_equal(object_named(booted.boot, "offload.o").critical, "tethering");
	booted_end(&booted);
}

static void a_second_boot_changes_nothing(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct booted booted = boot_typical(0);
	booted_end(&booted);
	char *tree = pin_tree(LIVE_BPFFS);
	uint32_t map = id_of_pin("map__common"), program = id_of_pin("tethering/prog_offload_schedcls_tether_up");

	booted = boot_typical(0);
	assert_int_equal(object_named(booted.boot, "offload.o").outcome, LADE_BOOT_UNCHANGED);
	assert_int_equal(object_named(booted.boot, "two.o").outcome, LADE_BOOT_UNCHANGED);
	char *again = pin_tree(LIVE_BPFFS);
	assert_string_equal(again, tree);
	assert_int_equal(id_of_pin("map__common"), map);
	assert_int_equal(id_of_pin("tethering/prog_offload_schedcls_tether_up"), program);
	assert_typical();
	free(again);
	free(tree);
	booted_end(&booted);
}

static void a_hundred_boots_leave_the_same_state(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct booted booted = boot_typical(0);
	booted_end(&booted);
	char *tree = pin_tree(LIVE_BPFFS);
	size_t descriptors = fd_count();

	for (int i = 0; i < 100; i++) {
		booted = boot_typical((unsigned)i % 3);
		booted_end(&booted);
	}
	char *again = pin_tree(LIVE_BPFFS);
	assert_string_equal(again, tree);
	assert_int_equal(fd_count(), descriptors);
	free(again);
	free(tree);
}

static void parallel_and_serial_boots_pin_the_same(void **state)
{
	(void)state;
	NEEDS_LIVE();
	char name[32];
	put_typical();
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof name, "copy%02d.o", i);
		put(&image, SYSTEM, i % 2 ? "bootrun_one.o" : "bootrun_two.o", name);
	}
	struct booted booted = boot_typical(1);
	char *serial = owned_pins();
	booted_end(&booted);
	unload_all(context);
	booted = boot_typical(4);
	char *parallel = owned_pins();
	assert_string_equal(parallel, serial);
	assert_int_equal(lade_boot_object_count(booted.boot), 23);
	/* Told in the order of names, whoever was first. */
	struct lade_boot_object_info info = { .size = sizeof info };
	assert_int_equal(lade_boot_object(booted.boot, 1, &info), 0);
	assert_non_null(strstr(info.file, "/copy00.o"));
	free(serial);
	free(parallel);
	booted_end(&booted);
}

static void owners_are_roots_unless_asked_otherwise(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct lade_boot_opts opts = android_opts();
	opts.owners = LADE_OWNERS_ROOT;
	struct booted booted = boot_with(context, &opts);

	assert_int_equal(booted.code, 0);
	char *pins = owned_pins();
	assert_non_null(strstr(pins, "tethering/map_offload_readers 0:0 0640\n"));
	assert_non_null(strstr(pins, "tethering/prog_offload_schedcls_tether_up 0:0 0440\n"));
	assert_null(strstr(pins, "3005"));
	free(pins);
	/* What the object wanted is told. */
	bool found = false;
	for (size_t i = 0; i < lade_boot_part_count(booted.boot, 0); i++) {
		struct lade_boot_part_info part = { .size = sizeof part };
		assert_int_equal(lade_boot_part(booted.boot, 0, i, &part), 0);
		if (strcmp(part.name, "readers") == 0) {
			assert_int_equal(part.uid, 0);
			assert_int_equal(part.wanted_uid, 1000);
			assert_int_equal(part.wanted_gid, 3005);
			found = true;
		}
	}
	assert_true(found);
	booted_end(&booted);
}

static uint32_t btf_of_map(const char *relative)
{
	char path[PATH_MAX];
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof info;

	(void)snprintf(path, sizeof path, LIVE_BPFFS "/%s", relative);
	int fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	(void)close(fd);
	return info.btf_id;
}

static void maps_have_types_where_their_loader_gives_them(void **state)
{
	(void)state;
	NEEDS_LIVE();
	static const struct {
		uint32_t loader;
		bool has_types;
	} rows[] = { { 40, true }, { 46, false } };
	put(&image, SYSTEM, "android_btf.g.o", "btf.o");

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_boot_opts opts = android_opts();
		opts.loader_version = rows[i].loader;
		struct booted booted = boot_with(context, &opts);
		assert_int_equal(booted.code, 0);
		if ((btf_of_map("map_btf_counts") != 0) != rows[i].has_types)
			fail_msg("loader %u", rows[i].loader);
		booted_end(&booted);
		unload_all(context);
	}
}

static void a_failing_object_leaves_nothing_and_the_others_load(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put(&image, SYSTEM, "bootrun_bad.o", "bad.o");
	put(&image, SYSTEM, "bootrun_one.o", "one.o");
	put_bytes(&image, SYSTEM, "garbage.o", "\177ELF garbage", 12);
	put_bytes(&image, SYSTEM, "empty.o", "", 0);
	struct lade_boot_opts opts = android_opts();
	struct booted booted = boot_with(context, &opts);

	assert_int_equal(booted.code, -EIO);
	assert_int_equal(lade_error_exit_code(booted.error), 7);
	assert_int_equal(object_named(booted.boot, "bad.o").outcome, LADE_BOOT_FAILED);
	assert_int_equal(object_named(booted.boot, "bad.o").android_value, -1);
	assert_int_equal(object_named(booted.boot, "garbage.o").outcome, LADE_BOOT_FAILED);
	assert_int_equal(object_named(booted.boot, "empty.o").outcome, LADE_BOOT_FAILED);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_LOADED);
	char *pins = owned_pins();
	assert_null(strstr(pins, "map_bad"));
	assert_non_null(strstr(pins, "prog_one_skfilter_one"));
	free(pins);
	booted_end(&booted);
}

static void a_critical_failure_keeps_later_locations_from_being_tried(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put(&image, APEX, "bootrun_critical.o", "critical.o");
	put(&image, APEX, "bootrun_net.o", "offload.o");
	put(&image, SYSTEM, "bootrun_one.o", "one.o");
	struct lade_boot_opts opts = android_opts();
	struct booted booted = boot_with(context, &opts);
	struct lade_boot_info info = { .size = sizeof info };

	assert_int_equal(booted.code, -ECANCELED);
	assert_int_equal(lade_error_exit_code(booted.error), 8);
	assert_int_equal(lade_boot_describe(booted.boot, &info), 0);
	assert_true(info.critical);
	assert_int_equal(info.android_value, 2);
	assert_int_equal(object_named(booted.boot, "offload.o").outcome, LADE_BOOT_LOADED);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_NOT_TRIED);
	booted_end(&booted);
}

static void a_critical_object_that_cannot_be_read_is_critical(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put(&image, APEX, "android_lie_zero.o", "lie.o");
	struct lade_boot_opts opts = android_opts();
	struct booted booted = boot_with(context, &opts);
	const struct lade_boot_object_info info = object_named(booted.boot, "lie.o");

	assert_int_equal(info.outcome, LADE_BOOT_FAILED);
	assert_int_equal(booted.code, info.critical ? -ECANCELED : -EIO);
	booted_end(&booted);
}

static void what_cannot_be_read_is_critical_to_android_16(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_bytes(&image, SYSTEM, "garbage.o", "\177ELF garbage", 12);
	put_bytes(&image, "/etc/bpf", "garbage.bpf", "\177ELF garbage", 12);
	struct lade_boot_opts opts = android_opts();
	struct booted booted = boot_with(context, &opts);
	assert_int_equal(booted.code, -EIO);
	assert_null(object_named(booted.boot, "garbage.o").critical);
	booted_end(&booted);

	opts.android = "16";
	opts.loader_version = 0;
	booted = boot_with(context, &opts);
	assert_int_equal(booted.code, -ECANCELED);
	assert_int_equal(object_named(booted.boot, "garbage.bpf").outcome, LADE_BOOT_FAILED);
	assert_non_null(object_named(booted.boot, "garbage.bpf").critical);
	booted_end(&booted);
}

static void only_critical_objects_on_request(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct lade_boot_opts opts = android_opts();
	opts.critical_only = true;
	struct booted booted = boot_with(context, &opts);

	assert_int_equal(booted.code, 0);
	assert_int_equal(object_named(booted.boot, "offload.o").outcome, LADE_BOOT_LOADED);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_SKIPPED);
	booted_end(&booted);
}

static void only_and_replace_put_in_new_programs(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct booted booted = boot_typical(0);
	booted_end(&booted);
	uint32_t one = id_of_pin("prog_one_skfilter_one"), two = id_of_pin("prog_two_skfilter_two");
	uint32_t map = id_of_pin("map__common");
	const char *only[] = { "one.o" };
	struct lade_boot_opts opts = android_opts();
	opts.only = only;
	opts.only_count = 1;
	opts.replace = true;

	booted = boot_with(context, &opts);
	if (booted.code < 0)
		fail_msg("%s", lade_error_message(booted.error));
	assert_int_equal(lade_boot_object_count(booted.boot), 1);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_LOADED);
	assert_int_not_equal(id_of_pin("prog_one_skfilter_one"), one);
	assert_int_equal(id_of_pin("prog_two_skfilter_two"), two);
	assert_int_equal(id_of_pin("map__common"), map);
	assert_typical();
	booted_end(&booted);

	only[0] = "absent.o";
	booted = boot_with(context, &opts);
	assert_int_equal(booted.code, -ENOENT);
	assert_string_equal(first_code(booted.error), "boot.only");
	booted_end(&booted);
}

static void a_pin_that_was_removed_comes_back(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct booted booted = boot_typical(0);
	booted_end(&booted);
	assert_int_equal(unlink(LIVE_BPFFS "/prog_one_skfilter_one"), 0);
	booted = boot_typical(0);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_LOADED);
	assert_typical();
	booted_end(&booted);
}

static void a_pin_with_something_else_in_it_is_made_anew(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct booted booted = boot_typical(0);
	booted_end(&booted);
	uint32_t one = id_of_pin("prog_one_skfilter_one");
	assert_int_equal(unlink(LIVE_BPFFS "/prog_one_skfilter_one"), 0);
	assert_int_equal(rename(LIVE_BPFFS "/prog_two_skfilter_two", LIVE_BPFFS "/prog_one_skfilter_one"), 0);

	struct lade_boot_opts opts = android_opts();
	booted = boot_with(context, &opts);
	struct lade_boot_object_info info = object_named(booted.boot, "one.o");
	struct lade_finding_info note = { .size = sizeof note };
	assert_int_equal(info.outcome, LADE_BOOT_FAILED); /* what is not ours is not replaced */
	assert_int_equal(lade_finding_describe(info.notes[0], &note), 0);
	assert_string_equal(note.code, "boot.pin.gone");
	assert_non_null(strstr(note.message, "prog_one_skfilter_one"));
	booted_end(&booted);

	assert_int_equal(unlink(LIVE_BPFFS "/prog_one_skfilter_one"), 0);
	booted = boot_typical(0);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_LOADED);
	assert_int_not_equal(id_of_pin("prog_one_skfilter_one"), one);
	assert_typical();
	booted_end(&booted);
	booted = boot_typical(0);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_UNCHANGED);
	booted_end(&booted);
}

static void owners_that_changed_meanwhile_change_nothing(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct booted booted = boot_typical(0);
	booted_end(&booted);
	assert_int_equal(chown(LIVE_BPFFS "/map__common", 65534, 65534), 0);
	booted = boot_typical(0);
	assert_int_equal(object_named(booted.boot, "one.o").outcome, LADE_BOOT_UNCHANGED);
	booted_end(&booted);
}

static void a_dry_run_tells_everything_and_changes_nothing(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_boot_opts opts = android_opts();
	opts.dry_run = true;
	opts.kernel = "100.1.0";
	struct booted booted = boot_with(context, &opts);
	struct lade_boot_part_info part = { .size = sizeof part };
	bool future = false;

	assert_int_equal(booted.code, 0);
	assert_int_equal(object_named(booted.boot, "offload.o").outcome, LADE_BOOT_PLANNED);
	for (size_t i = 0; i < lade_boot_part_count(booted.boot, 0); i++) {
		assert_int_equal(lade_boot_part(booted.boot, 0, i, &part), 0);
		if (strcmp(part.name, "future") == 0)
			future = part.pin && strcmp(part.pin, "/sys/fs/bpf/tethering/map_offload_future") == 0;
	}
	assert_true(future); /* as on that kernel */
	booted_end(&booted);
	assert_nothing_left(&before);
}

static void links_do_not_lead_out_of_an_image(void **state)
{
	(void)state;
	NEEDS_LIVE();
	struct image outside = new_image();
	char path[PATH_MAX], target[PATH_MAX];
	put(&outside, "", "bootrun_one.o", "one.o");
	put(&image, "/real", "bootrun_two.o", "two.o");
	(void)snprintf(path, sizeof path, "%s/system/etc", image.root);
	make_directories(path);
	(void)snprintf(path, sizeof path, "%s" SYSTEM, image.root);
	assert_int_equal(symlink("/real", path), 0); /* of the image, not of the machine */
	(void)snprintf(path, sizeof path, "%s/real/out.o", image.root);
	(void)snprintf(target, sizeof target, "%s/one.o", outside.root);
	assert_int_equal(symlink(target, path), 0);
	struct lade_boot_opts opts = android_opts();
	struct booted booted = boot_with(context, &opts);

	assert_int_equal(booted.code, -EIO);
	assert_int_equal(object_named(booted.boot, "two.o").outcome, LADE_BOOT_LOADED);
	assert_int_equal(object_named(booted.boot, "out.o").outcome, LADE_BOOT_FAILED);
	booted_end(&booted);
	remove_image(&outside);
}

static void missing_and_empty_directories_are_nothing_to_do(void **state)
{
	(void)state;
	NEEDS_LIVE();
	char path[PATH_MAX];
	(void)snprintf(path, sizeof path, "%s" SYSTEM, image.root);
	make_directories(path);
	struct lade_boot_opts opts = android_opts();
	struct booted booted = boot_with(context, &opts);
	assert_int_equal(booted.code, 0);
	assert_int_equal(lade_boot_object_count(booted.boot), 0);
	booted_end(&booted);

	const char *named[] = { "/no/such/place" };
	opts.directories = named;
	opts.directory_count = 1;
	booted = boot_with(context, &opts);
	assert_int_equal(booted.code, -ENOENT);
	assert_string_equal(first_code(booted.error), "boot.directory.missing");
	booted_end(&booted);
}

static void a_prefix_that_others_own_is_refused(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put_typical();
	struct lade_boot_opts opts = android_opts();
	assert_int_equal(mkdir(LIVE_BPFFS "/tethering", 0755), 0);
	assert_int_equal(chown(LIVE_BPFFS "/tethering", 65534, 65534), 0);
	struct booted booted = boot_with(context, &opts);
	assert_int_equal(booted.code, -EPERM);
	assert_string_equal(first_code(booted.error), "boot.directory.foreign");
	booted_end(&booted);
	assert_int_equal(rmdir(LIVE_BPFFS "/tethering"), 0);

	assert_int_equal(symlink("/sys/fs/bpf/elsewhere", LIVE_BPFFS "/tethering"), 0);
	booted = boot_with(context, &opts);
	assert_string_equal(first_code(booted.error), "boot.directory.foreign");
	booted_end(&booted);
}

static void options_that_do_not_go_together_are_wrong_use(void **state)
{
	(void)state;
	NEEDS_LIVE();
	struct lade_boot_opts opts = { .size = sizeof opts, .android = "14", .kernel = "5.10.0" };
	struct booted booted = boot_with(context, &opts);
	assert_int_equal(lade_error_exit_code(booted.error), 1);
	booted_end(&booted);
	opts = (struct lade_boot_opts){ .size = sizeof opts, .loader_version = 40 };
	booted = boot_with(context, &opts);
	assert_int_equal(lade_error_exit_code(booted.error), 1);
	booted_end(&booted);
	opts = (struct lade_boot_opts){ .size = sizeof opts, .android = "9" };
	booted = boot_with(context, &opts);
	assert_int_equal(lade_error_exit_code(booted.error), 1);
	booted_end(&booted);
}

struct heard {
	struct strbuf text;
};

static void hear(void *userdata, enum lade_boot_level level, const char *tag, const char *line)
{
	struct heard *heard = userdata;

	(void)level;
	lade_strbuf_addf(&heard->text, "%s: %s\n", tag, line);
}

static void lines_are_in_androids_words_and_in_order(void **state)
{
	(void)state;
	NEEDS_LIVE();
	put(&image, APEX, "bootrun_critical.o", "critical.o");
	put(&image, APEX, "bootrun_net.o", "offload.o");
	struct heard heard = { 0 };
	struct lade_boot_opts opts = android_opts();
	opts.log = hear;
	opts.userdata = &heard;
	struct booted booted = boot_with(context, &opts);
	const char *failed = strstr(heard.text.text, "Failed to load object: ");
	const char *loaded = strstr(heard.text.text, "Loaded object: ");
	const char *critical = strstr(heard.text.text, "=== CRITICAL FAILURE LOADING BPF PROGRAMS FROM ");

	assert_non_null(failed);
	assert_non_null(loaded);
	assert_non_null(critical);
	assert_true(failed < loaded && loaded < critical);
	assert_non_null(strstr(heard.text.text, "BPF_PROG_LOAD - BEGIN log_buf contents:"));
	assert_non_null(strstr(heard.text.text, "--- DO NOT EXPECT SYSTEM TO BOOT SUCCESSFULLY ---"));
	lade_strbuf_clear(&heard.text);
	booted_end(&booted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pins_have_their_places_owners_and_modes),
		TEST(a_second_boot_changes_nothing),
		TEST(a_hundred_boots_leave_the_same_state),
		TEST(parallel_and_serial_boots_pin_the_same),
		TEST(owners_are_roots_unless_asked_otherwise),
		TEST(maps_have_types_where_their_loader_gives_them),
		TEST(a_failing_object_leaves_nothing_and_the_others_load),
		TEST(a_critical_failure_keeps_later_locations_from_being_tried),
		TEST(a_critical_object_that_cannot_be_read_is_critical),
		TEST(what_cannot_be_read_is_critical_to_android_16),
		TEST(only_critical_objects_on_request),
		TEST(only_and_replace_put_in_new_programs),
		TEST(a_pin_that_was_removed_comes_back),
		TEST(a_pin_with_something_else_in_it_is_made_anew),
		TEST(owners_that_changed_meanwhile_change_nothing),
		TEST(a_dry_run_tells_everything_and_changes_nothing),
		TEST(links_do_not_lead_out_of_an_image),
		TEST(missing_and_empty_directories_are_nothing_to_do),
		TEST(a_prefix_that_others_own_is_refused),
		TEST(options_that_do_not_go_together_are_wrong_use),
		TEST(lines_are_in_androids_words_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
