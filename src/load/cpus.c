/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that have an event on every CPU, when CPUs come and go: the handle that attached them gives one to each CPU
 * that comes, and closes those of CPUs that went, which the kernel has ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attach/cpu_list.h"
#include "kernel/cpu_events.h"
#include "load/loader.h"

#define LOOK_AGAIN_NS 1000000000u

struct instance_cpus {
	int fd; /* notices of the kernel; negative errno: they are not heard */
	uint64_t looked_ns;
	struct cpu_list gone; /* went since they were last looked for, and may be back */
};

static uint64_t now_ns(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- listening ---- */

void lade_instance_listen_to_cpus(struct lade_instance *instance)
{
	struct instance_cpus *cpus = instance->cpus ? NULL : calloc(1, sizeof *cpus);

	if (!cpus)
		return;
	cpus->fd = lade_cpu_events_open();
	cpus->looked_ns = now_ns();
	instance->cpus = cpus;
}

void lade_instance_cpus_free(struct instance_cpus *cpus)
{
	if (!cpus)
		return;
	(void)fd_close(cpus->fd);
	array_clear(&cpus->gone);
	free(cpus);
}

LADE_API int lade_instance_cpu_fd(const struct lade_instance *instance)
{
	return instance->cpus ? instance->cpus->fd : -ENOENT;
}

/* -ENOMEM; 1: there was something to hear. */
static int hear(struct instance_cpus *cpus)
{
	struct cpu_event event;
	int heard = 0;

	while (cpus->fd >= 0 && lade_cpu_events_next(cpus->fd, &event)) {
		int *gone = event.online ? NULL : array_push(&cpus->gone);
		if (!event.online && !gone)
			return -ENOMEM;
		if (gone)
			*gone = event.cpu;
		heard = 1;
	}
	return heard;
}

/* ---- one program ---- */

struct following {
	struct lade_instance *instance;
	struct kernel *kernel;
	uint32_t program; /* index */
	struct cpu_list online, held;
	const struct cpu_list *gone; /* NULL: links of CPUs that went are left */
	bool is_held;                /* by this handle: its events are not pinned (lade_instance_hold()) */
	int changes;
	struct lade_error **error;
};

/* The CPU of an event that belongs to "every CPU"; -1: it is something else. */
static int cpu_of(const struct loaded_link *link, uint32_t program)
{
	const struct attachment *attachment = &link->attachment;
	size_t head = strlen(LADE_CPU_TARGET);

	if (link->program != program || link->gone || attachment->request ||
	    strcmp(attachment->method, "perf_event") != 0 || strncmp(attachment->target, LADE_CPU_TARGET, head) != 0)
		return -1;
	return (int)strtol(attachment->target + head, NULL, 10);
}

static void note(const struct following *following, int cpu, const char *what)
{
	const char *name = following->instance->programs.items[following->program].name;
	struct lade_finding *finding =
		lade_note_add(&following->instance->notes, "attach.perf-event.cpu", "%s: CPU %d %s", name, cpu, what);

	finding_program(finding, name);
}

/* Closes what has ended; held gets the others. 1: there were some. */
static int sort_links(struct following *following)
{
	struct lade_instance *instance = following->instance;
	int found = 0, r = 0;

	for (size_t i = instance->links.count; r == 0 && i > 0; i--) {
		int *held, cpu = cpu_of(&instance->links.items[i - 1], following->program);
		if (cpu < 0)
			continue;
		found = 1;
		following->is_held = !instance->links.items[i - 1].pin;
		bool went = following->gone &&
			    (lade_cpu_list_has(following->gone, cpu) || !lade_cpu_list_has(&following->online, cpu));
		if (went) {
			r = lade_instance_drop_link(instance, i - 1, following->error);
			following->changes++;
			note(following, cpu, "went offline: its event has ended");
		} else if ((held = array_push(&following->held))) {
			*held = cpu;
		} else {
			r = lade_fail_memory(following->error);
		}
	}
	return r < 0 ? r : found;
}

static int add_missing(struct following *following)
{
	struct lade_instance *instance = following->instance;
	size_t before = instance->links.count;
	bool was_holding = instance->holding;
	instance->holding |= following->is_held;
	int r = lade_load_attach_held(instance, following->program, NULL, &following->held, following->error);
	instance->holding = was_holding;

	for (size_t i = before; i < instance->links.count; i++) {
		note(following, cpu_of(&instance->links.items[i], following->program),
		     "is online: it has an event now");
		following->changes++;
	}
	return r;
}

static int follow_program(struct following *following)
{
	const struct loaded_program *program = &following->instance->programs.items[following->program];
	int r;

	if (program->type != BPF_PROG_TYPE_PERF_EVENT || program->fd < 0)
		return 0;
	array_clear(&following->held);
	r = sort_links(following);
	return r > 0 ? add_missing(following) : r;
}

static int begin(struct following *following)
{
	int r = lade_context_kernel(following->instance->context, &following->kernel, following->error);

	if (r == 0 && lade_cpu_list_online(following->kernel, &following->online) < 0)
		r = lade_fail_memory(following->error);
	return r;
}

static int end(struct following *following, int r)
{
	array_clear(&following->online);
	array_clear(&following->held);
	return r < 0 ? r : following->changes;
}

int lade_instance_add_cpus(struct lade_instance *instance, uint32_t program, struct lade_error **error)
{
	struct following following = { .instance = instance, .program = program, .error = error };
	int r = begin(&following);

	return end(&following, r < 0 ? r : follow_program(&following));
}

/* ---- all of them ---- */

static int follow(struct lade_instance *instance, struct lade_error **error)
{
	struct following following = { .instance = instance, .gone = &instance->cpus->gone, .error = error };
	int r = begin(&following);

	for (uint32_t i = 0; r == 0 && i < instance->programs.count; i++) {
		following.program = i;
		r = follow_program(&following);
	}
	array_clear(&instance->cpus->gone);
	return end(&following, r);
}

LADE_API int lade_instance_follow_cpus(struct lade_instance *instance, struct lade_error **error)
{
	struct instance_cpus *cpus = instance->cpus;
	uint64_t now = now_ns();
	int r = cpus ? hear(cpus) : 0;

	if (r < 0)
		return lade_fail_memory(error);
	if (!cpus || (r == 0 && now - cpus->looked_ns < LOOK_AGAIN_NS))
		return 0;
	cpus->looked_ns = now;
	r = lade_txn_lock(instance->txn, error);
	if (r < 0)
		return r;
	r = follow(instance, error);
	lade_txn_unlock(instance->txn);
	return r;
}
