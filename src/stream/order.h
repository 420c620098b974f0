/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of several CPUs, each in its own order, put into the order of their time. They are copied, so that the CPUs'
 * buffers are free again before anything is printed. What is younger than the window is kept for the next pass: another
 * CPU may still be writing something older.
 */
#ifndef LADE_STREAM_ORDER_H
#define LADE_STREAM_ORDER_H

#include <stdint.h>

#include "base/array.h"

#define LADE_ORDER_WINDOW_NS 1000000U /* a CPU needs microseconds from reading the clock to the end of its record */

struct ordered_record {
	uint64_t time_ns, lost;
	size_t offset, length; /* in bytes */
	uint32_t sequence;     /* of arrival: decides among equal times */
	int cpu;
};

struct record_order {
	ARRAY_OF(struct ordered_record) records; /* those before `first` have been taken */
	ARRAY_OF(uint8_t) bytes;
	size_t first;
	bool is_unsorted;
};

/* Before the records of a pass: frees what was taken. -ENOMEM. */
int lade_order_begin(struct record_order *order);
/* -ENOMEM. */
int lade_order_add(struct record_order *order, const struct ordered_record *record, const void *bytes);
/* The oldest, if it is not younger than `until`; NULL: there is none. Valid until the next lade_order_add(). */
const struct ordered_record *lade_order_next(struct record_order *order, uint64_t until_ns);
void lade_order_take(struct record_order *order);
static inline bool lade_order_holds(const struct record_order *order)
{
	return order->first < order->records.count;
}
void lade_order_clear(struct record_order *order);

#endif
