/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/tools/operations.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "diagnose/errno_table.h"
#include "explain/reading/grams.h"
#include "explain/reading/search.h"

#define CAUSES_MAX 4 /* that are shown */

static const char *string(uint32_t offset)
{
	return lade_explain_strings + offset;
}

/* First row of those of an operation; lade_explain_operation_count: there is none. */
static size_t first_row(const char *operation)
{
	size_t row = 0;

	while (row < lade_explain_operation_count &&
	       strcmp(string(lade_explain_operations[row].operation), operation) != 0)
		row += lade_explain_operations[row].run;
	return row;
}

const struct explain_operation *lade_failure_find(const char *operation, int errnum)
{
	const struct explain_operation *any = NULL;
	size_t first = first_row(operation), end;

	if (first == lade_explain_operation_count)
		return NULL;
	end = first + lade_explain_operations[first].run;
	for (size_t i = first; i < end; i++) {
		const struct explain_operation *row = &lade_explain_operations[i];
		if (row->errnum == errnum)
			return row;
		if (!row->errnum)
			any = row;
	}
	return any;
}

static const struct errno_row *ranked(const char *table, int errnum, size_t nth)
{
	for (size_t i = 0; *table && i < lade_errno_row_count; i++) {
		const struct errno_row *row = &lade_errno_rows[i];
		if (row->errnum == errnum && strcmp(lade_errno_text + row->operation, table) == 0 && nth-- == 0)
			return row;
	}
	return NULL;
}

/* Further causes, and what tells them apart. */
static size_t add_others(const char *table, int errnum, size_t first, struct lade_finding *finding)
{
	const struct errno_row *row;
	size_t count = 0;

	for (size_t i = first; (row = ranked(table, errnum, i)) && i - first < CAUSES_MAX; i++) {
		const char *cause = lade_errno_text + row->cause, *probe = lade_errno_text + row->probe;
		/* The operation's own words may be the table's. */
		const bool is_same = finding->cause && strcmp(finding->cause, cause) == 0;
		if (!is_same)
			finding_evidence(finding, "it may be: %s%s%s", cause, *probe ? "; what tells: " : "", probe);
		else if (*probe)
			finding_evidence(finding, "what tells: %s", probe);
		count += !is_same;
	}
	return count;
}

void lade_operation_describe(const struct explain_operation *operation, int errnum, struct lade_finding *finding)
{
	const char *table = string(operation->table), *cause = string(operation->cause);
	const struct errno_row *first = ranked(table, errnum, 0);
	size_t others;

	if (*cause)
		finding_cause(finding, "%s", cause);
	else if (first)
		finding_cause(finding, "%s", lade_errno_text + first->cause);
	if (*string(operation->fix))
		finding_fix(finding, "%s", string(operation->fix));
	if (!*cause && first && *(lade_errno_text + first->probe))
		finding_evidence(finding, "what tells: %s", lade_errno_text + first->probe);
	others = add_others(table, errnum, *cause ? 0 : 1, finding);
	finding_confidence(finding, others || (!first && !*cause) ? LADE_POSSIBLE : LADE_LIKELY);
}

/* "rb", "events_ring", "ringbuf_map", "MyRingBuf": the words of a name, and what a word begins with. */
static bool is_ring(const char *map)
{
	if (strcasestr(map, "ringbuf") || strcasestr(map, "ring_buf"))
		return true;
	for (size_t length; *map; map += length + (map[length] == '_')) {
		length = strcspn(map, "_");
		if ((length == 2 && strncasecmp(map, "rb", 2) == 0) ||
		    (length == 4 && strncasecmp(map, "ring", 4) == 0))
			return true;
	}
	return false;
}

void lade_operation_describe_map(const struct explain_operation *operation, int errnum, struct lade_finding *finding)
{
	if (errnum != EINVAL || strcmp(string(operation->operation), "map_create") != 0 || !finding->map ||
	    !is_ring(finding->map))
		return;
	finding_cause(finding,
		      "by its name the map is a ring buffer, which came with 5.8 (its user's counterpart with "
		      "6.1): this kernel is older; or max_entries is missing, no power of two or no whole number of "
		      "pages (of 64 KiB on some arm64 and ppc64); or its definition gives it a size of key or value "
		      "(__type(value, …), value_size), of which a ring buffer has none");
	finding_fix(finding,
		    "uname -r; before 5.8 a perf buffer (BPF_MAP_TYPE_PERF_EVENT_ARRAY, "
		    "bpf_perf_event_output()) in its place; else max_entries: a power of two of at least one page, and "
		    "neither __type(key, …) nor __type(value, …)");
	finding_confidence(finding, LADE_POSSIBLE);
}

/* Of ASCII, whatever the locale: a loop without calls. */
static void to_lower(const char *text, size_t length, char *ret_lower)
{
	for (size_t i = 0; i < length; i++)
		ret_lower[i] = (char)(text[i] | (text[i] >= 'A' && text[i] <= 'Z' ? 0x20 : 0));
}

/* The first of the keywords from `number` on that have the same first bytes, if it is before `best`. */
static size_t find_before(size_t best, size_t number, const struct grams *grams, const char *lower, size_t length)
{
	for (; number && number - 1 < best; number = lade_explain_keywords[number - 1].next) {
		const struct explain_keyword *keyword = &lade_explain_keywords[number - 1];
		const char *words = string(keyword->words);
		if (lade_grams_may_have(grams, keyword->grams) && lade_search_long(lower, length, words, strlen(words)))
			return number - 1;
	}
	return best;
}

const char *lade_operation_of(const struct message *message, const struct grams *grams)
{
	char lower[MESSAGE_BYTES];
	size_t length = 0, best = lade_explain_keyword_count; /* length: of lower, 0 as long as nothing needs it */

	for (size_t i = 0; i < sizeof grams->bits / sizeof *grams->bits; i++)
		for (uint64_t bits = grams->bits[i] & lade_explain_keyword_bits[i]; bits; bits &= bits - 1) {
			size_t first = i * 64 + (size_t)__builtin_ctzll(bits);
			if (!length)
				to_lower(message->text, length = message->length, lower);
			best = find_before(best, lade_explain_keyword_heads[first], grams, lower, length);
		}
	return best < lade_explain_keyword_count ? string(lade_explain_keywords[best].operation) : NULL;
}
