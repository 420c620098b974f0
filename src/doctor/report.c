/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts and findings, and how they are handed out. */
#include "base/info.h"
#include "base/strbuf.h"
#include "doctor/doctor.h"

static char *format_text(const char *format, va_list arguments)
{
	struct strbuf text = { 0 };

	lade_strbuf_add(&text, "");
	lade_strbuf_addv(&text, format, arguments);
	return lade_strbuf_take(&text);
}

struct doctor_fact *lade_doctor_put(struct lade_doctor *doctor, const char *section, const char *name,
				    enum lade_fact_state state, const char *source, const char *format, ...)
{
	struct doctor_fact *fact = array_push(&doctor->facts);
	va_list arguments;

	if (!fact) {
		doctor->failed = true;
		return NULL;
	}
	va_start(arguments, format);
	*fact = (struct doctor_fact){ .section = section, .state = state };
	fact->name = strdup(name);
	fact->source = strdup(source);
	fact->value = format_text(format, arguments);
	va_end(arguments);
	doctor->failed |= !fact->name || !fact->source || !fact->value;
	return fact;
}

void lade_doctor_detail(struct lade_doctor *doctor, struct doctor_fact *fact, const char *format, ...)
{
	va_list arguments;

	if (!fact)
		return;
	va_start(arguments, format);
	free(fact->detail);
	fact->detail = format_text(format, arguments);
	va_end(arguments);
	doctor->failed |= !fact->detail;
}

const struct doctor_fact *lade_doctor_find(const struct lade_doctor *doctor, const char *section, const char *name)
{
	array_foreach(fact, &doctor->facts)
		if (strcmp(fact->section, section) == 0 && fact->name && strcmp(fact->name, name) == 0)
			return fact;
	return NULL;
}

const char *lade_fact_state_name(enum lade_fact_state state)
{
	static const char *const names[] = { "given", "absent", "unknown" };

	return (size_t)state < ELEMENTS(names) ? names[state] : "unknown";
}

size_t lade_doctor_fact_count(const struct lade_doctor *doctor)
{
	return doctor ? doctor->facts.count : 0;
}

int lade_doctor_fact(const struct lade_doctor *doctor, size_t index, struct lade_fact_info *info)
{
	if (index >= lade_doctor_fact_count(doctor))
		return -ERANGE;
	const struct doctor_fact *fact = &doctor->facts.items[index];
	const struct lade_fact_info full = { .section = fact->section,
					     .name = fact->name,
					     .state = fact->state,
					     .value = fact->value,
					     .detail = fact->detail,
					     .source = fact->source };
	return info_fill(info, &full, sizeof full);
}

size_t lade_doctor_finding_count(const struct lade_doctor *doctor)
{
	return doctor ? doctor->findings.count : 0;
}

const struct lade_finding *lade_doctor_finding(const struct lade_doctor *doctor, size_t index)
{
	return index < lade_doctor_finding_count(doctor) ? doctor->findings.items[index] : NULL;
}

int lade_doctor_exit_code(const struct lade_doctor *doctor)
{
	int code = 0;

	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++) {
		const struct lade_finding *finding = doctor->findings.items[i];
		if (finding && finding->severity == LADE_ERROR && (code == 0 || finding->exit_code < code))
			code = finding->exit_code;
	}
	return code;
}

struct lade_doctor *lade_doctor_free(struct lade_doctor *doctor)
{
	if (!doctor)
		return NULL;
	array_foreach(fact, &doctor->facts) {
		free(fact->name);
		free(fact->value);
		free(fact->detail);
		free(fact->source);
	}
	array_clear(&doctor->facts);
	lade_doctor_options_clear(doctor);
	lade_findings_clear(&doctor->findings);
	lade_kernel_config_free(doctor->config);
	free(doctor->root);
	free(doctor);
	return NULL;
}
