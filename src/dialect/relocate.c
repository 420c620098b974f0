/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relocations and section-relative calls become references to maps, functions and externs.
 *
 * The compiler leaves an addend in the instruction: bytes in the first imm of an ldimm64, instructions
 * minus one in the imm of a call. With a section symbol it is the place itself, with a named one it is added.
 */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

#define LDIMM64      (BPF_LD | BPF_IMM | BPF_DW)
#define CALL         (BPF_JMP | BPF_CALL)
#define PSEUDO_FUNC  4
#define PSEUDO_KFUNC 2
#define BYTES        8 /* of an instruction */

/* One instruction that refers to something. */
struct site {
	uint32_t function, instruction;
	const struct bpf_insn *code;
	const struct elf_symbol *symbol; /* NULL: section-relative, no relocation */
	int64_t addend;                  /* of the relocation itself (SHT_RELA) */
};

uint32_t lade_code_find(const struct filling *filling, uint32_t section, uint64_t offset)
{
	size_t low = 0, high = filling->functions.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct function_place *place = &filling->functions.items[middle];
		if (place->section < section || (place->section == section && place->offset < offset))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == filling->functions.count)
		return NO_INDEX;
	const struct function_place *place = &filling->functions.items[low];
	return place->section == section && place->offset == offset ? (uint32_t)low : NO_INDEX;
}

/* ---- findings ---- */

static const char *section_name(const struct filling *filling, uint32_t section)
{
	return section < filling->elf->section_count ? filling->elf->sections[section].name : "";
}

static const char *symbol_name(const struct filling *filling, const struct elf_symbol *symbol)
{
	return *symbol->name ? symbol->name : section_name(filling, symbol->section);
}

static int fail_site(struct filling *filling, const struct site *site, const char *code, const char *what)
{
	const struct lade_function *function = &filling->object->functions.items[site->function];
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, code, "%s: instruction %u of %s (section %s) %s%s%s",
			       filling->elf->file, site->instruction, function->name, function->section, what,
			       site->symbol ? " " : "", site->symbol ? symbol_name(filling, site->symbol) : "");
	finding_program(finding, function->name);
	finding_instruction(finding, site->instruction);
	finding_evidence(finding, "section %s, offset %llu: opcode 0x%02x, src_reg %u, imm %d", function->section,
			 (unsigned long long)function->section_offset +
				 (unsigned long long)site->instruction * (unsigned long long)BYTES,
			 site->code->code, site->code->src_reg, site->code->imm);
	if (site->symbol)
		finding_evidence(finding, "symbol %u lies in section %u (%s) at %llu", site->symbol->index,
				 site->symbol->section, section_name(filling, site->symbol->section),
				 (unsigned long long)site->symbol->value);
	return -ENOEXEC;
}

/* ---- keeping ---- */

static int keep(struct filling *filling, const struct site *site, enum relocation_kind kind, uint32_t target,
		uint32_t addend)
{
	struct lade_function *function = &filling->object->functions.items[site->function];
	struct function_relocation *relocation = array_push(&function->relocations);
	if (!relocation)
		return lade_fail_memory(filling->error);
	*relocation = (struct function_relocation){ site->instruction, kind, target, addend };
	return 0;
}

static int keep_function(struct filling *filling, const struct site *site, enum relocation_kind kind, uint32_t section,
			 int64_t offset)
{
	uint32_t target = offset < 0 ? NO_INDEX : lade_code_find(filling, section, (uint64_t)offset);
	if (target == NO_INDEX)
		return fail_site(filling, site, "dialect.call.target", "refers to a place where no function starts:");
	if (target != site->function)
		filling->functions.items[target].is_called = true;
	if (kind == RELOCATION_FUNCTION)
		filling->object->btf_required = true; /* the verifier wants func_info of callbacks */
	return keep(filling, site, kind, target, 0);
}

static int keep_extern(struct filling *filling, const struct site *site)
{
	uint32_t target;
	int result = lade_extern_add(filling, site->symbol, site->function, &target);
	return result < 0 ? result : keep(filling, site, RELOCATION_EXTERN, target, 0);
}

/* ---- ldimm64 ---- */

static uint32_t find_map(const struct filling *filling, uint32_t section, uint64_t offset)
{
	array_foreach(map, &filling->object->maps)
		if ((*map)->elf_section == section && (*map)->section_offset == offset && !(*map)->inner_only)
			return (uint32_t)(map - filling->object->maps.items);
	return NO_INDEX;
}

static int relocate_map(struct filling *filling, const struct site *site, int64_t offset)
{
	uint32_t map = offset < 0 ? NO_INDEX : find_map(filling, site->symbol->section, (uint64_t)offset);
	if (map == NO_INDEX)
		return fail_site(filling, site, "dialect.relocation.map", "refers to a place where no map starts:");
	return keep(filling, site, RELOCATION_MAP, map, 0);
}

static int relocate_data(struct filling *filling, const struct site *site, int64_t offset)
{
	uint32_t map = filling->uses[site->symbol->section].map;
	if (map == NO_INDEX || offset < 0 || offset > UINT32_MAX)
		return fail_site(filling, site, "dialect.relocation.data", "refers to data out of range:");
	return keep(filling, site, RELOCATION_MAP_VALUE, map, (uint32_t)offset);
}

static int relocate_callback(struct filling *filling, const struct site *site, int64_t offset)
{
	return keep_function(filling, site, RELOCATION_FUNCTION, site->symbol->section, offset);
}

static int relocate_jumps(struct filling *filling, const struct site *site)
{
	uint32_t target;
	int result = lade_jumps_add(filling, site->symbol, site->function, &target);
	return result < 0 ? result : keep(filling, site, RELOCATION_JUMPS, target, 0);
}

static int relocate_nothing(struct filling *filling, const struct site *site, int64_t offset)
{
	int result = filling->refuse ? filling->refuse(filling, site->function, site->instruction, site->symbol,
						       (uint64_t)offset)
				     : 0;
	return result ? result
		      : fail_site(filling, site, "dialect.relocation.section",
				  "refers to a section that holds neither "
				  "maps nor data nor code:");
}

static int relocate_address(struct filling *filling, const struct site *site)
{
	const struct elf_symbol *symbol = site->symbol;
	const struct lade_function *function = &filling->object->functions.items[site->function];
	if (site->instruction + 1 >= function->instruction_count)
		return fail_site(filling, site, "dialect.relocation.instruction", "is cut in half; it refers to");
	if (symbol->section == SHN_UNDEF)
		return keep_extern(filling, site);
	if (symbol->section >= filling->elf->section_count)
		return relocate_nothing(filling, site, 0);
	int64_t offset;
	if (symbol->value > INT64_MAX || __builtin_add_overflow((int64_t)symbol->value, site->addend, &offset) ||
	    __builtin_add_overflow(offset, (int64_t)site->code->imm, &offset))
		return fail_site(filling, site, "dialect.relocation.data", "refers to a place out of range:");
	switch (filling->uses[symbol->section].role) {
	case ROLE_MAPS:
		return relocate_map(filling, site, offset);
	case ROLE_DATA:
	case ROLE_ARENA:
		return relocate_data(filling, site, offset);
	case ROLE_JUMPS:
		return relocate_jumps(filling, site);
	case ROLE_PROGRAM:
	case ROLE_SUBPROGRAMS:
		return relocate_callback(filling, site, offset);
	default:
		return relocate_nothing(filling, site, offset);
	}
}

/* ---- calls ---- */

static int relocate_call(struct filling *filling, const struct site *site)
{
	const struct elf_symbol *symbol = site->symbol;
	if (symbol->section == SHN_UNDEF)
		return keep_extern(filling, site);
	int64_t offset;
	if (symbol->section >= filling->elf->section_count || symbol->value > INT64_MAX ||
	    __builtin_add_overflow((int64_t)symbol->value, ((int64_t)site->code->imm + 1) * BYTES, &offset) ||
	    __builtin_add_overflow(offset, site->addend, &offset))
		return fail_site(filling, site, "dialect.call.target", "calls a place out of range:");
	return keep_function(filling, site, RELOCATION_CALL, symbol->section, offset);
}

/* Without a relocation the distance is already right for the section as it lies in the file. */
static int relocate_local(struct filling *filling, const struct site *site, enum relocation_kind kind)
{
	const struct function_place *place = &filling->functions.items[site->function];
	int64_t at = (int64_t)(place->offset / (uint64_t)BYTES) + site->instruction;
	return keep_function(filling, site, kind, place->section, (at + site->code->imm + 1) * BYTES);
}

static int visit(struct filling *filling, const struct site *site)
{
	const struct bpf_insn *code = site->code;
	bool address = code->code == LDIMM64, call = code->code == CALL;
	if (site->symbol && address)
		return relocate_address(filling, site);
	if (site->symbol && call && (code->src_reg == BPF_PSEUDO_CALL || code->src_reg == PSEUDO_KFUNC))
		return relocate_call(filling, site);
	if (site->symbol)
		return fail_site(filling, site, "dialect.relocation.instruction",
				 "is neither a 64-bit load nor a call, but is to refer to");
	if (call && code->src_reg == BPF_PSEUDO_CALL)
		return relocate_local(filling, site, RELOCATION_CALL);
	if (address && code->src_reg == PSEUDO_FUNC)
		return relocate_local(filling, site, RELOCATION_FUNCTION);
	return 0;
}

/* ---- one function, one section ---- */

/* `next` walks the section's relocations in step with its functions. */
static int relocate_function(struct filling *filling, uint32_t index, const struct elf_relocations *relocations,
			     size_t *next)
{
	const struct function_place *place = &filling->functions.items[index];
	const struct lade_function *function = &filling->object->functions.items[index];
	uint64_t base = place->offset;
	bool second_half = false;
	while (*next < relocations->count && relocations->items[*next].offset < base)
		(*next)++;
	for (uint32_t i = 0; i < function->instruction_count; i++) {
		uint64_t at = base + (uint64_t)BYTES * i;
		struct site site = { index, i, &function->instructions[i], NULL, 0 };
		const struct elf_relocation *entry = *next < relocations->count ? &relocations->items[*next] : NULL;
		if (entry && entry->offset < at + (uint64_t)BYTES) {
			site.symbol = &filling->elf->symbols[entry->symbol];
			site.addend = entry->has_addend ? entry->addend : 0;
			if (entry->offset != at || second_half)
				return fail_site(filling, &site, "dialect.relocation.instruction",
						 "is not where the relocation begins that refers to");
			(*next)++;
		}
		int result = second_half ? 0 : visit(filling, &site);
		if (result < 0)
			return result;
		second_half = !second_half && site.code->code == LDIMM64;
		function = &filling->object->functions.items[index];
	}
	return 0;
}

static int relocate_section(struct filling *filling, uint32_t first, uint32_t *ret_end)
{
	struct elf_relocations relocations = { 0 };
	uint32_t section = filling->functions.items[first].section;
	int result = lade_elf_relocations(filling->elf, section, &relocations, filling->error);
	size_t next = 0;
	uint32_t i = first;
	for (; result == 0 && i < filling->functions.count && filling->functions.items[i].section == section; i++)
		result = relocate_function(filling, i, &relocations, &next);
	array_clear(&relocations);
	*ret_end = i;
	return result;
}

int lade_code_relocate(struct filling *filling)
{
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < filling->functions.count;)
		result = relocate_section(filling, i, &i);
	return result;
}
