/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a module's BTF among all BTF objects of a kernel that is made up. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "harness/live.h"
#include "kernel/attr.h"
#include "kernel/module_btf.h"

/* Ids go up by ten. name NULL: goes away between being listed and being opened. */
static const struct made_btf {
	const char *name;
	bool of_kernel;
} made[] = {
	{ "vmlinux", true }, { "", false },          { NULL, false },
	{ "wanted", false }, { "wanted_too", true }, { "wanted", true },
};

static int open_fds[ELEMENTS(made)];
static int refusal; /* of every descriptor; 0: none */

static int next_id(struct attr_get_by_id *attr)
{
	attr->next_id = (attr->id / 10 + 1) * 10;
	return attr->next_id / 10 > ELEMENTS(made) ? -ENOENT : 0;
}

static int open_id(const struct attr_get_by_id *attr)
{
	uint32_t index = attr->id / 10 - 1;

	if (refusal)
		return -refusal;
	assert_true(attr->id % 10 == 0 && index < ELEMENTS(made));
	if (!made[index].name)
		return -ENOENT;
	open_fds[index] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return open_fds[index];
}

static int describe(const struct attr_get_info *attr)
{
	struct bpf_btf_info *info = (struct bpf_btf_info *)(uintptr_t)attr->info;
	uint32_t index = ELEMENTS(made); /* the last one with this number: earlier ones are closed */

	while (index > 0 && open_fds[index - 1] != (int)attr->bpf_fd)
		index--;
	assert_true(index-- > 0);
	info->kernel_btf = made[index].of_kernel;
	(void)snprintf((char *)(uintptr_t)info->name, info->name_len, "%s", made[index].name);
	return 0;
}

static int made_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	(void)kernel, (void)size;
	switch (command) {
	case BPF_BTF_GET_NEXT_ID:
		return next_id(attr);
	case BPF_BTF_GET_FD_BY_ID:
		return open_id(attr);
	case BPF_OBJ_GET_INFO_BY_FD:
		return describe(attr);
	default:
		return -EINVAL;
	}
}

static const struct kernel_calls calls = { .bpf = made_bpf };
static struct kernel kernel = { .calls = &calls };

static void module_is_found_by_its_whole_name_among_the_kernels_own(void **state)
{
	size_t before = fd_count();
	int fd = lade_kernel_module_btf(&kernel, "wanted");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fd, open_fds[ELEMENTS(made) - 1]);
	assert_int_equal(fd_count(), before + 1); /* the others are closed */
	(void)close(fd);
}

static void module_that_is_not_there_is_enoent(void **state)
{
	size_t before = fd_count();

	(void)state;
	assert_int_equal(lade_kernel_module_btf(&kernel, "want"), -ENOENT);
	assert_int_equal(fd_count(), before);
}

static void refusal_to_open_ends_the_search(void **state)
{
	(void)state;
	refusal = EPERM;
	assert_int_equal(lade_kernel_module_btf(&kernel, "wanted"), -EPERM);
	refusal = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(module_is_found_by_its_whole_name_among_the_kernels_own),
		cmocka_unit_test(module_that_is_not_there_is_enoent),
		cmocka_unit_test(refusal_to_open_ends_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
