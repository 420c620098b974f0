/* SPDX-License-Identifier: BSD-2-Clause */
/* One mapped buffer per CPU. libbpf fills the map's slots with the events and empties them when it closes. */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stream/buffer.h"

static const struct perf_event_attr output_event = {
	.type = PERF_TYPE_SOFTWARE,
	.size = sizeof(struct perf_event_attr),
	.config = PERF_COUNT_SW_BPF_OUTPUT,
	.sample_type = PERF_SAMPLE_RAW,
	.sample_period = 1,
	.wakeup_events = 1,
};

struct lost_event {
	struct perf_event_header header;
	uint64_t id, lost;
};

struct sample_event {
	struct perf_event_header header;
	uint32_t size;
	char data[];
};

static bool read_sample(const struct perf_event_header *header, struct lade_record *record)
{
	const struct sample_event *sample = (const void *)header;
	if (header->size < sizeof *sample)
		return false;
	size_t room = header->size - sizeof *sample;
	record->bytes = sample->data;
	record->length = sample->size < room ? sample->size : room;
	return true;
}

static bool read_lost(const struct perf_event_header *header, struct lade_record *record)
{
	const struct lost_event *lost = (const void *)header;
	if (header->size < sizeof *lost)
		return false;
	record->lost = lost->lost;
	return lost->lost > 0;
}

static enum bpf_perf_event_ret on_event(void *userdata, int cpu, struct perf_event_header *header)
{
	struct lade_record record = { .buffer = userdata, .cpu = cpu };
	bool is_record = header->type == PERF_RECORD_SAMPLE ? read_sample(header, &record)
			 : header->type == PERF_RECORD_LOST ? read_lost(header, &record)
							    : false;
	return is_record && lade_stream_deliver(&record) ? LIBBPF_PERF_EVENT_DONE : LIBBPF_PERF_EVENT_CONT;
}

/* ---- trying what libbpf is going to do ---- */

struct trial {
	int fd;
	void *area;
};

static void end_trials(struct trial *trials, size_t count, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (trials[i].area)
			(void)munmap(trials[i].area, length);
		(void)fd_close(trials[i].fd);
	}
	free(trials);
}

static int try_cpu(struct kernel *kernel, int cpu, size_t length, struct trial *trial)
{
	struct perf_event_attr attr = output_event;
	trial->fd = kernel->calls->perf_event_open(kernel, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (trial->fd < 0)
		return trial->fd;
	void *area = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, trial->fd, 0);
	if (area == MAP_FAILED)
		return -errno;
	trial->area = area;
	return 0;
}

/* All CPUs at a time: what is locked and opened adds up. */
static int try_all(const struct buffer *buffer, unsigned cpus, size_t length, const char **ret_what)
{
	struct trial *trials = calloc(cpus, sizeof *trials);
	size_t count = 0;
	int result = trials ? 0 : -ENOMEM;
	*ret_what = "perf_event_open";
	while (result >= 0 && count < cpus) {
		trials[count].fd = -1;
		result = try_cpu(buffer->stream->kernel, (int)count, length, &trials[count]);
		if (trials[count].fd >= 0)
			*ret_what = "mmap";
		count++;
		/* A hole in the list of online CPUs: libbpf leaves it out too. */
		if (result == -ENODEV)
			result = 0;
	}
	if (trials)
		end_trials(trials, count, length);
	return result;
}

static int fail_open(const struct buffer *buffer, const char *what, int result, struct lade_error **error)
{
	const char *code = result == -EPERM || result == -EACCES    ? "stream.permission"
			   : result == -EMFILE || result == -ENFILE ? "stream.descriptors"
								    : "stream.buffer.map";
	struct lade_finding *finding = lade_error_add(error, -result, code, "perf buffer %s, %zu bytes per CPU: %s: %s",
						      buffer->map, buffer->stream->perf_bytes, what, strerror(-result));
	finding_map(finding, buffer->map);
	if (finding && strcmp(code, "stream.permission") == 0)
		lade_kernel_explain_privilege(buffer->stream->kernel, finding);
	return result;
}

/* The program's output on a CPU without a slot is dropped by the kernel. */
static void note_missing_cpus(struct buffer *buffer, unsigned cpus)
{
	if (buffer->max_entries >= cpus)
		return;
	struct lade_finding *finding =
		lade_note_add(&buffer->stream->notes, "stream.perf.cpus",
			      "%s has %u entries for %u CPUs: records of CPU %u and up are dropped", buffer->map,
			      buffer->max_entries, cpus, buffer->max_entries);
	finding_map(finding, buffer->map);
	finding_fix(finding, "--max-entries %s=%u", buffer->map, cpus);
}

static int check_cpu_lists(const struct buffer *buffer, struct lade_error **error)
{
	static const char *const lists[] = { "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/possible" };
	for (size_t i = 0; i < ELEMENTS(lists); i++)
		if (access(lists[i], R_OK) < 0)
			return lade_fail(error, errno, "stream.cpus", "perf buffer %s: %s: %s", buffer->map, lists[i],
					 strerror(errno));
	return 0;
}

int lade_buffer_open_perf(struct buffer *buffer, struct lade_error **error)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = buffer->stream->perf_bytes;
	unsigned cpus = lade_kernel_possible_cpus(buffer->stream->kernel);
	const char *what = "";
	int result = check_cpu_lists(buffer, error);
	if (result < 0)
		return result;
	note_missing_cpus(buffer, cpus);
	result = try_all(buffer, buffer->max_entries < cpus ? buffer->max_entries : cpus, bytes + page, &what);
	if (result >= 0 && !lade_can_open(buffer->map_fd, cpus + 1)) {
		what = "epoll_create1";
		result = -EMFILE;
	}
	if (result < 0)
		return fail_open(buffer, what, result, error);
	struct perf_event_attr attr = output_event;
	buffer->perf = perf_buffer__new_raw(buffer->map_fd, bytes / page, &attr, on_event, buffer, NULL);
	return buffer->perf ? 0 : fail_open(buffer, "opening it", errno ? -errno : -EIO, error);
}

int lade_buffer_consume_perf(struct buffer *buffer)
{
	size_t count = perf_buffer__buffer_cnt(buffer->perf);
	/* Each CPU's buffer ends where its head was when reading began. */
	buffer->pass_bytes = UINT64_MAX;
	for (size_t i = 0; i < count && !buffer->stream->is_stopped; i++) {
		int result = perf_buffer__consume_buffer(buffer->perf, i);
		if (result < 0)
			return -EIO;
	}
	return 0;
}
