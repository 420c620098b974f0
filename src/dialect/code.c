/* SPDX-License-Identifier: BSD-2-Clause */
/* Cutting executable sections into functions. */
#include "dialect/fill.h"

#include <byteswap.h>
#include <errno.h>
#include <string.h>

#define INSTRUCTION_BYTES sizeof(struct bpf_insn)

/* Where functions begin: symbols sorted by offset. */
struct starts {
	const struct elf_symbol **items;
	size_t count, capacity;
};

static bool native_order(const struct elf_image *elf)
{
	return elf->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

/* The other byte order has the other order of the two register nibbles as well. */
static void swap_instruction(struct bpf_insn *instruction)
{
	uint8_t *bytes = (uint8_t *)instruction;
	bytes[1] = (uint8_t)(bytes[1] << 4 | bytes[1] >> 4);
	instruction->off = (int16_t)bswap_16((uint16_t)instruction->off);
	instruction->imm = (int32_t)bswap_32((uint32_t)instruction->imm);
}

/* Old compilers kept their branch targets as local symbols without a type: LBB0_3. */
static bool is_label(const struct elf_symbol *symbol)
{
	return symbol->bind == STB_LOCAL && (symbol->name[0] == '.' || strncmp(symbol->name, "LBB", 3) == 0);
}

/* Symbols that may name a function, of all sections at once: a file can have very many of both. */
static int compare_candidates(const void *left, const void *right)
{
	const struct elf_symbol *const *a = left, *const *b = right;
	if ((*a)->section != (*b)->section)
		return (*a)->section < (*b)->section ? -1 : 1;
	if ((*a)->value != (*b)->value)
		return (*a)->value < (*b)->value ? -1 : 1;
	/* Of several names of one function the exported one is its name. */
	if (((*a)->bind == STB_LOCAL) != ((*b)->bind == STB_LOCAL))
		return (*a)->bind == STB_LOCAL ? 1 : -1;
	return ((*a)->index > (*b)->index) - ((*a)->index < (*b)->index);
}

static bool is_candidate(const struct elf_image *elf, const struct elf_symbol *symbol)
{
	return (symbol->type == STT_FUNC || symbol->type == STT_NOTYPE) && *symbol->name && !is_label(symbol) &&
	       symbol->section < elf->section_count && lade_section_is_code(&elf->sections[symbol->section]);
}

static int collect_candidates(struct filling *filling)
{
	const struct elf_image *elf = filling->elf;
	size_t size = sizeof *filling->candidates; /* NOLINT: items are pointers */
	if (filling->candidates)
		return 0;
	filling->candidates = calloc(elf->symbol_count + 1, size);
	if (!filling->candidates)
		return -ENOMEM;
	for (size_t i = 1; i < elf->symbol_count; i++)
		if (is_candidate(elf, &elf->symbols[i]))
			filling->candidates[filling->candidate_count++] = &elf->symbols[i];
	lade_sort(filling->candidates, filling->candidate_count, size, compare_candidates);
	return 0;
}

static size_t first_candidate(const struct filling *filling, uint32_t section)
{
	size_t low = 0, high = filling->candidate_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (filling->candidates[middle]->section < section)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One symbol an offset is enough. */
static int collect_starts(const struct filling *filling, uint32_t section, uint8_t type, struct starts *starts)
{
	for (size_t i = first_candidate(filling, section);
	     i < filling->candidate_count && filling->candidates[i]->section == section; i++) {
		const struct elf_symbol *symbol = filling->candidates[i];
		if (symbol->type != type || (starts->count && starts->items[starts->count - 1]->value == symbol->value))
			continue;
		const struct elf_symbol **place = array_push(starts); /* NOLINT: items are pointers */
		if (!place)
			return -ENOMEM;
		*place = symbol;
	}
	return 0;
}

/* Function symbols; where a compiler gave no types, every name that is no label. */
static int find_starts(struct filling *filling, uint32_t section, struct starts *starts)
{
	int result = collect_candidates(filling);
	if (result == 0)
		result = collect_starts(filling, section, STT_FUNC, starts);
	if (result == 0 && starts->count == 0)
		result = collect_starts(filling, section, STT_NOTYPE, starts);
	return result;
}

static int fail_bounds(struct filling *filling, const struct elf_section *section, const char *name, uint64_t start,
		       uint64_t end, const char *why)
{
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.function.bounds", "%s: function %s in section %s %s",
			       filling->elf->file, name, section->name, why);
	finding_program(finding, name);
	finding_evidence(finding, "bytes %llu to %llu of a section of %llu bytes", (unsigned long long)start,
			 (unsigned long long)end, (unsigned long long)section->size);
	return -ENOEXEC;
}

static int copy_instructions(struct filling *filling, struct lade_function *function, const struct elf_section *section,
			     uint64_t start, uint64_t end)
{
	size_t bytes = (size_t)(end - start);
	if (bytes / INSTRUCTION_BYTES > UINT32_MAX)
		return fail_bounds(filling, section, function->name, start, end, "is too large");
	function->section_offset = start;
	function->instructions = malloc(bytes);
	if (!function->instructions)
		return lade_fail_memory(filling->error);
	memcpy(function->instructions, section->bytes + start, bytes);
	function->instruction_count = (uint32_t)(bytes / INSTRUCTION_BYTES);
	if (!native_order(filling->elf))
		for (uint32_t i = 0; i < function->instruction_count; i++)
			swap_instruction(&function->instructions[i]);
	return 0;
}

/* First record at or after `offset`: records of all three kinds begin with their offset and are sorted. */
static size_t lower_bound(const void *records, size_t count, size_t size, uint64_t offset)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t here;
		memcpy(&here, (const char *)records + middle * size, sizeof here);
		if (here < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int slice_funcs(struct lade_function *function, const struct btf_ext_section *ext, uint64_t end)
{
	size_t i = lower_bound(ext->funcs, ext->func_count, sizeof *ext->funcs, function->section_offset);
	for (; i < ext->func_count && ext->funcs[i].offset < end; i++) {
		struct btf_func_info *info = array_push(&function->func_info);
		if (!info)
			return -ENOMEM;
		*info = ext->funcs[i];
		info->offset = (uint32_t)((ext->funcs[i].offset - function->section_offset) / INSTRUCTION_BYTES);
	}
	return 0;
}

static int slice_lines(struct lade_function *function, const struct btf_ext_section *ext, uint64_t end)
{
	size_t i = lower_bound(ext->lines, ext->line_count, sizeof *ext->lines, function->section_offset);
	for (; i < ext->line_count && ext->lines[i].offset < end; i++) {
		struct btf_line_info *info = array_push(&function->line_info);
		if (!info)
			return -ENOMEM;
		*info = ext->lines[i];
		info->offset = (uint32_t)((ext->lines[i].offset - function->section_offset) / INSTRUCTION_BYTES);
	}
	return 0;
}

static int slice_core(struct lade_function *function, const struct btf_ext_section *ext, uint64_t end)
{
	size_t i = lower_bound(ext->relocations, ext->relocation_count, sizeof *ext->relocations,
			       function->section_offset);
	for (; i < ext->relocation_count && ext->relocations[i].offset < end; i++) {
		struct btf_core_relocation *relocation = array_push(&function->core);
		if (!relocation)
			return -ENOMEM;
		*relocation = ext->relocations[i];
		relocation->offset =
			(uint32_t)((ext->relocations[i].offset - function->section_offset) / INSTRUCTION_BYTES);
	}
	return 0;
}

static int slice_ext(struct filling *filling, struct lade_function *function, uint64_t end)
{
	const struct btf_ext_section *ext =
		filling->source->ext ? lade_btf_ext_section(filling->source->ext, function->section) : NULL;
	if (!ext)
		return 0;
	if (slice_funcs(function, ext, end) < 0 || slice_lines(function, ext, end) < 0)
		return lade_fail_memory(filling->error);
	return slice_core(function, ext, end) < 0 ? lade_fail_memory(filling->error) : 0;
}

static int keep_place(struct filling *filling, const struct elf_section *section, const struct elf_symbol *symbol,
		      uint64_t start, uint64_t end)
{
	struct function_place *place = array_push(&filling->functions);
	if (!place)
		return lade_fail_memory(filling->error);
	*place = (struct function_place){
		.section = section->index,
		.symbol = symbol ? symbol->index : 0,
		.offset = start,
		.bytes = end - start,
		.is_local = symbol && symbol->bind == STB_LOCAL,
	};
	return 0;
}

static int add_function(struct filling *filling, const struct elf_section *section, const struct elf_symbol *symbol,
			uint64_t start, uint64_t end)
{
	const char *name = symbol ? symbol->name : section->name;
	if (start % INSTRUCTION_BYTES || end % INSTRUCTION_BYTES || start >= end)
		return fail_bounds(filling, section, name, start, end, "does not consist of whole instructions");
	struct lade_function *function = lade_object_add_function(filling->object, name, section->name);
	if (!function)
		return lade_fail_memory(filling->error);
	function->is_global = !symbol || symbol->bind != STB_LOCAL;
	function->is_weak = symbol && symbol->bind == STB_WEAK;
	function->is_hidden = symbol && (symbol->visibility == STV_HIDDEN || symbol->visibility == STV_INTERNAL);
	int result = copy_instructions(filling, function, section, start, end);
	if (result == 0)
		result = slice_ext(filling, function, end);
	return result == 0 ? keep_place(filling, section, symbol, start, end) : result;
}

/* A function ends where its symbol says, else where the next one begins. */
static int add_started(struct filling *filling, const struct elf_section *section, const struct starts *starts,
		       size_t i)
{
	const struct elf_symbol *symbol = starts->items[i];
	uint64_t next = i + 1 < starts->count ? starts->items[i + 1]->value : section->size;
	uint64_t end;
	if (next > section->size) /* that symbol lies, and is refused in its turn */
		next = section->size;
	if (__builtin_add_overflow(symbol->value, symbol->size, &end) || end > section->size ||
	    symbol->value >= section->size)
		return fail_bounds(filling, section, symbol->name, symbol->value, symbol->value + symbol->size,
				   "lies beyond its section");
	if (symbol->size && end > next)
		return fail_bounds(filling, section, symbol->name, symbol->value, end, "overlaps the next function");
	return add_function(filling, section, symbol, symbol->value, symbol->size ? end : next);
}

int lade_code_cut(struct filling *filling, uint32_t index)
{
	const struct elf_section *section = &filling->elf->sections[index];
	struct starts starts = { 0 };
	int result = find_starts(filling, index, &starts);
	if (result < 0)
		result = lade_fail_memory(filling->error);
	else if (starts.count == 0)
		result = add_function(filling, section, NULL, 0, section->size);
	for (size_t i = 0; result == 0 && i < starts.count; i++)
		result = add_started(filling, section, &starts, i);
	array_clear(&starts);
	return result;
}

/* ---- who is called from elsewhere ---- */

static void mark_called(struct filling *filling, uint32_t section)
{
	struct elf_relocations relocations = { 0 };
	/* A relocation that cannot be read is reported where it is applied. */
	if (lade_elf_relocations(filling->elf, section, &relocations, NULL) == 0)
		array_foreach(relocation, &relocations) {
			uint16_t target = filling->elf->symbols[relocation->symbol].section;
			if (target != section && target < filling->elf->section_count)
				filling->called[target] = true;
		}
	array_clear(&relocations);
}

bool lade_code_is_called(struct filling *filling, uint32_t section)
{
	size_t count = filling->elf->section_count;
	if (!filling->called) {
		filling->called = calloc(count, sizeof *filling->called);
		for (size_t i = 1; filling->called && i < count; i++)
			if (lade_section_is_code(&filling->elf->sections[i]))
				mark_called(filling, (uint32_t)i);
	}
	return filling->called && section < count && filling->called[section];
}
