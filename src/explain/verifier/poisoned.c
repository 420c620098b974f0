/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "invalid func unknown#195896080": a CO-RE relocation found nothing. A source line with BPF_PROG() says that the
 * program gets arguments with types (fentry, fexit, tp_btf, lsm, struct_ops) and no registers; then it is no matter of
 * another processor's struct pt_regs, and the function that is traced may be a module's, whose types lie elsewhere.
 */
#include "explain/verifier/poisoned.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/search.h"

void lade_verifier_poisoned(const struct verifier_way *way, const struct verifier_verdict *verdict,
			    struct lade_finding *finding)
{
	static const char *const typed[] = { "BPF_PROG(", "BPF_PROG2(", "BPF_STRUCT_OPS(" };
	static const char *const registers[] = { "pt_regs",    "PT_REGS_",      "BPF_KPROBE",  "BPF_KRETPROBE",
						 "BPF_UPROBE", "BPF_URETPROBE", "BPF_KSYSCALL" };
	const struct span log = { way->log ? way->log : "", way->log ? (size_t)(verdict->line - way->log) : 0 };

	if (!lade_search_any(log.text, log.length, typed, ELEMENTS(typed)) ||
	    lade_search_any(log.text, log.length, registers, ELEMENTS(registers)))
		return;
	finding_cause(
		finding,
		"a CO-RE relocation found nothing in the types that the loader looked into (those of the kernel, or of "
		"the file that was given in their place) and left this impossible call (195896080 is 0xbad2310), which "
		"the verifier reached: this kernel has no such structure or member, or it is one of a module, whose "
		"types are in a file of their own (/sys/kernel/btf/MODULE) and which older loaders do not read");
	finding_fix(
		finding,
		"where the structure is a module's: load the module before (ls /sys/kernel/btf), and with "
		"cilium/ebpf use a version from 0.14 on; libbpf from 0.3 on reads the types of modules by itself "
		"(bpftool -d prog load or lade load tries that). Else the member has another name in this kernel: a "
		"flavour, struct NAME___old, with bpf_core_field_exists() or bpf_core_type_exists() around the access");
}
