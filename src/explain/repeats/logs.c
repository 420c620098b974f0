/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifiers' logs that were there before: what one says is found once, and told wherever the same log comes again. */
#include <stdlib.h>
#include <string.h>

#include "explain/verifier/verdict.h"
#include "explain/verifier/wrapped.h"
#include "explain/text.h"

#define LOGS_BITS  15
#define LOG_BYTES  (8U << 10)  /* longer ones are not compared with what comes */
#define LOGS_BYTES (32U << 20) /* of all of them */

struct known_log {
	size_t bytes;
	bool is_found;
	struct verifier_verdict verdict; /* in the log as it was read */
	char *log;                       /* lines that were wrapped are whole */
	char text[];                     /* as it stood in the text */
};

struct known_logs {
	size_t bytes;
	struct known_log *places[1U << LOGS_BITS]; /* NULL: there is none */
};

static size_t forget(struct known_log *known)
{
	const size_t bytes = known ? known->bytes : 0;

	if (known)
		free(known->log);
	free(known);
	return bytes;
}

void lade_logs_free(struct lade_explanation *explanation)
{
	for (size_t i = 0; explanation->logs && i < ELEMENTS(explanation->logs->places); i++)
		(void)forget(explanation->logs->places[i]);
	free(explanation->logs);
	explanation->logs = NULL;
}

static bool read_whole(char *log, struct verifier_verdict *ret_verdict)
{
	lade_verifier_unwrap(log);
	return lade_verifier_verdict(log, ret_verdict);
}

/* NULL: no memory. */
static struct known_log *read_log(const char *log, size_t length)
{
	struct known_log *known = malloc(sizeof *known + length + 1);

	if (!known)
		return NULL;
	memcpy(known->text, log, length + 1);
	known->log = strdup(log);
	if (!known->log) {
		free(known);
		return NULL;
	}
	known->bytes = 2 * length;
	known->is_found = read_whole(known->log, &known->verdict);
	return known;
}

/* NULL: it is too long, or there is no room or memory. */
static struct known_log *know(struct lade_explanation *explanation, const char *log, size_t length)
{
	struct known_log **place;

	if (explanation->understands_all)
		return NULL;
	if (!explanation->logs)
		explanation->logs = calloc(1, sizeof *explanation->logs);
	if (!explanation->logs || length > LOG_BYTES)
		return NULL;
	place = &explanation->logs->places[lade_hash_add(0, log, length) >> (64 - LOGS_BITS)];
	if (*place && strcmp((*place)->text, log) == 0)
		return *place;
	explanation->logs->bytes -= forget(*place);
	*place = explanation->logs->bytes < LOGS_BYTES ? read_log(log, length) : NULL;
	explanation->logs->bytes += *place ? (*place)->bytes : 0;
	return *place;
}

bool lade_log_verdict(struct lade_explanation *explanation, char *log, size_t length, const char **ret_log,
		      struct verifier_verdict *ret_verdict)
{
	const struct known_log *known = know(explanation, log, length);

	*ret_log = known ? known->log : log;
	if (!known)
		return read_whole(log, ret_verdict);
	*ret_verdict = known->verdict;
	return known->is_found;
}
