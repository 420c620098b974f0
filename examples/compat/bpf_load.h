/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load_bpf_file() of the kernel's old samples, over liblade: their _user.c builds against this unchanged.
 *
 *     cc -I examples/compat old_user.c examples/compat/{bpf_load,trace_helpers}.c $(pkg-config --cflags --libs lade)
 *
 * What differs from the loader that the kernel removed in 5.11:
 *  - a file is loaded whole or not at all: when a program of it is refused, its maps are gone too;
 *  - no tracing event of anybody else is removed, and programs attach without leaving one behind;
 *  - what cannot be attached is said on standard error, and the load returns -1, but stays loaded;
 *  - a map that the callback brings must have the shape that the object (or the callback) says;
 *  - numeric sections go to the last prog array of their own file, also to one that the callback brought;
 *  - event_fd[] is -1, not 0, where nothing was attached, and a link's descriptor where the kernel has links.
 */
#ifndef BPF_LOAD_H
#define BPF_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>

#include "trace_helpers.h"

#define MAX_MAPS  256
#define MAX_PROGS 256

#ifndef BPF_LOG_BUF_SIZE
#define BPF_LOG_BUF_SIZE (UINT32_MAX >> 8)
#endif

struct bpf_load_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int inner_map_idx; /* index in map_data[] of the template of a map-in-map */
	unsigned int numa_node;     /* with BPF_F_NUMA_NODE */
};

struct bpf_map_data {
	int fd; /* -1 before the map is created; a callback that sets it brings its own map */
	char *name;
	size_t elf_offset;
	struct bpf_load_map_def def;
};

typedef void (*fixup_map_cb)(struct bpf_map_data *map, int idx);

/* Of all files together, in the order of their sections. */
extern int prog_fd[MAX_PROGS];
extern int event_fd[MAX_PROGS];
extern int prog_cnt;

/* Of the last file, in the order of their offsets in the section. */
extern int map_fd[MAX_MAPS];
extern struct bpf_map_data map_data[MAX_MAPS];
extern int map_data_count;

extern int prog_array_fd; /* the last prog array that was created, or -1 */

extern char bpf_log_buf[BPF_LOG_BUF_SIZE]; /* what the verifier said of a refused program */

/*
 * Loads every program of the file and attaches those whose section names where (kprobe, tracepoint, raw_tracepoint;
 * numbered ones go to their slot). 0; 1: the file or its maps, or there is no program; -1: a program.
 */
int load_bpf_file(char *path);

/* fixup_map may change each map before it is created. */
int load_bpf_file_fixup_map(const char *path, fixup_map_cb fixup_map);

#endif
