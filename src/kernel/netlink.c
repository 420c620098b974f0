/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/netlink.h"

#include <errno.h>

#define TYPE_MASK 0x3fff /* NLA_TYPE_MASK, which is a negative number in the kernel's header */

enum { HEADER_BYTES = 16, ATTRIBUTE_BYTES = 4 };
_Static_assert(sizeof(struct nlmsghdr) == HEADER_BYTES && sizeof(struct nlattr) == ATTRIBUTE_BYTES, "padding");

/* Messages, their headers and their attributes start at multiples of four. */
static size_t aligned(size_t bytes)
{
	return (bytes + 3) & ~(size_t)3;
}

/* ---- building ---- */

/* Puts bytes at the end of the message; the space up to the next multiple of four is zero. */
static void append(struct netlink_request *request, const void *bytes, size_t count)
{
	size_t start = request->header.nlmsg_len;
	if (request->overflow || start > NETLINK_REQUEST_BYTES || count > NETLINK_REQUEST_BYTES - start ||
	    aligned(count) > NETLINK_REQUEST_BYTES - start) {
		request->overflow = true;
		return;
	}
	/* Through the whole request: of its bytes, GCC 12 sees the header only when a sanitizer looks on. */
	unsigned char *place = (unsigned char *)request + offsetof(struct netlink_request, bytes) + start;
	if (count)
		memcpy(place, bytes, count);
	memset(place + count, 0, aligned(count) - count);
	request->header.nlmsg_len = (uint32_t)(start + aligned(count));
}

void lade_netlink_begin(struct netlink_request *request, uint16_t type, unsigned flags, const void *body,
			size_t body_bytes)
{
	*request = (struct netlink_request){ .overflow = false };
	request->header = (struct nlmsghdr){ .nlmsg_len = HEADER_BYTES,
					     .nlmsg_type = type,
					     .nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST | NLM_F_ACK) };
	append(request, body, body_bytes);
}

void lade_netlink_put(struct netlink_request *request, uint16_t type, const void *value, size_t bytes)
{
	if (bytes > NETLINK_REQUEST_BYTES) {
		request->overflow = true;
		return;
	}
	const struct nlattr attribute = { .nla_len = (uint16_t)(ATTRIBUTE_BYTES + bytes), .nla_type = type };
	append(request, &attribute, sizeof attribute);
	append(request, value, bytes);
}

void lade_netlink_put_u32(struct netlink_request *request, uint16_t type, uint32_t value)
{
	lade_netlink_put(request, type, &value, sizeof value);
}

void lade_netlink_put_string(struct netlink_request *request, uint16_t type, const char *value)
{
	lade_netlink_put(request, type, value, strlen(value) + 1);
}

size_t lade_netlink_nest(struct netlink_request *request, uint16_t type)
{
	size_t start = request->header.nlmsg_len;
	lade_netlink_put(request, type | NLA_F_NESTED, NULL, 0);
	return start;
}

void lade_netlink_nest_end(struct netlink_request *request, size_t nest)
{
	if (request->overflow)
		return;
	uint16_t length = (uint16_t)(request->header.nlmsg_len - nest);
	memcpy(request->bytes + nest + offsetof(struct nlattr, nla_len), &length, sizeof length);
}

/* ---- asking ---- */

bool lade_netlink_is_reading(const struct netlink_request *request)
{
	/* rtnetlink's types come in fours: new, delete, get, set. */
	return (request->header.nlmsg_type & 3) == 2;
}

int lade_netlink(struct kernel *kernel, struct netlink_request *request, netlink_reply_fn *reply, void *data)
{
	return request->overflow ? -EMSGSIZE : kernel->calls->netlink(kernel, request, reply, data);
}

/* ---- reading ---- */

const void *lade_netlink_body(const struct nlmsghdr *message, size_t body_bytes)
{
	return message->nlmsg_len >= HEADER_BYTES + body_bytes ? (const unsigned char *)message + HEADER_BYTES : NULL;
}

struct netlink_attributes lade_netlink_attributes(const struct nlmsghdr *message, size_t body_bytes)
{
	size_t skip = HEADER_BYTES + aligned(body_bytes);
	if (message->nlmsg_len <= skip)
		return (struct netlink_attributes){ 0 };
	return (struct netlink_attributes){ (const unsigned char *)message + skip, message->nlmsg_len - skip };
}

bool lade_netlink_next(struct netlink_attributes *attributes, struct netlink_attribute *ret_attribute)
{
	struct nlattr header;
	if (attributes->left < ATTRIBUTE_BYTES)
		return false;
	memcpy(&header, attributes->at, sizeof header);
	if (header.nla_len < ATTRIBUTE_BYTES || header.nla_len > attributes->left)
		return false;
	*ret_attribute = (struct netlink_attribute){ .type = header.nla_type & TYPE_MASK,
						     .bytes = (size_t)header.nla_len - ATTRIBUTE_BYTES,
						     .value = attributes->at + ATTRIBUTE_BYTES };
	size_t step = aligned(header.nla_len);
	/* The last one may end without its padding. */
	step = step < attributes->left ? step : attributes->left;
	attributes->at += step;
	attributes->left -= step;
	return true;
}

bool lade_netlink_find(struct netlink_attributes attributes, uint16_t type, struct netlink_attribute *ret_attribute)
{
	for (struct netlink_attribute attribute; lade_netlink_next(&attributes, &attribute);)
		if (attribute.type == type) {
			*ret_attribute = attribute;
			return true;
		}
	return false;
}

struct netlink_attributes lade_netlink_inside(struct netlink_attributes attributes, uint16_t type)
{
	struct netlink_attribute found;
	if (!lade_netlink_find(attributes, type, &found))
		return (struct netlink_attributes){ 0 };
	return (struct netlink_attributes){ found.value, found.bytes };
}

uint32_t lade_netlink_u32(struct netlink_attributes attributes, uint16_t type)
{
	struct netlink_attribute found;
	uint32_t value = 0;
	if (lade_netlink_find(attributes, type, &found) && found.bytes >= sizeof value)
		memcpy(&value, found.value, sizeof value);
	return value;
}

const char *lade_netlink_string(struct netlink_attributes attributes, uint16_t type)
{
	struct netlink_attribute found;
	if (!lade_netlink_find(attributes, type, &found) || !memchr(found.value, '\0', found.bytes))
		return "";
	return found.value;
}
