/* SPDX-License-Identifier: BSD-2-Clause */
/* All buffers of an instance behind one poll. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/info.h"
#include "kernel/bpf.h"
#include "stream/buffer.h"

#define DEFAULT_PERF_BYTES (256UL << 10)
#define MAX_PERF_BYTES     (1UL << 30)
/* A program may send records without waking the reader (BPF_RB_NO_WAKEUP): look by ourselves now and then. */
#define LONGEST_SLEEP_MS 500

/* ---- opening ---- */

static bool is_buffer(uint32_t type)
{
	return type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

static struct buffer *add_buffer(struct lade_stream *stream, const struct loaded_map *map)
{
	struct buffer *buffer = calloc(1, sizeof *buffer);
	struct buffer **item = buffer ? array_push(&stream->buffers) : NULL; /* NOLINT: items are pointers */
	if (!item) {
		free(buffer);
		return NULL;
	}
	*item = buffer;
	buffer->stream = stream;
	buffer->map_fd = -1;
	buffer->hints.declared = map->btf_record_type;
	buffer->hints.is_padded = map->definition.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	buffer->map = strdup(map->name);
	return buffer->map ? buffer : NULL;
}

static int fail_info(const struct loaded_map *map, int result, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, -result, "stream.buffer.map",
						      "%s: BPF_OBJ_GET_INFO_BY_FD: %s", map->name, strerror(-result));
	finding_map(finding, map->name);
	return result;
}

static int open_buffer(struct lade_stream *stream, const struct loaded_map *map, struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	struct buffer *buffer = add_buffer(stream, map);
	if (!buffer)
		return lade_fail_memory(error);
	buffer->map_fd = fcntl(map->fd, F_DUPFD_CLOEXEC, 3);
	if (buffer->map_fd < 0)
		return lade_fail(error, errno, "stream.descriptors", "%s: %s", map->name, strerror(errno));
	int result = lade_bpf_map_info(stream->kernel, map->fd, &info);
	if (result < 0)
		return fail_info(map, result, error);
	/* libbpf would print if the map were of another type than it was created as. */
	if (info.type != map->definition.type)
		return fail_info(map, -EINVAL, error);
	buffer->max_entries = info.max_entries;
	return buffer->hints.is_padded ? lade_buffer_open_perf(buffer, error) : lade_buffer_open_ring(buffer, error);
}

static int open_buffers(struct lade_stream *stream, const struct lade_instance *instance, struct lade_error **error)
{
	array_foreach(map, &instance->maps) {
		if (!is_buffer(map->definition.type) || map->fd < 0)
			continue;
		int result = open_buffer(stream, map, error);
		if (result < 0)
			return result;
	}
	if (stream->buffers.count)
		return 0;
	return lade_fail(error, ENOENT, "stream.no-buffer", "%s has no ring buffer and no perf event array",
			 instance->name ? instance->name : "the object");
}

/* ---- options ---- */

static int round_perf_bytes(size_t wanted, size_t *ret_bytes, struct lade_error **error)
{
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	if (wanted > MAX_PERF_BYTES)
		return lade_fail(error, EINVAL, "stream.buffer.size", "a perf buffer of %zu bytes per CPU is too large",
				 wanted);
	while (bytes < (wanted ? wanted : DEFAULT_PERF_BYTES))
		bytes *= 2;
	*ret_bytes = bytes;
	return 0;
}

static struct buffer *find_buffer(const struct lade_stream *stream, const char *map)
{
	array_foreach(buffer, &stream->buffers)
		if (strcmp((*buffer)->map, map) == 0)
			return *buffer;
	return NULL;
}

static int fail_map(const struct lade_stream *stream, const char *map, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "stream.map.unknown", "there is no ring or perf buffer named %s", map);
	array_foreach(buffer, &stream->buffers)
		finding_evidence(finding, "there is %s", (*buffer)->map);
	return -ENOENT;
}

static int fail_type(const struct lade_stream *stream, const char *type, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, ENOENT, "stream.type.unknown",
						      "the object's BTF has no struct or union named %s", type);
	lade_record_types_list(&stream->types, finding);
	return -ENOENT;
}

/* A type for one map goes before one for all, whatever their order. */
static int choose_type(struct lade_stream *stream, const struct lade_record_type *wanted, struct lade_error **error)
{
	uint32_t id = wanted->type ? lade_record_types_find(&stream->types, wanted->type) : 0;
	if (!id)
		return fail_type(stream, wanted->type ? wanted->type : "(null)", error);
	if (wanted->map) {
		struct buffer *buffer = find_buffer(stream, wanted->map);
		if (!buffer)
			return fail_map(stream, wanted->map, error);
		buffer->hints.chosen = id;
		return 0;
	}
	array_foreach(buffer, &stream->buffers)
		if (!(*buffer)->hints.chosen)
			(*buffer)->hints.chosen = id;
	return 0;
}

static int choose_types(struct lade_stream *stream, const struct lade_stream_opts *opts, struct lade_error **error)
{
	for (int of_all = 0; of_all < 2; of_all++)
		for (size_t i = 0; i < opts->type_count; i++) {
			if ((opts->types[i].map == NULL) != of_all)
				continue;
			int result = choose_type(stream, &opts->types[i], error);
			if (result < 0)
				return result;
		}
	return 0;
}

static int fill_stream(struct lade_stream *stream, const struct lade_instance *instance,
		       const struct lade_stream_opts *opts, struct lade_error **error)
{
	int result = round_perf_bytes(opts->perf_buffer_bytes, &stream->perf_bytes, error);
	if (result == 0)
		result = lade_context_kernel(instance->context, &stream->kernel, error);
	if (result == 0 && lade_record_types_init(&stream->types, instance) < 0)
		result = lade_fail_memory(error);
	if (result == 0)
		result = open_buffers(stream, instance, error);
	if (result == 0)
		result = choose_types(stream, opts, error);
	if (result == 0 && !stream->types.btf)
		(void)lade_note_add(&stream->notes, "stream.no-types", "%s has no BTF: its records are shown as bytes",
				    instance->name ? instance->name : "the object");
	return result;
}

int lade_stream_open(struct lade_instance *instance, const struct lade_stream_opts *opts,
		     struct lade_stream **ret_stream, struct lade_error **error)
{
	struct lade_stream_opts known;
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "stream.options", "struct lade_stream_opts: %s", strerror(-result));
	struct lade_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return lade_fail_memory(error);
	result = fill_stream(stream, instance, &known, error);
	if (result < 0) {
		(void)lade_stream_close(stream);
		return lade_error_context(error, result, "opening the stream");
	}
	*ret_stream = stream;
	return 0;
}

struct buffer *lade_buffer_close(struct buffer *buffer)
{
	if (!buffer)
		return NULL;
	ring_buffer__free(buffer->ring);
	perf_buffer__free(buffer->perf);
	(void)fd_close(buffer->map_fd);
	free(buffer->map);
	free(buffer->choice.why);
	free(buffer);
	return NULL;
}

struct lade_stream *lade_stream_close(struct lade_stream *stream)
{
	if (!stream)
		return NULL;
	array_foreach(buffer, &stream->buffers)
		(void)lade_buffer_close(*buffer);
	array_clear(&stream->buffers);
	lade_record_types_clear(&stream->types);
	lade_findings_clear(&stream->notes);
	free(stream);
	return NULL;
}

size_t lade_stream_note_count(const struct lade_stream *stream)
{
	return stream->notes.count;
}

const struct lade_finding *lade_stream_note(const struct lade_stream *stream, size_t index)
{
	return index < stream->notes.count ? stream->notes.items[index] : NULL;
}

bool lade_can_open(int any_fd, unsigned count)
{
	int *held = calloc(count, sizeof *held);
	unsigned opened = 0;
	while (held && opened < count && (held[opened] = fcntl(any_fd, F_DUPFD_CLOEXEC, 3)) >= 0)
		opened++;
	for (unsigned i = 0; i < opened; i++)
		(void)close(held[i]);
	free(held);
	return opened == count;
}

/* ---- polling ---- */

static uint64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

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

bool lade_stream_deliver(const struct lade_record *record)
{
	struct buffer *buffer = record->buffer;
	struct lade_stream *stream = buffer->stream;
	if (record->lost)
		note_lost(record);
	int answer = stream->fn(stream->userdata, record);
	stream->delivered++;
	stream->result = answer < 0 ? answer : 0;
	if (answer || stream->delivered == INT_MAX || (stream->deadline_ns && now_ns() >= stream->deadline_ns))
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

/* One pass over all buffers, each time beginning with the next one: a busy one must not starve the others. */
static int consume_all(struct lade_stream *stream, struct lade_error **error)
{
	size_t count = stream->buffers.count, first = stream->first++ % count;
	for (size_t i = 0; i < count && !stream->is_stopped; i++) {
		struct buffer *buffer = stream->buffers.items[(first + i) % count];
		int result = buffer->ring ? lade_buffer_consume_ring(buffer) : lade_buffer_consume_perf(buffer);
		if (result < 0 && !stream->is_stopped)
			return fail_consume(buffer, result, error);
	}
	return 0;
}

int lade_buffer_epoll_fd(const struct buffer *buffer)
{
	return buffer->ring ? ring_buffer__epoll_fd(buffer->ring) : perf_buffer__epoll_fd(buffer->perf);
}

static int wait_for_any(struct lade_stream *stream, int timeout_ms, struct lade_error **error)
{
	size_t count = stream->buffers.count;
	CLEANUP(cleanup_free) struct pollfd *descriptors = calloc(count, sizeof *descriptors);
	if (!descriptors)
		return lade_fail_memory(error);
	for (size_t i = 0; i < count; i++)
		descriptors[i] =
			(struct pollfd){ .fd = lade_buffer_epoll_fd(stream->buffers.items[i]), .events = POLLIN };
	if (poll(descriptors, count, timeout_ms) >= 0)
		return 0;
	int errnum = errno;
	return errnum == EINTR ? -EINTR : lade_fail(error, errnum, "stream.read", "poll: %s", strerror(errnum));
}

/* Milliseconds to sleep; 0: the time is over. */
static int next_sleep(const struct lade_stream *stream, int timeout_ms)
{
	if (timeout_ms < 0)
		return LONGEST_SLEEP_MS;
	uint64_t now = now_ns();
	if (timeout_ms == 0 || now >= stream->deadline_ns)
		return 0;
	uint64_t left_ms = (stream->deadline_ns - now + 999999) / 1000000;
	return left_ms < LONGEST_SLEEP_MS ? (int)left_ms : LONGEST_SLEEP_MS;
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
		result = wait_for_any(stream, sleep_ms, error);
		if (result < 0)
			return result;
	}
}

int lade_stream_poll(struct lade_stream *stream, int timeout_ms, lade_record_fn *fn, void *userdata,
		     struct lade_error **error)
{
	if (stream->is_polling)
		return lade_fail(error, EBUSY, "stream.options", "the stream is polled already, by its own callback");
	stream->fn = fn;
	stream->userdata = userdata;
	stream->delivered = stream->result = 0;
	stream->is_stopped = false;
	stream->deadline_ns = timeout_ms > 0 ? now_ns() + (uint64_t)timeout_ms * 1000000U : 0;
	stream->is_polling = true;
	int result = poll_until(stream, timeout_ms, error);
	stream->is_polling = false;
	return result;
}
