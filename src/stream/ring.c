/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ring buffers. libbpf reads the records; the positions beside them say how far the reader lags behind, and whether
 * somebody else reads too. A record that found the ring full was refused to its program and counted nowhere.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stream/buffer.h"

#define RECORD_HEADER_BYTES 8
#define HELD_NS             50000 /* a record takes less */

/* ---- what the positions tell ---- */

/* Does fdinfo say that this descriptor of this process is our map? */
static bool holds_map(const char *fdinfo, uint32_t map_id)
{
	char line[128];
	unsigned found = 0;
	FILE *file = fopen(fdinfo, "re");
	while (file && !found && fgets(line, sizeof line, file))
		(void)sscanf(line, "map_id: %u", &found); /* NOLINT(cert-err34-c): no number is 0, which no id is */
	if (file)
		(void)fclose(file);
	return found == map_id;
}

static bool process_holds_map(const char *pid, uint32_t map_id)
{
	char path[PATH_MAX];
	(void)snprintf(path, sizeof path, "/proc/%s/fdinfo", pid);
	DIR *directory = opendir(path);
	bool found = false;
	for (const struct dirent *entry; directory && !found && (entry = readdir(directory));) {
		(void)snprintf(path, sizeof path, "/proc/%s/fdinfo/%s", pid, entry->d_name);
		found = entry->d_name[0] != '.' && holds_map(path, map_id);
	}
	if (directory)
		(void)closedir(directory);
	return found;
}

/* Who else has a descriptor of the map: one of them is the other reader. */
static void name_holders(const struct buffer *buffer, struct lade_finding *finding)
{
	DIR *directory = opendir("/proc");
	for (const struct dirent *entry; directory && (entry = readdir(directory));) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || atoi(entry->d_name) == getpid() ||
		    !process_holds_map(entry->d_name, buffer->map_id))
			continue;
		char path[64], name[64] = "";
		(void)snprintf(path, sizeof path, "/proc/%.16s/comm", entry->d_name);
		FILE *file = fopen(path, "re");
		if (file && fgets(name, sizeof name, file))
			name[strcspn(name, "\n")] = '\0';
		if (file)
			(void)fclose(file);
		finding_evidence(finding, "process %s (%s) holds the map", entry->d_name, name);
	}
	if (directory)
		(void)closedir(directory);
}

static void note_rival(struct buffer *buffer)
{
	buffer->has_rival = true;
	struct lade_finding *finding = lade_note_add(
		&buffer->stream->notes, "stream.ring.shared",
		"%s is read by somebody else too: records go to one of the readers, or to both", buffer->map);
	finding_map(finding, buffer->map);
	finding_evidence(finding, "its read position moved to %lu while we stood at %lu", *buffer->positions.consumer,
			 buffer->positions.seen);
	name_holders(buffer, finding);
}

static void note_full(struct buffer *buffer, unsigned long lag)
{
	buffer->full_count++;
	if (buffer->has_full)
		return;
	buffer->has_full = true;
	struct lade_finding *finding = lade_note_add(&buffer->stream->notes, "stream.ring.full",
						     "%s was full: its program may have lost records", buffer->map);
	finding_map(finding, buffer->map);
	finding_evidence(finding, "%lu of its %u bytes waited to be read", lag, buffer->max_entries);
	finding_fix(finding, "--max-entries %s=%llu when it is loaded", buffer->map,
		    (unsigned long long)buffer->max_entries * 4);
}

static void look_at_lag(struct buffer *buffer)
{
	const struct ring_positions *positions = &buffer->positions;
	if (!positions->consumer || !positions->producer)
		return;
	unsigned long lag = *positions->producer - *positions->consumer;
	size_t next = (buffer->choice_length + 7) / 8 * 8 + RECORD_HEADER_BYTES;
	if (lag <= buffer->max_entries && lag + next > buffer->max_entries)
		note_full(buffer, lag);
}

static void look_for_rival(struct buffer *buffer)
{
	const struct ring_positions *positions = &buffer->positions;
	bool has_moved = positions->has_seen && positions->consumer && *positions->consumer != positions->seen;
	if (has_moved && !buffer->has_rival)
		note_rival(buffer);
}

/* libbpf moves the read position when this returns: between two records it stands still. */
static int on_record(void *userdata, void *data, size_t size)
{
	struct buffer *buffer = userdata;
	struct lade_record record = {
		.buffer = buffer, .cpu = -1, .bytes = data, .length = size, .time_ns = lade_stream_now_ns()
	};
	/* Something has held us since the last record: then the ring may have filled. */
	if (record.time_ns - buffer->positions.looked_ns > HELD_NS)
		look_at_lag(buffer);
	buffer->positions.looked_ns = record.time_ns;
	return lade_stream_deliver(&record) ? -ECANCELED : 0;
}

int lade_buffer_consume_ring(struct buffer *buffer)
{
	look_for_rival(buffer);
	/* More than the ring holds in one pass means that it is being filled while it is read. */
	buffer->pass_bytes = buffer->max_entries;
	int result = ring_buffer__consume(buffer->ring);
	if (buffer->positions.consumer) {
		buffer->positions.seen = *buffer->positions.consumer;
		buffer->positions.has_seen = true;
	}
	return result < 0 && result != -ECANCELED ? -EIO : 0;
}

/* ---- opening ---- */

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

static const volatile unsigned long *map_position(const struct buffer *buffer, off_t offset)
{
	void *area = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, buffer->map_fd, offset);
	return area == MAP_FAILED ? NULL : area;
}

static void unmap_position(const volatile unsigned long *position)
{
	if (position)
		(void)munmap((void *)(uintptr_t)position, (size_t)sysconf(_SC_PAGESIZE));
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
	if (!buffer->ring || lade_stream_watch_fd(buffer->stream, ring_buffer__epoll_fd(buffer->ring)) < 0)
		return lade_fail(error, errno ? errno : EIO, "stream.buffer.map", "ring buffer %s: %s", buffer->map,
				 strerror(errno));
	buffer->positions.consumer = map_position(buffer, 0);
	buffer->positions.producer = map_position(buffer, sysconf(_SC_PAGESIZE));
	return 0;
}

void lade_buffer_close_ring(struct buffer *buffer)
{
	unmap_position(buffer->positions.consumer);
	unmap_position(buffer->positions.producer);
	ring_buffer__free(buffer->ring);
	buffer->ring = NULL;
}
