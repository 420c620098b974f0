/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints how much memory each process has on each GPU, as a program that `lade boot` has loaded counts it. Waits for
 * the program, attaches it as soon as the driver's tracepoint is there, and detaches it when it ends.
 *
 * cc gpu_mem_service.c $(pkg-config --cflags --libs lade) -o gpu_mem_service
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <lade/lade.h>

enum { MOST_TOTALS = 1024 }; /* as many as the map takes */

LADE_TYPED_MAP(total_map, uint64_t, uint64_t);

struct total {
	uint32_t gpu, pid;
	uint64_t bytes;
};

struct service {
	const char *program, *map, *tracepoint, *bpffs;
	unsigned timeout_ms, interval_ms, rounds; /* 0: for ever */
	bool is_json;
	int stop; /* readable when a signal asks us to end */
	struct lade_context *context;
	struct lade_instance *instance;
	struct total_map totals;
	struct lade_error *error;
};

/* ---- printing ---- */

static const char *process_name(uint32_t pid, char name[32])
{
	char path[64];
	FILE *file;
	(void)snprintf(path, sizeof path, "/proc/%u/comm", pid);
	file = fopen(path, "re");
	if (!file || !fgets(name, 32, file))
		name[0] = '\0'; /* it has ended */
	if (file)
		(void)fclose(file);
	name[strcspn(name, "\n")] = '\0';
	return name;
}

static void print_json_string(const char *text)
{
	(void)putchar('"');
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < ' ' || *c == '"' || *c == '\\' || *c > '~')
			(void)printf("\\u%04x", *c);
		else
			(void)putchar(*c);
	(void)putchar('"');
}

static void print_json(const struct total *totals, size_t count)
{
	char name[32];
	(void)printf("{\"time\":%lld,\"totals\":[", (long long)time(NULL));
	for (size_t i = 0; i < count; i++) {
		(void)printf("%s{\"gpu\":%u,\"pid\":%u,\"process\":", i ? "," : "", totals[i].gpu, totals[i].pid);
		if (totals[i].pid && *process_name(totals[i].pid, name))
			print_json_string(name);
		else
			(void)printf("null");
		(void)printf(",\"bytes\":%llu}", (unsigned long long)totals[i].bytes);
	}
	(void)printf("]}\n");
}

static void print_text(const struct total *totals, size_t count)
{
	char name[32];
	(void)printf("%5s %8s %-15s %15s\n", "GPU", "PID", "PROCESS", "BYTES");
	for (size_t i = 0; i < count; i++) {
		const char *who = totals[i].pid ? process_name(totals[i].pid, name) : "(all)";
		(void)printf("%5u %8u %-15s %15llu\n", totals[i].gpu, totals[i].pid, *who ? who : "(ended)",
			     (unsigned long long)totals[i].bytes);
	}
}

/* ---- reading ---- */

struct reading {
	struct total totals[MOST_TOTALS];
	size_t count;
};

static int keep(void *data, const uint64_t *key, const uint64_t *value)
{
	struct reading *reading = data;
	if (reading->count == MOST_TOTALS)
		return 1; /* not 0 ends the walk */
	reading->totals[reading->count++] =
		(struct total){ .gpu = (uint32_t)(*key >> 32), .pid = (uint32_t)*key, .bytes = *value };
	return 0;
}

/* By GPU, and who has most first. */
static int compare(const void *left, const void *right)
{
	const struct total *a = left, *b = right;
	if (a->gpu != b->gpu)
		return a->gpu < b->gpu ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static int print_round(struct service *service)
{
	static struct reading reading;
	reading.count = 0;
	int64_t result = total_map_each(&service->totals, keep, &reading, &service->error);
	if (result < 0)
		return (int)result;
	qsort(reading.totals, reading.count, sizeof *reading.totals, compare);
	(service->is_json ? print_json : print_text)(reading.totals, reading.count);
	return fflush(stdout) == 0 ? 0 : -EIO; /* who read us is gone */
}

/* ---- the life of the service ---- */

/* 1: asked to end. */
static int sleep_or_stop(const struct service *service, int fd, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = service->stop, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	return poll(fds, 2, timeout_ms) > 0 && fds[0].revents;
}

static int64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until both pins are there; says at once when the boot that would make them has failed. */
static int wait_for_pins(struct service *service)
{
	const char *const pins[] = { service->program, service->map };
	const struct lade_wait_opts opts = {
		.size = sizeof opts, .bpffs = service->bpffs, .pins = pins, .pin_count = 2
	};
	const int64_t end = now_ms() + service->timeout_ms;
	struct lade_waiter *waiter = NULL;
	int result = lade_waiter_new(&opts, &waiter, &service->error);
	while (result == 0 && (result = lade_waiter_look(waiter, &service->error)) == 0) {
		int64_t left = service->timeout_ms ? end - now_ms() : INT32_MAX;
		if (left <= 0) {
			(void)fprintf(stderr, "gpu_mem_service: %s is not there\n", lade_waiter_missing(waiter, 0));
			result = -ETIMEDOUT;
		} else if (sleep_or_stop(service, lade_waiter_fd(waiter), (int)left)) {
			result = -ECANCELED;
		}
	}
	lade_waiter_free(waiter);
	return result < 0 ? result : 0;
}

/* For as long as we run: nothing is pinned, and nothing is left when we are killed. */
static int attach(struct service *service)
{
	const struct lade_adopt_opts adopt = { .size = sizeof adopt, .transient = true, .attach_later = true };
	const struct lade_attach_wait_opts wait = { .size = sizeof wait, .timeout_ms = service->timeout_ms };
	char target[256];
	int result =
		lade_instance_adopt(service->context, service->program, &adopt, &service->instance, &service->error);
	if (result < 0)
		return result;
	(void)snprintf(target, sizeof target, "tracepoint:%s", service->tracepoint);
	return lade_attach_wait(service->instance, NULL, target, &wait, service->stop, &service->error);
}

static int run(struct service *service)
{
	int result = wait_for_pins(service);
	if (result == 0)
		result = total_map_open(service->context, service->map, LADE_MAP_READ, &service->totals,
					&service->error);
	if (result == 0)
		result = attach(service);
	if (result == 0)
		(void)fprintf(stderr, "gpu_mem_service: attached to %s\n", service->tracepoint);
	for (unsigned round = 0; result == 0 && (!service->rounds || round < service->rounds); round++) {
		if (sleep_or_stop(service, -1, (int)service->interval_ms))
			break;
		result = print_round(service);
	}
	/* A boot that failed cancels, too, and is to be told. */
	return result == -ECANCELED && sleep_or_stop(service, -1, 0) ? 0 : result;
}

/* ---- the command line ---- */

static const char usage[] =
	"usage: gpu_mem_service [--json] [--tracepoint CATEGORY/EVENT] [--program PIN] [--map PIN] [--bpffs DIR]\n"
	"                       [--timeout SECONDS] [--interval SECONDS] [--rounds N]\n"
	"Prints what each process has on each GPU. --timeout: how long to wait for the pins, and then for the "
	"tracepoint\n"
	"(0, the default: for ever). --rounds: how often to print (0: for ever).\n";

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },           { "tracepoint", required_argument, NULL, 't' },
	{ "program", required_argument, NULL, 'p' },  { "map", required_argument, NULL, 'm' },
	{ "bpffs", required_argument, NULL, 'b' },    { "timeout", required_argument, NULL, 's' },
	{ "interval", required_argument, NULL, 'i' }, { "rounds", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },           { 0 },
};

/* Thousandths of what the text says; a million seconds at most. */
static bool read_number(const char *text, double scale, unsigned *ret_number)
{
	char *end;
	double number = strtod(text, &end);
	bool is_good = end != text && !*end && number >= 0 && number <= 1e6;
	if (is_good)
		*ret_number = (unsigned)(number * scale);
	return is_good;
}

/* -1: go on; else the exit code. */
static int read_options(struct service *service, int argc, char **argv)
{
	int option;
	bool good = true;
	while (good && (option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'j':
			service->is_json = true;
			break;
		case 't':
			service->tracepoint = optarg;
			break;
		case 'p':
			service->program = optarg;
			break;
		case 'm':
			service->map = optarg;
			break;
		case 'b':
			service->bpffs = optarg;
			break;
		case 's':
			good = read_number(optarg, 1000, &service->timeout_ms);
			break;
		case 'i':
			good = read_number(optarg, 1000, &service->interval_ms);
			break;
		case 'n':
			good = read_number(optarg, 1, &service->rounds);
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			good = false;
		}
	if (good && optind == argc)
		return -1;
	(void)fputs(usage, stderr);
	return 1;
}

static void say_why(const struct lade_error *error)
{
	(void)fprintf(stderr, "gpu_mem_service: %s\n", lade_error_message(error));
	for (size_t i = 0; i < lade_error_finding_count(error); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_finding_describe(lade_error_finding(error, i), &info) < 0)
			continue;
		if (info.cause)
			(void)fprintf(stderr, "  because %s\n", info.cause);
		if (info.fix)
			(void)fprintf(stderr, "  so %s\n", info.fix);
	}
}

static int catch_signals(void)
{
	sigset_t signals;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
	struct service service = { .program = "prog_gpuMem_tracepoint_gpu_mem_gpu_mem_total",
				   .map = "map_gpuMem_gpu_mem_total_map",
				   .tracepoint = "gpu_mem/gpu_mem_total",
				   .bpffs = "/sys/fs/bpf",
				   .interval_ms = 1000 };
	int code = read_options(&service, argc, argv);
	if (code >= 0)
		return code;
	const struct lade_context_opts opts = { .size = sizeof opts, .bpffs = service.bpffs };
	service.stop = catch_signals();
	int result = lade_context_new(&opts, &service.context, &service.error);
	if (result == 0)
		result = run(&service);
	if (result < 0 && service.error)
		say_why(service.error);
	code = result < 0 ? service.error ? lade_error_exit_code(service.error) : EXIT_FAILURE : EXIT_SUCCESS;
	total_map_close(&service.totals);
	lade_instance_close(service.instance);
	lade_error_free(service.error);
	lade_context_free(service.context);
	return code;
}
