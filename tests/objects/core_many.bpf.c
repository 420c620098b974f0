/* SPDX-License-Identifier: BSD-2-Clause */
/* Several types for one of core_local.bpf.c: agreeing, differing, some without what is asked for. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct several {
	u32 one, two;
};
struct several___wider {
	u64 one;
	u32 two, three;
};
struct several___empty {
	u8 nothing;
};
struct several_different {
	u32 before, one;
};
struct subject {
	u8 a;
	u16 b;
	u32 c;
	u64 d;
	int negative;
	char name[4];
	u8 colour : 4;
};
struct subject___second {
	u8 a;
	u16 b;
	u32 c;
	u32 d;
	unsigned int negative;
	char name[16];
	u8 tail[];
};
struct subject___third {
	u64 a : 8;
	u64 c;
	int flag : 1;
};
enum colour { RED = 1, GREEN = 2 };
enum colour___two { RED_two___x = 4, BLUE___two = 7, GREEN___two = 2 };
typedef enum { FIRST, SECOND } order_t;
struct missing___kernel {
	u64 gone;
};
union choice {
	u64 wide;
	u32 narrow[2];
	u8 *pointer;
};
struct choice___struct {
	u32 narrow[2];
};
struct exact {
	int a;
	u8 bytes[6];
};
struct exact___longer {
	u8 bytes[7];
	int a;
};

struct several s0;
struct several___wider s1;
struct several___empty s2;
struct several_different s3;
struct subject t0;
struct subject___second t1;
struct subject___third t2;
enum colour c0;
enum colour___two c1;
order_t order;
struct missing___kernel missing;
union choice choice;
struct choice___struct choice_struct;
struct exact e0;
struct exact___longer e1;
