/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in aligned columns. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static char *(*new_row(struct cli_table *table))[CLI_COLUMNS]
{
	if (table->count == table->capacity) {
		size_t capacity = table->capacity ? 2 * table->capacity : 16;
		char *(*rows)[CLI_COLUMNS] = realloc(table->rows, capacity * sizeof *rows);
		if (!rows) {
			table->failed = true;
			return NULL;
		}
		table->rows = rows;
		table->capacity = capacity;
	}
	char *(*row)[CLI_COLUMNS] = &table->rows[table->count++];
	memset(row, 0, sizeof *row);
	return row;
}

void cli_row(struct cli_table *table, size_t cells, ...)
{
	char *(*row)[CLI_COLUMNS] = new_row(table);
	if (!row)
		return;
	va_list arguments;
	va_start(arguments, cells);
	for (size_t i = 0; i < cells && i < CLI_COLUMNS; i++) {
		const char *text = va_arg(arguments, const char *);
		(*row)[i] = strdup(text ? text : "");
		table->failed |= !(*row)[i];
	}
	va_end(arguments);
}

void cli_cell(struct cli_table *table, size_t column, const char *format, ...)
{
	if (table->count == 0 || column >= CLI_COLUMNS)
		return;
	char **cell = &table->rows[table->count - 1][column];
	free(*cell);
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(cell, format, arguments) < 0) {
		*cell = NULL;
		table->failed = true;
	}
	va_end(arguments);
}

/* Columns on a terminal: bytes that begin a UTF-8 character; wide characters are not counted as two. */
static size_t width(const char *text)
{
	size_t count = 0;
	for (; text && *text; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

static void pad(FILE *file, size_t count)
{
	while (count--)
		(void)putc(' ', file);
}

static void print_row(const struct cli_table *table, char *const *row, const size_t *widths, FILE *file)
{
	size_t last = 0;
	for (size_t i = 0; i < CLI_COLUMNS; i++)
		if (row[i] && *row[i])
			last = i + 1;
	pad(file, table->indent);
	for (size_t i = 0; i < last; i++) {
		size_t room = widths[i] - width(row[i]);
		bool right = table->right & (size_t)1 << i;
		if (right)
			pad(file, room);
		cli_put_safe(file, row[i] ? row[i] : "");
		if (i + 1 < last)
			pad(file, (right ? 0 : room) + (widths[i] ? 2 : 0));
	}
	(void)putc('\n', file);
}

bool cli_table_print(struct cli_table *table, FILE *file)
{
	size_t widths[CLI_COLUMNS] = { 0 };
	for (size_t i = 0; i < table->count; i++)
		for (size_t j = 0; j < CLI_COLUMNS; j++)
			if (width(table->rows[i][j]) > widths[j])
				widths[j] = width(table->rows[i][j]);
	for (size_t i = 0; i < table->count; i++) {
		print_row(table, table->rows[i], widths, file);
		for (size_t j = 0; j < CLI_COLUMNS; j++)
			free(table->rows[i][j]);
	}
	free(table->rows);
	bool good = !table->failed;
	*table = (struct cli_table){ .indent = table->indent, .right = table->right };
	return good;
}
