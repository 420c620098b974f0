/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * one OBJECT [TIMES [JOBS]]: opens and loads an object; prints "total user programs" in nanoseconds, one line a time:
 *     all of it; what was not inside bpf(2); from the start of the first BPF_PROG_LOAD to the end of the last.
 * refused OBJECT: the same of an object that the kernel must refuse.
 * all LIST [THREADS]: loads every file that LIST names and holds them all; prints the total.
 * Closing is not counted.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bpf_clock.h"
#include "contender.h"
#include "timing.h"

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static void load_one(const char *path, unsigned jobs, bool refused)
{
	bpf_clock_reset();
	uint64_t start = now_ns();
	void *state = contender_begin();
	void *loaded = state ? contender_load(state, path, jobs) : NULL;
	uint64_t total = now_ns() - start;
	struct bpf_clock clock = bpf_clock_read();
	if (!loaded != refused)
		die(path, refused ? "was not refused" : contender_error());
	(void)printf("%llu %llu %llu\n", (unsigned long long)total, (unsigned long long)(total - clock.ns),
		     (unsigned long long)(clock.programs_to - clock.programs_from));
	contender_unload(loaded);
	contender_end(state);
}

static int do_one(int argc, char **argv)
{
	unsigned jobs = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	for (long times = argc > 3 ? strtol(argv[3], NULL, 10) : 1; times > 0; times--)
		load_one(argv[2], jobs, false);
	return 0;
}

static int do_refused(int argc, char **argv)
{
	(void)argc;
	load_one(argv[2], 1, true);
	return 0;
}

/* ---- many ---- */

#define FILES_MAX   4096
#define THREADS_MAX 16

static struct batch {
	char *files[FILES_MAX];
	size_t count;
	atomic_size_t next;
} batch;

static void read_list(const char *path)
{
	char line[4096];
	FILE *list = fopen(path, "re");
	if (!list)
		die(path, "cannot open");
	while (batch.count < FILES_MAX && fgets(line, sizeof line, list)) {
		line[strcspn(line, "\n")] = '\0';
		batch.files[batch.count] = strdup(line);
		if (!batch.files[batch.count++])
			die(path, "no memory");
	}
	(void)fclose(list);
}

/* Nothing is unloaded: all objects are held until the process ends. */
static void *load_some(void *data)
{
	size_t index;
	void *state = contender_begin();
	(void)data;
	while ((index = atomic_fetch_add(&batch.next, 1)) < batch.count)
		if (!state || !contender_load(state, batch.files[index], 1))
			die(batch.files[index], contender_error());
	return NULL;
}

/* Each thread has a CPU of its own: without that, two may share one. */
static void load_with_threads(unsigned threads)
{
	pthread_t helpers[THREADS_MAX];
	for (unsigned i = 1; i < threads; i++) {
		pthread_attr_t attributes;
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET(i, &set);
		(void)pthread_attr_init(&attributes);
		(void)pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
		if (pthread_create(&helpers[i], &attributes, load_some, NULL))
			die("pthread_create", "failed");
		(void)pthread_attr_destroy(&attributes);
	}
	(void)load_some(NULL);
	for (unsigned i = 1; i < threads; i++)
		(void)pthread_join(helpers[i], NULL);
}

static int do_all(int argc, char **argv)
{
	const struct rlimit many = { 65536, 65536 };
	unsigned threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;
	if (threads < 1 || threads > THREADS_MAX)
		die(argv[3], "threads");
	(void)setrlimit(RLIMIT_NOFILE, &many);
	read_list(argv[2]);
	uint64_t start = now_ns();
	load_with_threads(threads);
	(void)printf("%llu\n", (unsigned long long)(now_ns() - start));
	(void)fflush(stdout);
	_Exit(0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int, char **);
	} modes[] = { { "one", do_one }, { "refused", do_refused }, { "all", do_all } };
	for (size_t i = 0; argc > 2 && i < sizeof modes / sizeof *modes; i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(argc, argv);
	(void)fprintf(stderr, "one OBJECT [TIMES [JOBS]] | refused OBJECT | all LIST [THREADS]\n");
	return 1;
}
