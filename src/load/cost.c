/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Remembered verification times: one small text file an object name below the context's cache directory,
 *
 *     kernel BUILDID
 *     DIGEST nanoseconds program
 *     …
 *
 * A program is recognised by its name and the digest of its instructions, and only on the kernel that verified it; a
 * wrong time only costs a worse order. Cheap loads are neither looked up nor written.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cache.h"
#include "btf/kernel_index.h"
#include "load/loader.h"

#define WORTH_READING_NS 2000000  /* 2 ms for the whole object, guessed */
#define WORTH_WRITING_NS 10000000 /* 10 ms, measured */
#define DIRECTORY        "costs"
#define SYSFS            "/sys/kernel/btf"
#define LDIMM64          (BPF_LD | BPF_IMM | BPF_DW)

/* Descriptors and addresses are other ones each time: numbers of instructions that can hold them do not count. */
static uint64_t digest(const struct program_operation *load)
{
	uint64_t hash = load->instructions.count;

	array_foreach(instruction, &load->instructions) {
		struct bpf_insn copy = *instruction;
		uint64_t word;
		if (copy.code == LDIMM64 || copy.code == (BPF_JMP | BPF_CALL) || !copy.code)
			copy.imm = 0;
		memcpy(&word, &copy, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

/* False: the kernel has no build id, or the object no name that a file could have. */
static bool first_line(const char *object, char line[LADE_INDEX_KEY + 16])
{
	char key[LADE_INDEX_KEY];

	if (strchr(object, '/') || *object == '.' || !lade_kernel_index_key(SYSFS, 0, key))
		return false;
	(void)snprintf(line, LADE_INDEX_KEY + 16, "kernel %s\n", key);
	return true;
}

static void apply(struct program_job *jobs, size_t count, const char *name, uint64_t hash, uint64_t ns)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(jobs[i].name, name) == 0 && digest(jobs[i].operation->program_load) == hash)
			jobs[i].weight = ns;
}

static bool is_worth_reading(const struct program_job *jobs, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += jobs[i].weight;
	return count > 1 && sum >= WORTH_READING_NS;
}

static FILE *open_file(const struct lade_context *context, const char *object)
{
	CLEANUP(cleanup_fd) int directory = lade_cache_open(context->cache, DIRECTORY, false);
	struct stat status;
	FILE *file;

	if (directory < 0)
		return NULL;
	CLEANUP(cleanup_fd)
	int fd = openat(directory, object, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || !lade_cache_is_trusted(fd, S_IFREG, &status))
		return NULL;
	file = fdopen(fd, "r");
	if (file)
		(void)take_fd(&fd);
	return file;
}

static __attribute__((noinline)) void recall(const struct lade_context *context, const char *object,
					     struct program_job *jobs, size_t count)
{
	char line[512], wanted[LADE_INDEX_KEY + 16], name[256];
	uint64_t hash, ns;
	FILE *file = first_line(object, wanted) ? open_file(context, object) : NULL;

	if (!file)
		return;
	if (fgets(line, sizeof line, file) && strcmp(line, wanted) == 0)
		while (fgets(line, sizeof line, file))
			if (sscanf(line, "%" SCNx64 " %" SCNu64 " %255s", &hash, &ns, name) == 3)
				apply(jobs, count, name, hash, ns);
	(void)fclose(file);
}

/* Its buffers are pages of stack that most loads need not touch. */
void lade_cost_recall(const struct lade_context *context, const char *object, struct program_job *jobs, size_t count)
{
	if (context->cache && is_worth_reading(jobs, count))
		recall(context, object, jobs, count);
}

static bool is_worth_writing(const struct program_job *jobs, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += jobs[i].verify_ns;
	return count > 1 && sum >= WORTH_WRITING_NS;
}

static bool write_file(int directory, const char *name, const char *line, const struct program_job *jobs, size_t count)
{
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool whole = file && fputs(line, file) >= 0;

	for (size_t i = 0; whole && i < count; i++)
		whole = fprintf(file, "%016" PRIx64 " %" PRIu64 " %s\n", digest(jobs[i].operation->program_load),
				jobs[i].verify_ns, jobs[i].name) > 0;
	if (!file)
		(void)fd_close(fd);
	return file && fclose(file) == 0 && whole;
}

/* Written beside and renamed, so that a reader never sees half a file. Failure costs nothing. */
static __attribute__((noinline)) void remember(const struct lade_context *context, const char *object,
					       const struct program_job *jobs, size_t count)
{
	char line[LADE_INDEX_KEY + 16], temporary[NAME_MAX + 1];

	if (!first_line(object, line) ||
	    snprintf(temporary, sizeof temporary, ".%s.%d", object, (int)getpid()) >= (int)sizeof temporary)
		return;
	CLEANUP(cleanup_fd) int directory = lade_cache_open(context->cache, DIRECTORY, true);
	if (directory < 0)
		return;
	(void)unlinkat(directory, temporary, 0); /* of one who had the same number and did not get to the end */
	if (!write_file(directory, temporary, line, jobs, count) ||
	    renameat(directory, temporary, directory, object) < 0)
		(void)unlinkat(directory, temporary, 0);
}

void lade_cost_remember(const struct lade_context *context, const char *object, const struct program_job *jobs,
			size_t count)
{
	if (context->cache && is_worth_writing(jobs, count))
		remember(context, object, jobs, count);
}
