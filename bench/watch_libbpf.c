/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-watch-libbpf PIN ring|perf: what a careful author would write with libbpf: its ring_buffer or perf_buffer, and
 * fprintf to a large buffer of stdio's. Prints the same lines as `lade watch --json`; at the end the numbers of records
 * and losses on stderr.
 */
#include <errno.h>
#include <linux/types.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "flood.h"

static volatile sig_atomic_t must_end;
static unsigned long long records, losses;

static void on_signal(int number)
{
	must_end = number;
}

static const char *const state_names[] = { "IDLE", "READY", "RUNNING" };

static void print_name(const char *name, size_t size)
{
	putchar('"');
	for (size_t i = 0; i < size && name[i]; i++) {
		unsigned char byte = (unsigned char)name[i];
		if (byte == '"' || byte == '\\')
			fprintf(stdout, "\\%c", byte);
		else if (byte < 0x20 || byte >= 0x7f)
			fprintf(stdout, "\\u%04x", byte);
		else
			putchar(byte);
	}
	putchar('"');
}

static void print_record(const char *map, const char *cpu, const struct flood_record *r)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	fprintf(stdout, "{\"time\":%lld.%06ld,\"map\":\"%s\",\"cpu\":%s,\"type\":\"flood_record\",\"record\":{",
		(long long)now.tv_sec, now.tv_nsec / 1000, map, cpu);
	fprintf(stdout, "\"time\":%llu,\"number\":%llu,\"bytes\":%u,\"cpu\":%u,\"difference\":%d,\"state\":", r->time,
		r->number, r->bytes, r->cpu, r->difference);
	if (r->state < sizeof state_names / sizeof *state_names)
		fprintf(stdout, "\"%s\"", state_names[r->state]);
	else
		fprintf(stdout, "%u", r->state);
	fprintf(stdout, ",\"is_last\":%s,\"name\":", r->is_last ? "true" : "false");
	print_name(r->name, sizeof r->name);
	fprintf(stdout, "}}\n");
	records++;
}

static int on_ring(void *context, void *data, size_t size)
{
	(void)context;
	(void)size;
	print_record("ring", "null", data);
	return must_end ? -EINTR : 0;
}

static void on_perf(void *context, int cpu, void *data, __u32 size)
{
	char number[16];
	(void)context;
	(void)size;
	snprintf(number, sizeof number, "%d", cpu);
	print_record("perf", number, data);
}

static void on_lost(void *context, int cpu, __u64 count)
{
	(void)context;
	fprintf(stdout, "{\"map\":\"perf\",\"cpu\":%d,\"lost\":%llu}\n", cpu, count);
	losses += count;
}

int main(int argc, char **argv)
{
	static char buffer[1 << 17];
	struct sigaction action = { .sa_handler = on_signal };
	if (argc < 3)
		return 1;
	sigaction(SIGINT, &action, NULL);
	setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
	int fd = bpf_obj_get(argv[1]), result = 0;
	int is_ring = strcmp(argv[2], "ring") == 0;
	struct ring_buffer *ring = is_ring ? ring_buffer__new(fd, on_ring, NULL, NULL) : NULL;
	struct perf_buffer *perf =
		is_ring ? NULL : perf_buffer__new(fd, 256 * 1024 / (size_t)getpagesize(), on_perf, on_lost, NULL, NULL);
	if (!ring && !perf)
		return 1;
	while (!must_end && (result >= 0 || result == -EINTR)) {
		result = is_ring ? ring_buffer__poll(ring, 100) : perf_buffer__poll(perf, 100);
		if (result == 0)
			fflush(stdout);
	}
	fflush(stdout);
	fprintf(stderr, "%llu %llu\n", records, losses);
	ring_buffer__free(ring);
	perf_buffer__free(perf);
	return 0;
}
