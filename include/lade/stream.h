/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream delivers the records of an instance's ring buffers and perf event arrays, decoded by the
 * BTF of its object.
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

struct lade_stream_opts {
	size_t size;
	const struct lade_record_type *types;
	size_t type_count;
	size_t perf_buffer_bytes; /* per CPU, rounded up to a power of two of pages; 0: 256 KiB */
};

/* -ENOENT: the instance has no buffer, or a named map or type does not exist. */
LADE_API int lade_stream_open(struct lade_instance *instance, const struct lade_stream_opts *opts,
			      struct lade_stream **ret_stream, struct lade_error **error);

/* Return 0 to go on, anything else ends this poll and is returned by it when negative. */
typedef int lade_record_fn(void *userdata, const struct lade_record *record);

/*
 * Waits up to timeout_ms (-1: for ever) and calls `fn` for each record. Returns the number of records
 * delivered; -EINTR when a signal came first. A buffer that never empties does not hold the call for
 * longer than the timeout.
 */
LADE_API int lade_stream_poll(struct lade_stream *stream, int timeout_ms, lade_record_fn *fn, void *userdata,
			      struct lade_error **error);

LADE_API size_t lade_stream_note_count(const struct lade_stream *stream);
LADE_API const struct lade_finding *lade_stream_note(const struct lade_stream *stream, size_t index);
LADE_API struct lade_stream *lade_stream_close(struct lade_stream *stream);

struct lade_record_info {
	size_t size;
	const char *map;
	int cpu;                 /* -1 for ring buffers */
	const void *bytes;       /* NULL for a lost record */
	size_t length;
	uint64_t lost;           /* > 0: this many records were lost here; there are no bytes */
	const char *type_name;   /* "event", or NULL when nothing fits: then `why` says what was tried */
	const char *why;
};
LADE_API int lade_record_describe(const struct lade_record *record, struct lade_record_info *info);

/* Both return a string to free() and 0, or -ENOMEM. Text: `pid=1 comm="sh"`; JSON: the value alone. */
LADE_API int lade_record_text(const struct lade_record *record, char **ret_text);
LADE_API int lade_record_json(const struct lade_record *record, char **ret_json);

LADE_END_DECLS
#endif
