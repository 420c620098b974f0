/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/cpu_events.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "kernel/files.h"

#define KERNEL_GROUP   1     /* of multicast: what the kernel itself says; udev speaks in another */
#define LONGEST_NOTICE 8192  /* UEVENT_BUFFER_SIZE is 2048 */
#define CPU_LIMIT      65536 /* far above any CONFIG_NR_CPUS */

int lade_cpu_events_open(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	fd = lade_fd_above_standard(fd < 0 ? -errno : fd);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		int code = -errno;
		(void)close(fd);
		return code;
	}
	return fd;
}

static bool read_cpu(const char *text, int *ret_cpu)
{
	int cpu = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		cpu = cpu * 10 + (*text - '0');
		if (cpu >= CPU_LIMIT)
			return false;
	}
	*ret_cpu = cpu;
	return true;
}

bool lade_cpu_event_parse(const char *bytes, size_t length, struct cpu_event *ret_event)
{
	static const struct {
		const char *text;
		bool online;
	} heads[] = {
		{ "online@/devices/system/cpu/cpu", true },
		{ "offline@/devices/system/cpu/cpu", false },
	};

	if (!memchr(bytes, '\0', length))
		return false;
	for (size_t i = 0; i < ELEMENTS(heads); i++) {
		size_t head = strlen(heads[i].text);
		if (strncmp(bytes, heads[i].text, head) != 0)
			continue;
		ret_event->online = heads[i].online;
		return read_cpu(bytes + head, &ret_event->cpu);
	}
	return false;
}

/* That notices were lost (ENOBUFS) cannot be helped: the list of CPUs says the rest. */
bool lade_cpu_events_next(int fd, struct cpu_event *ret_event)
{
	char bytes[LONGEST_NOTICE];

	for (;;) {
		struct sockaddr_nl sender = { 0 };
		socklen_t size = sizeof sender;
		ssize_t length = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&sender, &size);
		if (length < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (length < 0)
			return false;
		if (sender.nl_pid == 0 && lade_cpu_event_parse(bytes, (size_t)length, ret_event))
			return true;
	}
}
