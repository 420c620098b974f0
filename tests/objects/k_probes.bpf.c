// SPDX-License-Identifier: BSD-2-Clause
/* Probes in functions of the kernel. Each counts what the process in settings[0] does to directories. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

enum { KPROBE, KRETPROBE, PLAIN, KSYSCALL, KRETSYSCALL, MULTI, MULTI_RETURN, SESSION, COUNTS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");

static __always_inline int count(__u32 which)
{
	__u32 zero = 0;
	__u64 *pid = bpf_map_lookup_elem(&settings, &zero);
	__u64 *value = bpf_map_lookup_elem(&counts, &which);

	if (value && pid && (!*pid || *pid == bpf_get_current_pid_tgid() >> 32))
		__sync_fetch_and_add(value, 1);
	return 0;
}

SEC("kprobe/security_inode_rmdir")
int on_kprobe(void *registers)
{
	return count(KPROBE);
}

SEC("kretprobe/security_inode_rmdir")
int on_kretprobe(void *registers)
{
	return count(KRETPROBE);
}

SEC("kprobe")
int on_plain(void *registers)
{
	return count(PLAIN);
}

SEC("ksyscall/rmdir")
int on_ksyscall(void *registers)
{
	return count(KSYSCALL);
}

SEC("kretsyscall/rmdir")
int on_kretsyscall(void *registers)
{
	return count(KRETSYSCALL);
}

SEC("kprobe.multi/security_inode_[mr][km]dir")
int on_multi(void *registers)
{
	return count(MULTI);
}

SEC("kretprobe.multi/security_inode_rmdir")
int on_multi_return(void *registers)
{
	return count(MULTI_RETURN);
}

SEC("kprobe.session/security_inode_rmdi?")
int on_session(void *registers)
{
	return count(SESSION);
}

SEC("kprobe/do_execve")
int on_execve(void *registers)
{
	return 0;
}

SEC("kprobe/vfs_rmdri")
int misspelt(void *registers)
{
	return 0;
}

SEC("kprobe.multi/no_function_is_called_so_*")
int on_nothing(void *registers)
{
	return 0;
}

SEC("kretprobe/security_inode_rmdir+0x10")
int on_return_offset(void *registers)
{
	return 0;
}
