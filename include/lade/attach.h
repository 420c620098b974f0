/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service does with programs that others loaded and pinned: attach one for as long as it runs, wait for what it
 * is to be attached to, and ask who is attached.
 *
 *     struct lade_adopt_opts adopt = { .size = sizeof adopt, .transient = true, .attach_later = true };
 *     struct lade_attach_wait_opts opts = { .size = sizeof opts, .timeout_ms = 60000 };
 *     if (lade_instance_adopt(context, pin, &adopt, &instance, &error) == 0 &&
 *         lade_attach_wait(instance, NULL, "tracepoint:gpu_mem/gpu_mem_total", &opts, -1, &error) == 0)
 *             …                                   attached until lade_instance_close(instance)
 *
 * A program on a cgroup, verified:
 *
 *     lade_instance_adopt(context, pin, &adopt, &instance, &error);
 *     lade_instance_attach(instance, NULL, "cgroup:system.slice,egress", &error);
 *     if (lade_cgroup_has(context, "system.slice", "egress", lade_instance_program_fd(instance, name), &error) == 1)
 *             …
 *     lade_instance_detach(instance, NULL, NULL, &error);
 */
#ifndef LADE_ATTACH_H
#define LADE_ATTACH_H

#include <lade/instance.h>

LADE_BEGIN_DECLS

/*
 * ---- until it is there ----
 *
 * What is attached to may come later than the service: the tracepoint of a driver that is loaded on demand, a device, a
 * cgroup. An attempt that fails because it is not there is made again: when tracefs or the directory where it would
 * appear changes (tracefs reports its events before 6.6), when the kernel announces a module or device, and each
 * interval. Every other failure ends the waiting at once.
 */
struct lade_attach_wait;

struct lade_attach_wait_opts {
	size_t size;
	unsigned timeout_ms;  /* 0: for ever */
	unsigned interval_ms; /* 0: 1000 */
};

/*
 * Attaches, as lade_instance_attach(), waiting for the target. cancel_fd: the wait ends when it is readable; -1: none.
 * -ETIMEDOUT attach.timeout, with why it was not there; -ECANCELED attach.cancelled; -EINTR: a signal came.
 */
LADE_API int lade_attach_wait(struct lade_instance *instance, const char *program, const char *target,
			      const struct lade_attach_wait_opts *opts, int cancel_fd, struct lade_error **error);

/*
 * The same for who has a loop of its own. The instance must live longer. Nothing is tried yet.
 *
 *     lade_attach_wait_open(instance, NULL, target, NULL, &wait, &error);
 *     while ((result = lade_attach_wait_try(wait, &error)) == 0)
 *             poll(&(struct pollfd){ .fd = lade_attach_wait_fd(wait), .events = POLLIN }, 1, -1);
 *     lade_attach_wait_close(wait);
 */
LADE_API int lade_attach_wait_open(struct lade_instance *instance, const char *program, const char *target,
				   const struct lade_attach_wait_opts *opts, struct lade_attach_wait **ret_wait,
				   struct lade_error **error);
/* Readable (POLLIN) when lade_attach_wait_try() should be called. The waiting's: not to be closed. */
LADE_API int lade_attach_wait_fd(const struct lade_attach_wait *wait);
/* 1: it is attached. 0: not yet. Else why it will not be; -ETIMEDOUT attach.timeout. */
LADE_API int lade_attach_wait_try(struct lade_attach_wait *wait, struct lade_error **error);
/* Why it was not attached yet; NULL: it was not tried. Borrowed until the next call. */
LADE_API const struct lade_error *lade_attach_wait_why(const struct lade_attach_wait *wait);
/* What is attached stays. */
LADE_API struct lade_attach_wait *lade_attach_wait_close(struct lade_attach_wait *wait);

/* ---- who is on a cgroup ---- */

/*
 * The programs on one hook of a cgroup, attached there by whomever, in the order in which they run: how many there are,
 * and the ids of the first `capacity`. cgroup: below where cgroup v2 is mounted, or absolute; hook: "ingress",
 * "egress", "connect4" … as in "cgroup:PATH,HOOK". Findings: attach.cgroup.*, attach.hook.unknown, attach.hook.query.
 */
LADE_API int lade_cgroup_programs(struct lade_context *context, const char *cgroup, const char *hook, uint32_t *ids,
				  size_t capacity, struct lade_error **error);
/* 1: this program is there; 0: it is not. */
LADE_API int lade_cgroup_has(struct lade_context *context, const char *cgroup, const char *hook, int program_fd,
			     struct lade_error **error);

LADE_END_DECLS
#endif
