/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a map costs by the arithmetic of kernels before 5.11, which count its bytes beforehand and take less than 4 GiB
 * of them. A per-CPU value counts once for each possible CPU.
 */
#include "check/check.h"
#include "needs/needs.h"

#define CPUS_MOST 8192

/* Where nobody knows how many CPUs there are: from how many on it is too much. */
static bool say_by_cpus(struct judging *judging, const struct map_definition *map)
{
	uint32_t cpus = 1;
	struct lade_finding *note;

	while (cpus <= CPUS_MOST && lade_need_map_cost(map, cpus) < NEED_MAP_COST_MOST)
		cpus++;
	if (cpus > CPUS_MOST)
		return true;
	note = lade_check_say(judging, VERDICT_NOTE, "check.map.cost",
			      "map %s is too large for that kernel from %u possible CPUs on", judging->map->name, cpus);
	finding_evidence(note, "%u entries of %u bytes for each CPU; kernels before 5.11 take less than 4 GiB",
			 map->max_entries, map->value_size);
	finding_fix(note, "--cpus N says how many that machine has; fewer entries fit more CPUs");
	return true;
}

bool lade_check_map_cost(struct judging *judging, const struct map_definition *map)
{
	uint32_t cpus = judging->plan_target.possible_cpus ? judging->plan_target.possible_cpus : 1;
	uint64_t cost = lade_need_map_cost(map, cpus);
	bool per_cpu = lade_need_map_is_per_cpu(map->type);
	struct lade_finding *finding;

	if (!lade_check_before(judging, 5, 11) || judging->backports)
		return true;
	if (cost < NEED_MAP_COST_MOST)
		return judging->plan_target.possible_cpus || !per_cpu || say_by_cpus(judging, map);
	judging->check->by_table = true;
	finding = lade_check_say(judging, VERDICT_REFUSED, "check.map.cost",
				 "map %s would take %llu bytes, and kernels before 5.11 take less than %llu",
				 judging->map->name, (unsigned long long)cost, (unsigned long long)NEED_MAP_COST_MOST);
	if (per_cpu)
		finding_evidence(finding, "%u entries × %u bytes × %u CPUs, and what manages them", map->max_entries,
				 (map->value_size + 7) / 8 * 8, cpus);
	else
		finding_evidence(finding, "%u entries of %u bytes, and what manages them", map->max_entries,
				 map->value_size);
	finding_fix(finding, "%u entries fit: --max-entries %s=%u, or a kernel from 5.11 on",
		    lade_need_map_entries(map, cpus), judging->map->name, lade_need_map_entries(map, cpus));
	return false;
}
