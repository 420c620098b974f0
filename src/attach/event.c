/* SPDX-License-Identifier: BSD-2-Clause */
/* Binding a program to a perf event. */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>

#include "attach/method.h"
#include "kernel/bpf.h"

/* enum bpf_attach_type, since 5.15 */
#define ATTACH_PERF_EVENT 41

/* Unsigned ioctl(2) arguments: the descriptor of a program is never negative here. */
static int set_bpf(struct attach_call *call, int event_fd)
{
	unsigned tries = 0;
	int result;

	do {
		result = call->kernel->calls->ioctl(call->kernel, event_fd, PERF_EVENT_IOC_SET_BPF,
						    (unsigned long)call->program->fd);
	} while (lade_attach_is_freeing(result, &tries));
	return result;
}

static int create_link(struct attach_call *call, int event_fd)
{
	struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					 .target_fd = (uint32_t)event_fd,
					 .attach_type = ATTACH_PERF_EVENT,
					 .bpf_cookie = call->cookie };
	unsigned tries = 0;
	int link;

	do {
		link = lade_bpf_link_create(call->kernel, &attr);
	} while (lade_attach_is_freeing(link, &tries));
	return link;
}

/*
 * EINVAL may mean that the kernel has no such links, or that program and event do not fit. The old way
 * tells: only when it works were the links absent.
 */
static int bind_by_ioctl(struct attach_call *call, const char *target, int event_fd, bool link_was_tried)
{
	int result = set_bpf(call, event_fd);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_SET_BPF, target, result);
	if (link_was_tried)
		lade_kernel_form_set_absent(call->kernel, FORM_PERF_LINK);
	return 0;
}

static int fail_cookie(struct attach_call *call, const char *target)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EOPNOTSUPP, "attach.cookie",
			       "attaching %s (section %s) to %s: this kernel gives programs no cookie",
			       call->program->name, call->program->section, target);
	finding_program(finding, call->program->name);
	return -EOPNOTSUPP;
}

/* *ret_link: the link, or -1 when the event itself holds the program. */
static int bind_program(struct attach_call *call, const char *target, int event_fd, int *ret_link)
{
	bool try_link = !lade_kernel_form_absent(call->kernel, FORM_PERF_LINK);
	int link = try_link ? create_link(call, event_fd) : -EINVAL;
	if (link == -EINVAL && call->cookie)
		return fail_cookie(call, target);
	if (link == -EINVAL) {
		int result = bind_by_ioctl(call, target, event_fd, try_link);
		if (result == 0)
			*ret_link = -1;
		return result;
	}
	if (link < 0)
		return lade_attach_refused(call, OPERATION_LINK_CREATE, target, link);
	*ret_link = link;
	return 0;
}

int lade_attach_event(struct attach_call *call, const char *target, int event_fd)
{
	CLEANUP(cleanup_fd) int event = event_fd;
	CLEANUP(cleanup_fd) int link = -1;
	int result = bind_program(call, target, event, &link);
	if (result < 0)
		return result;
	result = call->kernel->calls->ioctl(call->kernel, event, PERF_EVENT_IOC_ENABLE, 0);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_ENABLE, target, result);
	/* The link holds the event, so the event's own descriptor can go. */
	bool is_link = link >= 0;
	return lade_attach_keep(call, target, is_link ? take_fd(&link) : take_fd(&event), is_link);
}
