/* SPDX-License-Identifier: BSD-2-Clause */
/* Is it a container? Several marks, each of which can be missing in one and be there outside. */
#include <stdio.h>

#include "doctor/doctor.h"

struct mark {
	enum doctor_source source;
	const char *word; /* to be found in the file; NULL: that it exists is enough */
	const char *name;
};

static const struct mark marks[] = {
	{ SOURCE_DOCKER, NULL, "Docker" },      { SOURCE_PODMAN, NULL, "Podman" },
	{ SOURCE_CGROUP, "/docker", "Docker" }, { SOURCE_CGROUP, "/kubepods", "Kubernetes" },
	{ SOURCE_CGROUP, "/lxc", "LXC" },       { SOURCE_CGROUP, "/machine.slice/libpod", "Podman" },
};

static bool is_there(const struct lade_doctor *doctor, const struct mark *mark)
{
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, mark->source);

	return text && (!mark->word || strstr(text, mark->word));
}

/* "container=lxc" among the environment of the first process, with zero bytes between. */
static bool put_init(struct lade_doctor *doctor)
{
	static const char name[] = "container=";
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, SOURCE_INIT_ENVIRONMENT);
	CLEANUP(cleanup_free) char *kept = text ? NULL : lade_doctor_read(doctor, SOURCE_SYSTEMD_CONTAINER);

	/* systemd starts with it; what comes later in the environment is reached by no string function. */
	const char *value = text && strncmp(text, name, strlen(name)) == 0 ? text + strlen(name) : kept;
	if (!value || !*value)
		return false;
	lade_doctor_put(doctor, "container", "kind", LADE_FACT_GIVEN,
			text ? "/proc/1/environ" : "/run/systemd/container", "%s", value);
	return true;
}

void lade_doctor_container(struct lade_doctor *doctor)
{
	char source[64];

	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		if (!is_there(doctor, &marks[i]))
			continue;
		lade_doctor_put(doctor, "container", "kind", LADE_FACT_GIVEN,
				lade_doctor_source(doctor, marks[i].source, source, sizeof source), "%s",
				marks[i].name);
		return;
	}
	if (!put_init(doctor))
		lade_doctor_put(doctor, "container", "kind", LADE_FACT_ABSENT, "/proc/self/cgroup and others",
				"no sign of one");
}
