/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream delivers the records of ring buffers and perf event arrays, decoded by BTF.
 *
 *     static int show(void *userdata, const struct lade_record *record)
 *     {
 *             const char *line;
 *             size_t length;
 *             if (lade_record_line(record, LADE_LINE_JSON, &line, &length) == 0)
 *                     fwrite(line, 1, length, stdout);
 *             return 0;
 *     }
 *
 *     if (lade_stream_open(instance, NULL, &stream, &error) == 0)
 *             while (lade_stream_poll(stream, -1, show, NULL, &error) >= 0)
 *                     ;
 *
 * Buffers that somebody else loaded:
 *
 *     lade_stream_new(context, NULL, &stream, &error);
 *     lade_stream_add(stream, "/sys/fs/bpf/lade/exec", &error);
 *
 * What is read here is gone from the buffer: a ring buffer and a perf event array have one reader. A lock keeps out
 * others who ask for one, as Android's readers do, until the stream is closed:
 *
 *     struct lade_map_open_opts alone = { .size = sizeof alone, .lock = LADE_MAP_EXCLUSIVE };
 *     lade_map_open(context, pin, &alone, &map, &error);
 *     lade_live_map_describe(map, &info);
 *     lade_stream_add_map(stream, info.fd, NULL, &error);
 */
#ifndef LADE_STREAM_H
#define LADE_STREAM_H

#include <lade/instance.h>

LADE_BEGIN_DECLS

struct lade_stream;
struct lade_record;

/*
 * Decode the records of `map` (NULL: of every buffer) as struct, union or typedef `type`. Wins over the
 * type that the map declares; one for a map wins over one for all.
 */
struct lade_record_type {
	const char *map;
	const char *type;
};

/* All of it is copied, but for `object`, which must live as long as the stream. */
struct lade_stream_opts {
	size_t size;
	const struct lade_record_type *types;
	size_t type_count;
	size_t perf_buffer_bytes; /* per CPU, rounded up to a power of two of pages; 0: 256 KiB */
	/*
	 * Types of buffers that are not of an instance: this object's. NULL: those that the kernel was given with the map
	 * or with a program that uses it.
	 */
	const struct lade_object *object;
	const char *const *fields; /* print these only, in this order: "pid", "inner.x", "list[2].y"; NULL: all */
	size_t field_count;
	bool hex;       /* print all records as bytes */
	bool unordered; /* leave perf records as each CPU wrote them; else they are put in order by the kernel's clock */
};

/* -ENOENT: the instance has no buffer, or a named map or type does not exist. */
LADE_API int lade_stream_open(struct lade_instance *instance, const struct lade_stream_opts *opts,
			      struct lade_stream **ret_stream, struct lade_error **error);

/* Without buffers, which are then added. The context must live as long as the stream. */
LADE_API int lade_stream_new(struct lade_context *context, const struct lade_stream_opts *opts,
			     struct lade_stream **ret_stream, struct lade_error **error);
/*
 * which: what Lade has loaded (a name, or the directory of its pins): all its buffers; or one map: "NAME/MAP", its pin,
 * absolute or relative to bpffs, or "id:N". -ENOENT: there is no such thing, or no buffer among what it is. -EINVAL:
 * another kind of map.
 */
LADE_API int lade_stream_add(struct lade_stream *stream, const char *which, struct lade_error **error);
/* The descriptor is duplicated. name NULL: what the kernel calls the map. */
LADE_API int lade_stream_add_map(struct lade_stream *stream, int map_fd, const char *name, struct lade_error **error);

/* Return 0 to go on, anything else ends this poll and is returned by it when negative. */
typedef int lade_record_fn(void *userdata, const struct lade_record *record);

/*
 * Waits up to timeout_ms (-1: for ever) and calls `fn` for each record. Returns the number of records
 * delivered; -EINTR when a signal came first. A buffer that never empties does not hold the call for
 * longer than the timeout. With a timeout of 0 what is there comes out: no record is kept back for the order of CPUs
 * (else for a millisecond), and losses that the kernel has counted but not yet told are told.
 */
LADE_API int lade_stream_poll(struct lade_stream *stream, int timeout_ms, lade_record_fn *fn, void *userdata,
			      struct lade_error **error);

/*
 * For poll(2), epoll and select: readable (POLLIN) when lade_stream_poll() with a timeout of 0 may have something.
 * While perf event arrays are among the buffers it is readable every 5 ms, as programs wake their reader only when a
 * buffer fills; for ring buffers whose programs send without waking (BPF_RB_NO_WAKEUP) it is not. The stream's: not to
 * be closed.
 */
LADE_API int lade_stream_fd(const struct lade_stream *stream);

LADE_API size_t lade_stream_note_count(const struct lade_stream *stream);
LADE_API const struct lade_finding *lade_stream_note(const struct lade_stream *stream, size_t index);
LADE_API struct lade_stream *lade_stream_close(struct lade_stream *stream);

/* Who chose the type of a record. */
enum lade_type_source {
	LADE_TYPE_UNKNOWN,
	LADE_TYPE_CHOSEN,   /* lade_stream_opts.types */
	LADE_TYPE_DECLARED, /* __type(value, T) of the map */
	LADE_TYPE_BY_SIZE,  /* the only type of this size that is nothing else */
};

/* One buffer, and what came out of it so far. */
struct lade_stream_map_info {
	size_t size;
	const char *name;
	const char *type_name;  /* of the map: "ringbuf", "perf_event_array" */
	uint64_t records;
	uint64_t lost;          /* perf: as the kernel counted. A ring buffer's losses are known to its program only */
	/*
	 * Ring buffers: how often the ring was found too full for another record of the size of the last one. Then records
	 * may have been lost.
	 */
	uint64_t full;
	const char *record_type;             /* of the last record that was printed or described; NULL: none, unknown */
	enum lade_type_source record_source;
};
LADE_API size_t lade_stream_map_count(const struct lade_stream *stream);
LADE_API int lade_stream_map(const struct lade_stream *stream, size_t index, struct lade_stream_map_info *info);

struct lade_record_info {
	size_t size;
	const char *map;
	int cpu;                 /* -1 for ring buffers */
	const void *bytes;       /* NULL for a lost record */
	size_t length;
	uint64_t lost;           /* > 0: this many records were lost here; there are no bytes */
	const char *type_name;   /* "event", or NULL when nothing fits: then `why` says what was tried */
	const char *why;
	enum lade_type_source source;
	uint64_t time_ns;        /* CLOCK_MONOTONIC: perf: when it was written; ring buffers: when it was read */
};
LADE_API int lade_record_describe(const struct lade_record *record, struct lade_record_info *info);

/* Both return a string to free() and 0, or -ENOMEM. Text: `pid=1 comm="sh"`; JSON: the value alone. */
LADE_API int lade_record_text(const struct lade_record *record, char **ret_text);
LADE_API int lade_record_json(const struct lade_record *record, char **ret_json);

/*
 * The whole line that `lade watch` prints, with its '\n': time, map, CPU, fields; or one JSON object. Not terminated by
 * NUL, and the stream's: valid until the next call, or until the callback returns. -ENOMEM.
 *
 *     12:34:56.789012 events cpu1 pid=1 comm="sh"
 *     {"time":1700000000.789012,"map":"events","cpu":1,"type":"event","record":{"pid":1,"comm":"sh"}}
 */
enum lade_line { LADE_LINE_TEXT, LADE_LINE_JSON };
LADE_API int lade_record_line(const struct lade_record *record, enum lade_line form, const char **ret_line,
			      size_t *ret_length);

/* ---- iterators ---- */

/*
 * A descriptor that gives what the program of an iterator's link writes, once: read() it until 0. Every call begins
 * anew. *ret_fd is the caller's to close. -EINVAL: the link is no iterator.
 */
LADE_API int lade_iterator_open(struct lade_context *context, int link_fd, int *ret_fd, struct lade_error **error);
/* The same for a pinned link; absolute path. */
LADE_API int lade_iterator_open_pin(struct lade_context *context, const char *path, int *ret_fd,
				    struct lade_error **error);

/* ---- user ring buffers: records that programs read (since 6.1) ---- */

struct lade_user_ring;

struct lade_user_ring_opts {
	size_t size;
	const char *name;                 /* what the map is called in messages; NULL: as the kernel calls it. Copied. */
	const char *type;                 /* struct of the records; NULL: what __type(value, T) of the map declares. Copied. */
	const struct lade_object *object; /* whose types; NULL: those that the kernel keeps. Only used during the call. */
};

/*
 * The descriptor is duplicated. One process at a time should write. -EINVAL: the map is no user ring buffer. -ENOENT:
 * there is no such type.
 *
 *     if (lade_user_ring_open(context, fd, NULL, &ring, &error) == 0)
 *             lade_user_ring_send(ring, &command, sizeof command, 1000, &error);
 *     lade_user_ring_close(ring);
 */
LADE_API int lade_user_ring_open(struct lade_context *context, int map_fd, const struct lade_user_ring_opts *opts,
				 struct lade_user_ring **ret_ring, struct lade_error **error);
/*
 * Copies one record in. Waits up to timeout_ms (-1: for ever) for room: -EAGAIN when there is none. -E2BIG: larger than
 * the ring. Programs see it when they drain the ring, bpf_user_ringbuf_drain().
 */
LADE_API int lade_user_ring_send(struct lade_user_ring *ring, const void *bytes, size_t length, int timeout_ms,
				 struct lade_error **error);
/*
 * The same with a record as text or JSON: {"pid":1,"name":"sh"}, pid=1 name=sh, or hex:0001ff where the type is not
 * known. Findings: encode.*, which name the field.
 */
LADE_API int lade_user_ring_send_text(struct lade_user_ring *ring, const char *text, int timeout_ms,
				      struct lade_error **error);
/* Room for one record in place, to be filled and submitted or discarded; NULL with errno ENOSPC or E2BIG. */
LADE_API void *lade_user_ring_reserve(struct lade_user_ring *ring, size_t length);
LADE_API void lade_user_ring_submit(struct lade_user_ring *ring, void *record);
LADE_API void lade_user_ring_discard(struct lade_user_ring *ring, void *record);
LADE_API struct lade_user_ring *lade_user_ring_close(struct lade_user_ring *ring);

LADE_END_DECLS
#endif
