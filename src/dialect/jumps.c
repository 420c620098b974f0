/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of indirect jumps (gotox): a symbol of .jumptables covers eight bytes for each place, which say where it lies
 * in the section of the function that jumps.
 */
#include "dialect/fill.h"

#include <errno.h>

#define ENTRY_BYTES       8
#define MOST_TARGETS      1000000u /* of an object: as many as a program has instructions */
#define INSTRUCTION_BYTES sizeof(struct bpf_insn)

static int fail_table(struct filling *filling, const struct elf_symbol *symbol, uint32_t function, const char *why)
{
	const char *name = filling->object->functions.items[function].name;
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.jump-table", "%s: jump table %s of %s %s",
			       filling->elf->file, symbol->name, name, why);
	finding_program(finding, name);
	finding_evidence(finding, "%llu bytes at %llu of section .jumptables", (unsigned long long)symbol->size,
			 (unsigned long long)symbol->value);
	return -ENOEXEC;
}

static int add_target(struct filling *filling, const struct elf_symbol *symbol, uint32_t function, uint64_t place,
		      struct jump_table *table)
{
	uint64_t start = filling->functions.items[function].offset;
	uint32_t *target;
	if (place < start || (place - start) % INSTRUCTION_BYTES ||
	    (place - start) / INSTRUCTION_BYTES >= filling->object->functions.items[function].instruction_count)
		return fail_table(filling, symbol, function, "leads out of the function");
	target = array_push(&table->targets);
	if (!target)
		return lade_fail_memory(filling->error);
	*target = (uint32_t)((place - start) / INSTRUCTION_BYTES);
	return 0;
}

int lade_jumps_add(struct filling *filling, const struct elf_symbol *symbol, uint32_t function, uint32_t *ret_index)
{
	const struct elf_section *section = &filling->elf->sections[symbol->section];
	uint64_t end;
	int result = 0;
	if (!symbol->size || symbol->size % ENTRY_BYTES || symbol->value % ENTRY_BYTES || !section->bytes ||
	    __builtin_add_overflow(symbol->value, symbol->size, &end) || end > section->size)
		return fail_table(filling, symbol, function, "does not fit into its section");
	/* Each use of a table is a copy of it: small tables are, and large ones shall not fill the memory. */
	filling->jump_targets += symbol->size / ENTRY_BYTES;
	if (filling->jump_targets > MOST_TARGETS)
		return fail_table(filling, symbol, function, "and the others lead to more than 1000000 places");
	struct jump_table *table = array_push(&filling->object->jumps);
	if (!table)
		return lade_fail_memory(filling->error);
	for (uint64_t at = symbol->value; result == 0 && at < end; at += ENTRY_BYTES)
		result = add_target(filling, symbol, function, lade_fill_u64(filling, section->bytes + at), table);
	*ret_index = (uint32_t)(filling->object->jumps.count - 1);
	return result;
}
