/* SPDX-License-Identifier: BSD-2-Clause */
/* The running kernel's types, looked at where they lie, are those that libbpf reads. */
#include "btf/builder.h"
#include "btf/kernel_types.h"
#include "btf/lazy.h"

#include <bpf/btf.h>
#include <ftw.h>

#define KERNEL     "/sys/kernel/btf/vmlinux"
#define NAME_COUNT 300u

struct live {
	struct btf *theirs;
	struct kernel_types *types;
	const struct lade_btf *ours;
};

static struct kernel_types *open_types(const struct kernel_types_options *options)
{
	struct kernel_types *types = NULL;
	struct lade_error *error = NULL;
	if (lade_kernel_types_open(options, &types, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return types;
}

static const struct kernel_type_list *find(struct kernel_types *types, const char *name)
{
	const struct kernel_type_list *list = NULL;
	struct lade_error *error = NULL;
	if (lade_kernel_types_find(types, name, &list, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return list;
}

static struct live live_open(bool never_map)
{
	struct live live = { .theirs = access(KERNEL, R_OK) == 0 ? btf__load_vmlinux_btf() : NULL };
	if (!live.theirs) {
		(void)fprintf(stderr, KERNEL " is not there, or this libbpf cannot read it\n");
		skip();
	}
	live.types = open_types(&(struct kernel_types_options){ .never_map = never_map });
	live.ours = lade_kernel_types_base(live.types);
	return live;
}

static void live_close(struct live *live)
{
	lade_kernel_types_free(live->types);
	btf__free(live->theirs);
}

/* libbpf's rule, said in other words: from the right, the first "___" that has other characters around it. */
static size_t essential(const char *name)
{
	size_t length = strlen(name);
	for (size_t at = length; at-- > 0;)
		if (at >= 1 && at + 3 < length && !strncmp(name + at, "___", 3) && name[at - 1] != '_' &&
		    name[at + 3] != '_')
			return at;
	return length;
}

static const char *their_name(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	return btf__name_by_offset(btf, type->name_off);
}

static void compare_ids(const struct live *live, const char *name)
{
	const struct kernel_type_list *list = find(live->types, name);
	size_t length = essential(name), at = 0;
	for (uint32_t id = 1; id < btf__type_cnt(live->theirs); id++) {
		const char *theirs = their_name(live->theirs, id);
		if (strncmp(theirs, name, length) != 0 || essential(theirs) != length)
			continue;
		if (at >= list->count || list->items[at].id != id)
			fail_msg("%s: libbpf has type %u", name, id);
		assert_ptr_equal(list->items[at].btf, live->ours);
		assert_null(list->items[at].module);
		at++;
	}
	if (at != list->count)
		fail_msg("%s: %zu types, libbpf has %zu", name, list->count, at);
}

/* Some of all parts, short and long ones; and a few by name. */
static size_t choose_names(const struct live *live, const char *names[NAME_COUNT])
{
	static const char *const chosen[] = { "task_struct",  "int",     "u8",    "file", "task_struct___old",
					      "no_such_name", "___",     "a___b", "",     "_",
					      "sk_buff",      "pt_regs", "char" };
	uint32_t count = btf__type_cnt(live->theirs), step = count / (2 * NAME_COUNT);
	size_t at = 0;
	for (; at < ELEMENTS(chosen); at++)
		names[at] = chosen[at];
	for (uint32_t id = 1; id < count && at < NAME_COUNT; id += step) {
		names[at] = their_name(live->theirs, id);
		at += *names[at] != '\0';
	}
	return at;
}

static void compare_names(bool never_map, bool announced)
{
	struct live live = live_open(never_map);
	const char *names[NAME_COUNT];
	size_t count = choose_names(&live, names);
	if (!announced)
		count /= 4;
	else
		assert_int_equal(lade_kernel_types_want(live.types, names, count, NULL), 0);
	for (size_t i = 0; i < count; i++)
		if (*names[i])
			compare_ids(&live, names[i]);
	assert_int_equal(find(live.types, "")->count, 0);
	live_close(&live);
}

static void names_wanted_together_have_the_types_that_libbpf_finds(void **state)
{
	(void)state;
	compare_names(false, true);
}

static void names_have_the_same_types_when_they_are_read_on_demand(void **state)
{
	(void)state;
	compare_names(true, true);
}

static void names_that_were_not_announced_have_the_same_types(void **state)
{
	(void)state;
	compare_names(false, false);
	compare_names(true, false);
}

static void compare_type(const struct live *live, uint32_t id)
{
	const struct btf_type *theirs = btf__type_by_id(live->theirs, id), *ours = lade_btf_type(live->ours, id);
	assert_non_null(ours);
	assert_int_equal(theirs->info, ours->info);
	assert_int_equal(theirs->size, ours->size);
	assert_string_equal(their_name(live->theirs, id), lade_btf_type_name(live->ours, id));
	int64_t their_size = btf__resolve_size(live->theirs, id), our_size = lade_btf_size(live->ours, id);
	if (their_size >= 0 && our_size != -E2BIG && !btf_is_decl_tag(theirs))
		assert_int_equal(their_size, our_size);
	for (uint32_t i = 0; btf_is_composite(theirs) && i < btf_vlen(theirs); i++) {
		const struct btf_member *a = btf_members(theirs) + i, *b = lade_btf_members(ours) + i;
		assert_memory_equal(a, b, sizeof *a);
		assert_string_equal(btf__name_by_offset(live->theirs, a->name_off),
				    lade_btf_string(live->ours, b->name_off));
	}
}

static void compare_types(bool never_map)
{
	struct live live = live_open(never_map);
	uint32_t count = btf__type_cnt(live.theirs);
	for (uint32_t id = 1; id < count; id += 97)
		compare_type(&live, id);
	for (uint32_t id = count - 1; id > 97; id -= 97) /* backwards, other ids */
		compare_type(&live, id);
	assert_int_equal(lade_btf_count(live.ours), count);
	assert_null(lade_btf_type(live.ours, 0));
	assert_null(lade_btf_type(live.ours, count));
	assert_null(lade_btf_type(live.ours, UINT32_MAX));
	assert_string_equal(lade_btf_string(live.ours, UINT32_MAX), "");
	assert_string_equal(lade_btf_string(live.ours, 0), "");
	live_close(&live);
}

static void types_of_the_running_kernel_are_those_that_libbpf_reads(void **state)
{
	(void)state;
	compare_types(false);
}

static void types_read_on_demand_are_the_same(void **state)
{
	(void)state;
	compare_types(true);
}

static void one_type_is_found_by_its_very_name_and_kind(void **state)
{
	(void)state;
	struct live live = live_open(false);
	struct kernel_type type = { 0 };
	for (size_t i = 0; i < 2; i++) { /* once before the names are known, once after */
		assert_int_equal(lade_btf_find(live.ours, "task_struct", BTF_KIND_STRUCT),
				 btf__find_by_name_kind(live.theirs, "task_struct", BTF_KIND_STRUCT));
		assert_int_equal(lade_kernel_types_exact(live.types, "task_struct", BTF_KIND_STRUCT, true, &type, NULL),
				 0);
		assert_int_equal(type.id, btf__find_by_name_kind(live.theirs, "task_struct", BTF_KIND_STRUCT));
		assert_int_equal(
			lade_kernel_types_exact(live.types, "task_struct___x", BTF_KIND_STRUCT, true, &type, NULL), 0);
		assert_int_equal(type.id, 0);
	}
	assert_int_equal(lade_btf_find(live.ours, "task_struct", BTF_KIND_FUNC), 0);
	live_close(&live);
}

/* ---- with an index, which is why little is read and nothing mapped ---- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

/* Live, but for the types: those of a second run that finds an index. */
static struct live live_open_indexed(char *cache)
{
	struct live live = live_open(false);
	assert_non_null(mkdtemp(cache));
	for (int run = 0; run < 2; run++) {
		lade_kernel_types_free(live.types);
		live.types = open_types(&(struct kernel_types_options){ .cache = cache });
		live.ours = lade_kernel_types_base(live.types);
		assert_int_equal(find(live.types, "task_struct")->count > 0, true);
	}
	return live;
}

static void live_close_indexed(struct live *live, const char *cache)
{
	live_close(live);
	assert_int_equal(nftw(cache, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void what_was_read_by_page_stays_when_all_is_mapped(void **state)
{
	(void)state;
	char cache[] = "/tmp/lade-kernel-types-XXXXXX";
	struct live live = live_open_indexed(cache);
	const struct kernel_type_list *list = find(live.types, "task_struct");
	const struct btf_type *before = lade_btf_type(live.ours, list->items[0].id);
	const char *name = lade_btf_string(live.ours, before->name_off);
	if (!live.ours->lazy->bytes.present) {
		(void)fprintf(stderr, "no index was kept: this kernel has no build id\n");
		live_close_indexed(&live, cache);
		skip();
	}
	bool may_map = live.ours->lazy->bytes.may_map;
	assert_true(lade_btf_find(live.ours, "task_struct", BTF_KIND_STRUCT) > 0);
	const struct btf_type *after = lade_btf_type(live.ours, list->items[0].id);
	if (may_map && !live.ours->lazy->bytes.present)
		assert_ptr_not_equal(before, after);
	assert_memory_equal(before, after, sizeof *before + lade_btf_vlen(before) * sizeof(struct btf_member));
	assert_string_equal(name, "task_struct");
	compare_ids(&live, "task_struct");
	live_close_indexed(&live, cache);
}

static void much_that_is_read_by_page_is_the_same(void **state)
{
	(void)state;
	char cache[] = "/tmp/lade-kernel-types-XXXXXX";
	struct live live = live_open_indexed(cache);
	for (uint32_t id = 1; id < btf__type_cnt(live.theirs); id += 97)
		compare_type(&live, id);
	assert_false(lade_bytes_read_much(&live.ours->lazy->bytes));
	live_close_indexed(&live, cache);
}

static void a_kernel_without_a_module_says_so_without_an_error(void **state)
{
	(void)state;
	struct live live = live_open(false);
	const struct kernel_type_list *list = NULL;
	assert_null(lade_kernel_types_module(live.types, "no_such_module"));
	assert_null(lade_kernel_types_module(live.types, "../btf/vmlinux"));
	assert_null(lade_kernel_types_module(live.types, "vmlinux"));
	assert_int_equal(lade_kernel_types_find_in_modules(live.types, "no_such_name", &list, NULL), 0);
	assert_int_equal(list->count, 0);
	live_close(&live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_wanted_together_have_the_types_that_libbpf_finds),
		cmocka_unit_test(names_have_the_same_types_when_they_are_read_on_demand),
		cmocka_unit_test(names_that_were_not_announced_have_the_same_types),
		cmocka_unit_test(types_of_the_running_kernel_are_those_that_libbpf_reads),
		cmocka_unit_test(types_read_on_demand_are_the_same),
		cmocka_unit_test(one_type_is_found_by_its_very_name_and_kind),
		cmocka_unit_test(what_was_read_by_page_stays_when_all_is_mapped),
		cmocka_unit_test(much_that_is_read_by_page_is_the_same),
		cmocka_unit_test(a_kernel_without_a_module_says_so_without_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
