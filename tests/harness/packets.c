/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/packets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/netlink.h"

enum { PORT = 9, MARKER_PORT = 10, PATIENCE_SECONDS = 60 };
enum { PEER_INFO = 1, NETKIT_MODE = 5, NETKIT_FRAMES = 0 }; /* VETH_INFO_PEER and IFLA_NETKIT_PEER_INFO; since 6.7 */

/* Packets that one processor sends over lo come in the order in which they went. */
static void stay_on_one_processor(void)
{
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
}

bool packets_enter(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	if (unshare(CLONE_NEWNET) < 0) {
		(void)fprintf(stderr, "# no network namespace: %s\n", strerror(errno));
		return false;
	}
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
	(void)close(fd);
	stay_on_one_processor();
	return result == 0;
}

/* ---- interfaces ---- */

static void interface_call(unsigned long request, struct ifreq *what)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(ioctl(fd, request, what), 0);
	(void)close(fd);
}

static void bring_up(const char *device)
{
	struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING };
	(void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
	interface_call(SIOCSIFFLAGS, &request);
}

/* What the peer of a pair is called, as the driver wants it. */
struct peer {
	struct ifinfomsg body;
	struct nlattr attribute;
	char name[IF_NAMESIZE];
};

static int make_pair(struct kernel *kernel, const char *kind, const char *one, const char *other)
{
	const struct ifinfomsg body = { 0 };
	struct peer peer = { .attribute = { sizeof peer - sizeof peer.body, IFLA_IFNAME } };
	struct netlink_request request;
	(void)snprintf(peer.name, sizeof peer.name, "%s", other);
	lade_netlink_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	lade_netlink_put_string(&request, IFLA_IFNAME, one);
	size_t link = lade_netlink_nest(&request, IFLA_LINKINFO);
	lade_netlink_put_string(&request, IFLA_INFO_KIND, kind);
	size_t data = lade_netlink_nest(&request, IFLA_INFO_DATA);
	lade_netlink_put(&request, PEER_INFO, &peer, sizeof peer);
	if (strcmp(kind, "netkit") == 0)
		lade_netlink_put_u32(&request, NETKIT_MODE, NETKIT_FRAMES);
	lade_netlink_nest_end(&request, data);
	lade_netlink_nest_end(&request, link);
	int result = lade_netlink(kernel, &request, NULL, NULL);
	if (result == 0) {
		bring_up(one);
		bring_up(other);
	}
	return result;
}

void packets_pair(struct kernel *kernel, const char *one, const char *other)
{
	assert_int_equal(make_pair(kernel, "veth", one, other), 0);
}

bool packets_netkit(struct kernel *kernel, const char *primary, const char *peer)
{
	int result = make_pair(kernel, "netkit", primary, peer);
	if (result == -EOPNOTSUPP)
		(void)fprintf(stderr, "# this kernel has no netkit devices\n");
	else
		assert_int_equal(result, 0);
	return result == 0;
}

void packets_address(const char *device, const char *text)
{
	struct ifreq request = { .ifr_addr.sa_family = AF_INET };
	struct sockaddr_in own = { .sin_family = AF_INET };
	(void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
	assert_int_equal(inet_pton(AF_INET, text, &own.sin_addr), 1);
	memcpy(&request.ifr_addr, &own, sizeof own);
	interface_call(SIOCSIFADDR, &request);
}

void packets_qdisc(struct kernel *kernel, const char *kind, bool add)
{
	const struct tcmsg body = { .tcm_ifindex = (int)if_nametoindex("lo"),
				    .tcm_parent = TC_H_CLSACT,
				    .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0) };
	struct netlink_request request;
	lade_netlink_begin(&request, add ? RTM_NEWQDISC : RTM_DELQDISC, add ? NLM_F_CREATE | NLM_F_EXCL : 0, &body,
			   sizeof body);
	lade_netlink_put_string(&request, TCA_KIND, kind);
	assert_int_equal(lade_netlink(kernel, &request, NULL, NULL), 0);
}

void packets_route(struct kernel *kernel, const char *prefix, bool add)
{
	const struct rtmsg body = { .rtm_family = AF_INET,
				    .rtm_dst_len = 16,
				    .rtm_table = RT_TABLE_MAIN,
				    .rtm_protocol = RTPROT_STATIC,
				    .rtm_scope = add ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE,
				    .rtm_type = RTN_UNICAST };
	struct netlink_request request;
	struct in_addr to;
	assert_int_equal(inet_pton(AF_INET, prefix, &to), 1);
	lade_netlink_begin(&request, add ? RTM_NEWROUTE : RTM_DELROUTE, add ? NLM_F_CREATE | NLM_F_EXCL : 0, &body,
			   sizeof body);
	lade_netlink_put(&request, RTA_DST, &to, sizeof to);
	lade_netlink_put_u32(&request, RTA_OIF, if_nametoindex("lo"));
	assert_int_equal(lade_netlink(kernel, &request, NULL, NULL), 0);
}

/* ---- packets ---- */

static struct sockaddr_in address(const char *text, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	assert_int_equal(inet_pton(AF_INET, text, &to.sin_addr), 1);
	return to;
}

static int bound_socket(uint16_t port)
{
	const struct sockaddr_in here = address("127.0.0.1", port);
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&here, sizeof here), 0);
	return fd;
}

static void send_text(const char *text, const char *where, uint16_t port)
{
	const struct sockaddr_in to = address(where, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	/* Nobody may listen, or a program may drop it on its way out (EPERM). */
	(void)sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&to, sizeof to);
	(void)close(fd);
}

void packets_send_only(const char *text)
{
	send_text(text, "127.0.0.1", PORT);
}

/* What comes in lies in the queue of a processor for a while; it is through when what was sent after it has come. */
void packets_send(const char *text)
{
	int marker = bound_socket(MARKER_PORT);
	packets_send_only(text);
	send_text("marker", "127.0.0.1", MARKER_PORT);
	packets_expect(marker, "marker");
	(void)close(marker);
}

void packets_send_to(const char *to)
{
	send_text("x", to, PORT);
}

static void send_frame(const char *device, uint16_t protocol, const void *frame, size_t bytes)
{
	const struct sockaddr_ll to = { .sll_family = AF_PACKET,
					.sll_protocol = htons(protocol),
					.sll_ifindex = (int)if_nametoindex(device) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(sendto(fd, frame, bytes, 0, (const struct sockaddr *)&to, sizeof to), bytes);
	(void)close(fd);
}

void packets_send_frame(const char *device)
{
	const struct {
		struct ethhdr ethernet;
		struct iphdr ip;
		struct udphdr udp;
		char text[18];
	} __attribute__((packed)) frame = {
		.ethernet = { .h_dest = { 255, 255, 255, 255, 255, 255 }, .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4, .ihl = 5, .tot_len = htons(46), .ttl = 9, .protocol = IPPROTO_UDP },
		.udp = { .dest = htons(PORT), .len = htons(26) },
	};
	send_frame(device, ETH_P_IP, &frame, sizeof frame);
}

/* struct ipv6_sr_hdr without the segments, of which it has any number. */
struct segment_header {
	uint8_t next_header, words, type, segments_left, last_entry, flags;
	uint16_t tag;
};

void packets_send_segments(const char *device, const char *to)
{
	struct {
		struct ethhdr ethernet;
		struct ipv6hdr ip;
		struct segment_header routing;
		struct in6_addr segments[2]; /* the last one first */
		struct udphdr udp;
	} __attribute__((packed)) frame = {
		.ethernet = { .h_dest = { 255, 255, 255, 255, 255, 255 }, .h_proto = htons(ETH_P_IPV6) },
		.ip = { .version = 6, .nexthdr = IPPROTO_ROUTING, .hop_limit = 9 },
		.routing = { .next_header = IPPROTO_UDP,
			     .words = sizeof frame.segments / 8,
			     .type = IPV6_SRCRT_TYPE_4,
			     .segments_left = 1,
			     .last_entry = 1 },
		.udp = { .dest = htons(PORT), .len = htons(sizeof frame.udp) },
	};
	struct in6_addr first, from;
	frame.ip.payload_len = htons(sizeof frame.routing + sizeof frame.segments + sizeof frame.udp);
	assert_int_equal(inet_pton(AF_INET6, to, &first), 1);
	assert_int_equal(inet_pton(AF_INET6, "fc00:66::1", &from), 1);
	frame.ip.saddr = from;
	frame.ip.daddr = first;
	frame.segments[0] = from;
	frame.segments[1] = first;
	send_frame(device, ETH_P_IPV6, &frame, sizeof frame);
}

int packets_listen(void)
{
	return bound_socket(PORT);
}

void packets_expect(int listener, const char *text)
{
	char got[64] = "";
	assert_true(recv(listener, got, sizeof got - 1, 0) >= 0);
	assert_string_equal(got, text);
}
