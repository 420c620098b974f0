/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One buffer: a ring buffer or perf event array, read through libbpf. libbpf prints what goes wrong through a callback
 * of the whole process, so everything that can go wrong is tried before it is called.
 */
#ifndef LADE_STREAM_BUFFER_H
#define LADE_STREAM_BUFFER_H

#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <lade/stream.h>

#include "kernel/kernel.h"
#include "stream/order.h"
#include "stream/types.h"

#define LADE_TICK_MS 5

/* What one CPU lost. The kernel tells of it with the next record that fits, but counts at once. */
struct cpu_losses {
	int event_fd;   /* libbpf's; -1: none is open */
	uint64_t told;  /* of what it counted, to the caller */
	uint64_t ahead; /* told before the kernel's own record of it came */
};

/* perf.c: CPUs that were online together. Those that come later make another wave. */
struct perf_wave {
	struct perf_buffer *perf;
	int *cpus; /* of its buffers, in their order */
	size_t count;
	bool is_dead; /* all of them went: what is left is read, then it ends */
};

struct ring_positions {
	const volatile unsigned long *consumer, *producer; /* mapped; NULL: not */
	unsigned long seen;                                /* where the last pass ended */
	bool has_seen;
	uint64_t looked_ns; /* when the last record came */
};

struct buffer {
	struct lade_stream *stream;
	struct record_types *types; /* one of the stream's */
	char *map;
	int map_fd; /* ours: outlives the instance */
	uint32_t max_entries, map_id;
	struct record_hints hints;
	struct ring_buffer *ring; /* NULL: a perf event array */
	struct ring_positions positions;
	ARRAY_OF(struct perf_wave) waves;
	struct perf_event_attr event; /* as this kernel takes it */
	bool has_dead;                /* is one of the waves dead? */
	bool has_time, has_count;     /* do records carry a time, can losses be read? */
	uint8_t *online;              /* one byte a CPU: is an event open for it? */
	struct cpu_losses *losses;    /* a CPU each */
	unsigned cpus;
	uint64_t looked_ns; /* when the list of CPUs was last read; 0: it has changed */
	int *new_cpus;      /* that came, and get events when the dead waves have ended; NULL: none */
	size_t new_count;
	struct record_order order;
	uint64_t pass_bytes; /* what one pass may still deliver: a buffer that never empties must not hold the others */
	struct record_choice choice; /* for records of choice_length bytes */
	size_t choice_length;
	bool has_choice, has_lost, has_full, has_rival, was_busy;
	uint64_t record_count, lost_count, full_count;
	char *lead_json; /* ,"map":…,"cpu": as all its lines begin */
};

/* A --record that was asked for. */
struct wanted_type {
	char *map; /* NULL: all */
	char *type;
	bool is_found;
};

struct lade_stream {
	struct lade_context *context;
	struct kernel *kernel;             /* the context's */
	ARRAY_OF(struct buffer *) buffers; /* pointers: libbpf holds them */
	ARRAY_OF(struct record_types *) types;
	struct record_types *object_types; /* one of them: opts.object's; NULL: not given */
	const struct lade_object *object;
	ARRAY_OF(struct wanted_type) wanted;
	struct strings fields;
	bool is_hex, is_unordered, is_checked;
	struct findings notes;
	size_t perf_bytes; /* per CPU, a power of two of pages */
	size_t first;      /* buffer that the next pass begins with */
	int epoll_fd;      /* of the buffers */
	int public_fd;     /* lade_stream_fd(): epoll_fd and timer_fd */
	int timer_fd;      /* -1: there are no perf buffers, nothing ticks */
	int cpu_fd;        /* notices of CPUs that come and go; -1: nobody listens, or may not */
	struct strbuf line;
	int64_t clock_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC, of this poll */
	int64_t line_second;     /* the second that line_time is of */
	char line_time[16];      /* 12:34:56 */
	/* of the poll that is running */
	lade_record_fn *fn;
	void *userdata;
	int delivered, result;
	bool is_polling, is_stopped;
	bool must_flush;      /* the poll may not wait: nothing is kept back */
	uint64_t deadline_ns; /* 0: none */
};

/* ring.c, perf.c: open; the map's descriptor is duplicated. */
int lade_buffer_open_ring(struct buffer *buffer, struct lade_error **error);
int lade_buffer_open_perf(struct buffer *buffer, struct lade_error **error);
void lade_buffer_close_ring(struct buffer *buffer);
void lade_buffer_close_perf(struct buffer *buffer);
/* Delivers what is there; -EIO when libbpf could not go on. */
int lade_buffer_consume_ring(struct buffer *buffer);
int lade_buffer_consume_perf(struct buffer *buffer);
/*
 * perf_open.c: at the end of a pass: opens events for CPUs that came online since and ends those of CPUs that went. Looks
 * once a second, or when the kernel has said so.
 */
void lade_buffer_follow_cpus(struct buffer *buffer, uint64_t now_ns);
/* Before a pass: what the kernel says of CPUs. */
void lade_stream_hear_cpus(struct lade_stream *stream);
/* Which CPUs of the new list have no event? online is brought up to date: one byte for each of `cpus`. Their number. */
size_t lade_perf_new_cpus(uint8_t *online, unsigned cpus, const int *list, size_t count, int *ret_new);
/* perf.c: what the kernel has counted and no record has told yet. */
void lade_buffer_tell_losses(struct buffer *buffer);
/* perf.c: called by libbpf for each event. */
enum bpf_perf_event_ret lade_perf_on_event(void *userdata, int cpu, struct perf_event_header *header);
/* Descriptor that becomes readable, into the stream's. */
int lade_stream_watch_fd(struct lade_stream *stream, int fd);
/* From now on looks every LADE_TICK_MS, and lade_stream_fd() is readable as often. */
int lade_stream_tick(struct lade_stream *stream);
struct buffer *lade_buffer_close(struct buffer *buffer);

/* open.c: adds a buffer over a duplicate of fd; types NULL: they are not known. */
int lade_stream_add_buffer(struct lade_stream *stream, const char *name, int fd, struct record_types *types,
			   uint32_t declared, struct lade_error **error);
/* choice.c. NULL without memory. */
struct record_types *lade_stream_add_types(struct lade_stream *stream);
/* Every type and field that was asked for must be one of some buffer. */
int lade_stream_check(struct lade_stream *stream, struct lade_error **error);
void lade_stream_choose(struct lade_stream *stream, struct buffer *buffer);

/* Can this process open `count` more descriptors? */
bool lade_can_open(int any_fd, unsigned count);

struct lade_record {
	struct buffer *buffer;
	int cpu;
	const void *bytes;
	size_t length;
	uint64_t lost;
	uint64_t time_ns; /* 0: not known before it is delivered */
};
/* To the caller's function. True: this buffer's pass is over. */
bool lade_stream_deliver(struct lade_record *record);
uint64_t lade_stream_now_ns(void);

#endif
