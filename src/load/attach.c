/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching the programs of an instance, inside a load and after it. */
#include <errno.h>
#include <string.h>

#include "load/loader.h"

static struct attach_program describe(const struct loaded_program *program)
{
	return (struct attach_program){
		.name = program->name,
		.section = program->section,
		.fd = program->fd,
		.type = program->type,
		.row = program->row,
		.attach_target = program->attach_target,
	};
}

static int pin(struct lade_instance *instance, const char *program, const struct attachment *attachment,
	       struct lade_error **error)
{
	if (!instance->name || !attachment->is_link)
		return 0;
	return lade_txn_pin(instance->txn, TXN_PIN_LINK, attachment->fd, NULL, program, attachment->target, error);
}

/* A pinned instance outlives the process; an attachment that lives in a descriptor does not. */
static int refuse_unpinnable(const struct lade_instance *instance, const char *program,
			     const struct attachment *attachment, struct lade_error **error)
{
	bool is_journalled = attachment->txn && attachment->fd < 0;
	struct lade_finding *finding;

	if (!instance->name || attachment->is_link || is_journalled)
		return 0;
	finding = lade_error_add(error, EOPNOTSUPP, "attach.not-pinnable",
				 "%s: the attachment of %s to %s ends with this process", instance->name, program,
				 attachment->target);
	finding_program(finding, program);
	return -EOPNOTSUPP;
}

int lade_instance_keep_attachments(struct lade_instance *instance, uint32_t program, const char *name,
				   struct attachments *attachments, struct lade_error **error)
{
	size_t before = instance->links.count;

	array_foreach(attachment, attachments) {
		struct loaded_link *link;
		int r = refuse_unpinnable(instance, name, attachment, error);
		if (r == 0)
			r = pin(instance, name, attachment, error);
		if (r < 0)
			return r;
		link = array_push(&instance->links);
		if (!link)
			return lade_fail_memory(error);
		link->program = program;
		link->attachment = *attachment;
		link->table = program == NO_INDEX ? strdup(name) : NULL;
		if (program == NO_INDEX && !link->table)
			return lade_fail_memory(error);
		*attachment = (struct attachment){ .fd = -1, .event_fd = -1 };
	}
	/* What a pinned instance has made outside stays when its handle is closed. */
	for (size_t i = before; instance->name && i < instance->links.count; i++)
		instance->links.items[i].attachment.txn = NULL;
	return 0;
}

static int attach(struct lade_instance *instance, uint32_t program, const char *text, struct lade_error **error)
{
	struct attach_program what = describe(&instance->programs.items[program]);
	struct attach_target target = { .kind = TARGET_NONE };
	struct attachments attachments = { 0 };
	int r = text ? lade_target_parse(text, &target, error) : 0;

	if (r == 0)
		r = lade_attach(instance->context, instance->txn, &what, &target, &attachments, error);
	if (r >= 0)
		r = lade_instance_keep_attachments(instance, program, what.name, &attachments, error);
	lade_attachments_clear(&attachments);
	lade_target_clear(&target);
	return r < 0 ? r : 0;
}

static bool fits(const struct loader *loader, const struct operation *operation)
{
	struct attach_program program = describe(&loader->instance->programs.items[operation->program]);
	struct attach_target target = { .kind = TARGET_NONE };
	bool does =
		lade_target_parse(operation->attach_target, &target, NULL) == 0 && lade_attach_fits(&program, &target);

	lade_target_clear(&target);
	return does;
}

/* A target without a program goes to every program it fits; when it fits none, the first one says why. */
static bool fits_another(const struct loader *loader, const struct operation *operation)
{
	array_foreach(other, &loader->plan->operations)
		if (other != operation && other->kind == OPERATION_ATTACH && other->attach_if_fits &&
		    strcmp(other->attach_target, operation->attach_target) == 0 && fits(loader, other))
			return true;
	return false;
}

int lade_load_attach(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	if (operation->map != NO_INDEX)
		return lade_load_attach_table(loader, operation, error);
	if (operation->attach_if_fits && !fits(loader, operation) && fits_another(loader, operation))
		return 0;
	return attach(loader->instance, operation->program, operation->attach_target, error);
}

static int find_loaded(const struct lade_instance *instance, const char *name, uint32_t *ret_index)
{
	for (uint32_t i = 0; i < instance->programs.count; i++) {
		const struct loaded_program *program = &instance->programs.items[i];
		if (program->fd >= 0 && (strcmp(program->name, name) == 0 || strcmp(program->section, name) == 0)) {
			*ret_index = i;
			return 0;
		}
	}
	return -ENOENT;
}

static const struct loaded_map *find_table(const struct lade_instance *instance, const char *name)
{
	array_foreach(map, &instance->maps)
		if (map->ops && strcmp(map->name, name) == 0)
			return map;
	return NULL;
}

LADE_API int lade_instance_attach(struct lade_instance *instance, const char *program, const char *target,
				  struct lade_error **error)
{
	const struct loaded_map *table = target ? NULL : find_table(instance, program);
	size_t links = instance->links.count;
	uint32_t index;
	int r;

	if (table)
		return lade_instance_attach_table(instance, table, error);
	if (find_loaded(instance, program, &index) < 0)
		return lade_fail(error, ENOENT, "plan.attach.program", "%s: no loaded program %s",
				 instance->name ? instance->name : "instance", program);
	r = attach(instance, index, target, error);
	/* Some of several attachments may have been kept before one failed. */
	while (r < 0 && instance->links.count > links) {
		struct loaded_link *link = &instance->links.items[--instance->links.count];
		lade_attachment_close(&link->attachment);
		free(link->pin);
		free(link->table);
	}
	return r;
}
