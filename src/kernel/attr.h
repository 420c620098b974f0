/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf(2)'s attributes by our own description, because the distribution's UAPI header lags behind the
 * kernels Lade meets. Offsets and first kernels: data/bpf_attr_fields.csv, from which attr_check.c is
 * generated: a static assertion for every field below.
 *
 * A kernel accepts a longer struct than it knows as long as the unknown tail is zero; so the whole struct
 * is passed always.
 */
#ifndef LADE_KERNEL_ATTR_H
#define LADE_KERNEL_ATTR_H

#include <stdint.h>

struct attr_map_create {
	uint32_t map_type, key_size, value_size, max_entries;
	uint32_t map_flags;                 /* since 4.6 */
	uint32_t inner_map_fd;              /* since 4.12 */
	uint32_t numa_node;                 /* since 4.14 */
	char map_name[16];                  /* since 4.15 */
	uint32_t map_ifindex;               /* since 4.16 */
	uint32_t btf_fd, btf_key_type_id, btf_value_type_id; /* since 4.18 */
	uint32_t btf_vmlinux_value_type_id; /* since 5.6 */
	uint64_t map_extra;                 /* since 5.16 */
	uint32_t value_type_btf_obj_fd, map_token_fd; /* since 6.9 */
};

struct attr_map_elem {
	uint32_t map_fd, pad;
	uint64_t key, value, flags; /* pointers */
};

struct attr_map_batch {
	uint64_t in_batch, out_batch, keys, values; /* since 5.6 */
	uint32_t count, map_fd;
	uint64_t elem_flags, flags;
};

struct attr_map_freeze {
	uint32_t map_fd;
};

struct attr_prog_load {
	uint32_t prog_type, insn_cnt;
	uint64_t insns, license;       /* pointers */
	uint32_t log_level, log_size;
	uint64_t log_buf;
	uint32_t kern_version;
	uint32_t prog_flags;           /* since 4.12 */
	char prog_name[16];            /* since 4.15 */
	uint32_t prog_ifindex;         /* since 4.15 */
	uint32_t expected_attach_type; /* since 4.17 */
	uint32_t prog_btf_fd, func_info_rec_size; /* since 5.0 */
	uint64_t func_info;
	uint32_t func_info_cnt, line_info_rec_size;
	uint64_t line_info;
	uint32_t line_info_cnt;
	uint32_t attach_btf_id;        /* since 5.5 */
	uint32_t attach_prog_fd;       /* since 5.5; attach_btf_obj_fd since 5.11 */
	uint32_t core_relo_cnt;
	uint64_t fd_array;             /* since 5.14 */
	uint64_t core_relos;
	uint32_t core_relo_rec_size;
	uint32_t log_true_size;        /* since 6.4; written by the kernel */
	uint32_t prog_token_fd;        /* since 6.9 */
};

struct attr_btf_load {
	uint64_t btf, btf_log_buf;
	uint32_t btf_size, btf_log_size, btf_log_level;
	uint32_t btf_log_true_size;    /* since 6.4; written by the kernel */
	uint32_t btf_flags, btf_token_fd; /* since 6.9 */
};

struct attr_obj {
	uint64_t pathname;
	uint32_t bpf_fd, file_flags;
};

struct attr_get_info {
	uint32_t bpf_fd, info_len;
	uint64_t info;
};

struct attr_link_create {
	uint32_t prog_fd;
	union {
		uint32_t target_fd;
		uint32_t target_ifindex;       /* since 5.9 */
	};
	uint32_t attach_type, flags;
	union {
		uint64_t bpf_cookie;           /* perf_event.bpf_cookie, since 5.15 */
		uint32_t target_btf_id;        /* since 5.10 */
		struct {
			uint64_t iter_info;    /* since 5.9 */
			uint32_t iter_info_len;
		};
		struct {
			uint32_t target_btf_id, pad;
			uint64_t cookie;
		} tracing;                     /* since 5.19 */
		struct {
			uint32_t flags, cnt;
			uint64_t syms, addrs, cookies; /* pointers */
		} kprobe_multi;                /* since 5.18 */
		struct {
			uint32_t pf, hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;                   /* since 6.4 */
		struct {
			uint32_t relative_fd, pad; /* or an id, with BPF_F_ID */
			uint64_t expected_revision;
		} tcx;                         /* since 6.6; netkit since 6.7, cgroup since 6.17 */
		struct {
			uint64_t path, offsets, ref_ctr_offsets, cookies; /* pointers */
			uint32_t cnt, flags, pid;
			uint32_t path_fd;      /* since 7.2 */
		} uprobe_multi;                /* since 6.6 */
		struct {
			uint64_t ids, cookies; /* pointers; ids: 32 bits each */
			uint32_t cnt;
		} tracing_multi;               /* since 7.2 */
	};
};

struct attr_link_update {
	uint32_t link_fd, new_prog_fd;     /* since 5.7; new_map_fd since 6.4 */
	uint32_t flags, old_prog_fd;
};

struct attr_link_detach {
	uint32_t link_fd;                  /* since 5.9 */
};

struct attr_iter_create {
	uint32_t link_fd, flags;           /* since 5.8 */
};

struct attr_prog_attach {              /* and BPF_PROG_DETACH */
	uint32_t target_fd, attach_bpf_fd, attach_type, attach_flags;
	uint32_t replace_bpf_fd;       /* since 5.6 */
	uint32_t relative_fd;          /* since 6.6 */
	uint64_t expected_revision;    /* since 6.6 */
};

struct attr_prog_query {
	uint32_t target_fd, attach_type, query_flags;
	uint32_t attach_flags;         /* written by the kernel */
	uint64_t prog_ids;             /* pointer */
	uint32_t prog_cnt, pad;
	uint64_t prog_attach_flags;    /* since 6.0 */
	uint64_t link_ids, link_attach_flags, revision; /* since 6.6 */
};

struct attr_raw_tracepoint_open {
	uint64_t name;
	uint32_t prog_fd, pad;
	uint64_t cookie;               /* since 6.10 */
};

/* Fourth argument of bpf(2), with BPF_COMMON_ATTRS in the command. */
struct attr_common {
	uint64_t log_buf;              /* since 7.2 */
	uint32_t log_size, log_level;
	uint32_t log_true_size;        /* written by the kernel */
	uint32_t pad;
};

struct attr_token_create {
	uint32_t flags, bpffs_fd;      /* since 6.9 */
};

struct attr_get_by_id {
	uint32_t id, next_id, open_flags;
	uint32_t fd_by_id_token_fd;    /* since 6.15, for BTF */
};

struct attr_prog_test_run {
	uint32_t prog_fd, retval, data_size_in, data_size_out;
	uint64_t data_in, data_out;
	uint32_t repeat, duration, ctx_size_in, ctx_size_out;
	uint64_t ctx_in, ctx_out;
	uint32_t flags, cpu;           /* since 5.10 */
	uint32_t batch_size, pad;      /* since 5.18 */
};

#endif
