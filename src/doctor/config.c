/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that BPF wants of a kernel's configuration, and what each missing one costs (data/kconfig.csv). */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "kernel/facts.h"
#include "needs/needs.h"
#include "needs/table.h"

static const char *text(uint32_t offset)
{
	return lade_need_text + offset;
}

/* Where a copy of another machine's files has it; the running kernel's is found by kernel/config_file.c. */
static bool find_copied(const struct lade_doctor *doctor, char *path, size_t size)
{
	static const char *const places[] = { "/proc/config.gz", "/boot/config-%s", "/lib/modules/%s/config",
					      "/usr/lib/modules/%s/config" };
	CLEANUP(cleanup_free) char *release = lade_doctor_read(doctor, SOURCE_RELEASE);
	char shown[PATH_MAX];

	for (size_t i = 0; i < ELEMENTS(places); i++) {
		/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): the table is ours */
		(void)snprintf(shown, sizeof shown, places[i], release ? release : "");
		if (lade_doctor_path(doctor, shown, path, size) == 0 && access(path, R_OK) == 0)
			return true;
	}
	return false;
}

static bool read_config(struct lade_doctor *doctor)
{
	char path[PATH_MAX] = "/nonexistent";
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;

	if (*doctor->root && !find_copied(doctor, path, sizeof path))
		return false;
	doctor->config = lade_kernel_config_new(*doctor->root ? path : NULL);
	if (!doctor->config) {
		doctor->failed = true;
		return false;
	}
	for (size_t i = 0; i < lade_need_option_count; i++)
		doctor->failed |= lade_kernel_config_ask(doctor->config, text(lade_need_options[i].name)) < 0;
	return lade_kernel_config_find(doctor->config, doctor->kernel, &error) == 0 && doctor->config->path;
}

/* An option that this kernel is too old to have is none of its faults; the version says what is missing then. */
static bool is_later(const struct lade_doctor *doctor, const struct need_option *option)
{
	return doctor->version && doctor->version < lade_doctor_version(text(option->since));
}

static void put_option(struct lade_doctor *doctor, const struct need_option *option, const char *path)
{
	const char *name = text(option->name), *value = lade_kernel_config_value(doctor->config, name);

	if (value)
		lade_doctor_put(doctor, "config", name, LADE_FACT_GIVEN, path, "%s", value);
	else if (!is_later(doctor, option))
		lade_doctor_detail(doctor, lade_doctor_put(doctor, "config", name, LADE_FACT_ABSENT, path, "n"), "%s",
				   text(option->loss));
}

static void explain_unread(struct lade_doctor *doctor)
{
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.config.unknown", "the kernel's configuration cannot be read");

	for (size_t i = 0; doctor->config && i < doctor->config->tried.count; i++)
		finding_evidence(finding, "%s", doctor->config->tried.items[i]);
	lade_doctor_put(doctor, "config", "file", LADE_FACT_UNKNOWN, "/proc/config.gz", "none can be read");
}

void lade_doctor_config(struct lade_doctor *doctor)
{
	CLEANUP(cleanup_free) char *release = lade_doctor_read(doctor, SOURCE_RELEASE);

	doctor->version = release ? lade_version_parse(release) : 0;
	if (!read_config(doctor)) {
		explain_unread(doctor);
		return;
	}
	const char *path = doctor->config->path + strlen(doctor->root);
	lade_doctor_put(doctor, "config", "file", LADE_FACT_GIVEN, path, "%s", path);
	for (size_t i = 0; i < lade_need_option_count; i++)
		put_option(doctor, &lade_need_options[i], path);
}
