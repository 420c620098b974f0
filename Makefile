# SPDX-License-Identifier: BSD-2-Clause
# A thin front of Meson: `make help` says what there is.
BUILD  ?= build
PREFIX ?= /usr/local
# A second tree with AddressSanitizer and UndefinedBehaviorSanitizer, for the tests.
CHECKED = $(BUILD)-checked
# A third with ThreadSanitizer, for test-all: programs are verified in parallel.
THREADS = $(BUILD)-threads

.DEFAULT_GOAL = all
.PHONY: all demo test test-all bench fuzz install clean help packages checked

help:
	@echo 'make           build $(BUILD)/lade and liblade'
	@echo 'make demo      compile the examples, load them, show live events'
	@echo 'make test      all tests, plain and under sanitizers (.ci/run calls this)'
	@echo 'make test-all  the same with ThreadSanitizer too, and more fuzzing'
	@echo 'make bench     measure against the floor, libbpf and bpftool'
	@echo 'make fuzz      damage objects for FUZZ_SECONDS (60) and open them'
	@echo 'make install   to DESTDIR$(PREFIX); PREFIX=… and DESTDIR=… are heeded'
	@echo 'make clean     remove the build directories'
	@echo 'What is missing is installed with apt (root or sudo), see tools/packages.txt.'

packages:
	@tools/install-packages

$(BUILD)/build.ninja: | packages
	meson setup $(BUILD) --prefix $(PREFIX)

$(CHECKED)/build.ninja: | packages
	meson setup $(CHECKED) -Db_sanitize=address,undefined -Db_lundef=false

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

test-all: all checked $(THREADS)/build.ninja
	ninja -C $(THREADS)
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} tests/run $(BUILD) $(CHECKED) $(THREADS)

bench: all
	meson configure $(BUILD) -Dbench=true
	ninja -C $(BUILD)
	bench/run $(BUILD)

fuzz: checked
	tests/fuzz/run $(CHECKED) $${FUZZ_SECONDS:-60}

install: all
	meson configure $(BUILD) -Dprefix=$(PREFIX)
	ninja -C $(BUILD)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

clean:
	rm -rf $(BUILD) $(CHECKED) $(THREADS)
