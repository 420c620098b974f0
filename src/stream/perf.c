/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading perf event arrays: samples and losses of every CPU, put in order by the time that the kernel gave them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stream/buffer.h"

/* What lies in front of our fields: perf_event_open(2), PERF_SAMPLE_TIME and PERF_SAMPLE_RAW. */
struct timed_sample {
	struct perf_event_header header;
	uint64_t time_ns;
	uint32_t size;
	char data[];
};

struct plain_sample {
	struct perf_event_header header;
	uint32_t size;
	char data[];
};

struct lost_event {
	struct perf_event_header header;
	uint64_t id, lost;
	uint64_t time_ns; /* where samples have it */
};

/* ---- one event ---- */

static bool fill_sample(const char *data, size_t size, size_t header_size, const struct perf_event_header *header,
			struct lade_record *record)
{
	size_t room = header->size - header_size;
	record->bytes = data;
	record->length = size < room ? size : room;
	return true;
}

static bool read_sample(const struct buffer *buffer, const struct perf_event_header *header, struct lade_record *record)
{
	const struct timed_sample *timed = (const void *)header;
	const struct plain_sample *plain = (const void *)header;
	size_t header_size =
		buffer->has_time ? offsetof(struct timed_sample, data) : offsetof(struct plain_sample, data);
	if (header->size < header_size)
		return false;
	record->time_ns = buffer->has_time ? timed->time_ns : 0;
	return buffer->has_time ? fill_sample(timed->data, timed->size, header_size, header, record)
				: fill_sample(plain->data, plain->size, header_size, header, record);
}

/* What was told when the kernel's counter was read is not told again. */
static bool read_lost(struct buffer *buffer, const struct perf_event_header *header, struct lade_record *record)
{
	const struct lost_event *lost = (const void *)header;
	if (header->size < offsetof(struct lost_event, time_ns))
		return false;
	if (buffer->has_time && header->size >= sizeof *lost)
		record->time_ns = lost->time_ns;
	struct cpu_losses *losses =
		record->cpu >= 0 && (unsigned)record->cpu < buffer->cpus ? &buffer->losses[record->cpu] : NULL;
	uint64_t count = lost->lost;
	if (losses) {
		uint64_t known = count < losses->ahead ? count : losses->ahead;
		losses->ahead -= known;
		count -= known;
		losses->told += count;
	}
	record->lost = count;
	return count > 0;
}

static bool is_ordered(const struct buffer *buffer)
{
	return buffer->has_time && !buffer->stream->is_unordered;
}

/* Kept until all CPUs were looked at. Without memory it comes out of order. */
static bool keep(struct buffer *buffer, const struct lade_record *record)
{
	const struct ordered_record kept = {
		.time_ns = record->time_ns, .lost = record->lost, .length = record->length, .cpu = record->cpu
	};
	return lade_order_add(&buffer->order, &kept, record->bytes) == 0;
}

enum bpf_perf_event_ret lade_perf_on_event(void *userdata, int cpu, struct perf_event_header *header)
{
	struct buffer *buffer = userdata;
	struct lade_record record = { .buffer = buffer, .cpu = cpu };
	bool is_record = header->type == PERF_RECORD_SAMPLE ? read_sample(buffer, header, &record)
			 : header->type == PERF_RECORD_LOST ? read_lost(buffer, header, &record)
							    : false;
	if (!is_record || (is_ordered(buffer) && keep(buffer, &record)))
		return LIBBPF_PERF_EVENT_CONT;
	return lade_stream_deliver(&record) ? LIBBPF_PERF_EVENT_DONE : LIBBPF_PERF_EVENT_CONT;
}

/* ---- a pass ---- */

/* The oldest first, as long as no other CPU can still come with an older one. */
static void deliver_ordered(struct buffer *buffer, uint64_t until_ns)
{
	const struct ordered_record *next;
	while (!buffer->stream->is_stopped && (next = lade_order_next(&buffer->order, until_ns))) {
		struct lade_record record = { .buffer = buffer,
					      .cpu = next->cpu,
					      .bytes = next->lost ? NULL : buffer->order.bytes.items + next->offset,
					      .length = next->length,
					      .lost = next->lost,
					      .time_ns = next->time_ns };
		lade_order_take(&buffer->order);
		(void)lade_stream_deliver(&record);
	}
}

/* Where the kernel counts (since 6.0): what no record has told yet, because none has come since. */
void lade_buffer_tell_losses(struct buffer *buffer)
{
	for (unsigned cpu = 0; cpu < buffer->cpus && !buffer->stream->is_stopped; cpu++) {
		struct cpu_losses *losses = &buffer->losses[cpu];
		uint64_t values[2]; /* the event's own count, which means nothing here, and the losses */
		if (losses->event_fd < 0 || read(losses->event_fd, values, sizeof values) != sizeof values)
			continue;
		if (values[1] <= losses->told)
			continue;
		uint64_t count = values[1] - losses->told;
		losses->told = values[1];
		losses->ahead += count;
		struct lade_record record = { .buffer = buffer, .cpu = (int)cpu, .lost = count };
		(void)lade_stream_deliver(&record);
	}
}

/* Each CPU's buffer ends where its head was when reading began. */
static int read_waves(struct buffer *buffer)
{
	array_foreach(wave, &buffer->waves) {
		size_t count = perf_buffer__buffer_cnt(wave->perf);
		for (size_t i = 0; i < count && !buffer->stream->is_stopped; i++)
			if (perf_buffer__consume_buffer(wave->perf, i) < 0)
				return -EIO;
	}
	return 0;
}

static int consume_ordered(struct buffer *buffer, uint64_t now_ns)
{
	const struct lade_stream *stream = buffer->stream;
	uint64_t until_ns = stream->must_flush ? UINT64_MAX : now_ns - LADE_ORDER_WINDOW_NS;
	/* The caller stopped in the middle of the last pass: that first, so that no more than a pass is ever held. */
	if (lade_order_next(&buffer->order, until_ns)) {
		deliver_ordered(buffer, until_ns);
		if (stream->is_stopped)
			return 0;
	}
	if (lade_order_begin(&buffer->order) < 0)
		return -ENOMEM;
	int result = read_waves(buffer);
	deliver_ordered(buffer, until_ns);
	return result;
}

int lade_buffer_consume_perf(struct buffer *buffer)
{
	uint64_t now_ns = lade_stream_now_ns();
	uint64_t before = buffer->record_count;
	buffer->pass_bytes = UINT64_MAX;
	int result = is_ordered(buffer) ? consume_ordered(buffer, now_ns) : read_waves(buffer);
	bool is_idle = buffer->record_count == before && !lade_order_holds(&buffer->order);
	if (result == 0 && buffer->has_count && (buffer->stream->must_flush || (is_idle && buffer->was_busy)))
		lade_buffer_tell_losses(buffer);
	buffer->was_busy = !is_idle;
	if (result == 0 && (!buffer->stream->is_stopped || !buffer->has_dead)) /* dead waves want a whole pass */
		lade_buffer_follow_cpus(buffer, now_ns);
	return result;
}
