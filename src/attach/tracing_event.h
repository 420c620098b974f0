/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probes as tracing events: the way of kernels whose perf has no event source for probes (before 4.17). The event is
 * made in tracefs in the group "lade" under a name of its own, as an effect of the transaction:
 *
 *     event program=on_open method=kprobe target=do_sys_open control=kprobe_events event=lade/do_sys_open_91c7…
 */
#ifndef LADE_ATTACH_TRACING_EVENT_H
#define LADE_ATTACH_TRACING_EVENT_H

#include "attach/method.h"

struct tracing_event {
	const char *control; /* "kprobe_events" or "uprobe_events" */
	const char *place;   /* as the kernel wants it: "do_sys_open+0x10", "/bin/sh:0x1234" */
	const char *target;  /* for messages and lists */
};

/*
 * Makes the event and binds the program to it: an attachment that is one effect. Findings: environment.tracefs,
 * attach.probe.absent, those of a refusal.
 */
int lade_attach_tracing_event(struct attach_call *call, const struct tracing_event *event);

#endif
