#!/bin/sh
# The whole suite on SQLite, the journeys in a browser apart, then the rooms, where
# every action and query is, on PostgreSQL.
set -eu
.venv/bin/pytest -q -n 2 --ignore tests/journeys "$@"
.venv/bin/pytest -q -n 2 --dist loadfile tests/journeys "$@"
WARIFU_TEST_DATABASE=postgresql .venv/bin/pytest -q -n 2 tests/rooms "$@"
