#!/bin/sh
# The whole suite on SQLite, then everything that touches the database once more on PostgreSQL.
set -eu
.venv/bin/pytest -q -n 2 "$@"
WARIFU_TEST_DATABASE=postgresql .venv/bin/pytest -q -n 2 tests/rooms tests/doors "$@"
