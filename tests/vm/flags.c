/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flags: which flags of maps the kernel takes, a line each: "FLAG TYPE…", the types of maps that are created with it
 * and are created without it, too. A flag that wants a companion (a node, a descriptor) is tried with it.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TYPES 40
#define BITS  24

struct create {
	uint32_t type, key_size, value_size, max_entries, flags, inner_fd, numa_node;
	uint8_t rest[100];
};

static int try(const struct create *create)
{
	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, create, sizeof *create);
}

/* Every shape that some type wants; the first that the type takes. Local storage wants BTF and is left out. */
static int find_shape(uint32_t type, struct create *create)
{
	static const struct create shapes[] = {
		{ .key_size = 4, .value_size = 4, .max_entries = 4 },
		{ .key_size = 4, .value_size = 8, .max_entries = 4 },
		{ .key_size = 8, .value_size = 8, .max_entries = 4, .flags = BPF_F_NO_PREALLOC }, /* LPM trie */
		{ .value_size = 8, .max_entries = 4 },         /* queue, bloom filter */
		{ .max_entries = 4096 },                       /* ring buffer */
		{ .max_entries = 4, .flags = BPF_F_MMAPABLE }, /* arena */
	};
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		*create = shapes[i];
		create->type = type;
		int fd = try(create);
		if (fd < 0)
			continue;
		close(fd);
		return 0;
	}
	return -1;
}

static int takes(const struct create *shape, unsigned bit)
{
	struct create create = *shape;
	create.flags |= 1U << bit;
	create.numa_node = 0;
	/* A stack trace with build ids has other values. */
	if (create.flags & BPF_F_STACK_BUILD_ID)
		create.value_size = 10 * sizeof(struct bpf_stack_build_id);
	int fd = try(&create);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int main(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	(void)setrlimit(RLIMIT_MEMLOCK, &limit);
	for (unsigned bit = 0; bit < BITS; bit++) {
		printf("0x%x", 1U << bit);
		for (uint32_t type = 1; type < TYPES; type++) {
			struct create create;
			if (find_shape(type, &create) == 0 && takes(&create, bit))
				printf(" %u", type);
		}
		printf("\n");
	}
	return 0;
}
