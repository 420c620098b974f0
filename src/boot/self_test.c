/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/self_test.h"

#include <string.h>

#include "kernel/bpf.h"

static int write_and_read(struct kernel *kernel)
{
	struct attr_map_create attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 2
	};
	uint32_t key = 1, value = 0x1ade, found = 0;
	CLEANUP(cleanup_fd) int fd = lade_bpf_map_create(kernel, &attr);

	if (fd < 0)
		return fd;
	int r = lade_bpf_map_update(kernel, fd, &key, &value, 0);
	if (r == 0)
		r = lade_bpf_map_lookup(kernel, fd, &key, &found);
	return r < 0 ? r : found == value ? 0 : -EIO;
}

int lade_boot_self_test(struct kernel *kernel, struct lade_error **error)
{
	int r = write_and_read(kernel);

	return r == 0 ? 0
		      : lade_fail(error, -r, "boot.self-test",
				  "Critical kernel bug - failure to write into index 1 of 2 element bpf map array.: %s",
				  strerror(-r));
}
