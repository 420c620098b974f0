/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What objects need of a kernel: options of its configuration, capabilities of the process, versions. It comes from
 * tables of mainline kernels (distributions backport) and asks no kernel.
 *
 *     struct lade_needs *needs = lade_needs_new();
 *     lade_needs_add(needs, object);           … and others: the union
 *     for (size_t i = 0; i < lade_needs_count(needs); i++) {
 *             struct lade_need_info info = { .size = sizeof info };
 *             lade_needs_get(needs, i, &info);
 *             printf("%s: %s\n", info.name, info.reason);
 *     }
 *     lade_needs_free(needs);
 */
#ifndef LADE_NEEDS_H
#define LADE_NEEDS_H

#include <lade/object.h>

LADE_BEGIN_DECLS

struct lade_needs;

enum lade_need_kind {
	LADE_NEED_CONFIG,       /* an option of the kernel's configuration: "CONFIG_CGROUP_BPF" */
	LADE_NEED_CAPABILITY,   /* of the process that loads: "CAP_NET_ADMIN" */
	LADE_NEED_KERNEL,       /* that version or a newer one: "5.8" */
	LADE_NEED_KERNEL_BELOW, /* an older one than that: the object says so */
};
/* "config", "capability", "kernel", "kernel_below" */
LADE_API const char *lade_need_kind_name(enum lade_need_kind kind);

struct lade_need_info {
	size_t size;
	enum lade_need_kind kind;
	const char *name;
	const char *since;      /* version in which the option or capability came (before 5.8, CAP_SYS_ADMIN is what
				 * CAP_BPF and CAP_PERFMON are since); NULL: not known, or a version itself */
	const char *reason;     /* what of the object needs it, or what does not work without it */
	bool to_attach;         /* it loads without, but cannot be attached */
	const char *const *who; /* who_count strings: "program count of trace.o", "map events of trace.o" */
	size_t who_count;
	bool left_out; /* of versions: on other kernels what needs it is left out (the object says so), and the rest
			  loads */
};

/* NULL without memory. */
LADE_API struct lade_needs *lade_needs_new(void);
LADE_API struct lade_needs *lade_needs_free(struct lade_needs *needs);
/*
 * Adds what the object as it is now needs: of its programs those that a load would load, and its maps. Nothing of the
 * object is kept. -ENOMEM
 */
LADE_API int lade_needs_add(struct lade_needs *needs, const struct lade_object *object);

/* Options first, then capabilities, then versions, the newest first: that one is the bound. */
LADE_API size_t lade_needs_count(const struct lade_needs *needs);
/* Borrowed until the next lade_needs_add(). -ERANGE past the end; -EINVAL when info->size is 0. */
LADE_API int lade_needs_get(const struct lade_needs *needs, size_t index, struct lade_need_info *info);
/* "5.8": the lowest version on which the object loads (what is left out there apart); "3.18" where nothing is needed.
 * Borrowed as above. */
LADE_API const char *lade_needs_kernel(const struct lade_needs *needs);

LADE_END_DECLS
#endif
