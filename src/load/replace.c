/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps that a replacing load has more than others. */
#include "load/replace.h"
#include "load/places.h"
#include "txn/internal.h"

#include <errno.h>
#include <stdlib.h>

static int begin(struct loader *loader, const char *directory, struct lade_error **error)
{
	struct replacement *replacement = loader->replacement;
	/* What an earlier replacement could not finish must not be undone with the old instance. */
	(void)lade_instance_settle(loader->kernel, directory);
	int r = lade_instance_open_directory(loader->context, directory, lade_txn_replaced_lock(loader->txn),
					     &replacement->old, error);

	if (r < 0)
		return r;
	replacement->maps = calloc(loader->object->maps.count + 1, sizeof *replacement->maps);
	if (!replacement->maps || lade_txn_read_journal(replacement->old->txn, &replacement->journal) == -ENOMEM)
		return lade_fail_memory(error);
	r = lade_replace_judge_maps(loader, error);
	int links = lade_replace_judge_links(loader, error);
	return r < 0 ? r : links;
}

int lade_replace_begin(struct loader *loader, struct lade_error **error)
{
	const char *directory = lade_txn_replaced(loader->txn);

	if (!directory)
		return 0;
	loader->replacement = calloc(1, sizeof *loader->replacement);
	return loader->replacement ? begin(loader, directory, error) : lade_fail_memory(error);
}

int lade_replace_switch(struct loader *loader, struct lade_error **error)
{
	int r = loader->replacement ? lade_replace_migrate(loader, error) : 0;

	if (loader->replacement && r == 0)
		r = lade_replace_links(loader, error);
	return loader->replacement && r == 0 ? lade_places_switch(loader, error) : r;
}

static void note_left(struct loader *loader, const struct lade_error *failure)
{
	struct lade_finding *note = lade_note_add(
		&loader->instance->notes, "replace.left",
		"%s: it was replaced, but something of the old one could not be removed", loader->opts->name);

	finding_evidence(note, "%s", lade_error_message(failure));
}

void lade_replace_finish(struct loader *loader)
{
	struct lade_error *failure = NULL;

	if (!loader->replacement)
		return;
	/* Before its descriptors: they would keep links alive that are to end. */
	loader->replacement->old = lade_instance_close(loader->replacement->old);
	if (lade_txn_finish_replacing(loader->txn, &failure) < 0)
		note_left(loader, failure);
	(void)lade_error_free(failure);
}

void lade_replace_clear(struct loader *loader)
{
	struct replacement *replacement = loader->replacement;

	if (!replacement)
		return;
	(void)lade_instance_close(replacement->old);
	lade_journal_clear(&replacement->journal);
	free(replacement->maps);
	array_clear(&replacement->links);
	lade_place_swaps_clear(replacement);
	free(replacement);
	loader->replacement = NULL;
}
