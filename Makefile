# `make help` lists the commands. Every target does its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILT := src/haidang/foundation/ui/static/ui/build/manifest.json
SOURCES := src tests bench conftest.py

.PHONY: help demo test check fix bench up system lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.runtime $(BUILT) ## run the platform with the demo province at http://127.0.0.1:8000
	$(BIN)/haidang demo --data-dir var/demo

up: $(VENV)/.runtime $(BUILT) ## run the platform with its own empty data folder
	$(BIN)/haidang up

test: $(VENV)/.dev $(BUILT) system ## everything from a fresh machine to the green test suite
	$(BIN)/pytest -n 2 --dist loadfile -m "not processes and not browser" -rsfE
	$(BIN)/pytest -n 2 --dist loadfile -m "browser and not processes" -rsfE
	$(BIN)/pytest -m processes -rsfE

check: $(VENV)/.dev ## lint, format, types, walls between domains, templates, migrations
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/mypy src/haidang
	$(BIN)/djlint --check --lint --quiet src
	$(BIN)/python -m bench.house

fix: $(VENV)/.dev ## format and mend what a machine can mend
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/djlint --reformat --quiet src || true

bench: $(VENV)/.dev $(BUILT) system ## benchmarks side by side; BENCH=name runs one
	$(BIN)/python -m bench $(BENCH)

system: ## Debian packages that real tests use, where this user may install them
	@tools/system-packages

lock: $(VENV)/.dev ## lock the requirements again, without any index address
	cd requirements && ../$(BIN)/uv pip compile -q --no-emit-index-url --no-header --upgrade runtime.in -o runtime.txt
	cd requirements && ../$(BIN)/uv pip compile -q --no-emit-index-url --no-header --upgrade dev.in -o dev.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check -r requirements/runtime.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/pip install -q --disable-pip-version-check -r requirements/dev.txt
	@touch $@

node_modules/.installed: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(BUILT): node_modules/.installed $(shell find frontend -type f 2>/dev/null)
	npm run --silent build
	@touch $@

clean: ## remove what was built; data in var/ stays
	rm -rf $(VENV) node_modules build src/haidang/foundation/ui/static/ui/build
