/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * init: the first process of a test machine, a static program. It mounts what every system has (a bpffs is left to
 * Lade), loads /modules/… in the order of their names, runs /steps/…, one after another, with busybox's shell, tells on
 * the serial line what they do while they do it, and turns the machine off.
 *
 * The line carries records, each a head of one line and, for all but end, as many bytes as the head says:
 *	LADE <step> out <bytes>\n…	the step wrote this to its standard output
 *	LADE <step> err <bytes>\n…	or to its standard error
 *	LADE <step> end <code>\n	and ended: 128 + signal where a shell would say so
 *	LADE 0 off 0\n			that was all; a virtual port is answered with a byte, since turning the machine
 *					off would lose what is still on its way
 *	LADE <step> say <bytes>\n…	something that init itself could not do
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { LINE_TRIES = 500, /* 5 s */ STEP_SECONDS = 240, /* unless /seconds says */ ANSWER_MILLISECONDS = 60000 };

static int line = -1;

static void put(const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(line, bytes, length);

		if (written < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
}

static void tell(int step, const char *kind, const char *bytes, size_t length)
{
	char head[64];
	int head_length = snprintf(head, sizeof head, "LADE %d %s %zu\n", step, kind, length);

	put(head, (size_t)head_length);
	put(bytes, length);
}

static void end(int step, int code)
{
	char head[64];

	put(head, (size_t)snprintf(head, sizeof head, "LADE %d end %d\n", step, code));
}

/* Whatever line it is: nothing is lost when the machine goes off. */
static void end_all(void)
{
	struct pollfd answer = { .fd = line, .events = POLLIN };
	static const char text[] = "LADE 0 off 0\n";

	put(text, sizeof text - 1);
	if (isatty(line))
		tcdrain(line);
	else
		poll(&answer, 1, ANSWER_MILLISECONDS);
}

/* To the kernel's console as well: the line may be what does not work. */
__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	char text[512];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
	dprintf(STDERR_FILENO, "init: %s\n", text);
	if (line >= 0)
		tell(0, "say", text, strlen(text));
}

/* ---- a system to be at home in ---- */

static bool is_empty(const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, NULL);

	return count <= 2; /* . and .. */
}

static void mount_all(void)
{
	static const struct {
		const char *type, *path;
		bool may_fail; /* not every kernel has devtmpfs */
	} mounts[] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev", true }, { "tmpfs", "/tmp" } };

	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
		/* The root is in memory anyway; a build tree below /tmp must stay visible. */
		if (strcmp(mounts[i].type, "tmpfs") == 0 && !is_empty(mounts[i].path))
			continue;
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, NULL) && !mounts[i].may_fail)
			complain("%s cannot be mounted: %m", mounts[i].path);
	}
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0 || ioctl(descriptor, SIOCSIFFLAGS, &request))
		complain("lo cannot be used: %m");
	close(descriptor);
}

static void load_module(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0 || (syscall(SYS_finit_module, file, "", 0) && errno != EEXIST))
		complain("module %s cannot be loaded: %m", path);
	close(file);
}

/* Calls for every file of a directory, in the order of their names. */
static void for_each(const char *directory, void (*call)(const char *path))
{
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, NULL, alphasort);
	char path[512];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			call(path);
	}
}

static void read_text(const char *path, char *text, size_t bytes)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? 0 : read(file, text, bytes - 1);

	text[length > 0 ? length : 0] = 0;
	close(file);
}

/* lade.line=ttyS1: the name of the device that the results go to. */
static void open_line(void)
{
	char words[4096], path[64] = "/dev/console";
	struct termios mode;
	const char *word;

	read_text("/proc/cmdline", words, sizeof words);
	word = strstr(words, "lade.line=");
	if (word)
		snprintf(path, sizeof path, "/dev/%.*s", (int)strcspn(word + 10, " \n"), word + 10);
	for (int tries = 0; line < 0 && tries < LINE_TRIES; tries++) {
		line = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (line < 0)
			usleep(10000);
	}
	if (line < 0)
		complain("%s cannot be opened: %m", path);
	else if (tcgetattr(line, &mode) == 0) {
		cfmakeraw(&mode);
		tcsetattr(line, TCSANOW, &mode);
	}
}

/* ---- steps ---- */

struct step {
	int number;
	pid_t process;
	struct pollfd streams[2]; /* its standard output and error */
	time_t deadline;
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

__attribute__((noreturn)) static void become(const char *const *words, int out, int err)
{
	setsid();
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execv(words[0], (char *const *)words);
	dprintf(STDERR_FILENO, "%s: %m\n", words[0]);
	_exit(127);
}

static int start(struct step *step, const char *const *words)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return -errno;
	step->process = fork();
	if (step->process == 0)
		become(words, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	step->streams[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	step->streams[1] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	return step->process < 0 ? -errno : 0;
}

/* What is there now; a stream that has ended is not looked at again. */
static void pass_on(struct step *step, int which)
{
	static const char *const kinds[] = { "out", "err" };
	static char bytes[1 << 16];
	ssize_t length;

	while (step->streams[which].fd >= 0) {
		length = read(step->streams[which].fd, bytes, sizeof bytes);
		if (length < 0 && errno != EINTR)
			return;
		if (length > 0)
			tell(step->number, kinds[which], bytes, (size_t)length);
		if (length == 0) {
			close(step->streams[which].fd);
			step->streams[which].fd = -1;
		}
	}
}

/* Also collects what others left to the first process. True, with the step's code, once the step itself has ended. */
static bool has_ended(const struct step *step, int *ret_code)
{
	int status;
	pid_t ended;

	while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
		if (ended != step->process)
			continue;
		*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		return true;
	}
	return false;
}

/* What a step left running may hold its streams: they end with the step, and so do its processes. */
static int follow(struct step *step)
{
	bool ended = false;
	int code = 128 + SIGKILL;

	while (!ended && now() < step->deadline) {
		poll(step->streams, 2, 10);
		ended = has_ended(step, &code);
		pass_on(step, 0);
		pass_on(step, 1);
	}
	kill(-step->process, SIGKILL);
	while (!ended && !has_ended(step, &code))
		usleep(1000);
	for (int i = 0; i < 2; i++)
		if (step->streams[i].fd >= 0)
			close(step->streams[i].fd);
	return code;
}

static void run_step(const char *path)
{
	static int number;
	char seconds[32];
	const char *words[] = { "/bin/busybox", "sh", path, NULL };
	struct step step = { .number = number++ };
	int code;

	read_text("/seconds", seconds, sizeof seconds);
	step.deadline = now() + (atol(seconds) > 0 ? atol(seconds) : STEP_SECONDS);
	code = start(&step, words);
	if (code)
		complain("%s cannot be started: %s", path, strerror(-code));
	end(step.number, code ? 127 : follow(&step));
}

static void install_busybox(void)
{
	const char *words[] = { "/bin/busybox", "--install", "-s", "/bin", NULL };
	pid_t process = fork();

	if (process == 0)
		become(words, STDERR_FILENO, STDERR_FILENO);
	if (process > 0)
		waitpid(process, NULL, 0);
}

int main(void)
{
	static char *variables[] = { "PATH=/bin", "HOME=/", "LC_ALL=C.UTF-8", "NO_COLOR=1", "TMPDIR=/tmp", NULL };

	environ = variables;
	mount_all();
	raise_loopback();
	for_each("/modules", load_module);
	open_line();
	install_busybox();
	for_each("/steps", run_step);
	end_all();
	reboot(RB_POWER_OFF);
	complain("the machine cannot be turned off: %m");
	return 1;
}
