/* SPDX-License-Identifier: BSD-2-Clause */
/* What words of the field mean: data/explain/register_words.csv and the tables of types, helpers and options. */
#ifndef LADE_EXPLAIN_LOOKUP_WORD_TABLE_H
#define LADE_EXPLAIN_LOOKUP_WORD_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* As enum lade_word_kind. */
enum word_row_kind {
	WORD_STATE,
	WORD_HELPER,
	WORD_MAP,
	WORD_PROGRAM,
	WORD_ATTACH,
	WORD_CONFIG,
	WORD_COMMAND,
	WORD_FLAG,
	WORD_CAPABILITY,
	WORD_KFUNC,
};

/* Offsets into lade_word_text, to "" where there is nothing. */
struct word_row {
	enum word_row_kind kind;
	uint32_t word, since, until, meaning, fix, needs, where;
};
struct operation_word {
	uint32_t operation, word;
};
extern const char lade_word_text[];
extern const struct word_row lade_word_rows[];
extern const size_t lade_word_row_count;
extern const struct operation_word lade_operation_words[];
extern const size_t lade_operation_word_count;

#endif
