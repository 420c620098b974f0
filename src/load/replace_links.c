/* SPDX-License-Identifier: BSD-2-Clause */
/* What is attached of the running instance, and how each goes over to the one that replaces it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "load/replace.h"

/* Kinds of links by the kernel's number: which can be updated, and of which two may be attached for a moment. */
static const struct {
	uint32_t type;
	enum link_fate fate;
} link_fates[] = {
	{ 1 /* raw_tracepoint */, LINK_OVERLAPS }, { 2 /* tracing */, LINK_OVERLAPS },
	{ 3 /* cgroup */, LINK_UPDATED },          { 4 /* iter */, LINK_UPDATED },
	{ 5 /* netns */, LINK_UPDATED },           { 6 /* xdp */, LINK_UPDATED },
	{ 7 /* perf_event */, LINK_OVERLAPS },     { 8 /* kprobe_multi */, LINK_OVERLAPS },
	{ 9 /* struct_ops */, LINK_UPDATED },      { 11 /* tcx */, LINK_UPDATED },
	{ 12 /* uprobe_multi */, LINK_OVERLAPS },  { 13 /* netkit */, LINK_UPDATED },
	{ 14 /* sockmap */, LINK_UPDATED },
};

static enum link_fate fate_of_link(uint32_t type, const struct loaded_program *program)
{
	if (program &&
	    program->type == BPF_PROG_TYPE_EXT) /* one program replaces a function, and its link has no update */
		return LINK_REFUSED;
	for (size_t i = 0; i < ELEMENTS(link_fates); i++)
		if (link_fates[i].type == type)
			return link_fates[i].fate;
	return LINK_REFUSED; /* netfilter, and what we do not know */
}

static enum link_fate fate_of_effect(const struct journal_entry *entry)
{
	const struct effect_kind *kind = entry ? lade_effect_kind(entry->kind) : NULL;

	if (!kind)
		return LINK_REFUSED;
	if (kind->replace)
		return LINK_SWAPPED;
	return kind->replacing == EFFECT_OVERLAPS    ? LINK_OVERLAPS
	       : kind->replacing == EFFECT_COMPANION ? LINK_COPIED
						     : LINK_REFUSED;
}

/* ---- judging ---- */

static const char *owner_of(const struct loader *loader, const struct loaded_link *link)
{
	return link->table ? link->table : loader->replacement->old->programs.items[link->program].name;
}

static const struct journal_entry *entry_of(const struct loader *loader, const struct loaded_link *link)
{
	array_foreach(entry, &loader->replacement->journal)
		if (entry->number == link->attachment.effect)
			return entry;
	return NULL;
}

static void find_successor(const struct loader *loader, const char *owner, struct link_judgement *judgement)
{
	judgement->program = judgement->table = NO_INDEX;
	for (uint32_t i = 0; i < loader->object->programs.count; i++)
		if (loader->plan->program_slots[i] != NO_SLOT &&
		    strcmp(loader->object->programs.items[i]->name, owner) == 0)
			judgement->program = i;
	for (uint32_t i = 0; i < loader->object->maps.count; i++)
		if (loader->plan->ops[i] && strcmp(loader->object->maps.items[i]->name, owner) == 0)
			judgement->table = i;
}

static struct lade_finding *add_refusal(const struct loader *loader, const struct link_judgement *judgement,
					const char *code, const char *why, struct lade_error **error)
{
	const struct loaded_link *link = judgement->old;
	struct lade_finding *finding =
		lade_error_add(error, EOPNOTSUPP, code, "%s: %s at %s cannot be replaced without a gap: %s",
			       loader->opts->name, owner_of(loader, link), link->attachment.target, why);

	finding_program(finding, owner_of(loader, link));
	return finding;
}

static int refuse(const struct loader *loader, const struct link_judgement *judgement, struct lade_error **error)
{
	struct lade_finding *finding =
		add_refusal(loader, judgement, "replace.exclusive",
			    "the kernel lets only one program attach there, and no other take its place", error);

	finding_evidence(finding, "it is attached by method %s", judgement->old->attachment.method);
	return -EOPNOTSUPP;
}

static const char *type_name(uint32_t type)
{
	const char *name = lade_program_type_name(type);

	return name ? name : "untyped";
}

static int check_type(const struct loader *loader, const struct link_judgement *judgement, struct lade_error **error)
{
	const struct loaded_link *link = judgement->old;
	uint32_t old, wanted;

	if (link->program == NO_INDEX || judgement->program == NO_INDEX)
		return 0;
	old = loader->replacement->old->programs.items[link->program].type;
	wanted = loader->object->programs.items[judgement->program]->type;
	if (old == wanted)
		return 0;
	struct lade_finding *finding =
		add_refusal(loader, judgement, "replace.type", "the object's program has another type", error);
	finding_evidence(finding, "the running program is %s, that of the object %s", type_name(old),
			 type_name(wanted));
	return -EOPNOTSUPP;
}

static int judge(struct loader *loader, const struct loaded_link *link, struct lade_error **error)
{
	struct replacement *replacement = loader->replacement;
	const struct loaded_program *program =
		link->program == NO_INDEX ? NULL : &replacement->old->programs.items[link->program];
	struct link_judgement *judgement = array_push(&replacement->links);
	struct bpf_link_info info = { 0 };

	if (!judgement)
		return lade_fail_memory(error);
	judgement->old = link;
	find_successor(loader, owner_of(loader, link), judgement);
	judgement->entry = link->is_effect ? entry_of(loader, link) : NULL;
	if (!link->is_effect && lade_bpf_link_info(loader->kernel, link->attachment.fd, &info) == 0)
		judgement->type = info.type;
	bool has_successor = judgement->program != NO_INDEX || judgement->table != NO_INDEX;
	judgement->fate = link->is_effect ? fate_of_effect(judgement->entry) : fate_of_link(info.type, program);
	if (link->gone || (!has_successor && judgement->fate != LINK_COPIED)) /* others may stand on that */
		judgement->fate = LINK_DROPPED;
	if (judgement->fate == LINK_REFUSED)
		return refuse(loader, judgement, error);
	return judgement->fate == LINK_DROPPED ? 0 : check_type(loader, judgement, error);
}

/* All that cannot be are told at once. */
int lade_replace_judge_links(struct loader *loader, struct lade_error **error)
{
	int result = 0;

	array_foreach(link, &loader->replacement->old->links) {
		int r = judge(loader, link, error);
		result = result < 0 ? result : r;
	}
	return result;
}

/* ---- doing ---- */

static bool same_request(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) == 0 : left == right;
}

bool lade_replace_carries(const struct loader *loader, uint32_t program, uint32_t table, const char *request)
{
	if (!loader->replacement)
		return false;
	array_foreach(judgement, &loader->replacement->links) {
		bool is_same = program != NO_INDEX ? judgement->program == program : judgement->table == table;
		if (is_same && judgement->fate != LINK_DROPPED && judgement->fate != LINK_COPIED &&
		    same_request(judgement->old->attachment.request, request))
			return true;
	}
	return false;
}

static void note_overlap(const struct loader *loader, const struct link_judgement *judgement)
{
	const struct loaded_link *link = judgement->old;
	struct lade_finding *note = lade_note_add(
		&loader->instance->notes, "replace.overlap",
		"%s: for a moment the old and the new %s both ran at %s, which this kind of attachment cannot avoid",
		loader->opts->name, owner_of(loader, link), link->attachment.target);

	finding_program(note, owner_of(loader, link));
}

/* One request may have made several links: they are all done with it. */
static int attach_anew(struct loader *loader, struct link_judgement *judgement, struct lade_error **error)
{
	const char *request = judgement->old->attachment.request;

	array_foreach(other, &loader->replacement->links)
		if (other->program == judgement->program && other->fate == LINK_OVERLAPS &&
		    same_request(other->old->attachment.request, request))
			other->done = true;
	int r = lade_load_attach_program(loader->instance, judgement->program, request, error);
	if (r == 0)
		note_overlap(loader, judgement);
	return r;
}

/* The same link, or the same place: it belongs to the new instance as well. */
static int keep_link(struct loader *loader, const struct link_judgement *judgement, int fd, char *pin, unsigned effect)
{
	const struct attachment *old = &judgement->old->attachment;
	struct loaded_link *link = array_push(&loader->instance->links);

	if (!link) {
		(void)fd_close(fd);
		free(pin);
		return -ENOMEM;
	}
	link->program = judgement->program;
	link->pin = pin;
	link->is_effect = judgement->old->is_effect;
	link->table = judgement->program == NO_INDEX ? strdup(owner_of(loader, judgement->old)) : NULL;
	link->method = strdup(old->method);
	link->attachment = (struct attachment){ .method = link->method,
						.target = strdup(old->target),
						.request = old->request ? strdup(old->request) : NULL,
						.fd = fd,
						.event_fd = -1,
						.is_link = fd >= 0,
						.effect = effect };
	bool complete = link->method && link->attachment.target && !link->attachment.request == !old->request &&
			(link->table || judgement->program != NO_INDEX);
	return complete ? 0 : -ENOMEM;
}

static int pin_link(struct loader *loader, const struct link_judgement *judgement, const struct txn_link *what,
		    struct lade_error **error)
{
	char *path = NULL;
	CLEANUP(cleanup_fd) int fd = fcntl(judgement->old->attachment.fd, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return lade_fail(error, errno, "environment.files", "%s: taking over a link: %s", loader->opts->name,
				 strerror(errno));
	int r = lade_txn_pin_link(loader->txn, fd, what, &path, error);
	if (r < 0)
		return r;
	return keep_link(loader, judgement, take_fd(&fd), path, 0) < 0 ? lade_fail_memory(error) : 0;
}

/* What the kernel runs there now, whatever the journal says. */
static int open_current(struct loader *loader, const struct link_judgement *judgement, struct txn_swap *swap)
{
	struct bpf_link_info info;
	int r = lade_bpf_link_info(loader->kernel, judgement->old->attachment.fd, &info);

	if (r < 0)
		return r;
	swap->link_id = info.id;
	swap->old_id = info.prog_id;
	if (swap->is_table) /* first field of the kernel's part about tables */
		memcpy(&swap->old_id, &info.xdp.ifindex, sizeof swap->old_id);
	return swap->is_table ? lade_bpf_map_by_id(loader->kernel, swap->old_id)
			      : lade_bpf_prog_by_id(loader->kernel, swap->old_id);
}

static int map_fd_of(const struct loader *loader, uint32_t map)
{
	return lade_instance_map_fd(loader->instance, loader->object->maps.items[map]->name);
}

static int id_of(struct kernel *kernel, int fd, bool is_map, uint32_t *ret_id)
{
	struct bpf_map_info map;
	struct bpf_prog_info program;
	int r = is_map ? lade_bpf_map_info(kernel, fd, &map) : lade_bpf_prog_info(kernel, fd, &program);

	if (r >= 0)
		*ret_id = is_map ? map.id : program.id;
	return r;
}

static int fail_info(struct loader *loader, const struct txn_link *what, int result, struct lade_error **error)
{
	return lade_fail(error, -result, "replace.refused", "%s: replacing %s at %s: it cannot be looked at: %s",
			 loader->opts->name, what->program, what->target, strerror(-result));
}

static int update_link(struct loader *loader, const struct link_judgement *judgement, struct lade_error **error)
{
	const struct attachment *old = &judgement->old->attachment;
	const struct txn_link what = { owner_of(loader, judgement->old), old->method, old->target, old->request };
	struct txn_swap swap = { .link_fd = old->fd, .is_table = judgement->program == NO_INDEX };
	CLEANUP(cleanup_fd) int current = open_current(loader, judgement, &swap);

	if (current < 0)
		return fail_info(loader, &what, current, error);
	swap.old_fd = current;
	swap.new_fd = swap.is_table ? map_fd_of(loader, judgement->table)
				    : loader->instance->programs.items[judgement->program].fd;
	int r = id_of(loader->kernel, swap.new_fd, swap.is_table, &swap.new_id);
	if (r < 0)
		return fail_info(loader, &what, r, error);
	r = pin_link(loader, judgement, &what, error);
	return r < 0 ? r : lade_txn_swap_link(loader->txn, &swap, &what, error);
}

static int swap_effect(struct loader *loader, const struct link_judgement *judgement, struct lade_error **error)
{
	const struct attachment *old = &judgement->old->attachment;
	const struct txn_link what = { owner_of(loader, judgement->old), old->method, old->target, old->request };
	int fd = loader->instance->programs.items[judgement->program].fd;
	uint32_t id = 0;
	unsigned number = 0;
	int r = id_of(loader->kernel, fd, false, &id);

	if (r < 0)
		return fail_info(loader, &what, r, error);
	r = lade_txn_swap_effect(loader->txn, judgement->entry, fd, id, &number, error);
	if (r == 0 && keep_link(loader, judgement, -1, NULL, number) < 0)
		return lade_fail_memory(error);
	return r;
}

static int copy_effect(struct loader *loader, const struct link_judgement *judgement, struct lade_error **error)
{
	unsigned number = 0;
	int r = lade_txn_copy_effect(loader->txn, judgement->entry, 0, &number, error);

	if (r == 0 && keep_link(loader, judgement, -1, NULL, number) < 0)
		return lade_fail_memory(error);
	return r;
}

static int carry(struct loader *loader, struct link_judgement *judgement, struct lade_error **error)
{
	if (loader->instance->programs.count > judgement->program &&
	    loader->instance->programs.items[judgement->program].fd < 0)
		judgement->fate = LINK_DROPPED; /* it was left out after all */
	switch (judgement->fate) {
	case LINK_OVERLAPS:
		return judgement->done ? 0 : attach_anew(loader, judgement, error);
	case LINK_UPDATED:
		return update_link(loader, judgement, error);
	case LINK_SWAPPED:
		return swap_effect(loader, judgement, error);
	case LINK_COPIED:
		return copy_effect(loader, judgement, error);
	case LINK_DROPPED:
	case LINK_REFUSED:
		break;
	}
	return 0;
}

static void note_dropped(const struct loader *loader, const struct link_judgement *judgement)
{
	const struct loaded_link *link = judgement->old;
	struct lade_finding *note =
		lade_note_add(&loader->instance->notes, "replace.dropped", "%s: %s is no longer attached to %s: %s",
			      loader->opts->name, owner_of(loader, link), link->attachment.target,
			      link->gone ? "nothing was there any more" : "the object loads no such program");

	finding_program(note, owner_of(loader, link));
}

/* What may fail for reasons of its own comes first, and what undoing could be seen by packets last. */
int lade_replace_links(struct loader *loader, struct lade_error **error)
{
	static const enum link_fate order[] = { LINK_DROPPED, LINK_COPIED, LINK_OVERLAPS, LINK_UPDATED, LINK_SWAPPED };

	for (size_t i = 0; i < ELEMENTS(order); i++)
		array_foreach(judgement, &loader->replacement->links) {
			int r = judgement->fate == order[i] ? carry(loader, judgement, error) : 0;
			if (r < 0)
				return r;
		}
	array_foreach(judgement, &loader->replacement->links)
		if (judgement->fate == LINK_DROPPED)
			note_dropped(loader, judgement);
	return 0;
}
