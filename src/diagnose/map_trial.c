/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/map_trial.h"

#include <errno.h>
#include <string.h>

#include "needs/table.h"
#include "object/sections.h"

static const struct smallest_map smallest_maps[] = {
	{ BPF_MAP_TYPE_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PERCPU_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_STACK_TRACE, 4, 8, 1, 0 },
	{ BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_LRU_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_LPM_TRIE, 8, 4, 1, BPF_F_NO_PREALLOC },
	{ BPF_MAP_TYPE_DEVMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_CPUMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_XSKMAP, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_SOCKHASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_QUEUE, 0, 4, 1, 0 },
	{ BPF_MAP_TYPE_STACK, 0, 4, 1, 0 },
	{ BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 1, 0 },
	{ BPF_MAP_TYPE_RINGBUF, 0, 0, 65536, 0 }, /* a page multiple with 64 KiB pages too */
	{ BPF_MAP_TYPE_BLOOM_FILTER, 0, 4, 1, 0 },
	{ BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 65536, 0 },
	{ 33, 0, 0, 1, BPF_F_MMAPABLE },    /* BPF_MAP_TYPE_ARENA, since 6.9 */
	{ 35, 4, 4, 1, BPF_F_NO_PREALLOC }, /* BPF_MAP_TYPE_RHASH, since 7.2 */
};

const struct smallest_map *lade_smallest_map(uint32_t type)
{
	for (size_t i = 0; i < ELEMENTS(smallest_maps); i++)
		if (smallest_maps[i].type == type)
			return &smallest_maps[i];
	return NULL;
}

static int try_map(struct kernel *kernel, struct attr_map_create *attr)
{
	int fd = lade_bpf_map_create(kernel, attr);

	(void)fd_close(fd);
	return fd < 0 ? fd : 0;
}

int lade_map_type_is_known(struct kernel *kernel, uint32_t type)
{
	const struct smallest_map *smallest = lade_smallest_map(type);
	struct attr_map_create attr;
	int result;

	/* No kernel with maps was without these two (since 3.19): what refuses the smallest of them refuses any map. */
	if (type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_ARRAY)
		return 1;
	if (!smallest)
		return -1;
	attr = (struct attr_map_create){ .map_type = type,
					 .key_size = smallest->key_size,
					 .value_size = smallest->value_size,
					 .max_entries = smallest->max_entries,
					 .map_flags = smallest->flags };
	result = try_map(kernel, &attr);
	return result == 0 ? 1 : result == -EINVAL ? 0 : -1;
}

int lade_map_try_smaller(struct kernel *kernel, const void *data)
{
	struct attr_map_create attr = *(const struct attr_map_create *)data;
	const struct smallest_map *smallest = lade_smallest_map(attr.map_type);

	if (attr.max_entries <= 1 || !smallest || attr.max_entries <= smallest->max_entries)
		return -EPERM;
	attr.max_entries = smallest->max_entries;
	return lade_bpf_map_create(kernel, &attr);
}

/* ---- the suspects ---- */

struct trial {
	struct kernel *kernel;
	const struct attr_map_create *attr;
	const struct smallest_map *smallest; /* never NULL */
	int errnum;
	unsigned calls;
	struct lade_finding *finding;
};

enum { MOST_CALLS = 9 };

static const char *type_of(const struct trial *trial)
{
	const char *name = lade_map_type_name(trial->attr->map_type);

	return name ? name : "unknown";
}

static bool is_accepted(struct trial *trial, struct attr_map_create attr)
{
	return trial->calls++ < MOST_CALLS && try_map(trial->kernel, &attr) == 0;
}

static bool take_numa(const struct trial *trial, struct attr_map_create *attr)
{
	if (!(attr->map_flags & BPF_F_NUMA_NODE) && !attr->numa_node)
		return false;
	attr->map_flags &= ~(uint32_t)BPF_F_NUMA_NODE;
	attr->numa_node = 0;
	(void)trial;
	return true;
}

static void blame_numa(struct trial *trial)
{
	finding_cause(trial->finding, "NUMA node %u is not online, or this kernel (before 4.14) gives maps no node",
		      trial->attr->numa_node);
	finding_fix(trial->finding, "name a node that /sys/devices/system/node/online lists, or none");
}

static bool take_extra(const struct trial *trial, struct attr_map_create *attr)
{
	bool had = attr->map_extra != 0;

	attr->map_extra = 0;
	(void)trial;
	return had;
}

static void blame_extra(struct trial *trial)
{
	finding_cause(trial->finding, "map_extra is 0x%llx, which maps of type %s do not take on this kernel",
		      (unsigned long long)trial->attr->map_extra, type_of(trial));
	finding_fix(trial->finding, "leave map_extra away (kernels before 5.16 have none)");
}

static bool take_flags(const struct trial *trial, struct attr_map_create *attr)
{
	const uint32_t kept = BPF_F_NUMA_NODE | (1U << 15) | (1U << 16); /* with a value of their own */
	uint32_t before = attr->map_flags;

	attr->map_flags = (before & kept) | (before & trial->smallest->flags);
	return attr->map_flags != before;
}

static const char *flag_name(uint32_t flag)
{
	for (size_t i = 0; i < lade_need_flag_count; i++)
		if (lade_need_flags[i].number == flag)
			return lade_need_text + lade_need_flags[i].name;
	return NULL;
}

static const char *flag_since(uint32_t flag)
{
	for (size_t i = 0; i < lade_need_flag_count; i++)
		if (lade_need_flags[i].number == flag)
			return lade_need_text + lade_need_flags[i].since;
	return "";
}

/* The one flag without which the map is made; 0: it takes several. */
static uint32_t find_flag(struct trial *trial, uint32_t suspects)
{
	if (!(suspects & (suspects - 1)))
		return suspects;
	for (uint32_t flag = 1; flag; flag <<= 1) {
		struct attr_map_create attr = *trial->attr;
		attr.map_flags &= ~flag;
		if ((suspects & flag) && is_accepted(trial, attr))
			return flag;
	}
	return 0;
}

static void blame_flags(struct trial *trial)
{
	struct attr_map_create attr = *trial->attr;
	uint32_t suspects, flag;
	const char *name;

	(void)take_flags(trial, &attr);
	suspects = trial->attr->map_flags & ~attr.map_flags;
	flag = find_flag(trial, suspects);
	name = flag ? flag_name(flag) : NULL;
	if (!flag)
		finding_confidence(trial->finding, LADE_LIKELY);
	finding_cause(trial->finding, "maps of type %s do not take the flag%s 0x%x%s%s%s on this kernel",
		      type_of(trial), flag ? "" : "s", flag ? flag : suspects, name ? " (" : "", name ? name : "",
		      name ? ")" : "");
	if (name && *flag_since(flag))
		finding_evidence(trial->finding, "%s is there since %s", name, flag_since(flag));
	finding_fix(trial->finding, "take %s out of map_flags", name ? name : "what is not known");
}

static bool take_entries(const struct trial *trial, struct attr_map_create *attr)
{
	bool more = attr->max_entries > trial->smallest->max_entries;

	attr->max_entries = trial->smallest->max_entries;
	return more;
}

static void blame_entries(struct trial *trial)
{
	bool is_ring =
		trial->attr->map_type == BPF_MAP_TYPE_RINGBUF || trial->attr->map_type == BPF_MAP_TYPE_USER_RINGBUF;

	finding_cause(trial->finding,
		      trial->errnum == ENOMEM ? "the kernel does not find the memory for %u entries of %u and %u bytes"
		      : is_ring               ? "a ring buffer has a power of two of bytes, and whole pages: not %u"
				: "%u entries of %u and %u bytes are more than a map of this kernel can have",
		      trial->attr->max_entries, trial->attr->key_size, trial->attr->value_size);
	finding_fix(trial->finding, "lower max_entries: --max-entries MAP=N");
}

static bool take_value(const struct trial *trial, struct attr_map_create *attr)
{
	bool other = attr->value_size != trial->smallest->value_size;

	/* Types of a value of another size would be refused themselves. */
	if (attr->btf_fd)
		return false;
	attr->value_size = trial->smallest->value_size;
	return other;
}

static void blame_value(struct trial *trial)
{
	finding_cause(trial->finding,
		      trial->errnum == EINVAL ? "values of %u bytes are not what maps of type %s take on this kernel"
					      : "values of %u bytes are too large for maps of type %s on this kernel",
		      trial->attr->value_size, type_of(trial));
	finding_fix(trial->finding, "make the value smaller, or split it over several maps");
}

static bool take_key(const struct trial *trial, struct attr_map_create *attr)
{
	bool other = attr->key_size != trial->smallest->key_size;

	if (attr->btf_fd)
		return false;
	attr->key_size = trial->smallest->key_size;
	return other;
}

static void blame_key(struct trial *trial)
{
	finding_cause(trial->finding, "keys of %u bytes are not what maps of type %s take on this kernel%s",
		      trial->attr->key_size, type_of(trial),
		      trial->attr->key_size > 512 ? " (512 bytes at most before 5.11)" : "");
	finding_fix(trial->finding, "make the key smaller");
}

static bool take_btf(const struct trial *trial, struct attr_map_create *attr)
{
	bool had = attr->btf_fd != 0;

	attr->btf_fd = attr->btf_key_type_id = attr->btf_value_type_id = 0;
	(void)trial;
	return had;
}

static void blame_btf(struct trial *trial)
{
	finding_cause(trial->finding,
		      "the types of its key and value (BTF) are not what maps of type %s take on this kernel",
		      type_of(trial));
	finding_fix(trial->finding, "declare the map by key_size and value_size instead of __type()");
}

static bool take_name(const struct trial *trial, struct attr_map_create *attr)
{
	bool had = attr->map_name[0];

	memset(attr->map_name, 0, sizeof attr->map_name);
	(void)trial;
	return had;
}

static void blame_name(struct trial *trial)
{
	finding_cause(trial->finding,
		      "the kernel does not take the name \"%.16s\": kernels before 4.15 take none, others 15 "
		      "letters, digits, _ and .",
		      trial->attr->map_name);
	finding_fix(trial->finding, "rename the map");
}

#define WORDS  1U /* EINVAL, ENOTSUPP */
#define LARGE  2U /* E2BIG */
#define MEMORY 4U /* ENOMEM */

static const struct map_suspect {
	unsigned classes;
	const char *what;
	bool (*take)(const struct trial *trial, struct attr_map_create *attr);
	void (*blame)(struct trial *trial);
} suspects[] = {
	{ LARGE | MEMORY, "max_entries", take_entries, blame_entries },
	{ LARGE | MEMORY, "value_size", take_value, blame_value },
	{ LARGE, "key_size", take_key, blame_key },
	{ WORDS, "its NUMA node", take_numa, blame_numa },
	{ WORDS | LARGE, "map_extra", take_extra, blame_extra },
	{ WORDS, "its flags", take_flags, blame_flags },
	{ WORDS, "max_entries", take_entries, blame_entries },
	{ WORDS, "its name", take_name, blame_name },
	{ WORDS | LARGE, "the types of its key and value", take_btf, blame_btf },
	{ WORDS, "value_size", take_value, blame_value },
	{ WORDS, "key_size", take_key, blame_key },
};

static unsigned class_of(int errnum)
{
	if (errnum == EINVAL || errnum == KERNEL_ENOTSUPP || errnum == EOPNOTSUPP)
		return WORDS;
	return errnum == E2BIG ? LARGE : errnum == ENOMEM ? MEMORY : 0;
}

/* A shortage that has passed, or a fault that was injected: then nothing that is left away proves anything. */
static bool is_gone(struct trial *trial)
{
	if (!is_accepted(trial, *trial->attr))
		return false;
	finding_evidence(trial->finding, "the very same map is made when it is tried again");
	finding_cause(trial->finding, "what refused it was passing");
	finding_fix(trial->finding, "try again");
	finding_confidence(trial->finding, LADE_LIKELY);
	return true;
}

bool lade_map_find_culprit(struct kernel *kernel, const struct attr_map_create *attr, int errnum,
			   struct lade_finding *finding)
{
	static const struct smallest_map other = { 0, 4, 4, 1, 0 };
	const struct smallest_map *smallest = lade_smallest_map(attr->map_type);
	struct trial trial = { kernel, attr, smallest ? smallest : &other, errnum, 0, finding };

	if (!class_of(errnum) || is_gone(&trial))
		return class_of(errnum);
	for (size_t i = 0; i < ELEMENTS(suspects); i++) {
		struct attr_map_create without = *attr;
		if (!(suspects[i].classes & class_of(errnum)) || !suspects[i].take(&trial, &without))
			continue;
		if (!is_accepted(&trial, without))
			continue;
		finding_evidence(finding, "the same map with nothing changed but %s is made", suspects[i].what);
		finding_confidence(finding, LADE_CERTAIN);
		suspects[i].blame(&trial);
		return true;
	}
	return false;
}

/* ---- the charge ---- */

static uint64_t rounded(uint64_t bytes)
{
	return (bytes + 7) & ~UINT64_C(7);
}

/* Kernels add what they keep beside an element; it is left out here, so that the sum is never too large. */
uint64_t lade_map_charge(const struct map_definition *map, unsigned cpus)
{
	const bool per_cpu = map->type == BPF_MAP_TYPE_PERCPU_ARRAY || map->type == BPF_MAP_TYPE_PERCPU_HASH ||
			     map->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
	const bool is_array = map->type == BPF_MAP_TYPE_ARRAY || map->type == BPF_MAP_TYPE_PERCPU_ARRAY;
	const bool is_hash = map->type == BPF_MAP_TYPE_HASH || map->type == BPF_MAP_TYPE_PERCPU_HASH ||
			     map->type == BPF_MAP_TYPE_LRU_HASH || map->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
	uint64_t element, bytes;

	if (!is_array && !is_hash)
		return 0;
	if (__builtin_mul_overflow(rounded(map->value_size), (uint64_t)(per_cpu ? cpus : 1), &element) ||
	    __builtin_add_overflow(element, is_hash ? rounded(map->key_size) : 0, &element) ||
	    __builtin_mul_overflow(element, (uint64_t)map->max_entries, &bytes))
		return UINT64_MAX;
	return bytes;
}
