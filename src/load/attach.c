/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching the programs of an instance, inside a load and after it. */
#include <errno.h>
#include <string.h>

#include "load/replace.h"

struct attach_program lade_load_describe(const struct loaded_program *program)
{
	return (struct attach_program){
		.name = program->name,
		.section = program->section,
		.fd = program->fd,
		.type = program->type,
		.expected_attach_type = program->expected_attach_type,
		.row = program->row,
		.attach_target = program->attach_target,
	};
}

static int pin(struct lade_instance *instance, const char *program, const struct attachment *attachment,
	       char **ret_path, struct lade_error **error)
{
	const struct txn_link what = { program, attachment->method, attachment->target, attachment->request };

	if (!instance->name || instance->holding || !attachment->is_link)
		return 0;
	return lade_txn_pin_link(instance->txn, attachment->fd, &what, ret_path, error);
}

/* A pinned instance outlives the process; an attachment that lives in a descriptor does not. */
static int refuse_unpinnable(const struct lade_instance *instance, const char *program,
			     const struct attachment *attachment, struct lade_error **error)
{
	bool has_descriptor = attachment->fd >= 0; /* else it is journalled, or was done once (syscall) */
	struct lade_finding *finding;

	if (!instance->name || instance->holding || attachment->is_link || !has_descriptor)
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
		CLEANUP(cleanup_free) char *path = NULL;
		struct loaded_link *link;
		int r = refuse_unpinnable(instance, name, attachment, error);
		if (r == 0)
			r = pin(instance, name, attachment, &path, error);
		if (r < 0)
			return r;
		link = array_push(&instance->links);
		if (!link)
			return lade_fail_memory(error);
		link->program = program;
		link->pin = TAKE(path);
		link->is_effect = attachment->txn != NULL;
		link->attachment = *attachment;
		link->table = program == NO_INDEX ? strdup(name) : NULL;
		if (program == NO_INDEX && !link->table)
			return lade_fail_memory(error);
		*attachment = (struct attachment){ .fd = -1, .event_fd = -1 };
	}
	/* What a pinned instance has made outside stays when its handle is closed. */
	for (size_t i = before; instance->name && !instance->holding && i < instance->links.count; i++)
		instance->links.items[i].attachment.txn = NULL;
	return 0;
}

int lade_load_attach_held(struct lade_instance *instance, uint32_t program, const char *text,
			  const struct cpu_list *held, struct lade_error **error)
{
	struct attach_program what = lade_load_describe(&instance->programs.items[program]);
	struct attach_target target = { .kind = TARGET_NONE };
	struct attachments attachments = { 0 };
	int r = text ? lade_target_parse(text, &target, error) : 0;

	what.btf = instance->btf;
	what.notes = &instance->notes;
	what.held = held;
	bool starts_to_listen = what.type == BPF_PROG_TYPE_PERF_EVENT && !instance->cpus;
	if (starts_to_listen)
		lade_instance_listen_to_cpus(instance);
	if (r == 0 && lade_load_list_maps(instance, &what.maps) < 0)
		r = lade_fail_memory(error);
	if (r == 0)
		r = lade_attach(instance->context, instance->txn, &what, &target, &attachments, error);
	array_clear(&what.maps);
	if (r >= 0)
		r = lade_instance_keep_attachments(instance, program, what.name, &attachments, error);
	if (r < 0 && starts_to_listen)
		lade_instance_cpus_free(TAKE(instance->cpus));
	lade_attachments_clear(&attachments);
	lade_target_clear(&target);
	return r < 0 ? r : 0;
}

int lade_load_attach_program(struct lade_instance *instance, uint32_t program, const char *text,
			     struct lade_error **error)
{
	return lade_load_attach_held(instance, program, text, NULL, error);
}

static bool fits(const struct loader *loader, const struct operation *operation)
{
	struct attach_program program = lade_load_describe(&loader->instance->programs.items[operation->program]);
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
	if (lade_replace_carries(loader, operation->program, operation->map, operation->attach_target))
		return 0;
	if (operation->map != NO_INDEX)
		return lade_load_attach_table(loader, operation, error);
	if (operation->attach_if_fits && !fits(loader, operation) && fits_another(loader, operation))
		return 0;
	return lade_load_attach_program(loader->instance, operation->program, operation->attach_target, error);
}
