/* SPDX-License-Identifier: BSD-2-Clause */
/* What a version refuses. Sources: data/bpf_attr_fields.csv, limits.csv, map_types.csv, map_flags.csv. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/recording.h"

#define V(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8)

enum { ATTR_SIZE_MAX = 4096 };

/* ---- attributes: where the last field that a version knows ends ---- */

static const struct {
	int command;
	uint32_t since, end;
} attr_ends[] = {
	{ BPF_MAP_CREATE, V(4, 1), 16 },
	{ BPF_MAP_CREATE, V(4, 6), 20 },
	{ BPF_MAP_CREATE, V(4, 12), 24 },
	{ BPF_MAP_CREATE, V(4, 14), 28 },
	{ BPF_MAP_CREATE, V(4, 15), 44 },
	{ BPF_MAP_CREATE, V(4, 16), 48 },
	{ BPF_MAP_CREATE, V(4, 18), 60 },
	{ BPF_MAP_CREATE, V(5, 6), 64 },
	{ BPF_MAP_CREATE, V(5, 16), 72 },
	{ BPF_MAP_CREATE, V(6, 9), 80 },
	{ BPF_MAP_CREATE, V(6, 18), 92 },
	{ BPF_MAP_LOOKUP_ELEM, V(4, 1), 32 },
	{ BPF_MAP_UPDATE_ELEM, V(4, 1), 32 },
	{ BPF_MAP_DELETE_ELEM, V(4, 1), 32 },
	{ BPF_MAP_GET_NEXT_KEY, V(4, 1), 32 },
	{ BPF_PROG_LOAD, V(4, 1), 44 },
	{ BPF_PROG_LOAD, V(4, 12), 48 },
	{ BPF_PROG_LOAD, V(4, 15), 68 },
	{ BPF_PROG_LOAD, V(4, 17), 72 },
	{ BPF_PROG_LOAD, V(5, 0), 108 },
	{ BPF_PROG_LOAD, V(5, 5), 116 },
	{ BPF_PROG_LOAD, V(5, 14), 128 },
	{ BPF_PROG_LOAD, V(5, 17), 140 },
	{ BPF_PROG_LOAD, V(6, 4), 144 },
	{ BPF_PROG_LOAD, V(6, 9), 148 },
	{ BPF_PROG_LOAD, V(6, 14), 152 },
	{ BPF_PROG_LOAD, V(6, 18), 168 },
	{ BPF_OBJ_PIN, V(4, 4), 12 },
	{ BPF_OBJ_PIN, V(4, 15), 16 },
	{ BPF_OBJ_PIN, V(6, 5), 20 },
	{ BPF_OBJ_GET, V(4, 4), 12 },
	{ BPF_OBJ_GET, V(4, 15), 16 },
	{ BPF_OBJ_GET, V(6, 5), 20 },
	{ BPF_PROG_TEST_RUN, V(4, 12), 40 },
	{ BPF_PROG_TEST_RUN, V(5, 2), 64 },
	{ BPF_PROG_TEST_RUN, V(5, 10), 72 },
	{ BPF_PROG_TEST_RUN, V(5, 18), 76 },
	{ BPF_OBJ_GET_INFO_BY_FD, V(4, 13), 16 },
	{ BPF_RAW_TRACEPOINT_OPEN, V(4, 17), 12 },
	{ BPF_RAW_TRACEPOINT_OPEN, V(6, 10), 24 },
	{ BPF_BTF_LOAD, V(4, 18), 28 },
	{ BPF_BTF_LOAD, V(6, 4), 32 },
	{ BPF_BTF_LOAD, V(6, 9), 40 },
	{ BPF_MAP_FREEZE, V(5, 2), 4 },
	{ BPF_LINK_CREATE, V(5, 7), 16 },
	{ BPF_LINK_CREATE, V(5, 9), 28 },
	{ BPF_LINK_CREATE, V(5, 18), 48 },
	{ BPF_LINK_CREATE, V(6, 6), 60 },
};

uint32_t lade_recorded_attr_end(const struct recorded_profile *profile, int command)
{
	uint32_t end = 0;
	for (size_t i = 0; i < ELEMENTS(attr_ends); i++)
		if (attr_ends[i].command == command && attr_ends[i].since <= profile->version)
			end = attr_ends[i].end;
	return end;
}

static bool is_zero(const unsigned char *bytes, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (bytes[i])
			return false;
	return true;
}

int lade_recorded_check_attr(const struct recorded_profile *profile, int command, const void *attr, size_t size)
{
	size_t union_end = size < profile->attr_union_size ? size : profile->attr_union_size;
	uint32_t end = lade_recorded_attr_end(profile, command);
	if (size > ATTR_SIZE_MAX || !is_zero(attr, profile->attr_union_size, size))
		return -E2BIG;
	return end == 0 || !is_zero(attr, end, union_end) ? -EINVAL : 0;
}

/* At most 15 of [A-Za-z0-9_.], zeros after it; dots since 5.2. */
static bool is_good_name(const struct recorded_profile *profile, const char *name)
{
	size_t length = strnlen(name, BPF_OBJ_NAME_LEN);
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
		    !(name[i] == '.' && profile->version >= V(5, 2)))
			return false;
	return length < BPF_OBJ_NAME_LEN && is_zero((const unsigned char *)name, length, BPF_OBJ_NAME_LEN);
}

/* ---- maps ---- */

enum {
	NO_PREALLOC = 0x1,
	NUMA_NODE = 0x4,
	ACCESS = 0x8 | 0x10 | 0x80 | 0x100, /* RDONLY, WRONLY and the same for programs */
	MMAPABLE = 0x400,
	HASH_FLAGS = NO_PREALLOC | 0x2 /* NO_COMMON_LRU */ | NUMA_NODE | ACCESS | 0x40 /* ZERO_SEED */,
	ANY = -1,
};

enum {
	KEY_4 = 1 << 0,
	KEY_0 = 1 << 1,
	VALUE_4 = 1 << 2,
	SIZES_0 = 1 << 3,
	ENTRIES_0 = 1 << 4,      /* must be 0; without it 0 is refused */
	PREALLOC_NEVER = 1 << 5, /* BPF_F_NO_PREALLOC is mandatory */
	PREALLOC_ALWAYS = 1 << 6,
	INNER = 1 << 7,
	PER_CPU = 1 << 8,
	PAGES = 1 << 9, /* max_entries: power of two of pages */
	NO_BTF = 1 << 10,
	LPM_KEY = 1 << 11,
	NEEDS_BTF = 1 << 12,
	STACK_VALUE = 1 << 13, /* multiple of 8 */
};

/* Map types that are not here take any sizes and flags. */
static const struct map_rule {
	uint32_t type;
	int flags; /* that it takes */
	unsigned rules;
} map_rules[] = {
	{ BPF_MAP_TYPE_HASH, HASH_FLAGS, 0 },
	{ BPF_MAP_TYPE_ARRAY, NUMA_NODE | ACCESS | MMAPABLE | 0x800 | 0x1000, KEY_4 },
	{ BPF_MAP_TYPE_PROG_ARRAY, NUMA_NODE | ACCESS, KEY_4 | VALUE_4 },
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, NUMA_NODE | ACCESS | 0x800, KEY_4 | VALUE_4 | NO_BTF },
	{ BPF_MAP_TYPE_PERCPU_HASH, HASH_FLAGS, PER_CPU },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, ACCESS, KEY_4 | PER_CPU },
	{ BPF_MAP_TYPE_STACK_TRACE, NUMA_NODE | ACCESS | 0x20, KEY_4 | STACK_VALUE | NO_BTF },
	{ BPF_MAP_TYPE_CGROUP_ARRAY, NUMA_NODE | ACCESS, KEY_4 | VALUE_4 | NO_BTF },
	{ BPF_MAP_TYPE_LRU_HASH, HASH_FLAGS, PREALLOC_ALWAYS },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, HASH_FLAGS, PREALLOC_ALWAYS | PER_CPU },
	{ BPF_MAP_TYPE_LPM_TRIE, NO_PREALLOC | NUMA_NODE | ACCESS, PREALLOC_NEVER | LPM_KEY },
	{ BPF_MAP_TYPE_ARRAY_OF_MAPS, NUMA_NODE | ACCESS, KEY_4 | VALUE_4 | INNER | NO_BTF },
	{ BPF_MAP_TYPE_HASH_OF_MAPS, HASH_FLAGS, VALUE_4 | INNER | NO_BTF },
	{ BPF_MAP_TYPE_DEVMAP, NUMA_NODE | ACCESS, KEY_4 | NO_BTF },
	{ BPF_MAP_TYPE_SOCKMAP, NUMA_NODE | ACCESS, KEY_4 | NO_BTF },
	{ BPF_MAP_TYPE_CPUMAP, NUMA_NODE, KEY_4 | NO_BTF },
	{ BPF_MAP_TYPE_XSKMAP, NUMA_NODE | ACCESS, KEY_4 | VALUE_4 | NO_BTF },
	{ BPF_MAP_TYPE_SOCKHASH, NUMA_NODE | ACCESS, NO_BTF },
	{ BPF_MAP_TYPE_CGROUP_STORAGE, NUMA_NODE | ACCESS, ENTRIES_0 },
	{ BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, NUMA_NODE | ACCESS, ENTRIES_0 },
	{ BPF_MAP_TYPE_QUEUE, NUMA_NODE | ACCESS, KEY_0 | NO_BTF },
	{ BPF_MAP_TYPE_STACK, NUMA_NODE | ACCESS, KEY_0 | NO_BTF },
	{ BPF_MAP_TYPE_SK_STORAGE, NO_PREALLOC | 0x200, KEY_4 | ENTRIES_0 | PREALLOC_NEVER | NEEDS_BTF },
	{ BPF_MAP_TYPE_DEVMAP_HASH, NUMA_NODE | ACCESS, KEY_4 | NO_BTF },
	{ BPF_MAP_TYPE_RINGBUF, NUMA_NODE, SIZES_0 | PAGES | NO_BTF },
	{ BPF_MAP_TYPE_INODE_STORAGE, NO_PREALLOC | 0x200, KEY_4 | ENTRIES_0 | PREALLOC_NEVER | NEEDS_BTF },
	{ 29 /* TASK_STORAGE */, NO_PREALLOC | 0x200, KEY_4 | ENTRIES_0 | PREALLOC_NEVER | NEEDS_BTF },
	{ 30 /* BLOOM_FILTER */, NUMA_NODE | ACCESS | 0x40, KEY_0 },
	{ 31 /* USER_RINGBUF */, NUMA_NODE, SIZES_0 | PAGES | NO_BTF },
	{ 32 /* CGRP_STORAGE */, NO_PREALLOC | 0x200, KEY_4 | ENTRIES_0 | PREALLOC_NEVER | NEEDS_BTF },
};

/* Flags by the version that brought them. */
static const struct {
	uint32_t since, flags;
} map_flags[] = {
	{ V(4, 6), 0x1 },   { V(4, 10), 0x2 },    { V(4, 14), 0x4 },   { V(4, 15), 0x18 },
	{ V(4, 17), 0x20 }, { V(5, 0), 0x40 },    { V(5, 2), 0x180 },  { V(5, 4), 0x200 },
	{ V(5, 5), 0x400 }, { V(5, 10), 0x1800 }, { V(6, 4), 0x2000 }, { V(6, 9), 0x78000 },
};

static uint32_t known_flags(const struct recorded_profile *profile)
{
	uint32_t flags = 0;
	for (size_t i = 0; i < ELEMENTS(map_flags); i++)
		if (map_flags[i].since <= profile->version)
			flags |= map_flags[i].flags;
	return flags;
}

static const struct map_rule *map_rule(uint32_t type)
{
	static const struct map_rule other = { 0, ANY, 0 };
	for (size_t i = 0; i < ELEMENTS(map_rules); i++)
		if (map_rules[i].type == type)
			return &map_rules[i];
	return &other;
}

static bool sizes_are_wrong(const struct attr_map_create *map, unsigned rules)
{
	bool keyless = rules & (KEY_0 | SIZES_0), valueless = rules & SIZES_0;
	if (keyless ? map->key_size != 0 : map->key_size == 0)
		return true;
	if (valueless ? map->value_size != 0 : map->value_size == 0)
		return true;
	if ((rules & KEY_4 && map->key_size != 4) || (rules & VALUE_4 && map->value_size != 4))
		return true;
	if (rules & LPM_KEY && (map->key_size < 5 || map->key_size > 260))
		return true;
	return rules & STACK_VALUE && (map->value_size < 8 || map->value_size % 8);
}

static bool entries_are_wrong(const struct attr_map_create *map, unsigned rules)
{
	if (rules & ENTRIES_0 ? map->max_entries != 0 : map->max_entries == 0)
		return true;
	return rules & PAGES && (map->max_entries % 4096 || map->max_entries & (map->max_entries - 1));
}

static int check_size_limits(struct recorded_kernel *recorded, const struct attr_map_create *map, unsigned rules)
{
	const struct recorded_profile *profile = recorded->profile;
	uint64_t value = ((uint64_t)map->value_size + 7) & ~7ULL, key = map->key_size;
	if (rules & PER_CPU) {
		bool checked = profile->version < V(5, 0) || profile->version >= V(6, 1);
		if (value > 32768)
			return checked ? -E2BIG : -ENOMEM;
		value *= lade_kernel_possible_cpus(&recorded->kernel);
	}
	if (map->map_type == BPF_MAP_TYPE_HASH && (key + value >= 4U << 20 || (key > 512 && profile->map_cost_4g)))
		return -E2BIG;
	uint64_t cost;
	bool overflow = __builtin_mul_overflow(key + value, (uint64_t)map->max_entries, &cost);
	return profile->map_cost_4g && (overflow || cost >= UINT32_MAX - 4096) ? -E2BIG : 0;
}

static int check_map_btf(struct recorded_kernel *recorded, const struct attr_map_create *map, unsigned rules)
{
	if (!map->btf_key_type_id && !map->btf_value_type_id)
		return rules & NEEDS_BTF ? -EINVAL : 0;
	const struct recorded_object *btf = lade_recorded_find(recorded, (int)map->btf_fd);
	if (!btf)
		return fcntl((int)map->btf_fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	if (btf->facts.kind != RECORDED_BTF || !map->btf_value_type_id)
		return -EINVAL;
	return rules & NO_BTF ? -KERNEL_ENOTSUPP : 0;
}

static int check_inner(struct recorded_kernel *recorded, const struct attr_map_create *map)
{
	const struct recorded_object *inner = lade_recorded_find(recorded, (int)map->inner_map_fd);
	if (!inner)
		return fcntl((int)map->inner_map_fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	return inner->facts.kind == RECORDED_MAP ? 0 : -EINVAL;
}

int lade_recorded_check_map(struct recorded_kernel *recorded, const struct attr_map_create *map)
{
	const struct recorded_profile *profile = recorded->profile;
	const struct map_rule *rule = map_rule(map->map_type);
	uint32_t flags = map->map_flags;
	if (!is_good_name(profile, map->map_name))
		return -EINVAL;
	if (map->map_type == BPF_MAP_TYPE_UNSPEC || map->map_type > profile->highest_map_type)
		return -EINVAL;
	if (map->map_type == BPF_MAP_TYPE_STRUCT_OPS && !map->btf_vmlinux_value_type_id)
		return -EINVAL;
	if (rule->rules & PREALLOC_ALWAYS && flags & NO_PREALLOC)
		return -KERNEL_ENOTSUPP;
	if (flags & ~(known_flags(profile) & (uint32_t)rule->flags))
		return -EINVAL;
	if (rule->rules & PREALLOC_NEVER && !(flags & NO_PREALLOC))
		return -EINVAL;
	if (map->map_type != 33 /* arena has no sizes */ &&
	    (sizes_are_wrong(map, rule->rules) || entries_are_wrong(map, rule->rules)))
		return -EINVAL;
	int result = rule->rules & INNER ? check_inner(recorded, map) : 0;
	if (result == 0)
		result = check_size_limits(recorded, map, rule->rules);
	return result < 0 ? result : check_map_btf(recorded, map, rule->rules);
}

/* ---- BTF ---- */

struct btf_header_bytes {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header, type_offset, type_length, string_offset, string_length;
};

/* Bytes after the 12 of a type: fixed, and for each member. Index: kind. */
static const struct {
	uint8_t fixed, each;
} btf_kinds[] = {
	{ 0, 0 }, { 4, 0 }, { 0, 0 }, { 12, 0 }, { 0, 12 }, { 0, 12 }, { 0, 8 }, { 0, 0 }, { 0, 0 }, { 0, 0 },
	{ 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 8 },  { 4, 0 },  { 0, 12 }, { 0, 0 }, { 4, 0 }, { 0, 0 }, { 0, 12 },
};

enum { KIND_FUNC = 12 };

static int check_type(const struct recorded_profile *profile, uint32_t info, uint64_t *ret_bytes)
{
	uint32_t kind = info >> 24 & 0x1f, members = info & 0xffff;
	if (kind == 0 || kind > profile->highest_btf_kind || kind >= ELEMENTS(btf_kinds))
		return -EINVAL;
	if (info & 0x60ff0000 || (info >> 31 && !profile->btf_kind_flag))
		return -EINVAL;
	if (kind == KIND_FUNC && members && profile->version < V(5, 6))
		return -EINVAL; /* linkage */
	*ret_bytes = 12 + btf_kinds[kind].fixed + (uint64_t)btf_kinds[kind].each * members;
	return 0;
}

int lade_recorded_check_btf(const struct recorded_profile *profile, const void *btf, size_t size)
{
	struct btf_header_bytes header;
	if (size < sizeof header)
		return -EINVAL;
	memcpy(&header, btf, sizeof header);
	uint64_t offset = (uint64_t)header.header + header.type_offset, end = offset + header.type_length;
	if (header.magic != 0xeb9f || header.version != 1 || header.header < sizeof header || end > size)
		return -EINVAL;
	while (offset < end) {
		uint32_t info;
		uint64_t bytes;
		if (end - offset < 12)
			return -EINVAL;
		memcpy(&info, (const char *)btf + offset + 4, sizeof info);
		int result = check_type(profile, info, &bytes);
		if (result < 0)
			return result;
		if (bytes > end - offset)
			return -EINVAL;
		offset += bytes;
	}
	return 0;
}

/* ---- programs ---- */

static int write_log(const struct attr_prog_load *program, const char *text)
{
	size_t length = strlen(text) + 1, room = program->log_size;
	char *log = (char *)(uintptr_t)program->log_buf;
	if (!program->log_level || !log || !room)
		return 0;
	bool cut = length > room;
	memcpy(log, text, cut ? room : length);
	log[(cut ? room : length) - 1] = '\0';
	return cut ? -ENOSPC : 0;
}

static int check_log(const struct recorded_profile *profile, const struct attr_prog_load *program)
{
	uint32_t smallest = profile->version < V(6, 4) ? 128 : 1;
	uint32_t levels = profile->version < V(5, 2) ? 3 : profile->version < V(6, 4) ? 7 : 15;
	bool given = program->log_buf != 0;
	if (!program->log_level && (given || program->log_size) && profile->version < V(6, 4))
		return -EINVAL;
	if (program->log_level & ~levels || (given && program->log_size < smallest))
		return -EINVAL;
	return program->log_level && !given && profile->version < V(6, 4) ? -EINVAL : 0;
}

static int check_wide_load(struct recorded_kernel *recorded, const struct attr_prog_load *program,
			   const struct bpf_insn *instruction)
{
	const struct recorded_profile *profile = recorded->profile;
	bool value = instruction->src_reg == BPF_PSEUDO_MAP_VALUE;
	bool function = instruction->src_reg == BPF_PSEUDO_FUNC && profile->version >= V(5, 13);
	if (instruction->src_reg == 0 || function)
		return 0;
	if (instruction->src_reg != BPF_PSEUDO_MAP_FD && !(value && profile->global_data)) {
		(void)write_log(program, "unrecognized bpf_ld_imm64 insn\n");
		return -EINVAL;
	}
	const struct recorded_object *map = lade_recorded_find(recorded, instruction->imm);
	if (map && map->facts.kind == RECORDED_MAP)
		return 0;
	(void)write_log(program, "fd is not pointing to valid bpf_map\n");
	return map || fcntl(instruction->imm, F_GETFD) >= 0 ? -EINVAL : -EBADF;
}

static int check_instructions(struct recorded_kernel *recorded, const struct attr_prog_load *program)
{
	const struct bpf_insn *instructions = (const void *)(uintptr_t)program->insns;
	for (uint32_t i = 0; i < program->insn_cnt; i++) {
		if (instructions[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (i + 1 == program->insn_cnt)
			return -EINVAL;
		int result = check_wide_load(recorded, program, &instructions[i++]);
		if (result < 0)
			return result;
	}
	return 0;
}

static int check_program_btf(struct recorded_kernel *recorded, const struct attr_prog_load *program)
{
	if (!program->func_info_cnt && !program->line_info_cnt)
		return 0;
	const struct recorded_object *btf = lade_recorded_find(recorded, (int)program->prog_btf_fd);
	if (!btf)
		return fcntl((int)program->prog_btf_fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	return btf->facts.kind == RECORDED_BTF ? 0 : -EINVAL;
}

/* Names are cut at 15 bytes on their way into the kernel. */
static int reject(struct recorded_kernel *recorded, const struct attr_prog_load *program)
{
	for (size_t i = 0; i < recorded->rejection_count; i++) {
		const struct recorded_rejection *rejection = &recorded->rejections[i];
		if (strncmp(program->prog_name, rejection->program, BPF_OBJ_NAME_LEN - 1) != 0)
			continue;
		int result = rejection->log ? write_log(program, rejection->log) : 0;
		return result < 0 ? result : -rejection->errnum;
	}
	return 0;
}

/* prog_flags, from the version on that has them. */
static bool are_known_flags(const struct recorded_profile *profile, uint32_t flags)
{
	static const struct {
		uint32_t since, flag;
	} known[] = {
		{ V(4, 12), 1 << 0 }, /* BPF_F_STRICT_ALIGNMENT */
		{ V(5, 0), 1 << 1 },  /* BPF_F_ANY_ALIGNMENT */
		{ V(5, 3), 1 << 2 },  /* BPF_F_TEST_RND_HI32 */
		{ V(5, 4), 1 << 3 },  /* BPF_F_TEST_STATE_FREQ */
		{ V(5, 10), 1 << 4 }, /* BPF_F_SLEEPABLE */
		{ V(5, 18), 1 << 5 }, /* BPF_F_XDP_HAS_FRAGS */
		{ V(6, 3), 1 << 6 },  /* BPF_F_XDP_DEV_BOUND_ONLY */
		{ V(6, 8), 1 << 7 },  /* BPF_F_TEST_REG_INVARIANTS */
		{ V(6, 9), 1 << 16 }, /* BPF_F_TOKEN_FD */
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].since <= profile->version)
			flags &= ~known[i].flag;
	return !flags;
}

int lade_recorded_check_program(struct recorded_kernel *recorded, const struct attr_prog_load *program)
{
	const struct recorded_profile *profile = recorded->profile;
	if (!is_good_name(profile, program->prog_name) || !are_known_flags(profile, program->prog_flags))
		return -EINVAL;
	if (program->insn_cnt == 0 || program->insn_cnt > profile->max_instructions)
		return -E2BIG;
	if (!program->license || !program->insns)
		return -EFAULT;
	if (profile->kern_version_checked && program->prog_type == BPF_PROG_TYPE_KPROBE &&
	    program->kern_version != profile->version)
		return -EINVAL;
	if (program->prog_type == BPF_PROG_TYPE_UNSPEC || program->prog_type > profile->highest_program_type)
		return -EINVAL;
	int result = check_log(profile, program);
	if (result == 0)
		result = check_program_btf(recorded, program);
	if (result == 0)
		result = check_instructions(recorded, program);
	return result < 0 ? result : reject(recorded, program);
}
