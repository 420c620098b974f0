/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An indirect jump as recent compilers make it, written out: r1 gets the address of a table, whose entries are places in
 * the section. gotox is what kernels since 7.0 know.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The jumping function begins 16 bytes into the section; its places are instructions 5 and 7. */
const __u64 jump_places[2] SEC(".jumptables") = { 16 + 5 * 8, 16 + 7 * 8 };

SEC("xdp") __attribute__((naked)) int jumps_before(void)
{
	asm volatile("r0 = 1; exit" ::: "r0");
}

SEC("xdp") __attribute__((naked)) int jumps_around(void)
{
	asm volatile("r1 = %[table] ll;"
		     "r1 = *(u64 *)(r1 + 0);"
		     "r0 = 0;"
		     ".8byte 0x10d;" /* gotox r1 */
		     "r0 = 1;"
		     "exit;"
		     "r0 = 2;"
		     "exit;" ::[table] "i"(jump_places)
		     : "r0", "r1");
}

char _license[] SEC("license") = "GPL";
