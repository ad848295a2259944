# Warifu: everything a newcomer or CI needs. `make help` lists the targets.
PORT ?= 8000
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do command -v $$name && break; done)
BIN := .venv/bin
.DEFAULT_GOAL := help
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: help setup system card fuzz demo demo-reset test test-quick check format bench map lock shots messages

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/.ready ## make .venv with everything the project needs

.venv/.ready: requirements/runtime.txt requirements/development.txt pyproject.toml src/warifu_card/pyproject.toml src/warifu_agent/pyproject.toml
	@$(or $(PYTHON),false) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or newer is needed; name it with: make setup PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	@# The lists are complete: nothing is left to resolve. Compiling on all cores halves what pip does on one.
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes -r requirements/runtime.txt -r requirements/development.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e src/warifu_card -e src/warifu_agent
	@$(BIN)/pip check --disable-pip-version-check
	@$(BIN)/python -m compileall -qq -j 0 .venv/lib || true
	@touch $@

messages: setup ## compile the English texts
	@$(BIN)/python tools/compile_messages.py

system: ## install the Debian packages that tests and screenshots need
	@sh tools/system_packages.sh

card: .venv/.card ## install what reads real and virtual cards (pyscard is compiled), and the fuzzer

.venv/.card: requirements/card.txt .venv/.ready | system
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r requirements/card.txt
	@touch $@

fuzz: setup card ## let a fuzzer look for bytes that the card library cannot stand (SECONDS=60)
	@$(BIN)/python tests/card/fuzz_parsers.py -max_total_time=$(or $(SECONDS),60) -print_final_stats=1

demo: setup messages ## serve the main job with demo data on http://localhost:PORT (PORT=8000)
	@$(BIN)/warifu demo --port $(PORT)

demo-reset: setup ## throw the demo data away
	@$(BIN)/warifu demo --reset

test: setup messages system card ## pass every test, on SQLite and on PostgreSQL
	@sh tools/test.sh

test-quick: setup messages card ## the tests without browser and PostgreSQL
	@$(BIN)/pytest -q -n 2 -m "not journey"

check: setup messages ## format, lint, types, corridors, migrations, map
	@sh tools/check.sh

format: setup ## put the code in order
	@$(BIN)/ruff format src tests tools bench
	@$(BIN)/ruff check --fix --quiet src tests tools bench

map: setup ## write docs/coverage.md: which tests show which seed items and rules
	@$(BIN)/python tools/coverage_map.py

bench: setup ## measure the hot paths beside their peers, as JSON lines
	@$(BIN)/python -m bench

shots: setup messages system ## take the README's screenshots anew
	@$(BIN)/python tools/take_shots.py

lock: setup ## pin the dependencies anew, with hashes and without host names
	@sh tools/lock.sh
