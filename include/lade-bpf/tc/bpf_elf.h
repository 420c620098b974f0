/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an object for tc's and ip's own loader says of its maps: records in section maps. LADE_TC_MAP_BYTES chooses the
 * record of an iproute2: 20 (4.1), 24 (4.5), 28 (4.6) or 36 (4.13 and later, the default).
 *
 * Written from a description of the records and of the names alone.
 */
#ifndef LADE_BPF_TC_ELF_H
#define LADE_BPF_TC_ELF_H

#include <asm/types.h>

#define ELF_MAX_MAPS        64
#define ELF_MAX_LICENSE_LEN 128

/* Where a map is pinned: nowhere; below tc/, in a directory named by the object's hash; in tc/globals. */
#define PIN_NONE      0
#define PIN_OBJECT_NS 1
#define PIN_GLOBAL_NS 2

#ifndef LADE_TC_MAP_BYTES
#define LADE_TC_MAP_BYTES 36
#endif
#if LADE_TC_MAP_BYTES != 20 && LADE_TC_MAP_BYTES != 24 && LADE_TC_MAP_BYTES != 28 && LADE_TC_MAP_BYTES != 36
#error "LADE_TC_MAP_BYTES is 20, 24, 28 or 36"
#endif

struct bpf_elf_map {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
#if LADE_TC_MAP_BYTES >= 28
	__u32 flags;
#endif
	__u32 id; /* the number in the names of tail calls' sections and in inner_id */
#if LADE_TC_MAP_BYTES >= 24
	__u32 pinning;
#endif
#if LADE_TC_MAP_BYTES >= 36
	__u32 inner_id;  /* of a map of maps: the id of what it holds */
	__u32 inner_idx; /* of what it holds: at which key; all ones: at none */
#endif
};
_Static_assert(sizeof(struct bpf_elf_map) == LADE_TC_MAP_BYTES, "the size of bpf_elf_map");

/* Tells the types of a map's keys and values, through BTF, to loaders that look for them. */
#define BPF_ANNOTATE_KV_PAIR(map, type_key, type_value)                                                                \
	struct ____btf_map_##map {                                                                                     \
		type_key key;                                                                                          \
		type_value value;                                                                                      \
	};                                                                                                             \
	struct ____btf_map_##map __attribute__((section(".maps." #map), used)) ____btf_map_##map = {}

#endif
