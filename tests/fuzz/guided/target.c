/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the input as each kind of file that describes a kernel, and asks what comes out. */
#include <sys/mman.h>

#include "target/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void ask(struct target_sources *sources)
{
	const char *value = NULL;
	bool named;
	struct strings near = { 0 };
	if (sources->types) {
		(void)lade_target_types_list(sources->types, TARGET_HELPERS, 1);
		(void)lade_target_types_flags(sources->types);
	}
	if (sources->config && lade_target_config_find(sources->config, "CONFIG_HZ", &value, &named) == KNOWN_YES &&
	    !value)
		__builtin_trap();
	if (sources->symbols && lade_target_symbols_find(sources->symbols, "vfs_read") == KNOWN_NO)
		lade_target_symbols_near(sources->symbols, "vfs_read", &near);
	lade_strings_clear(&near);
}

static void take(struct kernel_parts *parts)
{
	struct target_sources sources = { 0 };
	if (lade_target_take(parts, &sources, NULL) == 0)
		ask(&sources);
	(void)lade_target_types_free(sources.types);
	(void)lade_target_config_free(sources.config);
	(void)lade_target_symbols_free(sources.symbols);
	lade_parts_clear(parts);
}

static void read_image(const uint8_t *bytes, size_t size)
{
	struct kernel_parts parts = { 0 };
	struct kernel_image image = { "input", -1, bytes, size };
	(void)lade_image_read(&image, &parts, NULL);
	take(&parts);
}

static void read_package(const uint8_t *bytes, size_t size)
{
	struct kernel_parts parts = { 0 };
	int fd = memfd_create("input", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, bytes, size) == (ssize_t)size)
		(void)lade_package_read(fd, size, "input", &parts, NULL);
	(void)fd_close(fd);
	take(&parts);
}

static void read_text(const uint8_t *bytes, size_t size)
{
	CLEANUP(cleanup_target_blob) struct target_blob text = { 0 }, copy = { 0 };
	struct kernel_parts parts = { 0 };
	struct target_probes *probes = NULL;
	uint32_t cpus = 0;
	if (lade_target_blob_copy(bytes, size, &text) < 0 || lade_target_blob_copy(bytes, size, &copy) < 0)
		return;
	(void)lade_target_doctor_read(&text, "input", &parts, &probes, &cpus, NULL);
	(void)lade_target_probes_free(probes);
	take(&parts);
	(void)lade_parts_config(&parts, &text, "input", NULL);
	(void)lade_parts_symbols(&parts, &copy, "input", NULL);
	take(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (lade_package_likely(bytes, size))
		read_package(bytes, size);
	else if (lade_target_doctor_likely(bytes, size))
		read_text(bytes, size);
	else
		read_image(bytes, size);
	if (size < 4096)
		read_text(bytes, size);
	return 0;
}
