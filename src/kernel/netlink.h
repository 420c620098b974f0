/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Netlink messages: building a request with a sticky overflow, making it, walking through attributes that a reply
 * brings. Spoken by ourselves: the command is linked statically, and Debian has no archive of libmnl, which is the
 * referee of these functions in the tests.
 */
#ifndef LADE_KERNEL_NETLINK_H
#define LADE_KERNEL_NETLINK_H

#include <linux/netlink.h>
#include <string.h>

#include "kernel/kernel.h"

enum { NETLINK_REQUEST_BYTES = 1024, NETLINK_REFUSAL_BYTES = 160 };

struct netlink_request {
	union {
		struct nlmsghdr header;
		unsigned char bytes[NETLINK_REQUEST_BYTES];
	};
	bool overflow;
	char refusal[NETLINK_REFUSAL_BYTES]; /* what the kernel said in words (extended ack), or "" */
};

/* ---- building ---- */

/* body: the family's own header (struct tcmsg …). NLM_F_REQUEST and NLM_F_ACK are added. */
void lade_netlink_begin(struct netlink_request *request, uint16_t type, unsigned flags, const void *body,
			size_t body_bytes);
void lade_netlink_put(struct netlink_request *request, uint16_t type, const void *value, size_t bytes);
void lade_netlink_put_u32(struct netlink_request *request, uint16_t type, uint32_t value);
void lade_netlink_put_string(struct netlink_request *request, uint16_t type, const char *value);
/* Attributes until the end are inside: size_t nest = lade_netlink_nest(…); …; lade_netlink_nest_end(request, nest). */
size_t lade_netlink_nest(struct netlink_request *request, uint16_t type);
void lade_netlink_nest_end(struct netlink_request *request, size_t nest);

/* ---- asking ---- */

/* A message of the answer; a negative result ends the reading, and is the result. */
typedef int netlink_reply_fn(const struct nlmsghdr *message, void *data);

/*
 * Makes the request of rtnetlink in the calling thread's network namespace. 0 or a negative errno: the kernel's, -EINTR
 * when a dump changed while it was read, -EMSGSIZE when request or answer is too long, -EBADMSG. reply may be NULL.
 */
int lade_netlink(struct kernel *kernel, struct netlink_request *request, netlink_reply_fn *reply, void *data);
/* The running kernel's; see struct kernel_calls. */
int lade_netlink_live(struct netlink_request *request, netlink_reply_fn *reply, void *data);
/* Does it only ask? */
bool lade_netlink_is_reading(const struct netlink_request *request);

/* ---- reading ---- */

/* A stretch of attributes. Nothing in it is believed: what does not fit ends the walk. */
struct netlink_attributes {
	const unsigned char *at;
	size_t left; /* bytes */
};
struct netlink_attribute {
	uint16_t type; /* without flags */
	size_t bytes;
	const void *value;
};

/* After the message's own header of body_bytes. */
struct netlink_attributes lade_netlink_attributes(const struct nlmsghdr *message, size_t body_bytes);
/* The message's own header; NULL when it is too short. */
const void *lade_netlink_body(const struct nlmsghdr *message, size_t body_bytes);
bool lade_netlink_next(struct netlink_attributes *attributes, struct netlink_attribute *ret_attribute);
bool lade_netlink_find(struct netlink_attributes attributes, uint16_t type, struct netlink_attribute *ret_attribute);
/* Inside of the attribute of this type; empty when there is none. */
struct netlink_attributes lade_netlink_inside(struct netlink_attributes attributes, uint16_t type);
/* 0 when there is none of at least four bytes. */
uint32_t lade_netlink_u32(struct netlink_attributes attributes, uint16_t type);
/* "" when there is none that ends. Borrowed. */
const char *lade_netlink_string(struct netlink_attributes attributes, uint16_t type);

#endif
