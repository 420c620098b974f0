/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor of an object: the BTF_LOAD, MAP_CREATE, MAP_UPDATE, FREEZE and PROG_LOAD calls of its load in a
 * file, so that they can be made again without a loader. One call after another:
 *
 *     struct recorded_header, attribute bytes, then for each payload struct recorded_payload and its bytes
 *
 * Calls that only give a descriptor of something that was there (a module's BTF, a program to attach to) are in it
 * too; the floor makes them, but their time is not part of it. Only for files that bench/capture has just written on
 * the same machine.
 */
#ifndef LADE_BENCH_RECORDING_H
#define LADE_BENCH_RECORDING_H

#include <stdint.h>

#define PAYLOADS_MAX 5

struct recorded_header {
	int32_t command;
	int32_t result; /* descriptor that the call gave when it was captured */
	uint32_t attr_bytes;
	uint32_t payload_count;
};

enum payload_kind {
	PAYLOAD_BYTES,
	PAYLOAD_INSTRUCTIONS, /* hold descriptors of maps and of BTF */
	PAYLOAD_DESCRIPTORS,  /* are descriptors of programs, maps or BTF; 0: none */
};

struct recorded_payload {
	uint32_t attr_offset; /* where the attribute points to it */
	uint32_t bytes;
	uint32_t kind;
};

#endif
