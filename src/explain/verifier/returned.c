/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "R0 has smin=4294967295 smax=4294967295 should have been in [-4095, 0]": -1 that was set in a 32-bit register. The
 * hook allows it; kernels that compare all 64 bits do not see that.
 */
#include "explain/verifier/returned.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/line.h"
#include "explain/verifier/numbers.h"

/* What stands behind the words; false: no number does. */
static bool number_behind(const struct span *line, const char *words, int64_t *ret_number)
{
	const char *at = lade_search(line->text, line->length, words, strlen(words));

	if (!at)
		return false;
	at += strlen(words);
	return lade_verifier_number(&at, line->text + line->length, ret_number);
}

/* "should have been in [-4095, 0]" */
static bool take_range(const struct span *line, int64_t *ret_low, int64_t *ret_high)
{
	static const char mark[] = " should have been in [";
	const char *at = lade_search(line->text, line->length, mark, strlen(mark)), *end = line->text + line->length;

	if (!at)
		return false;
	at += strlen(mark);
	if (!lade_verifier_number(&at, end, ret_low) || end - at < 3 || at[0] != ',' || at[1] != ' ')
		return false;
	at += 2;
	return lade_verifier_number(&at, end, ret_high);
}

/* Does the upper half only lack the sign of the lower one? */
static bool is_unextended(int64_t number)
{
	return number > INT32_MAX && number <= UINT32_MAX;
}

/* Only then; else the number itself is not allowed. */
static bool find_returned(const struct span *line, int64_t *ret_least, int64_t *ret_most)
{
	int64_t low, high;

	if (!number_behind(line, " smin=", ret_least) || !number_behind(line, " smax=", ret_most) ||
	    !take_range(line, &low, &high) || !is_unextended(*ret_least) || !is_unextended(*ret_most))
		return false;
	*ret_least = (int32_t)(uint32_t)*ret_least;
	*ret_most = (int32_t)(uint32_t)*ret_most;
	return low <= *ret_least && *ret_least <= *ret_most && *ret_most <= high;
}

void lade_verifier_returned(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	char upto[32] = "";
	int64_t least, most;

	if (!find_returned(&line, &least, &most))
		return;
	if (most != least)
		(void)snprintf(upto, sizeof upto, " to %" PRId64, most);
	finding_cause(finding,
		      "what is returned is %" PRId64
		      "%s in the lower 32 bits, which is allowed, and its upper half is 0 "
		      "instead of its sign, as instructions for 32 bits (w0 = …) leave it; this kernel compares all "
		      "64 bits with what is allowed",
		      least, upto);
	finding_fix(finding, "return a 64-bit number: keep it in a long and let the function return long, or compile "
			     "with -mcpu=v2 (no 32-bit registers: r0 = -1); or a newer kernel (released ones from "
			     "6.12 on compare the lower half of what LSM programs return)");
	finding_evidence(finding, "%" PRId64 " in 32 bits is %" PRId64 " without its sign", least,
			 (int64_t)(uint32_t)(int32_t)least);
}
