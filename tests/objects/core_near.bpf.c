/* SPDX-License-Identifier: BSD-2-Clause */
/* Types of core_local.bpf.c as another kernel may have them: everything is there, but elsewhere. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum colour { NONE, GREEN = 200, RED = 100, BLUE = -300 };
typedef enum { FIRST = 3, SECOND = 70, THIRD } order_t;
enum large_enum { LARGE_SMALL = 5, LARGE_BIG = 0x7fffffff };

struct declared {
	int known;
};
struct inner {
	u64 added;
	u16 row[6];
	u64 y;
	u32 x;
};
union choice {
	u8 *pointer;
	u32 narrow[4];
	u64 wide;
};
struct subject {
	u64 more_before[3];
	struct {
		union {
			u64 deepest;
			u32 deeper;
		};
		u32 hidden;
	};
	const volatile u8 a;
	u32 flag : 1, between : 9;
	int part : 5;
	u64 far : 40;
	u16 b;
	u32 c;
	u64 d;
	int negative;
	long long more;
	char name[16];
	void *pointer;
	struct inner *next;
	struct inner inner;
	union choice choice;
	enum colour colour;
	order_t order;
	u32 matrix[3][5];
	long (*call)(void);
	_Bool yes;
	u32 tail[];
};
struct several {
	u64 added;
	u32 three, two, one;
};
typedef struct {
	u32 added, other, member;
} named_t;
typedef int number_t;
typedef int (*function_t)(int, struct subject *);
struct exact {
	u8 bytes[6];
	int a;
	struct inner inner;
	struct inner *pointer;
	struct declared *declared;
	enum colour colour;
	int (*function)(struct exact *, char);
	int added;
};

struct subject subject;
struct several several;
named_t named;
number_t number;
function_t function;
struct exact exact;
struct declared declared;
enum large_enum large;
