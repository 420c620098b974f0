/* SPDX-License-Identifier: BSD-2-Clause */
/* id, role, code, a part of cause, fix or evidence, and what a tool printed. */
	{ "S2.1", LADE_EXPLAINED_ERROR, "compile.stack", "map",
	  "exec.bpf.c:31:5: error: Looks like the BPF stack limit of 512 bytes is exceeded. Please move large on stack variables into BPF per-cpu array map.\n" },
	{ "S2.1", LADE_EXPLAINED_ERROR, "verifier.stack.bounds", "512",
	  "libbpf: prog 'f': BPF program load failed: Permission denied\n"
	  "libbpf: prog 'f': -- BEGIN PROG LOAD LOG --\n"
	  "0: (b7) r1 = 0\n"
	  "1: (7b) *(u64 *)(r10 -520) = r1\n"
	  "invalid stack off=-520 size=8\n"
	  "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
	  "-- END PROG LOAD LOG --\n"
	  "libbpf: prog 'f': failed to load: -13\n" },
	{ "S2.1", LADE_EXPLAINED_ERROR, "verifier.stack.depth", "512",
	  "load program: permission denied: combined stack size of 2 calls is 640. Too large\n" },
	{ "S2.2", LADE_EXPLAINED_ERROR, "attach.function.missing", NULL,
	  "libbpf: prog 'on_do_execve': failed to create kprobe 'do_execve+0x0' perf event: No such file or directory\n"
	  "libbpf: prog 'on_do_execve': failed to auto-attach: -2\n" },
	{ "S2.2", LADE_EXPLAINED_ERROR, "attach.function.missing", NULL,
	  "opening kprobe: creating perf_kprobe PMU (arch-specific fallback for \"do_execve\"): token __x64_do_execve: not found: no such file or directory\n" },
	{ "S2.2", LADE_EXPLAINED_ERROR, "attach.function.missing", NULL,
	  "cannot attach kprobe, probe entry may not exist\n"
	  "Failed to attach BPF program b'hello' to kprobe b'do_execve', it's not traceable (either non-existing, inlined, or marked as \"notrace\")\n" },
	{ "S2.3a", LADE_EXPLAINED_NOTE, "btf.load.without", "older",
	  "libbpf: BTF loading error: -22\n"
	  "libbpf: -- BEGIN BTF LOAD LOG ---\n"
	  "magic: 0xeb9f\n"
	  "version: 1\n"
	  "[47] TYPEDEF tracepoint__syscalls__sys_enter_execve type_id=46\n"
	  "[48] Invalid btf_info:840000d3\n"
	  "-- END BTF LOAD LOG --\n"
	  "libbpf: Error loading .BTF into kernel: -22. BTF is optional, ignoring.\n" },
	{ "S2.3b", LADE_EXPLAINED_ERROR, "btf.kernel.absent", "CONFIG_DEBUG_INFO_BTF",
	  "libbpf: failed to parse target BTF: -2\n"
	  "libbpf: failed to perform CO-RE relocations: -2\n"
	  "libbpf: failed to load object 'exec_bpf'\n"
	  "libbpf: failed to load BPF skeleton 'exec_bpf': -2\n"
	  "failed to load BPF object: -2\n" },
	{ "S2.3c", LADE_EXPLAINED_ERROR, "tool.crashed", NULL,
	  "libbpf: failed to load BPF skeleton 'exec_bpf': -2\n"
	  "failed to load BPF object: -2\n"
	  "Segmentation fault\n" },
	{ "S2.5a", LADE_EXPLAINED_ERROR, "verifier.loop", "5.3",
	  "back-edge from insn 12 to 3\n" },
	{ "S2.5b", LADE_EXPLAINED_ERROR, "verifier.loop", NULL,
	  "12: (25) if r1 > 0x10 goto pc-3\n"
	  "infinite loop detected at insn 9\n"
	  "processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n" },
	{ "S2.5b", LADE_EXPLAINED_ERROR, "verifier.too-complex", NULL,
	  "The sequence of 8193 jumps is too complex.\n"
	  "processed 57344 insns (limit 1000000) max_states_per_insn 4 total_states 1025 peak_states 1025 mark_read 1\n" },
	{ "S2.5b", LADE_EXPLAINED_ERROR, "verifier.too-complex", NULL,
	  "BPF program is too large. Processed 1000001 insn\n"
	  "processed 1000001 insns (limit 1000000) max_states_per_insn 4 total_states 12987 peak_states 12987 mark_read 1\n" },
	{ "S2.7", LADE_EXPLAINED_ERROR, "map.create.global-data", "5.2",
	  "libbpf: prog 'tracepoint__syscalls__sys_enter_execve': relo #7: poisoning insn #114 that loads map #4 'exec_bpf.rodata'\n"
	  "libbpf: prog 'tracepoint__syscalls__sys_enter_execve': BPF program load failed: Invalid argument\n"
	  "libbpf: prog 'tracepoint__syscalls__sys_enter_execve': failed to load: -22\n"
	  "libbpf: failed to load object 'exec_bpf'\n"
	  "libbpf: failed to load BPF skeleton 'exec_bpf': -22\n"
	  "failed to load BPF object: -22\n" },
	{ "S2.7", LADE_EXPLAINED_ERROR, "verifier.reference.too-new", "5.2",
	  "libbpf: prog 'on_execve': BPF program load failed: Invalid argument\n"
	  "libbpf: prog 'on_execve': -- BEGIN PROG LOAD LOG --\n"
	  "unrecognized bpf_ld_imm64 insn\n"
	  "-- END PROG LOAD LOG --\n"
	  "libbpf: prog 'on_execve': failed to load: -22\n" },
	{ "S2.8", LADE_EXPLAINED_ERROR, "verifier.stack.uninitialised", "memset",
	  "2023/07/13 12:10:02 exec.go:60: verifier error: load program: permission denied:\n"
	  "        79: (b7) r5 = 32\n"
	  "        80: R0=inv0 R1_w=ctx(id=0,off=0,imm=0) R5_w=inv32 R10=fp0,call_-1 fp-32=0 fp-40_w=inv fp-72=ctx\n"
	  "        80: (85) call bpf_perf_event_output#25\n"
	  "        invalid indirect read from stack off -40+28 size 32\n" },
	{ "S2.8", LADE_EXPLAINED_ERROR, "verifier.stack.uninitialised", "memset",
	  "80: (85) call bpf_perf_event_output#25\n"
	  "invalid read from stack R4 off -40+28 size 32\n"
	  "processed 81 insns (limit 1000000) max_states_per_insn 0 total_states 4 peak_states 4 mark_read 2\n" },
	{ "S2.9", LADE_EXPLAINED_ERROR, "verifier.deref", "number",
	  "3: (79) r1 = *(u64 *)(r1 +24)\n"
	  "4: (79) r1 = *(u64 *)(r1 +0)\n"
	  "R1 invalid mem access 'inv'\n"
	  "processed 5 insns (limit 131072), stack depth 0\n" },
	{ "S2.9", LADE_EXPLAINED_ERROR, "verifier.deref", "number",
	  "0: (79) r1 = *(u64 *)(r1 +24)\n"
	  "1: (79) r1 = *(u64 *)(r1 +0)\n"
	  "R1 invalid mem access 'scalar'\n"
	  "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.9", LADE_EXPLAINED_ERROR, "verifier.deref", NULL,
	  "R6 invalid mem access 'inv'\n"
	  "processed 20 insns (limit 131072), stack depth 56\n" },
	{ "S2.10", LADE_EXPLAINED_ERROR, "verifier.log-cut", NULL,
	  "program tracepoint__syscalls__sys_enter_execve: load program: permission denied: stack depth 56 (147 line(s) omitted)\n" },
	{ "S2.11", LADE_EXPLAINED_ERROR, "verifier.bounds.unbounded", "MAX",
	  "210: (71) r2 = *(u8 *)(r1 +0)\n"
	  "R0_w=inv(id=13) R1_w=map_value(id=0,off=164,ks=8,vs=1448,umax_value=4294967295,var_off=(0x0; 0xffffffff)) R10=fp0\n"
	  "R1 unbounded memory access, make sure to bounds check any such access\n"
	  "verification time 3441 usec\n"
	  "stack depth 72\n"
	  "processed 251 insns (limit 1000000) max_states_per_insn 2 total_states 19 peak_states 19 mark_read 7\n" },
	{ "S2.12", LADE_EXPLAINED_ERROR, "map.create.global-data", "BPF_NO_GLOBAL_DATA",
	  "libbpf: prog 'hello': relo #0: poisoning insn #5 that loads map #0 'hello.rodata'\n"
	  "libbpf: prog 'hello': BPF program load failed: Invalid argument\n"
	  "libbpf: prog 'hello': failed to load: -22\n" },
	{ "S2.12", LADE_EXPLAINED_ERROR, "verifier.gpl", NULL,
	  "5: (85) call bpf_trace_printk#6\n"
	  "cannot call GPL-restricted function from non-GPL compatible program\n"
	  "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.13", LADE_EXPLAINED_ERROR, "plan.program.type", NULL,
	  "libbpf: failed to guess program type from ELF section 'xdb/'\n"
	  "libbpf: supported section(type) names are: socket sk_reuseport kprobe/ xdp\n" },
	{ "S2.13", LADE_EXPLAINED_ERROR, "tool.usage", NULL,
	  "Error: unknown program type 'xdb'\n" },
	{ "S2.14", LADE_EXPLAINED_ERROR, "stream.lost", "LostSamples",
	  "2023/07/11 23:56:43 parsing perf event error: EOF\n" },
	{ "S2.15", LADE_EXPLAINED_NOTE, "program.read-fault", "bpf_copy_from_user",
	  "bpf_probe_read_user_str returned -14\n" },
	{ "S2.15", LADE_EXPLAINED_NOTE, "program.read-fault", "bpf_copy_from_user",
	  "index: 6, type: 1, pid: 1234, val: -14\n" },
	{ "S2.16", LADE_EXPLAINED_ERROR, "program.load.too-large", "5.2",
	  "bpf: Argument list too long. Program tracepoint__syscalls__sys_enter_execve too large (103 insns), at most 4096 insns\n"
	  "\n"
	  "Failed to load BPF program b'f': Argument list too long\n" },
	{ "S2.16", LADE_EXPLAINED_ERROR, "verifier.too-complex", NULL,
	  "BPF program is too large. Processed 131073 insn\n"
	  "processed 131073 insns (limit 131072), stack depth 72\n" },
	{ "S2.17", LADE_EXPLAINED_ERROR, "verifier.deref.maybe-null", "local",
	  "\n"
	  "libbpf: prog 'iter__bpf_sk_storage_map': BPF program load failed: Permission denied\n"
	  "libbpf: prog 'iter__bpf_sk_storage_map': -- BEGIN PROG LOAD LOG --\n"
	  "R1 type=ctx expected=fp\n"
	  "; if (ctx->sk)\n"
	  "0: (79) r2 = *(u64 *)(r1 +16)\n"
	  "; if (ctx->sk)\n"
	  "1: (15) if r2 == 0x0 goto pc+4\n"
	  " R1=ctx(id=0,off=0,imm=0) R2_w=ptr_sock(id=0,off=0,imm=0) R10=fp0\n"
	  "; bpf_sk_storage_delete(&sk_storage_map, ctx->sk);\n"
	  "2: (79) r2 = *(u64 *)(r1 +16)\n"
	  "; bpf_sk_storage_delete(&sk_storage_map, ctx->sk);\n"
	  "3: (18) r1 = 0xffffa0658305aa00\n"
	  "5: (85) call bpf_sk_storage_delete#108\n"
	  "R2 type=ptr_or_null_ expected=ptr_\n"
	  "processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
	  "-- END PROG LOAD LOG --\n"
	  "libbpf: prog 'iter__bpf_sk_storage_map': failed to load: -13\n"
	  "libbpf: failed to load object 'main.bpf.o'\n"
	  "failed to load BPF object: permission denied\n"
	  "\n" },
	{ "S2.18", LADE_EXPLAINED_ERROR, "verifier.global-function", "static",
	  "2023/07/26 07:52:00 exec.go:64: verifier error: load program: invalid argument:\n"
	  "func#0 @0\n"
	  "func#1 @308\n"
	  "Validating parse_args() func#1...\n"
	  "arg#0 reference type('UNKNOWN ') size cannot be determined: -22\n"
	  "verification time 78 usec\n"
	  "stack depth 0+0\n"
	  "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.18", LADE_EXPLAINED_ERROR, "verifier.global-function", "static",
	  "arg#0 type is not a struct\n"
	  "Arg#0 type PTR in parse_args() is not supported yet.\n"
	  "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.19", LADE_EXPLAINED_ERROR, "verifier.global-function", "static",
	  "2023/07/26 08:01:41 exec.go:64: verifier error: load program: permission denied:\n"
	  "func#0 @0\n"
	  "func#1 @308\n"
	  "Validating parse_args() func#1...\n"
	  "308: R1=mem_or_null(id=5,ref_obj_id=0,off=0,imm=0) R10=fp0\n"
	  "311: (bf) r9 = r1\n"
	  "333: (bf) r1 = r9\n"
	  "364: (85) call bpf_perf_event_output#25\n"
	  "R1 type=mem_or_null expected=ctx\n"
	  "verification time 383 usec\n"
	  "stack depth 0+16\n"
	  "processed 57 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.19", LADE_EXPLAINED_ERROR, "verifier.global-function", "static",
	  "0: R1=ctx() R10=fp0\n"
	  "0: (b7) r2 = 1                        ; R2=1\n"
	  "1: (85) call pc+1\n"
	  "invalid bpf_context access off=63 size=1\n"
	  "Caller passes invalid args into func#1 ('parse')\n"
	  "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.20", LADE_EXPLAINED_ERROR, "map.create.too-large", "4 GiB",
	  "2023/07/26 22:21:38 exec.go:66: loading objects: field TracepointSyscallsSysEnterExecve: program tracepoint__syscalls__sys_enter_execve: map execs: map create: argument list too long\n" },
	{ "S2.20", LADE_EXPLAINED_ERROR, "map.create.too-large", "4 GiB",
	  "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_PERCPU_HASH, key_size=8, value_size=4792, max_entries=10240, map_flags=0, inner_map_fd=0, map_name=\"execs\", map_ifindex=0, btf_fd=0, btf_key_type_id=0, btf_value_type_id=0}, 72) = -1 E2BIG (Argument list too long)\n" },
	{ "S2.21", LADE_EXPLAINED_NOTE, "stream.lost", NULL,
	  "lost 132 samples\n" },
	{ "S2.22", LADE_EXPLAINED_ERROR, "verifier.helper-not-allowed", NULL,
	  "3: (85) call bpf_d_path#147\n"
	  "unknown func bpf_d_path#147\n"
	  "processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.22", LADE_EXPLAINED_ERROR, "verifier.helper-not-allowed", NULL,
	  "3: (85) call bpf_d_path#147\n"
	  "program of this type cannot use helper bpf_d_path#147\n"
	  "processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S2.22", LADE_EXPLAINED_ERROR, "verifier.helper-not-allowed", NULL,
	  "5: (85) call bpf_d_path#147\n"
	  "helper call is not allowed in probe\n"
	  "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
	{ "S0.1", LADE_EXPLAINED_ERROR, "kernel.bpf.absent", "CONFIG_BPF_SYSCALL",
	  "05-02 11:20:34.533   198   198 E LibBpfLoader: Failed to create maps: (ret=-38) in /apex/com.android.tethering/etc/bpf/offload.o\n" },
	{ "S0.2", LADE_EXPLAINED_ERROR, "pin.bpffs-missing", "mount -t bpf",
	  "05-02 11:20:34.518   198   198 W bpfloader: Failed to create directory: /sys/fs/bpf/tethering/, ret: No such file or directory\n" },
	{ "S0.3", LADE_EXPLAINED_HARMLESS, NULL, "policy",
	  "05-02 11:20:30.100     1     1 I auditd  : SELinux: Permission bpf in class capability2 not defined in policy.\n" },
	{ "S1.2", LADE_EXPLAINED_ERROR, "android.pin", "prog_OBJECT_SECTION",
	  "E GpuMem  : Failed to retrieve pinned program from /sys/fs/bpf/prog_gpuMem_tracepoint_gpu_mem_gpu_mem_total\n"
	  "E GpuMem  : Failed to attach bpf program to tracepoint: No such file or directory\n" },
	{ "S1.3", LADE_EXPLAINED_ERROR, "android.license", "license",
	  "05-02 11:20:34.533   198   198 E LibBpfLoader: Couldn't find license in /system/etc/bpf/x.o\n" },
	{ "S1.4", LADE_EXPLAINED_ERROR, "compile.arguments", NULL,
	  "prog.c:9:2: error: too many args to 0x55d0c8a8: i64 = Constant<6>\n" },
	{ "S1.5", LADE_EXPLAINED_NOTE, "tool.log-limited", "printk_devkmsg",
	  "[   12.345678] bpfloader: 143 output lines suppressed due to ratelimiting\n" },
	{ "S3.1", LADE_EXPLAINED_ERROR, "dialect.samples.tail", "another loader",
	  "Error: Failed loading ELF maps (errno:27):File too large\n" },
	{ "S3.2", LADE_EXPLAINED_ERROR, "program.load.refused", "LINUX_VERSION_CODE",
	  "bpf_load_program() err=22\n" },
	{ "S3.3", LADE_EXPLAINED_ERROR, "attach.tracepoint.missing", "tracefs",
	  "libbpf: failed to determine tracepoint 'sched/sched_process_exce' perf event ID: No such file or directory\n"
	  "libbpf: prog 'on_exce': failed to create tracepoint 'sched/sched_process_exce' perf event: No such file or directory\n" },
	{ "S3.3", LADE_EXPLAINED_ERROR, "attach.tracepoint.missing", "tracefs",
	  "failed to open event sched_process_exce\n" },
	{ "S4.1", LADE_EXPLAINED_ERROR, "compile.label", "section",
	  "bpf/test_bpf_helper_init_kern.c:5:5: error: symbol 'helper_test_init' is already defined\n" },
	{ "S4.1", LADE_EXPLAINED_ERROR, "compile.label", "section",
	  "<unknown>:0: error: helper_test_init changed binding to STB_GLOBAL\n" },
	{ "S4.1", LADE_EXPLAINED_ERROR, "compile.label", "section",
	  "bpf/test_bpf_helper_init_kern.c:10:5: error: 'helper_test_init' label emitted multiple times to assembly file\n" },
	{ "S4.1", LADE_EXPLAINED_ERROR, "compile.label", "section",
	  "<unknown>:0: error: invalid symbol redefinition\n" },
	{ "S4.2", LADE_EXPLAINED_ERROR, "dialect.maps.iproute2", NULL,
	  "0 maps not supported in current map section!\n"
	  "Error fixing up map structure, incompatible struct bpf_elf_map used?\n"
	  "Error fetching ELF ancillary data!\n"
	  "Unable to load program\n" },
	{ "S4.3", LADE_EXPLAINED_ERROR, "kernel.option", NULL,
	  "RTNETLINK answers: No such file or directory\n"
	  "We have an error talking to the kernel\n" },
	{ "S4.3", LADE_EXPLAINED_ERROR, "kernel.option", NULL,
	  "Error: Specified qdisc kind is unknown.\n" },
	{ "S2.6", LADE_EXPLAINED_NOTE, "compile.unroll", NULL,
	  "exec.bpf.c:31:2: warning: loop not unrolled: the optimizer was unable to perform the requested transformation; the transformation might be disabled or specified as part of an unsupported transformation ordering [-Wpass-failed=transform-warning]\n" },
	{ "S2.19", LADE_EXPLAINED_ERROR, "verifier.global-function", "static",
	  "0: R1=ctx() R10=fp0\n"
	  "1: (85) call pc+1\n"
	  "R1 type=ctx expected=fp\n"
	  "Caller passes invalid args into func#1 ('parse')\n"
	  "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n" },
