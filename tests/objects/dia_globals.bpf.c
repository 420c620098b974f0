/* SPDX-License-Identifier: BSD-2-Clause */
/* Global variables of every kind. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

enum colour { RED, GREEN = 5, BLUE = -1 };
enum plain { NONE, SOME = 0xfffffff0u };
typedef __u16 port_t;

struct pair {
	__u32 left, right;
};

const volatile int limit = 10;
const volatile bool verbose = true;
const volatile char comm[16] = "init";
const volatile enum colour colour = GREEN;
const volatile enum plain plain = SOME;
const volatile port_t ports[3] = { 80, 443 };
const volatile __u8 address[4] = { 127, 0, 0, 1 };
__u64 total;
__s8 small = -5;
struct pair pair = { 1, 2 };
int matrix[2][2] = { { 1, 2 }, { 3, 4 } };
static volatile int hidden_first = 3, hidden_second = 4;
static volatile __u64 zeroed;
int weak_value __attribute__((weak)) = 9;
int in_custom SEC(".data.custom") = 11;
const volatile int in_rodata_custom SEC(".rodata.custom") = 12;

SEC("raw_tp/sys_enter") int enter(void *context)
{
	total += (__u64)limit + verbose + (__u64)comm[0] + (__u64)colour + ports[1] + address[2] + (__u64)plain;
	zeroed += (__u64)hidden_second;
	small += pair.left + pair.right + weak_value + in_custom + in_rodata_custom + matrix[1][0];
	hidden_first += 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
