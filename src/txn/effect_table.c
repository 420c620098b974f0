/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table: a table of kernel operations that was registered without a link stays registered until its value is
 * deleted, however many processes end and pins go.
 *
 *     table program=NAME method=struct_ops target=NAME map-id=12
 */
#include <errno.h>
#include <stdlib.h>

#include "kernel/bpf.h"
#include "txn/effect.h"
#include "txn/internal.h"

int lade_undo_table(struct kernel *kernel, const struct journal_entry *entry)
{
	const char *id = lade_journal_value(entry, "map-id");
	CLEANUP(cleanup_fd) int fd = id ? lade_bpf_map_by_id(kernel, (uint32_t)strtoul(id, NULL, 10)) : -ENOENT;
	uint32_t key = 0;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	int result = lade_bpf_map_delete(kernel, fd, &key);
	return result == -ENOENT ? 0 : result;
}
