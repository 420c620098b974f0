/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of tar and cpio archives, in the order in which they come. Hostile input: nothing is believed but bytes. */
#ifndef LADE_TARGET_ARCHIVE_H
#define LADE_TARGET_ARCHIVE_H

#include "target/stream.h"

#define LADE_MEMBER_PATH 4096u

struct archive_member {
	const char *path; /* without "./" and "/" before it */
	uint64_t size;
	bool is_file; /* and no directory, link or device */
};

/* Negative to fail, positive to end the walk. May read content, up to its end, or leave it. */
typedef int archive_visit(void *context, const struct archive_member *member, struct target_stream *content);

/* 0, what visit returned; -EBADMSG: damaged or cut short; what reading failed with. */
int lade_tar_walk(struct target_stream *stream, archive_visit *visit, void *context);
int lade_cpio_walk(struct target_stream *stream, archive_visit *visit, void *context);

/* ---- for both ---- */

/* size bytes of another stream, which is borrowed. */
struct archive_content {
	struct target_stream stream;
	struct target_stream *source;
	uint64_t left;
};
void lade_archive_content(struct archive_content *content, struct target_stream *source, uint64_t size);
/* Visits, and skips what was left of the content and what lies up to the next multiple of `multiple`. */
int lade_archive_visit(struct target_stream *stream, const struct archive_member *member, unsigned multiple,
		       archive_visit *visit, void *context);

/* Without "/" and "./" before it. */
const char *lade_archive_path(const char *path);

#endif
