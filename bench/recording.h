/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor of an object: the BTF_LOAD, MAP_CREATE, MAP_UPDATE, FREEZE and PROG_LOAD calls of its load in a
 * file, so that they can be made again without a loader. One call after another:
 *
 *     struct recorded_header, attribute bytes, then for each payload struct recorded_payload and its bytes
 *
 * Only for files that bench/capture has just written on the same machine.
 */
#ifndef LADE_BENCH_RECORDING_H
#define LADE_BENCH_RECORDING_H

#include <stdint.h>

#define PAYLOADS_MAX 4

struct recorded_header {
	int32_t command;
	int32_t result; /* descriptor that the call gave when it was captured */
	uint32_t attr_bytes;
	uint32_t payload_count;
};

enum payload_kind {
	PAYLOAD_BYTES,
	PAYLOAD_INSTRUCTIONS, /* hold descriptors of maps */
	PAYLOAD_DESCRIPTOR,   /* is the descriptor of a program or map */
};

struct recorded_payload {
	uint32_t attr_offset; /* where the attribute points to it */
	uint32_t bytes;
	uint32_t kind;
};

#endif
