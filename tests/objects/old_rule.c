/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One object for each rule of the detection: two records of WORDS words in section MAPS, one program in section
 * PROGRAM, and, where they are given, a second one and a version.
 */
#include "dia_samples.h"

#ifndef MAPS
#define MAPS "maps"
#endif
#ifndef PROGRAM
#define PROGRAM "xdp"
#endif

struct record {
	unsigned int word[WORDS];
};

struct record SEC(MAPS) first = { { FIRST } };
#ifdef SECOND
struct record SEC(MAPS) second = { { SECOND } };
#endif

SEC(PROGRAM) int enter(void *context)
{
	int key = 0;
#ifdef TAIL_CALL
	bpf_tail_call(context, &first, 0);
#endif
#ifdef SECOND
	bpf_map_lookup_elem(&second, &key);
#endif
#ifdef TAIL_CALL
	return 0;
#else
	return bpf_map_lookup_elem(&first, &key) != 0;
#endif
}

#ifdef PROGRAM2
SEC(PROGRAM2) int other(void *context)
{
	return 0;
}
#endif

char _license[] SEC("license") = "GPL";
#ifdef VERSION
unsigned int _version SEC("version") = VERSION;
#endif
