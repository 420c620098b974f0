/* SPDX-License-Identifier: BSD-2-Clause */
/* The same reason once, with the kernels and objects that it concerns. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* ---- what is the same ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* At a word's end "5.4" is no part of "5.40" or "15.4". */
static bool is_word(const char *start, const char *text, size_t length)
{
	static const char inner[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return (text == start || !strchr(inner, text[-1])) && (!text[length] || !strchr(inner, text[length]));
}

/*
 * Messages differ in the names of the kernel and the object that they are about: compared byte by byte, except that one
 * side's name counts as the other's.
 */
static bool same_message(const char *a, const char *const *names_a, const char *b, const char *const *names_b)
{
	const char *start = a;

	while (*a && *b) {
		bool named = false;
		for (size_t i = 0; !named && i < 2; i++) {
			size_t length_a = names_a[i] ? strlen(names_a[i]) : 0,
			       length_b = names_b[i] ? strlen(names_b[i]) : 0;
			named = length_a && length_b && strncmp(a, names_a[i], length_a) == 0 &&
				strncmp(b, names_b[i], length_b) == 0 && is_word(start, a, length_a);
			a += named ? length_a : 0;
			b += named ? length_b : 0;
		}
		if (named)
			continue;
		if (*a++ != *b++)
			return false;
	}
	return *a == *b;
}

/* What else the finding says, about one kernel: "5.8 brought it" stands in the cause, what proves it in evidence. */
static bool same_reason(const struct check_matrix *matrix, const struct check_reason *reason,
			const struct lade_finding_info *info, size_t row, size_t target)
{
	size_t first = 0;

	if (strcmp(reason->info.code, info->code) != 0 || reason->info.confidence != info->confidence ||
	    !same_text(reason->info.map, info->map) || !same_text(reason->info.program, info->program) ||
	    reason->info.instruction != info->instruction)
		return false;
	while (first < matrix->target_count && !reason->targets[first])
		first++;
	const char *names_a[2] = { check_target(matrix, first).name, matrix->rows[reason->rows[0]].file };
	const char *names_b[2] = { check_target(matrix, target).name, matrix->rows[row].file };
	return same_message(reason->info.message ? reason->info.message : "", names_a,
			    info->message ? info->message : "", names_b);
}

/* ---- collecting ---- */

static struct check_reason *new_reason(struct check_reasons *reasons, const struct check_matrix *matrix)
{
	if (reasons->count == reasons->capacity) {
		size_t capacity = reasons->capacity ? 2 * reasons->capacity : 16;
		struct check_reason *items = realloc(reasons->items, capacity * sizeof *items);
		if (!items)
			return NULL;
		reasons->items = items;
		reasons->capacity = capacity;
	}
	struct check_reason *reason = &reasons->items[reasons->count];
	*reason = (struct check_reason){ .targets = calloc(matrix->target_count + 1, sizeof *reason->targets),
					 .rows = calloc(matrix->row_count + 1, sizeof *reason->rows) };
	if (reason->targets && reason->rows) {
		reasons->count++;
		return reason;
	}
	free(reason->targets);
	free(reason->rows);
	return NULL;
}

/* Several objects share a reason only if it concerns the same kernels: else "5.4 and older" would be said of both. */
static struct check_reason *find_reason(struct check_reasons *reasons, size_t since, const struct check_matrix *matrix,
					const struct lade_finding_info *info, size_t row, size_t target)
{
	for (size_t i = since; i < reasons->count; i++)
		if (same_reason(matrix, &reasons->items[i], info, row, target))
			return &reasons->items[i];
	return NULL;
}

static void add_cell(const struct check_matrix *matrix, size_t row, size_t target, bool notes, size_t since,
		     struct check_reasons *reasons)
{
	const struct lade_check *cell = matrix->rows[row].cells[target];

	for (size_t i = 0; i < lade_check_finding_count(cell); i++) {
		const struct lade_finding *finding = lade_check_finding(cell, i);
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_finding_describe(finding, &info) < 0 || (info.severity == LADE_NOTE && !notes))
			continue;
		struct check_reason *reason = find_reason(reasons, since, matrix, &info, row, target);
		if (!reason && (reason = new_reason(reasons, matrix))) {
			reason->info = info;
			reason->finding = finding;
			reason->rows[reason->row_count++] = row;
		}
		if (reason)
			reason->targets[target] = true;
		else
			reasons->failed = true;
	}
}

/* Reasons of one row that an earlier row has for the same kernels go to that one. */
static void merge_row(const struct check_matrix *matrix, size_t row, size_t since, struct check_reasons *reasons)
{
	size_t kept = since;

	for (size_t i = since; i < reasons->count; i++) {
		struct check_reason *own = &reasons->items[i], *other = NULL;
		size_t first = 0;
		while (first < matrix->target_count && !own->targets[first])
			first++;
		for (size_t k = 0; !other && k < since; k++)
			if (memcmp(reasons->items[k].targets, own->targets,
				   matrix->target_count * sizeof *own->targets) == 0 &&
			    same_reason(matrix, &reasons->items[k], &own->info, row, first))
				other = &reasons->items[k];
		if (!other) {
			reasons->items[kept++] = *own;
			continue;
		}
		other->rows[other->row_count++] = row;
		free(own->targets);
		free(own->rows);
	}
	reasons->count = kept;
}

void check_reasons_collect(const struct check_matrix *matrix, size_t row, bool notes, struct check_reasons *reasons)
{
	size_t end = row < matrix->row_count ? row + 1 : matrix->row_count;

	for (size_t i = row < matrix->row_count ? row : 0; i < end; i++) {
		size_t since = reasons->count;
		for (size_t j = 0; matrix->rows[i].cells && !matrix->rows[i].error && j < matrix->target_count; j++)
			add_cell(matrix, i, j, notes, since, reasons);
		merge_row(matrix, i, since, reasons);
	}
}

void check_reasons_clear(struct check_reasons *reasons)
{
	for (size_t i = 0; i < reasons->count; i++) {
		free(reasons->items[i].targets);
		free(reasons->items[i].rows);
	}
	free(reasons->items);
	*reasons = (struct check_reasons){ 0 };
}

/* ---- which kernels ---- */

/* Only releases of the mainline have an order: a name "6.1" that is its version. 0: none. */
static unsigned long order_of(const struct check_matrix *matrix, size_t target)
{
	struct lade_target_info info = check_target(matrix, target);
	char *end;

	unsigned long major = strtoul(info.name, &end, 10);
	if (end == info.name || *end != '.' || major > 255)
		return 0;
	unsigned long minor = strtoul(end + 1, &end, 10), patch = 0;
	if (*end == '.')
		patch = strtoul(end + 1, &end, 10);
	return *end || minor > 65535 || patch > 65535 ? 0 : major << 32 | minor << 16 | (patch + 1);
}

struct span {
	size_t low, high;      /* of those that are named: ends in the order of versions */
	size_t named, between; /* how many are named, how many lie between the ends */
	bool is_oldest, is_newest;
};

static struct span find_span(const struct check_matrix *matrix, const bool *targets)
{
	struct span span = { .low = SIZE_MAX, .is_oldest = true, .is_newest = true };

	for (size_t i = 0; i < matrix->target_count; i++) {
		if (!targets[i] || !order_of(matrix, i))
			continue;
		span.named++;
		if (span.low == SIZE_MAX || order_of(matrix, i) < order_of(matrix, span.low))
			span.low = i;
		if (span.named == 1 || order_of(matrix, i) > order_of(matrix, span.high))
			span.high = i;
	}
	for (size_t i = 0; span.named && i < matrix->target_count; i++) {
		unsigned long order = order_of(matrix, i);
		if (!order)
			continue;
		span.between += order >= order_of(matrix, span.low) && order <= order_of(matrix, span.high);
		span.is_oldest &= order >= order_of(matrix, span.low);
		span.is_newest &= order <= order_of(matrix, span.high);
	}
	return span;
}

/* "5.4 and older": the span's own words. False: each is to be named. */
static bool put_span(FILE *file, const struct check_matrix *matrix, const struct span *span)
{
	const char *low = span->named ? check_target(matrix, span->low).name : NULL;
	const char *high = span->named ? check_target(matrix, span->high).name : NULL;

	if (span->named < 2 || span->named != span->between)
		return false;
	if (span->is_oldest && !span->is_newest)
		return fprintf(file, "%s and older", high) > 0;
	if (span->is_newest && !span->is_oldest)
		return fprintf(file, "%s and newer", low) > 0;
	return fprintf(file, "%s to %s", low, high) > 0;
}

static void put_kernels(FILE *file, const struct check_matrix *matrix, const bool *targets)
{
	struct span span = find_span(matrix, targets);
	size_t count = 0, all = 0;

	for (size_t i = 0; i < matrix->target_count; i++)
		all += targets[i];
	if (all == matrix->target_count && all > 2) {
		(void)fprintf(file, "all %zu kernels", all);
		return;
	}
	bool spanned = put_span(file, matrix, &span);
	for (size_t i = 0; i < matrix->target_count; i++)
		if (targets[i] && !(spanned && order_of(matrix, i)))
			(void)fprintf(file, "%s%s", count++ || spanned ? ", " : "", check_target(matrix, i).name);
}

char *check_kernels_text(const struct check_matrix *matrix, const bool *targets)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	put_kernels(file, matrix, targets);
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}
