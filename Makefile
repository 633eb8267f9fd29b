# One command for each thing one does. `make help` prints them.
PYTHON ?= python3
PORT ?= 8000
VAR ?= ./var
VENV := .venv
BIN := $(VENV)/bin
OURS := shared services/registry services/meetings services/threat-watch services/notifier deploy/embedded deploy/full
PROJECTS := $(addsuffix /pyproject.toml,$(OURS))
EDITABLE := $(foreach folder,$(OURS),-e ./$(folder))
TESTS ?= tests
WORKERS ?= 2
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help run full up down test check format docs bench chaos screenshots locks clean

help: ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 14

$(VENV)/.runtime: requirements/runtime.txt $(PROJECTS)
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit("Forkant needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: $(VENV)/.runtime ## all of Forkant in one process, on http://127.0.0.1:PORT
	$(BIN)/python -m forkant_embedded --port $(PORT) --var $(VAR)

full: $(VENV)/.runtime ## the real thing without containers: Kafka, PostgreSQL, four services
	$(BIN)/python -m forkant_full --restart --port $(PORT) --var $(VAR)

up: ## the real thing in containers
	docker compose up -d --build --wait

down: ## stop the containers; data stays
	docker compose down

test: $(VENV)/.dev ## every test this machine can run
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile $(TESTS)

check: $(VENV)/.dev ## format, lint, types, import contracts, dependencies, documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

format: $(VENV)/.dev ## put the code in its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev ## write the documents that are made from the code
	$(BIN)/python docs/generate.py

bench: $(VENV)/.dev ## measure, and print beside the floor; all of it, or what is named: make bench triage
	$(BIN)/python -m bench $(BENCHES)

ifeq ($(firstword $(MAKECMDGOALS)),bench)
BENCHES := $(filter-out bench,$(MAKECMDGOALS))
.PHONY: $(BENCHES)
$(BENCHES): ; @:
endif

chaos: $(VENV)/.dev ## kill things for as long as it takes (SEED=1, FAULTS=100; RUNS=500: a notifier at every state of an attempt)
	$(BIN)/python -m tests.chaos --seed $(SEED) $(if $(RUNS),--attempts --runs $(RUNS),--faults $(or $(FAULTS),100))

screenshots: $(VENV)/.dev ## pictures of every page, under tests/browser/screenshots
	FORKANT_SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/browser

locks: ## pin requirements/*.in anew; needs uv on the path
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/runtime.in -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/dev.in -o requirements/dev.txt

clean: ## take away what was built here; data under VAR stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
