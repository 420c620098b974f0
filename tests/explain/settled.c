/* SPDX-License-Identifier: BSD-2-Clause */
/* What lines around a failure settle: whose it is, which of two it is, and what it was before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/error.h"

static struct lade_explanation *explain(const char *text)
{
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;

	if (lade_explain_text(text, strlen(text), NULL, &explanation, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return explanation;
}

static size_t count_errors(const struct lade_explanation *explanation)
{
	struct lade_explanation_info info = { .size = sizeof info };

	assert_int_equal(lade_explanation_describe(explanation, &info), 0);
	return info.errors;
}

/* The error that comes `nth`, from 0. */
static struct lade_finding_info error_of(const struct lade_explanation *explanation, size_t nth)
{
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_explained_info item = { .size = sizeof item };

	for (size_t i = 0; lade_explained(explanation, i, &item) == 0; i++) {
		if (item.role != LADE_EXPLAINED_ERROR || nth-- > 0)
			continue;
		assert_int_equal(lade_finding_describe(item.finding, &info), 0);
		return info;
	}
	fail_msg("there are not so many errors");
	return info;
}

#define OLD_LOG(last)                                                                                                  \
	"libbpf: load bpf program failed: Invalid argument\n"                                                          \
	"libbpf: -- BEGIN DUMP LOG ---\n0: (61) r1 = *(u32 *)(r1 +16)\n" last "\nlibbpf: -- END LOG --\n"

static void old_log_is_of_the_program_that_is_named_behind_it(void **state)
{
	struct lade_explanation *explanation =
		explain("libbpf: failed to load program 'probe'\nlibbpf: failed to load object "
			"'a.o'\n" OLD_LOG("R2 !read_ok") "libbpf: failed to load program "
							 "'first'\n" OLD_LOG("invalid bpf_context access "
									     "off=8 size=4") "libbpf: failed to load "
											     "program 'second'\n");
	(void)state;
	assert_int_equal(count_errors(explanation), 2);
	for (size_t i = 0; i < 2; i++) {
		struct lade_finding_info info = error_of(explanation, i);
		const char *wanted = strcmp(info.code, "verifier.context") == 0 ? "second" : "first";
		assert_non_null(info.program);
		assert_string_equal(info.program, wanted);
	}
	(void)lade_explanation_free(explanation);
}

static void kernel_that_does_not_take_its_own_types_names_a_module(void **state)
{
	static const struct {
		const char *lines, *cause;
	} texts[] = {
		{ "[ 0.7] BPF:[593] ENUM event_context\n[ 0.8] BPF:Invalid btf_info kind_flag\n", "has a sign" },
		{ "[ 0.7] BPF: type_id=35503 offset=178440 size=4\n[ 0.8] BPF:Invalid offset\n", "its own types" },
		{ "[ 0.7] BPF: [123456] STRUCT nic\n[ 0.8] BPF: Invalid name\n", "do not fit the kernel's" },
		{ "[ 0.7] BPF: type_id=130001 offset=64 size=4\n[ 0.8] BPF: Invalid offset\n",
		  "do not fit the kernel's" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		char text[512];
		(void)snprintf(text, sizeof text, "%s[ 0.9] failed to validate module [nic] BTF: -22\n",
			       texts[i].lines);
		struct lade_explanation *explanation = explain(text);
		struct lade_finding_info info = error_of(explanation, 0);
		assert_int_equal(count_errors(explanation), 1);
		assert_string_equal(info.code, "btf.kernel.damaged");
		if (!strstr(info.cause, texts[i].cause))
			fail_msg("%s: %s", texts[i].lines, info.cause);
		assert_int_equal(info.confidence, LADE_LIKELY);
		(void)lade_explanation_free(explanation);
	}
}

static void verdict_that_is_repeated_with_the_line_behind_it_is_one(void **state)
{
	struct lade_explanation *explanation =
		explain("loading: load program: permission denied:\n"
			"\t0: R1=ctx() R10=fp0\n\t0: (71) r0 = *(u8 *)(r7 +0)\n"
			"\tinvalid access to packet, off=34 size=1, R7(id=0,off=34,r=0)\n"
			"\tR7 offset is outside of the packet\n"
			"\tprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0\n\n"
			"program a: load program: permission denied: invalid access to packet, off=34 size=1, "
			"R7(id=0,off=34,r=0): R7 offset is outside of the packet (4 line(s) omitted)\n");
	struct lade_finding_info info = error_of(explanation, 0);

	(void)state;
	assert_int_equal(count_errors(explanation), 1);
	assert_string_equal(info.code, "verifier.packet");
	assert_string_equal(info.program, "a");
	(void)lade_explanation_free(explanation);
}

static void name_of_which_a_rule_has_the_beginning_is_whole(void **state)
{
	struct lade_explanation *explanation =
		explain("a.c:7:12: error: implicit declaration of function ‘bpf_program__flags’\n"
			"a.c:9:8: error: implicit declaration of function ‘bpf_program__set_flags’\n");
	struct lade_finding_info info = error_of(explanation, 0);
	bool is_named = false;

	(void)state;
	for (size_t i = 0; i < info.evidence_count; i++)
		is_named |= strstr(info.evidence[i], "true of bpf_program__set_flags") != NULL;
	assert_true(is_named);
	(void)lade_explanation_free(explanation);
}

/* A mail wraps lines where it likes. */
static void call_that_a_mail_wrapped_is_one(void **state)
{
	static const char *const texts[] = {
		"> bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4, \n> value_size=4, max_entries=1}, 120) "
		"\n> = "
		"-1 EPERM (Operation not permitted)\n",
		"bpf(BPF_MAP_CREATE,\n{map_type=BPF_MAP_TYPE_HASH, key_size=4, value_size=4,\nmax_entries=1}, 120) = "
		"-1 EPERM "
		"(Operation not permitted)\n",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		struct lade_explanation *explanation = explain(texts[i]);
		struct lade_explanation_info info = { .size = sizeof info };
		assert_int_equal(count_errors(explanation), 1);
		assert_string_equal(error_of(explanation, 0).code, "map.create.permission");
		assert_int_equal(lade_explanation_describe(explanation, &info), 0);
		assert_int_equal(info.lines, 3);
		assert_int_equal(info.known, 3);
		(void)lade_explanation_free(explanation);
	}
	/* What only speaks of a call takes no line. */
	struct lade_explanation *explanation = explain("bpf(BPF_MAP_CREATE) failed\nR2 !read_ok\n");
	assert_string_equal(error_of(explanation, count_errors(explanation) - 1).code, "verifier.uninitialised");
	(void)lade_explanation_free(explanation);
}

static void who_made_a_map_lacks_no_capability(void **state)
{
#define MAKE(type, result)                                                                                             \
	"bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_" type                                                             \
	", key_size=4, value_size=4096, max_entries=100}, 120) = " result "\n"
	struct lade_explanation *same = explain(MAKE("ARRAY", "5") MAKE("ARRAY", "-1 EPERM (Operation not permitted)"));
	struct lade_explanation *other =
		explain(MAKE("ARRAY", "5") MAKE("LRU_HASH", "-1 EPERM (Operation not permitted)"));

	(void)state;
	assert_non_null(strstr(error_of(same, 0).cause, "line 1), so that no capability is missing"));
	assert_int_equal(error_of(same, 0).confidence, LADE_LIKELY);
	assert_null(strstr(error_of(other, 0).cause, "no capability is missing"));
	(void)lade_explanation_free(same);
	(void)lade_explanation_free(other);
}

/* Each text has one error, whose cause other lines of it settle, or must not. */
static void cause_is_settled_by_what_the_text_says_elsewhere(void **state)
{
	static const struct {
		const char *cause, *text;
	} cases[] = {
		{ "the kernel has the function and lets nobody probe it",
		  "stdin:1:1-30: WARNING: foo_return is not traceable (either non-existing, inlined, or marked as "
		  "\"notrace\"); attaching to it will likely fail\n"
		  "Attaching 1 probe...\n"
		  "cannot attach kprobe, Invalid argument\n"
		  "ERROR: Error attaching probe: 'kprobe:foo_return'\n" },
		{ "the kernel has no function of this name that kprobes find",
		  "stdin:1:1-21: WARNING: do_foo is not traceable (either non-existing, inlined, or marked as "
		  "\"notrace\"); attaching to it will likely fail\n"
		  "Attaching 1 probe...\n"
		  "cannot attach kprobe, probe entry may not exist\n"
		  "ERROR: Error attaching probe: 'kprobe:do_foo'\n" },
		{ "the program was written for x64",
		  "Linux u 6.6.0 aarch64\nlibbpf: failed to find kernel BTF type ID of '__x64_sys_frob': -3\n" },
		{ "on s390x the kernel has BPF trampolines since 6.3",
		  "s390x\nlibbpf: prog 'p': failed to attach: ERROR: strerror_r(-524)=22\n" },
		{ "the program calls bpf_override_return()",
		  "# bpftrace -e 'k:vfs_frob { override(2); }' --unsafe\nioctl(PERF_EVENT_IOC_SET_BPF): Invalid "
		  "argument\n"
		  "Error attaching probe: 'kprobe:vfs_frob'\n" },
		{ "a kprobe takes programs of bpftrace, but for one that calls override()",
		  "ioctl(PERF_EVENT_IOC_SET_BPF): Invalid argument\nError attaching probe: 'kprobe:vfs_frob'\n" },
		{ "xfs_file_splice has another name in this kernel",
		  "libbpf: prog 'splice_entry': failed to create kprobe 'xfs_file_splice+0x0' perf event: No such file "
		  "or directory\n"
		  "# grep xfs_file_splice /proc/kallsyms\n"
		  "ffffffffc0a1d2e0 t xfs_file_splice.llvm.1180432220711\t[xfs]\n" },
		{ "blk_account_done has another name in this kernel",
		  "$ sudo grep blk_account_done /proc/kallsyms\n"
		  "ffffffff8151f2b0 t blk_account_done.isra.0\n"
		  "$ sudo ./biosnoop\n"
		  "libbpf: prog 'done': failed to create kprobe 'blk_account_done+0x0' perf event: No such file or "
		  "directory\n" },
		{ "nfs_do_filldir has another name",
		  "libbpf: prog 'fill': failed to create kprobe 'nfs_do_filldir+0x0' perf event: No such file or "
		  "directory\n"
		  "$ grep nfs_do_filldir /sys/kernel/tracing/available_filter_functions\n"
		  "nfs_do_filldir.constprop.0 [nfs]\n" },
		{ "the kernel has the function", "libbpf: prog 'r': failed to create kprobe 'btrfs_readdir_one+0x0' "
						 "perf event: No such file or directory\n"
						 "ffffffffc142eb60 t btrfs_readdir_one.cold\t[btrfs]\n"
						 "ffffffffc142ec10 t btrfs_readdir_one\t[btrfs]\n" },
		{ "the module btrfs is loaded", "libbpf: prog 'r': failed to create kprobe 'btrfs_old_read+0x0' perf "
						"event: No such file or directory\n"
						"$ grep btrfs_ /proc/kallsyms | head -1\n"
						"ffffffffc142ec10 t btrfs_sync_fs\t[btrfs]\n" },
		{ "tun_put_page has another name",
		  "libbpf: prog 'r': failed to create kprobe 'tun_put_page+0x0' perf event: No such file or directory\n"
		  "ffffffffc0311a55 t tun_put_page.cold\t[tun]\n" },
		{ "the function is, by its name, one of the module xfs",
		  "libbpf: prog 'r': failed to create kprobe 'xfs_log_it+0x0' perf event: No such file or directory\n"
		  "ffffffff81200000 t vfs_log_it.isra.0\n" },
		{ "the key of a hash may have 512 bytes at most before 5.11",
		  "libbpf: map 'by_path': failed to create: Argument list too long(-7)\n" },
		{ "bpf_link_info is of linux/bpf.h, since kernel 5.8",
		  "tool.c:31:24: error: storage size of 'li' isn't known\n"
		  "   31 |   struct bpf_link_info li = {};\n" },
		{ "the type of attr is declared by name only",
		  "prog.c:31:24: error: storage size of 'attr' isn't known\n"
		  "   31 |   struct bpf_prog_load_attr attr = {};\n" },
		{ "the kernel's internal headers are read",
		  "In file included from probe.bpf.c:3:\n"
		  "/usr/src/linux-headers-6.1.0-18-common/include/linux/types.h:9:10: fatal error: 'asm/bitsperlong.h' "
		  "file not found\n" },
		{ "the kernel's internal headers are read",
		  "/usr/src/kernels/5.14.0-70.el9.x86_64/include/linux/compiler_types.h:66:10: fatal error: "
		  "asm/compiler.h: No such file or directory\n" },
		{ "the vmlinux.h that is included", "feat.bpf.c:12:30: error: no member named 'uprobe_multi' in 'union "
						    "bpf_attr::(unnamed at ../arm/vmlinux.h:5120:2)'\n" },
		{ "it is a static link (line 1)", "$ LDFLAGS=-static make bpftool\n"
						  "/usr/bin/ld: cannot find -lelf: No such file or directory\n"
						  "/usr/bin/ld: cannot find -lzstd: No such file or directory\n"
						  "collect2: error: ld returned 1 exit status\n" },
		{ "it is a static link", "$ go build -ldflags='-extldflags \"-static\" -s' ./cmd/agent\n"
					 "/usr/bin/ld: cannot find -lz\n"
					 "/usr/bin/ld: cannot find -lresolv\n"
					 "/usr/bin/ld: cannot find -lc\n"
					 "collect2: error: ld returned 1 exit status\n" },
		{ "it is a static link", "/usr/bin/ld: cannot find -lelf\n"
					 "/usr/bin/ld: cannot find -lc\n" },
		{ "it is a static link (line 2)",
		  "/usr/bin/ld: cannot find -lbpf: No such file or directory\n"
		  "/usr/bin/ld: have you installed the static version of the bpf library ?\n" },
		{ "the kernel's own BPF code does not compile",
		  "kernel/bpf/verifier.c:5120:12: error: 'BPF_PROBE_MEM32' undeclared (first use in this function)\n" },
		{ "the kernel's own BPF code does not compile",
		  "../kernel/bpf/syscall.c:812:9: error: implicit declaration of function 'bpf_map_free_later' "
		  "[-Werror=implicit-function-declaration]\n" },
		{ "the kernel's own BPF code does not compile",
		  "/src/vendor/linux/kernel/bpf/core.c:812:9: error: use of undeclared identifier 'BPF_ST_MEMX'\n" },
		{ "nothing declares",
		  "src/kernel/bpf/agent.c:20:7: error: 'MY_MAP' undeclared (first use in this function)\n" },
		{ "a map of stacks (BPF_MAP_TYPE_STACK_TRACE) is refused for its sizes",
		  "The object has a BPF_MAP_TYPE_STACK_TRACE.\n"
		  "libbpf: map 'stacks': failed to create: Invalid argument(-22)\n" },
		{ "option and directory are one argument",
		  "/usr/bin/clang -g -O2 '-idirafter /usr/include/aarch64-linux-gnu' -target bpf -c x.bpf.c -o "
		  "x.bpf.o\n"
		  "/usr/include/stdint.h:26:10: fatal error: 'bits/libc-header-start.h' file not found\n" },
		{ "a header of the C library was included",
		  "/usr/bin/clang -g -O2 -idirafter /usr/include/aarch64-linux-gnu -target bpf -c x.bpf.c -o x.bpf.o\n"
		  "/usr/include/stdint.h:26:10: fatal error: 'bits/libc-header-start.h' file not found\n" },
		{ "/src/linux/vmlinux has no types (BTF): this kernel was built without",
		  "libbpf: failed to find '.BTF' ELF section in /src/linux/vmlinux\n" },
		{ "a vmlinux built without CONFIG_DEBUG_INFO_BTF",
		  "libbpf: failed to find '.BTF' ELF section in build/probe.o\n" },
		{ "vmlinux.h is made from the kernel's BTF",
		  "/usr/bin/clang '-idirafter /usr/include' -target bpf -c x.bpf.c\n"
		  "x.bpf.c:1:10: fatal error: 'vmlinux.h' file not found\n" },
		{ "do_thing_now has another name in this kernel",
		  "cannot attach kprobe, probe entry may not exist\n"
		  "Exception: Failed to attach BPF program b'x' to kprobe b'do_thing_now'\n"
		  "ffffffff81200000 t do_thing_now.isra.0\n" },
		{ "a jump within assembler of the processor",
		  "<inline asm>:1:2: error: invalid register/token name\n        invalid use of asm_volatile_goto\n" },
		{ "then cgroup v2 is not in use",
		  "systemd[1]: a.service:3 configures an IP firewall (IPAddressDeny=any), but the local system does "
		  "not support BPF/cgroup based firewalling.\nCONFIG_CGROUP_BPF=y\n" },
		{ "what is attached is the dispatcher of libxdp, which before",
		  "My program is SEC(\"xdp.frags\").\n"
		  "libbpf: Kernel error message: nic: prog does not support XDP frags\n"
		  "libxdp: Failed to attach dispatcher on ifindex 2: Operation not supported\n" },
		{ "what is attached is the dispatcher of libxdp, which takes",
		  "libbpf: Kernel error message: nic: prog does not support XDP frags\n"
		  "libxdp: Failed to attach dispatcher on ifindex 2: Operation not supported\n" },
		{ "it is a union (id.id, id.ino) before 5.5",
		  "libbpf: prog 'probe': relo #4: <byte_off> [172] struct kernfs_node.id (0:9 @ offset 104)\n"
		  "libbpf: prog 'probe': relo #4: no matching targets found\n"
		  "libbpf: prog 'probe': relo #4: substituting insn #29 w/ invalid insn\n"
		  "libbpf: prog 'probe': BPF program load failed: Invalid argument\n"
		  "libbpf: prog 'probe': -- BEGIN PROG LOAD LOG --\n"
		  "0: (bf) r6 = r1\n1: (79) r3 = *(u64 *)(r6 +112)\n2: (b7) r1 = 0\n; struct\n"
		  "libbpf: prog 'probe': failed to load: -22\n" },
		{ "it is no program of the tool's that was refused",
		  "detect support for FnSetRetval for program type CGroupSock: load program: invalid argument: 0: (85) "
		  "call bpf_set_retval#187: R1 is not a scalar (2 line(s) omitted)\n" },
		{ "the kernel was built without programs of probes",
		  "program kprobe_open: load program: invalid argument\n# CONFIG_BPF_EVENTS is not set\n" },
		{ "it was run by root", "uid=0(root) gid=0(root)\n"
					"bpf: Failed to load program: Operation not permitted\n"
					"Exception: Need super-user privileges to run\n" },
		{ "the kernel's macro BTF_ID() gave two lists",
		  "ld.lld: error: ld-temp.o <inline asm>:12:1: symbol '__BTF_ID__struct__cgroup__62' is already "
		  "defined\n" },
		{ "what libxdp attaches is its dispatcher",
		  "libbpf: Kernel error message: nicdrv: prog does not support XDP frags\n"
		  "libxdp: Error attaching XDP program to ifindex 2: Operation not supported\n"
		  "SEC(\"xdp.frags\")\n" },
		{ "taken from another list", "BPF_LINK_CREATE: Invalid argument\n"
					     "attr.link_create.attach_type = BPF_LINK_TYPE_XDP;\n" },
		{ "line 2 names the error, for which the kernel stopped the BPF scheduler: the scheduler sent a task",
		  "sched_ext: BPF scheduler \"queues\" disabled (runtime error)\n"
		  "sched_ext: queues: SCX_DSQ_LOCAL[_ON] verdict target cpu 21 not allowed for worker[313]\n" },
		{ "it moved a task to another CPU while the task may not migrate",
		  "browser[1205] triggered exit kind 1024:\n"
		  "  runtime error (SCX_DSQ_LOCAL[_ON] cannot move migration disabled browser[1205] from CPU 3 to "
		  "0)\n" },
		{ "two variables of each CPU stand at one place", "failed to validate module [nic] BTF: -22\n"
								  "With the option off the log has:\n"
								  "BPF:      type_id=5457 offset=1288 size=64\n"
								  "BPF:\nBPF: Invalid offset\n" },
		{ "an operation which this kernel's table has not",
		  "Error: Failed to load BPF program\n\nCaused by:\n    Operation not supported (os error 95)\n" },
		{ "the linker finds no library c that it can take",
		  "/usr/bin/ld: skipping incompatible /usr/lib/libc.so when searching for -lc\n"
		  "/usr/bin/ld: cannot find -lc\n" },
		{ "tracefs is not mounted where this process looks",
		  "libbpf: failed to determine tracepoint 'syscalls/sys_exit_execveat' perf event ID: No such file or "
		  "directory\n"
		  "libbpf: prog 'on_exec': failed to create tracepoint 'syscalls/sys_exit_execveat' perf event: No "
		  "such file or directory\n" },
		{ "it has no upper bound and was added to a pointer",
		  "112: (71) r1 = *(u8 *)(r6 +1)\n"
		  "R6 min value is negative (-9223372036854775808), either use unsigned index or do a if (index >=0) "
		  "check.\n" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct lade_explanation *explanation = explain(cases[i].text);
		assert_int_equal(count_errors(explanation), 1);
		const char *cause = error_of(explanation, 0).cause;
		if (!cause || !strstr(cause, cases[i].cause))
			fail_msg("\"%s\" is not in: %s", cases[i].cause, cause ? cause : "(nothing)");
		(void)lade_explanation_free(explanation);
	}
}

/* What is certain stays so; what is to be done is another. */
static void fix_is_settled_by_what_the_text_says_elsewhere(void **state)
{
	static const struct {
		const char *fix, *text;
	} cases[] = {
		{ "Android has no packages of headers",
		  "Unable to find kernel headers. Try rebuilding kernel with CONFIG_IKHEADERS=m (module)\nPixel 4\n" },
		{ "clang 13 or later", "With clang 12:\nThe sequence of 8193 jumps is too complex.\n" },
		{ "clang 10.0.0 made the write",
		  "15: (0f) r2 += r1\n; BPF_SEQ_PRINTF(seq, \"%pi6\", &rt->dst);\n16: (7b) *(u64 *)(r8 +64) = r2\n"
		  "only read is supported\n" },
		{ "the helper was ported back, as the text says, and not wholly",
		  "Backported helpers are not used\nbpf: Failed to load program: Invalid argument\n"
		  "0: (bf) r6 = r1\n1: (85) call 113\ninvalid func 113\n" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct lade_explanation *explanation = explain(cases[i].text);
		const char *fix = error_of(explanation, 0).fix;
		if (!fix || !strstr(fix, cases[i].fix))
			fail_msg("\"%s\" is not in: %s", cases[i].fix, fix ? fix : "(nothing)");
		(void)lade_explanation_free(explanation);
	}
}

/* Beside what the call itself proves nothing else may be it; where it proves nothing the causes stay. */
static void certain_cause_of_a_call_stands_alone(void **state)
{
	static const struct {
		const char *members;
		enum lade_confidence confidence;
	} calls[] = {
		{ "key_size=8, value_size=8, max_entries=1, map_flags=0, map_name=\"m\"", LADE_CERTAIN },
		{ "key_size=4, value_size=8, max_entries=1, map_flags=0, map_name=\"my-map\"", LADE_CERTAIN },
		{ "key_size=4, value_size=8, max_entries=1, map_flags=0, map_name=\"m\"", LADE_POSSIBLE },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(calls); i++) {
		char text[256];
		size_t others = 0;
		(void)snprintf(text, sizeof text,
			       "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_ARRAY, %s}, 72) = -1 EINVAL (Invalid "
			       "argument)\n",
			       calls[i].members);
		struct lade_explanation *explanation = explain(text);
		struct lade_finding_info info = error_of(explanation, 0);
		for (size_t j = 0; j < info.evidence_count; j++)
			others += strncmp(info.evidence[j], "it may be: ", strlen("it may be: ")) == 0;
		if ((info.confidence == LADE_CERTAIN) != (calls[i].confidence == LADE_CERTAIN) ||
		    (others == 0) != (calls[i].confidence == LADE_CERTAIN))
			fail_msg("%s: %d, %zu others", text, (int)info.confidence, others);
		(void)lade_explanation_free(explanation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_log_is_of_the_program_that_is_named_behind_it),
		cmocka_unit_test(kernel_that_does_not_take_its_own_types_names_a_module),
		cmocka_unit_test(verdict_that_is_repeated_with_the_line_behind_it_is_one),
		cmocka_unit_test(call_that_a_mail_wrapped_is_one),
		cmocka_unit_test(certain_cause_of_a_call_stands_alone),
		cmocka_unit_test(who_made_a_map_lacks_no_capability),
		cmocka_unit_test(name_of_which_a_rule_has_the_beginning_is_whole),
		cmocka_unit_test(cause_is_settled_by_what_the_text_says_elsewhere),
		cmocka_unit_test(fix_is_settled_by_what_the_text_says_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
