/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running a program once, or many times, without attaching it (BPF_PROG_TEST_RUN).
 *
 *     int fd = lade_program_get(context, "demo/drop_all", &error);
 *     struct lade_test_result result = { .size = sizeof result };
 *     struct lade_test_opts opts = { .size = sizeof opts, .data = frame, .data_size = sizeof frame };
 *     if (lade_program_test(context, fd, &opts, &result, &error) == 0)
 *             printf("%s in %u ns\n", result.value_name, result.duration_ns);
 *     lade_test_result_clear(&result);
 */
#ifndef LADE_TEST_H
#define LADE_TEST_H

#include <lade/context.h>

LADE_BEGIN_DECLS

struct lade_test_opts {
	size_t size;
	const void *data;      /* the packet, with its Ethernet header; NULL: 64 zeros for programs that need one */
	size_t data_size;
	const void *context;   /* struct __sk_buff, xdp_md …, u64 arguments of raw tracepoints, what syscall programs take */
	size_t context_size;
	bool want_context;     /* give the context back even where none was given */
	uint32_t repeat;       /* 0: once */
	bool on_cpu;           /* raw tracepoints: on the CPU below (since 5.10) */
	uint32_t cpu;
	bool live_frames;      /* XDP: what it decides is done: packets are sent and redirected (since 5.18) */
	uint32_t batch_size;   /* of live frames; 0: 64 */
};

struct lade_test_result {
	size_t size;
	uint32_t value;         /* 0 for live frames: the kernel keeps theirs to itself */
	const char *value_name; /* "XDP_DROP"; NULL: the type of program has no names for its values */
	uint32_t duration_ns;   /* of one run, on average; 0: the kernel does not measure this type */
	void *data;             /* owned; NULL: none */
	size_t data_size;
	void *context;          /* owned; NULL: none */
	size_t context_size;
};

/*
 * -524 (test.unsupported) where the kernel cannot run programs of this type. Findings: test.unsupported, test.refused,
 * environment.permission.
 */
LADE_API int lade_program_test(struct lade_context *context, int program_fd, const struct lade_test_opts *opts,
			       struct lade_test_result *ret_result, struct lade_error **error);
LADE_API void lade_test_result_clear(struct lade_test_result *result);

/* ---- packets in files of the classic pcap format ---- */

struct lade_packets;
struct lade_packet {
	size_t size;
	const void *data; /* borrowed */
	size_t data_size;
	uint64_t time_ns; /* since 1970 */
};

/* Either byte order, micro- and nanoseconds. Findings: test.file, test.pcap. */
LADE_API int lade_packets_read(const char *path, struct lade_packets **ret_packets, struct lade_error **error);
LADE_API int lade_packets_new(struct lade_packets **ret_packets, struct lade_error **error);
LADE_API struct lade_packets *lade_packets_free(struct lade_packets *packets);
LADE_API size_t lade_packets_count(const struct lade_packets *packets);
LADE_API int lade_packets_get(const struct lade_packets *packets, size_t index, struct lade_packet *packet);
/* Copies the bytes. -ENOMEM, -E2BIG beyond 256 KiB. */
LADE_API int lade_packets_add(struct lade_packets *packets, const void *data, size_t data_size, uint64_t time_ns);
/* In this machine's byte order, with nanoseconds, as Ethernet. Replaces the file. */
LADE_API int lade_packets_write(const struct lade_packets *packets, const char *path, struct lade_error **error);

/* A whole file, or "-" for standard input, of at most `most` bytes; to be freed. Findings: test.file. */
LADE_API int lade_file_read(const char *path, size_t most, void **ret_bytes, size_t *ret_size,
			    struct lade_error **error);
LADE_API int lade_file_write(const char *path, const void *bytes, size_t size, struct lade_error **error);
/* "00 01 ff", "hex:…"; to be freed. Findings: test.hex. */
LADE_API int lade_hex_parse(const char *text, void **ret_bytes, size_t *ret_size, struct lade_error **error);

LADE_END_DECLS
#endif
