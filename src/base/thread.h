/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of one call: each begins on a CPU of its own, because new threads may otherwise share their creator's. */
#ifndef LADE_BASE_THREAD_H
#define LADE_BASE_THREAD_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/* CPUs this process may use, apart from the one it runs on. How many, at most `most`; *allowed: all that it may use. */
unsigned lade_other_cpus(cpu_set_t *allowed, unsigned *cpus, unsigned most);
/* It takes no signals: those are the caller's. False: it could not be started. */
bool lade_thread_start_on(unsigned cpu, size_t stack_bytes, void *(*run)(void *), void *data, pthread_t *ret_thread);

#endif
