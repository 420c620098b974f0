/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers of archives share: a member's content as a stream that ends where the member does. */
#include "target/archive.h"

static ssize_t read_content(struct target_stream *stream, void *into, size_t size)
{
	struct archive_content *content = (struct archive_content *)stream;
	if (!content->left)
		return 0;
	ssize_t count = lade_pipe_read(content->source, into, size < content->left ? size : (size_t)content->left);
	if (count > 0)
		content->left -= (uint64_t)count;
	return count ? count : -EBADMSG;
}

static void close_content(struct target_stream *stream)
{
	(void)stream;
}

void lade_archive_content(struct archive_content *content, struct target_stream *source, uint64_t size)
{
	*content = (struct archive_content){ .stream = { .read = read_content, .close = close_content },
					     .source = source,
					     .left = size };
}

int lade_archive_visit(struct target_stream *stream, const struct archive_member *member, unsigned multiple,
		       archive_visit *visit, void *context)
{
	struct archive_content content;
	uint64_t padding = (multiple - member->size % multiple) % multiple;
	lade_archive_content(&content, stream, member->size);
	int result = visit(context, member, &content.stream);
	if (!result)
		result = lade_pipe_skip(stream, content.left);
	return result ? result : lade_pipe_skip(stream, padding);
}

const char *lade_archive_path(const char *path)
{
	while (*path == '/' || (path[0] == '.' && path[1] == '/'))
		path += *path == '/' ? 1 : 2;
	return path;
}
