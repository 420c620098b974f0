/* SPDX-License-Identifier: BSD-2-Clause */
/* Before 5.11 the maps and programs of a user are charged to RLIMIT_MEMLOCK: does the object fit into it? */
#include <limits.h>
#include <stdio.h>

#include "diagnose/map_trial.h"
#include "doctor/doctor.h"
#include "kernel/facts.h"

enum { CHARGED_TO_CGROUPS = 5 << 16 | 11 << 8 };

/* "Max locked memory         65536                65536                bytes": what counts now.
 * False: not known, or unlimited. */
static bool find_limit(const struct lade_doctor *doctor, uint64_t *ret_bytes)
{
	static const char line[] = "Max locked memory";
	CLEANUP(cleanup_free) char *limits = lade_doctor_read(doctor, SOURCE_LIMITS);
	const char *found = limits ? strstr(limits, line) : NULL;
	char soft[32];

	if (!found || sscanf(found + strlen(line), "%31s", soft) != 1 || soft[0] < '0' || soft[0] > '9')
		return false;
	*ret_bytes = strtoull(soft, NULL, 10);
	return true;
}

static unsigned count_processors(const struct lade_doctor *doctor)
{
	CLEANUP(cleanup_free) char *possible = lade_doctor_read(doctor, SOURCE_POSSIBLE);
	unsigned count = possible ? lade_cpu_list_count(possible) : 0;

	return count ? count : 1;
}

/* At least so much: each map counts whole pages, and programs come on top. */
static uint64_t charge_of(const struct lade_doctor *doctor, const struct lade_object *object,
			  const struct lade_map **ret_largest)
{
	unsigned processors = count_processors(doctor);
	uint64_t total = 0, most = 0;

	array_foreach(map, &object->maps) {
		bool is_made = !(*map)->inner_only && !(*map)->reuse_only;
		uint64_t bytes = is_made ? lade_map_charge(&(*map)->definition, processors) : 0;
		if (bytes > most) {
			most = bytes;
			*ret_largest = *map;
		}
		if (__builtin_add_overflow(total, bytes, &total))
			return UINT64_MAX;
	}
	return total;
}

void lade_doctor_compare_locked(struct lade_doctor *doctor, const struct lade_object *object)
{
	const struct lade_map *largest = NULL;
	uint64_t limit, charge;

	if (!doctor->version || doctor->version >= CHARGED_TO_CGROUPS || !doctor->who.is_known ||
	    lade_doctor_may(doctor->who.effective, CAPABILITY_SYS_RESOURCE) || !find_limit(doctor, &limit))
		return;
	charge = charge_of(doctor, object, &largest);
	if (charge <= limit)
		return;
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.needs.memlock",
			      "the maps of %s take more locked memory than the process may have", object->name);
	finding_evidence(finding, "its maps are at least %llu bytes, and the limit is %llu", (unsigned long long)charge,
			 (unsigned long long)limit);
	if (largest)
		finding_evidence(finding, "map %s is the largest", largest->name);
	finding_evidence(finding,
			 "CapEff of /proc/%s/status is %016llx, without CAP_SYS_RESOURCE, which could raise it",
			 doctor->process, (unsigned long long)doctor->who.effective);
}
