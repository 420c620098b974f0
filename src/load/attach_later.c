/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching and detaching what is loaded already, by the handle that loaded it or one that opened it. */
#include <errno.h>
#include <string.h>

#include "base/similar.h"
#include "diagnose/diagnose.h"
#include "load/loader.h"

static const char *name_of(const struct lade_instance *instance)
{
	return instance->name ? instance->name : "instance";
}

static bool is_program(const struct loaded_program *program, const char *name)
{
	return strcmp(program->name, name) == 0 || strcmp(program->section, name) == 0;
}

static const struct loaded_map *find_table(const struct lade_instance *instance, const char *name)
{
	array_foreach(map, &instance->maps)
		if (map->definition.type == BPF_MAP_TYPE_STRUCT_OPS && strcmp(map->name, name) == 0)
			return map;
	return NULL;
}

static const char *link_owner(const struct lade_instance *instance, const struct loaded_link *link)
{
	return link->table ? link->table : instance->programs.items[link->program].name;
}

static void drop_links(struct lade_instance *instance, size_t count)
{
	while (instance->links.count > count) {
		struct loaded_link *link = &instance->links.items[--instance->links.count];
		if (instance->name && link->pin)
			(void)lade_txn_unpin_link(instance->txn, link->pin);
		if (instance->name && link->is_effect)
			(void)lade_txn_effect_undo(instance->txn, link->attachment.effect);
		link->attachment.txn = instance->name ? NULL : link->attachment.txn; /* not once more */
		lade_loaded_link_clear(link);
	}
}

/* ---- attaching ---- */

static bool same_text(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) == 0 : left == right;
}

static const struct loaded_link *find_same(const struct lade_instance *instance, const char *owner, const char *target)
{
	array_foreach(link, &instance->links)
		if (!link->gone && strcmp(link_owner(instance, link), owner) == 0 &&
		    same_text(link->attachment.request, target))
			return link;
	return NULL;
}

static int refuse_twice(const struct lade_instance *instance, const struct loaded_link *link, struct lade_error **error)
{
	const char *owner = link_owner(instance, link);
	struct lade_finding *finding = lade_error_add(error, EEXIST, "attach.twice", "%s: %s is attached to %s already",
						      name_of(instance), owner, link->attachment.target);

	finding_program(finding, owner);
	if (link->pin)
		finding_evidence(finding, "its link is pinned at %s", link->pin);
	return -EEXIST;
}

static int attach_one(struct lade_instance *instance, uint32_t program, const char *target, struct lade_error **error)
{
	const struct loaded_link *same = find_same(instance, instance->programs.items[program].name, target);
	int added;

	if (!same)
		return lade_load_attach_program(instance, program, target, error);
	added = target ? 0 : lade_instance_add_cpus(instance, program, error);
	if (added)
		return added < 0 ? added : 0;
	return refuse_twice(instance, same, error);
}

static int attach_table(struct lade_instance *instance, const struct loaded_map *table, struct lade_error **error)
{
	const struct loaded_link *same = find_same(instance, table->name, NULL);

	return same ? refuse_twice(instance, same, error) : lade_instance_attach_table(instance, table, error);
}

static int refuse_unknown(const struct lade_instance *instance, const char *name, struct lade_error **error)
{
	struct similar_names similar = { .wanted = name };
	struct lade_finding *finding = lade_error_add(error, ENOENT, "plan.attach.program", "%s: no loaded program %s",
						      name_of(instance), name);

	for (size_t i = 0; i < instance->programs.count; i++)
		if (instance->programs.items[i].fd >= 0)
			lade_similar_consider(&similar, instance->programs.items[i].name);
	lade_similar_evidence(&similar, finding, "program");
	lade_similar_clear(&similar);
	return -ENOENT;
}

static int attach_named(struct lade_instance *instance, const char *name, const char *target, struct lade_error **error)
{
	const struct loaded_map *table = target ? NULL : find_table(instance, name);

	if (table)
		return attach_table(instance, table, error);
	for (uint32_t i = 0; i < instance->programs.count; i++)
		if (instance->programs.items[i].fd >= 0 && is_program(&instance->programs.items[i], name))
			return attach_one(instance, i, target, error);
	return refuse_unknown(instance, name, error);
}

/* Would `--attach TARGET`, or `--attach` alone, mean this program? */
static bool is_meant(const struct loaded_program *program, const struct attach_target *target)
{
	struct attach_program described = lade_load_describe(program);

	if (program->fd < 0 || program->slot_map)
		return false;
	return target ? lade_attach_fits(&described, target) : lade_attach_is_automatic(&described);
}

static int fail_nothing(const struct lade_instance *instance, const char *text, struct lade_error **error)
{
	if (text)
		return lade_fail(error, EINVAL, "attach.target-kind", "%s: none of its programs attaches to %s",
				 name_of(instance), text);
	return lade_fail(error, EDESTADDRREQ, "attach.no-target",
			 "%s: no section of its programs says what to attach to", name_of(instance));
}

/* What is attached already stays as it is; when that is all, the first one says so. */
static int attach_fitting(struct lade_instance *instance, const struct attach_target *target, const char *text,
			  struct lade_error **error)
{
	const struct loaded_link *same = NULL;
	size_t done = 0;

	for (uint32_t i = 0; i < instance->programs.count; i++) {
		const struct loaded_link *known = NULL;
		int r = 0;
		if (!is_meant(&instance->programs.items[i], target))
			continue;
		known = find_same(instance, instance->programs.items[i].name, text);
		same = same ? same : known;
		if (!known)
			r = lade_load_attach_program(instance, i, text, error);
		else if (!text)
			r = lade_instance_add_cpus(instance, i, error);
		if (r < 0)
			return r;
		done += !known || r > 0;
	}
	for (size_t i = 0; !text && i < instance->maps.count; i++) {
		const struct loaded_map *table = &instance->maps.items[i];
		if (table->definition.type != BPF_MAP_TYPE_STRUCT_OPS || find_same(instance, table->name, NULL))
			continue;
		int r = lade_instance_attach_table(instance, table, error);
		if (r < 0)
			return r;
		done++;
	}
	if (done)
		return 0;
	return same ? refuse_twice(instance, same, error) : fail_nothing(instance, text, error);
}

static int attach_all(struct lade_instance *instance, const char *text, struct lade_error **error)
{
	struct attach_target target = { .kind = TARGET_NONE };
	int r = text ? lade_target_parse(text, &target, error) : 0;

	if (r == 0)
		r = attach_fitting(instance, text ? &target : NULL, text, error);
	lade_target_clear(&target);
	return r;
}

LADE_API int lade_instance_attach(struct lade_instance *instance, const char *program, const char *target,
				  struct lade_error **error)
{
	size_t links = instance->links.count;
	int r = lade_txn_lock(instance->txn, error);

	if (r < 0)
		return r;
	r = program ? attach_named(instance, program, target, error) : attach_all(instance, target, error);
	if (r < 0) /* some of several may have been kept before one failed */
		drop_links(instance, links);
	lade_txn_unlock(instance->txn);
	return r;
}

LADE_API int lade_instance_hold(struct lade_instance *instance, const char *program, const char *target,
				struct lade_error **error)
{
	instance->holding = true;
	int r = lade_instance_attach(instance, program, target, error);
	instance->holding = false;
	return r;
}

/* ---- detaching ---- */

static const struct journal_entry *effect_of(const struct journal *journal, const struct loaded_link *link)
{
	array_foreach(entry, journal)
		if (link->is_effect && entry->number == link->attachment.effect)
			return entry;
	return NULL;
}

static bool is_companion(const struct journal_entry *entry)
{
	const struct effect_kind *kind = entry ? lade_effect_kind(entry->kind) : NULL;

	return kind && kind->replacing == EFFECT_COMPANION;
}

/* On the same device, or on an unknown one. */
static bool stands_on(const struct journal_entry *entry, const struct journal_entry *companion)
{
	const char *device = lade_journal_value(entry, "ifindex"), *own = lade_journal_value(companion, "ifindex");

	return lade_effect_kind(entry->kind) && !is_companion(entry) && (!device || !own || strcmp(device, own) == 0);
}

static bool is_used(const struct journal *journal, const struct journal_entry *companion)
{
	array_foreach(entry, journal)
		if (stands_on(entry, companion))
			return true;
	return false;
}

static bool is_chosen(const struct lade_instance *instance, const struct loaded_link *link, const char *program,
		      const char *target)
{
	const struct attachment *attachment = &link->attachment;

	if (program && strcmp(link_owner(instance, link), program) != 0 &&
	    (link->program == NO_INDEX || !is_program(&instance->programs.items[link->program], program)))
		return false;
	return !target || strcmp(attachment->target, target) == 0 || same_text(attachment->request, target);
}

static int fail_detach(struct lade_instance *instance, const struct loaded_link *link, int result,
		       struct lade_error **error)
{
	const char *owner = link_owner(instance, link);
	struct lade_finding *finding =
		lade_error_add(error, -result, "detach.refused", "%s: detaching %s from %s: %s", name_of(instance),
			       owner, link->attachment.target, lade_errno_name(-result));

	finding_program(finding, owner);
	return result;
}

/*
 * A link ends with its last descriptor; whoever loaded the object may still hold one. Where the kernel can end it
 * before that (since 5.9, not every kind), it does.
 */
static int detach(struct lade_instance *instance, struct loaded_link *link, struct lade_error **error)
{
	struct kernel *kernel;
	int r = lade_context_kernel(instance->context, &kernel, error);

	if (r < 0)
		return r;
	if (link->is_effect)
		r = lade_txn_effect_undo(instance->txn, link->attachment.effect);
	else if (link->pin)
		r = lade_txn_unpin_link(instance->txn, link->pin);
	if (r < 0)
		return fail_detach(instance, link, r, error);
	if (link->attachment.is_link)
		(void)lade_bpf_link_detach(kernel, link->attachment.fd);
	link->attachment.txn = NULL;
	return 0;
}

static void remove_link(struct lade_instance *instance, size_t index)
{
	struct loaded_link *link = &instance->links.items[index];

	lade_loaded_link_clear(link);
	memmove(link, link + 1, (--instance->links.count - index) * sizeof *link);
}

int lade_instance_drop_link(struct lade_instance *instance, size_t index, struct lade_error **error)
{
	int r = detach(instance, &instance->links.items[index], error);

	if (r == 0)
		remove_link(instance, index);
	return r;
}

static int fail_not_attached(const struct lade_instance *instance, const char *program, const char *target,
			     struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "detach.not-attached", "%s: %s is not attached%s%s", name_of(instance),
			       program ? program : "it", target ? " to " : "", target ? target : "");

	finding_program(finding, program);
	array_foreach(link, &instance->links)
		finding_evidence(finding, "%s is attached to %s", link_owner(instance, link), link->attachment.target);
	return -ENOENT;
}

/* What no effect stands on any more (the qdisc of the last filter) goes with it. */
static int drop_companions(struct lade_instance *instance, struct lade_error **error)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	int result = lade_txn_read_journal(instance->txn, &journal);

	for (size_t i = instance->links.count; result >= 0 && i > 0; i--) {
		const struct loaded_link *link = &instance->links.items[i - 1];
		const struct journal_entry *entry = effect_of(&journal, link);
		int r = is_companion(entry) && !is_used(&journal, entry)
				? detach(instance, &instance->links.items[i - 1], error)
				: 1;
		if (r == 0)
			remove_link(instance, i - 1);
		result = r < 0 ? r : result;
	}
	return result == -ENOENT ? 0 : result; /* no journal: no effects */
}

static int detach_chosen(struct lade_instance *instance, const char *program, const char *target, size_t *done,
			 struct lade_error **error)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	int r = 0;

	(void)lade_txn_read_journal(instance->txn, &journal);
	/* Backwards: what was made last may stand on what was made first. */
	for (size_t i = instance->links.count; r == 0 && i > 0; i--) {
		struct loaded_link *link = &instance->links.items[i - 1];
		if (!is_chosen(instance, link, program, target) || is_companion(effect_of(&journal, link)))
			continue;
		r = detach(instance, link, error);
		if (r == 0)
			remove_link(instance, i - 1);
		*done += r == 0;
	}
	return r;
}

LADE_API int lade_instance_detach(struct lade_instance *instance, const char *program, const char *target,
				  struct lade_error **error)
{
	size_t done = 0;
	int r = lade_txn_lock(instance->txn, error);

	if (r < 0)
		return r;
	r = detach_chosen(instance, program, target, &done, error);
	if (r == 0 && done)
		r = drop_companions(instance, error);
	lade_txn_unlock(instance->txn);
	return r == 0 && !done ? fail_not_attached(instance, program, target, error) : r;
}
