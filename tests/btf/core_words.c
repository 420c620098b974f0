/* SPDX-License-Identifier: BSD-2-Clause */
/* What Lade says where a relocation finds nothing, too much, or makes no sense; and that hostile types end. */
#include "btf/core_made.h"

#include <errno.h>

/* ---- types ---- */

/* 1 int, 2 unsigned int, 3 char[16], 4 the struct. */
static struct btf *types_with(const char *name)
{
	struct btf *btf = btf__new_empty();
	btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	btf__add_int(btf, "unsigned int", 4, 0);
	btf__add_array(btf, 1, 2, 4);
	assert_int_equal(btf__add_struct(btf, name, 64), 4);
	return btf;
}

static struct btf *local_task(void)
{
	struct btf *btf = types_with("task");
	btf__add_field(btf, "cookie", 1, 0, 0);
	btf__add_field(btf, "flags", 2, 32, 0);
	btf__add_field(btf, "row", 3, 64, 0);
	return btf;
}

static struct btf_core_relocation question(struct btf *btf, uint32_t type, const char *access, uint32_t kind)
{
	return (struct btf_core_relocation){ .type_id = type,
					     .access_string_offset = (uint32_t)btf__add_str(btf, access),
					     .kind = kind };
}

static const char *code_of(const struct asked *asked)
{
	const struct lade_finding *finding = lade_error_finding(asked->error, 0);
	assert_non_null(finding);
	assert_int_equal(finding->instruction, 0);
	assert_string_equal(finding->program, "main");
	return finding->code;
}

static void assert_contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text ? text : "(nothing)");
}

/* One question about one pair. */
static struct asked ask_once(struct btf *local, struct btf *target, uint32_t type, const char *access, uint32_t kind,
			     struct bpf_insn instruction)
{
	struct btf_core_relocation relocation = question(local, type, access, kind);
	struct made made = made_of(local, target);
	struct asked asked = ask_about(&made, &relocation, instruction, NOTHING);
	made_free(&made);
	return asked;
}

/* ---- poison ---- */

static void a_missing_member_names_candidate_nearest_name_and_guard(void **state)
{
	(void)state;
	struct btf *target = types_with("task");
	btf__add_field(target, "cookies", 1, 0, 0);
	btf__add_field(target, "unrelated", 1, 32, 0);
	struct asked asked = ask_once(local_task(), target, 4, "0:0", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 0));
	assert_int_equal(asked.result, 0);
	assert_true(asked.poisoned);
	assert_int_equal(asked.instructions[0].code, BPF_JMP | BPF_CALL);
	assert_int_equal(asked.instructions[0].imm, CORE_POISON);
	assert_int_equal(asked.instructions[0].dst_reg, 0);
	assert_string_equal(asked.poison.what, "struct task.cookie (field offset)");
	assert_string_equal(asked.poison.why, "struct task [4] has no member cookie (nearest: cookies)");
	assert_string_equal(asked.poison.guard, "bpf_core_field_exists(((struct task *)0)->cookie)");
	asked_clear(&asked);
}

static void a_missing_type_names_its_namesakes(void **state)
{
	(void)state;
	struct btf *target = btf__new_empty();
	btf__add_fwd(target, "task", BTF_FWD_STRUCT);
	struct asked asked = ask_once(local_task(), target, 4, "0:2:1", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 12));
	assert_true(asked.poisoned);
	assert_string_equal(asked.poison.why, "the target has no struct task; task [1] is a forward declaration there");
	assert_string_equal(asked.poison.guard, "bpf_core_field_exists(((struct task *)0)->row[1])");
	asked_clear(&asked);
}

static void a_member_of_another_kind_shows_both_types(void **state)
{
	(void)state;
	struct btf *target = types_with("task");
	btf__add_field(target, "row", 2, 0, 0);
	struct asked asked = ask_once(local_task(), target, 4, "0:2", BPF_CORE_FIELD_BYTE_SIZE, MOVE(16));
	assert_true(asked.poisoned);
	assert_string_equal(asked.poison.why, "struct task [4] has row as unsigned int, not unsigned int[4]");
	asked_clear(&asked);
}

static void a_load_that_cannot_change_its_size_says_which_sizes(void **state)
{
	(void)state;
	struct btf *target = btf__new_empty();
	btf__add_int(target, "long", 8, BTF_INT_SIGNED);
	btf__add_struct(target, "task", 8);
	btf__add_field(target, "cookie", 1, 0, 0);
	struct asked asked = ask_once(local_task(), target, 4, "0:0", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 0));
	assert_true(asked.poisoned);
	assert_contains(asked.poison.why, "4 in the object and 8 in the target");
	assert_string_equal(asked.poison.guard, "bpf_core_field_size(((struct task *)0)->cookie) == 4");
	asked_clear(&asked);
}

static void a_load_of_what_is_a_bitfield_there_has_no_guard(void **state)
{
	(void)state;
	struct btf *target = types_with("task");
	btf__add_field(target, "cookie", 1, 3, 5);
	struct asked asked = ask_once(local_task(), target, 4, "0:0", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 0));
	assert_true(asked.poisoned);
	assert_contains(asked.poison.why, "bitfield in the target");
	assert_null(asked.poison.guard);
	asked_clear(&asked);
}

static void a_missing_enumerator_names_the_nearest(void **state)
{
	(void)state;
	struct btf *local = btf__new_empty(), *target = btf__new_empty();
	btf__add_enum(local, "colour", 4);
	btf__add_enum_value(local, "COLOUR_GREY", 3);
	btf__add_enum64(target, "colour", 8, false);
	btf__add_enum64_value(target, "COLOUR_GRAY", 3);
	struct asked asked = ask_once(local, target, 1, "0", BPF_CORE_ENUMVAL_VALUE, WIDE(3));
	assert_true(asked.poisoned);
	assert_int_equal(asked.instructions[1].imm, CORE_POISON);
	assert_string_equal(asked.poison.why, "enum colour [1] has no enumerator COLOUR_GREY (nearest: COLOUR_GRAY)");
	assert_string_equal(asked.poison.guard, "bpf_core_enum_value_exists(enum colour, COLOUR_GREY)");
	asked_clear(&asked);
}

/* ---- ambiguity ---- */

static void candidates_that_differ_are_all_shown(void **state)
{
	(void)state;
	struct btf *target = types_with("task");
	btf__add_field(target, "cookie", 1, 64, 0);
	assert_int_equal(btf__add_struct(target, "task___2", 64), 5);
	btf__add_field(target, "cookie", 1, 96, 0);
	struct asked asked = ask_once(local_task(), target, 4, "0:0", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 0));
	assert_true(asked.result < 0);
	assert_string_equal(code_of(&asked), "core.ambiguous");
	const struct lade_finding *finding = lade_error_finding(asked.error, 0);
	assert_contains(finding->message, "struct task.cookie");
	assert_int_equal(finding->evidence.count, 2);
	assert_string_equal(finding->evidence.items[0], "struct task [4]: 8, at bit 64");
	assert_string_equal(finding->evidence.items[1], "struct task___2 [5]: 12, at bit 96");
	asked_clear(&asked);
}

/* ---- instructions ---- */

static void another_value_in_the_instruction_is_refused(void **state)
{
	(void)state;
	struct asked asked =
		ask_once(local_task(), local_task(), 4, "0:1", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 12));
	assert_int_equal(asked.result, -EINVAL);
	assert_string_equal(code_of(&asked), "core.instruction");
	assert_contains(lade_error_message(asked.error), "holds 12, and the object's own types say 4");
	asked_clear(&asked);
}

static void a_field_too_far_for_a_load_is_refused(void **state)
{
	(void)state;
	struct btf *target = btf__new_empty();
	btf__add_int(target, "int", 4, BTF_INT_SIGNED);
	btf__add_struct(target, "task", 1 << 20);
	btf__add_field(target, "cookie", 1, 40000 * 8, 0);
	struct asked asked = ask_once(local_task(), target, 2 + 2, "0:0", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 0));
	assert_int_equal(asked.result, -ERANGE);
	assert_string_equal(code_of(&asked), "core.instruction");
	assert_contains(lade_error_message(asked.error), "40000");
	asked_clear(&asked);
}

static void half_a_wide_load_is_not_read_beyond_the_end(void **state)
{
	(void)state;
	struct btf *local = local_task();
	struct btf_core_relocation size = question(local, 4, "0", BPF_CORE_TYPE_SIZE);
	struct btf_core_relocation missing = question(local, 4, "0:0", BPF_CORE_FIELD_BYTE_SIZE);
	struct made made = made_of(local, btf__new_empty());
	struct bpf_insn *one = malloc(sizeof *one);
	struct lade_error *error = NULL;
	struct core_poison poison = { 0 };
	bool poisoned = false;
	*one = WIDE(64);
	assert_int_equal(lade_core_apply(made.resolver, &size, "main", one, 1, 0, &poisoned, &poison, &error), -EINVAL);
	assert_string_equal(lade_error_finding(error, 0)->code, "core.instruction");
	lade_error_free(error);
	error = NULL;
	assert_int_equal(lade_core_apply(made.resolver, &missing, "main", one, 1, 0, &poisoned, &poison, &error), 0);
	assert_true(poisoned);
	assert_int_equal(one->imm, CORE_POISON);
	lade_core_poison_clear(&poison);
	assert_true(lade_core_apply(made.resolver, &size, "main", one, 1, 1, &poisoned, &poison, &error) < 0);
	assert_string_equal(lade_error_finding(error, 0)->code, "core.record");
	lade_error_free(error);
	free(one);
	made_free(&made);
}

static void values_of_64_bits_fill_a_wide_load(void **state)
{
	(void)state;
	struct btf *local = btf__new_empty(), *target = btf__new_empty();
	btf__add_enum(local, "e", 4);
	btf__add_enum_value(local, "V", 1);
	btf__add_enum64(target, "e", 8, false);
	btf__add_enum64_value(target, "V", 0xfedcba9876543210ULL);
	struct asked asked = ask_once(local, target, 1, "0", BPF_CORE_ENUMVAL_VALUE, WIDE(1));
	assert_int_equal(asked.result, 0);
	assert_int_equal((uint32_t)asked.instructions[0].imm, 0x76543210);
	assert_int_equal((uint32_t)asked.instructions[1].imm, 0xfedcba98);
	asked_clear(&asked);
}

static void pointers_of_a_32_bit_target_are_loaded_as_such(void **state)
{
	(void)state;
	struct btf *local = btf__new_empty(), *target = btf__new_empty();
	btf__add_int(local, "int", 4, 0);
	btf__add_ptr(local, 0);
	btf__add_struct(local, "s", 16);
	btf__add_field(local, "before", 1, 0, 0);
	btf__add_field(local, "pointer", 2, 64, 0);
	btf__add_int(target, "long unsigned int", 4, 0);
	btf__add_ptr(target, 0);
	btf__add_struct(target, "s", 8);
	btf__add_field(target, "before", 1, 0, 0);
	btf__add_field(target, "pointer", 2, 32, 0);
	struct asked asked = ask_once(local, target, 3, "0:1", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_DW, 8));
	assert_int_equal(asked.result, 0);
	assert_int_equal(asked.instructions[0].code, BPF_LDX | BPF_MEM | BPF_W);
	assert_int_equal(asked.instructions[0].off, 4);
	asked_clear(&asked);
}

/* libbpf 1.6 and newer: a load of the first element has the size of an element. */
static void a_load_of_an_array_has_the_size_of_an_element(void **state)
{
	(void)state;
	struct btf *local = local_task(), *target = btf__new_empty();
	btf__add_int(target, "unsigned int", 4, 0);
	btf__add_array(target, 1, 1, 9);
	btf__add_struct(target, "task", 40);
	btf__add_field(target, "row", 2, 32, 0);
	struct asked asked = ask_once(local, target, 4, "0:2", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 8));
	assert_int_equal(asked.result, 0);
	assert_false(asked.poisoned);
	assert_int_equal(asked.instructions[0].off, 4);
	assert_int_equal(asked.instructions[0].code, BPF_LDX | BPF_MEM | BPF_W);
	asked_clear(&asked);
}

/* ---- without a target ---- */

static void only_the_objects_own_type_ids_need_no_target(void **state)
{
	(void)state;
	struct btf *local = local_task();
	struct btf_core_relocation own = question(local, 4, "0", BPF_CORE_TYPE_ID_LOCAL);
	struct btf_core_relocation field = question(local, 4, "0:0", BPF_CORE_FIELD_EXISTS);
	assert_false(lade_core_needs_target(&own));
	assert_true(lade_core_needs_target(&field));
	struct made made = made_of(local, NULL);
	assert_string_equal(lade_core_root_name(made.local, &field), "task");
	struct asked asked = ask_about(&made, &own, WIDE(99), NOTHING);
	assert_int_equal(asked.result, 0);
	assert_int_equal(asked.instructions[0].imm, 4);
	asked_clear(&asked);
	asked = ask_about(&made, &field, MOVE(1), NOTHING);
	assert_true(asked.result < 0);
	assert_string_equal(code_of(&asked), "core.target");
	asked_clear(&asked);
	made_free(&made);
}

static void verbose_output_tells_both_values(void **state)
{
	(void)state;
	struct btf *local = local_task(), *target = types_with("task");
	btf__add_field(target, "cookie", 1, 160, 0);
	struct btf_core_relocation field = question(local, 4, "0:0", BPF_CORE_FIELD_BYTE_OFFSET);
	struct made made = made_of(local, target);
	assert_null(lade_core_explain(made.resolver, &field));
	struct asked asked = ask_about(&made, &field, LOAD(BPF_W, 0), NOTHING);
	char *text = lade_core_explain(made.resolver, &field);
	assert_string_equal(text, "struct task.cookie: byte_off 0 → 20 (1 candidate: 4)");
	free(text);
	asked_clear(&asked);
	made_free(&made);
}

/* ---- modules ---- */

static void write_types(const char *directory, const char *name, const struct btf *btf)
{
	char path[128];
	uint32_t size;
	const void *bytes = btf__raw_data(btf, &size);
	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void remove_types(const char *directory)
{
	static const char *const names[] = { "vmlinux", "one", "two" };
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(directory), 0);
}

/* The kernel has a task, but no other; the modules have both, and differ about the second. */
static void make_modules(const char *directory)
{
	static const char *const names[] = { "one", "two" };
	struct btf *kernel = types_with("task");
	btf__add_field(kernel, "flags", 2, 32, 0);
	write_types(directory, "vmlinux", kernel);
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct btf *module = btf__new_empty_split(kernel);
		btf__add_struct(module, "task", 8);
		btf__add_field(module, "cookie", 1, 0, 0);
		btf__add_struct(module, i ? "other" : "other___flavour", 64);
		btf__add_field(module, "same", 1, 64, 0);
		btf__add_field(module, "different", 1, i ? 128 : 192, 0);
		write_types(directory, names[i], module);
		btf__free(module);
	}
	btf__free(kernel);
}

static struct btf *local_other(void)
{
	struct btf *btf = local_task();
	btf__add_struct(btf, "other", 8);
	btf__add_field(btf, "same", 1, 0, 0);
	btf__add_field(btf, "different", 1, 32, 0);
	return btf;
}

static void types_of_modules_count_where_the_kernel_has_none(void **state)
{
	(void)state;
	char directory[] = "/tmp/lade-core-XXXXXX";
	assert_non_null(mkdtemp(directory));
	make_modules(directory);
	struct btf *local = local_other();
	struct btf_core_relocation cookie = question(local, 4, "0:0", BPF_CORE_FIELD_EXISTS);
	struct btf_core_relocation same = question(local, 5, "0:0", BPF_CORE_FIELD_BYTE_OFFSET);
	struct btf_core_relocation different = question(local, 5, "0:1", BPF_CORE_FIELD_BYTE_OFFSET);
	struct made made = made_of(local, NULL);
	struct kernel_types_options options = { .sysfs = directory };
	assert_int_equal(lade_kernel_types_open(&options, &made.target, NULL), 0);
	lade_core_resolver_free(made.resolver);
	assert_int_equal(lade_core_resolver_new(made.local, made.target, "made.o", &made.resolver, NULL), 0);
	struct asked asked = ask_about(&made, &cookie, MOVE(1), NOTHING);
	assert_int_equal(asked.result, 0);
	assert_int_equal(asked.instructions[0].imm, 0);
	asked_clear(&asked);
	asked = ask_about(&made, &same, LOAD(BPF_W, 0), NOTHING);
	assert_int_equal(asked.result, 0);
	assert_int_equal(asked.instructions[0].off, 8);
	asked_clear(&asked);
	asked = ask_about(&made, &different, LOAD(BPF_W, 4), NOTHING);
	assert_string_equal(code_of(&asked), "core.ambiguous");
	const struct lade_finding *finding = lade_error_finding(asked.error, 0);
	assert_int_equal(finding->evidence.count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_contains(finding->evidence.items[i], "of module ");
	asked_clear(&asked);
	made_free(&made);
	remove_types(directory);
}

/* ---- hostile ---- */

static void records_that_make_no_sense_are_findings(void **state)
{
	(void)state;
	static const struct {
		uint32_t type;
		const char *access;
		uint32_t kind;
	} records[] = {
		{ 4, "", 0 },
		{ 4, ":", 0 },
		{ 4, "0:", 0 },
		{ 4, "0::1", 0 },
		{ 4, "-1:0", 0 },
		{ 4, "0:-1", 0 },
		{ 4, "0:4294967295:1", 0 },
		{ 4, "4294967295", 0 },
		{ 4, "2147483647:0", 0 },
		{ 4, "99999999999999999999", 0 },
		{ 4, "0:0:0", 0 },
		{ 4, "0:3", 0 },
		{ 4, "0:2:4", 0 },
		{ 4, "0:0x", 0 },
		{ 4, "0:2:0", BPF_CORE_FIELD_SIGNED },
		{ 4, "1", BPF_CORE_TYPE_EXISTS },
		{ 4, "0", BPF_CORE_ENUMVAL_VALUE },
		{ 4, "0:0", 13 },
		{ 4, "0:0", UINT32_MAX },
		{ 5, "0", BPF_CORE_TYPE_ID_LOCAL },
		{ UINT32_MAX, "0:0", 0 },
		{ 0, "0", 0 },
		{ 3, "0:0", 0 },
		{ 4,
		  "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:"
		  "0:"
		  "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0",
		  0 },
	};
	for (size_t i = 0; i < ELEMENTS(records); i++) {
		struct asked asked = ask_once(local_task(), local_task(), records[i].type, records[i].access,
					      records[i].kind, MOVE(0));
		if (asked.result >= 0)
			fail_msg("type %u access %s kind %u was taken", records[i].type, records[i].access,
				 records[i].kind);
		assert_string_equal(code_of(&asked), "core.record");
		asked_clear(&asked);
	}
	struct made made = made_of(local_task(), local_task());
	struct btf_core_relocation beyond = { .type_id = 4, .access_string_offset = UINT32_MAX };
	struct asked asked = ask_about(&made, &beyond, MOVE(0), NOTHING);
	assert_string_equal(code_of(&asked), "core.record");
	asked_clear(&asked);
	made_free(&made);
}

/* Each struct holds the one before twice, without a name: 2 to the power of 60 members in all. */
static struct btf *anonymous_bomb(void)
{
	struct btf *btf = btf__new_empty();
	btf__add_int(btf, "int", 4, 0);
	for (int inner = 1; inner < 60; inner++) {
		btf__add_struct(btf, inner == 59 ? "task" : NULL, 8);
		btf__add_field(btf, NULL, inner, 0, 0);
		btf__add_field(btf, NULL, inner, 0, 0);
	}
	return btf;
}

static void structs_in_structs_without_end_end(void **state)
{
	(void)state;
	struct asked asked =
		ask_once(local_task(), anonymous_bomb(), 4, "0:0", BPF_CORE_FIELD_BYTE_OFFSET, LOAD(BPF_W, 0));
	assert_true(asked.result < 0);
	assert_string_equal(code_of(&asked), "core.record");
	asked_clear(&asked);
}

/* Each function takes two of the one before. */
static struct btf *function_bomb(void)
{
	struct btf *btf = btf__new_empty();
	int inner = btf__add_int(btf, "int", 4, 0);
	for (int i = 0; i < 30; i++) {
		int function = btf__add_func_proto(btf, 0);
		for (int j = 0; j < 4; j++)
			btf__add_func_param(btf, "p", inner);
		inner = btf__add_ptr(btf, function);
	}
	btf__add_typedef(btf, "bomb", inner);
	return btf;
}

static void functions_in_functions_without_end_end(void **state)
{
	(void)state;
	static const uint32_t kinds[] = { BPF_CORE_TYPE_EXISTS, BPF_CORE_TYPE_MATCHES };
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		struct btf *local = function_bomb();
		struct asked asked = ask_once(local, function_bomb(), btf__type_cnt(local) - 1, "0", kinds[i], MOVE(1));
		assert_true(asked.result < 0);
		assert_string_equal(code_of(&asked), "core.record");
		asked_clear(&asked);
	}
}

/* A target is not checked before it is looked at: here a struct, a typedef and an array that hold themselves. */
static void types_that_hold_themselves_end(void **state)
{
	(void)state;
	static const char *const accesses[] = { "0:0", "0:1", "0:2:1", "0:2" };
	struct blob blob = { .string_bytes = 1 };
	blob_type(&blob, "task", KIND(STRUCT, 4), 64);
	blob_member(&blob, "", 1, 0);
	blob_member(&blob, "flags", 2, 0);
	blob_member(&blob, "cookie", 77, 0);
	blob_member(&blob, "row", 3, 0);
	blob_type(&blob, "loop", KIND(TYPEDEF, 0), 2);
	blob_type(&blob, "", KIND(ARRAY, 0), 0);
	blob_word(&blob, 3);
	blob_word(&blob, 3);
	blob_word(&blob, 4);
	struct blob_header header = blob_header(&blob);
	size_t size;
	uint8_t *bytes = blob_write(&blob, &header, false, &size);
	for (size_t i = 0; i < ELEMENTS(accesses); i++) {
		struct btf *local = local_task();
		struct btf_core_relocation relocation = question(local, 4, accesses[i], BPF_CORE_FIELD_BYTE_SIZE);
		struct made made = made_of(local, NULL);
		if (made_target(&made, bytes, size) < 0)
			fail_msg("the target was not opened");
		lade_core_resolver_free(made.resolver);
		assert_int_equal(lade_core_resolver_new(made.local, made.target, "made.o", &made.resolver, NULL), 0);
		struct asked asked = ask_about(&made, &relocation, MOVE(i < 3 ? 4 : 16), NOTHING);
		assert_true(asked.result < 0 || asked.poisoned);
		asked_clear(&asked);
		made_free(&made);
	}
	free(bytes);
}

static void every_kind_has_a_name(void **state)
{
	(void)state;
	for (uint32_t kind = 0; kind <= BPF_CORE_TYPE_MATCHES; kind++)
		assert_non_null(lade_core_kind_name(kind));
	assert_string_equal(lade_core_kind_name(BPF_CORE_TYPE_ID_TARGET), "target_type_id");
	assert_null(lade_core_kind_name(13));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_member_names_candidate_nearest_name_and_guard),
		cmocka_unit_test(a_missing_type_names_its_namesakes),
		cmocka_unit_test(a_member_of_another_kind_shows_both_types),
		cmocka_unit_test(a_load_that_cannot_change_its_size_says_which_sizes),
		cmocka_unit_test(a_load_of_what_is_a_bitfield_there_has_no_guard),
		cmocka_unit_test(a_missing_enumerator_names_the_nearest),
		cmocka_unit_test(candidates_that_differ_are_all_shown),
		cmocka_unit_test(another_value_in_the_instruction_is_refused),
		cmocka_unit_test(a_field_too_far_for_a_load_is_refused),
		cmocka_unit_test(half_a_wide_load_is_not_read_beyond_the_end),
		cmocka_unit_test(values_of_64_bits_fill_a_wide_load),
		cmocka_unit_test(pointers_of_a_32_bit_target_are_loaded_as_such),
		cmocka_unit_test(a_load_of_an_array_has_the_size_of_an_element),
		cmocka_unit_test(only_the_objects_own_type_ids_need_no_target),
		cmocka_unit_test(verbose_output_tells_both_values),
		cmocka_unit_test(types_of_modules_count_where_the_kernel_has_none),
		cmocka_unit_test(records_that_make_no_sense_are_findings),
		cmocka_unit_test(structs_in_structs_without_end_end),
		cmocka_unit_test(functions_in_functions_without_end_end),
		cmocka_unit_test(types_that_hold_themselves_end),
		cmocka_unit_test(every_kind_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
