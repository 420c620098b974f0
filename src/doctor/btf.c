/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own types: there, readable, of kinds that we know; and those of its modules. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "btf/internal.h"
#include "doctor/doctor.h"

#define SECTION "btf"
#define PATH    "/sys/kernel/btf/vmlinux"

struct walk {
	uint32_t types;   /* that were passed */
	uint32_t unknown; /* kind; 0: none */
};

/* Record after record; behind a kind that is not known nothing can be found. */
static int walk_types(const uint8_t *types, size_t length, struct walk *ret_walk)
{
	struct walk walk = { 0 };
	struct btf_type type;

	for (size_t at = 0; at < length;) {
		if (length - at < sizeof type)
			return -EINVAL;
		memcpy(&type, types + at, sizeof type);
		const struct lade_btf_kind_rule *rule = lade_btf_kind_rule(lade_btf_kind(&type));
		if (!rule) {
			walk.unknown = lade_btf_kind(&type);
			break;
		}
		size_t bytes = sizeof type + rule->fixed + (size_t)rule->element * lade_btf_vlen(&type);
		if (bytes > length - at)
			return -EINVAL;
		at += bytes;
		walk.types++;
	}
	*ret_walk = walk;
	return 0;
}

static int read_types(int fd, struct walk *ret_walk)
{
	struct stat status;
	struct lade_btf_header header;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_size < (off_t)sizeof(struct btf_header) || status.st_size > (off_t)LADE_BTF_MAX_BYTES)
		return -EINVAL;
	size_t size = (size_t)status.st_size;
	CLEANUP(cleanup_free) uint8_t *bytes = malloc(size);
	if (!bytes)
		return -ENOMEM;
	ssize_t length = lade_read_whole(fd, (char *)bytes, size);
	if (length < (ssize_t)size)
		return length < 0 ? (int)length : -EINVAL;
	if (lade_btf_read_header(bytes, size, size, PATH, &header, NULL) < 0 || header.swapped)
		return -EINVAL;
	return walk_types(bytes + header.types.offset, header.types.length, ret_walk);
}

static void put_absent(struct lade_doctor *doctor)
{
	const struct doctor_fact *option = lade_doctor_find(doctor, "config", "CONFIG_DEBUG_INFO_BTF");

	lade_doctor_put(doctor, SECTION, "vmlinux", LADE_FACT_ABSENT, PATH, "absent");
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.btf.missing", "the kernel has no BTF of its own");
	finding_evidence(finding, "%s does not exist", PATH);
	if (option)
		finding_evidence(finding, "CONFIG_DEBUG_INFO_BTF: %s", option->value);
}

static void put_unread(struct lade_doctor *doctor, int result)
{
	const char *why = result == -EINVAL ? "damaged" : strerror(-result);

	lade_doctor_put(doctor, SECTION, "vmlinux", LADE_FACT_UNKNOWN, PATH, "cannot be read: %s", why);
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.btf.unreadable", "the kernel's BTF cannot be read");
	finding_evidence(finding, "%s: %s", PATH, why);
}

static void put_types(struct lade_doctor *doctor, const struct walk *walk)
{
	struct doctor_fact *fact =
		lade_doctor_put(doctor, SECTION, "vmlinux", LADE_FACT_GIVEN, PATH, "%u types", walk->types);

	if (!walk->unknown)
		return;
	lade_doctor_detail(doctor, fact, "then kind %u, which Lade does not know", walk->unknown);
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.btf.kind",
			      "the kernel's BTF has kind %u, which Lade does not know", walk->unknown);
	finding_evidence(finding, "type %u of %s", walk->types + 1, PATH);
}

static void put_vmlinux(struct lade_doctor *doctor)
{
	char path[PATH_MAX];
	struct walk walk = { 0 };

	if (lade_doctor_path(doctor, PATH, path, sizeof path) < 0)
		return;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && doctor->lacks_sys) {
		lade_doctor_put(doctor, SECTION, "vmlinux", LADE_FACT_UNKNOWN, PATH, "not known");
		return;
	}
	if (fd < 0 && errno == ENOENT) {
		put_absent(doctor);
		return;
	}
	int result = fd < 0 ? -errno : read_types(fd, &walk);
	if (result == -ENOMEM)
		doctor->failed = true;
	else if (result < 0)
		put_unread(doctor, result);
	else
		put_types(doctor, &walk);
}

static void put_modules(struct lade_doctor *doctor)
{
	static const char shown[] = "/sys/kernel/btf";
	char path[PATH_MAX];
	size_t count = 0;
	const struct dirent *entry;

	if (lade_doctor_path(doctor, shown, path, sizeof path) < 0)
		return;
	DIR *directory = opendir(path);
	if (!directory)
		return;
	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.' && strcmp(entry->d_name, "vmlinux") != 0;
	(void)closedir(directory);
	lade_doctor_put(doctor, SECTION, "modules", LADE_FACT_GIVEN, shown, "%zu", count);
}

void lade_doctor_btf(struct lade_doctor *doctor)
{
	put_vmlinux(doctor);
	put_modules(doctor);
}
