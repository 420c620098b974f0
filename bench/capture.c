/* SPDX-License-Identifier: BSD-2-Clause */
/* capture OBJECT FILE: loads an object through liblade and writes its floor (recording.h). */
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lade/lade.h>

#include "kernel/bpf.h"
#include "kernel/context.h"
#include "recording.h"

#define MAPS_MAX 256

/* The kernel's table with one function exchanged; a bench has one kernel. */
static struct kernel_calls calls;
static int (*real_bpf)(struct kernel *kernel, int command, void *attr, size_t size);
static FILE *recording;

static struct {
	int fd;
	uint32_t type, key_bytes, value_bytes;
} maps[MAPS_MAX];
static size_t map_count;

struct payload {
	struct recorded_payload header;
	uint64_t pointer;
};

static size_t find_map(uint32_t fd)
{
	for (size_t i = map_count; i-- > 0;)
		if (maps[i].fd == (int)fd)
			return i;
	(void)fprintf(stderr, "capture: descriptor %u is no map of this load\n", fd);
	exit(1);
}

static const void *pointer_of(uint64_t address)
{
	return (const void *)(uintptr_t)address; /* NOLINT: the attribute's own form */
}

/* The kernel is not told how long fd_array is: as long as the instructions need it. */
static uint32_t fd_array_bytes(const struct attr_prog_load *attr)
{
	const struct bpf_insn *instructions = pointer_of(attr->insns);
	uint32_t count = 0;
	for (uint32_t i = 0; attr->fd_array && i < attr->insn_cnt; i++) {
		const struct bpf_insn *instruction = &instructions[i];
		uint32_t needed = 0;
		if (instruction->code == (BPF_JMP | BPF_CALL) && instruction->src_reg == BPF_PSEUDO_KFUNC_CALL)
			needed = instruction->off ? (uint16_t)instruction->off + 1U : 0;
		else if (instruction->code == (BPF_LD | BPF_DW | BPF_IMM) &&
			 (instruction->src_reg == BPF_PSEUDO_MAP_IDX ||
			  instruction->src_reg == BPF_PSEUDO_MAP_IDX_VALUE))
			needed = (uint32_t)instruction->imm + 1U;
		count = needed > count ? needed : count;
	}
	return count * (uint32_t)sizeof(int32_t);
}

static size_t prog_payloads(const struct attr_prog_load *attr, struct payload *payloads)
{
	const char *license = pointer_of(attr->license);
	const struct payload all[PAYLOADS_MAX] = {
		{ { offsetof(struct attr_prog_load, insns), attr->insn_cnt * 8, PAYLOAD_INSTRUCTIONS }, attr->insns },
		{ { offsetof(struct attr_prog_load, license), (uint32_t)strlen(license) + 1, PAYLOAD_BYTES },
		  attr->license },
		{ { offsetof(struct attr_prog_load, func_info), attr->func_info_rec_size * attr->func_info_cnt,
		    PAYLOAD_BYTES },
		  attr->func_info },
		{ { offsetof(struct attr_prog_load, line_info), attr->line_info_rec_size * attr->line_info_cnt,
		    PAYLOAD_BYTES },
		  attr->line_info },
		{ { offsetof(struct attr_prog_load, fd_array), fd_array_bytes(attr), PAYLOAD_DESCRIPTORS },
		  attr->fd_array },
	};
	memcpy(payloads, all, sizeof all);
	return PAYLOADS_MAX;
}

static bool holds_descriptors(uint32_t map_type)
{
	return map_type == BPF_MAP_TYPE_PROG_ARRAY || map_type == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
	       map_type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static size_t update_payloads(const struct attr_map_elem *attr, struct payload *payloads)
{
	size_t map = find_map(attr->map_fd);
	uint32_t kind = holds_descriptors(maps[map].type) ? PAYLOAD_DESCRIPTORS : PAYLOAD_BYTES;
	payloads[0] = (struct payload){ { offsetof(struct attr_map_elem, key), maps[map].key_bytes, PAYLOAD_BYTES },
					attr->key };
	payloads[1] =
		(struct payload){ { offsetof(struct attr_map_elem, value), maps[map].value_bytes, kind }, attr->value };
	return 2;
}

static uint32_t path_bytes(const struct attr_obj *attr)
{
	return (uint32_t)strlen(pointer_of(attr->pathname)) + 1;
}

static size_t find_payloads(int command, const void *attr, struct payload *payloads)
{
	const struct attr_btf_load *btf = attr;
	switch (command) {
	case BPF_PROG_LOAD:
		return prog_payloads(attr, payloads);
	case BPF_MAP_UPDATE_ELEM:
		return update_payloads(attr, payloads);
	case BPF_BTF_LOAD:
		payloads[0] = (struct payload){ { offsetof(struct attr_btf_load, btf), btf->btf_size, PAYLOAD_BYTES },
						btf->btf };
		return 1;
	case BPF_OBJ_GET:
		payloads[0] =
			(struct payload){ { offsetof(struct attr_obj, pathname), path_bytes(attr), PAYLOAD_BYTES },
					  ((const struct attr_obj *)attr)->pathname };
		return 1;
	default:
		return 0;
	}
}

static void write_all(const void *bytes, size_t size)
{
	if (size && fwrite(bytes, size, 1, recording) != 1) {
		perror("capture");
		exit(1);
	}
}

static void record(int command, const void *attr, size_t size, int result)
{
	struct payload payloads[PAYLOADS_MAX];
	const struct recorded_header header = { command, result, (uint32_t)size,
						(uint32_t)find_payloads(command, attr, payloads) };
	write_all(&header, sizeof header);
	write_all(attr, size);
	for (uint32_t i = 0; i < header.payload_count; i++) {
		write_all(&payloads[i].header, sizeof payloads[i].header);
		write_all(pointer_of(payloads[i].pointer), payloads[i].header.bytes);
	}
}

static void remember_map(const struct attr_map_create *attr, int fd)
{
	if (map_count == MAPS_MAX)
		exit(1);
	maps[map_count].fd = fd;
	maps[map_count].type = attr->map_type;
	maps[map_count].key_bytes = attr->key_size;
	maps[map_count++].value_bytes = attr->value_size;
}

static bool updates_struct_ops(const struct attr_map_elem *attr)
{
	return maps[find_map(attr->map_fd)].type == BPF_MAP_TYPE_STRUCT_OPS;
}

/* Programs that Lade loads for itself (to look up a symbol) are its own affair. */
static bool is_own(const struct attr_prog_load *attr)
{
	return strncmp(attr->prog_name, "lade_", strlen("lade_")) == 0;
}

/* Calls of the floor, and those that only open what its calls refer to. Registering struct_ops is attaching. */
static bool is_floor(int command, const void *attr)
{
	static const int commands[] = { BPF_MAP_CREATE, BPF_BTF_LOAD,         BPF_MAP_FREEZE,
					BPF_OBJ_GET,    BPF_BTF_GET_FD_BY_ID, BPF_PROG_GET_FD_BY_ID };
	if (command == BPF_MAP_UPDATE_ELEM)
		return !updates_struct_ops(attr);
	if (command == BPF_PROG_LOAD)
		return !is_own(attr);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (commands[i] == command)
			return true;
	return false;
}

static int recording_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	int result = real_bpf(kernel, command, attr, size);
	if (result < 0 || !is_floor(command, attr))
		return result;
	if (command == BPF_MAP_CREATE)
		remember_map(attr, result);
	record(command, attr, size, result);
	return result;
}

static int stand_between(struct lade_context *context, struct lade_error **error)
{
	struct kernel *kernel = NULL;
	int code = lade_context_kernel(context, &kernel, error);
	if (code < 0)
		return code;
	calls = *kernel->calls;
	real_bpf = calls.bpf;
	calls.bpf = recording_bpf;
	kernel->calls = &calls;
	return 0;
}

int main(int argc, char **argv)
{
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	const struct lade_load_opts opts = { .size = sizeof opts, .jobs = 1 };
	recording = argc == 3 ? fopen(argv[2], "we") : NULL;
	if (!recording || lade_context_new(NULL, &context, &error) < 0 || stand_between(context, &error) < 0 ||
	    lade_object_open(context, argv[1], NULL, &object, &error) < 0 ||
	    lade_object_load(object, &opts, &instance, &error) < 0) {
		(void)fprintf(stderr, "capture: %s\n", lade_error_message(error));
		return 1;
	}
	lade_instance_close(instance);
	lade_object_free(object);
	lade_context_free(context);
	return fclose(recording) == 0 ? 0 : 1;
}
