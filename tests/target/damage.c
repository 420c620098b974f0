/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of every kind with damage at random places: each is read or refused with a finding, and nothing else happens.
 */
#include "made.h"

#define ROUNDS 400u

static uint32_t state_of_random = 1;

static uint32_t random_below(uint32_t limit)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 17;
	state_of_random ^= state_of_random << 5;
	return limit ? state_of_random % limit : 0;
}

static void damage(struct strbuf *file, size_t near)
{
	static const uint32_t numbers[] = { 0, 1, 0xff, 0xffff, 0x7fffffff, 0x80000000, UINT32_MAX, 0x1000, 0x202020 };
	size_t range = near && near < file->length ? near : file->length;
	for (uint32_t i = 0, count = 1 + random_below(4); i < count && file->length > 8; i++) {
		size_t at = random_below(2) ? random_below((uint32_t)range) : random_below((uint32_t)file->length);
		uint32_t number = numbers[random_below(ELEMENTS(numbers))];
		if (random_below(3) == 0)
			file->text[at] = (char)random_below(256);
		else if (at + sizeof number <= file->length)
			memcpy(file->text + at, &number, random_below(sizeof number) + 1);
	}
	if (random_below(4) == 0)
		file->length = random_below((uint32_t)file->length);
}

static void ask_everything(struct lade_target *target)
{
	const char *why, *value;
	struct strings near = { 0 };
	(void)made_info(target);
	(void)lade_target_map_type(target, 4);
	(void)lade_target_map_flag(target, 1U << 31);
	(void)lade_target_helper_for(target, 1, 6);
	(void)lade_target_option(target, "CONFIG_HZ", &value);
	(void)lade_target_symbol(target, "xfunction_58", &near);
	(void)lade_target_event(target, "sched/sched_switch", NULL);
	(void)lade_target_types(target, &why);
	lade_strings_clear(&near);
}

enum as { AS_KERNEL, AS_BTF, AS_CONFIG, AS_SYMBOLS };

static void open_as(struct made *made, enum as as, const char *path)
{
	struct lade_target_opts opts = { .kernels = as == AS_KERNEL ? path : NULL };
	opts.btf = as == AS_BTF ? path : NULL;
	opts.config = as == AS_CONFIG ? path : NULL;
	opts.system_map = as == AS_SYMBOLS ? path : NULL;
	int result = made_open(made, opts);
	if (result) {
		assert_true(result < 0);
		assert_non_null(lade_error_finding(made->error, 0));
		assert_null(made->targets);
		return;
	}
	for (size_t i = 0; i < lade_target_count(made->targets); i++)
		ask_everything(lade_target(made->targets, i));
}

/* `near`: bytes at the start where most of the damage is done; 0: anywhere. */
static void try_damaged(struct made *made, enum as as, const struct strbuf *whole, size_t near, unsigned rounds)
{
	for (unsigned round = 0; round < rounds; round++) {
		struct strbuf file = { 0 };
		put(&file, whole);
		damage(&file, near);
		open_as(made, as, made_file(made, "damaged", &file));
		lade_strbuf_clear(&file);
	}
	open_as(made, as, made_file(made, "whole", whole));
	if (made->error)
		print_error("%s\n", lade_error_message(made->error));
	assert_non_null(made->targets); /* what is damaged is something that can be read otherwise */
}

/* Small enough that hundreds of them are read in no time. */
static void put_small_kernel(struct strbuf *into)
{
	put_zeros(into, 64);
	lade_strbuf_add(into, "Linux version " MADE_RELEASE " (somebody@somewhere) #1 SMP");
	align(into, 64);
	put_btf(into, 5);
	align(into, 64);
	put_kallsyms(into, 300);
}

static void damaged_images_are_read_or_refused(void **state)
{
	struct strbuf kernel = { 0 }, image = { 0 };
	put_small_kernel(&kernel);
	try_damaged(*state, AS_KERNEL, &kernel, 0, ROUNDS);
	for (enum packing packing = GZIP; packing < PACKINGS; packing++) {
		put_bzimage(&image, packing, &kernel);
		try_damaged(*state, AS_KERNEL, &image, 0x260, ROUNDS / 4);
		lade_strbuf_clear(&image);
		put_zboot(&image, packing, &kernel);
		try_damaged(*state, AS_KERNEL, &image, 64, ROUNDS / 4);
		lade_strbuf_clear(&image);
	}
	lade_strbuf_clear(&kernel);
}

static void damaged_packages_are_read_or_refused(void **state)
{
	struct strbuf kernel = { 0 }, package = { 0 }, config = { 0 };
	put_small_kernel(&kernel);
	lade_strbuf_add(&config, MADE_CONFIG);
	const struct made_member members[] = {
		{ "./boot/config-6.1.0-9-made", &config },
		{ "./lib/modules/6.1.0-9-made/vmlinux", &kernel },
	};
	for (enum tar_form form = TAR_PLAIN; form <= TAR_PAX; form++) {
		put_deb(&package, PLAIN, form, members, ELEMENTS(members));
		try_damaged(*state, AS_KERNEL, &package, 3000, ROUNDS);
		lade_strbuf_clear(&package);
	}
	put_deb(&package, XZ, TAR_PLAIN, members, ELEMENTS(members));
	try_damaged(*state, AS_KERNEL, &package, 400, ROUNDS / 2);
	lade_strbuf_clear(&package);
	put_rpm(&package, PLAIN, members, ELEMENTS(members));
	try_damaged(*state, AS_KERNEL, &package, 1200, ROUNDS);
	lade_strbuf_clear(&package);
	put_rpm(&package, ZSTD, members, ELEMENTS(members));
	try_damaged(*state, AS_KERNEL, &package, 600, ROUNDS / 2);
	lade_strbuf_clear(&package);
	lade_strbuf_clear(&config);
	lade_strbuf_clear(&kernel);
}

static void damaged_pieces_are_read_or_refused(void **state)
{
	struct strbuf btf = { 0 }, text = { 0 };
	put_btf(&btf, 5);
	try_damaged(*state, AS_BTF, &btf, 200, ROUNDS);
	lade_strbuf_clear(&btf);
	lade_strbuf_add(&text, MADE_CONFIG);
	try_damaged(*state, AS_CONFIG, &text, 0, ROUNDS);
	lade_strbuf_clear(&text);
	lade_strbuf_add(&text, "0000 T vfs_read\nffffffff81000000 t do_it.isra.0\n0000 d jiffies\t[module]\n");
	try_damaged(*state, AS_SYMBOLS, &text, 0, ROUNDS);
	lade_strbuf_clear(&text);
	lade_strbuf_add(&text,
			"{\"facts\":[{\"section\":\"kernel\",\"name\":\"release\",\"state\":\"given\","
			"\"value\":\"6.1.0\"},{\"section\":\"helpers\",\"name\":\"bpf_loop\",\"state\":\"given\","
			"\"value\":\"xdp\"}],\"config\":{\"CONFIG_A\":\"y\"}}");
	try_damaged(*state, AS_KERNEL, &text, 0, ROUNDS * 2);
	lade_strbuf_clear(&text);
}

/* A small file that claims to hold very much. */
static void bombs_end_at_a_limit(void **state)
{
	struct made *made = *state;
	struct strbuf zeros = { 0 }, packed = { 0 };
	put_zeros(&zeros, 32 << 20);
	put_packed(&packed, GZIP, &zeros);
	lade_strbuf_clear(&zeros);
	struct strbuf bomb = { 0 };
	for (unsigned i = 0; i < 20; i++) /* members follow each other: 640 MiB */
		put(&bomb, &packed);
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "bomb.gz", &bomb) },
		       "target.too-large", "512 MiB");
	assert_refused(made, (struct lade_target_opts){ .config = made_file(made, "bomb.gz", &bomb) }, "target.config",
		       "16 MiB");
	lade_strbuf_clear(&bomb);
	lade_strbuf_clear(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(damaged_images_are_read_or_refused),
		TEST(damaged_packages_are_read_or_refused),
		TEST(damaged_pieces_are_read_or_refused),
		TEST(bombs_end_at_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
