/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening, reading and leaving the trace pipe. */
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/info.h"
#include "diagnose/denied.h"
#include "kernel/context.h"
#include "kernel/files.h"
#include "txn/internal.h"

enum {
	MOST_LINE = 64 << 10, /* what has no newline by then is given out as it is */
	PIECE = 16 << 10,
	LONGEST_SLEEP_MS = 500, /* the pipe wakes its reader late */
};

struct lade_trace {
	struct kernel *kernel;
	char *switch_path; /* tracing_on */
	bool was_off;      /* and is to be turned off again */
	int fd;
	struct trace_filter filter;
	struct findings notes;
	struct strbuf pending;
	bool took_last; /* the line before: what has no head of its own goes with it */
};

LADE_API struct lade_trace *lade_trace_close(struct lade_trace *trace)
{
	if (!trace)
		return NULL;
	if (trace->was_off)
		(void)trace->kernel->calls->append(trace->kernel, trace->switch_path, "0");
	(void)fd_close(trace->fd);
	free(trace->switch_path);
	lade_filter_clear(&trace->filter);
	lade_findings_clear(&trace->notes);
	lade_strbuf_clear(&trace->pending);
	free(trace);
	return NULL;
}

DEFINE_CLEANUP(struct lade_trace, lade_trace, lade_trace_close)

/* ---- opening ---- */

/* 1, 0 or a negative errno. */
static int read_switch(const char *path)
{
	char text[8] = "";
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return read(fd, text, sizeof text - 1) < 1 ? -EIO : *text == '1';
}

static int check_switch(struct lade_trace *trace, bool turn_on, struct lade_error **error)
{
	int state = read_switch(trace->switch_path);
	if (state != 0)
		return 0; /* on, or not to be told: then the pipe will tell */
	if (!turn_on) {
		(void)lade_note_add(&trace->notes, "trace.off", "%s is 0: no line is written", trace->switch_path);
		return 0;
	}
	int result = trace->kernel->calls->append(trace->kernel, trace->switch_path, "1");
	if (result < 0)
		return lade_fail(error, -result, "trace.open", "%s: %s", trace->switch_path, strerror(-result));
	trace->was_off = true;
	return 0;
}

static int refuse(struct lade_trace *trace, const char *path, int errnum, struct lade_error **error)
{
	const char *code = errnum == EBUSY ? "trace.busy" : errnum == EPERM ? "environment.permission" : "trace.open";
	struct lade_finding *finding = lade_error_add(error, errnum, code, "%s: %s", path, strerror(errnum));
	if (errnum == EBUSY)
		(void)lade_trace_readers(path, finding);
	if (errnum == EPERM || errnum == EACCES)
		lade_diagnose_unreadable(trace->kernel, path, errnum, finding);
	return -errnum;
}

/* Before 6.7 several may read it: each line then goes to one of them. */
static void note_shared(struct lade_trace *trace, const char *path)
{
	struct lade_finding *finding =
		lade_note_add(&trace->notes, "trace.shared", "others read %s, too: each line goes to one only", path);
	if (lade_trace_readers(path, finding))
		return;
	if (finding) /* there is nobody */
		(void)lade_finding_free(trace->notes.items[--trace->notes.count]);
}

static int open_pipe(struct lade_trace *trace, const char *tracefs, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s/trace_pipe", tracefs);
	if (!path)
		return lade_fail_memory(error);
	trace->fd = lade_fd_above_standard(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	if (trace->fd < 0)
		return refuse(trace, path, errno, error);
	note_shared(trace, path);
	return 0;
}

static int clear(struct lade_trace *trace, const char *tracefs, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s/trace", tracefs);
	if (!path)
		return lade_fail_memory(error);
	int result = trace->kernel->calls->truncate(trace->kernel, path);
	return result < 0 ? refuse(trace, path, -result, error) : 0;
}

/* The pipe first: it is what may be refused, and then nothing has changed. */
static int fill(struct lade_trace *trace, struct lade_context *context, const struct lade_trace_opts *opts,
		struct lade_error **error)
{
	const char *tracefs;
	int result = lade_context_kernel(context, &trace->kernel, error);
	if (result == 0)
		result = lade_kernel_tracefs(trace->kernel, !context->no_mount, &tracefs, error);
	if (result == 0 && opts->which)
		result = lade_filter_read(context, opts->which, &trace->filter, &trace->notes, error);
	if (result < 0)
		return result;
	trace->switch_path = lade_path("%s/tracing_on", tracefs);
	if (!trace->switch_path)
		return lade_fail_memory(error);
	result = open_pipe(trace, tracefs, error);
	if (result == 0)
		(void)lade_note_add(&trace->notes, "trace.debugging", "the trace pipe is for debugging");
	if (result == 0 && opts->clear)
		result = clear(trace, tracefs, error);
	return result < 0 ? result : check_switch(trace, opts->turn_on, error);
}

LADE_API int lade_trace_open(struct lade_context *context, const struct lade_trace_opts *opts,
			     struct lade_trace **ret_trace, struct lade_error **error)
{
	struct lade_trace_opts known;
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "trace.options", "struct lade_trace_opts: %s", strerror(-result));
	CLEANUP(cleanup_lade_trace) struct lade_trace *trace = calloc(1, sizeof *trace);
	if (!trace)
		return lade_fail_memory(error);
	trace->fd = -1;
	result = fill(trace, context, &known, error);
	if (result == 0)
		*ret_trace = TAKE(trace);
	return result;
}

LADE_API int lade_trace_fd(const struct lade_trace *trace)
{
	return trace->fd;
}

LADE_API size_t lade_trace_note_count(const struct lade_trace *trace)
{
	return trace->notes.count;
}

LADE_API const struct lade_finding *lade_trace_note(const struct lade_trace *trace, size_t index)
{
	return index < trace->notes.count ? trace->notes.items[index] : NULL;
}

/* ---- reading ---- */

struct pass {
	struct lade_trace *trace;
	lade_trace_fn *fn;
	void *userdata;
	int count, answer;
};

static bool is_wanted(struct lade_trace *trace, const struct lade_trace_line *line)
{
	if (!*line->line) /* behind a text that ends with a newline of its own */
		return false;
	if (line->lost || !trace->filter.is_on)
		return true;
	if (line->text)
		trace->took_last = lade_filter_takes(&trace->filter, line->text);
	return trace->took_last;
}

static int give_line(struct pass *pass, const char *text, size_t length)
{
	struct lade_trace_line line;
	CLEANUP(cleanup_free) char *whole = strndup(text, length);
	CLEANUP(cleanup_free) char *scratch = strndup(text, length);
	if (!whole || !scratch)
		return -ENOMEM;
	lade_line_parse(whole, scratch, &line);
	if (!is_wanted(pass->trace, &line))
		return 0;
	pass->count++;
	pass->answer = pass->fn(pass->userdata, &line);
	return 0;
}

/* Whole lines are given out, what is left waits for its end. */
static int give_lines(struct pass *pass)
{
	struct strbuf *pending = &pass->trace->pending;
	size_t start = 0;
	int result = 0;
	while (result == 0 && !pass->answer && start < pending->length) {
		const char *text = pending->text + start, *end = memchr(text, '\n', pending->length - start);
		if (!end && pending->length - start < MOST_LINE)
			break;
		size_t length = end ? (size_t)(end - text) : pending->length - start;
		result = give_line(pass, text, length);
		start += length + (end ? 1 : 0);
	}
	if (start) {
		memmove(pending->text, pending->text + start, pending->length - start);
		pending->length -= start;
		pending->text[pending->length] = '\0';
	}
	return result;
}

/* 1: something came; 0: nothing is there now. */
static int read_piece(struct pass *pass, struct lade_error **error)
{
	char piece[PIECE];
	ssize_t got = read(pass->trace->fd, piece, sizeof piece);
	if (got < 0 && errno != EAGAIN)
		return errno == EINTR ? -EINTR : lade_fail(error, errno, "trace.read", "%s", strerror(errno));
	if (got <= 0) /* 0: tracing is off, and everything has been read */
		return 0;
	lade_strbuf_add_bytes(&pass->trace->pending, piece, (size_t)got);
	if (pass->trace->pending.failed || give_lines(pass) < 0)
		return lade_fail_memory(error);
	return 1;
}

static uint64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* False: the time is over. */
static bool next_sleep(uint64_t end_ms, int timeout_ms, int *ret_sleep_ms)
{
	uint64_t now = now_ms();
	*ret_sleep_ms = LONGEST_SLEEP_MS;
	if (timeout_ms < 0)
		return true;
	if (now >= end_ms)
		return false;
	*ret_sleep_ms = end_ms - now < LONGEST_SLEEP_MS ? (int)(end_ms - now) : LONGEST_SLEEP_MS;
	return true;
}

static int wait(const struct lade_trace *trace, int sleep_ms, struct lade_error **error)
{
	/* Where tracing is off the pipe is always ready and has nothing: then time must pass all the same. */
	bool is_off = read_switch(trace->switch_path) == 0;
	struct pollfd pipe = { .fd = is_off ? -1 : trace->fd, .events = POLLIN };
	if (poll(&pipe, 1, sleep_ms) >= 0)
		return 0;
	return errno == EINTR ? -EINTR : lade_fail(error, errno, "trace.read", "poll: %s", strerror(errno));
}

LADE_API int lade_trace_poll(struct lade_trace *trace, int timeout_ms, lade_trace_fn *fn, void *userdata,
			     struct lade_error **error)
{
	struct pass pass = { .trace = trace, .fn = fn, .userdata = userdata };
	uint64_t end_ms = timeout_ms > 0 ? now_ms() + (uint64_t)timeout_ms : 0;
	for (;;) {
		int sleep_ms, result = give_lines(&pass) < 0 ? lade_fail_memory(error) : 0;
		/* A producer that never pauses must not hold the call for longer than its time. */
		while (result == 0 && !pass.answer && (result = read_piece(&pass, error)) > 0)
			result = timeout_ms >= 0 && now_ms() >= end_ms ? 1 : pass.count >= PIECE ? 1 : 0;
		if (result < 0)
			return result;
		if (pass.count || pass.answer)
			return pass.answer < 0 ? pass.answer : pass.count;
		if (!next_sleep(end_ms, timeout_ms, &sleep_ms))
			return 0;
		result = wait(trace, sleep_ms, error);
		if (result < 0)
			return result;
	}
}
