/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is asked what a text says elsewhere of its errors, one file each; after.c has the order. */
#ifndef LADE_EXPLAIN_SETTLE_SETTLERS_H
#define LADE_EXPLAIN_SETTLE_SETTLERS_H

#include "explain/text.h"

/* memlock.c: what the text says of RLIMIT_MEMLOCK; when the kernel is known, as all that follow. */
void lade_explanation_memlock(struct lade_explanation *explanation, const char *text, size_t length);
/* kern_version.c: the kernel that a program says it is for. Behind asked.c:
 * both versions tell more than what stands elsewhere. */
void lade_explanation_kern_version(struct lade_explanation *explanation, const char *text, size_t length);
/* call_age.c: what a system call asks for that the kernel may not know. */
void lade_explanation_call_age(struct lade_explanation *explanation, const char *text, size_t length);
/* program_size.c: a program that is said to be too large, and is small. */
void lade_explanation_program_size(struct lade_explanation *explanation, const char *text, size_t length);
/* module_types.c: whose types did the kernel refuse? */
void lade_explanation_module_types(struct lade_explanation *explanation, const char *text, size_t length);
/* beside.c: what the text says of where the tool ran. */
void lade_explanation_beside(struct lade_explanation *explanation, const char *text, size_t length);
/* moved_function.c: what is probed and newer kernels have no more. */
void lade_explanation_moved_function(struct lade_explanation *explanation, const char *text, size_t length);
/* old_kernel.c, btf_strings.c: what the kernel that the text names is too old for. */
void lade_explanation_old_kernel(struct lade_explanation *explanation, const char *text, size_t length);
void lade_explanation_btf_strings(struct lade_explanation *explanation, const char *text, size_t length);
/* named_probe.c: the function that a line behind the failure names. */
void lade_explanation_named_probe(struct lade_explanation *explanation, const char *text, size_t length);
/* written_probe.c: the path of a file where the name of a function must stand. */
void lade_explanation_written_probe(struct lade_explanation *explanation, const char *text, size_t length);
/* probe_offset.c: a place within a function that is none. Before named_probe.c. */
void lade_explanation_probe_offset(struct lade_explanation *explanation, const char *text, size_t length);
/* record_type.c: the structure of a tracepoint's record that nothing declares. */
void lade_explanation_record_type(struct lade_explanation *explanation, const char *text, size_t length);
/* bare_cast.c: a cast of a bpftrace script that leaves the word struct out. */
void lade_explanation_bare_cast(struct lade_explanation *explanation, const char *text, size_t length);
/* ring_buffer.c: sizes that a ring buffer cannot have, by the message or by its definition. */
void lade_explanation_ring_buffer(struct lade_explanation *explanation, const char *text, size_t length);
/* unmatched.c: before relations are found: a relocation that found nothing, and a refused program's log is cut. */
void lade_explanation_unmatched(struct lade_explanation *explanation, const char *text, size_t length);
/* selftest.c: the same: what the verifier answers to a test that expects other words. */
void lade_explanation_selftest(struct lade_explanation *explanation, const char *text, size_t length);
/* clean_up.c: the same: what is answered to a command that removes what is not there. */
void lade_explanation_clean_up(struct lade_explanation *explanation, const char *text, size_t length);
/* bpftrace_script.c: what is to be done where bpftrace made the program that was refused. */
void lade_explanation_bpftrace(struct lade_explanation *explanation, const char *text, size_t length);
/* bcc_hint.c: the same where bcc did. */
void lade_explanation_bcc_hint(struct lade_explanation *explanation, const char *text, size_t length);
/* packet_gone.c: what was followed off the stack where packets are changed. After bcc_hint.c. */
void lade_explanation_packet_gone(struct lade_explanation *explanation, const char *text, size_t length);
/* command.c: the same of who ran what. After RLIMIT_MEMLOCK. */
void lade_explanation_command(struct lade_explanation *explanation, const char *text, size_t length);
/* container_rights.c: what a container may not that was started without rights. */
void lade_explanation_container_rights(struct lade_explanation *explanation, const char *text, size_t length);
/* seccomp.c: a filter beside capabilities that are there. When what else refuses is settled. */
void lade_explanation_seccomp(struct lade_explanation *explanation, const char *text, size_t length);
/* map_command.c: what a command asked for that could not make its map. */
void lade_explanation_map_command(struct lade_explanation *explanation, const char *text, size_t length);
/* xdp_by_tc.c: a program for XDP that tc loads. */
void lade_explanation_xdp_by_tc(struct lade_explanation *explanation, const char *text, size_t length);
/* capabilities.c: which helpers those that the text gives the loader do not bring. */
void lade_explanation_capabilities(struct lade_explanation *explanation, const char *text, size_t length);
/* feature_try.c: a verdict upon a program by which a library asks what the kernel has. */
void lade_explanation_feature_try(struct lade_explanation *explanation, const char *text, size_t length);
/* unreleased.c: a record of a ring buffer that the source beside a refusal never gives back. */
void lade_explanation_unreleased(struct lade_explanation *explanation, const char *text, size_t length);
/* sched_ext.c: the error for which the kernel stopped a BPF scheduler. */
void lade_explanation_sched_ext(struct lade_explanation *explanation, const char *text, size_t length);
/* title.c: a title whose failure the text below it has in full. */
void lade_explanation_title(struct lade_explanation *explanation, const char *text, size_t length);

/* again_as_root.c: a refusal whose command was run again as root. Last: what else it is must be settled. */
void lade_explanation_again_as_root(struct lade_explanation *explanation, const char *text, size_t length);
/* operator.c: what helps who only runs the tool whose program was refused. When the fix is settled. */
void lade_explanation_operator(struct lade_explanation *explanation, const char *text, size_t length);
/* asked.c: what a text says elsewhere of what was asked for. After the command. */
void lade_explanation_asked(struct lade_explanation *explanation, const char *text, size_t length);
/* context_structure.c: which structure's field it is that was refused. */
void lade_explanation_context(struct lade_explanation *explanation, const char *text, size_t length);
/* symbols.c: a function that was not found, and lines of kallsyms. After named_probe.c. */
void lade_explanation_symbols(struct lade_explanation *explanation, const char *text, size_t length);
/* got_over.c: what was no failure in the end. The items must be sorted again. */
void lade_explanation_got_over(struct lade_explanation *explanation, struct explained *item);
/* uapi_age.c: what a source of the host's side misses of the kernel's headers for programs. */
void lade_explanation_uapi_age(struct lade_explanation *explanation, const char *text, size_t length);
/* host_header.c: what else it misses. */
void lade_explanation_host_header(struct lade_explanation *explanation, const char *text, size_t length);
/* two_places.c: defined twice, by vmlinux.h and by the program. */
void lade_explanation_two_places(struct lade_explanation *explanation, const char *text, size_t length);
/* not_included.c: a function of each libbpf, of which the compiler knows nothing. */
void lade_explanation_not_included(struct lade_explanation *explanation, const char *text, size_t length);
/* hook.c: causes that only other hooks have than the text names. */
void lade_explanation_hook(struct lade_explanation *explanation, const char *text, size_t length);
/* cut_log.c: a log whose last lines a library prints. */
void lade_explanation_cut_log(struct lade_explanation *explanation, const char *text, size_t length);
/* arena_pointer.c: what was followed may lead into an arena. */
void lade_explanation_arena_pointer(struct lade_explanation *explanation, const char *text, size_t length);
/* question.c: a line alone that may be anybody's. */
void lade_explanation_question(struct lade_explanation *explanation, const char *text, size_t length);
/* kernel_headers.c: of which kernel the headers are that the compiler reads. */
void lade_explanation_kernel_headers(struct lade_explanation *explanation, const char *text, size_t length);
/* optional_btf.c: types that the kernel refused, and without which libbpf went on. At the end. */
void lade_explanation_optional_btf(struct lade_explanation *explanation, const char *text, size_t length);
/* static_link.c: libraries that are missing as archives. */
void lade_explanation_static_link(struct lade_explanation *explanation, const char *text, size_t length);
/* pin_name.c: names that bpffs does not take. */
void lade_explanation_pin_name(struct lade_explanation *explanation, const char *text, size_t length);
/* map_shape.c: in what Android's loader finds a map other than it wants it. */
void lade_explanation_map_shape(struct lade_explanation *explanation, const char *text, size_t length);
/* link_order.c: libraries that stand before what needs them. */
void lade_explanation_link_order(struct lade_explanation *explanation, const char *text, size_t length);
/* declared.c: which header has the name that nothing declares, or that two declare. */
void lade_explanation_declared(struct lade_explanation *explanation, const char *text, size_t length);
/* kernel_link.c: what vmlinux lacks is in no library. */
void lade_explanation_kernel_link(struct lade_explanation *explanation, const char *text, size_t length);
/* libbpf_release.c: with which release of libbpf came what is not there. After these two. */
void lade_explanation_libbpf_release(struct lade_explanation *explanation, const char *text, size_t length);
/* newer_function.c: functions of libbpf that only newer releases have. After link_order.c, before libbpf_release.c. */
void lade_explanation_newer_function(struct lade_explanation *explanation, const char *text, size_t length);
/* uapi_header.c: of which package a header is that was not found. */
void lade_explanation_uapi_header(struct lade_explanation *explanation, const char *text, size_t length);
/* flavour.c: fields that other kernels call otherwise, and sources that know two names already. */
void lade_explanation_flavour(struct lade_explanation *explanation, const char *text, size_t length);
/* host_tool.c: tools of the kernel's tree that were not built beside a program that was compiled. First. */
void lade_explanation_host_tool(struct lade_explanation *explanation, const char *text, size_t length);
/* libxdp_trial.c: what libxdp only tries. */
void lade_explanation_libxdp_trial(struct lade_explanation *explanation, const char *text, size_t length);
/* systemd.c: what systemd only tries. Last. */
void lade_explanation_systemd(struct lade_explanation *explanation, const char *text, size_t length);

#endif
