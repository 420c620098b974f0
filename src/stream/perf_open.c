/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening perf event arrays: one mapped buffer per CPU. libbpf fills the map's slots with the events and empties them
 * when it closes. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "attach/cpu_list.h"
#include "diagnose/denied.h"
#include "kernel/cpu_events.h"
#include "stream/buffer.h"

#define LOOK_AGAIN_NS 1000000000U

#ifndef PERF_FORMAT_LOST
#define PERF_FORMAT_LOST (1U << 4) /* since 6.0 */
#endif

static const struct perf_event_attr plain_event = {
	.type = PERF_TYPE_SOFTWARE,
	.size = sizeof(struct perf_event_attr),
	.config = PERF_COUNT_SW_BPF_OUTPUT,
	.sample_type = PERF_SAMPLE_RAW,
	.sample_period = 1,
	.watermark = 1,
};

/* What more is wanted of the event; the first form that the kernel takes. */
static const struct {
	bool has_time, has_count;
} forms[] = { { true, true }, { true, false }, { false, false } };

/*
 * To be woken for each record costs the programs that send it more than all else, an interrupt each: a reader that
 * looks every few milliseconds (lade_stream_tick()) need be woken only when a buffer fills faster.
 */
static struct perf_event_attr describe_event(size_t bytes, bool has_time, bool has_count)
{
	struct perf_event_attr attr = plain_event;
	attr.wakeup_watermark = (uint32_t)(bytes / 4);
	if (has_time) {
		attr.sample_type |= PERF_SAMPLE_TIME;
		attr.sample_id_all = 1; /* losses have a time too */
		attr.use_clockid = 1;
		attr.clockid = CLOCK_MONOTONIC;
	}
	if (has_count)
		attr.read_format = PERF_FORMAT_LOST;
	return attr;
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

static int open_event(struct buffer *buffer, int cpu)
{
	struct kernel *kernel = buffer->stream->kernel;
	struct perf_event_attr attr = buffer->event;
	return kernel->calls->perf_event_open(kernel, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static int try_cpu(struct buffer *buffer, int cpu, size_t length, struct trial *trial)
{
	trial->fd = open_event(buffer, cpu);
	if (trial->fd < 0)
		return trial->fd;
	void *area = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, trial->fd, 0);
	if (area == MAP_FAILED)
		return -errno;
	trial->area = area;
	return 0;
}

/* All CPUs at a time: what is locked and opened adds up. Those that went offline meanwhile are left out. */
static int try_all(struct buffer *buffer, struct perf_wave *wave, size_t length, const char **ret_what)
{
	struct trial *trials = calloc(wave->count + 1, sizeof *trials);
	size_t count = 0, kept = 0;
	int result = trials ? 0 : -ENOMEM;
	*ret_what = "perf_event_open";
	for (; result >= 0 && count < wave->count; count++) {
		trials[count].fd = -1;
		result = try_cpu(buffer, wave->cpus[count], length, &trials[count]);
		if (trials[count].fd >= 0)
			*ret_what = "mmap";
		if (result >= 0)
			wave->cpus[kept++] = wave->cpus[count];
		else if (result == -ENODEV)
			result = 0;
	}
	if (trials)
		end_trials(trials, count, length);
	if (result >= 0)
		wave->count = kept;
	return result;
}

/* EINVAL is what a kernel says to a form that it does not know. */
static int choose_form(struct buffer *buffer, const struct perf_wave *wave)
{
	int result = 0;
	for (size_t i = 0; i < ELEMENTS(forms) && wave->count; i++) {
		buffer->has_time = forms[i].has_time;
		buffer->has_count = forms[i].has_count;
		buffer->event = describe_event(buffer->stream->perf_bytes, forms[i].has_time, forms[i].has_count);
		result = open_event(buffer, wave->cpus[0]);
		(void)fd_close(result);
		if (result != -EINVAL)
			break;
	}
	/* That a CPU has gone is for the next step. */
	return result >= 0 || result == -ENODEV ? 0 : result;
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
		lade_diagnose_denied_name(buffer->stream->kernel, "perf_event_open", -result, finding);
	return result;
}

/* ---- waves ---- */

static void end_wave(struct perf_wave *wave)
{
	perf_buffer__free(wave->perf);
	free(wave->cpus);
	*wave = (struct perf_wave){ 0 };
}

static int open_perf(struct buffer *buffer, struct perf_wave *wave)
{
	size_t pages = buffer->stream->perf_bytes / (size_t)sysconf(_SC_PAGESIZE);
	struct perf_buffer_raw_opts opts = {
		.sz = sizeof opts, .cpu_cnt = (int)wave->count, .cpus = wave->cpus, .map_keys = wave->cpus
	};
	struct perf_event_attr attr = buffer->event;
	wave->perf = perf_buffer__new_raw(buffer->map_fd, pages, &attr, lade_perf_on_event, buffer, &opts);
	if (!wave->perf)
		return errno ? -errno : -EIO;
	for (size_t i = 0; i < wave->count; i++) {
		int cpu = wave->cpus[i];
		buffer->losses[cpu] = (struct cpu_losses){ .event_fd = perf_buffer__buffer_fd(wave->perf, i) };
	}
	return lade_stream_watch_fd(buffer->stream, perf_buffer__epoll_fd(wave->perf));
}

/* Takes the list over. No CPU of it may be left: then nothing is opened. */
static int add_wave(struct buffer *buffer, int *cpus, size_t count, const char **ret_what)
{
	size_t length = buffer->stream->perf_bytes + (size_t)sysconf(_SC_PAGESIZE);
	struct perf_wave wave = { .cpus = cpus, .count = count };
	int result = try_all(buffer, &wave, length, ret_what);
	if (result >= 0 && !lade_can_open(buffer->map_fd, (unsigned)wave.count + 1)) {
		*ret_what = "epoll_create1";
		result = -EMFILE;
	}
	if (result >= 0 && wave.count) {
		*ret_what = "opening it";
		result = open_perf(buffer, &wave);
	}
	struct perf_wave *added = result >= 0 && wave.perf ? array_push(&buffer->waves) : NULL;
	if (!added) {
		end_wave(&wave);
		return result;
	}
	*added = wave;
	return 0;
}

/* ---- which CPUs ---- */

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

/* A CPU that goes takes its event with it; when it comes back it is a new one. */
size_t lade_perf_new_cpus(uint8_t *online, unsigned cpus, const int *list, size_t count, int *ret_new)
{
	size_t added = 0, position = 0;
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		while (position < count && list[position] < (int)cpu)
			position++;
		bool is_online = position < count && list[position] == (int)cpu;
		if (is_online && !online[cpu])
			ret_new[added++] = (int)cpu;
		online[cpu] = is_online;
	}
	return added;
}

/* 0 in *ret_count: none is new. */
static int find_new_cpus(struct buffer *buffer, int **ret_cpus, size_t *ret_count)
{
	struct cpu_list list = { 0 };
	int *cpus = calloc(buffer->cpus + 1, sizeof *cpus);
	int result = cpus ? lade_cpu_list_online(buffer->stream->kernel, &list) : -ENOMEM;
	if (result < 0) {
		free(cpus);
		return result;
	}
	*ret_count = lade_perf_new_cpus(buffer->online, buffer->cpus, list.items, list.count, cpus);
	*ret_cpus = cpus;
	array_clear(&list);
	return 0;
}

static int prepare(struct buffer *buffer)
{
	unsigned possible = lade_kernel_possible_cpus(buffer->stream->kernel);
	buffer->cpus = buffer->max_entries < possible ? buffer->max_entries : possible;
	buffer->online = calloc(buffer->cpus + 1, sizeof *buffer->online);
	buffer->losses = calloc(buffer->cpus + 1, sizeof *buffer->losses);
	for (unsigned cpu = 0; buffer->losses && cpu < buffer->cpus; cpu++)
		buffer->losses[cpu].event_fd = -1;
	note_missing_cpus(buffer, possible);
	if (buffer->stream->cpu_fd < 0)
		buffer->stream->cpu_fd = lade_cpu_events_open();
	buffer->looked_ns = lade_stream_now_ns();
	return buffer->online && buffer->losses ? 0 : -ENOMEM;
}

int lade_buffer_open_perf(struct buffer *buffer, struct lade_error **error)
{
	const char *what = "";
	int *cpus = NULL;
	size_t count = 0;
	int result = check_cpu_lists(buffer, error);
	if (result < 0)
		return result;
	if (prepare(buffer) < 0 || find_new_cpus(buffer, &cpus, &count) < 0)
		return lade_fail_memory(error);
	result = choose_form(buffer, &(const struct perf_wave){ .cpus = cpus, .count = count });
	if (result < 0) {
		free(cpus);
		return fail_open(buffer, "perf_event_open", result, error);
	}
	result = add_wave(buffer, cpus, count, &what);
	if (result >= 0) {
		what = "timerfd_create";
		result = lade_stream_tick(buffer->stream);
	}
	return result < 0 ? fail_open(buffer, what, result, error) : 0;
}

/* ---- CPUs that come and go ---- */

static void note_late_cpus(struct buffer *buffer, int first, size_t count, const char *what, int result)
{
	struct lade_finding *finding = lade_note_add(
		&buffer->stream->notes, "stream.cpu.late", "%s: CPU %d%s came online: %s", buffer->map, first,
		count > 1 ? " and others" : "", result < 0 ? "what is sent there cannot be read" : "read from now on");
	finding_map(finding, buffer->map);
	if (result < 0)
		finding_evidence(finding, "%s: %s", what, strerror(-result));
}

void lade_stream_hear_cpus(struct lade_stream *stream)
{
	struct cpu_event event;
	while (stream->cpu_fd >= 0 && lade_cpu_events_next(stream->cpu_fd, &event)) {
		array_foreach(item, &stream->buffers) {
			struct buffer *buffer = *item;
			buffer->looked_ns = 0;
			if (!event.online && buffer->online && (unsigned)event.cpu < buffer->cpus)
				buffer->online[event.cpu] = 0; /* it may be back: with another event */
		}
	}
}

static bool is_new(const struct buffer *buffer, int cpu)
{
	for (size_t i = 0; i < buffer->new_count; i++)
		if (buffer->new_cpus[i] == cpu)
			return true;
	return false;
}

static bool has_ended(const struct buffer *buffer, const struct perf_wave *wave)
{
	for (size_t i = 0; i < wave->count; i++)
		if (buffer->online[wave->cpus[i]] && !is_new(buffer, wave->cpus[i]))
			return false;
	return true;
}

/* What they still hold is read by the next pass. */
static bool mark_dead_waves(struct buffer *buffer)
{
	bool any = false;
	array_foreach(wave, &buffer->waves)
		any |= wave->is_dead = has_ended(buffer, wave);
	return any;
}

/* Before new events are opened: libbpf empties the slots of those that it closes. */
static void end_dead_waves(struct buffer *buffer)
{
	size_t kept = 0;
	if (buffer->has_count)
		lade_buffer_tell_losses(buffer);
	array_foreach(wave, &buffer->waves) {
		for (size_t i = 0; i < wave->count && wave->is_dead; i++)
			buffer->losses[wave->cpus[i]] = (struct cpu_losses){ .event_fd = -1 };
		if (wave->is_dead)
			end_wave(wave);
		else
			buffer->waves.items[kept++] = *wave;
	}
	buffer->waves.count = kept;
	buffer->has_dead = false;
}

static void open_new_cpus(struct buffer *buffer)
{
	const char *what = "";
	size_t count = buffer->new_count;
	int *cpus = TAKE(buffer->new_cpus), first = cpus[0];
	buffer->new_count = 0;
	int result = add_wave(buffer, cpus, count, &what);
	note_late_cpus(buffer, first, count, what, result);
}

static void look_for_cpus(struct buffer *buffer)
{
	int *cpus = NULL;
	size_t count = 0;
	if (find_new_cpus(buffer, &cpus, &count) < 0)
		return;
	if (count) {
		buffer->new_cpus = cpus;
		buffer->new_count = count;
	} else {
		free(cpus);
	}
	buffer->has_dead = mark_dead_waves(buffer);
}

void lade_buffer_follow_cpus(struct buffer *buffer, uint64_t now_ns)
{
	if (buffer->has_dead)
		end_dead_waves(buffer);
	if (buffer->new_cpus)
		open_new_cpus(buffer);
	if (buffer->looked_ns && now_ns - buffer->looked_ns < LOOK_AGAIN_NS)
		return;
	buffer->looked_ns = now_ns;
	look_for_cpus(buffer);
}

void lade_buffer_close_perf(struct buffer *buffer)
{
	array_foreach(wave, &buffer->waves)
		end_wave(wave);
	array_clear(&buffer->waves);
	lade_order_clear(&buffer->order);
	free(buffer->online);
	free(buffer->losses);
	free(buffer->new_cpus);
}
