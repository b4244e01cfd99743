# Two commands do all the set-up on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
SECONDS ?= 600
LOCK = $(VENV)-supply/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command 'make lock'

.PHONY: help demo test lint types contracts unit audit sbom lock bench fuzz cadence people calibration analogue docs deb wheel format clean

help: ## List what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.installed ## Run the whole mat on virtual hardware: broker, person, page, terminal (ARGS="--speed 20" for more)
	@exec $(BIN)/qlmat demo $(ARGS)

test: $(VENV)/.tested ## Install what the tests need, then lint, type check, import contracts and tests
	@bash .ci/audit $(BIN)/python || true
	@$(MAKE) --no-print-directory lint types contracts unit

lint: $(VENV)/.tested ## Style and common mistakes (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tested ## Static types (mypy, strict)
	$(BIN)/mypy

contracts: $(VENV)/.tested ## Who may import whom (import-linter)
	$(BIN)/lint-imports

unit: $(VENV)/.tested ## All tests, in virtual time
	$(BIN)/pytest -n auto $(ARGS)

bench: $(VENV)/.tested ## Measured claims: pipeline speed and its share of a core
	$(BIN)/python -m bench.pipeline $(ARGS)

cadence: $(VENV)/.tested ## Cadence beside its peers, one knee, latency: tables and pictures of docs/cadence.md
	@mkdir -p out/cadence
	$(BIN)/python -m bench.cadence --json out/cadence/cadence.json
	$(BIN)/python -m bench.cadence_person --json out/cadence/person.json
	$(BIN)/python -m bench.cadence_latency --json out/cadence/latency.json
	$(BIN)/python -m bench.cadence_page --cadence out/cadence/cadence.json --person out/cadence/person.json --latency out/cadence/latency.json
	$(BIN)/python -m bench.cadence_pictures

reliability: $(VENV)/.tested packages ## Break everything on purpose and count, two hours (ARGS="--kills 20" for a part)
	@mkdir -p out
	nice $(BIN)/python -m bench.reliability --json out/reliability.json $(ARGS)

people: $(VENV)/.tested ## Ten recorded people through FSR model, emulated ADC and driver, against their thigh
	$(BIN)/python -m bench.people $(ARGS)

calibration: $(VENV)/.tested ## 200 random mats calibrated at home and used: force, centre and drift, beside the tutorials' recipe
	$(BIN)/python -m bench.calibration $(ARGS)

analogue: $(VENV)/.tested packages ## The analogue front end in SPICE: table, and plots in out/
	$(BIN)/python -m bench.analogue $(ARGS)

fuzz: $(VENV)/.tested ## Millions of mutated inputs against all that reads them (SECONDS=600, on x86-64)
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[fuzz]'
	$(BIN)/python -m fuzz --seconds $(SECONDS) $(ARGS)

docs: $(VENV)/.tested ## Build the documentation into site/; it is read without a server and without a network
	$(BIN)/python docs/drawings.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

deb: ## Build the Debian package for this release of Debian into dist/ (as root, in a tree or on a Pi)
	bash packaging/build_deb.sh

wheel: $(VENV)/.tested sbom ## Build the wheel into dist/, with its bill of materials; the same commit gives the same bytes
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) QLMAT_REQUIRE_CHART=1 \
	  $(BIN)/pip wheel -q --no-deps --no-build-isolation -w dist .
	@cd dist && sha256sum qlmat-*.whl

sbom: $(VENV)/.tested $(VENV)-supply/.installed ## Write the bill of materials (CycloneDX) of what a wheel needs into dist/
	@$(BIN)/python packaging/bill.py requirements/release.txt dist/qlmat.cdx.json

audit: $(VENV)/.tested ## Ask OSV for known weaknesses of what we depend on; says so when it cannot be asked
	@bash .ci/audit $(BIN)/python

lock: $(VENV)-supply/.installed ## Choose the versions of all dependencies anew and write their hashes into requirements/
	$(LOCK) --extra test --extra bench -o requirements/test.txt pyproject.toml requirements/build.in
	$(LOCK) -o requirements/release.txt pyproject.toml
	$(LOCK) -o requirements/supply.txt requirements/supply.in

format: $(VENV)/.tested ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove what was built, the virtual environment too
	rm -rf $(VENV) $(VENV)-supply dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: packages
packages:
	@bash .ci/packages chromium libatomic1 libpango-1.0-0 libpangoft2-1.0-0 mosquitto ngspice systemd

# pip is asked twice on purpose: once for those who only run, once for those who test.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "qlmat: $(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || bash .ci/packages python3-venv
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@command -v npm >/dev/null || bash .ci/packages libatomic1 || echo "qlmat: going on without it: the page draws a plainer chart."
	@echo "Installing QL Mat into $(VENV) ..."
	@$(BIN)/pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.tested: $(VENV)/bin/python pyproject.toml requirements/test.txt | packages
	@echo "Installing QL Mat and its test tools into $(VENV) ..."
	@bash .ci/locked $(BIN)/python requirements/test.txt 'hatchling>=1.25' 'editables>=0.5' -e '.[test,bench]'
	@$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@ $(VENV)/.installed

$(VENV)-supply/.installed: $(VENV)/bin/python requirements/supply.txt
	@$(BIN)/python -m venv $(VENV)-supply
	@bash .ci/locked $(VENV)-supply/bin/python requirements/supply.txt
	@touch $@
