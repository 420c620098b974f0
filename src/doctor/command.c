/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/command.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define NANOSECONDS 1000000000ULL

extern char **environ;

uint64_t lade_command_now_ns(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_MONOTONIC, &now) < 0 ? 0
							: (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

/* ---- PATH ---- */

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

bool lade_command_find(const char *name, char *path, size_t size)
{
	const char *at = secure_getenv("PATH");

	while (at && *at) {
		size_t length = strcspn(at, ":");
		int written = snprintf(path, size, "%.*s/%s", (int)length, at, name);
		/* "." and "" are where somebody else may have put something. */
		if (*at == '/' && written > 0 && (size_t)written < size && is_program(path))
			return true;
		at += length;
		at += *at == ':';
	}
	return false;
}

bool lade_command_find_versioned(const char *name, char *path, size_t size)
{
	enum { NEWEST = 30, OLDEST = 10 };
	char versioned[64];

	if (lade_command_find(name, path, size))
		return true;
	for (int version = NEWEST; version >= OLDEST; version--) {
		(void)snprintf(versioned, sizeof versioned, "%s-%d", name, version);
		if (lade_command_find(versioned, path, size))
			return true;
	}
	return false;
}

/* ---- run ---- */

/* A file in memory with the text, at its beginning. */
static int open_input(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	CLEANUP(cleanup_fd) int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (length && write(fd, text, length) != (ssize_t)length)
		return -EIO;
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : take_fd(&fd);
}

static int start(const struct command *command, bool errors, int input, int output, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return -ENOMEM;
	}
	(void)sigemptyset(&none);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	int result = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (result == 0)
		result = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (result == 0 && errors)
		result = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	if (result == 0 && !errors)
		result = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (result == 0)
		result = posix_spawn(ret_pid, command->words[0], &actions, &attributes, (char *const *)command->words,
				     environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -result;
}

/* 0 at the end of what is printed. */
static int drain(const struct command *command, int fd, struct strbuf *output)
{
	char piece[16384];
	size_t total = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		uint64_t now = lade_command_now_ns();
		int left = now < command->until_ns ? (int)((command->until_ns - now) / 1000000) + 1 : 0;
		int ready = left ? poll(&wait, 1, left) : 0;
		if (ready == 0)
			return -ETIMEDOUT;
		ssize_t got = ready < 0 ? -1 : read(fd, piece, sizeof piece);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		total += (size_t)got;
		if (total > command->most_bytes)
			return -EFBIG;
		if (output)
			lade_strbuf_add_bytes(output, piece, (size_t)got);
	}
}

/* It may have closed its output and live on. */
static int wait_for(pid_t pid, uint64_t until_ns, bool kill_now)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int status = 0;

	for (;;) {
		pid_t got = waitpid(pid, &status, kill_now ? 0 : WNOHANG);
		if (got == pid)
			break;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0 && lade_command_now_ns() >= until_ns) {
			(void)kill(-pid, SIGKILL);
			kill_now = true;
		} else if (got == 0) {
			(void)nanosleep(&moment, NULL);
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int lade_command_run(const struct command *command, bool errors, struct strbuf *output)
{
	int ends[2];
	pid_t pid = -1;
	CLEANUP(cleanup_fd) int input = open_input(command->input);

	if (input < 0)
		return input;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	CLEANUP(cleanup_fd) int reading = ends[0];
	CLEANUP(cleanup_fd) int writing = ends[1];
	int result = start(command, errors, input, writing, &pid);
	writing = fd_close(writing);
	if (result < 0)
		return result;
	result = drain(command, reading, output);
	if (result < 0)
		(void)kill(-pid, SIGKILL);
	int status = wait_for(pid, command->until_ns, result < 0);
	return result < 0 ? result : status;
}
