/* SPDX-License-Identifier: BSD-2-Clause */
/* Growable arrays: struct { T *items; size_t count, capacity; }. */
#ifndef LADE_BASE_ARRAY_H
#define LADE_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_OF(type)                                                                                                 \
	struct {                                                                                                       \
		type *items;                                                                                           \
		size_t count, capacity;                                                                                \
	}

/* Makes room for one more item; false without memory. */
bool lade_array_reserve(void **items, size_t count, size_t *capacity, size_t item_size);

/* Pointer to a new zeroed last item, or NULL without memory. Earlier pointers into the array die. */
#define array_push(array)                                                                                              \
	((__typeof__((array)->items))lade_array_push((void **)&(array)->items, &(array)->count, &(array)->capacity,    \
						     sizeof *(array)->items))
static inline void *lade_array_push(void **items, size_t *count, size_t *capacity, size_t item_size)
{
	if (*count >= *capacity && !lade_array_reserve(items, *count, capacity, item_size))
		return NULL;
	return memset((char *)*items + (*count)++ * item_size, 0, item_size);
}

/* Pointer to `more` new items at the end that hold nothing yet, or NULL without memory; more is not 0. */
#define array_extend(array, more)                                                                                      \
	((__typeof__((array)->items))lade_array_extend((void **)&(array)->items, &(array)->count, &(array)->capacity,  \
						       sizeof *(array)->items, (more)))
void *lade_array_extend(void **items, size_t *count, size_t *capacity, size_t item_size, size_t more);

#define array_clear(array)                                                                                             \
	do {                                                                                                           \
		free((array)->items);                                                                                  \
		(array)->items = NULL;                                                                                 \
		(array)->count = (array)->capacity = 0;                                                                \
	} while (0)

#define array_foreach(item, array)                                                                                     \
	for (__typeof__(*(array)->items) *(item) = (array)->items; (item) && (item) < (array)->items + (array)->count; \
	     (item)++)

/* Sorts what is mostly in order already, as compilers write it: then it only looks. Equal items may change places. */
void lade_sort(void *items, size_t count, size_t item_size, int (*compare)(const void *, const void *));

#define ELEMENTS(array) (sizeof(array) / sizeof *(array))

/* A list of owned strings. */
struct strings {
	char **items;
	size_t count, capacity;
};
int lade_strings_add(struct strings *list, const char *string); /* copies; 0, -ENOMEM */
int lade_strings_addf(struct strings *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lade_strings_clear(struct strings *list);

#endif
