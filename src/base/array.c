/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/array.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

bool lade_array_reserve(void **items, size_t count, size_t *capacity, size_t item_size)
{
	if (count < *capacity)
		return true;
	size_t wanted = *capacity ? *capacity * 2 : 8;
	size_t bytes;
	if (__builtin_mul_overflow(wanted, item_size, &bytes))
		return false;
	void *grown = realloc(*items, bytes);
	if (!grown)
		return false;
	*items = grown;
	*capacity = wanted;
	return true;
}

void *lade_array_extend(void **items, size_t *count, size_t *capacity, size_t item_size, size_t more)
{
	size_t wanted, bytes, first = *count;
	if (__builtin_add_overflow(first, more, &wanted) || __builtin_mul_overflow(wanted, item_size, &bytes))
		return NULL;
	if (wanted > *capacity) {
		size_t room = *capacity > SIZE_MAX / item_size / 2 || wanted > *capacity * 2 ? wanted : *capacity * 2;
		void *grown = realloc(*items, room * item_size);
		if (!grown)
			return NULL;
		*items = grown;
		*capacity = room;
	}
	*count = wanted;
	return (char *)*items + first * item_size;
}

void lade_sort(void *items, size_t count, size_t item_size, int (*compare)(const void *, const void *))
{
	for (size_t i = 1; i < count; i++) {
		const char *item = (const char *)items + i * item_size;
		if (compare(item - item_size, item) > 0) {
			qsort(items, count, item_size, compare);
			return;
		}
	}
}

static int strings_take(struct strings *list, char *string)
{
	if (!string)
		return -ENOMEM;
	char **item = array_push(list);
	if (!item) {
		free(string);
		return -ENOMEM;
	}
	*item = string;
	return 0;
}

int lade_strings_add(struct strings *list, const char *string)
{
	return strings_take(list, strdup(string));
}

int lade_strings_addf(struct strings *list, const char *format, ...)
{
	char *string = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&string, format, arguments) < 0)
		string = NULL;
	va_end(arguments);
	return strings_take(list, string);
}

void lade_strings_clear(struct strings *list)
{
	array_foreach(item, list)
		free(*item);
	array_clear(list);
}
