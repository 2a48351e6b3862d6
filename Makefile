# The contributor's index: `make` lists the targets. Variables may be given on the command line: make run PORT=9000
HOST ?= 127.0.0.1
PORT ?= 8080
SERVE_FLAGS ?=
DATA ?= ../shared/data/all-taleqani
OUT ?= runs/release
TRAIN_FLAGS ?= --config Recipes/release.json --name release
INFERENCE_FLAGS ?=
TRAINING_FLAGS ?=
SERVING_FLAGS ?=
CASEWORK_FLAGS ?=
PAGE_WEIGHT_FLAGS ?= --model Models/demonstration
FIRST ?= 0
SEEDS ?= 100000
SIMULATE_FLAGS ?=
ASSURANCE_FLAGS ?= --all
SANITIZER ?= address
SANITIZED_address := NativeCallsTests FormatsTests ImagingTests InferenceTests MailTests PackagingTests ScreeningReportsTests StoreTests
SANITIZED_thread := OffloadingTests CaseworkTests StoreTests TelemetryTests WebTests
FUZZ_FLAGS ?=
MUTATION_FLAGS ?=
CLUSTER_MINUTES ?= 10
CLUSTER_FLAGS ?=

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.NOTPARALLEL:

DEPS := $(or $(LEUKOSCOPE_DEPS),$(CURDIR)/.deps)
PYTHON := $(or $(LEUKOSCOPE_PYTHON),python3)
WITH_WHEELS := PYTHONPATH="$(DEPS)/python" PYTHONDONTWRITEBYTECODE=1
BINARIES := $(CURDIR)/.build/release
# One set of flags for all that is built, so that running and testing share what was compiled.
export LEUKOSCOPE_BUILD_FLAGS := -c release -debug-info-format none
SWIFT_BUILD := swift build $(LEUKOSCOPE_BUILD_FLAGS)
SWIFT_TEST := swift test $(LEUKOSCOPE_BUILD_FLAGS) --disable-testable-imports --disable-xctest
BROWSER_TESTS := $(wildcard Tests/Browser/test_*.py)
SERVER_TESTS := $(wildcard Tests/Server/test_*.py)
DOCUMENTED := $(basename $(notdir $(wildcard Sources/*/*.docc)))

.PHONY: help run test checked-build build lint bench browser-test cluster cluster-bench robustness simulate assurance mutation fuzz sanitize coverage train docs package \
	package-lab package-test sbom clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## build the server and open it on http://127.0.0.1:8080 (HOST, PORT, SERVE_FLAGS)
	@Scripts/bootstrap.sh run $(SWIFT_BUILD) --product leukoscope
	exec "$(BINARIES)/leukoscope" serve --host "$(HOST)" --port "$(PORT)" $(SERVE_FLAGS)

test:  ## everything CI checks: format, imports, figures, build, browser tests, server tests, Swift tests
	@Scripts/bootstrap.sh test $(MAKE) --no-print-directory checked-build
	$(package_checks)
	$(fuzz_commands)
	$(if $(BROWSER_TESTS),$(browser_commands))
	$(if $(SERVER_TESTS),$(server_commands))
	$(swift_test_commands)

# What begins as soon as compilers, Python and wheels are there, beside the rest of the setting up.
checked-build:
	$(lint_commands)
	$(build_commands)

build:  ## build both programs and the tests, optimised
	@Scripts/bootstrap.sh test
	$(build_commands)

lint:  ## check the format of all Swift files, the import graph, its picture, the examples, the figures in the documents, and the reading age of the texts
	@$(lint_commands)

bench:  ## measure against the peers and write docs/benchmarks.md (INFERENCE_FLAGS, TRAINING_FLAGS, SERVING_FLAGS, CASEWORK_FLAGS, PAGE_WEIGHT_FLAGS)
	@Scripts/bootstrap.sh bench
	$(PYTHON) Benchmarks/install_peers.py
	$(SWIFT_BUILD)
	$(WITH_WHEELS) $(PYTHON) Benchmarks/inference.py $(INFERENCE_FLAGS)
	$(WITH_WHEELS) $(PYTHON) Benchmarks/training.py $(TRAINING_FLAGS)
	$(PYTHON) Benchmarks/training_processes.py
	$(WITH_WHEELS) $(PYTHON) Benchmarks/serving.py $(SERVING_FLAGS)
	$(WITH_WHEELS) $(PYTHON) Benchmarks/decoding.py
	$(WITH_WHEELS) $(PYTHON) Benchmarks/casework.py $(CASEWORK_FLAGS)
	$(WITH_WHEELS) $(PYTHON) Benchmarks/photograph.py
	$(PYTHON) Benchmarks/slides.py
	$(WITH_WHEELS) $(PYTHON) Benchmarks/page_weight.py $(PAGE_WEIGHT_FLAGS)
	$(WITH_WHEELS) $(PYTHON) Benchmarks/poor_network.py
	$(PYTHON) Benchmarks/first_start.py
	$(PYTHON) Benchmarks/report.py

browser-test:  ## drive the built server in a real browser
	@Scripts/bootstrap.sh test
	$(if $(BROWSER_TESTS),,echo "Tests/Browser holds no test_*.py" >&2; exit 1)
	$(SWIFT_BUILD) --product leukoscope
	$(browser_commands)

cluster:  ## several nodes on this machine, of each kind one killed or held under load, for CLUSTER_MINUTES=10: Tests/Cluster
	@Scripts/bootstrap.sh test
	$(SWIFT_BUILD) --product leukoscope
	$(WITH_WHEELS) LEUKOSCOPE_BINARY="$(BINARIES)/leukoscope" LEUKOSCOPE_CLUSTER_MINUTES=$(CLUSTER_MINUTES) \
	    $(PYTHON) -m unittest discover -s Tests/Cluster

cluster-bench:  ## what several nodes cost, the queue at a million, and what many nodes would carry; writes docs/benchmarks.md (CLUSTER_FLAGS)
	@Scripts/bootstrap.sh test
	$(SWIFT_BUILD)
	$(WITH_WHEELS) LEUKOSCOPE_BINARY="$(BINARIES)/leukoscope" $(PYTHON) Benchmarks/cluster.py $(CLUSTER_FLAGS)
	$(PYTHON) Benchmarks/report.py

robustness:  ## kill server and MariaDB 50 times, send 1,000 malformed requests, end 1,000 runs: the long form of Tests/Server
	@Scripts/bootstrap.sh test
	$(SWIFT_BUILD) --product leukoscope
	LEUKOSCOPE_ROBUSTNESS=full $(server_commands)

simulate:  ## simulate faults over the real use cases: SEEDS=100000, or FIRST=… SEEDS=1 SIMULATE_FLAGS=--trace to see one again
	@Scripts/bootstrap.sh test
	$(SWIFT_BUILD) --product leukoscope-simulate
	exec "$(BINARIES)/leukoscope-simulate" --first $(FIRST) --seeds $(SEEDS) $(SIMULATE_FLAGS)

fuzz:  ## feed every reader of outside bytes with made-up inputs under AddressSanitizer (FUZZ_FLAGS: --seconds, --runs, --parser, --replay)
	@Scripts/bootstrap.sh test
	$(PYTHON) Scripts/fuzz.py $(FUZZ_FLAGS)

assurance:  ## the long runs, each to be stopped and gone on with; writes docs/results/assurance.json and its table (ASSURANCE_FLAGS)
	@Scripts/bootstrap.sh test
	$(SWIFT_BUILD) --product leukoscope
	$(SWIFT_BUILD) --product leukoscope-simulate
	$(WITH_WHEELS) LEUKOSCOPE_BINARY="$(BINARIES)/leukoscope" $(PYTHON) Scripts/assurance.py $(ASSURANCE_FLAGS)

mutation:  ## put small faults into the code and see whether a test fails; writes docs/mutation.md (MUTATION_FLAGS)
	@Scripts/bootstrap.sh test
	$(PYTHON) Scripts/mutate.py $(MUTATION_FLAGS)

sanitize:  ## the tests of native code under AddressSanitizer, or of the server under ThreadSanitizer (SANITIZER=thread); a build of its own
	@Scripts/bootstrap.sh test
	ASAN_OPTIONS=detect_leaks=0 $(WITH_WHEELS) swift test -c release --sanitize=$(SANITIZER) --scratch-path .build/$(SANITIZER) \
	    --disable-testable-imports --disable-xctest $(SANITIZED_$(SANITIZER):%=--filter '^%\.')

coverage:  ## which lines and branches of the Swift sources the tests run; a whole build of its own; writes docs/coverage.md
	@Scripts/bootstrap.sh test
	$(WITH_WHEELS) $(PYTHON) Scripts/coverage.py

train:  ## train the release architecture on labelled folders (DATA, OUT, TRAIN_FLAGS)
	@Scripts/bootstrap.sh test
	$(SWIFT_BUILD) --product leukoscope-lab
	exec "$(BINARIES)/leukoscope-lab" train --data "$(DATA)" --out "$(OUT)" $(TRAIN_FLAGS)

docs:  ## build the documentation of the modules with a catalogue into .build/documentation
	@Scripts/bootstrap.sh test
	mkdir -p .build/documentation
	for module in $(DOCUMENTED); do  # beside the build, whose settings are others
	    LEUKOSCOPE_DOCS=1 swift package -c release --scratch-path .build/for-documentation \
	        --allow-writing-to-directory .build/documentation generate-documentation --target $$module \
	        --output-path .build/documentation/$$module
	done

package:  ## make a Debian package of the server in .build/packages, which needs no compiler and no Python
	@Scripts/bootstrap.sh package $(SWIFT_BUILD) --product leukoscope
	$(PYTHON) Scripts/package.py

package-lab:  ## make Debian packages of both programs in .build/packages
	@Scripts/bootstrap.sh test
	@Scripts/bootstrap.sh package $(SWIFT_BUILD) --product leukoscope
	$(SWIFT_BUILD) --product leukoscope-lab
	$(PYTHON) Scripts/package.py --lab

package-test:  ## make a Debian package, install it into a bare Debian 12, use it, upgrade it, and remove it (as root)
	@Scripts/bootstrap.sh package $(SWIFT_BUILD) --product leukoscope
	$(PYTHON) -m unittest discover -s Tests/Package -p installation.py

sbom:  ## write the bill of materials to .build/sbom.cdx.json (CycloneDX)
	@mkdir -p .build
	$(PYTHON) Scripts/sbom.py >.build/sbom.cdx.json

clean:  ## remove what was built; .deps with the unpacked wheels stays
	rm -rf .build

define lint_commands
swift format lint --strict --recursive Sources Tests Package.swift
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/check_imports_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/check_imports.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/check_options_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/check_options.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/pins_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/pins.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/requirements_trace_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/requirements_trace.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/graph_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/graph.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/examples_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/examples.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/results_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/watch_trial_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/assurance_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/assurance.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/audit_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/keys_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/passwords_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/postcodes_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/places_india_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/reading_age_test.py
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/reading_age.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/results.py --check
endef

# After the build, since only then it is known what was resolved.
define package_checks
PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/pins.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Scripts/sbom.py --check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m unittest discover -s Tests/Package
endef

# The libtorch tests compute for minutes on the threads that all tests share, and the tests of commands start programs that
# train: they run by themselves, and so do the tests of pages, whose clients wait for no more than seconds. What failed is
# told once more at the end, where a long log is read first.
define swift_test_commands
for part in "--filter TorchTests" "--filter CommandTests" "--filter WebTests" \
	        "--skip TorchTests --skip CommandTests --skip WebTests"; do
	    $(WITH_WHEELS) $(SWIFT_TEST) --skip-build $$part </dev/null 2>&1 | tee .build/tests.log \
	        || { status=$$?; grep -F '✘' .build/tests.log | tail -n 100; exit $$status; }
	done
endef

# No test looks into a module by `@testable`, which would keep the compiler from leaving out what nothing uses. The suites of
# Tensors are over in no time: they make `swift test` build all others.
define build_commands
$(SWIFT_BUILD)
	$(SWIFT_TEST) --filter TensorsTests </dev/null
endef

# A short run, the same each time on a fresh machine; the building takes most of it.
define fuzz_commands
$(PYTHON) Scripts/fuzz.py --runs 5000 --seconds 10 --seed 1
endef

define browser_commands
$(WITH_WHEELS) LEUKOSCOPE_BINARY="$(BINARIES)/leukoscope" $(PYTHON) -m unittest discover -s Tests/Browser
endef

define server_commands
$(WITH_WHEELS) LEUKOSCOPE_BINARY="$(BINARIES)/leukoscope" $(PYTHON) -m unittest discover -s Tests/Server
endef
