/* SPDX-License-Identifier: BSD-2-Clause */
/* How lade explain shows what it found. */
#ifndef LADE_CLI_EXPLAIN_H
#define LADE_CLI_EXPLAIN_H

#include "cli.h"

int cli_show_explanation(const struct cli *cli, const char *name, const struct lade_explanation *explanation);

/* ---- explain_lookup.c: the catalogue. -1: the word is none of it, else the exit code ---- */
int cli_look_up(const struct cli *cli, const char *word);
/* NULL: all. */
int cli_look_up_list(const struct cli *cli, const char *words);
int cli_look_up_search(const struct cli *cli, const char *words);
/* EXIT_USAGE, with the nearest words. */
int cli_look_up_unknown(const struct cli *cli, const char *word);

/* ---- explain_print.c: what was looked up: text at once, JSON at the end ---- */
struct cli_lookup {
	const struct cli *cli;
	struct json_object *document, *codes, *causes, *words; /* NULL: text */
	bool single;                                           /* one thing, all of it */
};
bool cli_lookup_begin(const struct cli *cli, struct cli_lookup *ret_lookup);
void cli_lookup_code(struct cli_lookup *lookup, const struct lade_code_info *info);
void cli_lookup_number(struct cli_lookup *lookup, int errnum);
void cli_lookup_errno(struct cli_lookup *lookup, const struct lade_errno_info *info);
void cli_lookup_word(struct cli_lookup *lookup, const struct lade_word_info *info);
void cli_lookup_note(const struct cli_lookup *lookup, const char *text);
int cli_lookup_end(struct cli_lookup *lookup);

#endif
