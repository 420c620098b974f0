/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions of two functions: what is equal at both ends is passed over, between them lies the longest common
 * subsequence. Objects are hostile: beyond a bound what lies between counts as changed, all of it.
 */
#include <stdio.h>

#include "compare/compare.h"

#define CELLS_MOST (32U << 20) /* of one comparison of objects: bytes and steps */
#define SHOWN_MOST 3           /* lines of either side */

struct side {
	const struct lade_object *object;
	const struct lade_function *function;
	uint32_t *starts; /* indices of instructions; the second half of a wide one belongs to the first */
	uint32_t count;
};

static bool is_wide(const struct lade_function *function, uint32_t index)
{
	return function->instructions[index].code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       index + 1 < function->instruction_count;
}

static bool find_starts(struct side *side)
{
	side->starts = malloc(((size_t)side->function->instruction_count + 1) * sizeof *side->starts);
	for (uint32_t i = 0; side->starts && i < side->function->instruction_count; i++) {
		side->starts[side->count++] = i;
		i += is_wide(side->function, i);
	}
	return side->starts;
}

/* What a relocation fills in is no part of the code: the name of what it refers to counts. */
static bool same_relocated(const struct side *a, const struct function_relocation *of_a, const struct side *b,
			   const struct function_relocation *of_b)
{
	return of_a->kind == of_b->kind && of_a->addend == of_b->addend &&
	       strcmp(lade_instruction_target(a->object, of_a), lade_instruction_target(b->object, of_b)) == 0;
}

static bool same(const struct side *a, uint32_t at_a, const struct side *b, uint32_t at_b)
{
	uint32_t index_a = a->starts[at_a], index_b = b->starts[at_b];
	const struct bpf_insn *code_a = &a->function->instructions[index_a];
	const struct bpf_insn *code_b = &b->function->instructions[index_b];

	if (code_a->code != code_b->code || code_a->dst_reg != code_b->dst_reg || code_a->off != code_b->off)
		return false;
	const struct function_relocation *of_a = lade_instruction_relocation(a->function, index_a);
	const struct function_relocation *of_b = lade_instruction_relocation(b->function, index_b);
	if (of_a || of_b)
		return of_a && of_b && same_relocated(a, of_a, b, of_b);
	bool wide = is_wide(a->function, index_a) && is_wide(b->function, index_b);
	return code_a->src_reg == code_b->src_reg && code_a->imm == code_b->imm &&
	       (!wide || code_a[1].imm == code_b[1].imm);
}

/* ---- telling ---- */

struct report {
	struct strbuf text;
	size_t removed, added;
	size_t shown[2];
};

static void put(struct report *report, const struct side *side, uint32_t at, bool is_added)
{
	size_t *count = is_added ? &report->added : &report->removed;

	(*count)++;
	if (report->shown[is_added]++ >= SHOWN_MOST)
		return;
	lade_strbuf_addf(&report->text, "%s%c %u: ", report->text.length ? "\n" : "", is_added ? '+' : '-',
			 side->starts[at]);
	lade_instruction_text(side->object, side->function, side->starts[at], &report->text);
}

static void put_all(struct report *report, const struct side *before, uint32_t from_a, uint32_t to_a,
		    const struct side *after, uint32_t from_b, uint32_t to_b)
{
	for (uint32_t i = from_a; i < to_a; i++)
		put(report, before, i, false);
	for (uint32_t i = from_b; i < to_b; i++)
		put(report, after, i, true);
}

/* ---- the longest common subsequence of [first, end_a) and [first, end_b) ---- */

enum step { STEP_BOTH, STEP_BEFORE, STEP_AFTER };

/* steps[i][j]: the way from there to the end. False without memory. */
static bool find_steps(const struct side *before, uint32_t first, uint32_t rows, const struct side *after,
		       uint32_t columns, uint8_t *steps)
{
	CLEANUP(cleanup_free) uint32_t *below = calloc((size_t)columns + 1, sizeof *below);
	CLEANUP(cleanup_free) uint32_t *row = calloc((size_t)columns + 1, sizeof *row);

	if (!below || !row)
		return false;
	for (uint32_t i = rows; i-- > 0;) {
		for (uint32_t j = columns; j-- > 0;) {
			bool equal = same(before, first + i, after, first + j);
			enum step step = equal ? STEP_BOTH : below[j] >= row[j + 1] ? STEP_BEFORE : STEP_AFTER;
			row[j] = equal ? below[j + 1] + 1 : step == STEP_BEFORE ? below[j] : row[j + 1];
			steps[(size_t)i * columns + j] = (uint8_t)step;
		}
		memcpy(below, row, ((size_t)columns + 1) * sizeof *row);
	}
	return true;
}

static void walk(const struct side *before, uint32_t first, uint32_t rows, const struct side *after, uint32_t columns,
		 const uint8_t *steps, struct report *report)
{
	uint32_t i = 0, j = 0;

	while (i < rows && j < columns) {
		enum step step = (enum step)steps[(size_t)i * columns + j];
		if (step == STEP_BEFORE)
			put(report, before, first + i, false);
		if (step == STEP_AFTER)
			put(report, after, first + j, true);
		i += step != STEP_AFTER;
		j += step != STEP_BEFORE;
	}
	put_all(report, before, first + i, first + rows, after, first + j, first + columns);
}

static bool compare_middle(struct lade_compare *compare, const struct side *before, uint32_t end_a,
			   const struct side *after, uint32_t end_b, uint32_t first, struct report *report)
{
	uint32_t rows = end_a - first, columns = end_b - first;
	size_t cells = (size_t)rows * columns;

	if (!rows || !columns || cells > CELLS_MOST - compare->cells) {
		put_all(report, before, first, end_a, after, first, end_b);
		return true;
	}
	CLEANUP(cleanup_free) uint8_t *steps = malloc(cells);
	compare->cells += cells;
	if (!steps || !find_steps(before, first, rows, after, columns, steps))
		return false;
	walk(before, first, rows, after, columns, steps, report);
	return true;
}

static void add_report(struct lade_compare *compare, const char *section, const char *name, const struct side *before,
		       const struct side *after, struct report *report)
{
	char old[16], now[16];

	if (!report->removed && !report->added)
		return;
	(void)snprintf(old, sizeof old, "%u", before->function->instruction_count);
	(void)snprintf(now, sizeof now, "%u", after->function->instruction_count);
	struct difference *item = lade_compare_add(compare, section, name, "instructions", old, now);
	if (!item)
		return;
	item->removed = report->removed;
	item->added = report->added;
	item->detail = lade_strbuf_take(&report->text);
	compare->failed |= !item->detail;
}

static bool compare_sides(struct lade_compare *compare, struct side *before, struct side *after, struct report *report)
{
	uint32_t first = 0, end_a, end_b;

	if (!find_starts(before) || !find_starts(after))
		return false;
	while (first < before->count && first < after->count && same(before, first, after, first))
		first++;
	for (end_a = before->count, end_b = after->count;
	     end_a > first && end_b > first && same(before, end_a - 1, after, end_b - 1); end_a--)
		end_b--;
	return compare_middle(compare, before, end_a, after, end_b, first, report);
}

void lade_compare_code(struct lade_compare *compare, const char *section, const char *name,
		       const struct lade_object *object_before, const struct lade_function *before,
		       const struct lade_object *object_after, const struct lade_function *after)
{
	struct side sides[2] = { { .object = object_before, .function = before },
				 { .object = object_after, .function = after } };
	struct report report = { 0 };

	if (compare_sides(compare, &sides[0], &sides[1], &report))
		add_report(compare, section, name, &sides[0], &sides[1], &report);
	else
		compare->failed = true;
	free(sides[0].starts);
	free(sides[1].starts);
	lade_strbuf_clear(&report.text);
}
