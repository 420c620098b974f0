/* SPDX-License-Identifier: BSD-2-Clause */
/* Making a stream: of an instance, or of buffers that are added one by one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/info.h"
#include "kernel/bpf.h"
#include "stream/buffer.h"
#include "stream/out.h"
#include "stream/quote.h"

#define DEFAULT_PERF_BYTES (256UL << 10)
#define MAX_PERF_BYTES     (1UL << 30)
#define RING_OVERWRITES    (1U << 19) /* BPF_F_RB_OVERWRITE, since 6.19 */

/* ---- one buffer ---- */

static char *json_lead(const char *map)
{
	struct strbuf buffer = { 0 };
	out_text(&buffer, ",\"map\":");
	lade_quote_json(map, strlen(map), &buffer);
	lade_strbuf_add(&buffer, ",\"cpu\":");
	return lade_strbuf_take(&buffer);
}

static struct buffer *push_buffer(struct lade_stream *stream, const char *name)
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
	buffer->map = strdup(name);
	buffer->lead_json = json_lead(name);
	return buffer->map && buffer->lead_json ? buffer : NULL;
}

static int fail_info(const char *name, int result, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, -result, "stream.buffer.map",
						      "%s: BPF_OBJ_GET_INFO_BY_FD: %s", name, strerror(-result));
	finding_map(finding, name);
	return result;
}

static int refuse_overwriting(const char *name, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EOPNOTSUPP, "stream.ring.overwrite", "%s overwrites its oldest records", name);
	finding_map(finding, name);
	return -EOPNOTSUPP;
}

static int fill_buffer(struct buffer *buffer, int fd, const struct bpf_map_info *info, struct lade_error **error)
{
	buffer->map_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (buffer->map_fd < 0)
		return lade_fail(error, errno, "stream.descriptors", "%s: %s", buffer->map, strerror(errno));
	buffer->max_entries = info->max_entries;
	buffer->map_id = info->id;
	buffer->hints.is_padded = info->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	if (info->type == BPF_MAP_TYPE_RINGBUF && info->map_flags & RING_OVERWRITES)
		return refuse_overwriting(buffer->map, error);
	return buffer->hints.is_padded ? lade_buffer_open_perf(buffer, error) : lade_buffer_open_ring(buffer, error);
}

int lade_stream_add_buffer(struct lade_stream *stream, const char *name, int fd, struct record_types *types,
			   uint32_t declared, struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	int result = lade_bpf_map_info(stream->kernel, fd, &info);
	if (result < 0)
		return fail_info(name, result, error);
	if (!lade_is_record_buffer(info.type))
		return fail_info(name, -EINVAL, error);
	array_foreach(known, &stream->buffers)
		if ((*known)->map_id && (*known)->map_id == info.id)
			return 0; /* named twice: it can be read only once */
	struct buffer *buffer = push_buffer(stream, name);
	if (!buffer)
		return lade_fail_memory(error);
	buffer->types = types;
	buffer->hints.declared = declared;
	result = fill_buffer(buffer, fd, &info, error);
	if (result == 0)
		lade_stream_choose(stream, buffer);
	stream->is_checked = false;
	return result;
}

struct buffer *lade_buffer_close(struct buffer *buffer)
{
	if (!buffer)
		return NULL;
	lade_buffer_close_ring(buffer);
	lade_buffer_close_perf(buffer);
	(void)fd_close(buffer->map_fd);
	free(buffer->map);
	free(buffer->lead_json);
	free(buffer->choice.why);
	free(buffer);
	return NULL;
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

static int copy_wanted(struct lade_stream *stream, const struct lade_stream_opts *opts)
{
	for (size_t i = 0; i < opts->type_count; i++) {
		struct wanted_type *wanted = array_push(&stream->wanted);
		if (!wanted)
			return -ENOMEM;
		wanted->map = opts->types[i].map ? strdup(opts->types[i].map) : NULL;
		wanted->type = strdup(opts->types[i].type ? opts->types[i].type : "(null)");
		if (!wanted->type || (opts->types[i].map && !wanted->map))
			return -ENOMEM;
	}
	for (size_t i = 0; i < opts->field_count; i++)
		if (lade_strings_add(&stream->fields, opts->fields[i]) < 0)
			return -ENOMEM;
	return 0;
}

/* Two: that of the buffers, and around it that with the ticks. */
static int open_descriptors(struct lade_stream *stream)
{
	struct epoll_event event = { .events = EPOLLIN };
	stream->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	stream->public_fd = epoll_create1(EPOLL_CLOEXEC);
	if (stream->epoll_fd < 0 || stream->public_fd < 0)
		return -errno;
	return epoll_ctl(stream->public_fd, EPOLL_CTL_ADD, stream->epoll_fd, &event) < 0 ? -errno : 0;
}

static int fill_stream(struct lade_stream *stream, struct lade_context *context, const struct lade_stream_opts *opts,
		       struct lade_error **error)
{
	stream->context = context;
	stream->object = opts->object;
	stream->is_hex = opts->hex;
	stream->is_unordered = opts->unordered;
	stream->timer_fd = stream->epoll_fd = stream->public_fd = stream->cpu_fd = -1;
	int result = round_perf_bytes(opts->perf_buffer_bytes, &stream->perf_bytes, error);
	if (result == 0)
		result = lade_context_kernel(context, &stream->kernel, error);
	if (result == 0 && copy_wanted(stream, opts) < 0)
		result = lade_fail_memory(error);
	if (result < 0)
		return result;
	result = open_descriptors(stream);
	return result < 0 ? lade_fail(error, -result, "stream.descriptors", "epoll: %s", strerror(-result)) : 0;
}

int lade_stream_new(struct lade_context *context, const struct lade_stream_opts *opts, struct lade_stream **ret_stream,
		    struct lade_error **error)
{
	struct lade_stream_opts known;
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "stream.options", "struct lade_stream_opts: %s", strerror(-result));
	struct lade_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return lade_fail_memory(error);
	result = fill_stream(stream, context, &known, error);
	if (result < 0) {
		(void)lade_stream_close(stream);
		return result;
	}
	*ret_stream = stream;
	return 0;
}

struct lade_stream *lade_stream_close(struct lade_stream *stream)
{
	if (!stream)
		return NULL;
	array_foreach(buffer, &stream->buffers)
		(void)lade_buffer_close(*buffer);
	array_clear(&stream->buffers);
	array_foreach(types, &stream->types) {
		lade_record_types_clear(*types);
		free(*types);
	}
	array_clear(&stream->types);
	array_foreach(wanted, &stream->wanted) {
		free(wanted->map);
		free(wanted->type);
	}
	array_clear(&stream->wanted);
	lade_strings_clear(&stream->fields);
	lade_findings_clear(&stream->notes);
	lade_strbuf_clear(&stream->line);
	(void)fd_close(stream->epoll_fd);
	(void)fd_close(stream->public_fd);
	(void)fd_close(stream->timer_fd);
	(void)fd_close(stream->cpu_fd);
	free(stream);
	return NULL;
}

int lade_stream_watch_fd(struct lade_stream *stream, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	return epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int lade_stream_tick(struct lade_stream *stream)
{
	struct epoll_event event = { .events = EPOLLIN };
	if (stream->timer_fd >= 0)
		return 0;
	stream->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return stream->timer_fd < 0 || epoll_ctl(stream->public_fd, EPOLL_CTL_ADD, stream->timer_fd, &event) < 0
		       ? -errno
		       : 0;
}

/* Ticks only for who waits by himself: lade_stream_poll() looks without. */
int lade_stream_fd(const struct lade_stream *stream)
{
	const struct timespec tick = { .tv_nsec = LADE_TICK_MS * 1000000L };
	const struct itimerspec ticks = { .it_interval = tick, .it_value = tick };
	if (stream->timer_fd >= 0)
		(void)timerfd_settime(stream->timer_fd, 0, &ticks, NULL);
	return stream->public_fd;
}

/* ---- of an instance ---- */

static int add_instance(struct lade_stream *stream, const struct lade_instance *instance, struct lade_error **error)
{
	const char *name = instance->name ? instance->name : "the object";
	struct record_types *types = lade_stream_add_types(stream);
	if (!types || lade_record_types_of_instance(types, instance) < 0)
		return lade_fail_memory(error);
	array_foreach(map, &instance->maps) {
		if (!lade_is_record_buffer(map->definition.type) || map->fd < 0)
			continue;
		int result = lade_stream_add_buffer(stream, map->name, map->fd, types, map->btf_record_type, error);
		if (result < 0)
			return result;
	}
	if (!stream->buffers.count)
		return lade_fail(error, ENOENT, "stream.no-buffer", "%s has no ring buffer and no perf event array",
				 name);
	if (!types->btf)
		(void)lade_note_add(&stream->notes, "stream.no-types", "%s has no BTF: its records are shown as bytes",
				    name);
	return 0;
}

int lade_stream_open(struct lade_instance *instance, const struct lade_stream_opts *opts,
		     struct lade_stream **ret_stream, struct lade_error **error)
{
	struct lade_stream *stream = NULL;
	int result = lade_stream_new(instance->context, opts, &stream, error);
	if (result == 0)
		result = add_instance(stream, instance, error);
	if (result == 0)
		result = lade_stream_check(stream, error);
	if (result < 0) {
		(void)lade_stream_close(stream);
		return lade_error_context(error, result, "opening the stream");
	}
	*ret_stream = stream;
	return 0;
}
