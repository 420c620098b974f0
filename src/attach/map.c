/* SPDX-License-Identifier: BSD-2-Clause */
/* The map that a target "map:NAME|PIN|ID" names. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/method.h"
#include "kernel/bpf.h"

static const struct attach_map *find_own(const struct attach_program *program, const char *name)
{
	for (size_t i = 0; i < program->maps.count; i++)
		if (program->maps.items[i].fd >= 0 && strcmp(program->maps.items[i].name, name) == 0)
			return &program->maps.items[i];
	return NULL;
}

static bool is_number(const char *text)
{
	return *text && strlen(text) < 10 && strspn(text, "0123456789") == strlen(text);
}

/* Descriptor of a map of the same object, by id, or by its pin. */
static int open_named(struct attach_call *call)
{
	const char *name = call->target->name;
	const struct attach_map *own = find_own(call->program, name);
	char path[PATH_MAX];
	if (own) {
		int fd = fcntl(own->fd, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? -errno : fd;
	}
	if (is_number(name))
		return lade_bpf_map_by_id(call->kernel, (uint32_t)strtoul(name, NULL, 10));
	if ((size_t)snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : call->context->bpffs,
			     *name == '/' ? "" : "/", name) >= sizeof path)
		return -ENAMETOOLONG;
	return lade_bpf_obj_get(call->kernel, path);
}

static int fail_missing(struct attach_call *call, int result)
{
	const struct attach_program *program = call->program;
	struct similar_names similar = { .wanted = call->target->name };
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.map.missing",
						      "%s: there is no map %s", program->name, call->target->name);
	finding_program(finding, program->name);
	for (size_t i = 0; i < program->maps.count; i++)
		lade_similar_add(&similar, program->maps.items[i].name,
				 lade_edit_distance(call->target->name, program->maps.items[i].name));
	lade_similar_evidence(&similar, finding, "map of the object");
	lade_similar_clear(&similar);
	return result;
}

int lade_attach_open_map(struct attach_call *call, struct bpf_map_info *ret_info)
{
	CLEANUP(cleanup_fd) int fd = open_named(call);
	if (fd == -ENOENT || fd == -EACCES || fd == -ENOTDIR)
		return fail_missing(call, fd);
	/* A pin may be that of a program or a link. */
	int result = fd < 0                             ? fd
		     : lade_bpf_is_other(fd, "bpf-map") ? -ENOENT
							: lade_bpf_map_info(call->kernel, fd, ret_info);
	if (result == -ENOENT)
		return fail_missing(call, result);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_OPEN, call->target->text, result);
	return take_fd(&fd);
}
