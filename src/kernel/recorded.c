/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/recorded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "kernel/files.h"
#include "kernel/netlink.h"
#include "kernel/recording.h"
#include "object/sections_table.h"

#define V(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8)

enum { PERF_EVENT_ATTACH_TYPE = 41 }; /* BPF_PERF_EVENT, since 5.15 */

static const struct recorded_profile profiles[] = {
	{ .name = "4.9",
	  .version = V(4, 9) | 82,
	  .attr_union_size = 48,
	  .kern_version_checked = true,
	  .max_instructions = 4096,
	  .map_cost_4g = true,
	  .highest_map_type = 8,
	  .highest_program_type = 7 },
	{ .name = "4.19",
	  .version = V(4, 19) | 255,
	  .attr_union_size = 72,
	  .highest_btf_kind = 11,
	  .names = true,
	  .kern_version_checked = true,
	  .max_instructions = 4096,
	  .map_cost_4g = true,
	  .highest_map_type = 20,
	  .highest_program_type = 21 },
	{ .name = "5.4",
	  .version = V(5, 4) | 255,
	  .attr_union_size = 112,
	  .highest_btf_kind = 15,
	  .btf_kind_flag = true,
	  .global_data = true,
	  .names = true,
	  .freeze = true,
	  .max_instructions = 1000000,
	  .map_cost_4g = true,
	  .highest_map_type = 25,
	  .highest_program_type = 25 },
	{ .name = "5.10",
	  .version = V(5, 10) | 223,
	  .attr_union_size = 120,
	  .highest_btf_kind = 15,
	  .btf_kind_flag = true,
	  .global_data = true,
	  .names = true,
	  .link_create = true,
	  .freeze = true,
	  .max_instructions = 1000000,
	  .map_cost_4g = true,
	  .highest_map_type = 28,
	  .highest_program_type = 30 },
	{ .name = "6.18",
	  .version = V(6, 18) | 44,
	  .attr_union_size = 168,
	  .highest_btf_kind = 19,
	  .btf_kind_flag = true,
	  .global_data = true,
	  .names = true,
	  .link_create = true,
	  .freeze = true,
	  .max_instructions = 1000000,
	  .highest_map_type = 33,
	  .highest_program_type = 32,
	  .rename_exchange = true },
};

const struct recorded_profile *lade_recorded_profile(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(profiles); i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}

static struct recorded_kernel *of(struct kernel *kernel)
{
	return (struct recorded_kernel *)kernel;
}

/* ---- remembering ---- */

static struct recorded_call *remember(struct recorded_kernel *recorded, int command, const char *name, int result)
{
	struct recorded_call *call = array_push(&recorded->calls);
	if (call)
		*call = (struct recorded_call){ .command = command, .name = strdup(name), .result = result };
	return call;
}

static void *copy(const void *bytes, size_t size)
{
	void *duplicate = size ? malloc(size) : NULL;
	if (duplicate)
		memcpy(duplicate, bytes, size);
	return duplicate;
}

static void copy_payload(struct recorded_call *call, uint64_t pointer, size_t size)
{
	call->payload = pointer ? copy((const void *)(uintptr_t)pointer, size) : NULL;
	call->payload_size = call->payload ? size : 0;
}

static void remember_bpf(struct recorded_kernel *recorded, int command, const void *attr, size_t size, int result)
{
	bool known = command >= 0 && (size_t)command < lade_command_name_count && lade_command_names[command];
	struct recorded_call *call = remember(recorded, command, known ? lade_command_names[command] : "bpf", result);
	if (!call)
		return;
	call->attr = copy(attr, size);
	call->attr_size = call->attr ? size : 0;
	const struct attr_prog_load *program = attr;
	const struct attr_btf_load *btf = attr;
	if (command == BPF_PROG_LOAD && size >= sizeof *program && program->insn_cnt <= 1000000)
		copy_payload(call, program->insns, program->insn_cnt * sizeof(struct bpf_insn));
	if (command == BPF_BTF_LOAD && size >= sizeof *btf)
		copy_payload(call, btf->btf, btf->btf_size);
}

static int remember_result(struct kernel *kernel, const char *name, int result)
{
	struct recorded_kernel *recorded = of(kernel);
	(void)pthread_mutex_lock(&recorded->mutex);
	(void)remember(recorded, -1, name, result);
	(void)pthread_mutex_unlock(&recorded->mutex);
	return result;
}

/* ---- commands; the mutex is held ---- */

static int map_create(struct recorded_kernel *recorded, void *attr)
{
	const struct attr_map_create *map = attr;
	int result = lade_recorded_check_map(recorded, map);
	if (result < 0)
		return result;
	struct recorded_facts facts = { .kind = RECORDED_MAP,
					.type = map->map_type,
					.key_size = map->key_size,
					.value_size = map->value_size,
					.max_entries = map->max_entries,
					.flags = map->map_flags };
	memcpy(facts.name, map->map_name, sizeof facts.name);
	const struct recorded_object *inner = lade_recorded_find(recorded, (int)map->inner_map_fd);
	uint32_t inner_type = inner && map->inner_map_fd ? inner->facts.type : 0;
	int fd = lade_recorded_new(recorded, &facts);
	if (fd >= 0)
		recorded->objects.items[recorded->objects.count - 1].inner_type = inner_type;
	return fd;
}

static int prog_load(struct recorded_kernel *recorded, void *attr)
{
	const struct attr_prog_load *program = attr;
	int result = lade_recorded_check_program(recorded, program);
	if (result < 0)
		return result;
	struct recorded_facts facts = { .kind = RECORDED_PROGRAM,
					.type = program->prog_type,
					.instructions = program->insn_cnt };
	memcpy(facts.name, program->prog_name, sizeof facts.name);
	return lade_recorded_new(recorded, &facts);
}

static int btf_load(struct recorded_kernel *recorded, void *attr)
{
	const struct attr_btf_load *btf = attr;
	int result = lade_recorded_check_btf(recorded->profile, (const void *)(uintptr_t)btf->btf, btf->btf_size);
	return result < 0 ? result : lade_recorded_new(recorded, &(struct recorded_facts){ .kind = RECORDED_BTF });
}

static int freeze(struct recorded_kernel *recorded, void *attr)
{
	struct recorded_object *map = lade_recorded_find(recorded, (int)((const struct attr_map_freeze *)attr)->map_fd);
	if (!map || map->facts.kind != RECORDED_MAP)
		return -EINVAL;
	if (map->frozen)
		return recorded->profile->version < V(6, 0) ? -EBUSY : -EPERM;
	map->frozen = true;
	return 0;
}

static int obj_pin(struct recorded_kernel *recorded, void *attr)
{
	const struct attr_obj *object = attr;
	return lade_recorded_pin(recorded, (int)object->bpf_fd, (const char *)(uintptr_t)object->pathname);
}

static int obj_get(struct recorded_kernel *recorded, void *attr)
{
	const struct attr_obj *object = attr;
	return object->bpf_fd ? -EINVAL : lade_recorded_get(recorded, (const char *)(uintptr_t)object->pathname);
}

static int get_info(struct recorded_kernel *recorded, void *attr)
{
	return lade_recorded_info(recorded, attr);
}

static int new_link(struct recorded_kernel *recorded, uint32_t prog_fd, uint32_t type)
{
	const struct recorded_object *program = lade_recorded_find(recorded, (int)prog_fd);
	if (!program || program->facts.kind != RECORDED_PROGRAM)
		return -EBADF;
	return lade_recorded_new(
		recorded,
		&(struct recorded_facts){ .kind = RECORDED_LINK, .type = type, .program_id = program->facts.id });
}

static int link_create(struct recorded_kernel *recorded, void *attr)
{
	const struct attr_link_create *link = attr;
	if (link->attach_type == PERF_EVENT_ATTACH_TYPE && recorded->profile->version < V(5, 15))
		return -EINVAL;
	return new_link(recorded, link->prog_fd, BPF_LINK_TYPE_PERF_EVENT);
}

static int raw_tracepoint_open(struct recorded_kernel *recorded, void *attr)
{
	return new_link(recorded, ((const struct attr_raw_tracepoint_open *)attr)->prog_fd,
			BPF_LINK_TYPE_RAW_TRACEPOINT);
}

static int test_run(struct recorded_kernel *recorded, void *attr)
{
	const struct recorded_object *program =
		lade_recorded_find(recorded, (int)((const struct attr_prog_test_run *)attr)->prog_fd);
	return program && program->facts.kind == RECORDED_PROGRAM ? 0 : -EBADF;
}

/* A command that is not here answers EINVAL, as an unknown one. */
static const struct {
	int command;
	size_t size; /* bytes of attr that `run` reads */
	int (*run)(struct recorded_kernel *recorded, void *attr);
} commands[] = {
	{ BPF_MAP_CREATE, sizeof(struct attr_map_create), map_create },
	{ BPF_PROG_LOAD, sizeof(struct attr_prog_load), prog_load },
	{ BPF_BTF_LOAD, sizeof(struct attr_btf_load), btf_load },
	{ BPF_MAP_FREEZE, sizeof(struct attr_map_freeze), freeze },
	{ BPF_OBJ_PIN, sizeof(struct attr_obj), obj_pin },
	{ BPF_OBJ_GET, sizeof(struct attr_obj), obj_get },
	{ BPF_OBJ_GET_INFO_BY_FD, sizeof(struct attr_get_info), get_info },
	{ BPF_LINK_CREATE, sizeof(struct attr_link_create), link_create },
	{ BPF_RAW_TRACEPOINT_OPEN, sizeof(struct attr_raw_tracepoint_open), raw_tracepoint_open },
	{ BPF_PROG_TEST_RUN, sizeof(struct attr_prog_test_run), test_run },
};

/* The attribute in a buffer of full size; what the command writes back goes to the caller's. */
static int run_sized(struct recorded_kernel *recorded, size_t index, void *attr, size_t size)
{
	uint64_t full[32] = { 0 };
	memcpy(full, attr, size < sizeof full ? size : sizeof full);
	int result = commands[index].run(recorded, full);
	memcpy(attr, full, size < commands[index].size ? size : commands[index].size);
	return result;
}

static int run(struct recorded_kernel *recorded, int command, void *attr, size_t size)
{
	int result = lade_recorded_check_attr(recorded->profile, command, attr, size);
	if (result < 0)
		return result;
	if (command >= BPF_MAP_LOOKUP_ELEM && command <= BPF_MAP_GET_NEXT_KEY)
		return lade_recorded_element(recorded, command, attr);
	for (size_t i = 0; i < ELEMENTS(commands); i++)
		if (commands[i].command == command)
			return run_sized(recorded, i, attr, size);
	return -EINVAL;
}

static int recorded_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	struct recorded_kernel *recorded = of(kernel);
	(void)pthread_mutex_lock(&recorded->mutex);
	int result = run(recorded, command, attr, size);
	remember_bpf(recorded, command, attr, size, result);
	(void)pthread_mutex_unlock(&recorded->mutex);
	return result;
}

/* What the kernel would say is not recorded, only that it says something. */
static int recorded_bpf_logged(struct kernel *kernel, int command, void *attr, size_t size, struct attr_common *common)
{
	char *log = (char *)(uintptr_t)common->log_buf; /* NOLINT(performance-no-int-to-ptr) */
	int result = of(kernel)->profile->common_log ? recorded_bpf(kernel, command, attr, size) : -EINVAL;
	if (result < 0 && of(kernel)->profile->common_log)
		(void)snprintf(log, common->log_size, "%s\n", of(kernel)->profile->common_log);
	return result;
}

/* ---- everything else ---- */

static int other_descriptor(struct kernel *kernel, const char *name)
{
	struct recorded_kernel *recorded = of(kernel);
	(void)pthread_mutex_lock(&recorded->mutex);
	int fd = lade_recorded_new(recorded, &(struct recorded_facts){ .kind = RECORDED_OTHER });
	(void)remember(recorded, -1, name, fd);
	(void)pthread_mutex_unlock(&recorded->mutex);
	return fd;
}

static int recorded_perf_event_open(struct kernel *kernel, struct perf_event_attr *attr, pid_t pid, int cpu, int group,
				    unsigned long flags)
{
	(void)attr, (void)pid, (void)cpu, (void)group, (void)flags;
	return other_descriptor(kernel, "perf_event_open");
}

static int recorded_ioctl(struct kernel *kernel, int fd, unsigned long request, unsigned long argument)
{
	(void)fd, (void)request, (void)argument;
	return remember_result(kernel, "ioctl", 0);
}

static int recorded_socket(struct kernel *kernel, int domain, int type, int protocol)
{
	(void)domain, (void)type, (void)protocol;
	return other_descriptor(kernel, "socket");
}

static int recorded_bind(struct kernel *kernel, int fd, const void *address, size_t length)
{
	(void)fd, (void)address, (void)length;
	return remember_result(kernel, "bind", 0);
}

static int recorded_setsockopt(struct kernel *kernel, int fd, int level, int option, const void *value, size_t length)
{
	(void)fd, (void)level, (void)option, (void)value, (void)length;
	return remember_result(kernel, "setsockopt", 0);
}

static int recorded_getsockopt(struct kernel *kernel, int fd, int level, int option, void *value, size_t length)
{
	(void)kernel, (void)fd, (void)level, (void)option;
	memset(value, 0, length);
	return (int)length;
}

static int recorded_process_fd(struct kernel *kernel, pid_t pid, int fd)
{
	(void)pid, (void)fd;
	return other_descriptor(kernel, "pidfd_getfd");
}

/* It has no interfaces: a question gets no answer, a change is only remembered. */
static int recorded_netlink(struct kernel *kernel, struct netlink_request *request, netlink_reply_fn *reply, void *data)
{
	(void)request, (void)reply, (void)data;
	return remember_result(kernel, "netlink", 0);
}

static int recorded_mount(struct kernel *kernel, const char *type, const char *path)
{
	(void)type;
	int result = lade_file_mkdir(path, 0700);
	return remember_result(kernel, "mount", result == -EEXIST ? 0 : result);
}

static int recorded_mkdir(struct kernel *kernel, const char *path, mode_t mode)
{
	return remember_result(kernel, "mkdir", lade_file_mkdir(path, mode));
}

static int recorded_rmdir(struct kernel *kernel, const char *path)
{
	return remember_result(kernel, "rmdir", lade_file_rmdir(path));
}

static int recorded_unlink(struct kernel *kernel, const char *path)
{
	return remember_result(kernel, "unlink", lade_file_unlink(path));
}

static int recorded_symlink(struct kernel *kernel, const char *text, const char *path)
{
	return remember_result(kernel, "symlink", lade_file_symlink(text, path));
}

/* There is no tracefs there: what is written is only remembered. */
static int recorded_truncate(struct kernel *kernel, const char *path)
{
	(void)path;
	return remember_result(kernel, "truncate", 0);
}

static int recorded_append(struct kernel *kernel, const char *path, const char *text)
{
	(void)path, (void)text;
	return remember_result(kernel, "append", 0);
}

static int recorded_rename(struct kernel *kernel, const char *from, const char *to, unsigned flags)
{
	bool refused = flags & RENAME_EXCHANGE && !of(kernel)->profile->rename_exchange;
	return remember_result(kernel, "rename", refused ? -EINVAL : lade_file_rename(from, to, flags));
}

static int recorded_link(struct kernel *kernel, const char *from, const char *to)
{
	return remember_result(kernel, "link", lade_file_link(from, to));
}

static int recorded_chmod(struct kernel *kernel, const char *path, mode_t mode)
{
	return remember_result(kernel, "chmod", lade_file_chmod(path, mode));
}

static int recorded_chown(struct kernel *kernel, const char *path, uid_t uid, gid_t gid)
{
	return remember_result(kernel, "chown", lade_file_chown(path, uid, gid));
}

/* Waiting must not keep other threads from calling: the mutex is only taken to remember. */
static int recorded_lock(struct kernel *kernel, const char *directory, bool wait)
{
	return remember_result(kernel, "lock", lade_file_lock(directory, wait));
}

static int recorded_raise_memlock(struct kernel *kernel)
{
	return remember_result(kernel, "raise_memlock", 0);
}

/* The kernels that are recorded know no arenas. */
static int recorded_map_memory(struct kernel *kernel, int fd, uint64_t address, size_t bytes, void **ret_start)
{
	(void)kernel, (void)fd, (void)address, (void)bytes, (void)ret_start;
	return -EOPNOTSUPP;
}

static int recorded_map_frozen(struct kernel *kernel, int fd)
{
	struct recorded_kernel *recorded = of(kernel);
	(void)pthread_mutex_lock(&recorded->mutex);
	const struct recorded_object *map = lade_recorded_find(recorded, fd);
	int result = !recorded->profile->freeze ? -ENODATA : !map ? -EBADF : map->frozen;
	(void)pthread_mutex_unlock(&recorded->mutex);
	return result;
}

/* Not recorded: programs of every type may share an array there. */
static int recorded_map_owner_type(struct kernel *kernel, int fd)
{
	(void)kernel;
	(void)fd;
	return -ENODATA;
}

/* Any directory will do. */
static int recorded_is_bpffs(struct kernel *kernel, const char *path)
{
	struct stat status;
	(void)kernel;
	if (stat(path, &status) < 0)
		return -errno;
	return S_ISDIR(status.st_mode);
}

static void recorded_free(struct kernel *kernel)
{
	struct recorded_kernel *recorded = of(kernel);
	lade_recorded_clear(recorded);
	(void)pthread_mutex_destroy(&recorded->mutex);
	free(recorded);
}

static const struct kernel_calls recorded_calls = {
	.bpf = recorded_bpf,
	.bpf_logged = recorded_bpf_logged,
	.perf_event_open = recorded_perf_event_open,
	.ioctl = recorded_ioctl,
	.socket = recorded_socket,
	.bind = recorded_bind,
	.setsockopt = recorded_setsockopt,
	.getsockopt = recorded_getsockopt,
	.process_fd = recorded_process_fd,
	.netlink = recorded_netlink,
	.mount = recorded_mount,
	.mkdir = recorded_mkdir,
	.rmdir = recorded_rmdir,
	.unlink = recorded_unlink,
	.symlink = recorded_symlink,
	.append = recorded_append,
	.truncate = recorded_truncate,
	.rename = recorded_rename,
	.link = recorded_link,
	.chmod = recorded_chmod,
	.chown = recorded_chown,
	.lock = recorded_lock,
	.raise_memlock = recorded_raise_memlock,
	.map_memory = recorded_map_memory,
	.map_frozen = recorded_map_frozen,
	.map_owner_type = recorded_map_owner_type,
	.is_bpffs = recorded_is_bpffs,
	.free = recorded_free,
};

int lade_kernel_recorded(const struct recorded_profile *profile, const struct recorded_rejection *rejections,
			 size_t rejection_count, struct kernel **ret_kernel)
{
	struct recorded_kernel *recorded = calloc(1, sizeof *recorded);
	if (!recorded)
		return -ENOMEM;
	recorded->kernel.calls = &recorded_calls;
	recorded->kernel.recorded_version = profile->version;
	recorded->profile = profile;
	recorded->rejections = rejections;
	recorded->rejection_count = rejection_count;
	/* Pins outlive the recording that made them: the ids of two recordings must differ. */
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	recorded->next_id = ((uint32_t)(now.tv_nsec >> 6) << 8 & 0x7fffffff) | 1;
	(void)pthread_mutex_init(&recorded->mutex, NULL);
	*ret_kernel = &recorded->kernel;
	return 0;
}

size_t lade_recorded_call_count(const struct kernel *kernel)
{
	return ((const struct recorded_kernel *)kernel)->calls.count;
}

const struct recorded_call *lade_recorded_call(const struct kernel *kernel, size_t index)
{
	const struct recorded_kernel *recorded = (const struct recorded_kernel *)kernel;
	return index < recorded->calls.count ? &recorded->calls.items[index] : NULL;
}
