/* SPDX-License-Identifier: BSD-2-Clause */
/* lade check: a matrix of objects and kernels, and the three ways in which it is shown. */
#ifndef LADE_CLI_CHECK_H
#define LADE_CLI_CHECK_H

#include "cli.h"

/* One object: a check for each kernel, or why it cannot be read. */
struct check_row {
	const char *file;          /* borrowed */
	const char *label;         /* how it is called: the file, of an image without its root; a part of file */
	const char *skip;          /* Android: why the image's loader leaves it out; borrowed */
	struct lade_error *error;  /* a bad object: owned */
	struct lade_check **cells; /* one a kernel; NULL with error or skip */
};

struct check_matrix {
	struct lade_targets *targets;
	size_t target_count;
	struct check_row *rows;
	size_t row_count;
	struct lade_needs *needs; /* of all objects that could be read */
	bool attach;
};

enum check_state { CHECK_LOADS, CHECK_CANNOT_SAY, CHECK_DOES_NOT, CHECK_BAD, CHECK_LEFT_OUT };
enum check_state check_state(const struct check_row *row, size_t target);
/* Words of JSON: "loads", "cannot_say", "does_not_load", "bad_object", "left_out". */
const char *check_state_word(enum check_state state);
/* Words for people: "loads", "cannot be said" … */
const char *check_state_text(enum check_state state);

struct lade_target_info check_target(const struct check_matrix *matrix, size_t target);
/* Does any answer rest on tables of mainline releases only? */
bool check_by_table(const struct check_matrix *matrix);

/* check_android.c: rows from a dry run of the image's boot, which they borrow from. -1 to go on, else the exit code. */
struct check_image {
	struct lade_boot *boot;
	struct check_row *rows;
	size_t count;
	struct lade_open_opts open; /* how its loader would read them */
};
int check_image_read(struct cli *cli, int argc, char **argv, const struct check_matrix *matrix,
		     struct check_image *ret_image);

/* ---- check_reasons.c: the same reason once ---- */

struct check_reason {
	struct lade_finding_info info; /* of the first */
	const struct lade_finding *finding;
	bool *targets; /* target_count: where it stands in the way */
	size_t *rows;  /* which objects, ascending */
	size_t row_count;
};
struct check_reasons {
	struct check_reason *items;
	size_t count, capacity;
	bool failed; /* out of memory */
};
/* Of all rows, or of one (row < row_count). Notes only when asked for. */
void check_reasons_collect(const struct check_matrix *matrix, size_t row, bool notes, struct check_reasons *reasons);
void check_reasons_clear(struct check_reasons *reasons);
/* "5.4 and older", "4.19, 5.4 and android12-5.10"; to be freed. NULL without memory. */
char *check_kernels_text(const struct check_matrix *matrix, const bool *targets);

/* ---- check_lacks.c: what a configuration lacks of what the objects need ---- */

struct check_lack {
	size_t target;
	struct lade_need_info need;
	const char *value; /* "m": a module counts as there, so never; "n" */
};
/* The lack after *position, which begins at 0; false: there is none. */
bool check_next_lack(const struct check_matrix *matrix, size_t *position, struct check_lack *ret_lack);

/* ---- ways to show it ---- */
int check_print_table(const struct cli *cli, const struct check_matrix *matrix);
int check_print_json(const struct cli *cli, const struct check_matrix *matrix, int code);
/* Writes the page, whole or not at all. -errno */
int check_write_page(const struct check_matrix *matrix, const char *path);

#endif
