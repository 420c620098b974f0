/* SPDX-License-Identifier: BSD-2-Clause */
/* ./execs [ENTRIES]: executes /bin/true five times and prints what execs_kern.o, beside it, saw of that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf_load.h"

static unsigned int entries = 1024;

static void resize(struct bpf_map_data *map, int idx)
{
	if (strcmp(map->name, "execs") == 0)
		map->def.max_entries = entries;
	printf("map %d is %s\n", idx, map->name);
}

static void execute(const char *path)
{
	pid_t child = fork();

	if (child == 0) {
		execl(path, path, (char *)NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	unsigned long long execs = 0, exits = 0;
	char filename[256], name[16] = "true";
	int zero = 0;

	if (argc > 1)
		entries = (unsigned int)atoi(argv[1]);
	snprintf(filename, sizeof(filename), "%s_kern.o", argv[0]);
	if (load_bpf_file_fixup_map(filename, resize)) {
		printf("%s", bpf_log_buf);
		return 1;
	}
	for (int i = 0; i < 5; i++)
		execute("/bin/true");
	if (bpf_map_lookup_elem(map_fd[0], name, &execs) || bpf_map_lookup_elem(map_fd[1], &zero, &exits)) {
		perror("bpf_map_lookup_elem");
		return 1;
	}
	printf("%d programs saw true %llu times and %s\n", prog_cnt, execs, exits >= 5 ? "its end" : "no end");
	return 0;
}
