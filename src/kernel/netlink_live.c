/* SPDX-License-Identifier: BSD-2-Clause */
/* One request to rtnetlink, one socket: the namespace is that of the calling thread, which may have entered another. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "kernel/files.h"
#include "kernel/netlink.h"

enum { ANSWER_BYTES = 128 * 1024 }; /* the kernel fills at most 32 KiB, but for a link with many virtual functions */

struct conversation {
	int fd;
	struct netlink_request *request;
	netlink_reply_fn *reply;
	void *data;
	bool interrupted; /* what a dump looked at changed meanwhile */
};

static int open_socket(void)
{
	const int on = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	fd = lade_fd_above_standard(fd < 0 ? -errno : fd);
	if (fd < 0)
		return fd;
	/* Since 4.12; before, errors have no words. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	return fd;
}

static int send_request(const struct conversation *talk)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t sent;
	do
		sent = sendto(talk->fd, talk->request->bytes, talk->request->header.nlmsg_len, 0,
			      (const struct sockaddr *)&kernel, sizeof kernel);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* The next datagram of the kernel's own; its bytes, or a negative errno. */
static ssize_t receive(int fd, void *buffer, size_t size)
{
	struct sockaddr_nl sender = { 0 };
	ssize_t bytes;
	do {
		socklen_t length = sizeof sender;
		bytes = recvfrom(fd, buffer, size, MSG_TRUNC, (struct sockaddr *)&sender, &length);
	} while ((bytes < 0 && errno == EINTR) || (bytes >= 0 && sender.nl_pid != 0));
	if (bytes < 0)
		return -errno;
	return (size_t)bytes > size ? -EMSGSIZE : bytes;
}

static void take_words(struct netlink_request *request, const struct nlmsghdr *message, size_t body_bytes)
{
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	const char *words = lade_netlink_string(lade_netlink_attributes(message, body_bytes), NLMSGERR_ATTR_MSG);
	strncpy(request->refusal, words, sizeof request->refusal - 1);
}

/* The verdict at the end of an answer: NLMSG_ERROR, or NLMSG_DONE of a dump. */
static int verdict(const struct conversation *talk, const struct nlmsghdr *message)
{
	int code = 0;
	bool is_error = message->nlmsg_type == NLMSG_ERROR;
	size_t body_bytes = is_error ? sizeof(struct nlmsgerr) : sizeof code;
	const void *body = lade_netlink_body(message, sizeof code);
	if (!body)
		return is_error ? -EBADMSG : 0;
	memcpy(&code, body, sizeof code);
	take_words(talk->request, message, body_bytes);
	if (code > 0)
		return -EBADMSG;
	return code == 0 && talk->interrupted ? -EINTR : code;
}

/* 1: the answer is complete, *ret_result is how it ended. */
static int take_message(struct conversation *talk, const struct nlmsghdr *message, int *ret_result)
{
	if (message->nlmsg_seq != talk->request->header.nlmsg_seq)
		return 0;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		talk->interrupted = true;
	if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
		*ret_result = verdict(talk, message);
		return 1;
	}
	*ret_result = talk->reply && message->nlmsg_type >= NLMSG_MIN_TYPE ? talk->reply(message, talk->data) : 0;
	return *ret_result < 0;
}

/* One datagram: 1 when the answer is complete, then *ret_result is how it ended. */
static int take_datagram(struct conversation *talk, const unsigned char *bytes, size_t left, int *ret_result)
{
	while (left > 0) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)bytes;
		bool fits =
			left >= sizeof *message && message->nlmsg_len >= sizeof *message && message->nlmsg_len <= left;
		*ret_result = -EBADMSG;
		if (!fits || take_message(talk, message, ret_result))
			return 1;
		size_t step = ((size_t)message->nlmsg_len + 3) & ~(size_t)3;
		step = step < left ? step : left;
		left -= step;
		bytes += step;
	}
	return 0;
}

static int take_answer(struct conversation *talk, unsigned char *buffer)
{
	for (;;) {
		int result;
		ssize_t bytes = receive(talk->fd, buffer, ANSWER_BYTES);
		if (bytes < 0)
			return (int)bytes;
		if (take_datagram(talk, buffer, (size_t)bytes, &result))
			return result;
	}
}

int lade_netlink_live(struct netlink_request *request, netlink_reply_fn *reply, void *data)
{
	CLEANUP(cleanup_fd) int fd = open_socket();
	CLEANUP(cleanup_free) unsigned char *buffer = malloc(ANSWER_BYTES);
	if (fd < 0 || !buffer)
		return fd < 0 ? fd : -ENOMEM;
	struct conversation talk = { .fd = fd, .request = request, .reply = reply, .data = data };
	request->header.nlmsg_seq = 1; /* the socket is new: nothing older can come */
	request->refusal[0] = '\0';
	int result = send_request(&talk);
	return result < 0 ? result : take_answer(&talk, buffer);
}
