# SPDX-License-Identifier: BSD-2-Clause
# A thin front of Meson: `make help` says what there is.
BUILD  ?= build
PREFIX ?= /usr/local
# A second tree with AddressSanitizer and UndefinedBehaviorSanitizer, for the tests. What they add to the code grows with
# the optimization: at -O1, with the lines of a backtrace, it is built in two thirds of the time and as fast. Its
# characters are unsigned, as those of arm64 are.
CHECKED = $(BUILD)-checked
# A third with ThreadSanitizer, for test-all: programs are verified in parallel.
THREADS = $(BUILD)-threads

.DEFAULT_GOAL = all
.PHONY: all demo test test-all static bench fuzz findings install clean help packages packages-all checked

help:
	@echo 'make           build $(BUILD)/lade and liblade'
	@echo 'make demo      compile the examples, load them, show live events'
	@echo 'make test      all tests, plain and under sanitizers (.ci/run calls this)'
	@echo 'make test-all  the same with ThreadSanitizer too, more fuzzing, sources of others, other kernels, static builds'
	@echo 'make static    $(BUILD)/static/lade-x86_64 and lade-aarch64, which need no library'
	@echo 'make bench     measure against the floor, two libbpf, light skeletons and bpftool'
	@echo 'make fuzz      damage objects for FUZZ_SECONDS (60) and open them'
	@echo 'make findings  docs/findings anew from data/; to be committed with it'
	@echo 'make install   to DESTDIR$(PREFIX); PREFIX=… and DESTDIR=… are heeded'
	@echo 'make clean     remove the build directories'
	@echo 'What is missing is installed with apt (root or sudo), see tools/packages.txt.'

packages:
	@tools/install-packages

packages-all: packages
	@tools/install-packages tools/packages-all.txt tools/vm-packages.txt

$(BUILD)/build.ninja: | packages
	meson setup $(BUILD) --prefix $(PREFIX)

$(CHECKED)/build.ninja: | packages
	meson setup $(CHECKED) -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Ddebug=false -Dc_args="-g1 -funsigned-char"

$(THREADS)/build.ninja: | packages
	meson setup $(THREADS) -Db_sanitize=thread -Db_lundef=false

all: packages $(BUILD)/build.ninja
	ninja -C $(BUILD)

checked: packages $(CHECKED)/build.ninja
	ninja -C $(CHECKED)

demo: all
	examples/demo $(BUILD)

test: all checked
	tests/run $(BUILD) $(CHECKED)

test-all: packages-all all checked static $(THREADS)/build.ninja
	ninja -C $(THREADS)
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} tests/run --all $(BUILD) $(CHECKED) $(THREADS)

static: packages
	@tools/install-packages tools/packages-all.txt
	tools/static $(BUILD)/static

bench: all
	meson configure $(BUILD) -Dbench=true
	ninja -C $(BUILD)
	bench/run $(BUILD)

fuzz: all checked
	tests/fuzz/run $(CHECKED) $${FUZZ_SECONDS:-60}
	tests/fuzz/guided/run $(BUILD) $(BUILD)-fuzz $${FUZZ_SECONDS:-60}

findings:
	tools/findings.py .

install: all
	meson configure $(BUILD) -Dprefix=$(PREFIX)
	ninja -C $(BUILD)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

clean:
	rm -rf $(BUILD) $(CHECKED) $(THREADS)
