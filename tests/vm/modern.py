# SPDX-License-Identifier: BSD-2-Clause
"""What modern objects need of a kernel: its types, its modules, its probes, its configuration (tests/objects/vm_*)."""
import json
import re

from scenario import AT_REST, BUSY, TRACING, Skip, check, equal, no_step_back, succeeded

CONNECTING = "(while :; do nc -w 1 127.0.0.1 9 </dev/null >/dev/null 2>&1; sleep 0.1; done) & busy=$!\n"
SENDING = """ip link add va type veth && ip link set va up && ip link set veth0 up
ip address add 10.9.0.1/24 dev va
(while :; do ping -c 1 -W 1 10.9.0.2 >/dev/null 2>&1; done) & busy=$!
"""
SENT = "\ncode=$?; kill $busy; ip link del va; exit $code"
OPENING = """echo secret >/tmp/odd; chmod 0123 /tmp/odd
(while :; do cat /tmp/odd >/dev/null 2>>/tmp/refused; sleep 0.1; done) & busy=$!
"""
OPENED = "\ncode=$?; kill $busy; grep -c 'not permitted' /tmp/refused >&2; cat /tmp/odd >&2"
OPENED += "; rm /tmp/odd /tmp/refused; exit $code"


def run(name, options=""):
    return f"lade run {name}.bpf.o --for 2 --json {options}"


def records(result):
    """The values of the records, without what says when and from where."""
    succeeded(result)
    found = [json.loads(line) for line in result.out.splitlines()]
    assert found, result
    return [record["record"] for record in found]


def needs_modules(machine):
    if not machine.has_module_types:
        raise Skip("types of modules are known since 5.11")


@check(CONNECTING + run("vm_fentry", "--record attempts=attempt") + AT_REST, needs=TRACING)
def functions_of_the_kernel_are_seen_at_entry_and_exit(machine, ran):
    found = records(ran)
    equal({record["exit"] for record in found}, {0, 1}, ran)
    equal({record["family"] for record in found}, {2}, ran)


@check("lade load --json vm_kprobe.bpf.o", "lade unload vm_kprobe", needs=TRACING)
def probes_load(machine, load, unload):
    succeeded(load, unload)
    no_step_back(load)


@check(BUSY + run("vm_tp_btf", "--record executions=execution") + AT_REST, needs=TRACING)
def tracepoint_with_types_reads_fields_where_this_kernel_has_them(machine, ran):
    found = records(ran)
    assert any(record["filename"] == "/bin/true" for record in found), ran
    equal({record["has_field"] for record in found}, {0}, ran)
    assert all(record["tgid"] > 0 for record in found), ran


@check(OPENING + run("vm_lsm", "--record openings=opening") + OPENED, needs=TRACING)
def security_hook_refuses_while_it_is_attached(machine, ran):
    assert all(record["mode"] & 0o7777 == 0o123 for record in records(ran)), ran
    *_said, refusals, content = ran.err.splitlines()
    assert int(refusals) > 0, ran
    equal(content, "secret", ran)


@check(SENDING + run("vm_module", "--record sendings=sent") + SENT, needs=TRACING)
def function_of_a_module_is_found_and_its_types_relocate(machine, ran):
    needs_modules(machine)
    found = records(ran)
    assert all(record["bytes"] > 0 for record in found), ran
    equal({record["knows_priv"] for record in found}, {1}, ran)
    assert all(record["priv_bytes"] >= 16 for record in found), ran


@check(SENDING + run("vm_named_module", "--record sendings=sent") + SENT, needs=TRACING)
def module_may_be_named_in_the_section(machine, ran):
    needs_modules(machine)
    assert all(record["bytes"] > 0 for record in records(ran)), ran


@check("lade load --json vm_module.bpf.o", "lade list --json; lade unload -q vm_module 2>/dev/null", needs=TRACING)
def function_of_a_module_without_types_is_named(machine, load, listed):
    if machine.has_module_types:
        raise Skip("this kernel has the types")
    equal(load.code, 3, load)
    assert "veth_xmit" in load.err, load
    equal(json.loads(listed.out)["instances"], [])


@check("lade load --json --attach vm_module_tp.bpf.o", "lade show vm_module_tp --json", "lade unload vm_module_tp",
       needs=TRACING)
def tracepoint_of_a_module_is_found(machine, load, shown, unload):
    if not machine.has_module_types or not machine.has_module("tls"):
        raise Skip("needs the module tls and its types")
    succeeded(load, shown, unload)
    no_step_back(load)
    equal(len(json.loads(shown.out)["instances"][0]["links"]), 1)


@check("lade load --json vm_kfunc.bpf.o", "lade unload vm_kfunc", needs=TRACING)
def functions_that_a_module_offers_are_called(machine, load, unload):
    if not machine.has_module_functions:
        equal(load.code, 3, load)
        assert "bpf_" in load.err and "ct_" in load.err, load
        return
    succeeded(load, unload)
    no_step_back(load)


def address(symbols, name):
    return int(re.search(rf"^(\w+) \w {name}\b", symbols.out, re.MULTILINE).group(1), 16)


@check("grep -wE 'tcp_v4_connect|veth_xmit' /proc/kallsyms", BUSY + run("vm_ksyms", "--record findings=found") + AT_REST,
       needs=TRACING)
def symbols_of_the_kernel_and_of_a_module_have_their_addresses(machine, symbols, ran):
    if not machine.has_variable_types:
        equal(ran.code, 3, ran)
        assert "runqueues" in ran.err, ran
        return
    for record in records(ran):
        equal([record["connect"], record["send"], record["none"], record["cpu"]],
              [address(symbols, "tcp_v4_connect"), address(symbols, "veth_xmit"), 0, 1], ran)


def version_code(text):
    """Debian says the true version in `uname -v`, and in `uname -r` since 6.12."""
    major, minor, patch = map(int, re.search(r"Debian (\d+)\.(\d+)\.(\d+)", text).groups())
    return (major << 16) + (minor << 8) + min(patch, 255)


@check("uname -v; grep '^CONFIG_HZ=' /boot/config-*", BUSY + run("vm_kconfig", "--record builds=built") + AT_REST,
       needs=TRACING)
def configuration_of_the_kernel_is_read_where_debian_puts_it(machine, facts, ran):
    record = records(ran)[0]
    equal(record["version"], version_code(facts.out), ran)
    equal(record["hertz"], int(re.search(r"CONFIG_HZ=(\d+)", facts.out).group(1)), ran)
    equal([record["has_bpf"], record["veth"], record["none"], record["hostname"]], [1, 2, 0, "(none)"], ran)


@check("lade inspect --json vm_fentry.bpf.o", "lade load --json vm_fentry.bpf.o --btf /nonexistent")
def types_that_are_not_there_are_named(machine, inspected, load):
    succeeded(inspected)
    assert load.code in (2, 3, 5), load
    assert "/nonexistent" in load.err, load
