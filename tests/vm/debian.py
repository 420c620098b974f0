# SPDX-License-Identifier: BSD-2-Clause
"""Packages of other Debian releases, fetched with apt but without touching this machine's own apt.

Everything lives below $XDG_CACHE_HOME/lade-tests (or /var/cache/lade-tests): apt's lists and state for each release,
what was downloaded, and what was unpacked from it. The archive is the one this machine's apt uses. Nothing is
installed. Unavailable says why something cannot be had; tests that need it are skipped with that reason.
"""
import contextlib
import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess
import time

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FRESH_SECONDS = 24 * 3600  # how long a release's package lists count as up to date
FETCH_SECONDS = 900


class Unavailable(Exception):
    pass


def cache(*names):
    base = os.environ.get("XDG_CACHE_HOME") or ("/var/cache" if os.geteuid() == 0 else os.path.expanduser("~/.cache"))
    return os.path.join(base, "lade-tests", *names)


@contextlib.contextmanager
def locked():
    """Two test runs at once must not unpack into the same directory."""
    try:
        os.makedirs(cache(), exist_ok=True)
        lock = open(cache("lock"), "w", encoding="ascii")
    except OSError as error:
        raise Unavailable(f"no cache directory: {error}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*words, **more):
    """stdout of a command; Unavailable with the last thing it said otherwise."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False,
                              stdin=subprocess.DEVNULL, timeout=FETCH_SECONDS, **more)
    except FileNotFoundError as error:
        raise Unavailable(f"{words[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{words[0]} took longer than {FETCH_SECONDS} s") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        # apt ends with "Unable to fetch some archives": what it could not do comes before
        raise Unavailable(f"{' '.join(words[:2])}: {without_hosts(said[0])}")
    return done.stdout


def without_hosts(text):
    return re.sub(r"\w+://\S+|'[\w-]+(\.[\w-]+)+'|\[IP: [^]]*\]", "the archive", text)


def archive_address():
    """Of this machine's own release: the other releases lie beside it."""
    with open("/etc/os-release", encoding="utf-8") as file:
        codename = re.search(r"^VERSION_CODENAME=\"?(\w+)", file.read(), re.MULTILINE)
    if not codename:
        raise Unavailable("this is no Debian release")
    address = run("apt-get", "indextargets", "--format", "$(REPO_URI)", f"Codename: {codename.group(1)}",
                  "Created-By: Packages", "Component: main", "Origin: Debian").split()
    if not address:
        raise Unavailable("apt knows no archive of this release (apt-get update?)")
    return address[0]


class Release:
    """One Debian release: packages("linux-image-…"), source("iproute2")."""

    def __init__(self, codename, architecture="amd64"):
        self.codename, self.architecture = codename, architecture
        self.label = codename if architecture == "amd64" else f"{codename}-{architecture}"
        self.root = cache("apt", self.label)

    # ---- apt with its own configuration ----

    def _write(self, name, text):
        with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _configure(self):
        for name in ("lists/partial", "archives/partial", "state", "empty.d"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        address = archive_address()
        self._write("sources.list", "".join(
            f"{kind} [arch={self.architecture} signed-by={KEYRING}] {address} {self.codename} main\n"
            for kind in ("deb", "deb-src")))
        self._write("status", "")
        # How this machine reaches archives (a proxy, time limits) holds here too; its hooks and sources do not.
        acquire = [line for line in run("apt-config", "dump").splitlines()
                   if re.match(r"Acquire::(https?::|ftp::|Retries)", line)]
        self._write("apt.conf", "\n".join(acquire + [
            f'Dir::State "{self.root}/state";', f'Dir::State::lists "{self.root}/lists";',
            f'Dir::State::status "{self.root}/status";', f'Dir::Cache "{self.root}";',
            f'Dir::Cache::archives "{self.root}/archives";', f'Dir::Etc::sourcelist "{self.root}/sources.list";',
            f'Dir::Etc::sourceparts "{self.root}/empty.d";', f'Dir::Etc::parts "{self.root}/empty.d";',
            f'Dir::Etc::preferencesparts "{self.root}/empty.d";', f'Dir::Log "{self.root}/state";',
            'APT::Sandbox::User "root";', 'Acquire::Languages "none";', 'APT::Install-Recommends "false";',
            f'APT::Architecture "{self.architecture}";', f'APT::Architectures {{ "{self.architecture}"; }};', 'Acquire::Check-Valid-Until "false";', ""]))

    def _apt(self, *words, **more):
        environment = {**os.environ, "APT_CONFIG": os.path.join(self.root, "apt.conf"), "LC_ALL": "C.UTF-8"}
        return run(*words, env=environment, **more)

    def _stamp(self):
        return os.path.join(self.root, "updated")

    def _update(self):
        """An update that fails is no obstacle while older lists are there."""
        stamp = self._stamp()
        if os.path.exists(stamp) and time.time() - os.path.getmtime(stamp) < FRESH_SECONDS:
            return
        try:
            self._configure()
            self._apt("apt-get", "update", "-q", "-o", "APT::Update::Error-Mode=any")
        except Unavailable:
            if not os.path.exists(stamp):
                raise
        with open(stamp, "w", encoding="ascii"):
            pass

    # ---- binary packages ----

    def _field(self, package, field):
        record = self._apt("apt-cache", "show", "--no-all-versions", package)
        found = re.search(rf"^{field}: (.*)$", record, re.MULTILINE)
        if not found:
            raise Unavailable(f"{self.codename} has no package {package}")
        return found.group(1)

    def depends(self, package, pattern):
        """The package that `package` depends on whose name fits: what a meta package stands for."""
        with locked():
            self._update()
            found = re.search(pattern, self._field(package, "Depends"))
        if not found:
            raise Unavailable(f"{package} of {self.codename} does not depend on {pattern}")
        return found.group(0)

    def all_depends(self, package, pattern):
        """All packages that `package` depends on whose names fit: none is no error."""
        with locked():
            self._update()
            try:
                return re.findall(rf"(?:^|, )({pattern})", self._field(package, "Depends"))
            except Unavailable:
                return []

    def package(self, name):
        """The directory into which the package is unpacked."""
        with locked():
            self._update()
            version = self._field(name, "Version")
            directory = cache("packages", self.label, f"{name}_{version}".replace(":", "%"))
            if not os.path.isdir(directory):
                self._unpack(name, version, directory)
            return directory

    def _unpack(self, name, version, directory):
        downloads = os.path.join(self.root, "download")
        shutil.rmtree(downloads, ignore_errors=True)
        os.makedirs(downloads)
        self._apt("apt-get", "download", "-q", f"{name}={version}", cwd=downloads)  # verifies what it gets
        deb, = glob.glob(os.path.join(downloads, "*.deb"))
        shutil.rmtree(directory + ".part", ignore_errors=True)
        os.makedirs(directory + ".part")
        run("dpkg-deb", "-x", deb, directory + ".part")
        os.rename(directory + ".part", directory)
        shutil.rmtree(downloads)

    # ---- source packages ----

    def source(self, name, wanted):
        """The directory with a source package's upstream files: only the files and directories that `wanted` names."""
        with locked():
            self._update()
            version, checksums = self._newest_source(name)
            label = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:12]
            directory = cache("sources", self.codename, f"{name}_{version}-{label}".replace(":", "%"))
            if not os.path.isdir(directory):
                self._unpack_source(name, version, checksums, wanted, directory)
            return directory

    def _newest_source(self, name):
        """(version, {file: SHA-256}) as the signed index says."""
        newest = ("0~", {})
        for record in self._apt("apt-cache", "showsrc", "--only-source", name).split("\n\n"):
            version = re.search(r"^Version: (.*)$", record, re.MULTILINE)
            listed = re.search(r"^Checksums-Sha256: *\n((?: .*\n?)+)", record, re.MULTILINE)
            if version and listed and is_newer(version.group(1), newest[0]):
                lines = [line.split() for line in listed.group(1).splitlines()]
                newest = (version.group(1), {name: checksum for checksum, _bytes, name in lines})
        if not newest[1]:
            raise Unavailable(f"{self.codename} has no source package {name}")
        return newest

    def _unpack_source(self, name, version, checksums, wanted, directory):
        originals = [file for file in checksums if ".orig.tar." in file and not file.endswith(".asc")]
        if len(originals) != 1:
            raise Unavailable(f"source package {name} {version} has no single upstream tarball")
        pool = cache("pool", self.codename)
        os.makedirs(pool, exist_ok=True)
        tarball = os.path.join(pool, os.path.basename(originals[0]))
        if not os.path.exists(tarball) or sha256(tarball) != checksums[originals[0]]:
            self._apt("apt-get", "source", "-q", "--download-only", "--tar-only", "--only-source", f"{name}={version}",
                      cwd=pool)
        if sha256(tarball) != checksums[originals[0]]:
            raise Unavailable(f"{originals[0]} is not what the index of {self.codename} says it is")
        shutil.rmtree(directory + ".part", ignore_errors=True)
        os.makedirs(directory + ".part")
        run("tar", "-x", "-f", tarball, "-C", directory + ".part", "--strip-components=1", "--wildcards",
            "--no-wildcards-match-slash", *[f"*/{path}" for path in wanted])
        os.rename(directory + ".part", directory)


def is_newer(version, than):
    return subprocess.run(["dpkg", "--compare-versions", version, "gt", than], check=False).returncode == 0


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
