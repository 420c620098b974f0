/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts of all cases and recorded logs of the tests of tools and of the verifier. */
#ifndef TESTS_EXPLAIN_BLOCKS_H
#define TESTS_EXPLAIN_BLOCKS_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/strbuf.h"

#define LOGS TEST_SOURCE_ROOT "/tests/explain/logs/"

/* Texts that stand behind each other in their files: cases, or recorded logs. */
struct blocks {
	struct strbuf text;
	struct {
		size_t from, length;
	} items[8192];
	size_t count;
};

static inline bool is_title(const char *line)
{
	return strncmp(line, "####", 4) == 0 || strncmp(line, "=== ", 4) == 0;
}

static inline void add_file(struct blocks *blocks, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[65536];
	bool is_open = false;

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		if (is_title(line) || !is_open) {
			assert_in_range(blocks->count, 0, ELEMENTS(blocks->items) - 1);
			blocks->items[blocks->count].from = blocks->text.length;
			blocks->items[blocks->count++].length = 0;
		}
		is_open = true;
		if (is_title(line))
			continue;
		lade_strbuf_add(&blocks->text, line);
		blocks->items[blocks->count - 1].length += strlen(line);
	}
	(void)fclose(file);
}

static inline void add_directory(struct blocks *blocks, const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, alphasort);

	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		char *file = NULL;
		if (strstr(entries[i]->d_name, ".cases") || strstr(entries[i]->d_name, ".log")) {
			assert_true(asprintf(&file, "%s/%s", path, entries[i]->d_name) > 0);
			add_file(blocks, file);
			free(file);
		}
		free(entries[i]);
	}
	free(entries);
}

static inline struct blocks *read_blocks(void)
{
	struct blocks *blocks = calloc(1, sizeof *blocks);

	assert_non_null(blocks);
	add_directory(blocks, LOGS "tools");
	add_directory(blocks, LOGS "verifier");
	assert_in_range(blocks->count, 3000, ELEMENTS(blocks->items));
	return blocks;
}

static inline void free_blocks(struct blocks *blocks)
{
	lade_strbuf_clear(&blocks->text);
	free(blocks);
}

#endif
