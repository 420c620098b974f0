/* SPDX-License-Identifier: BSD-2-Clause */
/* Types that clang 14 does not emit. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __tag(name) __attribute__((btf_type_tag(name)))
#define __mark(name) __attribute__((btf_decl_tag(name)))

enum wide { SMALL = 1, LARGE = 0x1234567890abcdefULL };
enum negative { BELOW = -5000000000LL, ABOVE = 5 };

struct tagged {
	int __tag("user") *pointer;
	enum wide wide;
	enum negative negative;
	double real;
	__int128 huge;
} __mark("marked");

struct tagged tagged;

extern int unknown_function(int number) __ksym __weak;

SEC("socket")
int use(struct __sk_buff *packet)
{
	return (int)tagged.wide + (int)tagged.negative;
}

char _license[] SEC("license") = "GPL";
