/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/thread.h"

#include <signal.h>

unsigned lade_other_cpus(cpu_set_t *allowed, unsigned *cpus, unsigned most)
{
	unsigned here = (unsigned)sched_getcpu(); /* -1 becomes a CPU that is not there */
	unsigned count = 0;

	CPU_ZERO(allowed);
	if (sched_getaffinity(0, sizeof *allowed, allowed) < 0)
		return 0;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE && count < most; cpu++)
		if (cpu != here && CPU_ISSET(cpu, allowed))
			cpus[count++] = cpu;
	return count;
}

bool lade_thread_start_on(unsigned cpu, size_t stack_bytes, void *(*run)(void *), void *data, pthread_t *ret_thread)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (pthread_attr_init(&attributes))
		return false;
	(void)pthread_attr_setstacksize(&attributes, stack_bytes);
	(void)pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
	/* A thread begins with its creator's mask. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(ret_thread, &attributes, run, data) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attributes);
	return started;
}
