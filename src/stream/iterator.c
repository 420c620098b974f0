/* SPDX-License-Identifier: BSD-2-Clause */
/* Iterators: a link whose program writes text when somebody reads it. */
#include <errno.h>
#include <string.h>

#include <lade/stream.h>

#include "kernel/bpf.h"
#include "kernel/context.h"

static int refuse_link(struct kernel *kernel, int link_fd, const char *what, int result, struct lade_error **error)
{
	struct bpf_link_info info = { 0 };
	bool is_other = lade_bpf_link_info(kernel, link_fd, &info) >= 0 && info.type != BPF_LINK_TYPE_ITER;
	return lade_fail(error, -result, is_other ? "iterator.none" : "iterator.refused", "%s: %s", what,
			 is_other ? "the link is no iterator" : strerror(-result));
}

/* The kernel calls a new link's descriptor otherwise than that of an old one. */
static bool is_no_link(int fd)
{
	return lade_bpf_is_other(fd, "bpf_link") && lade_bpf_is_other(fd, "bpf-link");
}

static int open_iterator(struct kernel *kernel, int link_fd, const char *what, int *ret_fd, struct lade_error **error)
{
	int fd = is_no_link(link_fd) ? -EINVAL : lade_bpf_iter_create(kernel, link_fd);
	if (fd < 0)
		return refuse_link(kernel, link_fd, what, fd, error);
	*ret_fd = fd;
	return 0;
}

int lade_iterator_open(struct lade_context *context, int link_fd, int *ret_fd, struct lade_error **error)
{
	struct kernel *kernel = NULL;
	int result = lade_context_kernel(context, &kernel, error);
	return result < 0 ? result : open_iterator(kernel, link_fd, "the link", ret_fd, error);
}

int lade_iterator_open_pin(struct lade_context *context, const char *path, int *ret_fd, struct lade_error **error)
{
	struct kernel *kernel = NULL;
	int result = lade_context_kernel(context, &kernel, error);
	if (result < 0)
		return result;
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get(kernel, path);
	if (fd < 0)
		return lade_fail(error, -fd, "iterator.none", "%s: %s", path, strerror(-fd));
	return open_iterator(kernel, fd, path, ret_fd, error);
}
