# SPDX-License-Identifier: BSD-2-Clause
"""lade explain over texts of 16 MB: one log of a verifier, many, what Android logs, failures only (numbered, or each of
another name, which nothing is like), real failures (all that the tests have, over and over, or in any order behind the
words of the system's log), a loader's system calls, a kernel's types, words one a line, sources, random bytes; beside what
counts lines."""
import glob
import os
import random
import re
import string

from rounds import interleaved, medians, wall_of

BYTES = 16 << 20
MEGABYTE = 1e6
INSTRUCTION = "{0}: (07) r1 += {1}                       ; R1_w=scalar(umin={1},umax=4096,var_off=(0x0; 0xfff))\n"


def verifier_log():
    """One program of which the verifier followed every path."""
    lines, size, number = ["0: R1=ctx() R10=fp0\n"], 0, 0
    while size < BYTES - 4096:
        number = number % 4000 + 1
        line = f"; value += {number}; @ a.bpf.c:{number}\n" if number % 7 == 0 else INSTRUCTION.format(number, number % 9)
        if number % 101 == 0:
            line = f"from {number} to {number + 12}: R0=0 R1_w=scalar() R10=fp0 fp-8=mmmmmmmm\n"
        lines.append(line)
        size += len(line)
    lines.append("R1 invalid mem access 'scalar'\nprocessed 1000 insns (limit 1000000) max_states_per_insn 0\n")
    return "".join(lines).encode()


def logcat():
    """What services say, among it a loader's words."""
    chance, words = random.Random(7), (
        "start of activity for process window focus surface memory service client request loaded failed error the to "
        "with in 0x1234 (pid=12) state=3 network policy map bpf program create timeout ms queue binder").split()
    tags, lines, size = ("bpfloader", "netd", "ActivityManager", "LibBpfLoader", "Zygote"), [], 0
    while size < BYTES:
        message = " ".join(chance.choices(words, k=chance.randrange(3, 16)))
        line = (f"01-15 10:20:{chance.randrange(60):02}.{chance.randrange(1000):03} {chance.randrange(9999):5} "
                f"{chance.randrange(9999):5} {chance.choice('IDWE')} {chance.choice(tags)}: {message}\n")
        lines.append(line)
        size += len(line)
    return "".join(lines).encode()


def small_logs():
    """As many verifier's logs as fit, each of another program: all are different things."""
    log = ("libbpf: prog 'p{0}': BPF program load failed: Permission denied\n"
           "libbpf: prog 'p{0}': -- BEGIN PROG LOAD LOG --\n"
           "0: R1=ctx() R10=fp0\n0: (61) r0 = *(u32 *)(r1 +4)\ninvalid bpf_context access off=4 size=4\n"
           "processed 1 insns (limit 1000000) max_states_per_insn 0\n-- END PROG LOAD LOG --\n")
    return "".join(log.format(number) for number in range(BYTES // len(log))).encode()


FAILURES = ("libbpf: prog 'p{0}': BPF program load failed: Permission denied\n",
            "libbpf: map 'm{0}': failed to create: Operation not permitted(-1)\n",
            "[{1:12.6f}] bpfloader: LibBpfLoader: Failed to create maps: (ret=-22) in /system/etc/bpf/o{0}.o\n",
            "2026-01-15T10:20:30Z ERROR failed to load program p{0}: operation not permitted\n",
            "R1 invalid mem access 'scalar' {0}\n",
            "Error: failed to pin program p{0}: No such file or directory\n")


def failures(name=str):
    """Nothing but failures, as six tools say them: each line names another program, object or number."""
    out, size, number = [], 0, 0
    while size < BYTES:
        line = FAILURES[number % len(FAILURES)].format(name(number), number)
        out.append(line)
        size += len(line)
        number += 1
    return "".join(out).encode()


def named_failures():
    """The same with names that are not alike."""
    chance = random.Random(7)
    return failures(lambda _: "".join(chance.choices(string.ascii_lowercase, k=chance.randrange(4, 14))))


LOGS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "explain", "logs")


def real_logs():
    """What real tools and kernels said, as the tests hold it: their files, and each case of its own."""
    for path in sorted(glob.glob(os.path.join(LOGS, "**", "*.*"), recursive=True)):
        with open(path, "rb") as file:
            yield file.read()


def real_failures():
    """All of them, over and over, each line of them counted each time."""
    text = b"".join(real_logs())
    return (text * (BYTES // len(text) + 1))[:BYTES]


def logged_failures():
    """Any of them after another, each line behind the words of the system's log, which differ."""
    chance, out, size, number = random.Random(7), [], 0, 0
    blocks = [block for text in real_logs() for block in re.split(rb"(?m)^(?:####|===) .*\n", text) if block]
    while size < BYTES:
        for line in chance.choice(blocks).splitlines():
            number += 1
            out.append(b"Nov 22 12:%02d:%02d host agent[1001]: %s\n" % (number // 6000 % 60, number // 100 % 60, line))
            size += len(out[-1])
    return b"".join(out)


KINDS = ("INT '{0}' size=8 bits_offset=0 nr_bits=64 encoding=(none)", "PTR '(anon)' type_id={1}", "CONST '(anon)' type_id={1}",
         "STRUCT '{0}' size=16 vlen=2\n\t'{0}_next' type_id={1} bits_offset=0\n\t'{0}_prev' type_id={1} bits_offset=64",
         "TYPEDEF '{0}_t' type_id={1}", "FUNC '{0}' type_id={1} linkage=static")


def types():
    """A kernel's types, as bpftool dumps them."""
    chance, out, size, number = random.Random(7), [], 0, 0
    while size < BYTES:
        number += 1
        name = "_".join("".join(chance.choices(string.ascii_lowercase, k=chance.randrange(2, 7))) for _ in range(3))
        out.append(f"[{number}] " + chance.choice(KINDS).format(name, chance.randrange(number + 9)) + "\n")
        size += len(out[-1])
    return "".join(out).encode()


def words():
    """Names and numbers, one a line, and most of them short."""
    chance, out, size = random.Random(7), [], 0
    while size < BYTES:
        out.append("".join(chance.choices(string.ascii_letters + string.digits + "_./", k=chance.randrange(1, 14))) + "\n")
        size += len(out[-1])
    return "".join(out).encode()


def sources():
    """Sources as a patch shows them: this repository's."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    out = []
    for path in sorted(glob.glob(os.path.join(root, "src", "**", "*.[ch]"), recursive=True)):
        with open(path, "rb") as file:
            out.append(re.sub(rb"(?m)^", b"+", file.read()))
    text = b"".join(out)
    return (text * (BYTES // len(text) + 1))[:BYTES]


CALLS = ('[pid {0:5}] bpf(BPF_PROG_LOAD, {{prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=2, insns=0x7ffe{1:08x}, license="GPL", '
         'log_level=0, log_size=0, log_buf=NULL, kern_version=KERNEL_VERSION(0, 0, 0), prog_flags=0, prog_name="test", prog_ifindex=0, '
         'expected_attach_type=BPF_CGROUP_INET_INGRESS, prog_btf_fd=0, func_info_rec_size=0, func_info=NULL, func_info_cnt=0, '
         'line_info_rec_size=0, line_info=NULL, line_info_cnt=0, attach_btf_id=0, attach_prog_fd=0}}, 148) = {2}\n',
         '[pid {0:5}] close({2})                 = 0\n',
         '[pid {0:5}] bpf(BPF_MAP_CREATE, {{map_type=BPF_MAP_TYPE_RINGBUF, key_size=0, value_size=0, max_entries=4096, map_flags=0, '
         'inner_map_fd=0, map_name="events{0}", map_ifindex=0, btf_fd=0, btf_key_type_id=0, btf_value_type_id=0}}, 72) = -1 EINVAL '
         '(Invalid argument)\n',
         '[pid {0:5}] mmap(0x7f32{1:08x}, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f32{1:08x}\n')


def system_calls():
    """A loader as strace saw it: no line is there twice."""
    chance, out, size, number = random.Random(7), [], 0, 0
    while size < BYTES:
        line = CALLS[number % len(CALLS)].format(number % 30000, chance.getrandbits(32), number % 100 + 3)
        out.append(line)
        size += len(line)
        number += 1
    return "".join(out).encode()


def measure(lade, scratch, rounds, say, row):
    """Megabytes in a second, with the time that the process takes to start; wc and grep -c on the same text."""
    texts = {"verifier's log": verifier_log, "small logs": small_logs, "logcat": logcat, "failures": failures,
             "named failures": named_failures, "real failures": real_failures, "logged failures": logged_failures,
             "system calls": system_calls, "types": types, "words": words, "sources": sources, "random bytes": lambda: random.Random(7).randbytes(BYTES)}
    found = {}
    for name, make in texts.items():
        path = os.path.join(scratch, "text")
        with open(path, "wb") as file:
            file.write(make())
        taken = medians(interleaved(rounds, {
            "lade": lambda: wall_of(lade, "explain", "--json", path),
            "wc": lambda: wall_of("wc", path),
            "grep -c": lambda: wall_of("sh", "-c", "grep -c -a -E '[a-z]' \"$1\" | cat", "sh", path)}))
        found[name] = {who: BYTES / MEGABYTE / (ns / 1e9) for who, ns in taken.items() if ns}
        say(f"16 MB of {name}, MB/s: " + ", ".join(f"{who} {rate:.0f}" for who, rate in found[name].items()))
    say()
    row("lade explain, 16 MB", "100 MB/s", ", ".join(f"{name} {rates.get('lade', 0):.0f} MB/s" for name, rates in found.items()),
        "; ".join(f"{name}: wc {rates.get('wc', 0):.0f}, grep -c {rates.get('grep -c', 0):.0f}" for name, rates in found.items()))
