/* SPDX-License-Identifier: BSD-2-Clause */
/* A network namespace of the test's own, and datagrams to port 9 in it. */
#ifndef LADE_TESTS_PACKETS_H
#define LADE_TESTS_PACKETS_H

#include <stdbool.h>
#include <stddef.h>

/* A fresh network namespace for this thread with lo up; it stays on one processor. False: says on stderr why not. */
bool packets_enter(void);
struct kernel;
/* A pair of veth, up. */
void packets_pair(struct kernel *kernel, const char *one, const char *other);
/* A pair of netkit for whole frames, up. False: says on stderr that this kernel has none. */
bool packets_netkit(struct kernel *kernel, const char *primary, const char *peer);
/* Its IPv4 address, with a prefix of 8 bits. */
void packets_address(const char *device, const char *address);
/* A qdisc in the place of clsact is made, or removed. */
void packets_qdisc(struct kernel *kernel, const char *kind, bool add);
/* A plain route by lo is made, or removed. prefix: of 16 bits. */
void packets_route(struct kernel *kernel, const char *prefix, bool add);

/* A datagram over lo to 127.0.0.1:9 with this text; afterwards every program on its way has seen it. */
void packets_send(const char *text);
/* The same where programs let nothing pass: it may still be on its way. */
void packets_send_only(const char *text);
/* A datagram to port 9 of an address. */
void packets_send_to(const char *to);
/* A frame with such a datagram, put on an interface as it is. */
void packets_send_frame(const char *device);
/* A frame of IPv6 whose segment routing header leads by this address to another one. */
void packets_send_segments(const char *device, const char *to);

/* Receives on 127.0.0.1:9 from now on. Closed with close(). */
int packets_listen(void);
/* The first datagram that comes must have this text; waits for it. */
void packets_expect(int listener, const char *text);

#endif
