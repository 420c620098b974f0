/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace pipe of the kernel: what programs write with bpf_trace_printk() (bpf_printk()). That is for debugging: the
 * pipe belongs to the whole machine, each line goes to one reader only, and reading takes it away from everyone else.
 *
 *     struct lade_trace_opts opts = { .size = sizeof opts, .which = "demo" };
 *     if (lade_trace_open(context, &opts, &trace, &error) == 0)
 *             while (lade_trace_poll(trace, -1, print, NULL, &error) >= 0)
 *                     ;
 *     lade_trace_close(trace);
 */
#ifndef LADE_TRACE_H
#define LADE_TRACE_H

#include <lade/context.h>

LADE_BEGIN_DECLS

struct lade_trace;

struct lade_trace_opts {
	size_t size;
	/*
	 * Only lines of this instance's programs; NULL: every line. A line does not say which program wrote it: those
	 * are taken whose text can come of a format string in the instance's read-only data. Another program with the
	 * same format is not told apart (note trace.weak for formats that nearly every text fits); an instance without
	 * such strings has trace.no-formats, and every line comes.
	 */
	const char *which;
	bool clear;   /* what was written before is dropped, for everyone */
	bool turn_on; /* sets tracing_on where it is 0, and back when the trace is closed */
};

/* Findings: trace.busy (another process holds the pipe: its name is evidence), environment.tracefs, trace.open. */
LADE_API int lade_trace_open(struct lade_context *context, const struct lade_trace_opts *opts,
			     struct lade_trace **ret_trace, struct lade_error **error);
/* Puts tracing_on back where it was turned on. */
LADE_API struct lade_trace *lade_trace_close(struct lade_trace *trace);
/* trace.debugging, trace.off, trace.shared, trace.no-formats, trace.weak. Lives as long as the trace. */
LADE_API size_t lade_trace_note_count(const struct lade_trace *trace);
LADE_API const struct lade_finding *lade_trace_note(const struct lade_trace *trace, size_t index);

struct lade_trace_line {
	size_t size;
	const char *line;     /* whole, as the kernel wrote it, without its newline; borrowed */
	const char *task;     /* NULL: the line has not the usual form, as the further lines of a text with newlines */
	uint32_t pid;
	int cpu;              /* -1: not known */
	uint64_t time_ns;     /* of the trace clock: usually since boot; microseconds are what the kernel prints */
	const char *function; /* "bpf_trace_printk" */
	const char *text;
	uint64_t lost;        /* > 0: as many events were lost on this CPU; there is no text */
};
/* Return 0 to go on; anything else ends this poll and is returned by it when negative. */
typedef int lade_trace_fn(void *userdata, const struct lade_trace_line *line);

/* Waits up to timeout_ms (-1: for ever). How many lines came; -EINTR when a signal came first. */
LADE_API int lade_trace_poll(struct lade_trace *trace, int timeout_ms, lade_trace_fn *fn, void *userdata,
			     struct lade_error **error);
/* To wait on with poll(2) for POLLIN; borrowed. */
LADE_API int lade_trace_fd(const struct lade_trace *trace);

LADE_END_DECLS
#endif
