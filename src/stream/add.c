/* SPDX-License-Identifier: BSD-2-Clause */
/* Buffers that somebody loaded before: by name of an instance, pin or id, with the types that the kernel keeps. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <lade/state.h>

#include "kernel/bpf.h"
#include "kernel/elements.h"
#include "stream/buffer.h"

#define LISTED 8 /* buffers in a message */

/* ---- types ---- */

/* NULL in *ret_types: none are known. */
static int types_of_btf(struct lade_stream *stream, uint32_t btf_id, struct record_types **ret_types,
			struct lade_error **error)
{
	array_foreach(known, &stream->types)
		if ((*known)->btf_id == btf_id && *known != stream->object_types) {
			*ret_types = *known;
			return 0;
		}
	struct record_types *types = lade_stream_add_types(stream);
	if (!types)
		return lade_fail_memory(error);
	int result = lade_record_types_of_kernel(types, stream->kernel, btf_id, error);
	if (result == 0)
		*ret_types = types;
	return result;
}

static int types_of_object(struct lade_stream *stream, struct record_types **ret_types, struct lade_error **error)
{
	if (!stream->object_types) {
		stream->object_types = lade_stream_add_types(stream);
		if (!stream->object_types || lade_record_types_of_object(stream->object_types, stream->object) < 0)
			return lade_fail_memory(error);
	}
	*ret_types = stream->object_types;
	return 0;
}

/* btf_id: of a program that was loaded together with the map; 0: the kernel is asked who uses it. */
static int find_types(struct lade_stream *stream, int map_fd, uint32_t btf_id, struct record_types **ret_types,
		      struct lade_error **error)
{
	if (stream->object)
		return types_of_object(stream, ret_types, error);
	uint32_t used = lade_btf_id_of_map(stream->kernel, map_fd);
	btf_id = used ? used : btf_id;
	return btf_id ? types_of_btf(stream, btf_id, ret_types, error) : 0;
}

static void note_no_types(struct lade_stream *stream, const char *name)
{
	struct lade_finding *finding = lade_note_add(&stream->notes, "stream.no-types",
						     "%s: no BTF is known: its records are shown as bytes", name);
	finding_map(finding, name);
	finding_fix(finding, "--obj FILE names the object that it was loaded from; compiled with clang -g it has BTF");
}

static int add(struct lade_stream *stream, const char *name, int fd, uint32_t btf_id, struct lade_error **error)
{
	struct record_types *types = NULL;
	int result = find_types(stream, fd, btf_id, &types, error);
	if (result < 0)
		return result;
	if (!types || !types->btf)
		note_no_types(stream, name);
	uint32_t declared = types ? lade_record_types_declared(types, name) : 0;
	return lade_stream_add_buffer(stream, name, fd, types, declared, error);
}

/* ---- a map ---- */

/* Some buffers of this kernel, as what could have been meant. */
static void list_buffers(struct lade_stream *stream, struct lade_finding *finding)
{
	uint32_t id = 0;
	for (unsigned listed = 0;
	     listed < LISTED && lade_bpf_next_id(stream->kernel, BPF_MAP_GET_NEXT_ID, id, &id) >= 0;) {
		struct bpf_map_info info = { 0 };
		int fd = lade_bpf_map_by_id(stream->kernel, id);
		if (fd >= 0 && lade_bpf_map_info(stream->kernel, fd, &info) >= 0 && lade_is_record_buffer(info.type)) {
			finding_evidence(finding, "%s is a %s: id:%u", info.name, lade_map_type_name(info.type), id);
			listed++;
		}
		(void)fd_close(fd);
	}
}

static int fail_other_map(struct lade_stream *stream, const char *name, uint32_t type, struct lade_error **error)
{
	const char *word = lade_map_type_name(type);
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "stream.map.no-buffer",
			       "%s is a map of type %s: no records come out of it", name, word ? word : "unknown");
	finding_map(finding, name);
	list_buffers(stream, finding);
	return -EINVAL;
}

int lade_stream_add_map(struct lade_stream *stream, int map_fd, const char *name, struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	int result = lade_bpf_is_other(map_fd, "bpf-map") ? -EINVAL : lade_bpf_map_info(stream->kernel, map_fd, &info);
	if (result < 0)
		return lade_fail(error, -result, "stream.map.none", "%s is no map: %s", name ? name : "the descriptor",
				 strerror(-result));
	char known[sizeof info.name + 1] = "";
	memcpy(known, info.name, sizeof info.name);
	if (!name && !*known)
		(void)snprintf(known, sizeof known, "id:%u", info.id);
	if (!lade_is_record_buffer(info.type))
		return fail_other_map(stream, name ? name : known, info.type, error);
	return add(stream, name ? name : known, map_fd, 0, error);
}

static int fail_missing(const char *which, int result, struct lade_error **error)
{
	return lade_fail(error, -result,
			 result == -EPERM || result == -EACCES ? "stream.permission" : "stream.map.none", "%s: %s",
			 which, strerror(-result));
}

static int add_id(struct lade_stream *stream, const char *which, struct lade_error **error)
{
	char *end;
	errno = 0;
	unsigned long id = strtoul(which + 3, &end, 10);
	if (errno || end == which + 3 || *end || id == 0 || id > UINT32_MAX)
		return lade_fail(error, EINVAL, "stream.map.none", "%s: id:N wants a number", which);
	int fd = lade_bpf_map_by_id(stream->kernel, (uint32_t)id);
	if (fd < 0)
		return fail_missing(which, fd, error);
	int result = lade_stream_add_map(stream, fd, NULL, error);
	(void)fd_close(fd);
	return result;
}

/* The pin is called as the map is, but whole. */
static int add_pin(struct lade_stream *stream, const char *path, struct lade_error **error)
{
	const char *slash = strrchr(path, '/');
	int fd = lade_bpf_obj_get(stream->kernel, path);
	if (fd < 0)
		return fail_missing(path, fd, error);
	int result = lade_stream_add_map(stream, fd, slash ? slash + 1 : path, error);
	(void)fd_close(fd);
	return result;
}

/* ---- an instance ---- */

static uint32_t btf_of_programs(struct lade_stream *stream, const struct lade_state *state, size_t entry)
{
	struct lade_pin_info pin = { .size = sizeof pin };
	for (size_t i = 0; lade_state_pin(state, entry, i, &pin) == 0; i++) {
		struct bpf_prog_info info = { 0 };
		int fd = pin.kind == LADE_PINNED_PROGRAM ? lade_bpf_obj_get(stream->kernel, pin.path) : -1;
		if (fd >= 0 && lade_bpf_prog_info(stream->kernel, fd, &info) < 0)
			info.btf_id = 0;
		(void)fd_close(fd);
		if (info.btf_id)
			return info.btf_id;
	}
	return 0;
}

static bool is_buffer_pin(const struct lade_pin_info *pin)
{
	return pin->kind == LADE_PINNED_MAP && pin->type_name &&
	       (strcmp(pin->type_name, "ringbuf") == 0 || strcmp(pin->type_name, "perf_event_array") == 0);
}

/* map NULL: all. */
static int add_entry(struct lade_stream *stream, const struct lade_state *state, size_t entry, const char *map,
		     size_t *ret_count, struct lade_error **error)
{
	uint32_t btf_id = btf_of_programs(stream, state, entry);
	struct lade_pin_info pin = { .size = sizeof pin };
	for (size_t i = 0; lade_state_pin(state, entry, i, &pin) == 0; i++) {
		bool is_meant = map ? pin.kind == LADE_PINNED_MAP && strcmp(pin.name, map) == 0 : is_buffer_pin(&pin);
		if (!is_meant)
			continue;
		int fd = lade_bpf_obj_get(stream->kernel, pin.path);
		int result = fd < 0                ? fail_missing(pin.path, fd, error)
			     : is_buffer_pin(&pin) ? add(stream, pin.name, fd, btf_id, error)
						   : lade_stream_add_map(stream, fd, pin.name, error);
		(void)fd_close(fd);
		if (result < 0)
			return result;
		++*ret_count;
	}
	return 0;
}

static int add_instance(struct lade_stream *stream, const char *which, const char *map, struct lade_error **error)
{
	struct lade_state *state = NULL;
	size_t count = 0;
	int result = lade_state_read(stream->context, which, &state, error);
	for (size_t i = 0; result >= 0 && i < lade_state_count(state); i++)
		result = add_entry(stream, state, i, map, &count, error);
	(void)lade_state_free(state);
	if (result < 0 || count)
		return result < 0 ? result : 0;
	return map ? lade_fail(error, ENOENT, "stream.map.none", "%s has no map %s", which, map)
		   : lade_fail(error, ENOENT, "stream.no-buffer", "%s has no ring buffer and no perf event array",
			       which);
}

/* Was NAME of NAME/MAP found, but no such buffer in it? */
static bool is_about_map(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };
	return lade_finding_describe(lade_error_finding(error, 0), &info) == 0 && strncmp(info.code, "stream.", 7) == 0;
}

static int add_map_of(struct lade_stream *stream, const char *which, const char *slash, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *name = strndup(which, (size_t)(slash - which));
	return name ? add_instance(stream, name, slash + 1, error) : lade_fail_memory(error);
}

/* "NAME", "DIR", "NAME/MAP". When neither is found, the first is what is said. */
static int add_named(struct lade_stream *stream, const char *which, struct lade_error **error)
{
	CLEANUP(cleanup_lade_error) struct lade_error *first = NULL, *second = NULL;
	const char *slash = strrchr(which, '/');
	int result = add_instance(stream, which, NULL, &first);
	if (result == -ENOENT && slash && slash > which && slash[1] && !is_about_map(first)) {
		int again = add_map_of(stream, which, slash, &second);
		if (again == 0)
			return 0;
		if (is_about_map(second)) {
			lade_error_merge(error, &second);
			return again;
		}
	}
	lade_error_merge(error, &first);
	return result;
}

/* ---- what is meant ---- */

/* A file that is no directory: a pin. Names are looked for below bpffs. */
static bool is_pin(const struct lade_stream *stream, const char *which, char path[PATH_MAX])
{
	struct stat status;
	int length = *which == '/' ? snprintf(path, PATH_MAX, "%s", which)
				   : snprintf(path, PATH_MAX, "%s/%s", stream->context->bpffs, which);
	return length > 0 && length < PATH_MAX && stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

int lade_stream_add(struct lade_stream *stream, const char *which, struct lade_error **error)
{
	char path[PATH_MAX];
	int result = strncmp(which, "id:", 3) == 0 ? add_id(stream, which, error)
		     : is_pin(stream, which, path) ? add_pin(stream, path, error)
						   : add_named(stream, which, error);
	return result < 0 ? lade_error_context(error, result, "watching %s", which) : 0;
}
