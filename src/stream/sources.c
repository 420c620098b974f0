/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the types of records come from: an instance, an object file, or what the kernel was given with a program. */
#include <errno.h>

#include "kernel/bpf.h"
#include "kernel/elements.h"
#include "stream/types.h"

#define MAX_BTF_BYTES (64U << 20)
#define MAX_MAPS      1024 /* of one program; the verifier allows fewer */

static int add_element(struct type_uses *uses, uint32_t id)
{
	uint32_t *added = id ? array_push(&uses->elements) : NULL;
	if (added)
		*added = id;
	return added || !id ? 0 : -ENOMEM;
}

static int add_program(struct type_uses *uses, uint32_t function)
{
	uint32_t *added = function ? array_push(&uses->programs) : NULL;
	if (added)
		*added = function;
	return added || !function ? 0 : -ENOMEM;
}

static int add_map(struct type_uses *uses, const struct map_definition *definition)
{
	if (lade_is_record_buffer(definition->type))
		return 0;
	int result = add_element(uses, definition->btf_key_type);
	return result < 0 ? result : add_element(uses, definition->btf_value_type);
}

/* ---- of this process ---- */

int lade_record_types_of_instance(struct record_types *types, const struct lade_instance *instance)
{
	struct type_uses uses = { 0 };
	int result = 0;
	array_foreach(map, &instance->maps)
		result = result < 0 ? result : add_map(&uses, &map->definition);
	for (size_t i = 0; instance->btf && i < instance->programs.count && result >= 0; i++)
		result = add_program(&uses,
				     lade_btf_find(instance->btf, instance->programs.items[i].name, BTF_KIND_FUNC));
	if (result >= 0)
		result = lade_record_types_init(types, instance->btf, &uses);
	lade_type_uses_clear(&uses);
	return result;
}

int lade_record_types_of_object(struct record_types *types, const struct lade_object *object)
{
	struct type_uses uses = { 0 };
	int result = 0;
	array_foreach(map, &object->maps)
		result = result < 0 ? result : add_map(&uses, &(*map)->definition);
	for (size_t i = 0; object->btf && i < object->programs.count && result >= 0; i++)
		result = add_program(&uses, lade_btf_find(object->btf, object->programs.items[i]->name, BTF_KIND_FUNC));
	if (result >= 0)
		result = lade_record_types_init(types, object->btf, &uses);
	lade_type_uses_clear(&uses);
	return result;
}

/* ---- of the kernel ---- */

/* One program, and what it was loaded with. */
struct loaded_with {
	int fd;
	struct bpf_prog_info info;
	uint32_t maps[MAX_MAPS];
	uint32_t map_count;
};

/* Goes on to the program behind `id`; false at the end. One that has gone meanwhile has no descriptor. */
static bool next_program(struct kernel *kernel, uint32_t *id, struct loaded_with *ret_program)
{
	if (lade_bpf_next_id(kernel, BPF_PROG_GET_NEXT_ID, *id, id) < 0)
		return false;
	ret_program->map_count = 0;
	ret_program->info = (struct bpf_prog_info){ 0 };
	ret_program->fd = lade_bpf_prog_by_id(kernel, *id);
	if (ret_program->fd < 0 || lade_bpf_prog_info(kernel, ret_program->fd, &ret_program->info) < 0)
		return true;
	if (lade_bpf_prog_maps(kernel, ret_program->fd, ret_program->maps, MAX_MAPS, &ret_program->map_count) < 0)
		ret_program->map_count = 0;
	ret_program->map_count = ret_program->map_count < MAX_MAPS ? ret_program->map_count : MAX_MAPS;
	return true;
}

static bool uses_map(const struct loaded_with *program, uint32_t map_id)
{
	for (uint32_t i = 0; i < program->map_count; i++)
		if (program->maps[i] == map_id)
			return true;
	return false;
}

uint32_t lade_btf_id_of_map(struct kernel *kernel, int map_fd)
{
	struct bpf_map_info map = { 0 };
	if (lade_bpf_map_info(kernel, map_fd, &map) < 0)
		return 0;
	uint32_t found = map.btf_id, id = 0;
	CLEANUP(cleanup_free) struct loaded_with *program = calloc(1, sizeof *program);
	while (!found && program && next_program(kernel, &id, program)) {
		if (uses_map(program, map.id))
			found = program->info.btf_id;
		(void)fd_close(program->fd);
	}
	return found;
}

static int add_map_by_id(struct type_uses *uses, struct kernel *kernel, uint32_t id, uint32_t btf_id)
{
	struct bpf_map_info info = { 0 };
	int fd = lade_bpf_map_by_id(kernel, id);
	int result = fd < 0 ? fd : lade_bpf_map_info(kernel, fd, &info);
	(void)fd_close(fd);
	if (result < 0 || info.btf_id != btf_id)
		return 0;
	const struct map_definition definition = { .type = info.type,
						   .btf_key_type = info.btf_key_type_id,
						   .btf_value_type = info.btf_value_type_id };
	return add_map(uses, &definition);
}

/* Programs with the same BTF come from one object. */
static int collect_uses(struct type_uses *uses, struct kernel *kernel, uint32_t btf_id)
{
	uint32_t id = 0;
	int result = 0;
	CLEANUP(cleanup_free) struct loaded_with *program = calloc(1, sizeof *program);
	if (!program)
		return -ENOMEM;
	while (result == 0 && next_program(kernel, &id, program)) {
		uint32_t function = 0;
		bool is_ours = program->fd >= 0 && program->info.btf_id == btf_id;
		if (is_ours && lade_bpf_prog_main_function(kernel, program->fd, &function) >= 0)
			result = add_program(uses, function);
		for (uint32_t i = 0; is_ours && i < program->map_count && result == 0; i++)
			result = add_map_by_id(uses, kernel, program->maps[i], btf_id);
		(void)fd_close(program->fd);
	}
	return result;
}

static int read_btf(struct kernel *kernel, int fd, struct lade_btf **ret_btf, struct lade_error **error)
{
	struct bpf_btf_info info = { 0 };
	int result = lade_bpf_btf_info(kernel, fd, &info);
	if (result < 0 || info.btf_size > MAX_BTF_BYTES)
		return result < 0 ? result : -E2BIG;
	CLEANUP(cleanup_free) void *bytes = calloc(1, info.btf_size ? info.btf_size : 1);
	if (!bytes)
		return lade_fail_memory(error);
	uint32_t size = info.btf_size;
	info = (struct bpf_btf_info){ .btf = (uint64_t)(uintptr_t)bytes, .btf_size = size };
	result = lade_bpf_btf_info(kernel, fd, &info);
	return result < 0 ? result : lade_btf_parse(bytes, size, "BTF in the kernel", ret_btf, error);
}

int lade_record_types_of_kernel(struct record_types *types, struct kernel *kernel, uint32_t btf_id,
				struct lade_error **error)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *btf = NULL;
	struct type_uses uses = { 0 };
	int fd = lade_bpf_btf_by_id(kernel, btf_id);
	int result = fd < 0 ? fd : read_btf(kernel, fd, &btf, error);
	(void)fd_close(fd);
	if (result < 0)
		return error && *error ? result
				       : lade_fail(error, -result, "stream.btf", "BTF %u of the kernel: %s", btf_id,
						   strerror(-result));
	result = collect_uses(&uses, kernel, btf_id);
	if (result >= 0)
		result = lade_record_types_init(types, btf, &uses);
	types->btf_id = btf_id;
	lade_type_uses_clear(&uses);
	return result < 0 ? lade_fail_memory(error) : 0;
}
