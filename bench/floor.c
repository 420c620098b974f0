/* SPDX-License-Identifier: BSD-2-Clause */
/* floor FILE [TIMES]: makes the calls of a recording one after another; prints nanoseconds, one line a time. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/attr.h"
#include "recording.h"
#include "timing.h"

#define CALLS_MAX       1024
#define DESCRIPTORS_MAX 4096

struct call {
	struct recorded_header header;
	unsigned char *attr, *payloads[PAYLOADS_MAX];
	struct recorded_payload kinds[PAYLOADS_MAX];
};

static struct call recorded[CALLS_MAX];
static size_t call_count;
static int now_open[DESCRIPTORS_MAX]; /* by captured descriptor */

/* Fields of attributes that hold descriptors; 0 there means none. */
static const struct {
	int command;
	size_t offset;
} descriptor_fields[] = {
	{ BPF_MAP_CREATE, offsetof(struct attr_map_create, inner_map_fd) },
	{ BPF_MAP_CREATE, offsetof(struct attr_map_create, btf_fd) },
	{ BPF_MAP_CREATE, offsetof(struct attr_map_create, value_type_btf_obj_fd) },
	{ BPF_PROG_LOAD, offsetof(struct attr_prog_load, prog_btf_fd) },
	{ BPF_PROG_LOAD, offsetof(struct attr_prog_load, attach_prog_fd) }, /* or of BTF */
	{ BPF_MAP_UPDATE_ELEM, offsetof(struct attr_map_elem, map_fd) },
	{ BPF_MAP_FREEZE, offsetof(struct attr_map_freeze, map_fd) },
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned char *read_bytes(FILE *file, size_t size)
{
	unsigned char *bytes = malloc(size ? size : 1);
	if (!bytes || (size && fread(bytes, size, 1, file) != 1))
		die("floor: recording");
	return bytes;
}

static void read_calls(FILE *file)
{
	struct call *call = recorded;
	for (; fread(&call->header, sizeof call->header, 1, file) == 1; call++) {
		call->attr = read_bytes(file, call->header.attr_bytes);
		for (uint32_t i = 0; i < call->header.payload_count; i++) {
			if (fread(&call->kinds[i], sizeof call->kinds[i], 1, file) != 1)
				die("floor: recording");
			call->payloads[i] = read_bytes(file, call->kinds[i].bytes);
			uint64_t pointer = (uintptr_t)call->payloads[i];
			if (call->kinds[i].bytes)
				memcpy(call->attr + call->kinds[i].attr_offset, &pointer, sizeof pointer);
		}
		if (++call_count == CALLS_MAX)
			die("floor: too many calls");
	}
}

/* A captured descriptor becomes today's. */
static void translate(void *at)
{
	uint32_t fd;
	memcpy(&fd, at, sizeof fd);
	if (fd >= DESCRIPTORS_MAX)
		die("floor: descriptor");
	fd = fd ? (uint32_t)now_open[fd] : 0;
	memcpy(at, &fd, sizeof fd);
}

static void translate_instructions(unsigned char *bytes, size_t size)
{
	struct bpf_insn *instructions = (struct bpf_insn *)bytes; /* NOLINT: malloc aligned it */
	for (size_t i = 0; i + 1 < size / sizeof *instructions; i++) {
		if (instructions[i].code != (BPF_LD | BPF_DW | BPF_IMM))
			continue;
		if (instructions[i].src_reg == BPF_PSEUDO_MAP_FD || instructions[i].src_reg == BPF_PSEUDO_MAP_VALUE)
			translate(&instructions[i].imm);
		else if (instructions[i].src_reg == BPF_PSEUDO_BTF_ID)
			translate(&instructions[i + 1].imm); /* a module's BTF */
		i++;
	}
}

static void translate_all(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i + sizeof(uint32_t) <= size; i += sizeof(uint32_t))
		translate(bytes + i);
}

/* What a loader has ready before its call; not part of the floor. */
static void prepare(struct call *call, unsigned char *attr)
{
	memcpy(attr, call->attr, call->header.attr_bytes);
	for (size_t i = 0; i < sizeof descriptor_fields / sizeof *descriptor_fields; i++)
		if (descriptor_fields[i].command == call->header.command)
			translate(attr + descriptor_fields[i].offset);
	for (uint32_t i = 0; i < call->header.payload_count; i++) {
		unsigned char *copy = malloc(call->kinds[i].bytes + 1);
		if (!copy)
			die("floor");
		memcpy(copy, call->payloads[i], call->kinds[i].bytes);
		uint64_t pointer = (uintptr_t)copy;
		if (call->kinds[i].bytes)
			memcpy(attr + call->kinds[i].attr_offset, &pointer, sizeof pointer);
		if (call->kinds[i].kind == PAYLOAD_INSTRUCTIONS)
			translate_instructions(copy, call->kinds[i].bytes);
		else if (call->kinds[i].kind == PAYLOAD_DESCRIPTORS)
			translate_all(copy, call->kinds[i].bytes);
	}
}

static bool counts(const struct call *call)
{
	return call->header.command != BPF_BTF_GET_FD_BY_ID && call->header.command != BPF_PROG_GET_FD_BY_ID &&
	       call->header.command != BPF_OBJ_GET;
}

static uint64_t replay(void)
{
	static unsigned char attr[256];
	uint64_t total = 0;
	for (size_t i = 0; i < call_count; i++) {
		struct call *call = &recorded[i];
		prepare(call, attr);
		uint64_t start = now_ns();
		long result = syscall(SYS_bpf, call->header.command, attr, call->header.attr_bytes);
		total += counts(call) ? now_ns() - start : 0;
		if (result < 0)
			die("floor: bpf");
		if (call->header.result > 0 && call->header.result < DESCRIPTORS_MAX)
			now_open[call->header.result] = (int)result;
	}
	return total;
}

static void close_all(void)
{
	for (size_t i = 3; i < DESCRIPTORS_MAX; i++)
		if (now_open[i] > 2)
			(void)close(now_open[i]);
	memset(now_open, 0, sizeof now_open);
}

int main(int argc, char **argv)
{
	FILE *file = argc > 1 ? fopen(argv[1], "re") : NULL;
	if (!file)
		die("floor FILE [TIMES]");
	read_calls(file);
	(void)fclose(file);
	for (int times = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1; times > 0; times--) {
		(void)printf("%llu\n", (unsigned long long)replay());
		close_all();
	}
	return 0;
}
