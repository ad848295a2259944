#!/bin/sh
# Everything that can be said of the code without running it.
set -eu
WARIFU_DATA_DIR=$(mktemp -d)
export WARIFU_MODE=test WARIFU_DATA_DIR
.venv/bin/ruff format --check --quiet src tests tools bench
.venv/bin/ruff check --quiet src tests tools bench
.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports
.venv/bin/mypy
.venv/bin/djlint src/warifu --lint --quiet
.venv/bin/python manage.py makemigrations --check --dry-run
.venv/bin/python tools/coverage_map.py --check
