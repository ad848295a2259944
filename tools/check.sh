#!/bin/sh
# Everything that can be said of the code without running it. The types take longest and are looked at beside the rest.
set -eu
WARIFU_DATA_DIR=$(mktemp -d)
export WARIFU_MODE=test WARIFU_DATA_DIR
.venv/bin/mypy >"$WARIFU_DATA_DIR/types" 2>&1 &
types=$!
trap 'kill $types 2>/dev/null || true; rm -rf "$WARIFU_DATA_DIR"' EXIT
.venv/bin/ruff format --check --quiet src tests tools bench
.venv/bin/ruff check --quiet src tests tools bench
.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports
.venv/bin/djlint src/warifu --lint --quiet
.venv/bin/python manage.py makemigrations --check --dry-run
.venv/bin/python tools/coverage_map.py --check
wait $types || { cat "$WARIFU_DATA_DIR/types"; exit 1; }
cat "$WARIFU_DATA_DIR/types"
