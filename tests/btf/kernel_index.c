/* SPDX-License-Identifier: BSD-2-Clause */
/* The index of names: in memory, and kept between runs; and all that must keep a file from being believed. */
#include "btf/builder.h"
#include "btf/kernel_index_internal.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#define STRUCTS 3000
#define SAME    2000 /* of one name: four pages of an index */

static char directory[] = "/tmp/lade-kernel-index-XXXXXX";

static char *path_of(const char *name)
{
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	CLEANUP(cleanup_free) char *path = path_of(name);
	(void)unlink(path); /* else some file systems write the old one's successor to the disk at once */
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void make_directory(const char *name, mode_t mode)
{
	CLEANUP(cleanup_free) char *path = path_of(name);
	(void)mkdir(path, mode);
	assert_int_equal(chmod(path, mode), 0);
}

/* s0 … s2999 twice (struct and typedef), some with flavours. */
static void write_kernel(int structs)
{
	struct btf *made = btf__new_empty();
	uint32_t size;
	for (int i = 0; i < structs; i++) {
		char name[64];
		(void)snprintf(name, sizeof name, "s%d%s", i, i % 50 == 7 ? "___flavour" : "");
		int id = btf__add_struct(made, name, 8);
		(void)snprintf(name, sizeof name, "s%d", i);
		assert_true(btf__add_typedef(made, name, id) > 0);
	}
	const void *bytes = btf__raw_data(made, &size);
	write_file("kernel/btf/vmlinux", bytes, size);
	btf__free(made);
}

/* A note of another kind, then the build id. */
static void write_notes(uint8_t last)
{
	struct {
		uint32_t name_size, content_size, type;
		char name[8];
		uint8_t content[4];
		uint32_t id_name_size, id_size, id_type;
		char id_name[4];
		uint8_t id[8];
	} notes = { 6, 1, 256, "Linux", { 1 }, 4, 8, 3, "GNU", { 0xab, 0xcd, 1, 2, 3, 4, 5, last } };
	write_file("kernel/notes", &notes, sizeof notes);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(directory + strlen(directory) - 6, 7, "XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	make_directory("kernel", 0755);
	make_directory("kernel/btf", 0755);
	make_directory("cache", 0755);
	write_kernel(STRUCTS);
	write_notes(9);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct kernel_types *open_with(const char *cache_name)
{
	CLEANUP(cleanup_free) char *sysfs = path_of("kernel/btf");
	CLEANUP(cleanup_free) char *cache = cache_name ? path_of(cache_name) : NULL;
	struct kernel_types *types = NULL;
	struct lade_error *error = NULL;
	if (lade_kernel_types_open(&(struct kernel_types_options){ .sysfs = sysfs, .cache = cache }, &types, &error) <
	    0)
		fail_msg("%s", lade_error_message(error));
	return types;
}

static void check_name(struct kernel_types *types, int number)
{
	const struct kernel_type_list *list = NULL;
	struct lade_error *error = NULL;
	char name[32];
	(void)snprintf(name, sizeof name, "s%d", number);
	if (lade_kernel_types_find(types, name, &list, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(list->count, number < STRUCTS ? 2 : 0);
	for (uint32_t i = 0; i < list->count; i++)
		assert_int_equal(list->items[i].id, 1 + 2 * (uint32_t)number + i);
}

/* What Lade says of all names, whatever it rests on. */
static void check_all(struct kernel_types *types)
{
	for (int i = 0; i < STRUCTS + 10; i++)
		check_name(types, i);
	const struct lade_btf *base = lade_kernel_types_base(types);
	for (uint32_t id = 1; id <= 2 * STRUCTS; id++)
		assert_int_equal(lade_btf_kind(lade_btf_type(base, id)), id % 2 ? BTF_KIND_STRUCT : BTF_KIND_TYPEDEF);
	assert_int_equal(lade_btf_count(base), 2 * STRUCTS + 1);
}

/* The one file of the cache; NULL: there is none. */
static char *kept_file(void)
{
	CLEANUP(cleanup_free) char *path = path_of("cache/btf");
	DIR *opened = opendir(path);
	char *found = NULL;
	for (const struct dirent *entry; opened && (entry = readdir(opened));)
		if (*entry->d_name != '.') {
			assert_null(found);
			assert_true(asprintf(&found, "%s/%s", path, entry->d_name) > 0);
		} else {
			assert_true(!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."));
		}
	if (opened)
		(void)closedir(opened);
	return found;
}

static ino_t kept_inode(void)
{
	CLEANUP(cleanup_free) char *path = kept_file();
	struct stat status = { 0 };
	assert_int_equal(path ? stat(path, &status) : 0, 0);
	return status.st_ino;
}

/* Leaves an index behind. */
static void keep(void)
{
	struct kernel_types *types = open_with("cache");
	check_name(types, 1);
	lade_kernel_types_free(types);
}

static void many_names_asked_one_by_one_are_found_in_an_index_in_memory(void **state)
{
	(void)state;
	struct kernel_types *types = open_with(NULL);
	check_all(types);
	assert_non_null(types->index);
	assert_int_equal(types->passes, 2);
	lade_kernel_types_free(types);
	assert_null(kept_file());
}

static void check_same(const char *cache)
{
	struct kernel_types *types = open_with(cache);
	const struct kernel_type_list *list = NULL;
	for (int i = 0; i < 300; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "other%d", i);
		assert_int_equal(lade_kernel_types_find(types, name, &list, NULL), 0);
		assert_int_equal(list->count, 1);
	}
	assert_non_null(types->index);
	assert_int_equal(lade_kernel_types_find(types, "same", &list, NULL), 0);
	assert_int_equal(list->count, SAME);
	for (uint32_t i = 0; i < list->count; i++)
		assert_int_equal(list->items[i].id, i + 1);
	lade_kernel_types_free(types);
}

static void a_name_with_more_types_than_a_page_holds_is_found(void **state)
{
	(void)state;
	struct btf *made = btf__new_empty();
	uint32_t size;
	for (int i = 0; i < SAME; i++)
		assert_true(btf__add_struct(made, i % 2 ? "same" : "same___flavour", 8) > 0);
	for (int i = 0; i < 300; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "other%d", i);
		assert_true(btf__add_struct(made, name, 8) > 0);
	}
	const void *bytes = btf__raw_data(made, &size);
	write_file("kernel/btf/vmlinux", bytes, size);
	btf__free(made);
	check_same(NULL);
	check_same("cache"); /* made, */
	check_same("cache"); /* and read */
}

static void an_index_is_kept_and_used_by_the_next_run(void **state)
{
	(void)state;
	keep();
	ino_t inode = kept_inode();
	assert_true(inode > 0);
	struct kernel_types *types = open_with("cache");
	check_all(types);
	assert_non_null(types->index);
	assert_null(types->index->image); /* read, not made */
	assert_int_equal(types->passes, 0);
	lade_kernel_types_free(types);
	assert_int_equal(kept_inode(), inode);
}

/* Answers are right, and a good file has taken the bad one's place. */
static void expect_replaced(void)
{
	ino_t inode = kept_inode();
	struct kernel_types *types = open_with("cache");
	check_all(types);
	lade_kernel_types_free(types);
	assert_int_not_equal(kept_inode(), inode);
	an_index_is_kept_and_used_by_the_next_run(NULL);
}

static void damage_file(off_t at, uint8_t mask)
{
	CLEANUP(cleanup_free) char *path = kept_file();
	uint8_t byte;
	int fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= mask;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	(void)close(fd);
}

/* A page that is right in itself, but says something else. */
static void forge_header(void (*change)(struct lade_index_header *header))
{
	CLEANUP(cleanup_free) char *path = kept_file();
	uint8_t page[INDEX_PAGE];
	struct lade_index_header header;
	int fd = open(path, O_RDWR);
	assert_int_equal(pread(fd, page, sizeof page, 0), sizeof page);
	memcpy(&header, page, sizeof header);
	change(&header);
	memcpy(page, &header, sizeof header);
	uint64_t checksum = lade_index_checksum(page, 0);
	memcpy(page + INDEX_CONTENT, &checksum, sizeof checksum);
	assert_int_equal(pwrite(fd, page, sizeof page, 0), sizeof page);
	(void)close(fd);
}

static void older(struct lade_index_header *header)
{
	header->version--;
}

static void other_kernel(struct lade_index_header *header)
{
	header->key[0] ^= 1;
}

static void longer(struct lade_index_header *header)
{
	header->pages++;
}

static void more_entries(struct lade_index_header *header)
{
	header->entry_count += 100000;
}

static void more_types(struct lade_index_header *header)
{
	header->type_count += 1u << 20;
}

static void many_buckets(struct lade_index_header *header)
{
	header->bucket_bits = 40;
}

static void a_header_that_lies_is_not_believed(void **state)
{
	(void)state;
	void (*const changes[])(struct lade_index_header *) = { older,        other_kernel, longer,
								more_entries, more_types,   many_buckets };
	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		keep();
		forge_header(changes[i]);
		expect_replaced();
	}
}

static void a_damaged_header_is_seen_at_once(void **state)
{
	(void)state;
	static const off_t places[] = { 0, 9, 50, 4000, 4095 };
	for (size_t i = 0; i < ELEMENTS(places); i++) {
		keep();
		damage_file(places[i], 0x10);
		expect_replaced();
	}
}

/* A page that is looked at only later: the answers are right all the same. */
static void damage_anywhere_does_not_change_an_answer(void **state)
{
	(void)state;
	CLEANUP(cleanup_free) char *path = NULL;
	struct stat status;
	keep();
	path = kept_file();
	assert_int_equal(stat(path, &status), 0);
	for (off_t at = 77; at < status.st_size; at += 3011) {
		damage_file(at, 0x04);
		struct kernel_types *types = open_with("cache");
		check_all(types);
		lade_kernel_types_free(types);
		(void)unlink(path);
		keep();
	}
}

static void a_file_of_another_length_is_not_believed(void **state)
{
	(void)state;
	static const off_t changes[] = { -1, 1, -(off_t)INDEX_PAGE, INDEX_PAGE, -1000000000 };
	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		struct stat status;
		keep();
		CLEANUP(cleanup_free) char *path = kept_file();
		assert_int_equal(stat(path, &status), 0);
		off_t length = status.st_size + changes[i];
		assert_int_equal(truncate(path, length < 0 ? 0 : length), 0);
		expect_replaced();
	}
}

static void a_file_that_others_may_write_is_not_believed(void **state)
{
	(void)state;
	static const mode_t modes[] = { 0664, 0646, 0666 };
	for (size_t i = 0; i < ELEMENTS(modes); i++) {
		keep();
		CLEANUP(cleanup_free) char *path = kept_file();
		assert_int_equal(chmod(path, modes[i]), 0);
		expect_replaced();
	}
}

static void a_file_of_somebody_else_is_not_believed(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		(void)fprintf(stderr, "only root can give files away\n");
		skip();
	}
	keep();
	CLEANUP(cleanup_free) char *path = kept_file();
	assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
	expect_replaced();
}

static void a_link_is_not_followed(void **state)
{
	(void)state;
	keep();
	CLEANUP(cleanup_free) char *path = kept_file();
	CLEANUP(cleanup_free) char *elsewhere = path_of("elsewhere");
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	struct kernel_types *types = open_with("cache");
	check_all(types);
	assert_non_null(types->index->image); /* made anew */
	lade_kernel_types_free(types);
	struct stat status;
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

static void a_directory_that_others_may_write_is_not_used(void **state)
{
	(void)state;
	static const char *const names[] = { "cache", "cache/btf" };
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		keep();
		make_directory(names[i], 0777);
		ino_t inode = kept_inode();
		struct kernel_types *types = open_with("cache");
		check_all(types);
		assert_true(!types->index || types->index->image); /* nothing was read */
		lade_kernel_types_free(types);
		assert_int_equal(kept_inode(), inode); /* nor written */
		make_directory(names[i], 0755);
	}
}

static void another_kernel_has_an_index_of_its_own(void **state)
{
	(void)state;
	keep();
	CLEANUP(cleanup_free) char *first = kept_file();
	assert_non_null(strstr(first, "/abcd010203040509-"));
	write_notes(10);
	struct kernel_types *types = open_with("cache");
	check_all(types);
	assert_non_null(types->index->image);
	lade_kernel_types_free(types);
	assert_int_equal(unlink(first), 0);
	CLEANUP(cleanup_free) char *second = kept_file();
	assert_non_null(strstr(second, "/abcd01020304050a-"));
}

static void without_a_build_id_nothing_is_kept(void **state)
{
	(void)state;
	write_file("kernel/notes", "short", 5);
	struct kernel_types *types = open_with("cache");
	check_all(types);
	lade_kernel_types_free(types);
	assert_null(kept_file());
}

static void a_cache_that_cannot_be_made_is_done_without(void **state)
{
	(void)state;
	write_file("no-directory", "x", 1);
	struct kernel_types *types = open_with("no-directory");
	check_all(types);
	lade_kernel_types_free(types);
	types = open_with("no/such/place");
	check_all(types);
	lade_kernel_types_free(types);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(many_names_asked_one_by_one_are_found_in_an_index_in_memory),
		TEST(a_name_with_more_types_than_a_page_holds_is_found),
		TEST(an_index_is_kept_and_used_by_the_next_run),
		TEST(a_header_that_lies_is_not_believed),
		TEST(a_damaged_header_is_seen_at_once),
		TEST(damage_anywhere_does_not_change_an_answer),
		TEST(a_file_of_another_length_is_not_believed),
		TEST(a_file_that_others_may_write_is_not_believed),
		TEST(a_file_of_somebody_else_is_not_believed),
		TEST(a_link_is_not_followed),
		TEST(a_directory_that_others_may_write_is_not_used),
		TEST(another_kernel_has_an_index_of_its_own),
		TEST(without_a_build_id_nothing_is_kept),
		TEST(a_cache_that_cannot_be_made_is_done_without),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
