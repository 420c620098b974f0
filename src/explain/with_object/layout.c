/* SPDX-License-Identifier: BSD-2-Clause */
/* From the number of an instruction in a log to the function, line, map or relocation of the object. */
#include <ctype.h>
#include <errno.h>

#include "explain/with_object/join.h"

#define FUNCTIONS_MAX    256
#define INSTRUCTIONS_MAX 1000000
#define MAP_DISTANCE     48 /* instructions before a call in which its map is looked for */

static bool is_placed(const struct layout *layout, uint32_t function)
{
	array_foreach(part, &layout->parts)
		if (part->function == function)
			return true;
	return false;
}

static int place(struct layout *layout, uint32_t index)
{
	const struct lade_function *function;
	struct layout_part *part;

	if (index >= layout->object->functions.count || is_placed(layout, index) ||
	    layout->parts.count >= FUNCTIONS_MAX)
		return 0;
	function = &layout->object->functions.items[index];
	if (function->instruction_count > INSTRUCTIONS_MAX - layout->count)
		return 0;
	part = array_push(&layout->parts);
	if (!part)
		return -ENOMEM;
	*part = (struct layout_part){ index, layout->count };
	layout->count += function->instruction_count;
	array_foreach(relocation, &function->relocations) {
		bool calls = relocation->kind == RELOCATION_CALL || relocation->kind == RELOCATION_FUNCTION;
		if (calls && place(layout, relocation->target) < 0) /* at most FUNCTIONS_MAX deep */
			return -ENOMEM;
	}
	return 0;
}

int lade_log_layout_make(const struct lade_program *program, struct layout *ret_layout)
{
	*ret_layout = (struct layout){ .object = program->object };
	if (place(ret_layout, program->function) == 0)
		return 0;
	lade_log_layout_clear(ret_layout);
	return -ENOMEM;
}

void lade_log_layout_clear(struct layout *layout)
{
	array_clear(&layout->parts);
	layout->count = 0;
}

bool lade_log_layout_find(const struct layout *layout, int64_t number, struct located *ret_located)
{
	if (number < 0 || number >= layout->count)
		return false;
	for (size_t i = layout->parts.count; i-- > 0;) {
		const struct layout_part *part = &layout->parts.items[i];
		const struct lade_function *function = &layout->object->functions.items[part->function];
		if (number < part->start || (uint32_t)number - part->start >= function->instruction_count)
			continue;
		uint32_t index = (uint32_t)number - part->start;
		*ret_located = (struct located){ function, part->start, index, &function->instructions[index] };
		return true;
	}
	return false;
}

bool lade_located_line(const struct lade_object *object, const struct located *located, const char **ret_file,
		       uint32_t *ret_line, const char **ret_text)
{
	const struct btf_line_info *best = NULL;

	if (!object->btf)
		return false;
	array_foreach(line, &located->function->line_info)
		if (line->offset <= located->index && (!best || line->offset >= best->offset))
			best = line;
	if (!best)
		return false;
	*ret_file = lade_btf_string(object->btf, best->file_name_offset);
	*ret_line = best->line_column >> 10;
	*ret_text = lade_btf_string(object->btf, best->line_offset);
	while (isspace((unsigned char)**ret_text))
		(*ret_text)++;
	return **ret_file && *ret_line;
}

/* They are sorted. */
static const struct function_relocation *relocation_at(const struct lade_function *function, uint32_t index)
{
	size_t low = 0, high = function->relocations.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (function->relocations.items[middle].instruction < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < function->relocations.count && function->relocations.items[low].instruction == index
		       ? &function->relocations.items[low]
		       : NULL;
}

size_t lade_located_core(const struct located *located)
{
	size_t low = 0, high = located->function->core.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (located->function->core.items[middle].offset < located->index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct function_relocation *lade_located_relocation(const struct located *located)
{
	return relocation_at(located->function, located->index);
}

static bool writes_r1(const struct bpf_insn *instruction)
{
	uint8_t class = BPF_CLASS(instruction->code);

	return instruction->dst_reg == BPF_REG_1 &&
	       (class == BPF_LD || class == BPF_LDX || class == BPF_ALU || class == BPF_ALU64);
}

const struct lade_map *lade_located_map(const struct lade_object *object, const struct located *located)
{
	uint32_t index = located->index;

	for (unsigned i = 0; i < MAP_DISTANCE && index-- > 0; i++) {
		const struct bpf_insn *instruction = &located->function->instructions[index];
		const struct function_relocation *relocation;
		/* The second half of a 64-bit constant is no instruction. */
		if (index && located->function->instructions[index - 1].code == (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (BPF_CLASS(instruction->code) == BPF_JMP || BPF_CLASS(instruction->code) == BPF_JMP32)
			return NULL; /* another call, or another path */
		if (!writes_r1(instruction))
			continue;
		relocation = relocation_at(located->function, index);
		return relocation && relocation->kind == RELOCATION_MAP && relocation->target < object->maps.count
			       ? object->maps.items[relocation->target]
			       : NULL;
	}
	return NULL;
}
