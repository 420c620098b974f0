/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/facts.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/kernel.h"

unsigned lade_cpu_list_count(const char *list)
{
	unsigned count = 0;
	while (isdigit((unsigned char)*list)) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last < first || last - first > 1U << 20)
			return 0;
		count += (unsigned)(last - first + 1);
		if (*end != ',')
			break;
		list = end + 1;
	}
	return count;
}

/* First line of a file without its newline; false when there is none. */
static bool read_line(const char *path, char *line, size_t size)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, line, size - 1) : 0; /* a load passes here: without stdio */
	if (length <= 0)
		return false;
	line[length] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static unsigned count_cpus(atomic_uint *known, const char *path)
{
	unsigned count = atomic_load_explicit(known, memory_order_relaxed);
	char line[4096];
	if (count)
		return count;
	if (read_line(path, line, sizeof line))
		count = lade_cpu_list_count(line);
	count = count ? count : 1;
	atomic_store_explicit(known, count, memory_order_relaxed);
	return count;
}

unsigned lade_kernel_online_cpus(struct kernel *kernel)
{
	return count_cpus(&kernel->online_cpus, "/sys/devices/system/cpu/online");
}

unsigned lade_kernel_possible_cpus(struct kernel *kernel)
{
	return count_cpus(&kernel->possible_cpus, "/sys/devices/system/cpu/possible");
}

uint32_t lade_version_parse(const char *text)
{
	unsigned long part[3] = { 0 };
	for (size_t i = 0; i < 3; i++) {
		char *end;
		if (!isdigit((unsigned char)*text))
			return i < 2 ? 0 : (uint32_t)(part[0] << 16 | part[1] << 8);
		part[i] = strtoul(text, &end, 10);
		part[i] = part[i] > 255 ? 255 : part[i];
		text = *end == '.' ? end + 1 : "";
	}
	return (uint32_t)(part[0] << 16 | part[1] << 8 | part[2]);
}

uint32_t lade_version_choose(const char *signature, const char *build, const char *release)
{
	/* "Ubuntu 4.15.0-20.21-generic 4.15.17": the true version is the last word. */
	const char *word = signature ? strrchr(signature, ' ') : NULL;
	uint32_t version = word ? lade_version_parse(word + 1) : 0;
	if (version)
		return version;
	/* "#1 SMP Debian 5.10.223-1 (2024-08-10)", while uname -r says 5.10.0-32-amd64 */
	word = strstr(build, "Debian ");
	version = word ? lade_version_parse(word + strlen("Debian ")) : 0;
	return version ? version : lade_version_parse(release);
}

uint32_t lade_kernel_version(struct kernel *kernel)
{
	char signature[256];
	struct utsname name;
	if (kernel->recorded_version)
		return kernel->recorded_version;
	if (uname(&name) < 0)
		return 0;
	bool signed_version = read_line("/proc/version_signature", signature, sizeof signature);
	return lade_version_choose(signed_version ? signature : NULL, name.version, name.release);
}

const char *lade_kernel_release(struct kernel *kernel, char *buffer, size_t size)
{
	struct utsname name;
	uint32_t version = kernel->recorded_version;
	if (version)
		(void)snprintf(buffer, size, "%u.%u.%u", version >> 16, version >> 8 & 255, version & 255);
	else
		(void)snprintf(buffer, size, "%s", uname(&name) < 0 ? "" : name.release);
	return buffer;
}

bool lade_kernel_form_absent(struct kernel *kernel, enum kernel_form form)
{
	return atomic_load_explicit(&kernel->absent_forms, memory_order_relaxed) & form;
}

void lade_kernel_form_set_absent(struct kernel *kernel, enum kernel_form form)
{
	atomic_fetch_or_explicit(&kernel->absent_forms, form, memory_order_relaxed);
}
