/* SPDX-License-Identifier: BSD-2-Clause */
/* What the producer sends and both consumers print. */
#ifndef LADE_BENCH_FLOOD_H
#define LADE_BENCH_FLOOD_H

#define FLOOD_RING_BYTES (16 << 20)

enum flood_state { IDLE, READY, RUNNING };

struct flood_record {
	__u64 time, number;
	__u32 bytes, cpu;
	int difference;
	enum flood_state state; /* 3 has no name */
	_Bool is_last;
	char name[16];
};

#endif
