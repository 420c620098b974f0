/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifiers' logs that were there before: what one says is found once, and told wherever the same log comes again. */
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "explain/text.h"

#define LOGS_BITS  11
#define LOGS_BYTES (8U << 10) /* longer ones are not compared with what comes */

struct known_log {
	char *text; /* NULL: there is none */
	bool is_found;
	struct verifier_verdict verdict; /* in the text */
};

struct known_logs {
	struct known_log places[1U << LOGS_BITS];
};

void lade_logs_free(struct lade_explanation *explanation)
{
	for (size_t i = 0; explanation->logs && i < ELEMENTS(explanation->logs->places); i++)
		free(explanation->logs->places[i].text);
	free(explanation->logs);
	explanation->logs = NULL;
}

/* NULL: it is too long, or there is no memory. */
static struct known_log *know(struct lade_explanation *explanation, const char *log, size_t length)
{
	struct known_log *known;

	if (explanation->understands_all)
		return NULL;
	if (!explanation->logs)
		explanation->logs = calloc(1, sizeof *explanation->logs);
	if (!explanation->logs || length > LOGS_BYTES)
		return NULL;
	known = &explanation->logs->places[lade_hash_add(0, log, length) >> (64 - LOGS_BITS)];
	if (known->text && strcmp(known->text, log) == 0)
		return known;
	free(known->text);
	known->text = strdup(log);
	known->is_found = known->text && lade_verifier_verdict(known->text, &known->verdict);
	return known->text ? known : NULL;
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
