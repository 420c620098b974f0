/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged and random policy files end in a policy or in findings, never otherwise; and every object can be decided. */
#include "boot/conf.h"
#include "boot/policy_files.h"

static uint64_t seed = 0x5eed1e55;

static uint32_t dice(uint32_t sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % sides;
}

static const char *const pieces[] = {
	"[location /usr/lib/bpf]\n",
	"[object ",
	"[program a/b]\n",
	"[map */*]\n",
	"[",
	"]",
	"\n",
	"\r\n",
	"=",
	" ;",
	"#",
	"prefix = ",
	"types = xdp kprobe\n",
	"kernel = 5.10..6.12\n",
	"kernel = ..\n",
	"config = CONFIG_A,CONFIG_B=1\n",
	"attach = yes\n",
	"attach = dev:eth0\n",
	"owner = 0\n",
	"mode = 0640\n",
	"pin = a/b\n",
	"order = -5\n",
	"critical = x\n",
	"optional = no\n",
	"timeout = 5min\n",
	"\xef\xbb\xbf",
	"lade/",
	"..",
	"/",
	"999999999999",
	"                                                                                                        ",
};

/* Reads from memory, as lade_boot_read_policy() does with each file, and decides an object. */
static void read_bytes(char *text, size_t length, const struct lade_object *object)
{
	struct boot_policy policy = { .device = { .kernel = KVER(6, 1, 0), .build_type = "user" } };
	struct lade_error *error = NULL;
	struct conf conf = { .policy = &policy, .error = &error, .file = "fuzz.conf" };
	text[length] = '\0';
	lade_conf_read(&conf, text, length);
	assert_false(conf.no_memory);
	for (size_t i = 0; i < lade_error_finding_count(error); i++) {
		const struct lade_finding *finding = lade_error_finding(error, i);
		assert_memory_equal(finding->code, "boot.policy.", strlen("boot.policy."));
		assert_memory_equal(finding->message, "fuzz.conf:", strlen("fuzz.conf:"));
		assert_true(finding->source_line > 0);
	}
	array_foreach(location, &policy.locations) {
		struct boot_decision decision = { 0 };
		assert_int_equal(location->directory[0], '/');
		assert_int_equal(lade_boot_decide(&policy, location, object, &decision), 0);
		assert_int_equal(decision.verdict == BOOT_FAIL, decision.error != NULL);
		lade_boot_decision_clear(&decision);
	}
	lade_error_free(error);
	lade_boot_policy_clear(&policy);
}

static struct lade_object *some_object(void)
{
	const struct lade_open_opts options = { .size = sizeof options };
	return open_with("boot_firewall.bpf.o", &options);
}

static void random_bytes_are_survived(void **state)
{
	static char text[2049];
	struct lade_object *object = some_object();
	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t length = dice(sizeof text - 1);
		for (size_t i = 0; i < length; i++)
			text[i] = (char)dice(256);
		read_bytes(text, length, object);
	}
	lade_object_free(object);
}

static size_t mix(char *text, size_t room)
{
	size_t length = 0;
	for (uint32_t left = dice(40); left; left--) {
		const char *piece = pieces[dice(ELEMENTS(pieces))];
		size_t bytes = strlen(piece);
		if (length + bytes > room)
			break;
		(void)snprintf(text + length, bytes + 1, "%s", piece);
		length += bytes;
	}
	return length;
}

static void mixed_pieces_are_survived(void **state)
{
	static char text[4097];
	struct lade_object *object = some_object();
	(void)state;
	for (int round = 0; round < 5000; round++) {
		size_t length = mix(text, sizeof text - 1);
		if (length && dice(3) == 0)
			text[dice((uint32_t)length)] = (char)dice(256);
		read_bytes(text, length, object);
	}
	lade_object_free(object);
}

static void every_truncation_is_survived(void **state)
{
	static const char whole[] = "[location /a]\nprefix = net\ntypes = xdp\nowner = 0\nmode = 0640\nattach = yes\n"
				    "[object f*]\ncritical = why ; x\nkernel = 5.10..6.12\nconfig = CONFIG_A\n"
				    "attach = dev:eth0\ntimeout = 5s\n[map f/m]\npin = a/b\n";
	struct lade_object *object = some_object();
	(void)state;
	for (size_t length = 0; length < sizeof whole; length++) {
		char text[sizeof whole] = { 0 };
		for (size_t i = 0; i < length; i++)
			text[i] = whole[i];
		read_bytes(text, length, object);
	}
	lade_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_are_survived),
		cmocka_unit_test(mixed_pieces_are_survived),
		cmocka_unit_test(every_truncation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
