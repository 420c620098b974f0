/* SPDX-License-Identifier: BSD-2-Clause */
/* All buffers of a stream behind one poll. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/info.h"
#include "stream/buffer.h"

/* A program may send records without waking the reader (BPF_RB_NO_WAKEUP): look by ourselves now and then. */
#define LONGEST_SLEEP_MS 500
/* While records are kept back for their order. */
#define WINDOW_SLEEP_MS 1

#define NS_PER_SECOND 1000000000

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

uint64_t lade_stream_now_ns(void)
{
	return (uint64_t)clock_ns(CLOCK_MONOTONIC);
}

/* ---- what is known of a stream ---- */

size_t lade_stream_note_count(const struct lade_stream *stream)
{
	return stream->notes.count;
}

const struct lade_finding *lade_stream_note(const struct lade_stream *stream, size_t index)
{
	return index < stream->notes.count ? stream->notes.items[index] : NULL;
}

size_t lade_stream_map_count(const struct lade_stream *stream)
{
	return stream->buffers.count;
}

int lade_stream_map(const struct lade_stream *stream, size_t index, struct lade_stream_map_info *info)
{
	if (index >= stream->buffers.count)
		return -ENOENT;
	const struct buffer *buffer = stream->buffers.items[index];
	const struct record_choice *choice = &buffer->choice;
	const struct lade_stream_map_info full = {
		.name = buffer->map,
		.type_name = buffer->ring ? "ringbuf" : "perf_event_array",
		.records = buffer->record_count,
		.lost = buffer->lost_count,
		.full = buffer->full_count,
		.record_type = choice->decoder ? lade_decoder_name(choice->decoder) : NULL,
		.record_source = choice->source,
	};
	return info_fill(info, &full, sizeof full);
}

/* ---- delivering ---- */

static void note_lost(const struct lade_record *record)
{
	struct buffer *buffer = record->buffer;
	if (buffer->has_lost)
		return;
	buffer->has_lost = true;
	struct lade_finding *finding =
		lade_note_add(&buffer->stream->notes, "stream.lost", "%s: records were lost on CPU %d, %llu at first",
			      buffer->map, record->cpu, (unsigned long long)record->lost);
	finding_map(finding, buffer->map);
	finding_evidence(finding, "the buffer has %zu bytes per CPU", buffer->stream->perf_bytes);
	finding_fix(finding, "--buffer %zu", buffer->stream->perf_bytes * 4);
}

static void count_record(const struct lade_record *record)
{
	struct buffer *buffer = record->buffer;
	if (record->lost)
		note_lost(record);
	buffer->lost_count += record->lost;
	buffer->record_count += !record->lost;
}

bool lade_stream_deliver(struct lade_record *record)
{
	struct buffer *buffer = record->buffer;
	struct lade_stream *stream = buffer->stream;
	/* A ring buffer's record has just got its time; a CPU's was given by the kernel. */
	uint64_t now_ns = buffer->ring ? record->time_ns : lade_stream_now_ns();
	if (!record->time_ns)
		record->time_ns = now_ns;
	count_record(record);
	int answer = stream->fn(stream->userdata, record);
	stream->delivered++;
	stream->result = answer < 0 ? answer : 0;
	if (answer || stream->delivered == INT_MAX || (stream->deadline_ns && now_ns >= stream->deadline_ns))
		stream->is_stopped = true;
	/* 8 bytes of header, records start at multiples of 8. */
	uint64_t taken = ((uint64_t)record->length + 15) & ~7ULL;
	buffer->pass_bytes -= taken < buffer->pass_bytes ? taken : buffer->pass_bytes;
	return stream->is_stopped || !buffer->pass_bytes;
}

static int fail_consume(const struct buffer *buffer, int result, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, -result, "stream.read", "%s: reading the buffer failed", buffer->map);
	finding_map(finding, buffer->map);
	return result;
}

/* Until the next tick the stream's descriptor is not readable for it. */
static void clear_tick(const struct lade_stream *stream)
{
	uint64_t ticks;
	if (stream->timer_fd >= 0 && read(stream->timer_fd, &ticks, sizeof ticks) < 0)
		return; /* none has come */
}

/* One pass over all buffers, each time beginning with the next one: a busy one must not starve the others. */
static int consume_all(struct lade_stream *stream, struct lade_error **error)
{
	clear_tick(stream);
	lade_stream_hear_cpus(stream);
	size_t count = stream->buffers.count, first = count ? stream->first++ % count : 0;
	for (size_t i = 0; i < count && !stream->is_stopped; i++) {
		struct buffer *buffer = stream->buffers.items[(first + i) % count];
		int result = buffer->ring ? lade_buffer_consume_ring(buffer) : lade_buffer_consume_perf(buffer);
		if (result < 0 && !stream->is_stopped)
			return fail_consume(buffer, result, error);
	}
	return 0;
}

/* ---- waiting ---- */

static int wait_for_any(const struct lade_stream *stream, int timeout_ms, struct lade_error **error)
{
	struct pollfd descriptor = { .fd = stream->epoll_fd, .events = POLLIN };
	if (poll(&descriptor, 1, timeout_ms) >= 0)
		return 0;
	int errnum = errno;
	return errnum == EINTR ? -EINTR : lade_fail(error, errnum, "stream.read", "poll: %s", strerror(errnum));
}

static bool holds_records(const struct lade_stream *stream)
{
	array_foreach(buffer, &stream->buffers)
		if (lade_order_holds(&(*buffer)->order))
			return true;
	return false;
}

/* Milliseconds to sleep; 0: the time is over. */
static int next_sleep(const struct lade_stream *stream, int timeout_ms)
{
	int longest_ms = holds_records(stream)   ? WINDOW_SLEEP_MS
			 : stream->timer_fd >= 0 ? LADE_TICK_MS
						 : LONGEST_SLEEP_MS;
	if (timeout_ms < 0)
		return longest_ms;
	uint64_t now_ns = lade_stream_now_ns();
	if (timeout_ms == 0 || now_ns >= stream->deadline_ns)
		return 0;
	uint64_t left_ms = (stream->deadline_ns - now_ns + 999999) / 1000000;
	return left_ms < (uint64_t)longest_ms ? (int)left_ms : longest_ms;
}

static int poll_until(struct lade_stream *stream, int timeout_ms, struct lade_error **error)
{
	for (;;) {
		int result = consume_all(stream, error);
		if (result < 0)
			return result;
		if (stream->delivered || stream->is_stopped)
			return stream->result < 0 ? stream->result : stream->delivered;
		int sleep_ms = next_sleep(stream, timeout_ms);
		if (sleep_ms == 0)
			return 0;
		/* What waits for its window is there already: only time has to pass. */
		result = holds_records(stream) ? (poll(NULL, 0, sleep_ms) < 0 ? -EINTR : 0)
					       : wait_for_any(stream, sleep_ms, error);
		if (result < 0)
			return result;
	}
}

int lade_stream_poll(struct lade_stream *stream, int timeout_ms, lade_record_fn *fn, void *userdata,
		     struct lade_error **error)
{
	if (stream->is_polling)
		return lade_fail(error, EBUSY, "stream.options", "the stream is polled already, by its own callback");
	int result = stream->is_checked ? 0 : lade_stream_check(stream, error);
	if (result < 0)
		return result;
	stream->fn = fn;
	stream->userdata = userdata;
	stream->delivered = stream->result = 0;
	stream->is_stopped = false;
	stream->must_flush = timeout_ms == 0;
	uint64_t now_ns = lade_stream_now_ns();
	stream->deadline_ns = timeout_ms > 0 ? now_ns + (uint64_t)timeout_ms * 1000000U : 0;
	stream->clock_offset_ns = clock_ns(CLOCK_REALTIME) - (int64_t)now_ns;
	stream->is_polling = true;
	result = poll_until(stream, timeout_ms, error);
	stream->is_polling = false;
	return result;
}
