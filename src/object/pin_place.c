/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/info.h"
#include "object/model.h"
#include "object/pin_place.h"

struct pin_place *lade_pin_place_free(struct pin_place *place)
{
	if (!place)
		return NULL;
	free(place->path);
	free(place->first);
	free(place);
	return NULL;
}

DEFINE_CLEANUP(struct pin_place, pin_place, lade_pin_place_free)

int lade_pin_place_set(struct pin_place **place, const struct lade_pin_opts *pin)
{
	CLEANUP(cleanup_pin_place) struct pin_place *new = NULL;
	struct lade_pin_opts known;
	int r = opts_read(&known, sizeof known, pin);

	if (r < 0)
		return r;
	if (pin && (!known.path || !*known.path))
		return -EINVAL;
	if (pin) {
		new = calloc(1, sizeof *new);
		if (!new)
			return -ENOMEM;
		*new = (struct pin_place){ .has_owner = known.has_owner,
					   .has_mode = known.has_mode,
					   .uid = known.uid,
					   .gid = known.gid,
					   .mode = known.mode };
		new->path = strdup(known.path);
		new->first = known.first ? strdup(known.first) : NULL;
		if (!new->path || (known.first && !new->first))
			return -ENOMEM;
	}
	*place = lade_pin_place_free(*place);
	*place = TAKE(new);
	return 0;
}

int lade_map_set_pin(struct lade_map *map, const struct lade_pin_opts *pin)
{
	return lade_pin_place_set(&map->place, pin);
}

int lade_program_set_pin(struct lade_program *program, const struct lade_pin_opts *pin)
{
	return lade_pin_place_set(&program->place, pin);
}
