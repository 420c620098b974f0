/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-flood OBJECT ring|perf RATE SECONDS COMMAND…: starts COMMAND, which reads map bench-flood/ring or /perf below
 * bpffs, offers it RATE records a second (0: as many as the kernel makes), then interrupts it.
 *
 * Prints: offered records, those that the ring refused, nanoseconds of producing, CPU nanoseconds of COMMAND.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "timing.h"

#define DIRECTORY "/sys/fs/bpf/bench-flood"
#define TICK_NS   1000000U /* a batch a millisecond */

struct counts {
	uint64_t offered, refused;
};

static void fail(const char *what)
{
	(void)fprintf(stderr, "bench-flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct bpf_object *load(const char *path, const char *which)
{
	char pin[64];
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	if (!object || bpf_object__load(object) < 0)
		fail(path);
	(void)snprintf(pin, sizeof pin, DIRECTORY "/%s", which);
	(void)mkdir(DIRECTORY, 0700);
	(void)unlink(pin);
	if (bpf_obj_pin(bpf_object__find_map_fd_by_name(object, which), pin) < 0)
		fail(pin);
	return object;
}

/* The consumer may take the other CPU. */
static void stay_on_last_cpu(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	(void)sched_setaffinity(0, sizeof set, &set);
}

static void sleep_ns(uint64_t ns)
{
	const struct timespec time = { .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };
	(void)nanosleep(&time, NULL);
}

static void run(int program, uint32_t times)
{
	static char packet[64];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof packet, .repeat = (int)times);
	if (bpf_prog_test_run_opts(program, &opts) < 0 && errno != EINTR)
		fail("BPF_PROG_TEST_RUN");
}

static uint64_t produce(int program, uint64_t rate, uint64_t seconds)
{
	uint64_t start = now_ns(), end = start + seconds * 1000000000U, done = 0;
	if (!rate) {
		while (now_ns() < end)
			run(program, 10000);
		return now_ns() - start;
	}
	/* What is behind its time is made up for: offered is rate * seconds in every case. */
	while (done < rate * seconds) {
		uint64_t due = (now_ns() - start) * rate / 1000000000U;
		due = due < rate * seconds ? due : rate * seconds;
		if (due > done)
			run(program, (uint32_t)(due - done < 100000 ? due - done : 100000));
		done = due - done < 100000 ? due : done + 100000;
		sleep_ns(TICK_NS);
	}
	return now_ns() - start;
}

static struct counts read_counts(struct bpf_object *object)
{
	struct counts counts = { 0 };
	uint32_t zero = 0;
	struct bpf_map *data = bpf_object__find_map_by_name(object, ".data");
	if (data && bpf_map__value_size(data) == sizeof counts)
		(void)bpf_map_lookup_elem(bpf_map__fd(data), &zero, &counts);
	return counts;
}

int main(int argc, char **argv)
{
	if (argc < 6)
		return 1;
	const char *which = argv[2];
	struct bpf_object *object = load(argv[1], which);
	pid_t child = fork();
	if (child == 0) {
		/* Where its lines go: to check them; else nowhere, so that nobody waits for a disk or another reader.
		 */
		const char *output = getenv("BENCH_FLOOD_OUTPUT");
		if (!freopen(output ? output : "/dev/null", "w", stdout))
			_exit(126);
		execvp(argv[5], argv + 5);
		_exit(127);
	}
	stay_on_last_cpu();
	sleep_ns(700000000U);
	int program = bpf_program__fd(
		bpf_object__find_program_by_name(object, strcmp(which, "ring") == 0 ? "to_ring" : "to_perf"));
	uint64_t elapsed = produce(program, strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	sleep_ns(500000000U);
	(void)kill(child, SIGINT);
	int status;
	struct rusage usage;
	if (wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		fail("the consumer");
	uint64_t cpu_ns = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000U +
			  (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000U;
	struct counts counts = read_counts(object);
	(void)printf("%llu %llu %llu %llu\n", (unsigned long long)counts.offered, (unsigned long long)counts.refused,
		     (unsigned long long)elapsed, (unsigned long long)cpu_ns);
	bpf_object__close(object);
	(void)unlink(strcmp(which, "ring") == 0 ? DIRECTORY "/ring" : DIRECTORY "/perf");
	(void)rmdir(DIRECTORY);
	return 0;
}
