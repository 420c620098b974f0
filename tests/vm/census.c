/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * census: what BPF objects the kernel holds, one line: "programs 0 maps 0 links 0 btfs 0". Given a line, it waits
 * up to half a minute for the same counts (the kernel frees late, and a machine may wait for its turn) and fails when
 * they stay different.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	long command;
} kinds[] = { { "programs", 11 }, { "maps", 12 }, { "links", 31 }, { "btfs", 23 } }; /* BPF_…_GET_NEXT_ID */

static unsigned count(long command)
{
	unsigned attribute[3] = { 0 }, found = 0;

	while (syscall(SYS_bpf, command, attribute, sizeof attribute) == 0) {
		attribute[0] = attribute[1];
		found++;
	}
	return found;
}

static void describe(char *line, size_t bytes)
{
	size_t length = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		length += (size_t)snprintf(line + length, bytes - length, "%s%s %u", i ? " " : "", kinds[i].name,
					   count(kinds[i].command));
}

int main(int argc, char **argv)
{
	char line[128];

	describe(line, sizeof line);
	for (int tries = 0; argc > 1 && strcmp(line, argv[1]) != 0 && tries < 300; tries++) {
		usleep(100000);
		describe(line, sizeof line);
	}
	printf("%s\n", line);
	return argc > 1 && strcmp(line, argv[1]) != 0;
}
