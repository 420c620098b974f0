# SPDX-License-Identifier: BSD-2-Clause
"""A headless Chromium that is spoken to through a pipe, in its own protocol."""
import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

from .check import Skip

ANSWER_SECONDS = 60
START = ["--headless", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--mute-audio", "--password-store=basic"]
KEYS = {"Enter": (13, "\r"), " ": (32, " "), "Escape": (27, ""), "Tab": (9, ""), "Home": (36, ""), "End": (35, ""),
        "ArrowLeft": (37, ""), "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowDown": (40, "")}


class Page:
    def __init__(self, ask, events):
        self._ask, self.events = ask, events

    def ask(self, method, **parameters):
        return self._ask(method, parameters)

    def value(self, script):
        """What an expression is worth; an exception is a failure."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key):
        code, text = KEYS[key]
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **more)

    def go(self, path):
        self.events.clear()
        self.ask("Page.navigate", url="file://" + path)
        ends = time.monotonic() + ANSWER_SECONDS
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            assert time.monotonic() < ends, "the page was not loaded"
            self.ask("Runtime.enable")

    def size(self, width, height=800):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self):
        return base64.b64decode(self.ask("Page.captureScreenshot")["data"])


class Pipe:
    def __init__(self, reads, writes):
        self.reads, self.writes, self.number, self.rest, self.events = reads, writes, 0, b"", []

    def _message(self, ends):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reads], [], [], max(0, ends - time.monotonic()))
            assert ready, "the browser does not answer"
            more = os.read(self.reads, 1 << 16)
            assert more, "the browser has gone"
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, parameters, session=None):
        self.number += 1
        words = {"id": self.number, "method": method, "params": parameters}
        if session:
            words["sessionId"] = session
        os.write(self.writes, json.dumps(words).encode() + b"\0")
        ends = time.monotonic() + ANSWER_SECONDS
        while True:
            message = self._message(ends)
            if message.get("id") == self.number:
                assert "error" not in message, f"{method}: {message.get('error')}"
                return message["result"]
            if "method" in message:
                self.events.append(message)


def _place(to_browser, from_browser):
    """The browser reads 3 and writes 4."""
    def move():
        reads, writes = (fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in (to_browser, from_browser))
        os.dup2(reads, 3)
        os.dup2(writes, 4)
    return move


class Browser:
    """With a profile of its own; nothing of it stays after stop()."""

    def __init__(self):
        program = shutil.which("chromium")
        if not program:
            raise Skip("chromium is not installed (make packages-all)")
        self.profile = tempfile.mkdtemp(prefix="lade-browser-")
        their_end, our_write = os.pipe()
        our_read, other_end = os.pipe()
        self.process = subprocess.Popen([program, *START, f"--user-data-dir={self.profile}", "about:blank"],
                                        close_fds=False, preexec_fn=_place(their_end, other_end),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        os.close(their_end)
        os.close(other_end)
        self.pipe = Pipe(our_read, our_write)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.pipe.reads)
        os.close(self.pipe.writes)
        shutil.rmtree(self.profile, ignore_errors=True)

    @contextlib.contextmanager
    def page(self):
        """A page of its own, closed at the end."""
        target = self.pipe.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.pipe.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self.pipe.events.clear()
        page = Page(lambda method, parameters: self.pipe.ask(method, parameters, session), self.pipe.events)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.ask(domain + ".enable")
        try:
            yield page
        finally:
            self.pipe.ask("Target.closeTarget", {"targetId": target})


_started = []


def browser():
    """A page of the one browser that all tests of a program share; stop() ends it."""
    if not _started:
        _started.append(Browser())
    return _started[0].page()


def stop():
    while _started:
        _started.pop().stop()
