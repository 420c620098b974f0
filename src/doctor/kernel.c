/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernel it is, whether bpf(2) is there, and its JIT. */
#include <sys/utsname.h>

#include "doctor/doctor.h"
#include "kernel/facts.h"
#include "kernel/presence.h"

static void put_text(struct lade_doctor *doctor, const char *name, enum doctor_source source)
{
	char shown[64];
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, source);

	lade_doctor_source(doctor, source, shown, sizeof shown);
	if (text)
		lade_doctor_put(doctor, "kernel", name, LADE_FACT_GIVEN, doctor->lacks_proc ? "uname(2)" : shown, "%s",
				text);
	else
		lade_doctor_put(doctor, "kernel", name, LADE_FACT_UNKNOWN, shown, "not known");
}

/* Of the sources: Debian's and Ubuntu's releases do not say it. */
static void put_version(struct lade_doctor *doctor)
{
	CLEANUP(cleanup_free) char *signature = lade_doctor_read(doctor, SOURCE_SIGNATURE);
	CLEANUP(cleanup_free) char *build = lade_doctor_read(doctor, SOURCE_BUILD);
	CLEANUP(cleanup_free) char *release = lade_doctor_read(doctor, SOURCE_RELEASE);
	uint32_t version = release ? lade_version_choose(signature, build ? build : "", release) : 0;
	const char *source = doctor->lacks_proc ? "uname(2)" : "/proc/sys/kernel/version";

	doctor->version = version;
	if (!version)
		lade_doctor_put(doctor, "kernel", "version", LADE_FACT_UNKNOWN, source, "not known");
	else
		lade_doctor_put(doctor, "kernel", "version", LADE_FACT_GIVEN, source, "%u.%u.%u", version >> 16,
				version >> 8 & 255, version & 255);
}

/* Those that may ever come: what per-CPU maps have elements for. */
static void put_processors(struct lade_doctor *doctor)
{
	static const char path[] = "/sys/devices/system/cpu/possible";
	CLEANUP(cleanup_free) char *possible = lade_doctor_read(doctor, SOURCE_POSSIBLE);
	CLEANUP(cleanup_free) char *online = lade_doctor_read(doctor, SOURCE_ONLINE);
	unsigned count = possible ? lade_cpu_list_count(possible) : 0, awake = online ? lade_cpu_list_count(online) : 0;

	if (!count) {
		lade_doctor_put(doctor, "kernel", "processors", LADE_FACT_UNKNOWN, path, "not known");
		return;
	}
	struct doctor_fact *fact = lade_doctor_put(doctor, "kernel", "processors", LADE_FACT_GIVEN, path, "%u", count);
	if (awake)
		lade_doctor_detail(doctor, fact, "%u online", awake);
}

static void put_architecture(struct lade_doctor *doctor)
{
	struct utsname name;

	if (*doctor->root || uname(&name) < 0)
		put_text(doctor, "architecture", SOURCE_ARCHITECTURE);
	else
		lade_doctor_put(doctor, "kernel", "architecture", LADE_FACT_GIVEN, "uname(2)", "%s", name.machine);
}

/* Of a copy: the line of bpffs in /proc/filesystems. */
static void put_copied_bpf(struct lade_doctor *doctor)
{
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, SOURCE_FILESYSTEMS);
	bool found = text && strstr(text, "nodev\tbpf");

	if (found)
		lade_doctor_put(doctor, "kernel", "bpf(2)", LADE_FACT_GIVEN, "/proc/filesystems", "built in");
	else if (text)
		lade_doctor_put(doctor, "kernel", "bpf(2)", LADE_FACT_ABSENT, "/proc/filesystems", "absent");
	else
		lade_doctor_put(doctor, "kernel", "bpf(2)", LADE_FACT_UNKNOWN, "/proc/filesystems", "not known");
	if (!text || found)
		return;
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "kernel.bpf.absent", "the kernel has no bpf(2)");
	finding_evidence(finding, "/proc/filesystems has no line bpf");
}

static void put_bpf(struct lade_doctor *doctor)
{
	struct bpf_presence presence;

	if (!doctor->kernel) {
		put_copied_bpf(doctor);
		return;
	}
	lade_kernel_presence(doctor->kernel, &presence);
	const char *code = lade_presence_code(&presence);
	if (!code) {
		lade_doctor_put(doctor, "kernel", "bpf(2)", LADE_FACT_GIVEN, "bpf(2)", "answers");
		return;
	}
	bool filtered = strcmp(code, "kernel.bpf.filtered") == 0;
	lade_doctor_put(doctor, "kernel", "bpf(2)", filtered ? LADE_FACT_UNKNOWN : LADE_FACT_ABSENT, "bpf(2)", "%s",
			filtered ? "answered by a filter" : "absent");
	lade_presence_explain(
		&presence, lade_note_add(&doctor->findings, code,
					 filtered ? "bpf(2) is kept from this process" : "the kernel has no bpf(2)"));
}

void lade_doctor_kernel(struct lade_doctor *doctor)
{
	put_text(doctor, "release", SOURCE_RELEASE);
	put_version(doctor);
	put_architecture(doctor);
	put_processors(doctor);
	put_text(doctor, "build", SOURCE_BUILD);
	put_bpf(doctor);
}

/* ---- the JIT; its files are seen in the first network namespace only ---- */

static void put_unseen(struct lade_doctor *doctor, int result)
{
	const struct doctor_fact *option = lade_doctor_find(doctor, "config", "CONFIG_BPF_JIT");
	const char *path = "/proc/sys/net/core/bpf_jit_enable";

	if (option && option->state == LADE_FACT_ABSENT) {
		lade_doctor_put(doctor, "jit", "enable", LADE_FACT_ABSENT, path, "none");
		(void)lade_note_add(&doctor->findings, "doctor.jit.absent", "the kernel has no JIT: %s is not set",
				    option->name);
		return;
	}
	if (option && option->state == LADE_FACT_GIVEN) {
		lade_doctor_put(doctor, "jit", "enable", LADE_FACT_UNKNOWN, path,
				"built in; whether it is on cannot be seen from this network namespace");
		return;
	}
	if (doctor->lacks_proc)
		lade_doctor_put(doctor, "jit", "enable", LADE_FACT_UNKNOWN, path, "not known");
	else
		lade_doctor_put(doctor, "jit", "enable", LADE_FACT_UNKNOWN, path,
				"%s: no JIT, or another network namespace", strerror(-result));
}

static void put_enable(struct lade_doctor *doctor)
{
	static const char *const words[] = { "off", "on", "on, and its code goes to the kernel's log" };
	long value;
	int result = lade_doctor_number(doctor, SOURCE_JIT_ENABLE, &value);

	if (result < 0) {
		put_unseen(doctor, result);
		return;
	}
	bool known = value >= 0 && (size_t)value < ELEMENTS(words);
	lade_doctor_detail(doctor,
			   lade_doctor_put(doctor, "jit", "enable", LADE_FACT_GIVEN,
					   "/proc/sys/net/core/bpf_jit_enable", "%ld", value),
			   "%s", known ? words[value] : "unknown");
	if (value != 0)
		return;
	struct lade_finding *finding = lade_note_add(&doctor->findings, "doctor.jit.off", "the JIT is switched off");
	finding_evidence(finding, "net.core.bpf_jit_enable is 0");
}

static void put_hardening(struct lade_doctor *doctor)
{
	static const char *const words[] = { "none", "for programs of the unprivileged",
					     "for all programs: they are slower" };
	static const char path[] = "/proc/sys/net/core/bpf_jit_harden";
	long value;
	int result = lade_doctor_number(doctor, SOURCE_JIT_HARDEN, &value);

	if (result < 0) {
		lade_doctor_put(doctor, "jit", "hardening", LADE_FACT_UNKNOWN, path, "%s",
				doctor->lacks_proc ? "not known" : strerror(-result));
		return;
	}
	bool known = value >= 0 && (size_t)value < ELEMENTS(words);
	lade_doctor_detail(doctor, lade_doctor_put(doctor, "jit", "hardening", LADE_FACT_GIVEN, path, "%ld", value),
			   "%s", known ? words[value] : "unknown");
}

static void put_limit(struct lade_doctor *doctor)
{
	long value;

	if (lade_doctor_number(doctor, SOURCE_JIT_LIMIT, &value) == 0)
		lade_doctor_put(doctor, "jit", "limit", LADE_FACT_GIVEN, "/proc/sys/net/core/bpf_jit_limit", "%ld MiB",
				value >> 20);
}

void lade_doctor_jit(struct lade_doctor *doctor)
{
	put_enable(doctor);
	put_hardening(doctor);
	put_limit(doctor);
}
