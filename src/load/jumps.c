/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of indirect jumps: frozen maps of instructions, which the verifier follows (since 7.0). */
#include <errno.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "load/loader.h"

#define MAP_TYPE_INSN_ARRAY 34 /* since 7.0 */
#define KERNEL_NAME         ".jumptables"
#define MAP_CREATE          "BPF_MAP_CREATE"

/* The value of such a map; the kernel fills in the rest. */
struct jump_value {
	uint32_t original, translated, jited, pad;
};

static int refuse(struct loader *loader, const struct operation *operation, const char *command, int errnum,
		  struct lade_error **error)
{
	CLEANUP(cleanup_free) char *what = lade_plan_text(loader->plan, operation);

	/* Nothing else of the call can be wrong: kernels before 7.0 have no such maps, as the catalogue says. */
	if (errnum == EINVAL && strcmp(command, MAP_CREATE) == 0) {
		struct lade_finding *finding =
			lade_error_add(error, errnum, "map.jump-table", "%s: cannot %s: %s", loader->object->file,
				       what ? what : command, lade_errno_name(errnum));
		finding_evidence(finding, "%s answered %s", command, lade_errno_name(errnum));
		return -errnum;
	}
	return lade_diagnose_operation(loader->kernel, loader->object, command, what ? what : command, errnum,
				       "map.jump-table", error);
}

int lade_load_jumps(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	struct attr_map_create attr = { .map_type = MAP_TYPE_INSN_ARRAY,
					.key_size = sizeof(uint32_t),
					.value_size = sizeof(struct jump_value),
					.max_entries = (uint32_t)operation->jumps.count,
					.map_name = KERNEL_NAME };
	CLEANUP(cleanup_fd) int fd = lade_bpf_map_create(loader->kernel, &attr);
	int r = 0;

	if (fd < 0)
		return refuse(loader, operation, MAP_CREATE, -fd, error);
	for (uint32_t i = 0; r >= 0 && i < operation->jumps.count; i++) {
		const struct jump_value value = { .original = operation->jumps.items[i] };
		r = lade_bpf_map_update(loader->kernel, fd, &i, &value, 0);
	}
	if (r < 0)
		return refuse(loader, operation, "BPF_MAP_UPDATE_ELEM", -r, error);
	r = lade_bpf_map_freeze(loader->kernel, fd);
	if (r < 0)
		return refuse(loader, operation, "BPF_MAP_FREEZE", -r, error);
	loader->slots[operation->slot] = take_fd(&fd);
	return 0;
}
