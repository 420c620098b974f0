/* SPDX-License-Identifier: BSD-2-Clause */
/* Records whose words only their names tell: MEMBERS is the author's struct, VALUES the map. */
#include "dia_samples.h"

#ifndef PROGRAM
#define PROGRAM "xdp"
#endif
#ifndef NAME
#define NAME own_map_def
#endif

#ifdef TYPEDEF
typedef struct {
	unsigned int MEMBERS;
} own_record;
#else
struct NAME {
	unsigned int MEMBERS;
};
#define own_record struct NAME
#endif

__attribute__((section("maps"), used)) own_record shared = { VALUES };

SEC(PROGRAM) int enter(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&shared, &key) != 0;
}

char _license[] SEC("license") = "GPL";
