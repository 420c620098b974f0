/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Initial content: data, freezing, slots. A map that was there before keeps its data; only slots that the
 * object names are written into it, after every program was verified, and the old values come back if a
 * later step fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "diagnose/diagnose.h"
#include "load/replace.h"

static int refuse(struct loader *loader, const struct operation *operation, const char *command, const char *code,
		  int errnum, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *what = lade_plan_text(loader->plan, operation);

	return lade_diagnose_operation(loader->kernel, loader->object, command, what ? what : command, errnum, code,
				       error);
}

int lade_load_write(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	uint32_t key = 0;
	int r;

	if (loader->reused[operation->map])
		return 0;
	r = lade_bpf_map_update(loader->kernel, loader->slots[loader->plan->map_slots[operation->map]], &key,
				loader_content(loader, operation->map), 0);
	return r < 0 ? refuse(loader, operation, "BPF_MAP_UPDATE_ELEM", "map.write", -r, error) : 0;
}

/* Freezing is an optimisation before 5.2 knew it; afterwards the verifier relies on it. */
int lade_load_freeze(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	int r;

	if (loader->reused[operation->map] || lade_kernel_form_absent(loader->kernel, FORM_READONLY_PROGRAM))
		return 0;
	r = lade_bpf_map_freeze(loader->kernel, loader->slots[loader->plan->map_slots[operation->map]]);
	return r < 0 ? refuse(loader, operation, "BPF_MAP_FREEZE", "map.freeze", -r, error) : 0;
}

/* ---- slots ---- */

/* How to put one slot back. */
struct old_slot {
	struct kernel *kernel;
	int map_fd;   /* own duplicate */
	int value_fd; /* what was there; -1: the slot was empty */
	uint32_t index;
};

static void old_slot_forget(void *data)
{
	struct old_slot *old = data;

	(void)fd_close(old->map_fd);
	(void)fd_close(old->value_fd);
	free(old);
}

static void old_slot_restore(void *data)
{
	struct old_slot *old = data;

	if (old->value_fd >= 0)
		(void)lade_bpf_map_update(old->kernel, old->map_fd, &old->index, &old->value_fd, 0);
	else
		(void)lade_bpf_map_delete(old->kernel, old->map_fd, &old->index);
	old_slot_forget(old);
}

static int fd_by_id(struct kernel *kernel, int command, uint32_t id)
{
	struct attr_get_by_id attr = { .id = id };

	return kernel->calls->bpf(kernel, command, &attr, sizeof attr);
}

/* Holds what is in the slot now, so that rollback can put it back. */
static int remember_slot(struct loader *loader, const struct slot_operation *fill)
{
	bool holds_programs = loader->object->maps.items[fill->array_map]->definition.type == BPF_MAP_TYPE_PROG_ARRAY;
	struct old_slot *old = calloc(1, sizeof *old);
	uint32_t id = 0;
	int r;

	if (!old)
		return -ENOMEM;
	*old = (struct old_slot){ loader->kernel, -1, -1, fill->index };
	old->map_fd = fcntl(loader->slots[fill->array_slot], F_DUPFD_CLOEXEC, 3);
	r = old->map_fd < 0 ? -errno : lade_bpf_map_lookup(loader->kernel, old->map_fd, &fill->index, &id);
	if (r == 0)
		r = old->value_fd =
			fd_by_id(loader->kernel, holds_programs ? BPF_PROG_GET_FD_BY_ID : BPF_MAP_GET_FD_BY_ID, id);
	if (r == -ENOENT)
		r = 0;
	if (r >= 0)
		return lade_txn_undo(loader->txn, old_slot_restore, old_slot_forget, old);
	old_slot_forget(old);
	return r;
}

int lade_load_slot(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	const struct slot_operation *fill = &operation->slot_fill;
	int value = loader->slots[fill->value_slot];
	if (lade_replace_keeps_slots(loader, fill->array_map))
		return 0;
	int r = loader->reused[fill->array_map] ? remember_slot(loader, fill) : 0;

	if (r == 0)
		r = lade_bpf_map_update(loader->kernel, loader->slots[fill->array_slot], &fill->index, &value, 0);
	return r < 0 ? refuse(loader, operation, "BPF_MAP_UPDATE_ELEM", "map.slot", -r, error) : 0;
}
