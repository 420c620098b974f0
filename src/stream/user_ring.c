/* SPDX-License-Identifier: BSD-2-Clause */
/* Ring buffers that this side writes and programs read. libbpf keeps the positions. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <lade/stream.h>

#include "base/info.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "stream/encoder.h"
#include "stream/types.h"

#define USER_RINGBUF 31 /* BPF_MAP_TYPE_USER_RINGBUF, since 6.1 */

struct lade_user_ring {
	struct user_ring_buffer *ring;
	int map_fd;
	uint32_t max_entries;
	char *name;
	struct record_types types;
	struct lade_decoder *decoder; /* of its records; NULL: not known */
};

/* libbpf prints what goes wrong: tried before. A page to read, then one to write and the data twice. */
static int try_maps(int fd, uint32_t max_entries)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), length = page + 2 * (size_t)max_entries;
	void *consumer = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	(void)munmap(consumer, page);
	void *data = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)page);
	if (data == MAP_FAILED)
		return -errno;
	(void)munmap(data, length);
	return 0;
}

static int fail_open(const char *name, int result, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, -result, "stream.buffer.map", "user ring buffer %s: %s", name, strerror(-result));
	finding_map(finding, name);
	return result;
}

static int map_ring(struct lade_user_ring *ring, struct kernel *kernel, int map_fd,
		    const struct lade_user_ring_opts *opts, struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	const char *name = opts->name;
	int result = lade_bpf_is_other(map_fd, "bpf-map") ? -EINVAL : lade_bpf_map_info(kernel, map_fd, &info);
	if (result < 0 || info.type != USER_RINGBUF)
		return lade_fail(error, EINVAL, "user-ring.none", "%s is no user ring buffer",
				 name         ? name
				 : *info.name ? info.name
					      : "the descriptor");
	ring->max_entries = info.max_entries;
	ring->name = name ? strdup(name) : strndup(info.name, sizeof info.name);
	ring->map_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
	if (!ring->name)
		return lade_fail_memory(error);
	result = ring->map_fd < 0 ? -errno : try_maps(ring->map_fd, ring->max_entries);
	if (result == 0) {
		ring->ring = user_ring_buffer__new(ring->map_fd, NULL);
		result = ring->ring ? 0 : -errno;
	}
	return result < 0 ? fail_open(ring->name, result, error) : 0;
}

static int read_types(struct lade_user_ring *ring, struct kernel *kernel, const struct lade_object *object,
		      struct lade_error **error)
{
	uint32_t btf_id = object ? 0 : lade_btf_id_of_map(kernel, ring->map_fd);
	if (btf_id)
		return lade_record_types_of_kernel(&ring->types, kernel, btf_id, error);
	return object && lade_record_types_of_object(&ring->types, object) < 0 ? lade_fail_memory(error) : 0;
}

static int find_type(struct lade_user_ring *ring, const char *wanted, struct lade_error **error)
{
	uint32_t id = wanted ? lade_record_types_find(&ring->types, wanted)
			     : lade_record_types_declared(&ring->types, ring->name);
	if (wanted && !id) {
		struct lade_finding *finding = lade_error_add(error, ENOENT, "stream.type.unknown",
							      "the BTF has no struct or union named %s", wanted);
		lade_record_types_list(&ring->types, finding);
		return -ENOENT;
	}
	int result = id ? lade_decoder_compile(ring->types.btf, id, &ring->decoder) : 0;
	return result == -ENOMEM ? lade_fail_memory(error) : 0;
}

static int fill_ring(struct lade_user_ring *ring, struct lade_context *context, int map_fd,
		     const struct lade_user_ring_opts *opts, struct lade_error **error)
{
	struct kernel *kernel = NULL;
	int result = lade_context_kernel(context, &kernel, error);
	if (result == 0)
		result = map_ring(ring, kernel, map_fd, opts, error);
	if (result == 0)
		result = read_types(ring, kernel, opts->object, error);
	return result < 0 ? result : find_type(ring, opts->type, error);
}

int lade_user_ring_open(struct lade_context *context, int map_fd, const struct lade_user_ring_opts *opts,
			struct lade_user_ring **ret_ring, struct lade_error **error)
{
	struct lade_user_ring_opts known;
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "stream.options", "struct lade_user_ring_opts: %s", strerror(-result));
	struct lade_user_ring *ring = calloc(1, sizeof *ring);
	if (!ring)
		return lade_fail_memory(error);
	ring->map_fd = -1;
	result = fill_ring(ring, context, map_fd, &known, error);
	if (result < 0) {
		(void)lade_user_ring_close(ring);
		return result;
	}
	*ret_ring = ring;
	return 0;
}

void *lade_user_ring_reserve(struct lade_user_ring *ring, size_t length)
{
	if (length > UINT32_MAX) {
		errno = E2BIG;
		return NULL;
	}
	return user_ring_buffer__reserve(ring->ring, (uint32_t)length);
}

void lade_user_ring_submit(struct lade_user_ring *ring, void *record)
{
	user_ring_buffer__submit(ring->ring, record);
}

void lade_user_ring_discard(struct lade_user_ring *ring, void *record)
{
	user_ring_buffer__discard(ring->ring, record);
}

/* libbpf's waiting counts in whole timeouts, and a signal would be lost on it: a millisecond at a time. */
static void *wait_for_room(struct lade_user_ring *ring, uint32_t length, int timeout_ms)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	for (int waited = 0;; waited++) {
		void *record = user_ring_buffer__reserve(ring->ring, length);
		if (record || errno != ENOSPC || (timeout_ms >= 0 && waited >= timeout_ms))
			return record;
		if (nanosleep(&nap, NULL) < 0)
			return NULL; /* EINTR */
		if (waited == INT32_MAX - 1)
			waited = 0;
	}
}

int lade_user_ring_send(struct lade_user_ring *ring, const void *bytes, size_t length, int timeout_ms,
			struct lade_error **error)
{
	/* 8 bytes of header, records are rounded up to 8: a larger one would never find room. */
	if (length > ring->max_entries - 8 || (length + 7) / 8 * 8 > ring->max_entries - 8)
		return lade_fail(error, E2BIG, "user-ring.large",
				 "%s: a record of %zu bytes does not fit into a ring of %u", ring->name, length,
				 ring->max_entries);
	void *record = wait_for_room(ring, (uint32_t)length, timeout_ms);
	int errnum = errno == ENOSPC ? EAGAIN : errno;
	if (!record)
		return lade_fail(error, errnum, "user-ring.full", "%s: no room for %zu bytes: %s", ring->name, length,
				 strerror(errnum));
	if (length)
		memcpy(record, bytes, length);
	user_ring_buffer__submit(ring->ring, record);
	return 0;
}

/* Without a type the text itself says how long it is. */
static size_t hex_length(const char *text)
{
	size_t digits = 0;
	for (text += strncmp(text, "hex:", 4) == 0 ? 4 : strlen(text); *text; text++)
		digits += *text != ' ' && *text != '\t' && *text != '\n';
	return digits / 2;
}

int lade_user_ring_send_text(struct lade_user_ring *ring, const char *text, int timeout_ms, struct lade_error **error)
{
	size_t length = ring->decoder ? (size_t)lade_decoder_size(ring->decoder) : hex_length(text);
	if (!length) {
		struct lade_finding *finding = lade_error_add(error, EINVAL, "user-ring.untyped",
							      "%s: the type of its records is not known", ring->name);
		finding_map(finding, ring->name);
		return -EINVAL;
	}
	if (length > ring->max_entries)
		return lade_user_ring_send(ring, NULL, length, 0, error);
	CLEANUP(cleanup_free) void *bytes = calloc(1, length);
	if (!bytes)
		return lade_fail_memory(error);
	int result = lade_encode(ring->decoder, text, strlen(text), bytes, length, "record", error);
	return result < 0 ? result : lade_user_ring_send(ring, bytes, length, timeout_ms, error);
}

struct lade_user_ring *lade_user_ring_close(struct lade_user_ring *ring)
{
	if (!ring)
		return NULL;
	user_ring_buffer__free(ring->ring);
	(void)fd_close(ring->map_fd);
	(void)lade_decoder_free(ring->decoder);
	lade_record_types_clear(&ring->types);
	free(ring->name);
	free(ring);
	return NULL;
}
