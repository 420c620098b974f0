/* SPDX-License-Identifier: BSD-2-Clause */
/* Spoilt types on either side, spoilt records, spoilt instructions: a finding, a poison or an answer, and an end. */
#include "btf/core_made.h"

static uint64_t state = 88172645463325252ULL;

static uint32_t chance(uint32_t count)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % count);
}

struct bytes {
	uint8_t *start;
	size_t size;
};

/* Interesting numbers more often than others; header and strings are left alone most of the time. */
static struct bytes spoil(const void *original, size_t size, unsigned times)
{
	static const uint32_t words[] = { 0, 1, 2, 3, 7, 64, 255, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
	struct bytes copy = { .start = malloc(size), .size = size };
	const struct btf_header *header = original;
	memcpy(copy.start, original, size);
	for (unsigned i = 0; i < times; i++) {
		size_t at = chance(20) ? sizeof *header + chance(header->type_len) : chance((uint32_t)size);
		if (chance(2) && at / 4 * 4 + 4 <= size)
			memcpy(copy.start + at / 4 * 4, &words[chance(ELEMENTS(words))], 4);
		else
			copy.start[at] = (uint8_t)chance(256);
	}
	return copy;
}

struct original {
	struct compiled compiled;
	struct btf_ext *ext;
	const struct elf_section *btf;
};

static void original_open(struct original *original, const char *path)
{
	assert_true(compiled_open(path, &original->compiled));
	original->btf = lade_elf_section(original->compiled.elf, ".BTF");
	const struct elf_section *ext = lade_elf_section(original->compiled.elf, ".BTF.ext");
	if (ext)
		assert_int_equal(
			lade_btf_ext_parse(original->compiled.btf, ext->bytes, ext->size, path, &original->ext, NULL),
			0);
}

static void original_close(struct original *original)
{
	lade_btf_ext_free(original->ext);
	compiled_close(&original->compiled);
}

static unsigned answers, findings, poisons;

static void apply(struct made *made, const struct btf_core_relocation *relocation, const uint8_t *code, size_t size)
{
	struct bpf_insn *instructions = malloc(size);
	uint32_t count = (uint32_t)(size / sizeof *instructions);
	struct core_poison poison = { 0 };
	struct lade_error *error = NULL;
	bool poisoned = false;
	memcpy(instructions, code, size);
	if (chance(30) == 0)
		instructions[chance(count)].code = (uint8_t)chance(256);
	int result = lade_core_apply(made->resolver, relocation, "mutant", instructions, count, relocation->offset / 8,
				     &poisoned, &poison, &error);
	if (result < 0 && lade_error_finding_count(error) == 0)
		fail_msg("refused without a finding");
	findings += result < 0;
	poisons += poisoned;
	answers += result == 0 && !poisoned;
	free(lade_core_explain(made->resolver, relocation));
	lade_core_poison_clear(&poison);
	lade_error_free(error);
	free(instructions);
}

static void apply_all(struct made *made, const struct original *local)
{
	for (size_t i = 0; i < local->ext->count; i++) {
		const struct btf_ext_section *section = &local->ext->items[i];
		const struct elf_section *code = lade_elf_section(local->compiled.elf, section->section);
		for (size_t j = 0; j < section->relocation_count; j++) {
			struct btf_core_relocation relocation = section->relocations[j];
			uint32_t what = chance(60);
			if (what == 0)
				relocation.type_id = chance(3) ? chance(lade_btf_count(made->local)) : UINT32_MAX;
			if (what == 1)
				relocation.kind = chance(14);
			if (what == 2)
				relocation.access_string_offset = chance(2000);
			apply(made, &relocation, code->bytes, code->size);
		}
	}
}

/* False: refused before any question could be asked. */
static bool try_pair(const struct original *local, struct bytes object, struct bytes target)
{
	struct made made = { .fd = -1 };
	struct lade_error *error = NULL;
	bool usable = lade_btf_parse(object.start, object.size, "mutant.o", &made.local, &error) == 0 &&
		      made_target(&made, target.start, target.size) == 0;
	lade_error_free(error);
	if (usable) {
		assert_int_equal(lade_core_resolver_new(made.local, made.target, "mutant.o", &made.resolver, NULL), 0);
		apply_all(&made, local);
	}
	made_free(&made);
	free(object.start);
	free(target.start);
	return usable;
}

static void run(const char *target_path, unsigned object_damage, unsigned target_damage)
{
	struct original local = { 0 }, target = { 0 };
	const char *rounds = getenv("LADE_CORE_ROUNDS");
	unsigned usable = 0;
	answers = findings = poisons = 0;
	original_open(&local, TEST_OBJECTS "/core_local.bpf.o");
	original_open(&target, target_path);
	for (unsigned long i = 0; i < (rounds ? strtoul(rounds, NULL, 10) : 60); i++)
		usable += try_pair(&local, spoil(local.btf->bytes, local.btf->size, object_damage),
				   spoil(target.btf->bytes, target.btf->size, target_damage));
	original_close(&target);
	original_close(&local);
	(void)fprintf(stderr, "%u usable pairs: %u answers, %u poisons, %u findings\n", usable, answers, poisons,
		      findings);
	assert_true(usable > 0 && answers > 0 && findings > 0);
}

static void a_spoilt_target_is_survived(void **unused)
{
	(void)unused;
	run(TEST_OBJECTS "/core_near.bpf.o", 0, 12);
	run(TEST_OBJECTS "/core_many.bpf.o", 0, 3);
}

static void a_spoilt_object_is_survived(void **unused)
{
	(void)unused;
	run(TEST_OBJECTS "/core_near.bpf.o", 1, 0);
}

static void both_spoilt_are_survived(void **unused)
{
	(void)unused;
	run(TEST_OBJECTS "/core_far.bpf.o", 1, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoilt_target_is_survived),
		cmocka_unit_test(a_spoilt_object_is_survived),
		cmocka_unit_test(both_spoilt_are_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
