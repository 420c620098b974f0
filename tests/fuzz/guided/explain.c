/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the input as a log. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lade/explain.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static volatile uint64_t sum;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct lade_explanation *explanation = NULL;

	if (lade_explain_text((const char *)bytes, size, NULL, &explanation, NULL) < 0)
		return 0;
	for (size_t i = 0; i < lade_explained_count(explanation); i++) {
		struct lade_explained_info info = { .size = sizeof info };
		if (lade_explained(explanation, i, &info) < 0 || info.first_line > info.last_line || !info.times)
			__builtin_trap();
		if ((info.role == LADE_EXPLAINED_CONSEQUENCE) != (info.cause != SIZE_MAX) ||
		    (info.cause != SIZE_MAX && info.cause >= lade_explained_count(explanation)))
			__builtin_trap();
		sum += (info.line ? strlen(info.line) : 0) + strlen(info.meaning);
	}
	lade_explanation_free(explanation);
	return 0;
}
