/* SPDX-License-Identifier: BSD-2-Clause */
/* The matrix as text: a table that fits the terminal, and below it the reasons. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"

#define COLUMNS_DEFAULT 80
#define LABEL_LEAST     12
#define OBJECTS_NAMED   4 /* of those that share a reason */

/* ---- the terminal ---- */

static size_t terminal_columns(void)
{
	const char *wanted = secure_getenv("COLUMNS");
	struct winsize size = { 0 };
	long columns = wanted ? strtol(wanted, NULL, 10) : 0;

	if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns <= 0)
		columns = COLUMNS_DEFAULT;
	return (size_t)columns;
}

static bool terminal_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = secure_getenv(names[i]);
		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return false;
}

static const struct {
	const char *utf8, *ascii;
	enum cli_colour colour;
} signs[] = {
	[CHECK_LOADS] = { "✓", "+", CLI_PLAIN },  [CHECK_CANNOT_SAY] = { "?", "?", CLI_YELLOW },
	[CHECK_DOES_NOT] = { "✗", "x", CLI_RED }, [CHECK_BAD] = { "!", "!", CLI_RED },
	[CHECK_LEFT_OUT] = { "–", "-", CLI_DIM },
};

static const char *sign_of(enum check_state state, bool utf8)
{
	return utf8 ? signs[state].utf8 : signs[state].ascii;
}

/* ---- the table ---- */

struct layout {
	size_t columns, label; /* of the terminal, of the first column */
	bool utf8;
};

static size_t characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

static void put_spaces(size_t count)
{
	while (count--)
		(void)putchar(' ');
}

/* The end of a path says more than its beginning. */
static void put_label(const struct layout *layout, const char *text)
{
	size_t length = characters(text), room = layout->label;

	if (length > room) {
		const char *mark = layout->utf8 ? "…" : "~";
		for (size_t skip = length - room + 1; skip && *text; skip--)
			do
				text++;
			while (((unsigned char)*text & 0xC0) == 0x80);
		(void)fputs(mark, stdout);
		length = room;
	}
	cli_put_safe(stdout, text);
	put_spaces(room - length);
}

static struct layout lay_out(const struct check_matrix *matrix)
{
	struct layout layout = { .columns = terminal_columns(), .utf8 = terminal_is_utf8() };
	size_t most = layout.columns / 2 > LABEL_LEAST ? layout.columns / 2 : LABEL_LEAST;

	for (size_t i = 0; i < matrix->row_count; i++)
		if (characters(matrix->rows[i].label) > layout.label)
			layout.label = characters(matrix->rows[i].label);
	if (layout.label > most)
		layout.label = most;
	return layout;
}

/* How many kernels from `first` on stand side by side; at least one. */
static size_t fitting(const struct check_matrix *matrix, const struct layout *layout, size_t first)
{
	size_t used = layout->label, count = 0;

	for (size_t i = first; i < matrix->target_count; i++, count++) {
		used += 2 + characters(check_target(matrix, i).name);
		if (used > layout->columns && count)
			break;
	}
	return count;
}

static void put_cell(const struct layout *layout, const char *name, enum check_state state, bool is_last)
{
	size_t width = characters(name), left = (width - 1) / 2;

	put_spaces(2 + left);
	cli_colour(stdout, signs[state].colour);
	(void)fputs(sign_of(state, layout->utf8), stdout);
	cli_colour(stdout, CLI_PLAIN);
	put_spaces(is_last ? 0 : width - left - 1);
}

static void print_block(const struct check_matrix *matrix, const struct layout *layout, size_t first, size_t end)
{
	put_spaces(layout->label);
	for (size_t i = first; i < end; i++) {
		(void)fputs("  ", stdout);
		cli_put_safe(stdout, check_target(matrix, i).name);
	}
	(void)putchar('\n');
	for (size_t row = 0; row < matrix->row_count; row++) {
		put_label(layout, matrix->rows[row].label);
		for (size_t i = first; i < end; i++)
			put_cell(layout, check_target(matrix, i).name, check_state(&matrix->rows[row], i),
				 i + 1 == end);
		(void)putchar('\n');
	}
	(void)putchar('\n');
}

static void print_legend(const struct check_matrix *matrix, const struct layout *layout)
{
	bool used[sizeof signs / sizeof *signs] = { false };
	size_t count = 0;

	for (size_t i = 0; i < matrix->row_count; i++)
		for (size_t j = 0; j < matrix->target_count; j++)
			used[check_state(&matrix->rows[i], j)] = true;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (used[i])
			(void)printf("%s%s %s", count++ ? "   " : "", sign_of((enum check_state)i, layout->utf8),
				     check_state_text((enum check_state)i));
	(void)fputs(count ? "\n" : "", stdout);
}

static void print_blocks(const struct check_matrix *matrix)
{
	struct layout layout = lay_out(matrix);

	for (size_t first = 0, count; first < matrix->target_count; first += count) {
		count = fitting(matrix, &layout, first);
		print_block(matrix, &layout, first, first + count);
	}
	print_legend(matrix, &layout);
}

/* ---- reasons ---- */

static void put_objects(const struct check_matrix *matrix, const struct check_reason *reason)
{
	size_t shown = reason->row_count > OBJECTS_NAMED + 1 ? OBJECTS_NAMED : reason->row_count;

	(void)printf("  %-8s ", "objects");
	for (size_t i = 0; i < shown; i++) {
		(void)fputs(i ? ", " : "", stdout);
		cli_put_safe(stdout, matrix->rows[reason->rows[i]].label);
	}
	if (shown < reason->row_count)
		(void)printf(" and %zu more", reason->row_count - shown);
	(void)putchar('\n');
}

static void print_reason(const struct cli *cli, const struct check_matrix *matrix, const struct check_reason *reason)
{
	char *kernels = check_kernels_text(matrix, reason->targets);

	(void)putchar('\n');
	cli_print_finding(cli, stdout, reason->finding);
	(void)printf("  %-8s ", "on");
	cli_put_safe(stdout, kernels ? kernels : "");
	(void)putchar('\n');
	if (reason->row_count > 1)
		put_objects(matrix, reason);
	free(kernels);
}

static bool print_reasons(const struct cli *cli, const struct check_matrix *matrix)
{
	struct check_reasons reasons = { 0 };

	check_reasons_collect(matrix, SIZE_MAX, cli->verbose, &reasons);
	for (size_t i = 0; i < reasons.count; i++)
		print_reason(cli, matrix, &reasons.items[i]);
	bool good = !reasons.failed;
	check_reasons_clear(&reasons);
	return good;
}

static void print_single(const struct cli *cli, const struct check_matrix *matrix)
{
	const struct check_row *row = &matrix->rows[0];
	size_t count = row->cells ? lade_check_finding_count(row->cells[0]) : 0;

	if (!cli->quiet) {
		cli_put_safe(stdout, row->label);
		(void)fputs(" on ", stdout);
		cli_put_safe(stdout, check_target(matrix, 0).name);
		(void)printf(": %s\n", check_state_text(check_state(row, 0)));
	}
	for (size_t i = 0; i < count; i++) {
		struct lade_finding_info info = { .size = sizeof info };
		const struct lade_finding *finding = lade_check_finding(row->cells[0], i);
		if (lade_finding_describe(finding, &info) < 0)
			continue;
		if (info.severity == LADE_NOTE && !cli->verbose)
			cli_print_note(cli, finding);
		else
			cli_print_finding(cli, stdout, finding);
	}
}

/* ---- around it ---- */

/* What to write into that configuration, in one line to copy. */
static void print_lack_fix(const struct check_matrix *matrix, size_t target)
{
	struct check_lack lack;
	size_t position = 0;

	(void)printf("  %-8s", "fix");
	while (check_next_lack(matrix, &position, &lack))
		if (lack.target == target)
			(void)printf(" %s=y", lack.need.name);
	(void)putchar('\n');
}

static void print_lacks_of(const struct check_matrix *matrix, size_t target)
{
	struct cli_table table = { .indent = 2 };
	struct check_lack lack;
	size_t position = 0;

	while (check_next_lack(matrix, &position, &lack)) {
		if (lack.target != target)
			continue;
		cli_row(&table, 4, lack.need.name, lack.need.to_attach ? "to attach" : "", lack.need.reason,
			lack.need.who_count ? lack.need.who[0] : "");
		if (lack.need.who_count > 1)
			cli_cell(&table, 3, "%s and %zu more", lack.need.who[0], lack.need.who_count - 1);
	}
	if (!table.count)
		return;
	(void)fputs("\nof what these objects need, the configuration of ", stdout);
	cli_put_safe(stdout, check_target(matrix, target).name);
	(void)puts(" lacks:");
	(void)cli_table_print(&table, stdout);
	print_lack_fix(matrix, target);
}

static void print_lacks(const struct check_matrix *matrix)
{
	for (size_t i = 0; i < matrix->target_count; i++)
		if (check_target(matrix, i).has_config)
			print_lacks_of(matrix, i);
}

/* What is odd about the files that describe the kernels. */
static void print_target_notes(const struct cli *cli, const struct check_matrix *matrix)
{
	for (size_t i = 0; i < matrix->target_count; i++)
		for (size_t j = 0; j < lade_target_note_count(lade_target(matrix->targets, i)); j++)
			cli_print_note(cli, lade_target_note(lade_target(matrix->targets, i), j));
}

static void print_left_out(const struct check_matrix *matrix)
{
	for (size_t i = 0; i < matrix->row_count; i++) {
		if (!matrix->rows[i].skip)
			continue;
		(void)fputs("\nleft out  ", stdout);
		if (!strstr(matrix->rows[i].skip, matrix->rows[i].label)) {
			cli_put_safe(stdout, matrix->rows[i].label);
			(void)fputs(": ", stdout);
		}
		cli_put_safe(stdout, matrix->rows[i].skip);
	}
	(void)putchar('\n');
}

/* Of one object and one kernel, notes have said it already: "check.verifier", "check.tables". */
static bool is_said(const struct check_matrix *matrix, const char *code)
{
	const struct lade_check *cell = matrix->rows[0].cells ? matrix->rows[0].cells[0] : NULL;
	size_t count = cell && matrix->row_count == 1 && matrix->target_count == 1 ? lade_check_finding_count(cell) : 0;

	for (size_t i = 0; i < count; i++) {
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_finding_describe(lade_check_finding(cell, i), &info) == 0 && strcmp(info.code, code) == 0)
			return true;
	}
	return false;
}

static void print_footer(const struct cli *cli, const struct check_matrix *matrix)
{
	bool verifier = !is_said(matrix, "check.verifier"),
	     tables = check_by_table(matrix) && !is_said(matrix, "check.tables");

	if (cli->quiet || (!verifier && !tables))
		return;
	(void)printf("\n%s%s%s\n", verifier ? "The verifier's judgement is not predicted." : "",
		     verifier && tables ? " " : "",
		     tables ? "Answers rest on tables of mainline releases: distributions backport." : "");
}

static void print_bad(const struct cli *cli, const struct check_matrix *matrix)
{
	(void)fflush(stdout);
	for (size_t i = 0; i < matrix->row_count; i++)
		for (size_t j = 0; j < lade_error_finding_count(matrix->rows[i].error); j++)
			cli_print_finding(cli, stderr, lade_error_finding(matrix->rows[i].error, j));
}

static bool any_left_out(const struct check_matrix *matrix)
{
	for (size_t i = 0; i < matrix->row_count; i++)
		if (matrix->rows[i].skip)
			return true;
	return false;
}

int check_print_table(const struct cli *cli, const struct check_matrix *matrix)
{
	bool single = matrix->row_count == 1 && matrix->target_count == 1 && !matrix->rows[0].skip, good = true;

	if (single)
		print_single(cli, matrix);
	else {
		if (!cli->quiet)
			print_blocks(matrix);
		good = print_reasons(cli, matrix);
	}
	if (any_left_out(matrix) && !cli->quiet)
		print_left_out(matrix);
	print_lacks(matrix);
	print_target_notes(cli, matrix);
	print_footer(cli, matrix);
	print_bad(cli, matrix);
	return good ? EXIT_OK : cli_fail_memory(cli);
}
