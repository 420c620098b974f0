/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * systemd tries whether the kernel takes its own programs, and goes on without. The manager of a user (systemd --user)
 * and a systemd in a container may not: that is no failure, though libbpf logs it as one.
 */
#include <string.h>

#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (4U << 20)
#define TRIES_MAX  10000

/* Of RestrictNetworkInterfaces=, SocketBindAllow=, RestrictFileSystems=, BindNetworkInterface= and user namespaces. */
static const char *const objects[] = { "failed to load object 'restrict_ifaces_bpf'",
				       "failed to load object 'socket_bind_bpf'",
				       "failed to load object 'restrict_fs_bpf'",
				       "failed to load object 'bind_iface_bpf'",
				       "failed to load object 'userns_restrict_bpf'" };

static size_t count_tries(const char *text, size_t length)
{
	const struct span span = { text, length };
	size_t count = 0;

	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct mention line = { .next = text };
		while (count < TRIES_MAX && lade_find_mention(&span, objects[i], &line))
			count++;
	}
	return count;
}

/* "Error in bpf_object__probe_loading(): Operation not permitted(1). Couldn't load trivial BPF program." */
static bool is_try(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding &&
	       strcmp(item->finding->code, "environment.privilege") == 0 && item->line &&
	       strstr(item->line, "bpf_object__probe_loading");
}

static void forgive(struct lade_explanation *explanation, struct explained *item)
{
	item->is_settled = true;
	finding_cause(
		item->finding,
		"systemd tried whether the kernel takes its own programs for cgroups (SocketBindAllow=, "
		"RestrictNetworkInterfaces= and the like), and may not: a user's manager (systemd --user, at each "
		"login) and a systemd in a container have no privilege for it. It goes on without, and nothing else "
		"failed; it is neither the kernel's configuration nor RLIMIT_MEMLOCK");
	finding_fix(item->finding, "nothing need be done; newer versions of systemd do not log it");
	finding_confidence(item->finding, LADE_LIKELY);
	lade_explanation_got_over(explanation, item);
}

void lade_explanation_systemd(struct lade_explanation *explanation, const char *text, size_t length)
{
	size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;

	array_foreach(item, &explanation->items) {
		if (!is_try(item))
			continue;
		/* Whoever else may not load programs says the same. */
		if (count_tries(text, looked) >= item->times) {
			forgive(explanation, item);
			lade_explanation_sort(explanation);
		}
		return;
	}
}
