/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating maps, and using those that are pinned already. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "load/places.h"
#include "load/replace.h"

#define MAP_FLAG_MODULE_VALUE (1U << 15) /* BPF_F_VTYPE_BTF_OBJ_FD, since 6.9 */

enum { LOG_BYTES = 4096 };

/* ---- creating, and stepping back for an older kernel ---- */

/* What a refused map is tried without, one after another, least important first. */
static const struct map_form {
	enum kernel_form form;
	const char *what;
} map_forms[] = {
	{ FORM_TABLE_LINK, "BPF_F_LINK: tables of this kernel (before 6.4) are registered without links" },
	{ FORM_MAP_BTF, "the types of its key and value" },
	{ FORM_NAMES, "its name" },
	{ FORM_MMAPABLE, "BPF_F_MMAPABLE" },
};

static uint32_t slot_fd(const struct loader *loader, uint32_t slot)
{
	return slot == NO_SLOT || loader->slots[slot] < 0 ? 0 : (uint32_t)loader->slots[slot];
}

static bool is_linked_table(const struct map_operation *operation)
{
	return operation->definition.type == BPF_MAP_TYPE_STRUCT_OPS && (operation->definition.flags & MAP_FLAG_LINK);
}

static uint32_t dropped_flags(const struct map_operation *operation, unsigned absent)
{
	uint32_t dropped = absent & FORM_MMAPABLE ? BPF_F_MMAPABLE : 0;

	return absent & FORM_TABLE_LINK && is_linked_table(operation) ? dropped | MAP_FLAG_LINK : dropped;
}

static void apply_forms(const struct map_operation *operation, unsigned absent, struct attr_map_create *attr)
{
	if ((absent & FORM_MAP_BTF) && !operation->btf_essential)
		attr->btf_fd = attr->btf_key_type_id = attr->btf_value_type_id = 0;
	if (absent & FORM_NAMES)
		memset(attr->map_name, 0, sizeof attr->map_name);
	attr->map_flags &= ~dropped_flags(operation, absent);
}

static struct attr_map_create create_attr(const struct loader *loader, const struct map_operation *operation)
{
	const struct map_definition *definition = &operation->definition;
	struct attr_map_create attr = {
		.map_type = definition->type,
		.key_size = definition->key_size,
		.value_size = definition->value_size,
		.max_entries = definition->max_entries,
		.map_flags = definition->flags,
		.inner_map_fd = slot_fd(loader, operation->inner_slot),
		.numa_node = definition->has_numa_node ? definition->numa_node : 0,
		.map_extra = definition->extra,
		.btf_vmlinux_value_type_id = operation->ops_value_type,
		.value_type_btf_obj_fd = slot_fd(loader, operation->ops_btf_slot),
	};

	if (attr.value_type_btf_obj_fd)
		attr.map_flags |= MAP_FLAG_MODULE_VALUE;
	memcpy(attr.map_name, operation->kernel_name, sizeof attr.map_name);
	attr.btf_fd = slot_fd(loader, operation->btf_slot);
	if (attr.btf_fd) {
		attr.btf_key_type_id = definition->btf_key_type;
		attr.btf_value_type_id = definition->btf_value_type;
	}
	return attr;
}

/* A kernel without BTF of modules (before 5.11) knows its own types, and so its tables, from its first program on. */
static void verify_something(const struct loader *loader)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct attr_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = ELEMENTS(nothing),
		.insns = (uintptr_t)nothing,
		.license = (uintptr_t) "GPL",
	};
	int fd = lade_bpf_prog_load(loader->kernel, &attr);

	(void)fd_close(fd);
}

static int create_without(const struct loader *loader, const struct map_operation *operation, unsigned absent)
{
	struct attr_map_create attr = create_attr(loader, operation);
	int fd;

	apply_forms(operation, absent, &attr);
	fd = lade_bpf_map_create(loader->kernel, &attr);
	if (fd == -KERNEL_ENOTSUPP && attr.map_type == BPF_MAP_TYPE_STRUCT_OPS) {
		verify_something(loader);
		fd = lade_bpf_map_create(loader->kernel, &attr);
	}
	if (lade_load_raise_memlock(loader, fd))
		fd = lade_bpf_map_create(loader->kernel, &attr);
	return fd;
}

static bool uses_form(const struct loader *loader, const struct map_operation *operation, enum kernel_form form)
{
	if (form == FORM_MAP_BTF)
		return slot_fd(loader, operation->btf_slot) && !operation->btf_essential;
	if (form == FORM_MMAPABLE)
		return operation->definition.flags & BPF_F_MMAPABLE;
	if (form == FORM_TABLE_LINK)
		return is_linked_table(operation);
	return operation->kernel_name[0];
}

/* ENOTSUPP is what map_check_btf says of a map type that takes no BTF. */
static bool may_step_back(int errnum)
{
	return errnum == EINVAL || errnum == E2BIG || errnum == KERNEL_ENOTSUPP || errnum == EOPNOTSUPP;
}

static void note_step_back(const struct loader *loader, const struct lade_map *map, const char *what)
{
	struct lade_finding *note =
		lade_note_add(&loader->instance->notes, "map.stepped-back", "%s: map %s was created without %s",
			      loader->object->file, map->name, what);

	finding_map(note, map->name);
}

/*
 * Tries forms cumulatively; a form counts as absent only after the map was created without it. What has nothing to do
 * with the map's words ends it: another form would be blamed. absent: what the map is created without.
 */
static int step_back(const struct loader *loader, const struct operation *operation, unsigned *absent, int refused)
{
	const struct lade_map *map = loader_map(loader, operation);
	unsigned without = *absent;

	for (size_t i = 0; i < ELEMENTS(map_forms); i++) {
		int fd;
		if ((without & map_forms[i].form) || !uses_form(loader, &operation->map_create, map_forms[i].form))
			continue;
		without |= map_forms[i].form;
		fd = create_without(loader, &operation->map_create, without);
		if (fd < 0 && !may_step_back(-fd))
			return fd;
		if (fd < 0)
			continue;
		/* A map type may refuse BTF on a kernel that knows it for others: not remembered. */
		if (map_forms[i].form != FORM_MAP_BTF)
			lade_kernel_form_set_absent(loader->kernel, map_forms[i].form);
		note_step_back(loader, map, map_forms[i].what);
		*absent = without;
		return fd;
	}
	return refused;
}

/* Privilege, memory and no bpf(2) at all have nothing to do with the map's words. */
static bool may_have_log(int errnum)
{
	return errnum != EPERM && errnum != ENOMEM && errnum != ENOSYS && errnum != EAGAIN;
}

/* Asked once more, for the words of kernels that have some. What is accepted then is accepted. */
static int explain(struct loader *loader, const struct operation *operation, unsigned absent, int refused,
		   struct lade_error **error)
{
	struct attr_map_create attr = create_attr(loader, &operation->map_create);
	char log[LOG_BYTES] = "";
	int fd = -EINVAL;

	apply_forms(&operation->map_create, absent, &attr);
	if (may_have_log(refused))
		fd = lade_bpf_map_create_logged(loader->kernel, &attr, log, sizeof log);
	return fd >= 0 ? fd
		       : lade_diagnose_map(loader->kernel, loader->object, loader_map(loader, operation)->name,
					   &operation->map_create.definition, &attr, refused, log, error);
}

static int create(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	unsigned absent = atomic_load(&loader->kernel->absent_forms);
	int fd = create_without(loader, &operation->map_create, absent);
	int refused = fd;

	if (fd < 0 && may_step_back(-fd))
		fd = step_back(loader, operation, &absent, fd);
	if (fd < 0)
		return explain(loader, operation, absent, -refused, error);
	loader->created[operation->map].flags &= ~dropped_flags(&operation->map_create, absent);
	return fd;
}

/* ---- using a map that is there ---- */

/* A map that the user wants used (lade_map_set_reuse()) is not looked for at its place. */
static bool is_placed(const struct lade_map *map)
{
	return map->place && !map->reuse_only;
}

/* Where a map was found, and which findings speak of it. */
struct found_map {
	const char *place; /* "pinned at …" */
	const char *differs, *content, *not_a_map;
};

struct field_difference {
	const char *field;
	uint64_t pinned, wanted;
};

/* Kernels set this flag on device maps themselves. */
static uint32_t comparable_flags(const struct bpf_map_info *info)
{
	bool is_device = info->type == BPF_MAP_TYPE_DEVMAP || info->type == BPF_MAP_TYPE_DEVMAP_HASH;

	return is_device ? info->map_flags & ~(uint32_t)BPF_F_RDONLY_PROG : info->map_flags;
}

static int compare(const struct loader *loader, const struct operation *operation, const struct found_map *found,
		   const struct bpf_map_info *info, struct lade_error **error)
{
	const struct map_definition *wanted = &operation->map_create.definition;
	const struct field_difference fields[] = {
		{ "type", info->type, wanted->type },
		{ "key_size", info->key_size, wanted->key_size },
		{ "value_size", info->value_size, wanted->value_size },
		{ "max_entries", info->max_entries, wanted->max_entries },
		{ "map_flags", comparable_flags(info), wanted->flags },
		{ "map_extra", info->map_extra, wanted->extra },
	};
	const struct lade_map *map = loader_map(loader, operation);
	struct lade_finding *finding = NULL;
	bool differs = false;

	for (size_t i = 0; i < ELEMENTS(fields); i++) {
		if (fields[i].pinned == fields[i].wanted)
			continue;
		if (!differs)
			finding = lade_error_add(error, EEXIST, found->differs, "%s: map %s does not fit the map %s",
						 loader->object->file, map->name, found->place);
		differs = true;
		finding_evidence(finding, "%s is %llu there, %llu in the object", fields[i].field,
				 (unsigned long long)fields[i].pinned, (unsigned long long)fields[i].wanted);
	}
	finding_map(finding, map->name);
	return differs ? -EEXIST : 0;
}

static int refuse_content(const struct loader *loader, const struct lade_map *map, const struct found_map *found,
			  struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EEXIST, found->content, "%s: the frozen map %s holds other values than %s",
			       loader->object->file, found->place, map->name);

	finding_map(finding, map->name);
	return -EEXIST;
}

/* Programs are verified against the content of a frozen map: other content would make other programs. */
static int compare_frozen(const struct loader *loader, const struct operation *operation, int fd,
			  const struct found_map *found, struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	CLEANUP(cleanup_free) uint8_t *content = NULL, *zeros = NULL;
	const uint8_t *wanted;
	uint32_t key = 0, size = map->definition.value_size;

	if (!map->is_readonly_data || lade_bpf_map_frozen(loader->kernel, fd) != 1)
		return 0;
	content = calloc(1, size ? size : 1);
	zeros = calloc(1, size ? size : 1);
	if (!content || !zeros)
		return lade_fail_memory(error);
	if (lade_bpf_map_lookup(loader->kernel, fd, &key, content) < 0)
		return refuse_content(loader, map, found, error);
	wanted = loader_content(loader, operation->map);
	return memcmp(content, wanted ? wanted : zeros, size) ? refuse_content(loader, map, found, error) : 0;
}

/* What stands there must be the map that the object describes. */
static int check_fit(const struct loader *loader, const struct operation *operation, int fd,
		     const struct found_map *found, struct bpf_map_info *ret_info, struct lade_error **error)
{
	int r = lade_bpf_map_info(loader->kernel, fd, ret_info);

	if (r < 0 || lade_bpf_is_other(fd, "bpf-map")) {
		struct lade_finding *finding =
			lade_error_add(error, EEXIST, found->not_a_map, "%s: what is %s is not a map Lade may read",
				       loader->object->file, found->place);
		finding_map(finding, loader_map(loader, operation)->name);
		return -EEXIST;
	}
	r = compare(loader, operation, found, ret_info, error);
	if (r == 0)
		r = compare_frozen(loader, operation, fd, found, error);
	return r < 0 ? r : lade_load_check_owner(loader, operation, fd, found->place, error);
}

static int use_pin(struct loader *loader, const struct operation *operation, uint32_t id, const char *path,
		   struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	const struct txn_outside what = { .id = id, .name = map->name, .path = path };

	return is_placed(map) ? lade_txn_use_outside(loader->txn, &what, error)
			      : lade_txn_use_shared(loader->txn, id, map->name, path, error);
}

static int use(struct loader *loader, const struct operation *operation, int fd, const char *path,
	       struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	char place[PATH_MAX + 16];
	const struct found_map found = { place, "pin.map.differs", "pin.map.content", "pin.not-a-map" };
	int r;

	(void)snprintf(place, sizeof place, "pinned at %s", path);
	r = check_fit(loader, operation, fd, &found, &info, error);
	if (r == 0)
		r = use_pin(loader, operation, info.id, path, error);
	if (r == 0)
		loader->reused[operation->map] = true;
	return r;
}

/* The caller's map: nothing of it is Lade's, so nothing is journalled. */
static int use_descriptor(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	static const struct found_map found = { "behind the given descriptor", "map.given.differs", "map.given.content",
						"map.given.not-a-map" };
	struct bpf_map_info info = { 0 };
	const struct lade_map *map = loader_map(loader, operation);
	CLEANUP(cleanup_fd) int fd = fcntl(map->reuse_fd, F_DUPFD_CLOEXEC, 3);
	int r;

	if (fd < 0)
		return lade_fail(error, errno, "map.given.descriptor",
				 "%s: map %s: its descriptor cannot be duplicated: %s", loader->object->file, map->name,
				 lade_errno_name(errno));
	r = check_fit(loader, operation, fd, &found, &info, error);
	if (r < 0)
		return r;
	loader->reused[operation->map] = true;
	return take_fd(&fd);
}

static int absolute_path(const struct loader *loader, const char *path, char result[PATH_MAX])
{
	int length = *path == '/' ? snprintf(result, PATH_MAX, "%s", path)
				  : snprintf(result, PATH_MAX, "%s/%s", loader->context->bpffs, path);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int refuse_pin(const struct loader *loader, const struct operation *operation, const char *path, int errnum,
		      struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	struct lade_finding *finding;

	if (errnum == ENOENT)
		finding = lade_error_add(error, ENOENT, "pin.map.missing", "%s: nothing is pinned at %s for map %s",
					 loader->object->file, path, map->name);
	else
		finding = lade_error_add(error, errnum, "pin.map.open", "%s: cannot open the pin %s for map %s: %s",
					 loader->object->file, path, map->name, lade_errno_name(errnum));
	finding_map(finding, map->name);
	return -errnum;
}

static int create_shared(struct loader *loader, const struct operation *operation, const char *path, int *ret_fd,
			 struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	CLEANUP(cleanup_fd) int fd = create(loader, operation, error);
	int r;

	if (fd < 0)
		return fd;
	(void)lade_bpf_map_info(loader->kernel, fd, &info);
	if (is_placed(loader_map(loader, operation)))
		r = lade_places_pin_map(loader, operation->map, fd, info.id, path, error);
	else
		r = lade_txn_pin_shared(loader->txn, fd, info.id, loader_map(loader, operation)->name, path, error);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

/* In the place of the one that the old instance has pinned there. */
static int create_aside(struct loader *loader, const struct operation *operation, const char *path, int old_fd,
			struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	CLEANUP(cleanup_fd) int fd = create(loader, operation, error);
	int r;

	if (fd < 0)
		return fd;
	(void)lade_bpf_map_info(loader->kernel, fd, &info);
	r = lade_places_pin_map_aside(loader, operation->map, fd, info.id, path, old_fd, error);
	return r < 0 ? r : take_fd(&fd);
}

/* Someone else may pin between our look and our pin: then theirs is used. */
#define SHARE_ATTEMPTS 8

/* Not inlined: its buffers are pages of stack that most loads need not touch. */
static __attribute__((noinline)) int share(struct loader *loader, const struct operation *operation, bool may_create,
					   struct lade_error **error)
{
	char path[PATH_MAX];
	int r = absolute_path(loader, operation->map_create.share_path, path);

	if (r < 0)
		return refuse_pin(loader, operation, operation->map_create.share_path, -r, error);
	loader->shared_pins[operation->map] = strdup(path);
	if (!loader->shared_pins[operation->map])
		return lade_fail_memory(error);
	for (unsigned i = 0; i < SHARE_ATTEMPTS; i++) {
		bool placed = is_placed(loader_map(loader, operation));
		CLEANUP(cleanup_fd)
		int fd = placed ? lade_places_find_map(loader, operation->map, path, error)
				: lade_bpf_obj_get(loader->kernel, path);
		if (fd < 0 && error && *error)
			return fd;
		if (fd >= 0 && placed && lade_places_replaces_map(loader, operation->map, fd, path))
			return create_aside(loader, operation, path, fd, error);
		if (fd >= 0) {
			r = use(loader, operation, fd, path, error);
			return r < 0 ? r : take_fd(&fd);
		}
		if (fd != -ENOENT || !may_create)
			return refuse_pin(loader, operation, path, -fd, error);
		r = create_shared(loader, operation, path, &fd, error);
		if (r == 0)
			return take_fd(&fd);
		if (r != -EEXIST || (error && *error))
			return r;
	}
	return refuse_pin(loader, operation, path, EBUSY, error);
}

int lade_load_map(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	int fd;

	loader->created[operation->map] = operation->map_create.definition;
	fd = lade_replace_map(loader, operation, error);
	if (fd != -ENOENT) {
		if (fd >= 0)
			loader->slots[operation->slot] = fd;
		if (fd >= 0 && is_placed(loader_map(loader, operation)))
			return lade_places_keep_map(loader, operation->map, fd, &loader->shared_pins[operation->map],
						    error);
		return fd < 0 ? fd : 0;
	}
	if (loader_map(loader, operation)->reuse_fd >= 0)
		fd = use_descriptor(loader, operation, error);
	else if (operation->map_create.share_path)
		fd = share(loader, operation, operation->kind == OPERATION_MAP_CREATE, error);
	else
		fd = create(loader, operation, error);
	if (fd < 0)
		return fd;
	loader->slots[operation->slot] = fd;
	return 0;
}
