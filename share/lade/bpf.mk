# SPDX-License-Identifier: BSD-2-Clause
#
# Objects of BPF programs, for other people's makefiles: what `bpf { srcs, cflags, btf }` is in Android's build.
#
#	include /usr/share/lade/bpf.mk
#	$(eval $(call lade-bpf, srcs=gpuMem.c netd.c, cflags=-Wall -Werror, btf=true))
#	all: $(LADE_BPF_OBJECTS)
#
# Each source becomes an object of its name, which is the name that Android gives it: gpuMem.c → $(LADE_BPF_OUT)/gpuMem.o.
# It is made again when the source or a header that it includes has changed. `lade-bpf` may be called as often as wanted;
# its parameters, in any order:
#
#	srcs=FILES	needed
#	cflags=FLAGS	a comma in them is written $(lade-bpf-comma)
#	btf=true	types and line numbers stay in the object, debugging information is stripped; false (the default): none
#	headers=KIND	android (the default), tc, samples, or none: which of Lade's headers the sources are written for
#	layout=N	of Android's versions: 10 to 15; without it what the headers take for granted
#	arch=NAME	whose registers samples look at: x86, arm64 …; this machine's by default
#
# Variables, set before the include or on make's command line:
#
#	LADE_BPF_CLANG, LADE_BPF_STRIP	clang, llvm-strip
#	LADE_BPF_CPU	v1: what every kernel with BPF executes
#	LADE_BPF_OUT	where objects go: . by default
#	LADE_BPF_INCLUDE	where Lade's headers are: beside this file's tree by default
#
# It defines no goal of its own; all that it defines is named lade-bpf… or LADE_BPF_….

ifndef LADE_BPF_MK
LADE_BPF_MK := $(lastword $(MAKEFILE_LIST))

LADE_BPF_CLANG   ?= $(firstword $(foreach name,clang clang-19 clang-14,$(if $(shell command -v $(name) 2>/dev/null),$(name))) clang)
LADE_BPF_STRIP   ?= $(firstword $(foreach name,llvm-strip llvm-strip-19 llvm-strip-14,$(if $(shell command -v $(name) 2>/dev/null),$(name))) llvm-strip)
LADE_BPF_CPU     ?= v1
LADE_BPF_OUT     ?= .
LADE_BPF_INCLUDE ?= $(abspath $(dir $(LADE_BPF_MK))../../include/lade-bpf)
LADE_BPF_OBJECTS :=

lade-bpf-comma   := ,
lade-bpf-names   := srcs cflags btf headers layout arch
lade-bpf-machine := $(shell uname -m)
lade-bpf-arch    := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(patsubst riscv64,riscv,$\
                    $(patsubst s390x,s390,$(patsubst ppc64%,powerpc,$(lade-bpf-machine))))))

# NAME=WORDS of the call in progress → lade-bpf-of-NAME.
define lade-bpf-take
lade-bpf-name := $(firstword $(subst =, ,$(firstword $(1))))
lade-bpf-of-$$(lade-bpf-name) := $(patsubst $(firstword $(subst =, ,$(firstword $(1))))=%,%,$(firstword $(1))) $(wordlist 2,9999,$(1))
$$(if $$(filter $$(lade-bpf-name),$(lade-bpf-names)),,$$(error lade-bpf: no parameter is called $$(lade-bpf-name): $(lade-bpf-names)))
endef

define lade-bpf-check
$(if $(strip $(lade-bpf-of-srcs)),,$(error lade-bpf: srcs= is missing))
$(if $(filter true false,$(lade-bpf-of-btf)),,$(error lade-bpf: btf= is true or false))
$(if $(filter android tc samples none,$(lade-bpf-of-headers)),,$(error lade-bpf: headers= is android, tc, samples or none))
endef

# $(call lade-bpf-rule,SOURCE,OBJECT,FLAGS,BTF)
define lade-bpf-rule
LADE_BPF_OBJECTS += $(2)
$(2): $(1)
	@mkdir -p $$(@D)
	$$(LADE_BPF_CLANG) -target bpf -mcpu=$$(LADE_BPF_CPU) -O2 $(3) $(if $(filter true,$(4)),-g,-g0) \
		-MD -MP -MF $$@.d -MT $$@ -c $$< -o $$@.new
	$(if $(filter true,$(4)),$$(LADE_BPF_STRIP) --strip-debug $$@.new)
	@mv $$@.new $$@
-include $(2).d
endef

define lade-bpf-rules
$(foreach source,$(lade-bpf-of-srcs),$(eval $(call lade-bpf-rule,$(source),$\
  $(LADE_BPF_OUT)/$(basename $(notdir $(source))).o,$\
  $(if $(filter none,$(lade-bpf-of-headers)),,-I $(LADE_BPF_INCLUDE)/$(strip $(lade-bpf-of-headers))) $\
  $(if $(strip $(lade-bpf-of-layout)),-DLADE_ANDROID_LAYOUT=$(strip $(lade-bpf-of-layout))) $\
  -D__TARGET_ARCH_$(strip $(lade-bpf-of-arch)) $(lade-bpf-of-cflags),$(strip $(lade-bpf-of-btf)))))
endef

# Everything happens here, in order; what is left for the caller's eval is nothing. The goal of a make without words stays
# the caller's.
define lade-bpf
$(eval lade-bpf-goal := $(.DEFAULT_GOAL))$\
$(foreach name,$(lade-bpf-names),$(eval lade-bpf-of-$(name) :=))$\
$(eval lade-bpf-of-btf := false)$(eval lade-bpf-of-headers := android)$(eval lade-bpf-of-arch := $(lade-bpf-arch))$\
$(foreach number,1 2 3 4 5 6,$(if $(strip $($(number))),$(eval $(call lade-bpf-take,$(strip $($(number)))))))$\
$(lade-bpf-check)$(lade-bpf-rules)$\
$(eval .DEFAULT_GOAL := $(lade-bpf-goal))
endef

endif
