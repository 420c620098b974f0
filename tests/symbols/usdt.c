/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes of USDT probes and the spelling of their arguments. */
#include "symbols/maker.h"

#include "symbols/usdt.h"

enum { TEXT, NOTES, BASE, SECTIONS };
#define TEXT_ADDRESS (MADE_BASE + MADE_CONTENT)

struct notes {
	uint8_t bytes[MADE_STEP];
	size_t size;
};

static void add_note(struct notes *notes, uint64_t address, uint64_t base, uint64_t semaphore, const char *strings,
		     size_t size)
{
	const uint32_t header[] = { 8, (uint32_t)(24 + size), 3 };
	const uint64_t addresses[] = { address, base, semaphore };
	memcpy(notes->bytes + notes->size, header, sizeof header);
	memcpy(notes->bytes + notes->size + 12, "stapsdt", 8);
	memcpy(notes->bytes + notes->size + 20, addresses, sizeof addresses);
	memcpy(notes->bytes + notes->size + 44, strings, size);
	notes->size += 44 + ((size + 3) & ~3UL);
}
#define ADD_NOTE(notes, address, base, semaphore, strings)                                                             \
	add_note((notes), (address), (base), (semaphore), (strings), sizeof(strings))

static struct made make(const struct notes *notes)
{
	static const uint8_t code[0x100];
	const struct made_section sections[SECTIONS] = {
		[TEXT] = { ".text", SHT_PROGBITS, code, sizeof code, 0 },
		[NOTES] = { ".note.stapsdt", SHT_NOTE, notes->bytes, notes->size, 0 },
		[BASE] = { ".stapsdt.base", SHT_PROGBITS, code, 1, 0 },
	};
	return make_binary(EM_X86_64, sections, SECTIONS);
}

static struct made make_usual(void)
{
	struct notes notes = { 0 };
	uint64_t base = MADE_BASE + MADE_CONTENT + BASE * MADE_STEP;
	ADD_NOTE(&notes, TEXT_ADDRESS + 0x20, base, TEXT_ADDRESS + 0x80, "lade\0hit\0-4@%eax");
	ADD_NOTE(&notes, TEXT_ADDRESS + 0x10, base, TEXT_ADDRESS + 0x80, "lade\0hit\0-4@$7");
	ADD_NOTE(&notes, TEXT_ADDRESS + 0x10, base, TEXT_ADDRESS + 0x80, "lade\0hit\0-4@$7");
	ADD_NOTE(&notes, TEXT_ADDRESS + 0x30, base, 0, "lade\0missed\0");
	/* prelinked: everything has moved by 0x10 since */
	ADD_NOTE(&notes, TEXT_ADDRESS + 0x30, base - 0x10, 0, "lade\0moved\0");
	return make(&notes);
}

static int find(const char *path, const char *provider, const char *name, struct usdt_locations *locations,
		struct lade_error **error)
{
	struct lade_binary *binary = NULL;
	int result = lade_binary_open(path, &binary, error);
	if (result == 0)
		result = lade_usdt_find(binary, provider, name, locations, error);
	(void)lade_binary_free(binary);
	return result;
}

static void every_place_of_a_probe_is_found_once(void **state)
{
	(void)state;
	struct made made = make_usual();
	struct usdt_locations locations = { 0 };
	assert_int_equal(find(made.path, "lade", "hit", &locations, NULL), 0);
	assert_int_equal(locations.count, 2);
	assert_int_equal(locations.items[0].offset, MADE_CONTENT + 0x10);
	assert_int_equal(locations.items[1].offset, MADE_CONTENT + 0x20);
	assert_int_equal(locations.items[1].semaphore, MADE_CONTENT + 0x80);
	assert_string_equal(locations.items[1].arguments, "-4@%eax");
	lade_usdt_locations_clear(&locations);
	made_remove(&made);
}

static void prelinked_address_is_corrected(void **state)
{
	(void)state;
	struct made made = make_usual();
	struct usdt_locations locations = { 0 };
	assert_int_equal(find(made.path, "lade", "moved", &locations, NULL), 0);
	assert_int_equal(locations.items[0].offset, MADE_CONTENT + 0x40);
	assert_int_equal(locations.items[0].semaphore, 0);
	lade_usdt_locations_clear(&locations);
	made_remove(&made);
}

static void missing_probe_names_those_that_are_there(void **state)
{
	(void)state;
	struct made made = make_usual();
	struct usdt_locations locations = { 0 };
	struct lade_error *error = NULL;
	assert_int_equal(find(made.path, "lade", "missd", &locations, &error), -ENOENT);
	expect_finding(error, "attach.usdt.missing", "lade:missed");
	error = NULL;
	assert_int_equal(find(made.path, "other", "hit", &locations, &error), -ENOENT);
	expect_finding(error, "attach.usdt.missing", "lade:hit");
	made_remove(&made);
	error = NULL;
	assert_int_equal(find("/proc/self/exe", "lade", "hit", &locations, &error), -ENOENT);
	expect_finding(error, "attach.usdt.missing", "no USDT probes at all");
}

static void probe_outside_of_the_file_is_refused(void **state)
{
	(void)state;
	struct notes notes = { 0 };
	struct usdt_locations locations = { 0 };
	struct lade_error *error = NULL;
	ADD_NOTE(&notes, 0x10, 0, 0, "lade\0hit\0");
	struct made made = make(&notes);
	assert_int_equal(find(made.path, "lade", "hit", &locations, &error), -EBADMSG);
	expect_finding(error, "attach.usdt.note", "1 notes");
	made_remove(&made);
}

static void use(const char *path)
{
	struct usdt_locations locations = { 0 };
	struct lade_error *error = NULL;
	(void)find(path, "lade", "hit", &locations, &error);
	lade_error_free(error);
	lade_usdt_locations_clear(&locations);
}

static void any_byte_of_the_notes_may_lie(void **state)
{
	(void)state;
	struct made made = make_usual();
	size_t at = MADE_CONTENT + NOTES * MADE_STEP;
	made_damage(&made, at, at + 0x180, use);
	made_damage(&made, made.size - 5 * sizeof(Elf64_Shdr), made.size, use);
	made_damage(&made, 0, sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr), use);
	made_cut(&made, use);
	made_remove(&made);
}

/* ---- arguments ---- */

struct expected {
	const char *text;
	enum usdt_argument_kind kind;
	unsigned bytes;
	bool is_signed;
	uint16_t base, index;
	uint8_t shift;
	int64_t value;
};

/* A machine alone: names are looked up in a file, which is another test's business. */
static void check_arguments(uint16_t machine, const struct expected *cases, size_t count)
{
	struct lade_binary binary = { .fd = -1, .is_64 = true, .machine = machine };
	for (size_t i = 0; i < count; i++) {
		struct usdt_arguments arguments = { 0 };
		const struct expected *wanted = &cases[i];
		if (lade_usdt_arguments(&binary, 0, wanted->text, &arguments) < 0)
			fail_msg("\"%s\" was refused", wanted->text);
		const struct usdt_argument *got = &arguments.items[0];
		assert_int_equal(arguments.count, 1);
		assert_string_equal(got->text, wanted->text);
		if (got->kind != wanted->kind || got->bytes != wanted->bytes || got->is_signed != wanted->is_signed)
			fail_msg("\"%s\": kind %d, %u bytes", wanted->text, (int)got->kind, got->bytes);
		if (got->kind != USDT_UNREADABLE && (got->base != wanted->base || got->value != wanted->value ||
						     got->index != wanted->index || got->shift != wanted->shift))
			fail_msg("\"%s\": base %u, index %u, shift %u, value %lld", wanted->text, got->base, got->index,
				 got->shift, (long long)got->value);
		lade_usdt_arguments_clear(&arguments);
	}
}

static void arguments_of_x86_are_understood(void **state)
{
	(void)state;
	static const struct expected cases[] = {
		{ "-4@$-9", USDT_CONSTANT, 4, true, 0, 0, 0, -9 },
		{ "8@$0x1fffffffff", USDT_CONSTANT, 8, false, 0, 0, 0, 0x1fffffffff },
		{ "8@%rax", USDT_REGISTER, 8, false, 80, 0, 0, 0 },
		{ "-4@%r9d", USDT_REGISTER, 4, true, 64, 0, 0, 0 },
		{ "2@%r15w", USDT_REGISTER, 2, false, 0, 0, 0, 0 },
		{ "-1@%sil", USDT_REGISTER, 1, true, 104, 0, 0, 0 },
		{ "8@-24(%rbp)", USDT_MEMORY, 8, false, 32, 0, 0, -24 },
		{ "-4@(%rsp)", USDT_MEMORY, 4, true, 152, 0, 0, 0 },
		{ "4@-8+4(%rdi)", USDT_MEMORY, 4, false, 112, 0, 0, -4 },
		{ "8@8(%rax,%rbx,8)", USDT_INDEXED, 8, false, 80, 40, 3, 8 },
		{ "1@(%rcx,%rdx)", USDT_INDEXED, 1, false, 88, 96, 0, 0 },
		{ "8f@%xmm0", USDT_UNREADABLE, 8, false, 0, 0, 0, 0 },
		{ "8f@-8(%rbp)", USDT_MEMORY, 8, false, 32, 0, 0, -8 },
		{ "1@%ah", USDT_UNREADABLE, 1, false, 0, 0, 0, 0 },
		{ "8@(,%rax,8)", USDT_UNREADABLE, 8, false, 0, 0, 0, 0 },
		{ "8@nowhere(%rip)", USDT_UNREADABLE, 8, false, 0, 0, 0, 0 },
		{ "8@$nowhere", USDT_UNREADABLE, 8, false, 0, 0, 0, 0 },
		{ "8@4711", USDT_UNREADABLE, 8, false, 0, 0, 0, 0 },
	};
	check_arguments(EM_X86_64, cases, ELEMENTS(cases));
}

static void arguments_of_arm64_are_understood(void **state)
{
	(void)state;
	static const struct expected cases[] = {
		{ "-4@5", USDT_CONSTANT, 4, true, 0, 0, 0, 5 },
		{ "8@x0", USDT_REGISTER, 8, false, 0, 0, 0, 0 },
		{ "-4@w19", USDT_REGISTER, 4, true, 152, 0, 0, 0 },
		{ "8@sp", USDT_REGISTER, 8, false, 248, 0, 0, 0 },
		{ "8@[sp]", USDT_MEMORY, 8, false, 248, 0, 0, 0 },
		{ "-4@[sp, 60]", USDT_MEMORY, 4, true, 248, 0, 0, 60 },
		{ "8@[x29,#-16]", USDT_MEMORY, 8, false, 232, 0, 0, -16 },
		{ "8@[x1, x2]", USDT_INDEXED, 8, false, 8, 16, 0, 0 },
		{ "4@[x1, x2, lsl 2]", USDT_INDEXED, 4, false, 8, 16, 2, 0 },
		{ "4@[x1, w2, sxtw 2]", USDT_UNREADABLE, 4, false, 0, 0, 0, 0 },
		{ "8@xzr", USDT_UNREADABLE, 8, false, 0, 0, 0, 0 },
		{ "8f@d0", USDT_UNREADABLE, 8, false, 0, 0, 0, 0 },
	};
	check_arguments(EM_AARCH64, cases, ELEMENTS(cases));
}

static void several_arguments_are_separated_by_spaces(void **state)
{
	(void)state;
	struct lade_binary binary = { .fd = -1, .is_64 = true, .machine = EM_AARCH64 };
	struct usdt_arguments arguments = { 0 };
	assert_int_equal(lade_usdt_arguments(&binary, 0, "-4@[sp, 60] 8@x1  4@7", &arguments), 0);
	assert_int_equal(arguments.count, 3);
	assert_string_equal(arguments.items[0].text, "-4@[sp, 60]");
	assert_int_equal(arguments.items[2].value, 7);
	lade_usdt_arguments_clear(&arguments);
	assert_int_equal(lade_usdt_arguments(&binary, 0, "", &arguments), 0);
	assert_int_equal(arguments.count, 0);
	assert_int_equal(lade_usdt_arguments(&binary, 0, "1@1 1@2 1@3 1@4 1@5 1@6 1@7 1@8 1@9 1@10 1@11 1@12 1@13 1@14",
					     &arguments),
			 0);
	assert_int_equal(arguments.count, 12);
	assert_int_equal(arguments.left_out, 2);
	lade_usdt_arguments_clear(&arguments);
}

static void what_is_no_argument_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"8",       "8@",          "@%rax",           "3@%rax",         "8@%",    "16@%rax",
		"8@(%rax", "8@%rax,%rbx", "8@(%rax,%rbx,3)", "8@(%rax,%rbx,8", "x@%rax", "8@8(",
		"8@() ",   "-@%rax",      "8@%rax 4",        "8@4(%rax)x",
	};
	struct lade_binary binary = { .fd = -1, .is_64 = true, .machine = EM_X86_64 };
	struct usdt_arguments arguments = { 0 };
	for (size_t i = 0; i < ELEMENTS(bad); i++)
		if (lade_usdt_arguments(&binary, 0, bad[i], &arguments) != -EINVAL)
			fail_msg("\"%s\" was accepted", bad[i]);
	binary.machine = EM_AARCH64;
	static const char *const bad_arm64[] = { "8@[x1", "8@[x1,]", "8@[", "8@x1]", "8@[x1, x2, lsl]", "8@#" };
	for (size_t i = 0; i < ELEMENTS(bad_arm64); i++)
		if (lade_usdt_arguments(&binary, 0, bad_arm64[i], &arguments) != -EINVAL)
			fail_msg("\"%s\" was accepted", bad_arm64[i]);
	binary.machine = EM_S390;
	assert_int_equal(lade_usdt_arguments(&binary, 0, "8@%r1", &arguments), -EOPNOTSUPP);
}

static void no_text_at_all_upsets_the_parser(void **state)
{
	(void)state;
	static const char alphabet[] = "8-4@%raxsp()[],$0wlfdi+ \x80";
	struct lade_binary binary = { .fd = -1, .is_64 = true };
	unsigned seed = 1;
	for (unsigned i = 0; i < 200000; i++) {
		char text[20];
		size_t length = (seed = seed * 1103515245 + 12345) >> 16 & 15;
		for (size_t j = 0; j < length; j++)
			text[j] = alphabet[((seed = seed * 1103515245 + 12345) >> 16) % (sizeof alphabet - 1)];
		text[length] = '\0';
		struct usdt_arguments arguments = { 0 };
		binary.machine = i % 2 ? EM_X86_64 : EM_AARCH64;
		(void)lade_usdt_arguments(&binary, i, text, &arguments);
		lade_usdt_arguments_clear(&arguments);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_place_of_a_probe_is_found_once),
		cmocka_unit_test(prelinked_address_is_corrected),
		cmocka_unit_test(missing_probe_names_those_that_are_there),
		cmocka_unit_test(probe_outside_of_the_file_is_refused),
		cmocka_unit_test(any_byte_of_the_notes_may_lie),
		cmocka_unit_test(arguments_of_x86_are_understood),
		cmocka_unit_test(arguments_of_arm64_are_understood),
		cmocka_unit_test(several_arguments_are_separated_by_spaces),
		cmocka_unit_test(what_is_no_argument_is_refused),
		cmocka_unit_test(no_text_at_all_upsets_the_parser),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
