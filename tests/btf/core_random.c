/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random types, the same types as another kernel might have them, and random questions: Lade's answers are those of
 * libbpf's own engine, which is called where it lies in the static archive. LADE_CORE_ROUNDS: how many worlds.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include "btf/builder.h"
#include "btf/core.h"

/* ---- libbpf's engine, which no header declares ---- */

struct libbpf_candidate {
	const struct btf *btf;
	uint32_t id;
};
struct libbpf_candidates {
	struct libbpf_candidate *items;
	int count;
};
struct libbpf_answer {
	uint64_t local_value, value;
	bool poison, validate, unsafe_size;
	uint32_t local_bytes, local_type, bytes, type;
};
int bpf_core_calc_relo_insn(const char *program, const struct bpf_core_relo *relocation, int index,
			    const struct btf *local, struct libbpf_candidates *candidates, void *scratch,
			    struct libbpf_answer *answer);
int bpf_core_patch_insn(const char *program, struct bpf_insn *instruction, int instruction_index,
			const struct bpf_core_relo *relocation, int index, const struct libbpf_answer *answer);
size_t bpf_core_essential_name_len(const char *name);

/* ---- chance ---- */

static uint64_t mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15ULL;
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
	x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
	return x ^ x >> 31;
}

/* Both worlds of a pair have the same seed; one of them errs from it now and then. */
struct world {
	struct btf *btf;
	uint64_t seed, noise;
	unsigned noise_percent;
	uint32_t type; /* being made */
	uint32_t decision;
};

static uint32_t pick(struct world *world, uint32_t count)
{
	uint64_t key = (uint64_t)world->type << 32 | world->decision++;
	uint64_t chance = mix(world->noise ^ mix(key));
	uint64_t value = chance % 100 < world->noise_percent ? mix(chance) : mix(world->seed ^ mix(key));
	return count ? (uint32_t)(value % count) : 0;
}

/* ---- types ---- */

#define TYPES 48u

static const char *name_of(struct world *world, char letter, uint32_t count, char *text, size_t size)
{
	static const char *const flavours[] = { "", "", "", "", "", "", "___old", "___x___y", "__", "____z" };
	uint32_t number = pick(world, count);
	(void)snprintf(text, size, "%c%u%s", letter, number, flavours[pick(world, ELEMENTS(flavours))]);
	return text;
}

static uint32_t earlier(struct world *world)
{
	return 1 + pick(world, world->type - 1);
}

static void make_int(struct world *world)
{
	static const char *const names[] = { "char", "short", "int", "long long" };
	static const int encodings[] = { 0, 0, BTF_INT_SIGNED, BTF_INT_SIGNED, BTF_INT_CHAR, BTF_INT_BOOL };
	uint32_t width = pick(world, 4);
	btf__add_int(world->btf, names[width], 1u << width, encodings[pick(world, ELEMENTS(encodings))]);
}

static bool is_int(const struct world *world, uint32_t id)
{
	int resolved = btf__resolve_type(world->btf, id);
	const struct btf_type *type = resolved > 0 ? btf__type_by_id(world->btf, (uint32_t)resolved) : NULL;
	return type && (btf_is_int(type) || btf_is_any_enum(type)) && type->size && type->size <= 8;
}

/* As in C: what has no name is a padding or an anonymous struct, and no name comes twice. */
static bool may_be_nameless(const struct world *world, uint32_t id)
{
	int resolved = btf__resolve_type(world->btf, id);
	const struct btf_type *type = resolved > 0 ? btf__type_by_id(world->btf, (uint32_t)resolved) : NULL;
	return is_int(world, id) || (type && btf_is_composite(type) && !type->name_off);
}

static void name_member(struct world *world, uint32_t id, bool named_struct, uint32_t *taken, char *name, size_t size)
{
	uint32_t number = pick(world, 6);
	bool nameless = pick(world, 3) == 0 && may_be_nameless(world, id);
	while (*taken & 1u << number)
		number++;
	*taken |= 1u << number;
	if (nameless)
		*name = 0;
	else if (named_struct)
		(void)snprintf(name, size, "m%u", number);
	else
		(void)snprintf(name, size, "m%u_%u", number, world->type);
}

static void make_members(struct world *world, bool is_union, bool named_struct)
{
	uint32_t bits = 0, taken = 0;
	for (uint32_t count = pick(world, 8); count > 0; count--) {
		char name[24];
		uint32_t id = earlier(world), bitfield = pick(world, 4) ? 0 : 1 + pick(world, 8);
		int64_t size = btf__resolve_size(world->btf, id);
		uint32_t gap = pick(world, 12);
		name_member(world, id, named_struct, &taken, name, sizeof name);
		if (size < 0 || size > 4096)
			continue;
		bitfield = is_int(world, id) ? bitfield : 0;
		if (is_union)
			bits = 0;
		else if (!bitfield)
			bits = (bits + 7) / 8 * 8 + (gap < 3 ? gap * 8 : 0);
		if (btf__add_field(world->btf, *name ? name : NULL, (int)id, bits, bitfield) == 0)
			bits += bitfield ? bitfield : (uint32_t)size * 8;
	}
	struct btf_type *type = (struct btf_type *)(uintptr_t)btf__type_by_id(world->btf, world->type);
	if (!is_union && type->size < (bits + 7) / 8)
		type->size = (bits + 7) / 8;
}

static void make_composite(struct world *world)
{
	char name[24];
	bool is_union = pick(world, 5) == 0, named = pick(world, 5) != 0;
	uint32_t size = 8 * (1 + pick(world, 12));
	name_of(world, 's', 6, name, sizeof name);
	if (is_union)
		btf__add_union(world->btf, named ? name : NULL, size);
	else
		btf__add_struct(world->btf, named ? name : NULL, size);
	make_members(world, is_union, named);
}

static void make_enum(struct world *world)
{
	char name[24];
	bool wide = pick(world, 3) == 0, is_signed = pick(world, 2), named = pick(world, 6) != 0;
	name_of(world, 'e', 3, name, sizeof name);
	if (wide)
		btf__add_enum64(world->btf, named ? name : NULL, 8, is_signed);
	else
		btf__add_enum(world->btf, named ? name : NULL, pick(world, 3) ? 4 : 8);
	for (uint32_t count = 1 + pick(world, 5); count > 0; count--) {
		char value[24];
		name_of(world, 'E', 5, value, sizeof value);
		int64_t number = (int64_t)pick(world, 1000) - 300;
		if (wide)
			btf__add_enum64_value(world->btf, value, (uint64_t)number << (pick(world, 2) ? 33 : 0));
		else
			btf__add_enum_value(world->btf, value, number);
	}
}

static void make_array(struct world *world)
{
	static const uint32_t lengths[] = { 0, 1, 2, 3, 5, 8, 0 };
	btf__add_array(world->btf, 1, (int)earlier(world), lengths[pick(world, ELEMENTS(lengths))]);
}

static void make_pointer(struct world *world)
{
	btf__add_ptr(world->btf, (int)(pick(world, 8) ? earlier(world) : 0));
}

static void make_wrapper(struct world *world)
{
	char name[24];
	int id = (int)earlier(world);
	name_of(world, 't', 3, name, sizeof name);
	switch (pick(world, 5)) {
	case 0:
		btf__add_const(world->btf, id);
		break;
	case 1:
		btf__add_volatile(world->btf, id);
		break;
	case 2:
		btf__add_type_tag(world->btf, "user", id);
		break;
	default:
		btf__add_typedef(world->btf, name, id);
	}
}

static void make_forward(struct world *world)
{
	char name[24];
	btf__add_fwd(world->btf, name_of(world, 's', 6, name, sizeof name),
		     pick(world, 2) ? BTF_FWD_STRUCT : BTF_FWD_UNION);
}

static void make_prototype(struct world *world)
{
	btf__add_func_proto(world->btf, (int)(pick(world, 4) ? earlier(world) : 0));
	for (uint32_t count = pick(world, 3); count > 0; count--)
		btf__add_func_param(world->btf, "p", (int)earlier(world));
}

static void make_float(struct world *world)
{
	btf__add_float(world->btf, "double", 8);
}

static void (*const makers[])(struct world *) = {
	make_int,  make_int,     make_composite, make_composite, make_composite, make_composite,
	make_enum, make_pointer, make_array,     make_wrapper,   make_wrapper,   make_forward,
	make_enum, make_pointer, make_array,     make_prototype, make_float,     make_composite,
};

static void make_world(struct world *world, uint32_t pointer_bytes)
{
	world->btf = btf__new_empty();
	btf__set_pointer_size(world->btf, pointer_bytes);
	assert_int_equal(btf__add_int(world->btf, "long unsigned int", pointer_bytes, 0), 1);
	for (world->type = 2; world->type <= TYPES; world->type++) {
		world->decision = 0;
		makers[pick(world, ELEMENTS(makers))](world);
		assert_int_equal(btf__type_cnt(world->btf), world->type + 1);
	}
}

/* ---- questions ---- */

static uint64_t chance_state;

static uint32_t chance(uint32_t count)
{
	return (uint32_t)(mix(chance_state++) % count);
}

static void walk(const struct btf *btf, uint32_t id, char *text, size_t size)
{
	size_t length = (size_t)snprintf(text, size, "%u", chance(8) ? 0 : chance(3));
	while (chance(5) && length + 12 < size) {
		int resolved = btf__resolve_type(btf, id);
		const struct btf_type *type = resolved > 0 ? btf__type_by_id(btf, (uint32_t)resolved) : NULL;
		uint32_t index = chance(50) ? 0 : 7;
		if (type && btf_is_composite(type) && btf_vlen(type)) {
			index += chance(btf_vlen(type));
			id = btf_members(type)[index % btf_vlen(type)].type;
		} else if (type && btf_is_array(type)) {
			index += chance(btf_array(type)->nelems + 1);
			id = btf_array(type)->type;
		} else if (chance(20)) {
			return;
		}
		length += (size_t)snprintf(text + length, size - length, ":%u", index);
	}
}

static struct bpf_core_relo make_question(struct btf *local)
{
	char access[64] = "0";
	uint32_t id = 1 + chance(TYPES);
	enum bpf_core_relo_kind kind = (enum bpf_core_relo_kind)chance(BPF_CORE_TYPE_MATCHES + 1);
	const struct btf_type *type = btf__type_by_id(local, id);
	/* Anonymous roots and questions that fit no type are all refused: a few are enough. */
	for (unsigned tries = 0; tries < 30; tries++) {
		bool is_enum_kind = kind == BPF_CORE_ENUMVAL_EXISTS || kind == BPF_CORE_ENUMVAL_VALUE;
		bool fits = *btf__name_by_offset(local, type->name_off) && btf_is_any_enum(type) == is_enum_kind;
		if (fits || (kind >= BPF_CORE_TYPE_ID_LOCAL && !is_enum_kind && type->name_off))
			break;
		id = 1 + chance(TYPES);
		type = btf__type_by_id(local, id);
	}
	if (kind < BPF_CORE_TYPE_ID_LOCAL)
		walk(local, id, access, sizeof access);
	else if (kind == BPF_CORE_ENUMVAL_EXISTS || kind == BPF_CORE_ENUMVAL_VALUE)
		(void)snprintf(access, sizeof access, "%u", chance(5));
	return (struct bpf_core_relo){ .type_id = id,
				       .access_str_off = (uint32_t)btf__add_str(local, access),
				       .kind = kind };
}

/* ---- libbpf's answers ---- */

struct libbpf_side {
	const struct btf *local, *target;
	struct libbpf_candidates *candidates[TYPES + 1];
};

static bool kinds_agree(const struct btf_type *left, const struct btf_type *right)
{
	return btf_kind(left) == btf_kind(right) || (btf_is_any_enum(left) && btf_is_any_enum(right));
}

static struct libbpf_candidates *find_candidates(struct libbpf_side *side, uint32_t id)
{
	if (side->candidates[id])
		return side->candidates[id];
	struct libbpf_candidates *found = calloc(1, sizeof *found);
	const struct btf_type *local = btf__type_by_id(side->local, id);
	const char *name = btf__name_by_offset(side->local, local->name_off);
	size_t length = bpf_core_essential_name_len(name);
	found->items = calloc(TYPES + 1, sizeof *found->items);
	for (uint32_t i = 1; *name && i <= TYPES; i++) {
		const struct btf_type *type = btf__type_by_id(side->target, i);
		const char *other = btf__name_by_offset(side->target, type->name_off);
		if (*other && kinds_agree(local, type) && bpf_core_essential_name_len(other) == length &&
		    strncmp(name, other, length) == 0)
			found->items[found->count++] = (struct libbpf_candidate){ side->target, i };
	}
	return side->candidates[id] = found;
}

static void libbpf_forget(struct libbpf_side *side)
{
	for (uint32_t i = 0; i <= TYPES; i++) {
		if (side->candidates[i])
			free(side->candidates[i]->items);
		free(side->candidates[i]);
		side->candidates[i] = NULL;
	}
}

static int libbpf_ask(struct libbpf_side *side, const struct bpf_core_relo *relocation, struct libbpf_answer *answer)
{
	static _Alignas(16) char scratch[32768];
	memset(answer, 0, sizeof *answer);
	return bpf_core_calc_relo_insn("test", relocation, 0, side->local, find_candidates(side, relocation->type_id),
				       scratch, answer);
}

/* ---- an instruction that can hold the answer, mostly ---- */

static void make_instruction(const struct libbpf_answer *answer, struct bpf_insn *instructions)
{
	static const uint8_t widths[] = { BPF_B, BPF_H, BPF_B, BPF_W, BPF_B, BPF_B, BPF_B, BPF_DW };
	static const uint8_t memory[] = { BPF_LDX | BPF_MEM, BPF_ST | BPF_MEM, BPF_STX | BPF_MEM, BPF_LDX | 0x80 };
	static const uint8_t operations[] = { BPF_ALU64 | BPF_MOV, BPF_ALU | BPF_ADD, BPF_ALU64 | BPF_MOV | BPF_X,
					      BPF_JMP | BPF_JEQ };
	uint64_t value = answer->local_value + (chance(25) == 0);
	uint32_t bytes = answer->local_bytes && answer->local_bytes <= 8 && chance(25) ? answer->local_bytes : 4;
	memset(instructions, 0, 2 * sizeof *instructions);
	switch (chance(3)) {
	case 0:
		instructions->code = (uint8_t)(memory[chance(ELEMENTS(memory))] | widths[bytes - 1]);
		instructions->off = (int16_t)value;
		break;
	case 1:
		instructions->code = operations[chance(30) ? chance(2) : 2 + chance(2)];
		instructions->imm = (int32_t)value;
		break;
	default:
		instructions->code = BPF_LD | BPF_IMM | BPF_DW;
		instructions->src_reg = chance(30) == 0;
		instructions[0].imm = (int32_t)value;
		instructions[1].imm = (int32_t)(value >> 32);
	}
	instructions->dst_reg = 3;
}

/* ---- both ---- */

struct lade_side {
	struct lade_btf *local;
	struct kernel_types *target;
	struct core_resolver *resolver;
	int fd;
};

static void lade_open(struct lade_side *side, const struct btf *local, const struct btf *target)
{
	char path[64];
	uint32_t size;
	struct lade_error *error = NULL;
	const void *bytes = btf__raw_data(local, &size);
	if (lade_btf_parse(bytes, size, "local", &side->local, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	bytes = btf__raw_data(target, &size);
	side->fd = memfd_create("target", 0);
	assert_int_equal(write(side->fd, bytes, size), size);
	(void)snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), side->fd);
	struct kernel_types_options options = { .file = path };
	if (lade_kernel_types_open(&options, &side->target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static void lade_forget(struct lade_side *side)
{
	side->resolver = lade_core_resolver_free(side->resolver);
	assert_int_equal(lade_core_resolver_new(side->local, side->target, "random", &side->resolver, NULL), 0);
}

static void lade_close(struct lade_side *side)
{
	lade_core_resolver_free(side->resolver);
	lade_btf_free(side->local);
	lade_kernel_types_free(side->target);
	close(side->fd);
}

static struct {
	unsigned long asked, refused, poisoned, resolved;
} tally;

/* The rule for arrays is libbpf 1.6's: before, it took the size of the whole array. */
static bool is_old_array_rule(const struct libbpf_side *side, const struct libbpf_answer *answer)
{
	const struct btf_type *local = btf__type_by_id(side->local, answer->local_type);
	const struct btf_type *target = btf__type_by_id(side->target, answer->type);
	return libbpf_major_version() == 1 && libbpf_minor_version() < 6 &&
	       ((local && btf_is_array(local)) || (target && btf_is_array(target)));
}

static int lade_ask(struct lade_side *side, const struct bpf_core_relo *relocation, struct bpf_insn *instructions,
		    char *message, size_t message_size)
{
	const struct btf_core_relocation asked = { .type_id = relocation->type_id,
						   .access_string_offset = relocation->access_str_off,
						   .kind = (uint32_t)relocation->kind };
	struct core_poison poison = { 0 };
	struct lade_error *error = NULL;
	bool poisoned = false;
	int result = lade_core_apply(side->resolver, &asked, "test", instructions, 2, 0, &poisoned, &poison, &error);
	(void)snprintf(message, message_size, "%s", error ? lade_error_message(error) : "");
	assert_true((result < 0) == (error != NULL));
	if (poisoned) {
		assert_true(*poison.what && *poison.why && (!poison.guard || *poison.guard));
		assert_int_equal(instructions->imm, CORE_POISON);
		tally.poisoned++;
	}
	free(lade_core_explain(side->resolver, &asked));
	lade_core_poison_clear(&poison);
	lade_error_free(error);
	return result;
}

static void compare(struct libbpf_side *theirs, struct lade_side *ours, const struct bpf_core_relo *relocation)
{
	struct libbpf_answer answer;
	struct bpf_insn expected[2], instructions[2];
	char message[512];
	int their_result = libbpf_ask(theirs, relocation, &answer);
	make_instruction(&answer, expected);
	memcpy(instructions, expected, sizeof instructions);
	if (their_result == 0)
		their_result = bpf_core_patch_insn("test", expected, 0, relocation, 0, &answer);
	int result = lade_ask(ours, relocation, instructions, message, sizeof message);
	bool same = (result < 0) == (their_result < 0) &&
		    (result < 0 || memcmp(instructions, expected, sizeof expected) == 0);
	if (!same && !is_old_array_rule(theirs, &answer))
		fail_msg("type %u access %s kind %d: libbpf %d (%llu, code %x off %d imm %d), Lade %d (code %x off %d "
			 "imm %d) %s",
			 relocation->type_id, btf__name_by_offset(theirs->local, relocation->access_str_off),
			 relocation->kind, their_result, (unsigned long long)answer.value, expected->code,
			 expected->off, expected->imm, result, instructions->code, instructions->off, instructions->imm,
			 message);
	tally.asked++;
	tally.refused += result < 0;
	tally.resolved += result == 0 && instructions->imm != CORE_POISON;
	if (result < 0 || their_result < 0) {
		/* Here a load would end. */
		libbpf_forget(theirs);
		lade_forget(ours);
	}
}

#define QUESTIONS 60

static void try_world(uint64_t seed)
{
	struct world local = { .seed = seed };
	struct world target = { .seed = seed, .noise = mix(seed), .noise_percent = (unsigned)(seed % 40) };
	struct bpf_core_relo questions[QUESTIONS];
	chance_state = seed << 20;
	make_world(&local, 8);
	make_world(&target, seed % 5 ? 8 : 4);
	for (int i = 0; i < QUESTIONS; i++)
		questions[i] = make_question(local.btf);
	struct libbpf_side theirs = { .local = local.btf, .target = target.btf };
	struct lade_side ours = { 0 };
	lade_open(&ours, local.btf, target.btf);
	lade_forget(&ours);
	for (int i = 0; i < QUESTIONS; i++)
		compare(&theirs, &ours, &questions[i]);
	lade_close(&ours);
	libbpf_forget(&theirs);
	btf__free(local.btf);
	btf__free(target.btf);
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	return getenv("TEST_VERBOSE") ? vfprintf(stderr, format, arguments) : 0;
}

static void random_questions_have_libbpfs_answers(void **state)
{
	(void)state;
	const char *rounds = getenv("LADE_CORE_ROUNDS");
	libbpf_set_print(silent);
	for (uint64_t seed = 1; seed <= (rounds ? strtoull(rounds, NULL, 10) : 400); seed++)
		try_world(seed);
	(void)fprintf(stderr, "%lu questions: %lu resolved, %lu poisoned, %lu refused\n", tally.asked, tally.resolved,
		      tally.poisoned, tally.refused);
	assert_true(tally.resolved > tally.asked / 5 && tally.poisoned > tally.asked / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_questions_have_libbpfs_answers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
