/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifiers' logs that were there before: what one says is found once, and told wherever the same log comes again. */
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "explain/text.h"

#define LOGS_BITS  11
#define LOGS_BYTES (8U << 10) /* longer ones are not compared with what comes */

struct known_log {
	bool is_found;
	struct verifier_verdict verdict; /* in the text */
	char text[];
};

struct known_logs {
	struct known_log *places[1U << LOGS_BITS]; /* NULL: there is none */
};

void lade_logs_free(struct lade_explanation *explanation)
{
	for (size_t i = 0; explanation->logs && i < ELEMENTS(explanation->logs->places); i++)
		free(explanation->logs->places[i]);
	free(explanation->logs);
	explanation->logs = NULL;
}

/* NULL: no memory. */
static struct known_log *read_log(const char *log, size_t length)
{
	struct known_log *known = malloc(sizeof *known + length + 1);

	if (!known)
		return NULL;
	memcpy(known->text, log, length + 1);
	known->is_found = lade_verifier_verdict(known->text, &known->verdict);
	return known;
}

/* NULL: it is too long, or there is no memory. */
static struct known_log *know(struct lade_explanation *explanation, const char *log, size_t length)
{
	struct known_log **place;

	if (explanation->understands_all)
		return NULL;
	if (!explanation->logs)
		explanation->logs = calloc(1, sizeof *explanation->logs);
	if (!explanation->logs || length > LOGS_BYTES)
		return NULL;
	place = &explanation->logs->places[lade_hash_add(0, log, length) >> (64 - LOGS_BITS)];
	if (*place && strcmp((*place)->text, log) == 0)
		return *place;
	free(*place);
	*place = read_log(log, length);
	return *place;
}

bool lade_log_verdict(struct lade_explanation *explanation, const char **log, size_t length,
		      struct verifier_verdict *ret_verdict)
{
	const struct known_log *known = know(explanation, *log, length);

	if (!known)
		return lade_verifier_verdict(*log, ret_verdict);
	*log = known->text;
	*ret_verdict = known->verdict;
	return known->is_found;
}
