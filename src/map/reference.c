/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values and keys that stand for something else: programs and maps, which bpf(2) takes as descriptors and gives as ids;
 * interfaces; processes, files and cgroups, which it takes as descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/bpf.h"
#include "kernel/files.h"
#include "map/live.h"
#include "stream/quote.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

void lade_references_clear(struct references *references)
{
	array_foreach(fd, references)
		(void)fd_close(*fd);
	array_clear(references);
}

/* Takes fd. */
static int keep(struct references *references, int fd, uint8_t *bytes, struct lade_error **error)
{
	int *item = array_push(references);
	if (!item) {
		(void)fd_close(fd);
		return lade_fail_memory(error);
	}
	*item = fd;
	memcpy(bytes, &fd, sizeof fd);
	return 1;
}

static int refuse(const struct lade_live_map *map, const char *text, int errnum, const char *wanted,
		  struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, errnum, "map.target", "map %s: %s: %s", map->name, text, strerror(errnum));
	finding_map(finding, map->name);
	finding_fix(finding, "give %s", wanted);
	return -errnum;
}

/* The value of one field in {"id":12,"name":"x"}; NULL: it has none, or is null. */
static char *field_of(const char *text, const char *wanted)
{
	struct notation reader = lade_notation(text, strlen(text));
	struct strbuf name = { 0 }, word = { 0 };
	char *found = NULL;
	bool is_quoted;
	const char *value;
	size_t length;
	char bracket = lade_notation_peek(&reader) == NOTATION_GROUP ? '}' : '\0';
	if (bracket)
		(void)lade_notation_open(&reader, '{');
	while (!found && lade_notation_more(&reader, bracket) > 0 && lade_notation_name(&reader, &name) == 0) {
		bool is_wanted = strcmp(name.text, wanted) == 0;
		enum notation_kind kind = lade_notation_peek(&reader);
		if (lade_notation_skip(&reader, &value, &length) < 0)
			break;
		struct notation inner = lade_notation(value, length);
		if (is_wanted && (kind == NOTATION_GROUP || kind == NOTATION_LIST))
			found = strndup(value, length);
		else if (is_wanted && lade_notation_word(&inner, &word, &is_quoted) == 0 &&
			 (is_quoted || strcmp(word.text, "null") != 0))
			found = strdup(word.text);
	}
	lade_strbuf_clear(&name);
	lade_strbuf_clear(&word);
	return found;
}

static bool has_fields(const char *text)
{
	return *text == '{' || strchr(text, '=');
}

/* ---- programs and maps ---- */

static int read_thing(struct lade_live_map *map, enum found_kind kind, const char *text, uint8_t *value,
		      struct references *references, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *id = has_fields(text) ? field_of(text, "id") : NULL;
	CLEANUP(cleanup_free) char *name = has_fields(text) && !id ? field_of(text, "name") : NULL;
	const char *which = id ? id : name ? name : text;
	struct found found = { .fd = -1 };
	int result = lade_find_fd(map->context, kind, which, map->instance, 0, &found, error);
	if (result < 0)
		return lade_error_context(error, result, "map %s", map->name);
	int fd = take_fd(&found.fd);
	lade_found_clear(&found);
	return keep(references, fd, value, error);
}

static void name_thing(struct lade_live_map *map, bool is_program, uint32_t id, char name[BPF_OBJ_NAME_LEN + 1])
{
	struct bpf_map_info inner;
	struct bpf_prog_info program;
	CLEANUP(cleanup_fd)
	int fd = is_program ? lade_bpf_prog_by_id(map->kernel, id) : lade_bpf_map_by_id(map->kernel, id);
	memset(name, 0, BPF_OBJ_NAME_LEN + 1);
	if (fd >= 0 && is_program && lade_bpf_prog_info(map->kernel, fd, &program) == 0)
		memcpy(name, program.name, sizeof program.name);
	if (fd >= 0 && !is_program && lade_bpf_map_info(map->kernel, fd, &inner) == 0)
		memcpy(name, inner.name, sizeof inner.name);
}

static void print_thing(struct lade_live_map *map, bool is_program, uint32_t id, bool is_json, struct strbuf *into)
{
	char name[BPF_OBJ_NAME_LEN + 1];
	name_thing(map, is_program, id, name);
	if (!is_json) {
		lade_escape_text(name, strlen(name), into);
		lade_strbuf_addf(into, "%sid:%u", *name ? " " : "", id);
		return;
	}
	lade_strbuf_addf(into, "{\"id\":%u,\"name\":", id);
	if (*name)
		lade_quote_json(name, strlen(name), into);
	else
		lade_strbuf_add(into, "null");
	lade_strbuf_add(into, "}");
}

/* ---- interfaces ---- */

static int read_interface(struct lade_live_map *map, const char *text, uint8_t *value, struct references *references,
			  struct lade_error **error)
{
	CLEANUP(cleanup_free) char *number = has_fields(text) ? field_of(text, "ifindex") : NULL;
	CLEANUP(cleanup_free) char *name = has_fields(text) && !number ? field_of(text, "interface") : NULL;
	CLEANUP(cleanup_free) char *program = has_fields(text) ? field_of(text, "program") : NULL;
	const char *word = number ? number : name ? name : text;
	uint32_t index;
	if (map->info.value_size < sizeof index)
		return 0;
	memset(value, 0, map->info.value_size);
	if (!lade_map_number(word, &index))
		index = if_nametoindex(word);
	if (!index)
		return refuse(map, word, ENODEV, "an interface by name or number", error);
	memcpy(value, &index, sizeof index);
	if (map->info.value_size < 8)
		return 1;
	int none = 0; /* a descriptor of no program: the kernel's older form has none, the newer takes 0 or less */
	memcpy(value + 4, &none, sizeof none);
	return program ? read_thing(map, FOUND_PROGRAM, program, value + 4, references, error) : 1;
}

static void print_interface(struct lade_live_map *map, const uint8_t *value, bool is_json, struct strbuf *into)
{
	char name[IF_NAMESIZE] = "";
	uint32_t index, program = 0;
	memcpy(&index, value, sizeof index);
	if (map->info.value_size >= 8)
		memcpy(&program, value + 4, sizeof program);
	bool has_name = if_indextoname(index, name);
	if (!is_json) {
		lade_strbuf_addf(into, has_name ? "%s" : "%s%u", has_name ? name : "", index);
		if (program)
			lade_strbuf_add(into, " program ");
		if (program)
			print_thing(map, true, program, false, into);
		return;
	}
	lade_strbuf_addf(into, "{\"ifindex\":%u,\"interface\":", index);
	if (has_name)
		lade_quote_json(name, strlen(name), into);
	else
		lade_strbuf_add(into, "null");
	if (program) {
		lade_strbuf_add(into, ",\"program\":");
		print_thing(map, true, program, true, into);
	}
	lade_strbuf_add(into, "}");
}

/* ---- what is opened ---- */

static int result_of(long result)
{
	return result < 0 ? -errno : (int)result;
}

static int open_process(uint32_t pid)
{
	return lade_fd_above_standard(result_of(syscall(SYS_pidfd_open, pid, 0)));
}

/* "12:5": descriptor 5 of process 12. */
static int open_of_process(const char *text)
{
	char *end;
	unsigned long pid = strtoul(text, &end, 10);
	uint32_t number;
	if (*text < '0' || *text > '9' || *end != ':' || pid > INT32_MAX || !lade_map_number(end + 1, &number))
		return -EINVAL;
	CLEANUP(cleanup_fd) int process = open_process((uint32_t)pid);
	return process < 0 ? process : lade_fd_above_standard(result_of(syscall(SYS_pidfd_getfd, process, number, 0)));
}

static int open_task(const char *text)
{
	uint32_t pid;
	if (strncmp(text, "pid:", 4) != 0 || !lade_map_number(text + 4, &pid))
		return -EINVAL;
	return open_process(pid);
}

static int open_file(const char *text)
{
	if (strncmp(text, "file:", 5) != 0)
		return -EINVAL;
	return lade_fd_above_standard(result_of(open(text + 5, O_PATH | O_CLOEXEC)));
}

static int open_cgroup(const char *text)
{
	if (strncmp(text, "cgroup:", 7) != 0)
		return -EINVAL;
	return lade_fd_above_standard(result_of(open(text + 7, O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
}

static int open_socket(const char *text)
{
	uint32_t number;
	if (strncmp(text, "pid:", 4) == 0)
		return open_of_process(text + 4);
	if (strncmp(text, "fd:", 3) != 0 || !lade_map_number(text + 3, &number))
		return -EINVAL;
	return result_of(fcntl((int)number, F_DUPFD_CLOEXEC, 3));
}

struct opener {
	int (*open)(const char *text);
	const char *wanted;
};

static const struct opener key_openers[] = {
	[KEY_TASK] = { open_task, "pid:N" },
	[KEY_FILE] = { open_file, "file:PATH" },
	[KEY_CGROUP] = { open_cgroup, "cgroup:PATH" },
	[KEY_SOCKET] = { open_socket, "pid:N:FD, descriptor FD of process N" },
};

static const struct opener value_openers[] = {
	[CONTENT_CGROUP] = { open_cgroup, "cgroup:PATH" },
	[CONTENT_SOCKET] = { open_socket, "pid:N:FD, descriptor FD of process N" },
};

static int read_opened(struct lade_live_map *map, const struct opener *opener, const char *text, size_t size,
		       uint8_t *bytes, struct references *references, struct lade_error **error)
{
	if (size < sizeof(int))
		return 0;
	int fd = opener->open(text);
	if (fd < 0)
		return refuse(map, text, -fd, opener->wanted, error);
	memset(bytes, 0, size);
	if (size < 8)
		return keep(references, fd, bytes, error);
	uint64_t wide = (uint64_t)fd; /* sockmaps whose values have 8 bytes */
	int result = keep(references, fd, bytes, error);
	if (result > 0)
		memcpy(bytes, &wide, sizeof wide);
	return result;
}

/* ---- all ---- */

bool lade_key_is_opened(const struct lade_live_map *map)
{
	size_t kind = map->kind->key;
	return kind < ELEMENTS(key_openers) && key_openers[kind].open;
}

int lade_reference_key(struct lade_live_map *map, const char *text, uint8_t *key, struct references *references,
		       struct lade_error **error)
{
	if (!lade_key_is_opened(map))
		return 0;
	return read_opened(map, &key_openers[map->kind->key], text, map->info.key_size, key, references, error);
}

int lade_reference_read(struct lade_live_map *map, const char *text, uint8_t *value, struct references *references,
			struct lade_error **error)
{
	size_t content = map->kind->content;
	if (strncmp(text, "hex:", 4) == 0)
		return 0;
	if (content == CONTENT_PROGRAM || content == CONTENT_MAP)
		return read_thing(map, content == CONTENT_PROGRAM ? FOUND_PROGRAM : FOUND_MAP, text, value, references,
				  error);
	if (content == CONTENT_INTERFACE)
		return read_interface(map, text, value, references, error);
	if (content >= ELEMENTS(value_openers) || !value_openers[content].open)
		return 0;
	return read_opened(map, &value_openers[content], text, map->info.value_size, value, references, error);
}

bool lade_reference_print(struct lade_live_map *map, const uint8_t *value, bool is_json, struct strbuf *into)
{
	uint32_t id;
	enum map_content content = map->kind->content;
	if (map->info.value_size < sizeof id)
		return false;
	memcpy(&id, value, sizeof id);
	if (content == CONTENT_PROGRAM || content == CONTENT_MAP)
		print_thing(map, content == CONTENT_PROGRAM, id, is_json, into);
	else if (content == CONTENT_INTERFACE)
		print_interface(map, value, is_json, into);
	else
		return false;
	return true;
}
