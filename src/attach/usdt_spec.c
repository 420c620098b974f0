/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that include usdt.bpf.h carry two maps and the code that looks into them:
 *
 *     __bpf_usdt_specs           array of struct __bpf_usdt_spec: where the arguments are
 *     __bpf_usdt_ip_to_spec_id   hash from a probe's address to an index of that array, for kernels without cookies
 *
 * The layout is the object's own and is read from its BTF: newer headers pack an index register into the bits that
 * older ones leave to the kind of the argument.
 *
 * An entry that is all zeros is free. One that is in use never is: where it says nothing else, its last argument, which
 * no program looks at, is marked. Entries that say the same are shared, so attaching again takes no new one.
 */
#include <errno.h>
#include <string.h>

#include "attach/uprobe.h"
#include "btf/btf.h"
#include "kernel/bpf.h"
#include "symbols/usdt.h"

#define SPECS     "__bpf_usdt_specs"
#define ADDRESSES "__bpf_usdt_ip_to_spec_id"
#define MARK      0x1adeu

struct field {
	uint32_t offset, bits; /* bits 0: there is none */
};

struct layout {
	uint32_t bytes, arguments, argument_bytes, argument_count;
	struct field value, kind, base, is_signed, shift; /* in an argument */
	struct field index, scale;
	struct field cookie, count; /* in the whole */
};

/* As every header had it that came without types, or whose types are gone. */
static const struct layout usual_layout = {
	.bytes = 208,
	.argument_bytes = 16,
	.argument_count = USDT_MOST_ARGUMENTS,
	.value = { 0, 64 },
	.kind = { 64, 32 },
	.base = { 96, 16 },
	.is_signed = { 112, 8 },
	.shift = { 120, 8 },
	.cookie = { 192 * 8, 64 },
	.count = { 200 * 8, 16 },
};

/* ---- the layout ---- */

static int find_member(const struct lade_btf *btf, const struct btf_type *type, const char *name)
{
	const struct btf_member *members = lade_btf_members(type);

	for (uint32_t i = 0; i < lade_btf_vlen(type); i++)
		if (strcmp(lade_btf_string(btf, members[i].name_off), name) == 0)
			return (int)i;
	return -ENOENT;
}

/* False: it is not there, or is no number, or ends beyond the struct. */
static bool read_field(const struct lade_btf *btf, const struct btf_type *type, const char *name,
		       struct field *ret_field)
{
	int member = find_member(btf, type, name);

	if (member < 0)
		return false;
	uint32_t offset = lade_btf_member_bit_offset(type, (uint32_t)member);
	uint32_t bits = lade_btf_member_bit_size(type, (uint32_t)member);
	int64_t size = lade_btf_size(btf, lade_btf_members(type)[member].type);
	if (size < 1 || size > 8)
		return false;
	bits = bits ? bits : (uint32_t)size * 8;
	if (bits > 64 || (uint64_t)offset + bits > (uint64_t)type->size * 8)
		return false;
	*ret_field = (struct field){ offset, bits };
	return true;
}

static bool read_argument_layout(const struct lade_btf *btf, const struct btf_type *argument, struct layout *layout)
{
	(void)read_field(btf, argument, "idx_reg_off", &layout->index);
	(void)read_field(btf, argument, "scale_bitshift", &layout->scale);
	return read_field(btf, argument, "val_off", &layout->value) &&
	       read_field(btf, argument, "arg_type", &layout->kind) &&
	       read_field(btf, argument, "reg_off", &layout->base) &&
	       read_field(btf, argument, "arg_signed", &layout->is_signed) &&
	       read_field(btf, argument, "arg_bitshift", &layout->shift);
}

static const struct btf_type *type_of(const struct lade_btf *btf, uint32_t id, uint32_t kind)
{
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));

	return type && lade_btf_kind(type) == kind ? type : NULL;
}

static bool read_layout(const struct lade_btf *btf, struct layout *ret_layout)
{
	const struct btf_type *spec =
		type_of(btf, lade_btf_find(btf, "__bpf_usdt_spec", BTF_KIND_STRUCT), BTF_KIND_STRUCT);
	int member = spec ? find_member(btf, spec, "args") : -ENOENT;
	const struct btf_type *list =
		member < 0 ? NULL : type_of(btf, lade_btf_members(spec)[member].type, BTF_KIND_ARRAY);
	const struct btf_type *argument = list ? type_of(btf, lade_btf_array(list)->type, BTF_KIND_STRUCT) : NULL;
	struct layout layout = { 0 };

	if (!argument || !read_field(btf, spec, "usdt_cookie", &layout.cookie) ||
	    !read_field(btf, spec, "arg_cnt", &layout.count) || !read_argument_layout(btf, argument, &layout))
		return false;
	uint32_t start = lade_btf_member_bit_offset(spec, (uint32_t)member);
	uint64_t count = lade_btf_array(list)->nelems;
	layout.bytes = spec->size;
	layout.arguments = start / 8;
	layout.argument_bytes = argument->size;
	layout.argument_count = count < USDT_MOST_ARGUMENTS ? (uint32_t)count : USDT_MOST_ARGUMENTS;
	if (start % 8 || layout.argument_count < USDT_MOST_ARGUMENTS ||
	    layout.arguments + (uint64_t)layout.argument_count * layout.argument_bytes > layout.bytes)
		return false;
	*ret_layout = layout;
	return true;
}

/* ---- one entry ---- */

/* Bits count from the lowest of the first byte, as on every little-endian machine; x86 and arm64 are. */
static void put(uint8_t *bytes, struct field field, uint64_t value)
{
	for (uint32_t i = 0; i < field.bits; i++) {
		uint32_t at = field.offset + i;
		uint8_t bit = (uint8_t)(1u << at % 8);
		bytes[at / 8] = (uint8_t)(value >> i & 1 ? bytes[at / 8] | bit : bytes[at / 8] & ~bit);
	}
}

/* enum __bpf_usdt_arg_type; any other number makes bpf_usdt_arg() answer -EINVAL. */
static uint64_t kind_number(const struct layout *layout, const struct usdt_argument *argument)
{
	static const uint64_t numbers[] = {
		[USDT_CONSTANT] = 0, [USDT_REGISTER] = 1,     [USDT_MEMORY] = 2,
		[USDT_INDEXED] = 3,  [USDT_UNREADABLE] = 127,
	};

	if (argument->kind == USDT_INDEXED && !layout->index.bits)
		return numbers[USDT_UNREADABLE];
	return numbers[argument->kind];
}

static void put_argument(const struct layout *layout, const struct usdt_argument *argument, uint8_t *bytes)
{
	put(bytes, layout->value, (uint64_t)argument->value);
	put(bytes, layout->kind, kind_number(layout, argument));
	put(bytes, layout->base, argument->base);
	put(bytes, layout->index, argument->kind == USDT_INDEXED ? argument->index : 0);
	put(bytes, layout->scale, argument->kind == USDT_INDEXED ? argument->shift : 0);
	put(bytes, layout->is_signed, argument->is_signed);
	put(bytes, layout->shift, 64 - 8 * argument->bytes);
}

static void put_entry(const struct layout *layout, const struct usdt_arguments *arguments, uint64_t cookie,
		      uint8_t *bytes)
{
	for (size_t i = 0; i < arguments->count; i++)
		put_argument(layout, &arguments->items[i], bytes + layout->arguments + i * layout->argument_bytes);
	put(bytes, layout->cookie, cookie);
	put(bytes, layout->count, arguments->count);
	if (arguments->count < layout->argument_count)
		put(bytes + layout->arguments + (size_t)(layout->argument_count - 1) * layout->argument_bytes,
		    layout->value, MARK);
}

/* ---- the maps ---- */

static int fail_maps(struct attach_call *call, const char *name, const char *why)
{
	struct lade_finding *finding = lade_error_add(call->error, EINVAL, "attach.usdt.maps", "%s: the map %s %s",
						      call->program->name, name, why);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

static int open_map(struct attach_call *call, const char *name, int *ret_fd, struct bpf_map_info *ret_info)
{
	array_foreach(map, &call->program->maps) {
		if (strcmp(map->name, name) != 0 || map->fd < 0)
			continue;
		if (lade_bpf_map_info(call->kernel, map->fd, ret_info) < 0)
			return fail_maps(call, name, "cannot be asked for its sizes");
		*ret_fd = map->fd;
		return 0;
	}
	return fail_maps(call, name, "is not in the object, so its programs cannot read arguments of USDT probes");
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static int fail_full(struct attach_call *call, uint32_t count)
{
	struct lade_finding *finding =
		lade_error_add(call->error, ENOSPC, "attach.usdt.full",
			       "%s: all %u entries of the map " SPECS " are taken", call->program->name, count);
	finding_program(finding, call->program->name);
	return -ENOSPC;
}

/* One that is the same, or the first that is free. */
static int find_entry(struct attach_call *call, int fd, uint32_t count, const uint8_t *wanted, uint8_t *buffer,
		      size_t bytes, uint32_t *ret_number)
{
	for (uint32_t i = 0; i < count; i++) {
		int result = lade_bpf_map_lookup(call->kernel, fd, &i, buffer);
		if (result < 0)
			return lade_attach_refused(call, OPERATION_LINK_CREATE, SPECS, result);
		bool is_same = memcmp(buffer, wanted, bytes) == 0;
		if (!is_same && !is_zero(buffer, bytes))
			continue;
		result = is_same ? 0 : lade_bpf_map_update(call->kernel, fd, &i, wanted, 0);
		if (result < 0)
			return lade_attach_refused(call, OPERATION_LINK_CREATE, SPECS, result);
		*ret_number = i;
		return 0;
	}
	return fail_full(call, count);
}

int lade_usdt_specification(struct attach_call *call, const struct usdt_arguments *arguments, uint64_t cookie,
			    uint32_t *ret_number)
{
	struct layout layout = usual_layout;
	struct bpf_map_info info = { 0 };
	int fd = -1;
	int result = open_map(call, SPECS, &fd, &info);

	if (result < 0)
		return result;
	if (call->program->btf)
		(void)read_layout(call->program->btf, &layout);
	if (info.value_size != layout.bytes || info.key_size != 4 || info.type != BPF_MAP_TYPE_ARRAY)
		return fail_maps(call, SPECS, "does not have the layout of usdt.bpf.h");
	CLEANUP(cleanup_free) uint8_t *entries = calloc(2, layout.bytes);
	if (!entries)
		return lade_fail_memory(call->error);
	put_entry(&layout, arguments, cookie, entries);
	return find_entry(call, fd, info.max_entries, entries, entries + layout.bytes, layout.bytes, ret_number);
}

int lade_usdt_write_address(struct attach_call *call, uint64_t address, uint32_t number)
{
	struct bpf_map_info info = { 0 };
	int fd = -1;
	int result = open_map(call, ADDRESSES, &fd, &info);

	if (result < 0)
		return result;
	if (info.key_size != sizeof address || info.value_size != sizeof number)
		return fail_maps(call, ADDRESSES, "does not have the layout of usdt.bpf.h");
	result = lade_bpf_map_update(call->kernel, fd, &address, &number, 0);
	return result < 0 ? lade_attach_refused(call, OPERATION_LINK_CREATE, ADDRESSES, result) : 0;
}
