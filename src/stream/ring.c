/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stream/buffer.h"

static int on_record(void *userdata, void *data, size_t size)
{
	struct lade_record record = { .buffer = userdata, .cpu = -1, .bytes = data, .length = size };
	return lade_stream_deliver(&record) ? -ECANCELED : 0;
}

static int try_map(int fd, size_t length, int protection, off_t offset)
{
	void *area = mmap(NULL, length, protection, MAP_SHARED, fd, offset);
	if (area == MAP_FAILED)
		return -errno;
	(void)munmap(area, length);
	return 0;
}

/* One page that the consumer writes, then the producer's page and the data twice in a row. */
static int try_maps(const struct buffer *buffer)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int result = try_map(buffer->map_fd, page, PROT_READ | PROT_WRITE, 0);
	return result < 0 ? result
			  : try_map(buffer->map_fd, page + 2 * (size_t)buffer->max_entries, PROT_READ, (off_t)page);
}

int lade_buffer_open_ring(struct buffer *buffer, struct lade_error **error)
{
	int result = try_maps(buffer);
	if (result < 0) {
		struct lade_finding *finding =
			lade_error_add(error, -result, "stream.buffer.map", "ring buffer %s: mmap of %u bytes: %s",
				       buffer->map, buffer->max_entries, strerror(-result));
		finding_map(finding, buffer->map);
		return result;
	}
	if (!lade_can_open(buffer->map_fd, 1))
		return lade_fail(error, EMFILE, "stream.descriptors", "ring buffer %s: no descriptor is left",
				 buffer->map);
	buffer->ring = ring_buffer__new(buffer->map_fd, on_record, buffer, NULL);
	if (!buffer->ring)
		return lade_fail(error, errno ? errno : EIO, "stream.buffer.map", "ring buffer %s: %s", buffer->map,
				 strerror(errno));
	return 0;
}

int lade_buffer_consume_ring(struct buffer *buffer)
{
	/* More than the ring holds in one pass means that it is being filled while it is read. */
	buffer->pass_bytes = buffer->max_entries;
	int result = ring_buffer__consume(buffer->ring);
	return result < 0 && result != -ECANCELED ? -EIO : 0;
}
