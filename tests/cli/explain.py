#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade explain and lade inspect --needs, as text and as JSON."""
import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import LADE, SOURCE, Skip, command, contains, equal, lade, main, path, scratch, test  # noqa: E402

LOG = os.path.join(SOURCE, "tests", "explain", "logs", "absent.log")
with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)


def fits(kind, document):
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}).validate(document)
    return document


def explained(text):
    done = lade("explain", "--json", scratch("log", text if isinstance(text, bytes) else text.encode()))
    equal(done.code, 0, done)
    return fits("explained", done.json())


@test
def boot_log_that_ends_in_minus_38_is_one_error():
    done = lade("explain", LOG)
    equal(done.code, 0, done)
    equal(done.out.count("error["), 1, done)
    contains(done.out, "12 lines, 12 known: 1 error", "error[kernel.bpf.absent]", "in       first.o",
             "CONFIG_BPF=y CONFIG_BPF_SYSCALL=y", "follows  line 4: Failed to create directory", "harmless", "SELinux")
    parts = [done.out.index(word) for word in ("because", "so  ", "fix", "see", "where", "follows", "harmless")]
    equal(parts, sorted(parts), done)
    assert len(done.out.splitlines()) < 25, done


@test
def json_holds_errors_consequences_and_harmless_lines():
    with open(LOG, "rb") as file:
        document = explained(file.read())
    roles = [item["role"] for item in document["explained"]]
    equal(roles, ["error"] + 2 * ["consequence"] + (len(roles) - 3) * ["harmless"])
    equal([document["explained"][at]["cause"] for at in (0, 1, 2)], [None, 0, 0])
    equal(document["explained"][0]["finding"]["code"], "kernel.bpf.absent")


FILLER = "".join(f"line {number} of what all went well\n" for number in range(20000))


@test
def what_looks_like_a_failure_is_shown_where_no_error_tells_the_cause():
    text = "all is well\n0 errors\nfrobnicate: error: cannot open the frob: Invalid argument\nnot much\n"
    equal(explained(text)["unknown"], [{"number": 3, "line": text.splitlines()[2]}])
    done = lade("explain", scratch("log", text.encode()))
    contains(done.out, "0 errors", "unknown  line 3: frobnicate: error: cannot open")
    equal(done.out.count("line 2"), 0, done)
    equal(explained("all is well\n0 errors\nnot much\n")["unknown"], [])


@test
def what_a_known_line_might_begin_with_is_shown_where_the_text_ends():
    """A "[" may be the begin of a line that goes on in the next one, and there is none."""
    line = "[FATAL] Error: unable to frob the frobs of cpu '0': Invalid argument"
    for text in (line, line + "\n", line + "\nnot much\n"):
        equal(explained(text)["unknown"], [{"number": 1, "line": line}], text)


@test
def message_within_a_sentence_is_found_in_what_somebody_wrote():
    text = "What I get is the error R1 invalid mem access 'scalar' and that is all.\n"
    equal([item["finding"]["code"] for item in explained(text)["explained"]], ["verifier.deref"])
    equal(explained(text + 3 * FILLER)["explained"], [])


@test
def what_looks_like_a_failure_is_found_at_the_begin_and_at_the_end_of_a_long_text():
    lines = ["frob: fatal: the frob is gone", "frob: error: cannot frob", "frob: failed to frob"]
    for newline in ("\n", ""):
        text = lines[0] + "\n" + FILLER + lines[1] + "\n" + FILLER + lines[2] + newline
        equal(explained(text)["unknown"], [{"number": 1, "line": lines[0]}, {"number": 40003, "line": lines[2]}])


@test
def nothing_is_shown_as_unknown_beside_an_error_that_tells_the_cause():
    text = "frob: error: cannot frob\nR1 invalid mem access 'scalar'\nprocessed 1 insns (limit 1000000)\n"
    equal([item["role"] for item in explained(text)["explained"]], ["error"])
    equal(explained(text)["unknown"], [])


@test
def what_somebody_gave_up_of_is_shown_beside_that():
    text = "frob: error: cannot frob\nError: failed to load BPF skeleton\n"
    found = explained(text)
    equal([item["finding"]["code"] for item in found["explained"]], ["tool.gave-up"])
    equal(found["unknown"], [{"number": 1, "line": "frob: error: cannot frob"}])


@test
def strings_of_an_object_are_no_lines_that_look_like_a_failure():
    done = lade("explain", "--json", path("core_live.bpf.o"))
    equal(done.json()["unknown"], [], done)
    strings = b"\n" + b"\0".join(b"frob: error: frob".split()) + b"\0missing\0failed\0unknown\0\1\2\n"
    equal(lade("explain", "--json", scratch("log", strings)).json()["unknown"], [])
    contains(lade("explain", path("core_live.bpf.o")).out, "it is an object and no text: lade inspect")


@test
def the_same_line_is_unknown_once_and_three_are_enough():
    text = "frob: error: cannot frob\n" * 3 + "".join(f"frob{number}: error: cannot frob\n" for number in range(5))
    equal([item["number"] for item in explained(text)["unknown"]], [1, 4, 5])


@test
def standard_input_is_read():
    with open(LOG, encoding="utf-8") as file:
        text = file.read()
    for words in (("explain",), ("explain", "-")):
        done = lade(*words, input=text)
        equal(done.code, 0, done)
        contains(done.out, "standard input: 12 lines", "kernel.bpf.absent")


@test
def text_that_says_nothing_is_said_to():
    for text in (b"", b"\n", b"all is well\n", b"\xff\xfe\x00\x01" * 1000):
        document = explained(text)
        equal((document["known"], document["errors"], document["explained"]), (0, 0, []))
        contains(lade("explain", scratch("log", text)).out, "nothing in it is known to Lade")


@test
def what_is_no_text_is_named():
    for begin, words in ((b"\x7fELF\2\1\1" + bytes(60), "it is an object and no text: lade inspect '%s' says"),
                         (gzip.compress(b"libbpf: failed\n"), "it is compressed: zcat '%s' | lade explain -"),
                         (lzma.compress(b"libbpf: failed\n"), "it is compressed: xzcat '%s' | lade explain -"),
                         (bz2.compress(b"libbpf: failed\n"), "it is compressed: bzcat '%s' | lade explain -"),
                         (b"\x28\xb5\x2f\xfd" + bytes(9), "it is compressed: zstdcat '%s' | lade explain -")):
        file = scratch("log", begin)
        contains(lade("explain", file).out, words % file)
        equal("it is " in lade("explain", "--quiet", file).out, False)
        equal(explained(begin)["known"], 0)
    equal("object" in lade("explain", scratch("log", b"libbpf: x \x7fELF\n")).out, False)


@test
def what_cannot_be_read_as_text_is_shown_without_harm():
    document = explained(b"LibBpfLoader: Failed to create maps: (ret=-22) in /\xff\x1b[31m\x00\x07x.o\n")
    finding = document["explained"][0]["finding"]
    equal(finding["code"], "map.create.definition", document)
    assert "\x1b" not in json.dumps(document) and "\\u0007" not in json.dumps(document), document


@test
def codes_are_looked_up():
    done = lade("explain", "kernel.bpf.absent")
    equal(done.code, 0, done)
    contains(done.out, "error[kernel.bpf.absent]", "because", "fix", "exit code 3")
    document = fits("looked_up", lade("explain", "--json", "kernel.bpf.absent").json())
    equal([code["code"] for code in document["codes"]], ["kernel.bpf.absent"])


@test
def error_numbers_are_looked_up_in_every_spelling():
    for word in ("-38", "38", "ENOSYS", "enosys", "-ENOSYS", "errno 38", "Function not implemented"):
        done = lade("explain", word)
        equal(done.code, 0, done)
        contains(done.out, "-38 is ENOSYS: Function not implemented", "BPF_MAP_CREATE")
    document = fits("looked_up", lade("explain", "--json", "--op", "map_create", "-7").json())
    equal({cause["operation"] for cause in document["causes"]}, {"BPF_MAP_CREATE", "any bpf()"})
    equal(document["word"], "E2BIG")
    equal(lade("explain", "--op", "MAP_CREATE", "E2BIG").code, 0)


@test
def rule_whose_error_says_nothing_still_has_a_finding():
    for text in (b"Error: can't get next program: Operation noation not permitted\n", b"Error: can't get next map: \n"):
        for item in explained(text)["explained"]:
            assert item["role"] != "error" or item["finding"]["code"], item


@test
def words_without_quotes_are_one_operand():
    contains(lade("explain", "Permission", "denied").out, "-13 is EACCES")
    contains(lade("explain", "R1", "invalid", "mem", "access", "'inv'").out, "error[verifier.deref]")
    contains(lade("explain", "eprem").err, "did you mean EPERM?")  # two letters the other way round, in any case


@test
def text_of_two_bytes_a_letter_is_read():
    with open(LOG, encoding="utf-8") as file:
        text = file.read()
    wanted = lade("explain", "-", input=text).out
    for coding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"):
        log = scratch("log", ("\ufeff" + text).encode(coding) if coding == "utf-16-be" else text.encode(coding))
        equal(lade("explain", log).out.replace(log, "standard input"), wanted, coding)
        with open(log, "rb") as file:
            done = command(LADE, "explain", stdin=file)
        equal(done.out, wanted, coding)
    for odd in (b"\xff\xfe", b"\xff\xfe\x00", b"\xff\xfe\x00\xd8a\x00\x00\xdc=\xd8\x00\xde", b"\xfe\xff\xd8",
                text.encode("utf-16")[:-1], b"\xef\xbb", b"\xef\xbb\xbf"):
        explained(odd)


@test
def object_of_another_loaders_version_is_looked_at_all_the_same():
    equal(lade("explain", "--obj", path("android_required.o"), LOG).code, 0)


@test
def options_cost_what_is_missing_without_them():
    for option, part in (("CONFIG_BPF_LSM", "without it: LSM programs"), ("CONFIG_BPF_JIT_ALWAYS_ON", "nothing is lost without it"),
                         ("CONFIG_MEMCG", "without it: no cgroup limits")):
        contains(lade("explain", option).out, part)


@test
def second_word_of_an_error_number_is_found():
    """ESRCH(3)/ENOENT(2): both are in the table."""
    contains(lade("explain", "--op", "prog_load", "ENOENT").out, "found no such function or type")
    contains(lade("explain", "--op", "xdp", "EINVAL").out, "MTU needs more than one page")


@test
def catalogue_is_listed_and_searched():
    document = fits("looked_up", lade("explain", "--list", "--json").json())
    codes = [code["code"] for code in document["codes"]]
    assert len(codes) > 200 and codes == sorted(codes), len(codes)
    done = lade("explain", "--search", "seccomp Docker")
    equal(done.code, 0, done)
    found = fits("looked_up", lade("explain", "--json", "--search", "SYSCALL config_bpf").json())
    contains(" ".join(code["code"] for code in found["codes"]), "kernel.bpf.absent")
    contains(lade("explain", "--search", "no-such-word-at-all").out, "nothing")
    for words, code in (("invalid mem access", "verifier.deref"), ("back-edge", "verifier.loop")):
        found = fits("looked_up", lade("explain", "--json", "--search", words).json())
        contains(" ".join(item["code"] for item in found["codes"]), code)  # what the verifier says of it


@test
def log_of_a_verifier_is_explained_and_shown_only_when_asked():
    log = os.path.join(SOURCE, "tests", "explain", "logs", "verifier_libbpf.log")
    done = lade("explain", log)
    equal(done.code, 0, done)
    contains(done.out, "error[verifier.deref.maybe-null]", "foo.c:13", "map counts", "value = bpf_map_lookup_elem(",
             "if (!value)")
    assert "R10=fp0" not in done.out, done
    contains(lade("explain", "--log", log).out, "0: R1=ctx() R10=fp0", "processed 8 insns")
    with open(log, "rb") as file:
        finding = explained(file.read())["explained"][0]["finding"]
    equal((finding["instruction"], finding["confidence"]), (8, "certain"))
    contains(finding["log"], "R10=fp0")


@test
def what_was_cut_of_a_log_is_said():
    done = lade("explain", os.path.join(SOURCE, "tests", "explain", "logs", "verifier_go.log"))
    contains(done.out, "error[verifier.deref]", "12 lines of the log", "error[verifier.log-cut]", "%+v")


@test
def damaged_log_fits_the_schema():
    document = explained(b"0: (b7) r1 = 7\n; \xff\x01 \xc3 @ f\xfe.c:3\n1: (79) r0 = *(u64 *)(r1 +0) \xff\n"
                         b"R1 invalid mem access 'scalar'\n")
    equal(document["explained"][0]["finding"]["code"], "verifier.deref")


@test
def wrong_words_are_named_with_the_nearest():
    for words, parts in ((("kernel.bpf.absnt",), ("kernel.bpf.absnt", "did you mean kernel.bpf.absent?")),
                         (("/nonexistent.log",), ("/nonexistent.log",)), (("--last", "x"), ("'x'",)),
                         (("--op", "map_create"), ("--op",)), (("--op", "map_create", "x.log"), ("--op",)),
                         (("a", "b"), ("'a b'",)), (("/etc", "/usr"), ("'/usr'",)),
                         (("0",), ("the call succeeded",)), (("-4095",), ("no error number",)), (("/",), ("/ cannot be read",))):
        done = lade("explain", *words, input="")
        equal(done.code, 1, done)
        contains(done.err, *parts)
        fits("failure", json.loads(lade("explain", "--json", *words, input="").err))


# ---- words, operations, kernels, objects ----


def looked_up(*words):
    done = lade("explain", "--json", *words)
    equal(done.code, 0, done)
    return fits("looked_up", done.json())


@test
def words_of_logs_and_names_of_the_field_are_looked_up():
    for word, kind, parts in (("ptr_or_null_", "log", ("since 5.8", "NULL", "fix")), ("inv", "log", ("until 5.17",)),
                              ("R1_w=scalar(umax=255)", "log", ("scalar (log", "_w (log")),
                              ("bpf_probe_read_user", "helper", ("since 5.5", "GPL", "called by")),
                              ("bpf_redirect", "helper", ("sched_cls, sched_act, xdp, lwt_xmit",)),
                              ("ringbuf", "map type", ("since 5.8",)), ("BPF_PROG_TYPE_LSM", "program type", ("5.7",)),
                              ("CONFIG_BPF_SYSCALL", "option", ("ENOSYS",)), ("BPF_F_MMAPABLE", "flag", ("5.5",))):
        done = lade("explain", word)
        equal(done.code, 0, done)
        contains(done.out, kind, "means", *parts)
        assert kind in [item["kind"] for item in looked_up(word)["words"]], word
    document = looked_up("bpf_probe_read_user")["words"][0]
    equal((document["since"], document["until"]), ("5.5", None))


@test
def operations_are_called_as_people_call_them():
    wanted = looked_up("--op", "BPF_MAP_CREATE", "E2BIG")["causes"]
    for name in ("map_create", "MAP_CREATE", "map-create", "create_map"):
        equal(looked_up("--op", name, "-7")["causes"], wanted, name)
    for name in ("load", "prog_load", "attach", "perf_event_open", "netlink", "link", "pin"):
        assert looked_up("--op", name, "EINVAL")["causes"], name
    assert len({cause["word"] for cause in looked_up("map_create")["causes"]}) > 3
    equal(looked_up("--op", "map_create", "524")["word"], "ENOTSUPP")
    done = lade("explain", "--op", "map_craete", "-7")
    equal(done.code, 1, done)
    contains(done.err, "map_craete", "MAP_CREATE")


@test
def causes_that_a_kernel_does_not_have_are_left_out():
    def causes(kernel):
        return [cause["cause"] for cause in looked_up("--op", "map_create", "--kernel", kernel, "EPERM")["causes"]]
    assert any("MEMLOCK" in cause for cause in causes("5.10")) and not any("MEMLOCK" in cause for cause in causes("5.15"))
    for kernel in ("x", "5", "", "five.ten"):
        done = lade("explain", "--kernel", kernel, "EPERM")
        equal(done.code, 1, done)
        contains(done.err, "--kernel")


@test
def kernel_decides_between_causes():
    log = scratch("log", b"back-edge from insn 12 to 3\n")
    for kernel, since, until, cause in (("4.19", None, "5.2", "before 5.3"), ("v6.1", "5.3", None, "CAP_BPF"),
                                        ("5.10.0-8-amd64", "5.3", None, "CAP_BPF")):
        done = lade("explain", "--kernel", kernel, log)
        equal(done.code, 0, done)
        contains(done.out, cause, "kernels  " + (f"since {since}" if since else f"until {until}"))
        document = fits("explained", lade("explain", "--json", "--kernel", kernel, log).json())
        finding = document["explained"][0]["finding"]
        equal((finding["since"], finding["until"]), (since, until))
        equal(document["kernel"]["certain"], True)
    text = scratch("log", b"Linux version 4.19.191 (gcc)\nback-edge from insn 12 to 3\n")
    contains(lade("explain", text).out, "kernel   4.19 (the text names kernel 4.19.191)", "likely: before 5.3")
    equal(explained(b"nothing at all\n")["kernel"], None)


@test
def what_a_note_said_before_settles_the_cause():
    text = scratch("log", b'level=warning msg="BPF root is not a BPF filesystem (0x62656572 != 0xcafe4a11)"\n'
                   b'level=error msg="error opening map" error="Unable create map base directory: '
                   b'mkdir /sys/fs/bpf/tc: no such file or directory"\n')
    contains(lade("explain", text).out, "likely: no bpffs is mounted at /sys/fs/bpf, as the agent said before",
             "before the kubelet starts")
    text = scratch("log", b"libbpf: Failed to bump RLIMIT_MEMLOCK (err = -1)\n"
                   b"libbpf: Error in bpf_object__probe_loading():Operation not perm>\n")
    contains(lade("explain", text).out, "likely: the process may neither raise the limit of locked memory nor load",
             "CapEff")


@test
def object_names_program_line_and_map():
    log = scratch("log", b"0: (61) r1 = *(u32 *)(r1 +0)\n1: (63) *(u32 *)(r10 -4) = r1\n2: (bf) r2 = r10\n"
                  b"3: (07) r2 += -4\n4: (18) r1 = 0xffff888104c49000\n6: (85) call bpf_map_lookup_elem#1\n"
                  b"7: (79) r1 = *(u64 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\n")
    done = lade("explain", "--obj", path("cli_refused.bpf.o"), log)
    equal(done.code, 0, done)
    contains(done.out, "program count, instruction 7", "cli_refused.bpf.c:18      *value += 1;", "map counts")
    done = lade("explain", "--obj", path("load_all.bpf.o"), log)
    equal(done.code, 0, done)
    contains(done.out, "another object or build")
    done = lade("explain", "--obj", "/etc/passwd", log)
    equal((done.code, done.out), (2, ""), done)
    contains(done.err, "elf.not-elf")


@test
def file_of_a_words_name_is_read_and_a_directory_of_it_is_not():
    place = os.path.dirname(scratch("xdp", b"0: (95) exit\nR0 !read_ok\n"))
    os.mkdir(os.path.join(place, "ringbuf"))
    contains(lade("explain", "xdp", cwd=place).out, "verifier.uninitialised")
    contains(lade("explain", "ringbuf", cwd=place).out, "map type")
    contains(lade("explain", "EPERM", cwd=place).out, "-1 is EPERM")


@test
def line_of_a_log_can_be_the_operand():
    done = lade("explain", "R1 invalid mem access 'inv'")
    equal(done.code, 0, done)
    contains(done.out, "error[verifier.deref]", "kernel   5.17 or older")
    contains(lade("explain", "--kernel", "4.19", "invalid func unknown#112").out, "bpf_probe_read_user came with 5.5")
    contains(lade("explain", "R2 type=ptr_or_null_ expected=ptr_").out, "error[verifier.")
    contains(lade("explain", "stack depth").out, "stack depth (log")
    done = lade("explain", "no such line at all")
    equal((done.code, done.out), (1, ""), done)
    done = lade("explain", "seccomp")
    equal(done.code, 1, done)
    contains(done.err, "lade explain --search seccomp")


@test
def search_shows_the_best_first():
    codes = [code["code"] for code in looked_up("--search", "verifier loop")["codes"]]
    equal(codes[0], "verifier.loop", codes)
    words = [word["word"] for word in looked_up("--search", "ringbuf", "reserve")["words"]]
    assert "bpf_ringbuf_reserve" in words[:3], words
    listed = [code["code"] for code in looked_up("--list", "verifier", "dynptr")["codes"]]
    assert "verifier.dynptr" in listed and listed == sorted(listed) and len(listed) < 10, listed
    done = lade("explain", "--search", "the")
    contains(done.out, "more: -v shows them")
    equal(len(lade("explain", "-v", "--search", "the").out.splitlines()) > len(done.out.splitlines()), True)


@test
def every_code_names_its_page_and_section():
    folder = os.path.join(SOURCE, "docs", "findings")
    for code in looked_up("--list")["codes"]:
        with open(os.path.join(folder, code["page"] + ".md"), encoding="utf-8") as file:
            assert f'<a id="{code["code"]}"></a>' in file.read(), code["code"]
    contains(lade("explain", "verifier.loop").out, "docs/findings/verifier.md#verifier.loop")


@test
def pages_are_what_the_data_says():
    done = command(sys.executable, os.path.join(SOURCE, "tools", "findings.py"), "--check", SOURCE)
    equal(done.code, 0, done)


@test
def summary_of_one_finding_fits_a_screen():
    logs = os.path.join(SOURCE, "tests", "explain", "logs")
    for name in sorted(os.listdir(logs)):
        if not name.endswith(".log"):
            continue
        done = lade("explain", os.path.join(logs, name))
        rows = sum(max(1, -(-len(line) // 80)) for line in done.out.splitlines())
        assert done.out.count("error[") != 1 or rows <= 24, f"{name}: {rows} rows\n{done.out}"


@test
def many_errors_are_counted_and_shown_when_asked_for():
    text = b"".join(b"0: (b7) r%d = 1\n%d: (95) exit\nR%d !read_ok\nprocessed 9 insns (limit 1000000)\n" %
                    (n % 10, n, n % 10) for n in range(1, 31))
    log = scratch("log", text)
    found = len([item for item in explained(text)["explained"] if item["role"] == "error"])
    done = lade("explain", log)
    if found <= 10:
        raise Skip(f"{found} errors only")
    equal(done.out.count("error["), 10, done)
    contains(done.out, f"{found - 10} more errors")
    equal(lade("explain", "-v", log).out.count("error["), found)


@test
def colours_are_for_terminals_alone():
    log = os.path.join(SOURCE, "tests", "explain", "logs", "verifier_libbpf.log")

    def on_terminal(*words, **env):
        primary, secondary = os.openpty()
        with subprocess.Popen([LADE, "explain", *words, log], stdout=secondary, env={**os.environ, **env}) as process:
            os.close(secondary)
            seen = b""
            while True:
                try:
                    part = os.read(primary, 65536)
                except OSError:
                    break
                if not part:
                    break
                seen += part
            process.wait()
        os.close(primary)
        return seen
    assert b"\033[" in on_terminal(NO_COLOR="")
    assert b"\033[" not in on_terminal(NO_COLOR="1")
    assert b"\033[" not in on_terminal("--json", NO_COLOR="")
    assert "\033[" not in lade("explain", log).out


@test
def what_a_note_means_is_said_with_its_doubt():
    done = lade("explain", scratch("log", b"BTF debug data section '.BTF' rejected: Invalid argument (22)!\n"))
    equal(done.code, 0, done)
    contains(done.out, "note     line 1: BTF debug data section", "(likely: the kernel does not take")


# ---- lade inspect --needs ----


def needs(*objects):
    done = lade("inspect", "--needs", "--json", *[path(name) for name in objects])
    equal(done.code, 0, done)
    return fits("inspect_several" if len(objects) > 1 else "inspect", done.json())


def names(document, kind):
    return [need["name"] for need in document["needs"] if need["kind"] == kind]


@test
def needs_name_options_capabilities_and_versions():
    document = needs("load_all.bpf.o")
    options = names(document, "config")
    equal(options[:2], ["CONFIG_BPF", "CONFIG_BPF_SYSCALL"], options)
    contains(" ".join(options), "CONFIG_BPF_EVENTS")
    equal(set(names(document, "capability")), {"CAP_BPF", "CAP_PERFMON"})
    equal(names(document, "kernel")[:2], ["5.10", "5.8"], document["needs"])  # tail calls and functions; a ring buffer
    equal(document["needs_kernel"], "5.10")


@test
def needs_of_several_objects_are_those_of_all():
    both, one, other = (needs(*words) for words in (("load_all.bpf.o", "hook_cgroup.bpf.o"), ("load_all.bpf.o",),
                                                    ("hook_cgroup.bpf.o",)))
    for kind in ("config", "capability", "kernel"):
        equal(set(names(both, kind)), set(names(one, kind)) | set(names(other, kind)))
    contains(" ".join(names(both, "config")), "CONFIG_CGROUP_BPF", "CONFIG_BPF_EVENTS")


@test
def needs_as_text_replace_the_content():
    done = lade("inspect", "--needs", path("load_all.bpf.o"))
    equal(done.code, 0, done)
    contains(done.out, "needs a kernel from 5.10 on", "options", "CONFIG_BPF_SYSCALL", "capabilities", "CAP_BPF",
             "maps of type ringbuf")
    assert "license" not in done.out, done


@test
def needs_of_what_cannot_be_opened_are_none():
    done = lade("inspect", "--needs", "/etc/passwd")
    equal((done.code, done.out), (2, ""), done)


main()
