/* SPDX-License-Identifier: BSD-2-Clause */
/* How far an ldimm64 reaches into a map: kernels before 7.0 stop at 512 MiB, and say so in the verifier's log. */
#include <string.h>

#include "kernel/bpf.h"

#define FAR_OFFSET (1 << 30) /* beyond the limit; and beyond the map, so that no kernel accepts it */

bool lade_kernel_has_far_offsets(struct kernel *kernel)
{
	struct attr_map_create map = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 1, .max_entries = 1
	};
	CLEANUP(cleanup_fd) int map_fd = lade_bpf_map_create(kernel, &map);
	const struct bpf_insn body[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map_fd },
		{ .imm = FAR_OFFSET },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[1024] = "";
	struct attr_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = ELEMENTS(body),
		.insns = (uintptr_t)body,
		.license = (uintptr_t) "GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof log,
		.log_level = 1,
	};
	CLEANUP(cleanup_fd) int fd = map_fd < 0 ? -1 : lade_bpf_prog_load(kernel, &attr);

	return map_fd >= 0 && fd < 0 && strstr(log, "invalid access to map value pointer");
}
