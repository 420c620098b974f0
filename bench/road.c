/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * road FROM TO OUTPUT PROGRAM ARGUMENTS…: runs a program one instruction at a time and writes the address of each to
 * OUTPUT, as 8 bytes, from the first time it is at address FROM (0: from its first on) until it is at TO.
 * bench/record-road makes src/road.txt of it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	(void)fprintf(stderr, "road: %s: %s\n", what, strerror(errno));
	exit(1);
}

static pid_t start(char **argv)
{
	pid_t child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
			(void)execv(argv[0], argv);
		_exit(127);
	}
	return child;
}

/* False: it has ended. */
static bool step(pid_t child)
{
	int status;
	if (ptrace(PTRACE_SINGLESTEP, child, 0, 0) < 0 || waitpid(child, &status, 0) < 0)
		die("ptrace");
	return WIFSTOPPED(status);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 1;
	FILE *output = fopen(argv[3], "we");
	if (!output)
		die(argv[3]);
	uint64_t from = strtoull(argv[1], NULL, 16), to = strtoull(argv[2], NULL, 16), address = 0;
	pid_t child = start(argv + 4);
	bool on = !from;
	int status;
	if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
		die(argv[4]);
	do {
		address = (uint64_t)ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, regs.rip), 0);
		on = (on || address == from) && address != to;
		if (on && fwrite(&address, sizeof address, 1, output) != 1)
			die(argv[3]);
	} while (step(child));
	return fclose(output) ? 1 : 0;
}
