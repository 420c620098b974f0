/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices that CPUs come and go, which the kernel sends to everybody who listens (uevents). They tell of a CPU that was
 * away between two looks at the list of those that are online.
 */
#ifndef LADE_KERNEL_CPU_EVENTS_H
#define LADE_KERNEL_CPU_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

struct cpu_event {
	int cpu;
	bool online; /* else it has gone */
};

/* Descriptor that is readable when a notice waits, of this or of any other device; a negative errno: nothing is heard.
 */
int lade_cpu_events_open(void);
/* The next notice about a CPU; false: none waits. */
bool lade_cpu_events_next(int fd, struct cpu_event *ret_event);
/* "online@/devices/system/cpu/cpu1", and what else the kernel says behind the NUL. False: it is about something else.
 */
bool lade_cpu_event_parse(const char *bytes, size_t length, struct cpu_event *ret_event);

#endif
