/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel's old samples and tests were written with: maps as records in section maps, programs in sections that
 * name their type. LADE_SAMPLES_MAP_BYTES chooses the record of a kernel's tree: 16 (4.1), 20 (4.6), 24 (4.12) or 28
 * (4.14 and later, the default).
 *
 *	#include <linux/bpf.h>
 *	#include <linux/version.h>
 *	#include "bpf_helpers.h"
 *
 *	struct bpf_map_def SEC("maps") counts = {
 *		.type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 1024,
 *	};
 *
 *	SEC("kprobe/do_unlinkat")
 *	int on_unlink(struct pt_regs *context) { … bpf_map_lookup_elem(&counts, &key) … }
 *
 *	char _license[] SEC("license") = "GPL";
 *	__u32 _version SEC("version") = LINUX_VERSION_CODE;
 *
 *	clang -target bpf -D__TARGET_ARCH_x86 -O2 -I /usr/include/lade-bpf/samples -c unlink.c -o unlink.o
 *
 * Helpers are declared by libbpf's own list (Debian's libbpf-dev), which has the same names and grows with the kernel.
 * Registers of the probed processor: bpf_tracing.h, which comes along where __TARGET_ARCH_… says whose they are.
 * Written from a description of the names and their effects alone.
 */
#ifndef LADE_BPF_SAMPLES_HELPERS_H
#define LADE_BPF_SAMPLES_HELPERS_H

#ifndef __VMLINUX_H__ /* the kernel's own types, which have all of this */
#include <linux/types.h>
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helper_defs.h>

#define SEC(name) __attribute__((section(name), used))

#undef __always_inline /* the kernel's headers have a weaker one */
#define __always_inline inline __attribute__((always_inline))
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
#ifndef __weak
#define __weak __attribute__((weak))
#endif
#ifndef __stringify
#define LADE_STRING(text) #text
#define __stringify(text) LADE_STRING(text)
#endif

/* ---- maps ---- */

#ifndef LADE_SAMPLES_MAP_BYTES
#define LADE_SAMPLES_MAP_BYTES 28
#endif
#if LADE_SAMPLES_MAP_BYTES != 16 && LADE_SAMPLES_MAP_BYTES != 20 && LADE_SAMPLES_MAP_BYTES != 24 &&                    \
	LADE_SAMPLES_MAP_BYTES != 28
#error "LADE_SAMPLES_MAP_BYTES is 16, 20, 24 or 28"
#endif

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
#if LADE_SAMPLES_MAP_BYTES >= 20
	unsigned int map_flags;
#endif
#if LADE_SAMPLES_MAP_BYTES >= 24
	unsigned int inner_map_idx; /* of a map of maps: what it holds, counted in the order of addresses */
#endif
#if LADE_SAMPLES_MAP_BYTES >= 28
	unsigned int numa_node; /* looked at if map_flags has BPF_F_NUMA_NODE */
#endif
};
_Static_assert(sizeof(struct bpf_map_def) == LADE_SAMPLES_MAP_BYTES, "the size of bpf_map_def");

/* Tells the types of a map's keys and values, through BTF, to loaders that look for them. */
#define BPF_ANNOTATE_KV_PAIR(map, type_key, type_value)                                                                \
	struct ____btf_map_##map {                                                                                     \
		type_key key;                                                                                          \
		type_value value;                                                                                      \
	};                                                                                                             \
	struct ____btf_map_##map SEC(".maps." #map) ____btf_map_##map = {}

/* ---- maps of section .maps, which later samples have ---- */

#define __uint(name, number) int(*name)[number]
#define __type(name, type)   __typeof__(type) *name
#define __array(name, type)  __typeof__(type) *name[]

enum libbpf_pin_type { LIBBPF_PIN_NONE, LIBBPF_PIN_BY_NAME };

/* ---- packets: the compiler's own instructions to read them ---- */

unsigned long long load_byte(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.byte");
unsigned long long load_half(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.half");
unsigned long long load_word(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.word");

/* ---- tracing ---- */

/* A line for the trace pipe; its format lies on the stack. Many samples bring their own, as a macro. */
#pragma clang diagnostic ignored "-Wmacro-redefined"
#ifndef bpf_printk
#define bpf_printk(format, ...)                                                                                        \
	({                                                                                                             \
		char lade_format[] = format;                                                                           \
		bpf_trace_printk(lade_format, sizeof(lade_format), ##__VA_ARGS__);                                     \
	})
#endif

#include "bpf_tracing.h"

#endif
