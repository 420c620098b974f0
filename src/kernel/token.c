/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/attr.h"

#define COMMAND_TOKEN_CREATE 36 /* BPF_TOKEN_CREATE, since 6.9 */

/* With *ret_opened false the kernel was not asked. */
static int create(struct kernel *kernel, const char *path, bool *ret_opened)
{
	CLEANUP(cleanup_fd) int bpffs = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct attr_token_create attr = { .bpffs_fd = (uint32_t)bpffs };
	*ret_opened = bpffs >= 0;
	if (bpffs < 0)
		return -errno;
	return kernel->calls->bpf(kernel, COMMAND_TOKEN_CREATE, &attr, sizeof attr);
}

/* Of two threads that make one the first keeps it. */
static int keep(struct kernel *kernel, int fd)
{
	int untried = 0, token = fd > 0 ? fd : -1;
	if (atomic_compare_exchange_strong(&kernel->token, &untried, token))
		return token;
	(void)fd_close(fd);
	return untried;
}

int lade_token_get(struct kernel *kernel)
{
	int known = lade_token_known(kernel);
	if (known || !kernel->token_path)
		return known;
	bool opened;
	return keep(kernel, create(kernel, kernel->token_path, &opened));
}

/* What BPF_TOKEN_CREATE means by it, and what helps; fix NULL: the catalogue's. */
static void explain(int errnum, struct lade_finding *finding)
{
	static const struct {
		int errnum;
		const char *cause, *fix;
	} rows[] = {
		{ EPERM,
		  "this process has no CAP_BPF in the user namespace that the bpffs belongs to, or is in another",
		  "run it in the user namespace that mounted this bpffs, with CAP_BPF there" },
		{ ENOENT, "the bpffs was mounted without delegating anything (delegate_cmds, delegate_maps …)", NULL },
		{ EOPNOTSUPP, "tokens are for user namespaces, and this process is in the first one",
		  "leave --token and LIBBPF_BPF_TOKEN_PATH away: here capabilities are enough" },
		{ EINVAL, "this is no root of a bpffs, or the kernel knows no tokens (before 6.9)",
		  "give the directory at which a bpffs is mounted" },
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (rows[i].errnum != errnum)
			continue;
		finding_cause(finding, "%s", rows[i].cause);
		if (rows[i].fix)
			finding_fix(finding, "%s", rows[i].fix);
	}
}

int lade_token_make(struct kernel *kernel, const char *path, struct lade_error **error)
{
	bool opened;
	int fd = create(kernel, path, &opened);
	if (fd >= 0) {
		(void)keep(kernel, fd);
		return 0;
	}
	struct lade_finding *finding = lade_error_add(error, -fd, "environment.token", "no BPF token from %s: %s", path,
						      lade_errno_word(-fd));
	if (opened) {
		explain(-fd, finding);
		return fd;
	}
	finding_cause(finding, "the directory cannot be opened: %s", strerror(-fd));
	finding_fix(finding, "give the directory at which a bpffs is mounted");
	return fd;
}

void lade_token_clear(struct kernel *kernel)
{
	int token = lade_token_known(kernel);
	if (token > 0)
		(void)fd_close(token);
	free(TAKE(kernel->token_path));
}
