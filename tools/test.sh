#!/bin/sh
# The whole suite on SQLite, the journeys in a browser apart, then the rooms, where
# every action and query is, on PostgreSQL. The product is compiled first: its commands
# start a hundred times.
set -eu
.venv/bin/python -m compileall -q src
.venv/bin/pytest -q -n 2 --dist worksteal --ignore tests/journeys "$@"
.venv/bin/pytest -q -n 2 --dist loadfile --no-loadscope-reorder tests/journeys "$@"
WARIFU_TEST_DATABASE=postgresql .venv/bin/pytest -q -n 2 --dist worksteal tests/rooms "$@"
