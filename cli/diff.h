/* SPDX-License-Identifier: BSD-2-Clause */
/* What lade diff has found, and how it is shown. */
#ifndef LADE_CLI_DIFF_H
#define LADE_CLI_DIFF_H

#include "cli.h"

struct diff_row {
	enum lade_difference_kind change;
	char *section, *name, *what, *before, *after, *detail;
	size_t removed, added;
};
struct diff {
	const char *const *names; /* two; borrowed */
	const char *kind;         /* "objects", "kernels", "reports" */
	struct diff_row *rows;
	size_t count, capacity;
};

/* Copies. -1 to go on, else the exit code. */
int diff_add(const struct cli *cli, struct diff *diff, const struct lade_difference_info *info);
void diff_clear(struct diff *diff);
/* As text or JSON. */
int diff_print(const struct cli *cli, const struct diff *diff);

#endif
