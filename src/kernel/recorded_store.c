/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects of the recorded kernel: descriptors, pins, info. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/files.h"
#include "kernel/recording.h"

static int new_descriptor(struct recorded_kernel *recorded, size_t object)
{
	struct stat status;
	CLEANUP(cleanup_fd) int fd = memfd_create("recorded", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	fd = lade_fd_above_standard(fd);
	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return -errno;
	struct recorded_inode *inode = array_push(&recorded->inodes);
	if (!inode)
		return -ENOMEM;
	*inode = (struct recorded_inode){ status.st_ino, object };
	return take_fd(&fd);
}

int lade_recorded_new(struct recorded_kernel *recorded, const struct recorded_facts *facts)
{
	struct recorded_object *object = array_push(&recorded->objects);
	if (!object)
		return -ENOMEM;
	object->facts = *facts;
	if (!object->facts.id)
		object->facts.id = recorded->next_id++;
	return new_descriptor(recorded, recorded->objects.count - 1);
}

/* Newest first: an inode number may be used again after its memfd was closed. */
struct recorded_object *lade_recorded_find(struct recorded_kernel *recorded, int fd)
{
	struct stat status;
	if (fstat(fd, &status) < 0)
		return NULL;
	for (size_t i = recorded->inodes.count; i > 0; i--)
		if (recorded->inodes.items[i - 1].inode == status.st_ino)
			return &recorded->objects.items[recorded->inodes.items[i - 1].object];
	return NULL;
}

void lade_recorded_clear(struct recorded_kernel *recorded)
{
	array_foreach (object, &recorded->objects)
		lade_recorded_elements_clear(object);
	array_clear(&recorded->objects);
	array_clear(&recorded->inodes);
	array_foreach (call, &recorded->calls) {
		free(call->name);
		free(call->attr);
		free(call->payload);
	}
	array_clear(&recorded->calls);
}

/* bpffs refuses dots in names. */
static bool name_has_dot(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strchr(slash ? slash : path, '.') != NULL;
}

int lade_recorded_pin(struct recorded_kernel *recorded, int fd, const char *path)
{
	const struct recorded_object *object = lade_recorded_find(recorded, fd);
	if (!object)
		return -EINVAL;
	if (name_has_dot(path))
		return -EPERM;
	CLEANUP(cleanup_fd) int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return -errno;
	ssize_t written = write(file, &object->facts, sizeof object->facts);
	return written == (ssize_t)sizeof object->facts ? 0 : -EIO;
}

/* The pin of another process names an object that only it knew: an empty one of its kind takes its place. */
int lade_recorded_get(struct recorded_kernel *recorded, const char *path)
{
	struct recorded_facts facts;
	CLEANUP(cleanup_fd) int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	if (read(file, &facts, sizeof facts) != (ssize_t)sizeof facts)
		return -EACCES;
	for (size_t i = 0; i < recorded->objects.count; i++)
		if (recorded->objects.items[i].facts.id == facts.id)
			return new_descriptor(recorded, i);
	return lade_recorded_new(recorded, &facts);
}

static void fill_map(const struct recorded_facts *facts, void *info)
{
	struct bpf_map_info *map = info;
	map->id = facts->id;
	map->type = facts->type;
	map->key_size = facts->key_size;
	map->value_size = facts->value_size;
	map->max_entries = facts->max_entries;
	map->map_flags = facts->flags;
	memcpy(map->name, facts->name, sizeof map->name);
}

static void fill_program(const struct recorded_facts *facts, void *info)
{
	struct bpf_prog_info *program = info;
	program->id = facts->id;
	program->type = facts->type;
	program->xlated_prog_len = facts->instructions * (uint32_t)sizeof(struct bpf_insn);
	program->verified_insns = facts->instructions;
	memcpy(program->name, facts->name, sizeof program->name);
}

static void fill_btf(const struct recorded_facts *facts, void *info)
{
	((struct bpf_btf_info *)info)->id = facts->id;
}

static void fill_link(const struct recorded_facts *facts, void *info)
{
	struct bpf_link_info *link = info;
	link->id = facts->id;
	link->type = facts->type;
	link->prog_id = facts->program_id;
}

static const struct {
	size_t size;
	void (*fill)(const struct recorded_facts *facts, void *info);
} infos[] = {
	[RECORDED_MAP] = { sizeof(struct bpf_map_info), fill_map },
	[RECORDED_PROGRAM] = { sizeof(struct bpf_prog_info), fill_program },
	[RECORDED_BTF] = { sizeof(struct bpf_btf_info), fill_btf },
	[RECORDED_LINK] = { sizeof(struct bpf_link_info), fill_link },
};

int lade_recorded_info(struct recorded_kernel *recorded, struct attr_get_info *attr)
{
	union {
		struct bpf_map_info map;
		struct bpf_prog_info program;
		struct bpf_btf_info btf;
		struct bpf_link_info link;
	} info = { 0 };
	const struct recorded_object *object = lade_recorded_find(recorded, (int)attr->bpf_fd);
	if (!object || object->facts.kind >= ELEMENTS(infos))
		return fcntl((int)attr->bpf_fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	if (object->facts.kind == RECORDED_LINK && !recorded->profile->link_create)
		return -EINVAL;
	size_t size = infos[object->facts.kind].size;
	size = attr->info_len < size ? attr->info_len : size;
	infos[object->facts.kind].fill(&object->facts, &info);
	memcpy((void *)(uintptr_t)attr->info, &info, size);
	attr->info_len = (uint32_t)size;
	return 0;
}
