/* SPDX-License-Identifier: BSD-2-Clause */
/* The section table: which name gives which type, in which dialect. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "base/array.h"
#include "object/sections.h"

struct wanted {
	const char *dialect, *section;
	uint32_t type; /* 0: no row */
	const char *target;
};

static const struct wanted table[] = {
	{ "libbpf", "xdp", BPF_PROG_TYPE_XDP, NULL },
	{ "libbpf", "xdp_prog", 0, NULL }, /* exact since libbpf 1.0 */
	{ "libbpf", "kprobe", BPF_PROG_TYPE_KPROBE, NULL },
	{ "libbpf", "kprobe/do_exit", BPF_PROG_TYPE_KPROBE, "do_exit" },
	{ "libbpf", "kprobe_do_exit", 0, NULL },
	{ "libbpf", "tp/sched/sched_switch", BPF_PROG_TYPE_TRACEPOINT, "sched/sched_switch" },
	{ "libbpf", "tp_btf/sched_switch", BPF_PROG_TYPE_TRACING, "sched_switch" },
	{ "libbpf", "uprobe//bin/sh:main", BPF_PROG_TYPE_KPROBE, "/bin/sh:main" },
	{ "libbpf", "cgroup/sock_create", BPF_PROG_TYPE_CGROUP_SOCK, NULL },
	{ "samples", "xdp_prog0", BPF_PROG_TYPE_XDP, NULL },
	{ "samples", "socket/3", BPF_PROG_TYPE_SOCKET_FILTER, "3" },
	{ "samples", "kprobe", 0, NULL },
	{ "samples", "kprobe/sys_read", BPF_PROG_TYPE_KPROBE, "sys_read" },
	{ "samples", "kprobe/", BPF_PROG_TYPE_KPROBE, NULL },
	{ "samples", "classifier", 0, NULL },
	{ "iproute2", "classifier", BPF_PROG_TYPE_SCHED_CLS, NULL },
	{ "nobody", "xdp", 0, NULL },
};

static void section_gives_type_and_target_by_the_rules_of_its_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		const char *target = NULL;
		const struct section_row *row = lade_section_find(table[i].dialect, table[i].section, &target);
		if (!row != !table[i].type || (row && row->program_type != table[i].type))
			fail_msg("%s in %s", table[i].section, table[i].dialect);
		if (!row)
			continue;
		if (table[i].target)
			assert_string_equal(target, table[i].target);
		else
			assert_null(target);
	}
}

static void rows_carry_attach_type_and_flags(void **state)
{
	(void)state;
	const struct section_row *xdp = lade_section_find("libbpf", "xdp", NULL);
	const struct section_row *frags = lade_section_find("libbpf", "xdp.frags", NULL);
	const struct section_row *lsm = lade_section_find("libbpf", "lsm.s/file_open", NULL);
	assert_true(xdp->has_expected_attach_type && xdp->expected_attach_optional);
	assert_int_equal(xdp->expected_attach_type, BPF_XDP);
	assert_true(frags->xdp_frags && !frags->expected_attach_optional);
	assert_true(lsm->sleepable && lsm->needs_attach_btf_id);
}

static void names_are_libbpfs_and_read_back(void **state)
{
	uint32_t type;
	(void)state;
	assert_string_equal(lade_map_type_name(BPF_MAP_TYPE_RINGBUF), "ringbuf");
	assert_string_equal(lade_program_type_name(BPF_PROG_TYPE_SCHED_CLS), "sched_cls");
	assert_string_equal(lade_attach_type_name(BPF_CGROUP_INET_INGRESS), "cgroup_inet_ingress");
	assert_null(lade_map_type_name(0));
	assert_null(lade_map_type_name(999));
	assert_int_equal(lade_program_type_parse("xdp", &type), 0);
	assert_int_equal(type, BPF_PROG_TYPE_XDP);
	assert_true(lade_program_type_parse("unspec", &type) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_gives_type_and_target_by_the_rules_of_its_dialect),
		cmocka_unit_test(rows_carry_attach_type_and_flags),
		cmocka_unit_test(names_are_libbpfs_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
