/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers by question: compilers ask the same again and again. */
#ifndef LADE_BTF_CORE_MEMO_H
#define LADE_BTF_CORE_MEMO_H

#include "btf/core_internal.h"

struct core_memory {
	uint32_t type_id, access, kind;
	bool used;
	uint32_t matches;          /* candidates that agree on the answer */
	struct kernel_type chosen; /* the first of them */
	struct core_answer answer;
};

struct core_memo {
	struct core_memory *slots; /* a power of two, at most three quarters of them used */
	size_t count, capacity;
};

/* NULL: never asked. Good until the next insertion. */
struct core_memory *lade_core_recall(const struct core_memo *memo, const struct btf_core_relocation *relocation);
/* For a question that is not there; NULL: no memory. */
struct core_memory *lade_core_remember(struct core_memo *memo, const struct btf_core_relocation *relocation);
void lade_core_memo_clear(struct core_memo *memo);

#endif
