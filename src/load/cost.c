/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Remembered verification times: one small text file an object name below the context's cache directory,
 * "instructions nanoseconds program" a line. A program is recognised by its name and length; a stale time
 * only costs a worse order. Cheap loads are neither looked up nor written.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "load/loader.h"

#define WORTH_READING_WEIGHT 2000     /* instructions, guessed */
#define WORTH_WRITING_NS     10000000 /* 10 ms for the whole object */
#define NS_PER_WEIGHT        500      /* so that remembered and guessed weights can be compared */

static int cost_path(const struct lade_context *context, const char *object, char path[PATH_MAX])
{
	int length;

	if (!context->cache || strchr(object, '/') || *object == '.')
		return -ENOENT;
	length = snprintf(path, PATH_MAX, "%s/costs/%s", context->cache, object);
	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static void apply(struct program_job *jobs, size_t count, const char *name, uint64_t instructions, uint64_t ns)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(jobs[i].name, name) == 0 &&
		    jobs[i].operation->program_load->instructions.count == instructions)
			jobs[i].weight = ns / NS_PER_WEIGHT;
}

static bool is_worth_reading(const struct program_job *jobs, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += jobs[i].weight;
	return count > 1 && sum >= WORTH_READING_WEIGHT;
}

void lade_cost_recall(const struct lade_context *context, const char *object, struct program_job *jobs, size_t count)
{
	char path[PATH_MAX], line[512], name[256];
	uint64_t instructions, ns;
	FILE *file;

	if (!is_worth_reading(jobs, count) || cost_path(context, object, path) < 0)
		return;
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "%" SCNu64 " %" SCNu64 " %255s", &instructions, &ns, name) == 3)
			apply(jobs, count, name, instructions, ns);
	(void)fclose(file);
}

static bool is_worth_writing(const struct program_job *jobs, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += jobs[i].verify_ns;
	return count > 1 && sum >= WORTH_WRITING_NS;
}

static void make_directories(const struct lade_context *context)
{
	char path[PATH_MAX];

	(void)mkdir(context->cache, 0755);
	if (snprintf(path, sizeof path, "%s/costs", context->cache) < (int)sizeof path)
		(void)mkdir(path, 0755);
}

/* Written beside and renamed, so that a reader never sees half a file. Failure costs nothing. */
void lade_cost_remember(const struct lade_context *context, const char *object, const struct program_job *jobs,
			size_t count)
{
	char path[PATH_MAX], temporary[PATH_MAX + 32];
	FILE *file;
	bool whole = true;

	if (!is_worth_writing(jobs, count) || cost_path(context, object, path) < 0)
		return;
	make_directories(context);
	(void)snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
	file = fopen(temporary, "wxe");
	if (!file)
		return;
	for (size_t i = 0; i < count; i++)
		whole &= fprintf(file, "%zu %" PRIu64 " %s\n", jobs[i].operation->program_load->instructions.count,
				 jobs[i].verify_ns, jobs[i].name) > 0;
	whole &= fclose(file) == 0;
	if (!whole || rename(temporary, path) < 0)
		(void)unlink(temporary);
}
