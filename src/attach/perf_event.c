/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * perf_event programs: the software CPU clock, 99 times a second (not 100, so that it does not beat with
 * the timer tick), on every online CPU, or in every thread of one process and what it starts later.
 *
 * CPUs come and go. One that goes takes its event along: the link stays, does nothing, and is undone with the others.
 * One that comes has none until somebody looks: whoever holds the instance (load/cpus.c), or `lade attach`.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "attach/method.h"

#define SAMPLES_PER_SECOND 99

static const struct perf_event_attr clock_event = {
	.type = PERF_TYPE_SOFTWARE,
	.size = sizeof(struct perf_event_attr),
	.config = PERF_COUNT_SW_CPU_CLOCK,
	.sample_freq = SAMPLES_PER_SECOND,
	.freq = 1,
	.disabled = 1,
};

/* pid -1 with a CPU, or a thread with CPU -1. */
static int attach_clock(struct attach_call *call, pid_t pid, int cpu, const char *target)
{
	struct perf_event_attr attr = clock_event;
	attr.inherit = pid >= 0;
	int fd = call->kernel->calls->perf_event_open(call->kernel, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	/* A thread may end between listing and opening, and a CPU may go. */
	if ((fd == -ESRCH && pid >= 0) || (fd == -ENODEV && cpu >= 0))
		return 0;
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_PERF_EVENT_OPEN, target, fd);
	return lade_attach_event(call, target, fd);
}

static int fail_no_cpu(struct attach_call *call)
{
	return lade_attach_refused(call, OPERATION_PERF_EVENT_OPEN, "any CPU", -ENODEV);
}

static void note_offline(struct attach_call *call, size_t online)
{
	struct cpu_list present = { 0 };
	if (!call->program->notes || lade_cpu_list_present(&present) < 0)
		return;
	if (present.count > online) {
		struct lade_finding *note = lade_note_add(call->program->notes, "attach.perf-event.offline",
							  "%s: %zu of %zu CPUs are offline and have no event",
							  call->program->name, present.count - online, present.count);
		finding_program(note, call->program->name);
	}
	array_clear(&present);
}

static int attach_cpu(struct attach_call *call, int cpu)
{
	const struct cpu_list *held = call->program->held;
	char target[32];
	if (held && lade_cpu_list_has(held, cpu))
		return 0;
	(void)snprintf(target, sizeof target, LADE_CPU_TARGET "%d", cpu);
	return attach_clock(call, -1, cpu, target);
}

static int attach_every_cpu(struct attach_call *call)
{
	bool is_first = !call->program->held;
	size_t before = call->attachments->count;
	struct cpu_list cpus = { 0 };
	int result = lade_cpu_list_online(call->kernel, &cpus);
	if (result < 0)
		return lade_fail_memory(call->error);
	for (size_t i = 0; i < cpus.count && result >= 0; i++)
		result = attach_cpu(call, cpus.items[i]);
	if (result >= 0 && is_first)
		note_offline(call, cpus.count);
	array_clear(&cpus);
	return result >= 0 && is_first && call->attachments->count == before ? fail_no_cpu(call) : result;
}

static int fail_no_process(struct attach_call *call)
{
	struct lade_finding *finding =
		lade_error_add(call->error, ESRCH, "attach.process.missing", "%s: there is no process %d",
			       call->program->name, (int)call->target->pid);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "/proc/%d/task cannot be read", (int)call->target->pid);
	return -ESRCH;
}

static int attach_thread(struct attach_call *call, pid_t thread)
{
	char target[32];
	(void)snprintf(target, sizeof target, "pid %d", (int)thread);
	return attach_clock(call, thread, -1, target);
}

static int attach_process(struct attach_call *call)
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%d/task", (int)call->target->pid);
	DIR *tasks = opendir(path);
	if (!tasks)
		return fail_no_process(call);
	size_t before = call->attachments->count;
	int result = 0;
	for (struct dirent *entry; result >= 0 && (entry = readdir(tasks));)
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			result = attach_thread(call, (pid_t)strtol(entry->d_name, NULL, 10));
	(void)closedir(tasks);
	return result == 0 && call->attachments->count == before ? fail_no_process(call) : result;
}

int lade_attach_perf_event(struct attach_call *call)
{
	return call->target->kind == TARGET_PID ? attach_process(call) : attach_every_cpu(call);
}
