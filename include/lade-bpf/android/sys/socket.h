/* SPDX-License-Identifier: BSD-2-Clause */
/* Address families and socket types: linux/if.h and others include this for struct sockaddr. */
#ifndef LADE_BPF_SYS_SOCKET_H
#define LADE_BPF_SYS_SOCKET_H

#include <linux/socket.h>
#include <asm/socket.h>
#include <sys/types.h>

typedef __kernel_sa_family_t sa_family_t;
typedef uint32_t socklen_t;

struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};

#define AF_UNSPEC 0
#define AF_UNIX   1
#define AF_INET   2
#define AF_INET6  10
#define PF_INET   AF_INET
#define PF_INET6  AF_INET6

#define SOL_IP   0
#define SOL_TCP  6
#define SOL_UDP  17
#define SOL_IPV6 41

#define SOCK_STREAM 1
#define SOCK_DGRAM  2
#define SOCK_RAW    3
#define SOCK_PACKET 10

#endif
