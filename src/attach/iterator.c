/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Iterators. Reading a pinned link of this kind runs the program: cat /sys/fs/bpf/lade/…/links/PROGRAM/… What it goes
 * over may be narrowed: the elements of one map (which bpf_map_elem and sockmap iterators need), one process, one
 * cgroup with what is below.
 */
#include "attach/cgroup.h"
#include "kernel/bpf.h"

/* union bpf_iter_link_info, which the distribution's header has not whole. */
union iterator_info {
	uint32_t map_fd; /* since 5.9 */
	struct {
		uint32_t order, fd; /* order: enum bpf_cgroup_iter_order, since 6.1 */
		uint64_t id;
	} cgroup;
	struct {
		uint32_t tid, pid, pid_fd; /* since 6.1 */
	} task;
};

#define DESCENDANTS_FIRST_TO_LAST 2 /* BPF_CGROUP_ITER_DESCENDANTS_PRE */

/* What it goes over, as the user says it; without that, what kind of things. */
static const char *name_of(const struct attach_call *call)
{
	if (call->target->kind != TARGET_NONE)
		return call->target->text;
	return call->program->attach_target ? call->program->attach_target : "its load target";
}

/* Descriptors that the kernel needs only while it makes the link go into *ret_held. */
static int open_map(struct attach_call *call, union iterator_info *info, int *ret_held)
{
	struct bpf_map_info map = { 0 };
	int fd = lade_attach_open_map(call, &map);
	if (fd < 0)
		return fd;
	info->map_fd = (uint32_t)fd;
	*ret_held = fd;
	return 0;
}

static int open_cgroup(struct attach_call *call, union iterator_info *info, int *ret_held)
{
	struct cgroup cgroup = { .fd = -1 };
	int result = lade_attach_open_cgroup(call, &cgroup);
	if (result < 0)
		return result;
	*ret_held = take_fd(&cgroup.fd);
	lade_cgroup_clear(&cgroup);
	info->cgroup.fd = (uint32_t)*ret_held;
	info->cgroup.order = DESCENDANTS_FIRST_TO_LAST;
	return 0;
}

static int describe(struct attach_call *call, union iterator_info *info, int *ret_held)
{
	if (call->target->kind == TARGET_MAP)
		return open_map(call, info, ret_held);
	if (call->target->kind == TARGET_CGROUP)
		return open_cgroup(call, info, ret_held);
	if (call->target->kind == TARGET_PID)
		info->task.pid = (uint32_t)call->target->pid;
	return 0;
}

/* bpf_map_elem, bpf_sk_storage_map, sockmap: without a map the kernel looks for descriptor 0 of maps. */
static int fail_without_map(struct attach_call *call)
{
	struct lade_finding *finding = lade_error_add(call->error, EDESTADDRREQ, "attach.no-target",
						      "%s: section %s does not say over which map's elements it goes",
						      call->program->name, call->program->section);
	finding_program(finding, call->program->name);
	finding_fix(finding, "--attach %s=map:NAME|PIN", call->program->name);
	return -EDESTADDRREQ;
}

int lade_attach_iterator(struct attach_call *call)
{
	struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd, .attach_type = BPF_TRACE_ITER };
	union iterator_info info = { 0 };
	CLEANUP(cleanup_fd) int held = -1;
	int result = describe(call, &info, &held);
	if (result < 0)
		return result;
	if (call->target->kind != TARGET_NONE) {
		attr.iter_info = (uintptr_t)&info;
		attr.iter_info_len = sizeof info;
	}
	int fd = lade_bpf_link_create(call->kernel, &attr);
	if (fd == -EBADF && call->target->kind == TARGET_NONE)
		return fail_without_map(call);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_LINK_CREATE, name_of(call), fd);
	return lade_attach_keep(call, name_of(call), fd, true);
}
