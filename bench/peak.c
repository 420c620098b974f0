/* SPDX-License-Identifier: BSD-2-Clause */
/* peak COMMAND …: runs it and prints its peak of resident memory (VmHWM) in KiB, read when it is about to end. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long peak_of(pid_t pid)
{
	static const char name[] = "VmHWM:";
	char path[64], line[256];
	long kib = -1;
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *status = fopen(path, "re");
	if (!status)
		die(path);
	while (kib < 0 && fgets(line, sizeof line, status))
		if (strncmp(line, name, sizeof name - 1) == 0)
			kib = strtol(line + sizeof name - 1, NULL, 10);
	(void)fclose(status);
	return kib;
}

static pid_t start(char **command)
{
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		die("ptrace");
	if (!freopen("/dev/null", "w", stdout))
		die("/dev/null");
	(void)raise(SIGSTOP); /* until the options are set */
	(void)execvp(command[0], command);
	die(command[0]);
	return -1;
}

/* Lets it run, past the stop of its exec, up to the stop that PTRACE_O_TRACEEXIT makes. */
static long watch(pid_t pid, int *ret_status)
{
	long kib = -1;
	for (;;) {
		if (waitpid(pid, ret_status, 0) < 0)
			die("waitpid");
		if (!WIFSTOPPED(*ret_status))
			return kib;
		int signal = WSTOPSIG(*ret_status);
		if (*ret_status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			kib = peak_of(pid);
		(void)ptrace(PTRACE_CONT, pid, NULL, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
	}
}

int main(int argc, char **argv)
{
	int status;
	if (argc < 2)
		return 1;
	pid_t pid = start(argv + 1);
	if (waitpid(pid, &status, 0) < 0 || ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXIT) < 0)
		die("ptrace");
	(void)ptrace(PTRACE_CONT, pid, NULL, 0);
	long kib = watch(pid, &status);
	if (!WIFEXITED(status) || WEXITSTATUS(status) || kib < 0)
		return 1;
	(void)printf("%ld\n", kib);
	return 0;
}
