/* SPDX-License-Identifier: BSD-2-Clause */
/* What the methods of network devices share: the interface, options, who holds the place already. */
#ifndef LADE_ATTACH_DEVICE_H
#define LADE_ATTACH_DEVICE_H

#include "attach/method.h"
#include "kernel/bpf.h"

/* Index of the target's interface in this network namespace. Finding: attach.device.missing with near matches. */
int lade_attach_device(struct attach_call *call, unsigned *ret_ifindex);
int lade_attach_no_device(struct attach_call *call, const char *device); /* the finding; -ENODEV */

/* The value of an option "key=value", "" for a bare word; NULL: not given. */
const char *lade_attach_option(const struct attach_target *target, const char *key);
/* An option (or a direction) that such programs do not take; -EINVAL. what: "XDP programs", allowed: "mode=…". */
int lade_attach_refuse_options(struct attach_call *call, const char *what, const char *const *allowed, size_t count);

/* Inode of this network namespace in decimal, as effects keep it. */
struct netns_text {
	char text[24];
};
struct netns_text lade_attach_netns_text(void);
/* Id of the program that is attached; 0: the kernel would not say. */
uint32_t lade_attach_program_id(struct attach_call *call);

/* Evidence: "<where>: program 12 (name), held by link 3". */
void lade_attach_say_holder(struct attach_call *call, struct lade_finding *finding, const char *where,
			    uint32_t program_id);
/* The kernel's own words, if there are any. */
void lade_attach_say_refusal(struct lade_finding *finding, const char *refusal);
/* Links of this type (enum in kernel/links.h) on this interface as evidence. attach_type: of tcx and netkit. */
void lade_attach_say_links(struct attach_call *call, struct lade_finding *finding, uint32_t type, unsigned ifindex,
			   uint32_t attach_type);

#endif
