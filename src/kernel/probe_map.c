/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps: the smallest of each type that a kernel can have no other reason to refuse. */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "kernel/bpf.h"
#include "kernel/probe.h"

enum wish {
	WISH_INNER = 1,     /* an inner map */
	WISH_BTF = 2,       /* types of key and value */
	WISH_PAGE = 4,      /* max_entries is a page */
	WISH_STRUCT_OPS = 8 /* the id of a type of the kernel: any will do, the refusal says ENOTSUPP */
};

/* By number: the distribution's headers lag behind. */
static const struct form {
	uint32_t key, value, entries, flags;
	enum wish wish;
} forms[] = {
	[BPF_MAP_TYPE_HASH] = { 4, 4, 1 },
	[BPF_MAP_TYPE_ARRAY] = { 4, 4, 1 },
	[BPF_MAP_TYPE_PROG_ARRAY] = { 4, 4, 1 },
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = { 4, 4, 1 },
	[BPF_MAP_TYPE_PERCPU_HASH] = { 4, 4, 1 },
	[BPF_MAP_TYPE_PERCPU_ARRAY] = { 4, 4, 1 },
	[BPF_MAP_TYPE_STACK_TRACE] = { 4, 8, 1 },
	[BPF_MAP_TYPE_CGROUP_ARRAY] = { 4, 4, 1 },
	[BPF_MAP_TYPE_LRU_HASH] = { 4, 4, 1 },
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = { 4, 4, 1 },
	[BPF_MAP_TYPE_LPM_TRIE] = { 8, 4, 1, BPF_F_NO_PREALLOC },
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = { 4, 4, 1, 0, WISH_INNER },
	[BPF_MAP_TYPE_HASH_OF_MAPS] = { 4, 4, 1, 0, WISH_INNER },
	[BPF_MAP_TYPE_DEVMAP] = { 4, 4, 1 },
	[BPF_MAP_TYPE_SOCKMAP] = { 4, 4, 1 },
	[BPF_MAP_TYPE_CPUMAP] = { 4, 4, 1 },
	[BPF_MAP_TYPE_XSKMAP] = { 4, 4, 1 },
	[BPF_MAP_TYPE_SOCKHASH] = { 4, 4, 1 },
	[19 /* cgroup_storage */] = { 16, 4, 0 }, /* struct bpf_cgroup_storage_key */
	[BPF_MAP_TYPE_REUSEPORT_SOCKARRAY] = { 4, 4, 1 },
	[21 /* percpu_cgroup_storage */] = { 16, 4, 0 },
	[BPF_MAP_TYPE_QUEUE] = { 0, 4, 1 },
	[BPF_MAP_TYPE_STACK] = { 0, 4, 1 },
	[BPF_MAP_TYPE_SK_STORAGE] = { 4, 4, 0, BPF_F_NO_PREALLOC, WISH_BTF },
	[BPF_MAP_TYPE_DEVMAP_HASH] = { 4, 4, 1 },
	[26 /* struct_ops */] = { 4, 0, 1, 0, WISH_STRUCT_OPS },
	[27 /* ringbuf */] = { 0, 0, 0, 0, WISH_PAGE },
	[28 /* inode_storage */] = { 4, 4, 0, BPF_F_NO_PREALLOC, WISH_BTF },
	[29 /* task_storage */] = { 4, 4, 0, BPF_F_NO_PREALLOC, WISH_BTF },
	[30 /* bloom_filter */] = { 0, 4, 1 },
	[31 /* user_ringbuf */] = { 0, 0, 0, 0, WISH_PAGE },
	[32 /* cgrp_storage */] = { 4, 4, 0, BPF_F_NO_PREALLOC, WISH_BTF },
	[33 /* arena */] = { 0, 0, 1, 1U << 10 /* BPF_F_MMAPABLE */ },
	[34 /* insn_array */] = { 4, 16, 1 },
	[35 /* rhash */] = { 4, 4, 1, BPF_F_NO_PREALLOC },
};

static int make_inner(struct kernel *kernel)
{
	struct attr_map_create attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	return lade_bpf_map_create(kernel, &attr);
}

static int make_int(struct kernel *kernel)
{
	const struct {
		struct btf_header header;
		struct btf_type type;
		uint32_t encoding;
		char strings[3];
	} __attribute__((packed)) btf = {
		.header = { .magic = BTF_MAGIC,
			    .version = 1,
			    .hdr_len = sizeof(struct btf_header),
			    .type_len = 16,
			    .str_off = 16,
			    .str_len = 3 },
		.type = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = 4 },
		.encoding = 32,
		.strings = { 0, 'a', 0 },
	};
	struct attr_btf_load attr = { .btf = (uintptr_t)&btf, .btf_size = sizeof btf };

	return lade_bpf_btf_load(kernel, &attr);
}

/* The refusal of a type that is not there is EINVAL, as is that of a wrong form. */
enum probe_answer lade_probe_map_flags(struct kernel *kernel, uint32_t type, uint32_t flags)
{
	enum { INT = 1 };

	if (type >= ELEMENTS(forms) || (!forms[type].entries && !forms[type].key && !forms[type].wish))
		return PROBE_UNKNOWN;
	const struct form *form = &forms[type];
	struct attr_map_create attr = { .map_type = type,
					.key_size = form->key,
					.value_size = form->value,
					.max_entries = form->entries,
					.map_flags = form->flags | flags };
	CLEANUP(cleanup_fd)
	int helper = form->wish == WISH_INNER ? make_inner(kernel) : form->wish == WISH_BTF ? make_int(kernel) : -1;
	if (form->wish == WISH_INNER)
		attr.inner_map_fd = (uint32_t)helper;
	if (form->wish == WISH_BTF) {
		attr.btf_fd = (uint32_t)helper;
		attr.btf_key_type_id = attr.btf_value_type_id = INT;
	}
	if ((form->wish == WISH_INNER || form->wish == WISH_BTF) && helper < 0)
		return PROBE_UNKNOWN;
	if (form->wish == WISH_PAGE)
		attr.max_entries = (uint32_t)sysconf(_SC_PAGESIZE);
	if (form->wish == WISH_STRUCT_OPS)
		attr.btf_vmlinux_value_type_id = 1;
	CLEANUP(cleanup_fd) int fd = lade_bpf_map_create(kernel, &attr);
	if (fd >= 0 || (form->wish == WISH_STRUCT_OPS && fd == -KERNEL_ENOTSUPP))
		return PROBE_YES;
	return fd == -EINVAL || fd == -E2BIG || fd == -EOPNOTSUPP ? PROBE_NO : PROBE_UNKNOWN;
}

enum probe_answer lade_probe_map(struct kernel *kernel, uint32_t type)
{
	return lade_probe_map_flags(kernel, type, 0);
}
