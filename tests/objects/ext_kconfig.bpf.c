/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of the kernel's configuration in every type; the program leaves what it read in a map. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig;
extern int LINUX_HAS_NOTHING_OF_THE_KIND __kconfig __weak;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern enum libbpf_tristate CONFIG_BPF_JIT __kconfig;
extern char CONFIG_CGROUP_BPF __kconfig;
extern unsigned char CONFIG_HZ __kconfig;
extern unsigned long long CONFIG_NR_CPUS __kconfig;
extern short CONFIG_LOG_BUF_SHIFT __kconfig;
extern char CONFIG_DEFAULT_HOSTNAME[16] __kconfig;
extern char CONFIG_CC_VERSION_TEXT[4] __kconfig;
extern bool CONFIG_NO_SUCH_OPTION __kconfig __weak;

struct seen {
	unsigned long long cpus;
	int version, unheard;
	short shift;
	unsigned char hz;
	char cgroup, hostname[2], compiler[4];
	bool cookie, bpf, absent;
	enum libbpf_tristate jit;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct seen);
} seen SEC(".maps");

SEC("syscall") int read_all(void *context)
{
	int zero = 0;
	struct seen *value = bpf_map_lookup_elem(&seen, &zero);

	if (!value)
		return 1;
	value->version = LINUX_KERNEL_VERSION;
	value->cookie = LINUX_HAS_BPF_COOKIE;
	value->unheard = LINUX_HAS_NOTHING_OF_THE_KIND;
	value->bpf = CONFIG_BPF_SYSCALL;
	value->jit = CONFIG_BPF_JIT;
	value->cgroup = CONFIG_CGROUP_BPF;
	value->hz = CONFIG_HZ;
	value->cpus = CONFIG_NR_CPUS;
	value->shift = CONFIG_LOG_BUF_SHIFT;
	value->hostname[0] = CONFIG_DEFAULT_HOSTNAME[0];
	value->hostname[1] = CONFIG_DEFAULT_HOSTNAME[1];
	for (int i = 0; i < 4; i++)
		value->compiler[i] = CONFIG_CC_VERSION_TEXT[i];
	value->absent = CONFIG_NO_SUCH_OPTION;
	return 0;
}

char _license[] SEC("license") = "GPL";
