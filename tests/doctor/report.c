/* SPDX-License-Identifier: BSD-2-Clause */
/* The report over made files: each condition of a machine that is not this one. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/btf.h>

#include "doctor/doctor.h"

#define STATUS(effective, seccomp)                                                                                     \
	"Name:\tloader\nCapInh:\t0\nCapPrm:\t0\nCapEff:\t" effective "\nCapBnd:\t000001ffffffffff\nCapAmb:\t0\n"       \
	"Seccomp:\t" seccomp "\nVmSize:\t100 kB\n"
#define MOUNT(path, type) "20 1 0:20 / " path " rw,nosuid shared:1 - " type " " type " rw\n"
#define ALL_MOUNTS                                                                                                     \
	MOUNT("/sys/fs/bpf", "bpf")                                                                                    \
	MOUNT("/sys/kernel/tracing", "tracefs")                                                                        \
	MOUNT("/sys/kernel/security", "securityfs")                                                                    \
	MOUNT("/sys/kernel/debug", "debugfs") MOUNT("/sys/fs/cgroup", "cgroup2")

static char root[64];

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static void make_bytes(const char *name, const void *bytes, size_t length)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s%s", root, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void make(const char *name, const char *text)
{
	make_bytes(name, text, strlen(text));
}

static void drop(const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s%s", root, name);
	assert_int_equal(unlink(path), 0);
}

/* A machine on which nothing is wrong. */
static int make_machine(void **state)
{
	(void)state;
	(void)strcpy(root, "/tmp/lade-doctor-XXXXXX");
	assert_non_null(mkdtemp(root));
	make("/proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");
	make("/proc/sys/kernel/arch", "x86_64\n");
	make("/proc/sys/kernel/version", "#1 SMP\n");
	make("/proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
	make("/proc/sys/kernel/perf_event_paranoid", "2\n");
	make("/proc/sys/kernel/kptr_restrict", "0\n");
	make("/proc/sys/net/core/bpf_jit_enable", "1\n");
	make("/proc/sys/net/core/bpf_jit_harden", "0\n");
	make("/proc/filesystems", "nodev\tproc\nnodev\tbpf\n\text4\n");
	make("/proc/self/status", STATUS("000001ffffffffff", "0"));
	make("/proc/self/uid_map", "         0          0 4294967295\n");
	make("/proc/self/limits", "Max locked memory         65536                65536                bytes\n");
	make("/proc/self/mountinfo", ALL_MOUNTS);
	make("/proc/self/cgroup", "0::/user.slice\n");
	make("/sys/kernel/security/lsm", "capability,bpf\n");
	make("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	make("/sys/kernel/debug/kprobes/blacklist", "0x1-0x2\ta\n0x2-0x3\tb\n");
	make("/boot/config-6.1.0-13-amd64", "CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_BPF_JIT=y\nCONFIG_BPF_LSM=y\n");
	return 0;
}

static int remove_machine(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static struct lade_doctor *examine_process(int pid)
{
	const struct lade_doctor_opts opts = { .size = sizeof opts, .root = root, .pid = pid };
	struct lade_doctor *doctor = NULL;
	struct lade_error *error = NULL;

	if (lade_doctor_examine(NULL, &opts, &doctor, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return doctor;
}

static const char *value(const struct lade_doctor *doctor, const char *section, const char *name)
{
	const struct doctor_fact *fact = lade_doctor_find(doctor, section, name);

	if (!fact)
		fail_msg("no fact %s/%s", section, name);
	return fact->value;
}

static enum lade_fact_state state_of(const struct lade_doctor *doctor, const char *section, const char *name)
{
	const struct doctor_fact *fact = lade_doctor_find(doctor, section, name);

	return fact ? fact->state : (enum lade_fact_state) - 1;
}

static bool has_finding(const struct lade_doctor *doctor, const char *code)
{
	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++)
		if (strcmp(lade_doctor_finding(doctor, i)->code, code) == 0)
			return true;
	return false;
}

/* What this file says leads to this finding (NULL: none of the kind), and to this exit code. */
static void assert_finding(const char *path, const char *text, const char *code, int exit_code)
{
	make(path, text);
	struct lade_doctor *doctor = examine_process(0);
	if (!has_finding(doctor, code))
		fail_msg("%s: no finding %s", path, code);
	assert_int_equal(lade_doctor_exit_code(doctor), exit_code);
	lade_doctor_free(doctor);
}

static void machine_without_fault_has_facts_and_no_finding_but_btf(void **state)
{
	struct lade_doctor *doctor = examine_process(0);

	(void)state;
	assert_string_equal(value(doctor, "kernel", "release"), "6.1.0-13-amd64");
	assert_string_equal(value(doctor, "kernel", "architecture"), "x86_64");
	assert_string_equal(value(doctor, "mounts", "bpffs"), "/sys/fs/bpf");
	assert_string_equal(value(doctor, "security", "lockdown"), "none");
	assert_string_equal(value(doctor, "security", "kprobe blacklist"), "2 functions");
	assert_string_equal(value(doctor, "config", "CONFIG_BPF_JIT"), "y");
	assert_int_equal(state_of(doctor, "config", "CONFIG_CGROUP_BPF"), LADE_FACT_ABSENT);
	assert_int_equal(state_of(doctor, "container", "kind"), LADE_FACT_ABSENT);
	assert_int_equal(lade_doctor_finding_count(doctor), 1);
	assert_true(has_finding(doctor, "doctor.btf.missing"));
	assert_int_equal(lade_doctor_exit_code(doctor), 0);
	lade_doctor_free(doctor);
}

static void version_is_that_of_the_sources_and_processors_are_the_possible_ones(void **state)
{
	(void)state;
	make("/proc/sys/kernel/version", "#1 SMP Debian 6.1.55-1 (2023-09-29)\n");
	make("/sys/devices/system/cpu/possible", "0-7,16\n");
	make("/sys/devices/system/cpu/online", "0-3\n");
	struct lade_doctor *doctor = examine_process(0);
	assert_string_equal(value(doctor, "kernel", "version"), "6.1.55");
	assert_string_equal(value(doctor, "kernel", "processors"), "9");
	assert_string_equal(lade_doctor_find(doctor, "kernel", "processors")->detail, "4 online");
	lade_doctor_free(doctor);
	drop("/sys/devices/system/cpu/possible");
	doctor = examine_process(0);
	assert_int_equal(state_of(doctor, "kernel", "processors"), LADE_FACT_UNKNOWN);
	lade_doctor_free(doctor);
}

static void whole_configuration_is_kept_only_when_asked_for(void **state)
{
	const struct lade_doctor_opts opts = { .size = sizeof opts, .root = root, .options = true };
	struct lade_option_info option = { .size = sizeof option };
	struct lade_doctor *doctor = NULL;

	(void)state;
	make("/boot/config-6.1.0-13-amd64", "# x\nCONFIG_BPF=y\n# CONFIG_NO is not set\nCONFIG_HZ=250\r\n"
					    "CONFIG_NAME=\"a=b\"\nnonsense\nCONFIG_LAST=m");
	assert_int_equal(lade_doctor_examine(NULL, &opts, &doctor, NULL), 0);
	assert_int_equal(lade_doctor_option_count(doctor), 4);
	assert_int_equal(lade_doctor_option(doctor, 1, &option), 0);
	assert_string_equal(option.name, "CONFIG_HZ");
	assert_string_equal(option.value, "250");
	assert_int_equal(lade_doctor_option(doctor, 2, &option), 0);
	assert_string_equal(option.value, "\"a=b\"");
	assert_int_equal(lade_doctor_option(doctor, 3, &option), 0);
	assert_string_equal(option.name, "CONFIG_LAST");
	assert_int_equal(lade_doctor_option(doctor, 4, &option), -ERANGE);
	lade_doctor_free(doctor);
	doctor = examine_process(0);
	assert_int_equal(lade_doctor_option_count(doctor), 0);
	lade_doctor_free(doctor);
}

static void option_that_came_later_is_not_missing(void **state)
{
	struct lade_doctor *doctor = examine_process(0);

	(void)state;
	assert_null(lade_doctor_find(doctor, "config", "CONFIG_NETKIT")); /* since 6.7 */
	lade_doctor_free(doctor);
}

static void each_fault_has_its_finding(void **state)
{
	static const struct {
		const char *path, *text, *code;
		int exit_code;
	} faults[] = {
		{ "/proc/filesystems", "nodev\tproc\n", "kernel.bpf.absent", 3 },
		{ "/proc/sys/net/core/bpf_jit_enable", "0\n", "doctor.jit.off", 0 },
		{ "/proc/sys/kernel/unprivileged_bpf_disabled", "0\n", "doctor.unprivileged", 0 },
		{ "/proc/sys/kernel/kptr_restrict", "2\n", "doctor.kptr", 0 },
		{ "/sys/kernel/security/lsm", "capability,bpfx,xbpf\n", "doctor.lsm.inactive", 0 },
		{ "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n", "doctor.lockdown.integrity",
		  0 },
		{ "/sys/kernel/security/lockdown", "none integrity [confidentiality]\n",
		  "doctor.lockdown.confidentiality", 0 },
		{ "/proc/self/status", STATUS("0000000000000000", "0"), "doctor.capability.missing", 5 },
		{ "/proc/self/status", STATUS("0000008000000000", "0"), "doctor.capability.partly", 0 },
		{ "/proc/self/uid_map", "0 100000 65536\n", "doctor.user-namespace", 5 },
		{ "/proc/self/mountinfo", MOUNT("/sys/fs/bpf", "tmpfs"), "doctor.bpffs.other", 5 },
		{ "/proc/self/mountinfo", MOUNT("/sys/fs/bpf", "bpf") MOUNT("/sys/fs/bpf", "tmpfs"),
		  "doctor.bpffs.other", 5 },
		{ "/proc/self/mountinfo", "20 1 0:20 / /sys/fs/bpf ro - bpf bpf rw\n", "doctor.bpffs.read-only", 5 },
		{ "/proc/self/mountinfo", MOUNT("/sys", "sysfs"), "doctor.bpffs.missing", 0 },
		{ "/proc/self/mountinfo", MOUNT("/sys", "sysfs"), "doctor.securityfs.missing", 0 },
		{ "/proc/self/mountinfo", MOUNT("/sys", "sysfs"), "doctor.tracefs.missing", 0 },
		{ "/proc/self/mountinfo", MOUNT("/sys", "sysfs"), "doctor.cgroup2.missing", 0 },
		{ "/sys/kernel/btf/vmlinux", "no BTF at all, and long enough", "doctor.btf.unreadable", 0 },
		{ "/proc/sys/kernel/osrelease", "5.10.0\n", "doctor.memlock", 0 },
		{ "/proc/sys/kernel/ftrace_enabled", "0\n", "doctor.ftrace", 0 },
		{ "/sys/kernel/debug/kprobes/enabled", "0\n", "doctor.kprobes", 0 },
	};

	for (size_t i = 0; i < ELEMENTS(faults); i++) {
		assert_finding(faults[i].path, faults[i].text, faults[i].code, faults[i].exit_code);
		(void)remove_machine(state);
		(void)make_machine(state);
	}
}

static void mount_elsewhere_with_blanks_in_its_path_is_found(void **state)
{
	(void)state;
	make("/proc/self/mountinfo", "damaged\n20 1 0:20 / /mnt/my\\040pins rw a b c - bpf bpf rw,delegate_cmds=any\n");
	struct lade_doctor *doctor = examine_process(0);
	assert_string_equal(value(doctor, "mounts", "bpffs"), "/mnt/my pins");
	assert_string_equal(value(doctor, "mounts", "delegation"), "/mnt/my pins: delegate_cmds=any");
	lade_doctor_free(doctor);
}

static void delegation_makes_a_user_namespace_a_warning(void **state)
{
	(void)state;
	make("/proc/self/mountinfo", "20 1 0:20 / /sys/fs/bpf rw - bpf bpf rw,delegate_cmds=any\n");
	assert_finding("/proc/self/uid_map", "0 1000 1\n", "doctor.user-namespace.token", 0);
}

static void lsm_and_lockdown_are_not_guessed_without_securityfs(void **state)
{
	(void)state;
	drop("/sys/kernel/security/lsm");
	drop("/sys/kernel/security/lockdown");
	make("/proc/self/mountinfo", MOUNT("/sys/fs/bpf", "bpf"));
	struct lade_doctor *doctor = examine_process(0);
	assert_int_equal(state_of(doctor, "security", "lsm"), LADE_FACT_UNKNOWN);
	assert_string_equal(value(doctor, "security", "lsm"), "securityfs is not mounted");
	assert_int_equal(state_of(doctor, "security", "lockdown"), LADE_FACT_UNKNOWN);
	assert_false(has_finding(doctor, "doctor.lsm.inactive"));
	lade_doctor_free(doctor);
}

static void jit_that_cannot_be_seen_is_told_by_the_configuration(void **state)
{
	(void)state;
	drop("/proc/sys/net/core/bpf_jit_enable");
	struct lade_doctor *doctor = examine_process(0);
	assert_int_equal(state_of(doctor, "jit", "enable"), LADE_FACT_UNKNOWN);
	assert_false(has_finding(doctor, "doctor.jit.absent"));
	lade_doctor_free(doctor);
	assert_finding("/boot/config-6.1.0-13-amd64", "CONFIG_BPF=y\n", "doctor.jit.absent", 0);
	drop("/boot/config-6.1.0-13-amd64");
	doctor = examine_process(0);
	assert_true(has_finding(doctor, "doctor.config.unknown"));
	assert_false(has_finding(doctor, "doctor.jit.absent"));
	lade_doctor_free(doctor);
}

static void before_5_8_sys_admin_is_what_counts(void **state)
{
	(void)state;
	make("/proc/sys/kernel/osrelease", "5.4.0\n");
	make("/proc/self/status", STATUS("0000000000001000", "0"));
	struct lade_doctor *doctor = examine_process(0);
	assert_true(has_finding(doctor, "doctor.capability.missing"));
	struct lade_finding_info info = { .size = sizeof info };
	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++) {
		assert_int_equal(lade_finding_describe(lade_doctor_finding(doctor, i), &info), 0);
		if (strcmp(info.code, "doctor.capability.missing") == 0)
			assert_string_equal(info.message, "CAP_SYS_ADMIN is not effective");
	}
	lade_doctor_free(doctor);
}

static void who_can_load_is_counted_by_name(void **state)
{
	static const char *const uid_maps[] = { "0 0 4294967295\n", "0 0 4294967295\n", "0 0 4294967295\n",
						"0 1000 1\n" };
	char path[64];

	(void)state;
	for (int i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof path, "/proc/%d/status", 10 + i);
		make(path, i == 2 ? STATUS("0000000000000000", "0") : STATUS("0000008000000000", "0"));
		(void)snprintf(path, sizeof path, "/proc/%d/uid_map", 10 + i);
		make(path, uid_maps[i]);
	}
	make("/proc/2/status", "Name:\tkthreadd\nCapEff:\t000001ffffffffff\n");
	struct lade_doctor *doctor = examine_process(0);
	assert_string_equal(value(doctor, "loaders", "processes"), "2");
	assert_string_equal(value(doctor, "loaders", "loader"), "2");
	assert_null(lade_doctor_find(doctor, "loaders", "kthreadd"));
	lade_doctor_free(doctor);
}

static void other_process_is_asked_by_its_number(void **state)
{
	const struct lade_doctor_opts opts = { .size = sizeof opts, .root = root, .pid = 77 };
	struct lade_doctor *doctor = NULL;
	struct lade_error *error = NULL;

	(void)state;
	assert_int_equal(lade_doctor_examine(NULL, &opts, &doctor, &error), -ESRCH);
	assert_int_equal(lade_error_exit_code(error), 1);
	assert_null(doctor);
	lade_error_free(error);
	make("/proc/77/status", STATUS("0000000000000000", "2"));
	make("/proc/77/uid_map", "0 0 4294967295\n");
	doctor = examine_process(77);
	assert_string_equal(value(doctor, "privileges", "seccomp"), "filter");
	assert_string_equal(value(doctor, "privileges", "effective"), "none");
	assert_string_equal(lade_doctor_find(doctor, "privileges", "effective")->source, "/proc/77/status");
	lade_doctor_free(doctor);
}

static void kind_of_btf_that_is_not_known_is_named_with_its_place(void **state)
{
	struct {
		struct btf_header header;
		struct btf_type types[3];
		char strings[4];
	} btf = { .header = { .magic = BTF_MAGIC,
			      .version = 1,
			      .hdr_len = sizeof btf.header,
			      .type_len = sizeof btf.types,
			      .str_off = sizeof btf.types,
			      .str_len = sizeof btf.strings },
		  .types = { { .info = BTF_KIND_CONST << 24 }, { .info = 60U << 24 }, { 0 } } };

	(void)state;
	make_bytes("/sys/kernel/btf/vmlinux", &btf, sizeof btf);
	make("/sys/kernel/btf/loop", "");
	struct lade_doctor *doctor = examine_process(0);
	assert_true(has_finding(doctor, "doctor.btf.kind"));
	assert_string_equal(value(doctor, "btf", "vmlinux"), "1 types");
	assert_string_equal(lade_doctor_find(doctor, "btf", "vmlinux")->detail,
			    "then kind 60, which Lade does not know");
	assert_string_equal(value(doctor, "btf", "modules"), "1");
	lade_doctor_free(doctor);
	btf.types[1].info = BTF_KIND_STRUCT << 24 | 0xffff; /* members beyond the end */
	make_bytes("/sys/kernel/btf/vmlinux", &btf, sizeof btf);
	doctor = examine_process(0);
	assert_true(has_finding(doctor, "doctor.btf.unreadable"));
	lade_doctor_free(doctor);
}

static void container_is_named_with_what_shows_it(void **state)
{
	static const char init[] = "container=lxc\0HOME=/";
	(void)state;
	make_bytes("/proc/1/environ", init, sizeof init);
	struct lade_doctor *doctor = examine_process(0);
	assert_string_equal(value(doctor, "container", "kind"), "lxc");
	lade_doctor_free(doctor);
	make("/proc/self/cgroup", "0::/kubepods/x\n");
	doctor = examine_process(0);
	assert_string_equal(value(doctor, "container", "kind"), "Kubernetes");
	assert_string_equal(lade_doctor_find(doctor, "container", "kind")->source, "/proc/self/cgroup");
	lade_doctor_free(doctor);
}

static void nothing_at_all_is_unknown_and_no_fault(void **state)
{
	(void)remove_machine(state);
	assert_int_equal(mkdir(root, 0700), 0);
	struct lade_doctor *doctor = examine_process(0);
	assert_int_equal(state_of(doctor, "kernel", "release"), LADE_FACT_UNKNOWN);
	assert_int_equal(state_of(doctor, "privileges", "effective"), LADE_FACT_UNKNOWN);
	assert_int_equal(lade_doctor_exit_code(doctor), 0);
	lade_doctor_free(doctor);
}

static void options_that_contradict_are_refused(void **state)
{
	const struct lade_doctor_opts relative = { .size = sizeof relative, .root = "here" };
	const struct lade_doctor_opts negative = { .size = sizeof negative, .root = root, .pid = -1 };
	struct lade_doctor *doctor = NULL;
	struct lade_error *error = NULL;

	(void)state;
	assert_int_equal(lade_doctor_examine(NULL, &relative, &doctor, &error), -EINVAL);
	lade_error_free(TAKE(error));
	assert_int_equal(lade_doctor_examine(NULL, &negative, &doctor, &error), -EINVAL);
	lade_error_free(error);
	assert_null(doctor);
}

/* ---- an object's needs ---- */

static struct lade_doctor *compare_with(const char *file)
{
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_doctor *doctor = examine_process(0);

	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	if (lade_object_open(context, file, NULL, &object, &error) < 0 ||
	    lade_doctor_compare(doctor, object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	lade_object_free(object);
	lade_context_free(context);
	return doctor;
}

static const char needed[] = "CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_BPF_EVENTS=y\nCONFIG_PERF_EVENTS=y\n";

static void object_is_held_against_version_options_and_capabilities(void **state)
{
	(void)state;
	make("/boot/config-6.1.0-13-amd64", needed);
	struct lade_doctor *doctor = compare_with(TEST_OBJECTS "/load_all.bpf.o");
	assert_int_equal(lade_doctor_exit_code(doctor), 0);
	assert_int_equal(state_of(doctor, "needs", "maps of type ringbuf"), LADE_FACT_GIVEN);
	assert_int_equal(state_of(doctor, "needs", "CONFIG_EVENT_TRACING"), LADE_FACT_ABSENT);
	assert_true(has_finding(doctor, "doctor.needs.config-attach")); /* loads all the same */
	lade_doctor_free(doctor);
	make("/proc/self/status", STATUS("0000000000000000", "0"));
	doctor = compare_with(TEST_OBJECTS "/load_all.bpf.o");
	assert_true(has_finding(doctor, "doctor.needs.capability"));
	assert_int_equal(lade_doctor_exit_code(doctor), 5);
	lade_doctor_free(doctor);
}

static void object_that_is_too_new_for_the_kernel_is_exit_3_and_only_likely(void **state)
{
	(void)state;
	make("/boot/config-5.7.0", needed);
	make("/proc/sys/kernel/osrelease", "5.7.0\n");
	struct lade_doctor *doctor = compare_with(TEST_OBJECTS "/load_all.bpf.o");
	assert_int_equal(lade_doctor_exit_code(doctor), 3);
	assert_int_equal(state_of(doctor, "needs", "maps of type ringbuf"), LADE_FACT_ABSENT);
	assert_int_equal(state_of(doctor, "needs", "maps of type hash"), LADE_FACT_GIVEN);
	assert_int_equal(state_of(doctor, "needs", "CAP_BPF"), LADE_FACT_GIVEN); /* CAP_SYS_ADMIN is */
	size_t found = 0;
	for (size_t i = 0; i < lade_doctor_finding_count(doctor); i++) {
		const struct lade_finding *finding = lade_doctor_finding(doctor, i);
		if (strcmp(finding->code, "doctor.needs.kernel") != 0)
			continue;
		assert_int_equal(finding->confidence, LADE_LIKELY);
		found++;
	}
	assert_true(found > 0);
	lade_doctor_free(doctor);
}

static void maps_that_do_not_fit_into_locked_memory_are_exit_5_before_5_11(void **state)
{
	static const struct {
		const char *release, *effective;
		bool fits;
	} rows[] = {
		{ "5.10.0\n", STATUS("000001fffeffffff", "0"), false }, /* without CAP_SYS_RESOURCE */
		{ "5.10.0\n", STATUS("000001ffffffffff", "0"), true },  /* which may raise the limit */
		{ "5.11.0\n", STATUS("000001fffeffffff", "0"), true },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		make("/proc/sys/kernel/osrelease", rows[i].release);
		make("/proc/self/status", rows[i].effective);
		struct lade_doctor *doctor = compare_with(TEST_OBJECTS "/gate_large.bpf.o");
		assert_int_equal(has_finding(doctor, "doctor.needs.memlock"), !rows[i].fits);
		lade_doctor_free(doctor);
		doctor = compare_with(TEST_OBJECTS "/gate_types.bpf.o"); /* no maps */
		assert_false(has_finding(doctor, "doctor.needs.memlock"));
		lade_doctor_free(doctor);
	}
}

static void option_that_is_missing_is_exit_3(void **state)
{
	(void)state;
	struct lade_doctor *doctor = compare_with(TEST_OBJECTS "/load_all.bpf.o"); /* no CONFIG_BPF_EVENTS */
	assert_true(has_finding(doctor, "doctor.needs.config"));
	assert_int_equal(lade_doctor_exit_code(doctor), 3);
	lade_doctor_free(doctor);
	drop("/boot/config-6.1.0-13-amd64");
	doctor = compare_with(TEST_OBJECTS "/load_all.bpf.o");
	assert_int_equal(state_of(doctor, "needs", "CONFIG_BPF_EVENTS"), LADE_FACT_UNKNOWN);
	assert_int_equal(lade_doctor_exit_code(doctor), 0);
	lade_doctor_free(doctor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_machine, remove_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(machine_without_fault_has_facts_and_no_finding_but_btf),
		TEST(maps_that_do_not_fit_into_locked_memory_are_exit_5_before_5_11),
		TEST(option_that_came_later_is_not_missing),
		TEST(version_is_that_of_the_sources_and_processors_are_the_possible_ones),
		TEST(whole_configuration_is_kept_only_when_asked_for),
		TEST(each_fault_has_its_finding),
		TEST(mount_elsewhere_with_blanks_in_its_path_is_found),
		TEST(delegation_makes_a_user_namespace_a_warning),
		TEST(lsm_and_lockdown_are_not_guessed_without_securityfs),
		TEST(jit_that_cannot_be_seen_is_told_by_the_configuration),
		TEST(before_5_8_sys_admin_is_what_counts),
		TEST(who_can_load_is_counted_by_name),
		TEST(other_process_is_asked_by_its_number),
		TEST(kind_of_btf_that_is_not_known_is_named_with_its_place),
		TEST(container_is_named_with_what_shows_it),
		TEST(nothing_at_all_is_unknown_and_no_fault),
		TEST(options_that_contradict_are_refused),
		TEST(object_is_held_against_version_options_and_capabilities),
		TEST(object_that_is_too_new_for_the_kernel_is_exit_3_and_only_likely),
		TEST(option_that_is_missing_is_exit_3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
