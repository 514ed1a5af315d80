# Everything here needs Python >= 3.11 and make; "check" and "lock" also need Node.js >= 20.19 with npm.
# make PYTHON=python3.13 ... picks the Python that makes .venv.

VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test check check-code check-contract check-containers check-clients check-fuzz \
	bench fmt lock openapi clean
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/dev.stamp ## virtual environment with everything for development

run: $(VENV)/run.stamp ## server with demo data on 127.0.0.1:8000 (HOST=, PORT=)
	@exec $(BIN)/diaodu serve --demo --host $(HOST) --port $(PORT)

test: $(VENV)/dev.stamp ## all tests (ARGS="-k name" picks some)
	@$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal $(ARGS)

check: check-code check-contract check-containers check-clients check-fuzz ## all that must hold beside the tests

check-code: $(VENV)/dev.stamp ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --cache-dir .cache/import-linter

check-contract: $(VENV)/run.stamp node_modules/stamp ## openapi.json is current and passes both linters
	$(BIN)/diaodu openapi --check
	node_modules/.bin/redocly lint openapi/openapi.json
	node_modules/.bin/spectral lint openapi/openapi.json --fail-severity=error

check-containers: $(VENV)/dev.stamp node_modules/stamp ## Dockerfile and compose file
	$(BIN)/hadolint Dockerfile
	node_modules/.bin/dclint --max-warnings 0 compose.yaml

check-clients: $(VENV)/dev.stamp node_modules/stamp ## generated Python and TypeScript clients against a live server
	$(BIN)/python -m scripts.check_clients

check-fuzz: $(VENV)/dev.stamp ## Schemathesis against a live server
	$(BIN)/python -m scripts.check_fuzz

bench: $(VENV)/dev.stamp ## speed, against the ceiling measured in the same run
	$(BIN)/python -m scripts.bench $(ARGS)

fmt: $(VENV)/dev.stamp ## format, and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/dev.stamp ## write the lock files anew from pyproject.toml and package.json (ARGS=--upgrade)
	sh scripts/lock.sh $(ARGS)
	npm install --package-lock-only

openapi: $(VENV)/run.stamp ## write openapi/openapi.json from the code
	$(BIN)/diaodu openapi --output openapi/openapi.json

clean: ## remove .venv, node_modules, caches and builds; never var/ (the data)
	rm -rf $(VENV) node_modules build dist .cache .hypothesis .import_linter_cache .ruff_cache .schemathesis
	find app scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are older than the lock files whenever the packages have to be looked at again.
LOCKS := requirements.lock requirements-build.lock
SETUP = python="$(PYTHON)"; \
	for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
		[ -n "$$python" ] && break; \
		$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$$candidate; \
	done; \
	[ -n "$$python" ] || { echo "No Python >= 3.11 found. Install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }; \
	$$python scripts/setup_venv.py $(VENV)

$(VENV)/run.stamp: $(LOCKS) pyproject.toml scripts/setup_venv.py
	@$(SETUP) $(LOCKS)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml scripts/setup_venv.py
	@$(SETUP) requirements-dev.lock
	@touch $(VENV)/run.stamp $@

node_modules/stamp: package-lock.json package.json .npmrc
	@command -v npm >/dev/null || { echo "make check needs Node.js >= 20.19 with npm (make run and make test do not)" >&2; exit 1; }
	npm ci --no-progress
	@touch $@
