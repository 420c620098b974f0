/* SPDX-License-Identifier: BSD-2-Clause */
/* Which map or program a user means: pin, id, instance and name, or the kernel's name. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/similar.h"
#include "diagnose/denied.h"
#include "kernel/bpf.h"
#include "kernel/pin_access.h"
#include "map/live.h"

struct search {
	struct lade_context *context;
	struct kernel *kernel;
	enum found_kind kind;
	const char *which;
	uint32_t flags;
	struct lade_error **error;
};

struct words {
	const char *thing, *unknown, *open, *ambiguous;
	const char
		*anon; /* as /proc/self/fd calls it: the kernel answers about one kind with what it knows of another */
	int next_id;
	const char *by_id; /* the command that opens one */
	enum lade_pin_kind pin;
};

static const struct words words[] = {
	[FOUND_MAP] = { "map", "map.unknown", "map.open", "map.ambiguous", "bpf-map", BPF_MAP_GET_NEXT_ID,
			"BPF_MAP_GET_FD_BY_ID", LADE_PINNED_MAP },
	[FOUND_PROGRAM] = { "program", "program.unknown", "program.open", "program.ambiguous", "bpf-prog",
			    BPF_PROG_GET_NEXT_ID, "BPF_PROG_GET_FD_BY_ID", LADE_PINNED_PROGRAM },
};

void lade_found_clear(struct found *found)
{
	found->fd = fd_close(found->fd);
	free(found->name);
	free(found->instance);
	found->name = found->instance = NULL;
}

static int refuse_open(const struct search *search, int result)
{
	const struct words *word = &words[search->kind];
	if (result == -EPERM || result == -ENOSYS) {
		struct lade_finding *finding =
			lade_error_add(search->error, -result, result == -EPERM ? "environment.permission" : word->open,
				       "%s %s: %s", word->thing, search->which, strerror(-result));
		lade_diagnose_denied_name(search->kernel, *search->which == '/' ? "BPF_OBJ_GET" : word->by_id, -result,
					  finding);
		return result;
	}
	return lade_fail(search->error, -result, result == -ENOENT ? word->unknown : word->open, "%s %s: %s",
			 word->thing, search->which, strerror(-result));
}

static int refuse_kind(const struct search *search)
{
	const struct words *word = &words[search->kind];
	return lade_fail(search->error, EINVAL, word->open, "%s is no %s", search->which, word->thing);
}

static int check_kind(const struct search *search, int fd, struct found *found)
{
	if (fd < 0)
		return refuse_open(search, fd);
	if (lade_bpf_is_other(fd, words[search->kind].anon)) {
		(void)fd_close(fd);
		return refuse_kind(search);
	}
	found->fd = fd;
	return 0;
}

/* Kernels before 4.15 open pins in one way only, and say EINVAL to any other. */
static int open_path(const struct search *search, const char *path)
{
	int fd = lade_bpf_obj_get_as(search->kernel, path, search->flags);
	bool is_old = fd == -EINVAL && search->kind == FOUND_PROGRAM && search->flags;
	return is_old ? lade_bpf_obj_get_as(search->kernel, path, 0) : fd;
}

static int refuse_mode(const struct search *search, const char *path)
{
	const struct words *word = &words[search->kind];
	struct lade_finding *finding = lade_error_add(search->error, EACCES, word->open, "%s %s: %s", word->thing,
						      search->which, strerror(EACCES));
	lade_pin_explain_access(finding, path, search->flags);
	return -EACCES;
}

static int by_path(const struct search *search, const char *path, struct found *found)
{
	int fd = open_path(search, path);
	return fd == -EACCES ? refuse_mode(search, path) : check_kind(search, fd, found);
}

static int fd_of_id(const struct search *search, uint32_t id)
{
	return search->kind == FOUND_MAP ? lade_bpf_map_by_id_as(search->kernel, id, search->flags)
					 : lade_bpf_prog_by_id(search->kernel, id);
}

bool lade_map_number(const char *text, uint32_t *ret_number)
{
	char *end;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (errno || *end || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

/* ---- of an instance ---- */

/* Is it this instance's? 1: found, and opened. */
static int among_pins(const struct search *search, const struct lade_state *state, const char *name,
		      struct found *found)
{
	for (size_t i = 0; i < lade_state_count(state); i++)
		for (size_t j = 0; j < lade_state_pin_count(state, i); j++) {
			struct lade_pin_info pin = { .size = sizeof pin };
			struct lade_state_entry entry = { .size = sizeof entry };
			if (lade_state_pin(state, i, j, &pin) < 0 || pin.kind != words[search->kind].pin || !pin.name ||
			    strcmp(pin.name, name) != 0 || lade_state_entry(state, i, &entry) < 0)
				continue;
			int result = by_path(search, pin.path, found);
			if (result < 0)
				return result;
			found->name = strdup(name);
			found->instance = strdup(entry.name);
			return found->name && found->instance ? 1 : lade_fail_memory(search->error);
		}
	return 0;
}

static void say_near(const struct search *search, const struct lade_state *state, const char *name,
		     struct lade_finding *finding)
{
	struct similar_names similar = { .wanted = name };
	for (size_t i = 0; i < lade_state_count(state); i++)
		for (size_t j = 0; j < lade_state_pin_count(state, i); j++) {
			struct lade_pin_info pin = { .size = sizeof pin };
			if (lade_state_pin(state, i, j, &pin) == 0 && pin.kind == words[search->kind].pin && pin.name)
				finding_evidence(finding, "there is %s", pin.name);
			if (pin.name && pin.kind == words[search->kind].pin)
				lade_similar_consider(&similar, pin.name);
		}
	if (similar.count)
		finding_fix(finding, "did you mean %s?", similar.names[0]);
	lade_similar_clear(&similar);
}

/* 1: found; 0: there is no such instance. */
static int in_instance(const struct search *search, const char *instance, const char *name, struct found *found)
{
	CLEANUP(cleanup_map_state) struct lade_state *state = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *ignored = NULL;
	if (lade_state_read(search->context, instance, &state, &ignored) < 0 || !lade_state_count(state))
		return 0;
	int result = among_pins(search, state, name, found);
	if (result)
		return result;
	const struct words *word = &words[search->kind];
	struct lade_finding *finding =
		lade_error_add(search->error, ENOENT, word->unknown, "%s has no %s %s", instance, word->thing, name);
	say_near(search, state, name, finding);
	return -ENOENT;
}

/* "demo/counts", else a path below bpffs. */
static int by_slash(const struct search *search, struct found *found)
{
	const char *slash = strrchr(search->which, '/');
	CLEANUP(cleanup_free) char *instance = strndup(search->which, (size_t)(slash - search->which));
	CLEANUP(cleanup_free) char *path = NULL;
	if (!instance)
		return lade_fail_memory(search->error);
	int result = lade_path_resolve(search->context, search->which, &path);
	if (result == -ENOMEM)
		return lade_fail_memory(search->error);
	if (path && lade_path_exists(path))
		return by_path(search, path, found);
	result = *instance && slash[1] ? in_instance(search, instance, slash + 1, found) : 0;
	if (result)
		return result < 0 ? result : 0;
	return refuse_open(search, -ENOENT);
}

/* A pin right below bpffs. 1: found; 0: there is none. */
static int by_pin(const struct search *search, struct found *found)
{
	CLEANUP(cleanup_free) char *path = NULL;
	int result = lade_path_resolve(search->context, search->which, &path);
	if (result == -ENOMEM)
		return lade_fail_memory(search->error);
	if (!path || !lade_path_exists(path))
		return 0;
	result = by_path(search, path, found);
	return result < 0 ? result : 1;
}

/* ---- by the kernel's name ---- */

static void name_of(const struct search *search, int fd, char name[BPF_OBJ_NAME_LEN + 1])
{
	struct bpf_map_info map;
	struct bpf_prog_info program;
	name[0] = name[BPF_OBJ_NAME_LEN] = '\0';
	if (search->kind == FOUND_MAP && lade_bpf_map_info(search->kernel, fd, &map) == 0)
		memcpy(name, map.name, sizeof map.name);
	if (search->kind == FOUND_PROGRAM && lade_bpf_prog_info(search->kernel, fd, &program) == 0)
		memcpy(name, program.name, sizeof program.name);
}

struct by_name {
	uint32_t ids[8];
	size_t count;
	struct similar_names similar;
};

static int walk_names(const struct search *search, struct by_name *matches)
{
	uint32_t id = 0;
	int result;
	while ((result = lade_bpf_next_id(search->kernel, words[search->kind].next_id, id, &id)) == 0) {
		char name[BPF_OBJ_NAME_LEN + 1];
		CLEANUP(cleanup_fd)
		int fd = search->kind == FOUND_MAP ? lade_bpf_map_by_id(search->kernel, id)
						   : lade_bpf_prog_by_id(search->kernel, id);
		if (fd < 0) /* gone meanwhile, or not for us */
			continue;
		name_of(search, fd, name);
		if (strncmp(name, search->which, BPF_OBJ_NAME_LEN - 1) == 0 && *name) {
			if (matches->count < ELEMENTS(matches->ids))
				matches->ids[matches->count] = id;
			matches->count++;
		} else if (*name) {
			lade_similar_consider(&matches->similar, name);
		}
	}
	return result == -ENOENT ? 0 : result;
}

/* The name of something loaded stands for one of its maps or programs, and does not say for which. */
static void name_parts(const struct search *search, struct lade_finding *finding)
{
	CLEANUP(cleanup_map_state) struct lade_state *state = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *ignored = NULL;
	const struct words *word = &words[search->kind];
	size_t count = 0;
	if (lade_state_read(search->context, search->which, &state, &ignored) < 0)
		return;
	for (size_t i = 0; i < lade_state_count(state); i++)
		for (size_t j = 0; j < lade_state_pin_count(state, i); j++) {
			struct lade_pin_info pin = { .size = sizeof pin };
			if (lade_state_pin(state, i, j, &pin) < 0 || pin.kind != word->pin || !pin.name)
				continue;
			finding_evidence(finding, "%s is loaded, with the %s %s", search->which, word->thing, pin.name);
			if (count++ == 0)
				finding_fix(finding, "name the %s, too: %s/%s", word->thing, search->which, pin.name);
		}
}

static int refuse_name(const struct search *search, const struct by_name *matches)
{
	const struct words *word = &words[search->kind];
	if (matches->count > 1) {
		struct lade_finding *finding =
			lade_error_add(search->error, EINVAL, word->ambiguous, "%zu %ss are called %s", matches->count,
				       word->thing, search->which);
		for (size_t i = 0; i < matches->count && i < ELEMENTS(matches->ids); i++)
			finding_evidence(finding, "id:%u", matches->ids[i]);
		return -EINVAL;
	}
	struct lade_finding *finding = lade_error_add(search->error, ENOENT, word->unknown, "there is no %s called %s",
						      word->thing, search->which);
	if (matches->similar.count)
		finding_fix(finding, "did you mean %s?", matches->similar.names[0]);
	name_parts(search, finding);
	return -ENOENT;
}

static int by_kernel_name(const struct search *search, struct found *found)
{
	struct by_name matches = { .similar.wanted = search->which };
	int result = walk_names(search, &matches);
	if (result < 0)
		result = refuse_open(search, result);
	else if (matches.count == 1)
		result = check_kind(search, fd_of_id(search, matches.ids[0]), found);
	else
		result = refuse_name(search, &matches);
	lade_similar_clear(&matches.similar);
	return result;
}

/* ---- all together ---- */

static int by_descriptor(const struct search *search, uint32_t number, struct found *found)
{
	int fd = number <= INT32_MAX ? fcntl((int)number, F_DUPFD_CLOEXEC, 3) : -1;
	return check_kind(search, fd < 0 ? -EBADF : fd, found);
}

static int find(const struct search *search, const char *hint, struct found *found)
{
	const char *which = search->which;
	uint32_t number;
	if (lade_map_number(which, &number) || (strncmp(which, "id:", 3) == 0 && lade_map_number(which + 3, &number)))
		return check_kind(search, fd_of_id(search, number), found);
	if (strncmp(which, "fd:", 3) == 0 && lade_map_number(which + 3, &number))
		return by_descriptor(search, number, found);
	if (which[0] == '/')
		return by_path(search, which, found);
	if (strchr(which, '/'))
		return by_slash(search, found);
	int result = hint ? in_instance(search, hint, which, found) : 0;
	if (result > 0)
		return 0;
	if (result < 0 && search->error)
		*search->error = lade_error_free(*search->error);
	result = by_pin(search, found);
	if (result)
		return result < 0 ? result : 0;
	return by_kernel_name(search, found);
}

int lade_find_fd(struct lade_context *context, enum found_kind kind, const char *which, const char *hint,
		 uint32_t flags, struct found *ret_found, struct lade_error **error)
{
	struct search search = { .context = context, .kind = kind, .which = which, .flags = flags, .error = error };
	struct found found = { .fd = -1 };
	int result = lade_context_kernel(context, &search.kernel, error);
	if (result == 0)
		result = find(&search, hint, &found);
	if (result < 0)
		lade_found_clear(&found);
	else
		*ret_found = found;
	return result;
}

LADE_API int lade_map_get(struct lade_context *context, const char *which, struct lade_error **error)
{
	struct found found = { .fd = -1 };
	int result = lade_find_fd(context, FOUND_MAP, which, NULL, 0, &found, error);
	int fd = result < 0 ? result : take_fd(&found.fd);
	if (result == 0)
		lade_found_clear(&found);
	return fd;
}
