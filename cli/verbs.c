/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of verbs, in the order of help. */
#include <string.h>

#include "cli.h"

const struct cli_option verb_no_options[] = { { 0 } };

const struct cli_verb cli_verbs[] = {
	{ "inspect", "OBJ…", "say what an object holds; needs no kernel", verb_inspect_options, verb_inspect, 1, -1 },
	{ "check", "OBJ…", "say whether objects would load on kernels that are not here; needs no privilege",
	  verb_check_options, verb_check, 0, -1 },
	{ "diff", "OBJ|KERNEL OBJ|KERNEL", "say what differs between two objects, or between two kernels",
	  verb_diff_options, verb_diff, 2, 2 },
	{ "load", "OBJ…", "load objects and pin them", verb_load_options, verb_load, 1, -1 },
	{ "run", "OBJ", "load, attach, print records until Ctrl-C; leave nothing behind", verb_run_options, verb_run, 1,
	  1 },
	{ "watch", "NAME|DIR|MAP…", "print the records of buffers and the text of iterators that are loaded",
	  verb_watch_options, verb_watch, 1, -1 },
	{ "send", "MAP RECORD|-…", "put records into a user ring buffer, for programs to read", verb_send_options,
	  verb_send, 2, -1 },
	{ "attach", "NAME|DIR|PIN", "attach what is loaded, or a program that somebody else pinned", verb_attach_options,
	  verb_attach, 1, 1 },
	{ "detach", "NAME|DIR|PIN", "detach what is attached; it stays loaded", verb_detach_options, verb_detach, 1, 1 },
	{ "list", "", "list what is loaded", verb_list_options, verb_list, 0, 0 },
	{ "show", "NAME|DIR…", "show the maps, programs and links of something loaded", verb_show_options, verb_show, 1,
	  -1 },
	{ "unload", "NAME|DIR…", "detach and remove something loaded", verb_unload_options, verb_unload, 0, -1 },
	{ "gen", "tracepoint CATEGORY/EVENT", "print a tracepoint's record as a struct for its program", verb_gen_options,
	  verb_gen, 2, 2 },
	{ "map", "list|get|set|del|dump|watch [MAP] [KEY] [VALUE]",
	  "list maps; read, set and watch what is in one", verb_map_options, verb_map, 1, -1 },
	{ "test", "NAME/PROG|PIN|id:N|OBJ:PROG", "run a program on a packet or a context, without attaching it",
	  verb_test_options, verb_test, 1, 1 },
	{ "trace", "[NAME]", "show what programs print with bpf_printk(): for debugging only", verb_trace_options,
	  verb_trace, 0, 1 },
	{ "boot", "[DIRECTORY…]", "load the objects of directories under a policy: Android's, or /etc/lade/boot.d",
	  verb_boot_options, verb_boot, 0, -1 },
	{ "wait", "[PIN…]", "wait until the boot is ready, or pins are there", verb_wait_options, verb_wait, 0, -1, true },
	{ "hold", "", "keep attached what the last boot attached and the kernel cannot pin", verb_hold_options, verb_hold, 0,
	  0 },
	{ "explain", "[FILE|-|CODE|ERRNO|WORD]",
	  "say what a loader's log, a finding, an error number or a word of a log means", verb_explain_options,
	  verb_explain, 0, -1, true, true },
	{ "doctor", "", "say what this machine lets a process do with BPF, and what stands in the way", verb_doctor_options,
	  verb_doctor, 0, 0 },
	{ "help", "[VERB]", "say how a verb is used", verb_no_options, verb_help, 0, 1, true },
	{ "version", "", "print the version", verb_no_options, verb_version, 0, 0, true },
	{ "completion", "bash|zsh|fish|man", "print the completion for a shell, or the option lists of lade(1)",
	  verb_no_options, verb_completion, 1, 1, true },
};

const size_t cli_verb_count = sizeof cli_verbs / sizeof *cli_verbs;

const struct cli_verb *cli_find_verb(const char *name)
{
	for (size_t i = 0; i < cli_verb_count; i++)
		if (strcmp(cli_verbs[i].name, name) == 0)
			return &cli_verbs[i];
	return NULL;
}
