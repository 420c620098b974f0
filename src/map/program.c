/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that somebody pinned: its descriptor, and what the kernel says of it. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "kernel/bpf.h"
#include "map/live.h"
#include "object/sections_table.h"

static const char *type_name(uint32_t type)
{
	return type < lade_program_name_count ? lade_program_names[type] : NULL;
}

LADE_API int lade_live_program_describe(struct lade_context *context, int program_fd,
					struct lade_live_program_info *info, struct lade_error **error)
{
	struct lade_live_program_info full = { 0 };
	struct bpf_prog_info known = { 0 };
	struct kernel *kernel;
	int result = lade_context_kernel(context, &kernel, error);
	if (result < 0)
		return result;
	if (program_fd < 0 || lade_bpf_is_other(program_fd, "bpf-prog"))
		return lade_fail(error, EINVAL, "program.open", "descriptor %d is no program", program_fd);
	result = lade_bpf_prog_info(kernel, program_fd, &known);
	if (result < 0)
		return lade_fail(error, -result, "program.open", "descriptor %d: BPF_OBJ_GET_INFO_BY_FD: %s",
				 program_fd, strerror(-result));
	full.id = known.id;
	full.type = known.type;
	full.type_name = type_name(known.type);
	memcpy(full.name, known.name, sizeof full.name - 1);
	full.instructions = known.xlated_prog_len / 8;
	full.jited_bytes = known.jited_prog_len;
	return info_fill(info, &full, sizeof full);
}

static int check_type(struct lade_context *context, int fd, const char *which, const char *wanted,
		      struct lade_error **error)
{
	struct lade_live_program_info info = { .size = sizeof info };
	int result = lade_live_program_describe(context, fd, &info, error);
	if (result < 0 || (info.type_name && strcmp(info.type_name, wanted) == 0))
		return result;
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "program.type", "program %s is not of type %s", which, wanted);
	finding_program(finding, info.name);
	if (info.type_name)
		finding_evidence(finding, "its type is %s", info.type_name);
	else
		finding_evidence(finding, "its type is number %u", info.type);
	return -EINVAL;
}

LADE_API int lade_program_get_with(struct lade_context *context, const char *which,
				   const struct lade_program_get_opts *opts, struct lade_error **error)
{
	struct lade_program_get_opts known;
	struct found found = { .fd = -1 };
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "map.options", "struct lade_program_get_opts: %s", strerror(-result));
	result = lade_find_fd(context, FOUND_PROGRAM, which, NULL, BPF_F_RDONLY, &found, error);
	if (result < 0)
		return result;
	if (known.type)
		result = check_type(context, found.fd, which, known.type, error);
	int fd = result < 0 ? result : take_fd(&found.fd);
	lade_found_clear(&found);
	return fd;
}

LADE_API int lade_program_get(struct lade_context *context, const char *which, struct lade_error **error)
{
	return lade_program_get_with(context, which, NULL, error);
}
