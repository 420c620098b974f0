/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be read out of a kernel: out of its image, its package, its configuration. */
#ifndef LADE_TARGET_PARTS_H
#define LADE_TARGET_PARTS_H

#include "target/stream.h"

#define LADE_IMAGE_MOST   (512u << 20) /* bytes of an image, packed or not */
#define LADE_CONFIG_MOST  (16u << 20)
#define LADE_SYMBOLS_MOST (128u << 20)

/* All of it owned; what is not there is NULL or of size 0. */
struct kernel_parts {
	char *release;              /* "6.1.0-18-amd64" */
	char *release_from;         /* the file that says so */
	char machine[16];           /* as uname -m; "" */
	struct target_blob btf;     /* raw */
	struct target_blob config;  /* text */
	struct target_blob symbols; /* names, each with a NUL behind it */
	char *btf_from, *config_from, *symbols_from;
	struct findings notes; /* target.symbols.stub */
	bool is_kernel;        /* something was found that only a kernel has */
};
void lade_parts_clear(struct kernel_parts *parts);
static inline void cleanup_kernel_parts(struct kernel_parts *parts)
{
	lade_parts_clear(parts);
}
/* The first to say so counts. 0, -ENOMEM. */
int lade_parts_release(struct kernel_parts *parts, const char *release, size_t length, const char *from);

/* ---- image.c ---- */
/*
 * An image in a file (descriptor borrowed) or in memory: vmlinux, vmlinuz, bzImage, Image, zImage, each also packed as
 * a whole. What is there already is kept. target.format, target.damaged, target.library, target.too-large.
 */
struct kernel_image {
	const char *file;     /* for messages */
	int fd;               /* -1: memory */
	const uint8_t *bytes; /* memory */
	uint64_t size;
};
int lade_image_read(const struct kernel_image *image, struct kernel_parts *parts, struct lade_error **error);

/* ---- image_elf.c ---- */
int lade_image_elf(const struct kernel_image *image, struct kernel_parts *parts, struct lade_error **error);
/* ---- image_raw.c: what is found by how it looks, somewhere in memory ---- */
int lade_image_banner(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts);
int lade_image_config(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts);
int lade_image_btf(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts);
/* ---- kallsyms.c ---- */
int lade_image_kallsyms(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts);
/* ---- image_payload.c ---- */
/* Where the packed kernel may lie in an image that unpacks itself: the next place at or behind *at. */
struct image_payload {
	uint64_t offset, size;
	const struct target_packing *packing;
	bool is_told; /* the header says so; else its first bytes look like it */
};
bool lade_image_payload(const uint8_t *bytes, size_t size, size_t *at, struct image_payload *ret_payload);

/* ---- package.c ---- */
bool lade_package_likely(const uint8_t *start, size_t length);
/* .deb and .rpm. target.package: no kernel inside; target.damaged, target.library. */
int lade_package_read(int fd, uint64_t size, const char *file, struct kernel_parts *parts, struct lade_error **error);

/* ---- text.c ---- */
/* A configuration: its header tells release and machine. target.config. Takes the text. */
int lade_parts_config(struct kernel_parts *parts, struct target_blob *text, const char *file,
		      struct lade_error **error);
/* System.map or a copy of /proc/kallsyms. target.symbols; a stub is a note. */
int lade_parts_symbols(struct kernel_parts *parts, const struct target_blob *text, const char *file,
		       struct lade_error **error);

#endif
