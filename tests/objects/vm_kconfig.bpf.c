// SPDX-License-Identifier: BSD-2-Clause
/* What the kernel was built with: tests/vm. */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern enum libbpf_tristate CONFIG_VETH __kconfig;
extern int CONFIG_OF_NO_KERNEL __kconfig __weak;
extern char CONFIG_DEFAULT_HOSTNAME[16] __kconfig;

struct built {
	unsigned version;
	unsigned hertz;
	unsigned has_bpf;
	unsigned veth;
	unsigned none;
	char hostname[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} builds SEC(".maps");
struct built *type_of_builds; /* keeps it in the BTF: libbpf takes no value type here */

SEC("raw_tp/sched_process_exec")
int on_exec(void *ctx)
{
	struct built built = {
		.version = LINUX_KERNEL_VERSION,
		.hertz = CONFIG_HZ,
		.has_bpf = CONFIG_BPF_SYSCALL,
		.veth = CONFIG_VETH,
		.none = CONFIG_OF_NO_KERNEL,
	};

	__builtin_memcpy(built.hostname, CONFIG_DEFAULT_HOSTNAME, sizeof built.hostname);
	bpf_ringbuf_output(&builds, &built, sizeof built, 0);
	return 0;
}
