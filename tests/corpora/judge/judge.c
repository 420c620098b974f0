/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge [--full] [--each] [--btf FILE] [--seconds N] FILE|DIRECTORY…: loads every object (*.o) in a process and
 * a bpffs of its own and prints one line of JSON about each: whether it loads, and what the kernel was given.
 *
 *	--full       the captured texts instead of their digests
 *	--each       every program of the object alone, those of SEC("?…") too
 *	--btf FILE   types to relocate against, instead of the running kernel's
 *	--seconds N  that one load may take (60)
 *
 * The three judges differ in the loader only. They are static, so that they run in any machine.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader.h"
#include "verdict.h"

static struct {
	bool full, each;
	const char *btf;
	unsigned seconds;
} options = { .seconds = 60 };

static unsigned long long now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
}

/* Maps pinned by name must not meet those of the object before. */
static void enter_own_bpffs(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	(void)setrlimit(RLIMIT_MEMLOCK, &unlimited); // kernels before 5.11
	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		(void)mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL);
}

static void begin_line(FILE *out, const char *path, const char *only)
{
	const char *slash = strrchr(path, '/');

	(void)fputs("{\"object\": ", out);
	print_json_string(out, slash ? slash + 1 : path);
	if (only) {
		(void)fputs(", \"program\": ", out);
		print_json_string(out, only);
	}
	(void)fputs(", \"loader\": \"", out);
	loader_name(out);
	(void)fputs("\", ", out);
}

/* In the child. */
static void load_and_tell(const char *path, const char *only, FILE *out)
{
	struct loaded loaded = { 0 };
	unsigned long long started;
	int error;

	enter_own_bpffs();
	started = now_us();
	error = loader_load(path, only, options.btf, &loaded);
	begin_line(out, path, only);
	(void)fprintf(out, "\"loaded\": %s, \"error\": %d, \"microseconds\": %llu, ", error ? "false" : "true", -error,
		      now_us() - started);
	if (error) {
		(void)fputs("\"message\": ", out);
		print_json_string(out, loaded.message);
	} else {
		print_loaded(out, &loaded, options.full);
	}
	(void)fputs("}\n", out);
	(void)fflush(out);
}

/* Everything that the child writes until it ends; false: it did not end in time. */
static bool collect(int fd, FILE *into)
{
	unsigned long long end = now_us() + options.seconds * 1000000ULL;
	char block[65536];

	for (;;) {
		unsigned long long now = now_us();
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		ssize_t length;

		if (now >= end || poll(&wait, 1, (int)((end - now) / 1000) + 1) <= 0)
			return false;
		length = read(fd, block, sizeof block);
		if (length <= 0)
			return true;
		(void)fwrite(block, 1, (size_t)length, into);
	}
}

/* In a process of its own, whose output is whole or replaced by why it is not. */
static void judge(const char *path, const char *only)
{
	int ends[2], status;
	char *text = NULL;
	size_t length;
	FILE *collected = open_memstream(&text, &length);
	bool in_time;
	pid_t child;

	if (!collected || pipe(ends) < 0)
		abort();
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		load_and_tell(path, only, fdopen(ends[1], "w"));
		_exit(0);
	}
	(void)close(ends[1]);
	in_time = child > 0 && collect(ends[0], collected);
	if (!in_time && child > 0)
		(void)kill(child, SIGKILL);
	(void)waitpid(child, &status, 0);
	(void)close(ends[0]);
	(void)fclose(collected);
	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0 && length) {
		(void)fputs(text, stdout);
	} else {
		begin_line(stdout, path, only);
		(void)printf("\"loaded\": false, \"error\": %d, \"message\": \"%s %d\"}\n",
			     in_time ? ECHILD : ETIMEDOUT,
			     !in_time              ? "seconds passed:"
			     : WIFSIGNALED(status) ? "killed by signal"
						   : "exit code",
			     !in_time              ? (int)options.seconds
			     : WIFSIGNALED(status) ? WTERMSIG(status)
						   : WEXITSTATUS(status));
	}
	(void)fflush(stdout);
	free(text);
}

/* The list is made in a child too: the object may crash the loader. */
static void judge_each(const char *path)
{
	int ends[2];
	char *name = NULL;
	size_t size = 0;
	ssize_t length;
	pid_t child;
	FILE *names;

	if (pipe(ends) < 0)
		abort();
	child = fork();
	if (child == 0) {
		FILE *out = fdopen(ends[1], "w");

		(void)loader_list(path, out);
		(void)fclose(out);
		_exit(0);
	}
	(void)close(ends[1]);
	names = fdopen(ends[0], "r");
	while (names && (length = getline(&name, &size, names)) > 1) {
		name[length - 1] = '\0';
		judge(path, name);
	}
	free(name);
	(void)fclose(names);
	(void)waitpid(child, NULL, 0);
}

static void judge_file(const char *path)
{
	if (options.each)
		judge_each(path);
	else
		judge(path, NULL);
}

static int is_object(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 2 && strcmp(entry->d_name + length - 2, ".o") == 0;
}

static void judge_path(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_object, alphasort);
	char file[4096];

	if (count < 0) {
		judge_file(path);
		return;
	}
	for (int i = 0; i < count; i++) {
		(void)snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
		judge_file(file);
		free(entries[i]);
	}
	free(entries);
}

static const struct option long_options[] = {
	{ "full", no_argument, NULL, 'f' },
	{ "each", no_argument, NULL, 'e' },
	{ "btf", required_argument, NULL, 'b' },
	{ "seconds", required_argument, NULL, 's' },
	{ 0 },
};

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0)
		if (option == 'f')
			options.full = true;
		else if (option == 'e')
			options.each = true;
		else if (option == 'b')
			options.btf = optarg;
		else if (option == 's')
			options.seconds = (unsigned)strtoul(optarg, NULL, 10);
		else
			return 1;
	for (int i = optind; i < argc; i++)
		judge_path(argv[i]);
	return 0;
}
