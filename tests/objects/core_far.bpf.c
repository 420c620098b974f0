/* SPDX-License-Identifier: BSD-2-Clause */
/* Types of core_local.bpf.c as another kernel may have them: missing, of other kinds and sizes, far away. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum colour { GREEN___other = 200, RED = 100 };
typedef int order_t;
struct large_enum {
	int no_enum;
};

struct missing;
struct inner {
	u16 row[2];
	char x;
};
struct choice {
	u32 narrow;
	u8 pointer[7];
};
struct subject {
	u64 a;
	u32 b : 3, c : 17;
	u32 d;
	u64 negative;
	int more;
	char name[15];
	u32 pointer;
	struct inner *inner;
	struct inner next;
	union {
		struct {
			u32 unrelated;
			struct {
				u8 hidden;
				u64 deepest;
			};
		};
		float deeper;
	};
	u8 colour;
	u8 flag;
	short part;
	u64 before : 30;
	u64 far : 50;
	u32 matrix[2][5];
	u16 call;
	int yes;
	u8 gap[40000];
	u64 tail[3];
	union choice2 {
		u32 narrow[2];
	} choice;
	u32 ancient;
};
struct several {
	u32 two;
};
typedef unsigned long number_t;
typedef int (*function_t)(int, struct inner, long);
typedef struct {
	u64 member, other;
} named_t;
struct exact {
	unsigned int a;
	struct inner *inner;
	u8 bytes[7];
};

struct missing *missing;
struct subject subject;
struct several several;
named_t named;
number_t number;
function_t function;
struct exact exact;
enum colour colour;
order_t order;
struct large_enum large;
struct choice choice;
