/* SPDX-License-Identifier: BSD-2-Clause */
/* What a boot does besides loading: sysctls, owners, directories, chains. None of it touches this machine's settings.
 */
#include "boot/images.h"

#include "base/array.h"
#include "boot/chains.h"
#include "boot/owners.h"
#include "boot/scan.h"
#include "boot/sysctls.h"

static struct image image;

static int set_up(void **state)
{
	(void)state;
	image = new_image();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	remove_image(&image);
	return 0;
}

static void set_sysctl(const char *directory, const char *name, const char *value)
{
	put_bytes(&image, directory, name, value, strlen(value));
}

static char *get_sysctl(const char *path, char buffer[16])
{
	char whole[PATH_MAX];

	(void)snprintf(whole, sizeof whole, "%s/%s", image.root, path);
	FILE *file = fopen(whole, "re");
	assert_non_null(file);
	size_t length = fread(buffer, 1, 15, file);
	(void)fclose(file);
	buffer[length] = '\0';
	return buffer;
}

static const struct boot_sysctl wanted[] = {
	{ "/proc/sys/net/core/bpf_jit_enable", "1", true },
	{ "/proc/sys/kernel/unprivileged_bpf_disabled", "0", true },
};
static const struct boot_policy policy = { .is_android = true, .sysctls = wanted, .sysctl_count = 2 };

static bool has_code(const struct findings *notes, const char *code)
{
	array_foreach(note, notes)
		if (strcmp((*note)->code, code) == 0)
			return true;
	return false;
}

static void sysctls_are_compared_and_not_written_unasked(void **state)
{
	(void)state;
	struct findings notes = { 0 };
	char text[16];
	set_sysctl("/net/core", "bpf_jit_enable", "0\n");
	set_sysctl("/kernel", "unprivileged_bpf_disabled", "2\n");

	assert_int_equal(lade_boot_sysctls(image.root, &policy, false, &notes, NULL), 0);
	assert_true(has_code(&notes, "boot.sysctl.differs"));
	assert_true(has_code(&notes, "boot.sysctl.unprivileged"));
	assert_string_equal(get_sysctl("net/core/bpf_jit_enable", text), "0\n");
	lade_findings_clear(&notes);
}

static void asked_for_they_are_written_but_nobody_gets_more_rights(void **state)
{
	(void)state;
	struct findings notes = { 0 };
	char text[16];
	set_sysctl("/net/core", "bpf_jit_enable", "0\n");
	set_sysctl("/kernel", "unprivileged_bpf_disabled", "1\n");

	assert_int_equal(lade_boot_sysctls(image.root, &policy, true, &notes, NULL), 0);
	assert_true(has_code(&notes, "boot.sysctl.written"));
	assert_string_equal(get_sysctl("net/core/bpf_jit_enable", text), "1\n");
	assert_string_equal(get_sysctl("kernel/unprivileged_bpf_disabled", text), "1\n");
	lade_findings_clear(&notes);
}

static void a_sysctl_that_is_absent_names_the_option(void **state)
{
	(void)state;
	struct findings notes = { 0 };
	set_sysctl("/kernel", "unprivileged_bpf_disabled", "0\n");

	assert_int_equal(lade_boot_sysctls(image.root, &policy, true, &notes, NULL), 0);
	assert_int_equal(notes.count, 1);
	assert_string_equal(notes.items[0]->code, "boot.sysctl.absent");
	assert_non_null(strstr(notes.items[0]->cause, "CONFIG_BPF_JIT"));
	lade_findings_clear(&notes);
}

static void the_lock_raises_and_never_lowers(void **state)
{
	(void)state;
	struct findings notes = { 0 };
	struct lade_error *error = NULL;
	char text[16];
	static const char *const before[] = { "0\n", "1\n", "2\n" }, *const after[] = { "1\n", "1\n", "2\n" };

	for (size_t i = 0; i < ELEMENTS(before); i++) {
		set_sysctl("/kernel", "unprivileged_bpf_disabled", before[i]);
		assert_int_equal(lade_boot_lock_down(image.root, &notes, NULL), 0);
		assert_string_equal(get_sysctl("kernel/unprivileged_bpf_disabled", text), after[i]);
	}
	assert_int_equal(notes.count, 1);
	assert_string_equal(notes.items[0]->code, "boot.locked");
	assert_int_equal(lade_boot_lock_down("/no/such/place", &notes, &error), -ENOENT);
	assert_string_equal(first_code(error), "boot.sysctl.write");
	(void)lade_error_free(error);
	lade_findings_clear(&notes);
}

static void names_are_those_of_this_machine_or_root(void **state)
{
	(void)state;
	static const char passwd[] = "root:x:0:0::/:\nsystemd:x:77:77::/:\nsystem:x:501:77::/:\n";
	static const char group[] = "net_admin:x:812:\nnet_raw:*:x:\n";
	struct boot_owners owners;
	struct findings notes = { 0 };
	uint32_t uid = 1000, gid = 3005;
	put_bytes(&image, "", "passwd", passwd, sizeof passwd - 1);
	put_bytes(&image, "", "group", group, sizeof group - 1);

	lade_boot_owners_read(LADE_OWNERS_NAMES, image.root, &owners);
	lade_boot_owners_apply(&owners, "m", &uid, &gid, &notes);
	assert_int_equal(uid, 501);
	assert_int_equal(gid, 812);
	assert_int_equal(notes.count, 0);
	uid = 12345, gid = 3004;
	lade_boot_owners_apply(&owners, "m", &uid, &gid, &notes);
	assert_int_equal(uid, 0);
	assert_int_equal(gid, 0);
	assert_int_equal(notes.count, 2);
	assert_string_equal(notes.items[1]->code, "boot.owner.absent");
	assert_non_null(strstr(notes.items[1]->message, "net_raw"));
	lade_findings_clear(&notes);
}

static void numbers_stay_and_root_takes_all(void **state)
{
	(void)state;
	struct boot_owners owners;
	uint32_t uid = 1000, gid = 3005;

	lade_boot_owners_read(LADE_OWNERS_NUMERIC, "/nowhere", &owners);
	lade_boot_owners_apply(&owners, "m", &uid, &gid, NULL);
	assert_int_equal(uid, 1000);
	lade_boot_owners_read(LADE_OWNERS_ROOT, "/nowhere", &owners);
	lade_boot_owners_apply(&owners, "m", &uid, &gid, NULL);
	assert_int_equal(uid + gid, 0);
}

static void a_directory_gives_its_objects_sorted(void **state)
{
	(void)state;
	struct boot_files files = { 0 };
	static const char *const names[] = { "b.o", "a.o", "c.bpf", ".o", "x.so", "d.bpf.o", "o" };

	for (size_t i = 0; i < ELEMENTS(names); i++)
		put_bytes(&image, "/dir", names[i], "", 0);
	assert_int_equal(lade_boot_scan(image.root, "/dir", NULL, &files, NULL), 0);
	assert_int_equal(files.count, 4);
	assert_string_equal(files.items[0].leaf, "a.o");
	assert_string_equal(files.items[3].leaf, "d.bpf.o");
	lade_boot_files_clear(&files);
	assert_int_equal(lade_boot_scan(image.root, "/dir", ".o", &files, NULL), 0);
	assert_int_equal(files.count, 3);
	lade_boot_files_clear(&files);
	assert_int_equal(lade_boot_scan(image.root, "/none", NULL, &files, NULL), -ENOENT);
}

static void dots_do_not_leave_the_root(void **state)
{
	(void)state;
	struct boot_files files = { 0 };

	put_bytes(&image, "/etc", "here.o", "", 0);
	assert_int_equal(lade_boot_scan(image.root, "/../../../../etc", NULL, &files, NULL), 0);
	assert_int_equal(files.count, 1);
	assert_string_equal(files.items[0].leaf, "here.o");
	lade_boot_files_clear(&files);
}

/* ---- chains ---- */

struct object_of_test {
	struct boot_item item;
	struct lade_object object;
	struct boot_part part;
};

static void make_item(struct object_of_test *made, const char *name, const char *pin, uint64_t weight)
{
	*made = (struct object_of_test){ .item = { .weight = weight, .object = &made->object } };
	made->part.pin = (char *)pin;
	made->item.decision.instance = (char *)name;
	made->item.decision.programs = &made->part;
	made->item.decision.program_count = 1;
}

static void objects_that_share_a_pin_keep_their_order(void **state)
{
	(void)state;
	struct object_of_test made[5];
	struct boot_item *items[5];
	struct boot_chains chains = { 0 };
	static const struct {
		const char *name, *pin;
		uint64_t weight;
	} rows[] = { { "a", "/x", 1 }, { "b", "/y", 50 }, { "c", "/x", 2 }, { "d", NULL, 7 }, { "b", "/z", 1 } };

	for (size_t i = 0; i < 5; i++) {
		make_item(&made[i], rows[i].name, rows[i].pin, rows[i].weight);
		items[i] = &made[i].item;
	}
	assert_int_equal(lade_boot_chains(items, 5, &chains), 0);
	assert_int_equal(chains.count, 3);
	assert_ptr_equal(chains.items[0].items.items[0], items[1]); /* the most work, and who has its name after it */
	assert_ptr_equal(chains.items[0].items.items[1], items[4]);
	assert_ptr_equal(chains.items[1].items.items[0], items[3]);
	assert_ptr_equal(chains.items[2].items.items[0], items[0]);
	assert_ptr_equal(chains.items[2].items.items[1], items[2]);
	lade_boot_chains_clear(&chains);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sysctls_are_compared_and_not_written_unasked),
		TEST(asked_for_they_are_written_but_nobody_gets_more_rights),
		TEST(a_sysctl_that_is_absent_names_the_option),
		TEST(the_lock_raises_and_never_lowers),
		TEST(names_are_those_of_this_machine_or_root),
		TEST(numbers_stay_and_root_takes_all),
		TEST(a_directory_gives_its_objects_sorted),
		TEST(dots_do_not_leave_the_root),
		TEST(objects_that_share_a_pin_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
