# SPDX-License-Identifier: BSD-2-Clause
"""What every measurement of the bench needs: contenders that take turns, medians, and a table that says so."""
import os
import statistics
import subprocess
import sys
import time

BPFFS = "/sys/fs/bpf"
QUIET = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
SECONDS = 120  # no single run takes longer

lines = []


def say(text=""):
    print(text, flush=True)
    lines.append(text)


def isolate():
    """Starts anew in a mount namespace with a bpffs of its own."""
    if os.environ.get("LADE_BENCH_ISOLATED"):
        return
    if os.geteuid() != 0:
        sys.exit("bench: loading needs root")
    script = f'mount -t bpf bpf {BPFFS} && exec "$@"'
    os.environ["LADE_BENCH_ISOLATED"] = "1"
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", sys.executable,
                          *sys.argv])


def numbers_of(*command, **environment):
    """The numbers in the first line that a bench program prints; None when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=SECONDS,
                              env={**os.environ, **environment} if environment else None)
    except subprocess.TimeoutExpired:
        return None
    words = done.stdout.split("\n", 1)[0].split()
    return [int(word) for word in words] if done.returncode == 0 and words else None


def number_of(*command, column=0, **environment):
    numbers = numbers_of(*command, **environment)
    return numbers[column] if numbers else None


def wall_of(*command):
    """Nanoseconds of a whole process; None when it fails. posix_spawn adds the same little to everybody."""
    start = time.perf_counter_ns()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=QUIET)
    _, status = os.waitpid(pid, 0)
    elapsed = time.perf_counter_ns() - start
    return elapsed if status == 0 else None


def interleaved(rounds, contenders, after=None, warm_up=True):
    """{name: [number, …]} of contenders {name: function}, which take turns; who fails once is left out: []."""
    results, failed = {name: [] for name in contenders}, set()
    for number in range(rounds + warm_up):
        for name, run in contenders.items():
            if name in failed:
                continue
            taken = run()
            if after:
                after(name)
            if taken is None:
                failed.add(name)
            elif number >= warm_up:
                results[name].append(taken)
    return {name: [] if name in failed else values for name, values in results.items()}


def median(values):
    return statistics.median(values) if values else None


def medians(results):
    return {name: median(values) for name, values in results.items()}


def ms(value):
    return f"{value / 1e6:9.3f}" if value is not None else "        -"


def ratio(value, base):
    return f"{value / base:6.2f}" if value is not None and base else "     -"
