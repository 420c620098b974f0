/* SPDX-License-Identifier: BSD-2-Clause */
/* Is an object loaded already? Asked of its instance's journal and of the pins. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load/places.h"
#include "object/pin_place.h"
#include "txn/internal.h"

struct question {
	struct lade_context *context;
	struct kernel *kernel;
	const struct lade_object *object;
	char *directory;        /* of the instance; NULL: there is none */
	struct journal journal; /* its own */
	size_t there;
	char *missing; /* the first path that should be there, or holds something else; NULL: none */
	struct lade_error **error;
};

/* A part of the object, map or program. */
struct part {
	const struct pin_place *place;
	const char *name;
	bool is_program, may_be_missing;
};

static int miss(struct question *question, const char *path)
{
	if (!question->missing)
		question->missing = strdup(path);
	return question->missing ? 0 : lade_fail_memory(question->error);
}

static bool names(const struct question *question, const char *path, uint32_t id, bool is_program)
{
	array_foreach(entry, &question->journal) {
		struct shared_pin pin;
		if (lade_shared_parse(entry, &pin) && pin.id == id && pin.is_program == is_program &&
		    strcmp(pin.path, path) == 0)
			return true;
	}
	return false;
}

/* The very map or program that the instance's own words speak of; then it does not matter whose the pin is. */
static int compare(struct question *question, const struct part *part, const char *path)
{
	int64_t id = lade_pinned_id(question->kernel, path, part->is_program);
	bool fits = id >= 0 && names(question, path, (uint32_t)id, part->is_program);

	return fits || (id == -ENOENT && part->may_be_missing) ? 0 : miss(question, path);
}

/* Somebody else's, which a load would use. */
static int find(struct question *question, const struct part *part, const char *path)
{
	const struct txn_outside what = {
		.is_program = part->is_program, .name = part->name, .path = path, .place = part->place
	};
	CLEANUP(cleanup_fd) int fd = lade_outside_find(question->context, question->kernel, &what, question->error);

	question->there += fd >= 0;
	return fd < 0 && fd != -ENOENT ? fd : 0;
}

static int look(struct question *question, const struct part *part)
{
	CLEANUP(cleanup_free) char *path = NULL;
	int r = lade_path_resolve(question->context, part->place->path, &path);

	if (r < 0)
		return r == -ENOMEM ? lade_fail_memory(question->error)
				    : lade_fail(question->error, EINVAL, "pin.path", "nothing can be pinned at \"%s\"",
						part->place->path);
	return question->directory ? compare(question, part, path) : find(question, part, path);
}

/* Pinned in the instance's own directory. */
static int look_inside(struct question *question, const struct part *part)
{
	CLEANUP(cleanup_free) char *leaf = lade_safe_name(part->name);
	CLEANUP(cleanup_free) char *path = NULL;

	if (!question->directory || part->may_be_missing)
		return 0;
	if (leaf)
		path = lade_path("%s/%s/%s", question->directory, part->is_program ? "progs" : "maps", leaf);
	if (!path)
		return lade_fail_memory(question->error);
	return lade_path_exists(path) ? 0 : miss(question, path);
}

/* Also what a load of another version of the object has pinned. */
static int look_at_journal(struct question *question)
{
	array_foreach(entry, &question->journal) {
		struct shared_pin pin;
		int r = lade_shared_parse(entry, &pin) && !lade_path_exists(pin.path) ? miss(question, pin.path) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int look_at_maps(struct question *question)
{
	array_foreach(item, &question->object->maps) {
		const struct lade_map *map = *item;
		const struct part part = { .place = map->place, .name = map->name };
		bool is_made = !map->skip && !map->inner_only && !map->asleep && !map->reuse_only && map->reuse_fd < 0;
		int r = !is_made || (!map->place && map->pinning != LADE_PIN_OBJECT) ? 0
			: map->place                                                 ? look(question, &part)
										     : look_inside(question, &part);
		if (r < 0)
			return r;
	}
	return 0;
}

static int look_at_programs(struct question *question)
{
	array_foreach(item, &question->object->programs) {
		const struct lade_program *program = *item;
		const struct part part = { .place = program->place,
					   .name = program->name,
					   .is_program = true,
					   .may_be_missing = program->policy && program->policy->optional };
		bool is_loaded = program->autoload && !program->skip;
		int r = !is_loaded ? 0 : program->place ? look(question, &part) : look_inside(question, &part);
		if (r < 0)
			return r;
	}
	return 0;
}

/* question->directory stays NULL where there is none. */
static int find_instance(struct question *question, const struct lade_object_loaded_opts *opts)
{
	const char *name = opts->name ? opts->name : question->object->name;
	CLEANUP(cleanup_free) char *safe = lade_safe_name(name);
	CLEANUP(cleanup_free) char *path = NULL;

	if (!safe)
		return lade_fail_memory(question->error);
	if (!opts->pin_dir)
		path = lade_path("%s/lade/%s", question->context->bpffs, safe);
	else if (lade_path_resolve(question->context, opts->pin_dir, &path) == -EINVAL)
		return 0;
	if (!path)
		return lade_fail_memory(question->error);
	if (lade_path_exists(path) && lade_is_instance(path, &question->journal))
		question->directory = TAKE(path);
	return 0;
}

static int ask(struct question *question, const struct lade_object_loaded_opts *opts)
{
	int r = find_instance(question, opts);

	if (r == 0)
		r = look_at_maps(question);
	if (r == 0)
		r = look_at_programs(question);
	return r < 0 ? r : look_at_journal(question);
}

int lade_object_is_loaded(const struct lade_object *object, const struct lade_object_loaded_opts *opts,
			  enum lade_object_loaded *ret_loaded, char **ret_missing, struct lade_error **error)
{
	struct question question = { .context = object->context, .object = object, .error = error };
	int r = lade_context_kernel(object->context, &question.kernel, error);

	if (r < 0)
		return r;
	r = ask(&question, opts);
	CLEANUP(cleanup_free) char *directory = question.directory;
	CLEANUP(cleanup_free) char *missing = question.missing;
	lade_journal_clear(&question.journal);
	if (r < 0)
		return r;
	if (directory)
		*ret_loaded = missing ? OBJECT_PARTLY_LOADED : OBJECT_LOADED;
	else
		*ret_loaded = question.there ? OBJECT_PARTLY_LOADED : OBJECT_NOT_LOADED;
	if (ret_missing)
		*ret_missing = TAKE(missing);
	return 0;
}
