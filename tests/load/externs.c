/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs see of the kernel: its configuration, addresses of its symbols, its functions. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "harness/loaded.h"
#include "kernel/config.h"
#include "kernel/context.h"
#include "kernel/symbols.h"
#include "kernel/symbols_program.h"
#include "object/model.h"
#include "plan/plan.h"

#define PSEUDO_BTF_ID 3

/* config: of the kernel that programs are to see; NULL: its own. */
static struct loaded begin(const char *config, const char *file)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .config = config };

	return loaded_open(&opts, file);
}

static struct loaded load(const char *config, const char *file)
{
	struct loaded loaded = begin(config, file);

	loaded_load(&loaded, NULL);
	return loaded;
}

static void read_value(const struct lade_instance *instance, const char *map, void *value)
{
	uint32_t key = 0;

	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(instance, map), &key, value), 0);
}

static void set(struct loaded *loaded, const char *variable, const char *value)
{
	assert_int_equal(lade_variable_set(lade_object_find_variable(loaded->object, variable), value, NULL), 0);
}

static bool may_run(void)
{
	if (live_enter())
		return true;
	skip();
	return false;
}

static bool has_variables(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool found = btf && btf__find_by_name_kind(btf, "runqueues", BTF_KIND_VAR) > 0;

	btf__free(btf);
	if (!found)
		(void)fprintf(stderr, "# this kernel has no types of variables\n");
	return found;
}

static bool has_syscall_programs(void)
{
	bool has = libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, NULL) == 1; /* since 5.14 */

	if (!has)
		(void)fprintf(stderr, "# this kernel has no programs of type syscall\n");
	return has;
}

/* ---- the configuration ---- */

struct seen {
	unsigned long long cpus;
	int version, unheard;
	short shift;
	unsigned char hz;
	char cgroup, hostname[2], compiler[4];
	bool cookie, bpf, absent;
	uint32_t jit;
};

static const char config_text[] = "# a kernel of our own\nCONFIG_BPF_SYSCALL=y\nCONFIG_BPF_JIT=m\nCONFIG_CGROUP_BPF=n\n"
				  "CONFIG_HZ=250\nCONFIG_NR_CPUS=0x123456789\nCONFIG_LOG_BUF_SHIFT=-17\n"
				  "CONFIG_DEFAULT_HOSTNAME=\"(none)\"\nCONFIG_CC_VERSION_TEXT=\"gcc (Debian) 12\"\n"
				  "# CONFIG_NO_SUCH_OPTION is not set\n";

static void write_config(char path[64], const char *text)
{
	FILE *file;

	(void)snprintf(path, 64, "/tmp/lade-config-XXXXXX");
	file = fdopen(mkstemp(path), "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
}

static void programs_read_the_options_of_the_configuration_that_is_given(void **state)
{
	struct loaded loaded;
	struct seen seen;
	char path[64];

	(void)state;
	if (!may_run())
		return;
	if (!has_syscall_programs())
		skip();
	write_config(path, config_text);
	loaded = load(path, "ext_kconfig.bpf.o");
	assert_int_equal(must_run(loaded.instance, "read_all"), 0);
	read_value(loaded.instance, "seen", &seen);
	assert_true(seen.cpus == 0x123456789);
	assert_int_equal(seen.version, lade_kernel_version(loaded.context->kernel));
	assert_int_equal(seen.unheard, 0);
	assert_int_equal(seen.shift, -17);
	assert_int_equal(seen.hz, 250);
	assert_int_equal(seen.cgroup, 'n');
	assert_memory_equal(seen.hostname, "(n", 2);
	assert_memory_equal(seen.compiler, "gcc", 4);
	assert_true(seen.bpf);
	assert_false(seen.absent);
	assert_int_equal(seen.jit, 2);
	assert_int_equal(seen.cookie, lade_kernel_has_attach_cookie(loaded.context->kernel));
	assert_int_equal(lade_instance_note_count(loaded.instance), 1);
	assert_leaves_nothing(&loaded);
	assert_int_equal(unlink(path), 0);
}

static void value_that_the_user_sets_is_stronger_than_the_configuration(void **state)
{
	struct loaded loaded;
	struct seen seen;
	char path[64];

	(void)state;
	if (!may_run())
		return;
	if (!has_syscall_programs())
		skip();
	write_config(path, config_text);
	loaded = begin(path, "ext_kconfig.bpf.o");
	set(&loaded, "CONFIG_HZ", "100");
	set(&loaded, "CONFIG_BPF_SYSCALL", "n");
	set(&loaded, "CONFIG_NO_SUCH_OPTION", "y");
	loaded_load(&loaded, NULL);
	assert_int_equal(must_run(loaded.instance, "read_all"), 0);
	read_value(loaded.instance, "seen", &seen);
	assert_int_equal(seen.hz, 100);
	assert_false(seen.bpf);
	assert_true(seen.absent);
	assert_int_equal(seen.shift, -17);
	loaded_leave(&loaded);
	assert_int_equal(unlink(path), 0);
}

static void programs_cannot_write_into_the_map_of_options(void **state)
{
	struct loaded loaded;
	uint32_t key = 0;
	char value[47] = { 0 }, path[64];

	(void)state;
	if (!may_run())
		return;
	if (!has_syscall_programs())
		skip();
	write_config(path, config_text);
	loaded = load(path, "ext_kconfig.bpf.o");
	assert_int_equal(bpf_map_update_elem(lade_instance_map_fd(loaded.instance, ".kconfig"), &key, value, 0),
			 -EPERM);
	loaded_leave(&loaded);
	assert_int_equal(unlink(path), 0);
}

/* ---- refusals: one program each ---- */

static bool says(const struct lade_finding *finding, const char *text)
{
	bool found = strstr(finding->message, text) || (finding->fix && strstr(finding->fix, text));

	array_foreach(line, &finding->evidence)
		found = found || strstr(*line, text);
	return found;
}

/* What a row asks of the kernel besides. */
static bool always(void)
{
	return true;
}

static bool has_release(void)
{
	return kernel_has_symbol("bpf_task_release"); /* since 6.2 */
}

static void what_cannot_be_had_is_a_finding_of_its_own(void **state)
{
	static const struct {
		bool (*can_run)(void);
		const char *program, *code, *says[2];
	} rows[] = {
		{ always,
		  "absent_option",
		  "kconfig.absent",
		  { "CONFIG_NO_SUCH_OPTION", "--set CONFIG_NO_SUCH_OPTION=" } },
		{ always, "other_option", "kconfig.range", { "CONFIG_NR_CPUS=64", "y or n" } },
		{ always, "text_option", "kconfig.type", { "CONFIG_LOG_BUF_SHIFT=17", "quotes" } },
		{ always,
		  "unheard_option",
		  "kconfig.absent",
		  { "LINUX_HAS_NOTHING_OF_THE_KIND", "nothing that a loader" } },
		{ always, "absent_variable", "ksym.absent", { "no_such_variable", "__weak" } },
		{ has_variables, "other_variable", "ksym.type", { "object: int", "kernel: struct rq" } },
		{ always, "absent_symbol", "ksym.absent", { "no_such_symbol", "" } },
		{ always, "absent_function", "kfunc.absent", { "bpf_never_was_there", "bpf_ksym_exists()" } },
		{ has_release,
		  "other_function",
		  "kfunc.prototype",
		  { "object: void (struct task_struct *, int)", "kernel: void (struct task_struct *)" } },
		{ has_syscall_programs,
		  "unguarded",
		  "verifier.kfunc.absent",
		  { "bpf_never_was_there_either", "bpf_ksym_exists(" } },
	};
	char path[64];

	(void)state;
	if (!may_run())
		return;
	write_config(path, "CONFIG_NR_CPUS=64\nCONFIG_LOG_BUF_SHIFT=17\n");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct loaded loaded;
		const struct lade_finding *finding;
		if (!rows[i].can_run())
			continue;
		loaded = begin(path, "ext_refused.bpf.o");
		(void)load_only(loaded.object, rows[i].program);
		assert_true(loaded_fail(&loaded, NULL) < 0);
		finding = lade_error_finding(loaded.error, 0);
		if (strcmp(finding->code, rows[i].code) != 0)
			fail_msg("%s: %s, not %s", rows[i].program, finding->code, rows[i].code);
		for (size_t j = 0; j < 2; j++)
			if (!says(finding, rows[i].says[j]))
				fail_msg("%s: \"%s\" is not said", rows[i].program, rows[i].says[j]);
		assert_int_equal(lade_error_finding_count(loaded.error), 1);
		assert_leaves_nothing(&loaded);
	}
	assert_int_equal(unlink(path), 0);
}

static void without_any_configuration_the_places_that_were_tried_are_named(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	loaded = begin(NULL, "ext_refused.bpf.o");
	loaded.context->config = lade_kernel_config_new(NULL);
	loaded.context->config->is_read = true; /* as if there were none */
	assert_int_equal(lade_strings_add(&loaded.context->config->tried, "/proc/config.gz: No such file"), 0);
	(void)load_only(loaded.object, "absent_option");
	assert_true(loaded_fail(&loaded, NULL) < 0);
	assert_string_equal(loaded.info.code, "kconfig.missing");
	assert_int_equal(lade_error_exit_code(loaded.error), 5);
	assert_true(says(lade_error_finding(loaded.error, 0), "/proc/config.gz"));
	loaded_leave(&loaded);
}

/* ---- symbols ---- */

static uint64_t kallsyms_address(const char *name)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[1024], found[512];
	unsigned long long address, result = 0;

	assert_non_null(file);
	while (!result && fgets(line, sizeof line, file))
		if (sscanf(line, "%llx %*c %511s", &address, found) == 2 && strcmp(found, name) == 0)
			result = address;
	assert_int_equal(fclose(file), 0);
	return result;
}

static void kernel_answers_with_the_addresses_of_its_symbol_table(void **state)
{
	static char long_name[600];
	struct kernel_symbol symbols[300] = { { .name = "bpf_prog_put" },
					      { .name = "no_such_symbol", .is_required = true },
					      { .name = "bpf_map_put" } };
	struct kernel *kernel = NULL;

	(void)state;
	if (!may_run())
		return;
	memset(long_name, 'x', sizeof long_name - 1);
	for (size_t i = 3; i < ELEMENTS(symbols); i++)
		symbols[i].name = i % 2 ? "schedule" : "bpf_prog_put";
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	assert_int_equal(lade_kernel_symbols(kernel, symbols, ELEMENTS(symbols), NULL), 0);
	assert_int_equal(symbols[0].state, SYMBOL_FOUND);
	assert_true(symbols[0].address == kallsyms_address("bpf_prog_put"));
	assert_int_equal(symbols[1].state, SYMBOL_ABSENT);
	assert_true(symbols[2].address == kallsyms_address("bpf_map_put"));
	assert_true(symbols[298].address == symbols[0].address);
	assert_true(symbols[299].address == kallsyms_address("schedule"));
	/* One that does not fit the program's stack: the table is read. */
	symbols[1].name = long_name;
	assert_int_equal(lade_kernel_symbols(kernel, symbols, 2, NULL), 0);
	assert_int_equal(symbols[1].state, SYMBOL_ABSENT);
	assert_true(symbols[0].address == kallsyms_address("bpf_prog_put"));
	lade_kernel_free(kernel);
}

static void program_of_type_syscall_answers_without_the_table(void **state)
{
	struct kernel_symbol symbols[] = { { .name = "bpf_prog_put" }, { .name = "no_such_symbol" } };
	struct kernel *kernel = NULL;

	(void)state;
	if (!may_run())
		return;
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	if (lade_kernel_version(kernel) < (5 << 16 | 16 << 8)) {
		(void)fprintf(stderr, "# this kernel has no such helper\n");
		lade_kernel_free(kernel);
		skip();
	}
	assert_int_equal(lade_symbols_ask(kernel, symbols, ELEMENTS(symbols)), 0);
	assert_int_equal(symbols[0].state, SYMBOL_FOUND);
	assert_true(symbols[0].address == kallsyms_address("bpf_prog_put"));
	assert_int_equal(symbols[1].state, SYMBOL_ABSENT);
	lade_kernel_free(kernel);
}

static void name_of_several_symbols_is_ambiguous_where_the_table_is_read(void **state)
{
	static char long_name[600];
	struct kernel_symbol symbols[] = { { .name = "cleanup" }, { .name = long_name }, { .name = "__pfx_cleanup" } };
	struct kernel *kernel = NULL;

	(void)state;
	memset(long_name, 'x', sizeof long_name - 1);
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	if (!may_run())
		return;
	assert_int_equal(lade_kernel_symbols(kernel, symbols, ELEMENTS(symbols), NULL), 0);
	for (size_t i = 0; i < ELEMENTS(symbols); i++)
		if (symbols[i].state == SYMBOL_AMBIGUOUS)
			assert_true(symbols[i].address != symbols[i].other);
	assert_int_equal(symbols[1].state, SYMBOL_ABSENT);
	lade_kernel_free(kernel);
}

static const struct program_operation *planned(const struct lade_plan *plan)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_PROGRAM_LOAD)
			return operation->program_load;
	fail_msg("no program in the plan");
	return NULL;
}

static unsigned count_loads(const struct program_operation *load, uint32_t source, int32_t imm)
{
	unsigned count = 0;

	for (size_t i = 0; i + 1 < load->instructions.count; i++) {
		const struct bpf_insn *instruction = &load->instructions.items[i];
		bool is_load = instruction->code == (BPF_LD | BPF_IMM | BPF_DW);
		count += is_load && instruction->src_reg == source && instruction->imm == imm && !instruction[1].imm;
		i += is_load;
	}
	return count;
}

/* Only planned: a kernel without CONFIG_KALLSYMS_ALL has the variable's type and not its address. */
static void typed_variable_is_loaded_by_its_id_in_the_kernels_types(void **state)
{
	struct kernel_types *types = NULL;
	struct kernel_type variable = { 0 };
	struct lade_plan *plan = NULL;
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	if (!has_variables())
		skip();
	loaded = begin(NULL, "ext_ksyms.bpf.o");
	if (lade_plan_new(loaded.object, NULL, &plan, &loaded.error) < 0)
		fail_msg("%s", lade_error_message(loaded.error));
	assert_int_equal(lade_context_types(loaded.context, &types, NULL), 0);
	assert_int_equal(lade_kernel_types_exact(types, "runqueues", BTF_KIND_VAR, true, &variable, NULL), 0);
	assert_true(variable.id != 0);
	assert_true(count_loads(planned(plan), PSEUDO_BTF_ID, (int32_t)variable.id) > 0);
	assert_int_equal(count_loads(planned(plan), PSEUDO_BTF_ID, 0), 0);
	/* The weak variable, and the three addresses that are not known before the load. */
	assert_int_equal(count_loads(planned(plan), 0, 0), 4);
	lade_plan_free(plan);
	loaded_leave(&loaded);
}

/* ---- functions ---- */

static void kernel_functions_are_called(void **state)
{
	struct loaded loaded;
	int values[2];
	char pid[16];

	(void)state;
	if (!kernel_has_symbol("bpf_task_from_pid")) /* since 6.2 */
		skip();
	if (!may_run())
		return;
	loaded = begin(NULL, "ext_weak.bpf.o");
	(void)snprintf(pid, sizeof pid, "%d", getpid());
	set(&loaded, "pid", pid);
	loaded_load(&loaded, NULL);
	assert_int_equal(must_run(loaded.instance, "call_them"), 0);
	read_value(loaded.instance, ".bss", values);
	/* The flavour that fits is called, the other one and what never was there are not. */
	assert_int_equal(values[0] + values[1], 2);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_read_the_options_of_the_configuration_that_is_given),
		cmocka_unit_test(value_that_the_user_sets_is_stronger_than_the_configuration),
		cmocka_unit_test(programs_cannot_write_into_the_map_of_options),
		cmocka_unit_test(what_cannot_be_had_is_a_finding_of_its_own),
		cmocka_unit_test(without_any_configuration_the_places_that_were_tried_are_named),
		cmocka_unit_test(kernel_answers_with_the_addresses_of_its_symbol_table),
		cmocka_unit_test(program_of_type_syscall_answers_without_the_table),
		cmocka_unit_test(name_of_several_symbols_is_ambiguous_where_the_table_is_read),
		cmocka_unit_test(typed_variable_is_loaded_by_its_id_in_the_kernels_types),
		cmocka_unit_test(kernel_functions_are_called),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
