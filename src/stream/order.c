/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/order.h"

#include <errno.h>

static int compare(const void *one, const void *other)
{
	const struct ordered_record *a = one, *b = other;
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* What was taken makes room; the rest is numbered anew. */
static void forget_taken(struct record_order *order)
{
	size_t left = order->records.count - order->first;
	if (left)
		memmove(order->records.items, order->records.items + order->first, left * sizeof *order->records.items);
	else
		order->bytes.count = 0;
	for (size_t i = 0; i < left; i++)
		order->records.items[i].sequence = (uint32_t)i;
	order->records.count = left;
	order->first = 0;
}

/* The bytes of what is left are moved to the front of a new array once the taken ones are most of it. */
static int pack_bytes(struct record_order *order)
{
	size_t used = 0;
	for (size_t i = order->first; i < order->records.count; i++)
		used += order->records.items[i].length;
	if (order->bytes.count < 2 * used + (1U << 20))
		return 0;
	__typeof__(order->bytes) packed = { 0 };
	if (used && !array_extend(&packed, used))
		return -ENOMEM;
	used = 0;
	for (size_t i = order->first; i < order->records.count; i++) {
		struct ordered_record *record = &order->records.items[i];
		if (record->length)
			memcpy(packed.items + used, order->bytes.items + record->offset, record->length);
		record->offset = used;
		used += record->length;
	}
	free(order->bytes.items);
	order->bytes.items = packed.items;
	order->bytes.count = packed.count;
	order->bytes.capacity = packed.capacity;
	return 0;
}

int lade_order_begin(struct record_order *order)
{
	/* Sorted first: what is left is numbered in its order. */
	(void)lade_order_next(order, UINT64_MAX);
	if (order->first)
		forget_taken(order);
	return pack_bytes(order);
}

int lade_order_add(struct record_order *order, const struct ordered_record *record, const void *bytes)
{
	size_t count = order->records.count;
	uint8_t *copy = record->length ? array_extend(&order->bytes, record->length) : NULL;
	struct ordered_record *added = copy || !record->length ? array_push(&order->records) : NULL;
	if (!added)
		return -ENOMEM;
	*added = *record;
	added->sequence = (uint32_t)count;
	added->offset = copy ? (size_t)(copy - order->bytes.items) : 0;
	if (copy)
		memcpy(copy, bytes, record->length);
	if (count && added[-1].time_ns > added->time_ns)
		order->is_unsorted = true;
	return 0;
}

const struct ordered_record *lade_order_next(struct record_order *order, uint64_t until_ns)
{
	if (!lade_order_holds(order))
		return NULL;
	if (order->is_unsorted)
		qsort(order->records.items + order->first, order->records.count - order->first,
		      sizeof *order->records.items, compare);
	order->is_unsorted = false;
	const struct ordered_record *next = &order->records.items[order->first];
	return next->time_ns <= until_ns ? next : NULL;
}

void lade_order_take(struct record_order *order)
{
	order->first++;
}

void lade_order_clear(struct record_order *order)
{
	array_clear(&order->records);
	array_clear(&order->bytes);
	order->first = 0;
}
