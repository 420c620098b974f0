#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade explain and lade inspect --needs, as text and as JSON."""
import json
import os
import sys

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import SOURCE, contains, equal, lade, main, path, scratch, test  # noqa: E402

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
    for word in ("-38", "38", "ENOSYS", "enosys"):
        done = lade("explain", word)
        equal(done.code, 0, done)
        contains(done.out, "-38 is ENOSYS: Function not implemented", "BPF_MAP_CREATE")
    document = fits("looked_up", lade("explain", "--json", "--op", "map_create", "-7").json())
    equal({cause["operation"] for cause in document["causes"]}, {"BPF_MAP_CREATE"})
    equal(document["word"], "E2BIG")
    equal(lade("explain", "--op", "MAP_CREATE", "E2BIG").code, 0)


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
    for words, parts in ((("kernel.bpf.absnt",), ("kernel.bpf.absnt", "do you mean kernel.bpf.absent?")),
                         (("/nonexistent.log",), ("/nonexistent.log",)), (("--list", "x"), ("'x'",)),
                         (("--op", "map_create"), ("--op",)), (("--op", "map_create", "x.log"), ("--op",)),
                         (("a", "b"), ("'b'",)), (("/",), ("/ cannot be read",))):
        done = lade("explain", *words, input="")
        equal(done.code, 1, done)
        contains(done.err, *parts)


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
    equal(names(document, "kernel")[0], "5.8", document["needs"])
    equal(document["needs_kernel"], "5.8")


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
    contains(done.out, "needs a kernel from 5.8 on", "options", "CONFIG_BPF_SYSCALL", "capabilities", "CAP_BPF",
             "maps of type ringbuf")
    assert "license" not in done.out, done


@test
def needs_of_what_cannot_be_opened_are_none():
    done = lade("inspect", "--needs", "/etc/passwd")
    equal((done.code, done.out), (2, ""), done)


main()
