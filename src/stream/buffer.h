/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One buffer: a ring buffer or perf event array of the instance, read through libbpf. libbpf prints what
 * goes wrong through a callback of the whole process, so everything that can go wrong is tried before it
 * is called.
 */
#ifndef LADE_STREAM_BUFFER_H
#define LADE_STREAM_BUFFER_H

#include <bpf/libbpf.h>
#include <lade/stream.h>

#include "kernel/kernel.h"
#include "stream/types.h"

struct buffer {
	struct lade_stream *stream;
	char *map;
	int map_fd; /* ours: outlives the instance */
	uint32_t max_entries;
	struct record_hints hints;
	struct ring_buffer *ring; /* one of the two */
	struct perf_buffer *perf;
	uint64_t pass_bytes; /* what one pass may still deliver: a buffer that never empties must not hold the others */
	struct record_choice choice; /* for records of choice_length bytes */
	size_t choice_length;
	bool has_choice, has_lost;
};

struct lade_stream {
	struct kernel *kernel;             /* the context's */
	ARRAY_OF(struct buffer *) buffers; /* pointers: libbpf holds them */
	struct record_types types;
	struct findings notes;
	size_t perf_bytes; /* per CPU, a power of two of pages */
	size_t first;      /* buffer that the next pass begins with */
	/* of the poll that is running */
	lade_record_fn *fn;
	void *userdata;
	int delivered, result;
	bool is_polling, is_stopped;
	uint64_t deadline_ns; /* 0: none */
};

/* Opens; the map's descriptor is duplicated. */
int lade_buffer_open_ring(struct buffer *buffer, struct lade_error **error);
int lade_buffer_open_perf(struct buffer *buffer, struct lade_error **error);
int lade_buffer_epoll_fd(const struct buffer *buffer);
/* Delivers what is there; -EIO when libbpf could not go on. */
int lade_buffer_consume_ring(struct buffer *buffer);
int lade_buffer_consume_perf(struct buffer *buffer);
struct buffer *lade_buffer_close(struct buffer *buffer);

/* Can this process open `count` more descriptors? */
bool lade_can_open(int any_fd, unsigned count);

struct lade_record {
	struct buffer *buffer;
	int cpu;
	const void *bytes;
	size_t length;
	uint64_t lost;
};
/* To the caller's function. True: this buffer's pass is over. */
bool lade_stream_deliver(const struct lade_record *record);

#endif
