/* SPDX-License-Identifier: BSD-2-Clause */
/* lade test: run a program without attaching it; a packet, or every packet of a file. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

const struct cli_option verb_test_options[] = {
	{ 0, "data", "FILE", "the packet, with its Ethernet header; '-': standard input; default: 64 zeros" },
	{ 0, "hex", "BYTES", "the packet as pairs of digits: \"00 01 ff\"" },
	{ 0, "pcap", "FILE", "every packet of a capture (classic pcap, Ethernet)" },
	{ 0, "ctx", "FILE|hex:BYTES", "the context: struct __sk_buff, arguments of a raw tracepoint …" },
	{ 0, "repeat", "N", "run it N times; the duration is the average" },
	{ 0, "out", "FILE", "write the packet that comes back; of --pcap: all, as pcap" },
	{ 0, "ctx-out", "FILE", "write the context that comes back" },
	{ 0, "cpu", "N", "raw tracepoints: on this CPU" },
	{ 0, "live", NULL, "XDP: do what it decides: send and redirect the packets" },
	{ 0, "batch", "N", "--live: packets at once; default: 64" },
	{ 0 },
};

#define MOST_BYTES (256UL << 20)

struct test_verb {
	struct cli *cli;
	const char *program; /* as it was named */
	int fd;
	struct lade_object *object; /* loaded for the test; NULL: none */
	struct lade_instance *instance;
	struct lade_test_opts opts;
	void *data, *context; /* owned, what opts points to */
	struct json_object *results;
	struct lade_packets *packets, *out;
	struct lade_error *error;
};

static void clear(struct test_verb *verb)
{
	if (!verb->instance && verb->fd >= 0)
		(void)close(verb->fd);
	(void)lade_instance_close(verb->instance);
	(void)lade_object_free(verb->object);
	(void)lade_packets_free(verb->packets);
	(void)lade_packets_free(verb->out);
	(void)json_object_put(verb->results);
	free(verb->data);
	free(verb->context);
}

/* ---- options ---- */

static int read_numbers(struct test_verb *verb)
{
	struct cli *cli = verb->cli;
	const char *repeat = cli_value(cli, "repeat"), *cpu = cli_value(cli, "cpu"), *batch = cli_value(cli, "batch");
	uint64_t number;
	if (repeat && !cli_number(cli, "repeat", repeat, INT32_MAX, &number))
		return EXIT_USAGE;
	verb->opts.repeat = repeat ? (uint32_t)number : 0;
	if (cpu && !cli_number(cli, "cpu", cpu, INT32_MAX, &number))
		return EXIT_USAGE;
	verb->opts.on_cpu = cpu;
	verb->opts.cpu = cpu ? (uint32_t)number : 0;
	if (batch && !cli_number(cli, "batch", batch, INT32_MAX, &number))
		return EXIT_USAGE;
	verb->opts.batch_size = batch ? (uint32_t)number : 0;
	verb->opts.live_frames = cli_flag(cli, "live");
	verb->opts.want_context = cli_flag(cli, "ctx-out");
	return -1;
}

static int read_bytes(struct test_verb *verb, const char *text, bool is_hex, void **ret_bytes, size_t *ret_size)
{
	bool has_prefix = strncmp(text, "hex:", 4) == 0;
	int result = is_hex || has_prefix ? lade_hex_parse(text, ret_bytes, ret_size, &verb->error)
					  : lade_file_read(text, MOST_BYTES, ret_bytes, ret_size, &verb->error);
	return result < 0 ? cli_fail(verb->cli, verb->error) : -1;
}

static int read_options(struct test_verb *verb)
{
	const struct cli *cli = verb->cli;
	const char *data = cli_value(cli, "data"), *hex = cli_value(cli, "hex"), *pcap = cli_value(cli, "pcap");
	const char *context = cli_value(cli, "ctx");
	int code = read_numbers(verb);
	if (code < 0 && !!data + !!hex + !!pcap > 1)
		code = cli_usage(cli, "--data, --hex and --pcap exclude each other");
	if (code < 0 && verb->opts.live_frames && cli_flag(cli, "out"))
		code = cli_usage(cli, "--live gives no packets back: --out has nothing to write");
	if (code < 0 && (data || hex))
		code = read_bytes(verb, data ? data : hex, hex, &verb->data, &verb->opts.data_size);
	if (code < 0 && context)
		code = read_bytes(verb, context, false, &verb->context, &verb->opts.context_size);
	if (code < 0 && pcap && lade_packets_read(pcap, &verb->packets, &verb->error) < 0)
		code = cli_fail(cli, verb->error);
	if (code < 0 && pcap && lade_packets_new(&verb->out, &verb->error) < 0)
		code = cli_fail(cli, verb->error);
	verb->opts.data = verb->data;
	verb->opts.context = verb->context;
	return code;
}

/* ---- the program ---- */

/* "a.o:main" where a.o is a file: its path; NULL: another form. */
static char *object_path(const char *program, const char **ret_name)
{
	const char *colon = strrchr(program, ':');
	char *path = colon ? strndup(program, (size_t)(colon - program)) : NULL;
	if (path && *path && access(path, R_OK) == 0) {
		*ret_name = colon + 1;
		return path;
	}
	free(path);
	return NULL;
}

static int keep_only(struct test_verb *verb, const char *path, const char *name)
{
	struct lade_program *wanted = lade_object_find_program(verb->object, name);
	if (!wanted) {
		int code = cli_usage(verb->cli, "%s has no program %s", path, name);
		for (size_t i = 0; i < lade_object_program_count(verb->object); i++) {
			struct lade_program_info info = { .size = sizeof info };
			if (lade_program_describe(lade_object_program(verb->object, i), &info) == 0 && !verb->cli->json)
				(void)fprintf(stderr, "it has %s\n", info.name);
		}
		return code;
	}
	for (size_t i = 0; i < lade_object_program_count(verb->object); i++) {
		struct lade_program *program = lade_object_program(verb->object, i);
		(void)lade_program_set_autoload(program, program == wanted);
	}
	return -1;
}

/* Without pins: it is gone when the test is over. */
static int load(struct test_verb *verb, const char *path, const char *name)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	if (lade_object_open(verb->cli->context, path, NULL, &verb->object, &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	int code = keep_only(verb, path, name);
	if (code >= 0)
		return code;
	if (lade_object_load(verb->object, &opts, &verb->instance, &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	struct lade_program_info info = { .size = sizeof info };
	(void)lade_program_describe(lade_object_find_program(verb->object, name), &info);
	verb->fd = lade_instance_program_fd(verb->instance, info.name);
	if (verb->fd >= 0)
		return -1;
	return cli_usage(verb->cli, "%s was not loaded: %s", name, info.skip ? info.skip : "its object leaves it out");
}

static int open_program(struct test_verb *verb)
{
	const char *name;
	char *path = object_path(verb->program, &name);
	if (path) {
		int code = load(verb, path, name);
		free(path);
		return code;
	}
	verb->fd = lade_program_get(verb->cli->context, verb->program, &verb->error);
	return verb->fd < 0 ? cli_fail(verb->cli, verb->error) : -1;
}

/* ---- results ---- */

static void add_hex(struct json_object *json, const char *key, const uint8_t *bytes, size_t size)
{
	char *text = bytes ? malloc(size * 2 + 1) : NULL;
	if (text)
		text[size * 2] = '\0';
	for (size_t i = 0; text && i < size; i++) {
		text[i * 2] = "0123456789abcdef"[bytes[i] >> 4];
		text[i * 2 + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	cli_json_string(json, key, text);
	free(text);
}

static void result_json(struct json_object *json, const struct lade_test_result *result)
{
	cli_json_number(json, "value", result->value);
	cli_json_string(json, "value_name", result->value_name);
	(void)json_object_object_add(json, "duration_ns",
				     result->duration_ns ? json_object_new_int64(result->duration_ns) : NULL);
	add_hex(json, "data", result->data, result->data_size);
	add_hex(json, "context", result->context, result->context_size);
}

static void print_result(const struct test_verb *verb, const struct lade_test_result *result, size_t data_size)
{
	if (verb->opts.live_frames) /* each frame has its own value, which the kernel keeps to itself */
		(void)fputs("done", stdout);
	else if (result->value_name)
		(void)printf("%s (%" PRIu32 ")", result->value_name, result->value);
	else
		(void)printf("%" PRIu32, result->value);
	if (result->duration_ns)
		(void)printf("  %" PRIu32 " ns", result->duration_ns);
	if (result->data)
		(void)printf("  %zu → %zu bytes", data_size, result->data_size);
	(void)putchar('\n');
}

static int write_file(const struct test_verb *verb, const char *option, const void *bytes, size_t size)
{
	struct lade_error *error = NULL;
	const char *path = cli_value(verb->cli, option);
	if (!path)
		return -1;
	if (!bytes)
		return cli_usage(verb->cli, "--%s: the program gives nothing of that back", option);
	return lade_file_write(path, bytes, size, &error) < 0 ? cli_fail(verb->cli, error) : -1;
}

static int test_once(struct test_verb *verb)
{
	struct lade_test_result result = { .size = sizeof result };
	if (lade_program_test(verb->cli->context, verb->fd, &verb->opts, &result, &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	int code = write_file(verb, "out", result.data, result.data_size);
	if (code < 0)
		code = write_file(verb, "ctx-out", result.context, result.context_size);
	if (code < 0 && verb->cli->json) {
		struct json_object *document = cli_json_document(true);
		cli_json_string(document, "program", verb->program);
		result_json(document, &result);
		code = cli_json_print(verb->cli, document);
	} else if (code < 0) {
		print_result(verb, &result, verb->opts.data ? verb->opts.data_size : 64);
		code = EXIT_OK;
	}
	lade_test_result_clear(&result);
	return code;
}

/* ---- packets of a file ---- */

static int test_packet(struct test_verb *verb, size_t number)
{
	struct lade_packet packet = { .size = sizeof packet };
	struct lade_test_result result = { .size = sizeof result };
	if (lade_packets_get(verb->packets, number, &packet) < 0)
		return -1;
	verb->opts.data = packet.data;
	verb->opts.data_size = packet.data_size;
	if (lade_program_test(verb->cli->context, verb->fd, &verb->opts, &result, &verb->error) < 0) {
		if (!verb->cli->json)
			(void)fprintf(stderr, "packet %zu of %zu:\n", number + 1, lade_packets_count(verb->packets));
		return cli_fail(verb->cli, verb->error);
	}
	bool is_kept = result.data && cli_value(verb->cli, "out");
	bool good = !is_kept || lade_packets_add(verb->out, result.data, result.data_size, packet.time_ns) == 0;
	if (verb->cli->json) {
		struct json_object *json = json_object_new_object();
		cli_json_number(json, "packet", (int64_t)number + 1);
		result_json(json, &result);
		(void)json_object_array_add(verb->results, json);
	} else {
		(void)printf("%zu: ", number + 1);
		print_result(verb, &result, packet.data_size);
	}
	lade_test_result_clear(&result);
	return good ? -1 : cli_fail_memory(verb->cli);
}

static int test_packets(struct test_verb *verb)
{
	const char *out = cli_value(verb->cli, "out");
	verb->results = verb->cli->json ? json_object_new_array() : NULL;
	int code = -1;
	for (size_t i = 0; code < 0 && i < lade_packets_count(verb->packets); i++)
		code = test_packet(verb, i);
	if (code < 0 && out && lade_packets_write(verb->out, out, &verb->error) < 0)
		code = cli_fail(verb->cli, verb->error);
	if (code >= 0 || !verb->cli->json)
		return code < 0 ? EXIT_OK : code;
	struct json_object *document = cli_json_document(true);
	cli_json_string(document, "program", verb->program);
	(void)json_object_object_add(document, "packets", verb->results);
	verb->results = NULL;
	return cli_json_print(verb->cli, document);
}

int verb_test(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	struct test_verb verb = { .cli = cli, .program = argv[0], .fd = -1, .opts.size = sizeof verb.opts };
	int code = read_options(&verb);
	if (code < 0)
		code = open_program(&verb);
	if (code < 0)
		code = verb.packets ? test_packets(&verb) : test_once(&verb);
	clear(&verb);
	return code;
}
