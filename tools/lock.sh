#!/bin/sh
# Pin the dependencies with hashes; no index address is written into the files.
set -eu
options="--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet"
.venv/bin/uv pip compile $options requirements/runtime.in -o requirements/runtime.txt "$@"
.venv/bin/uv pip compile $options requirements/development.in -c requirements/runtime.txt -o requirements/development.txt "$@"
.venv/bin/uv pip compile $options bench/requirements.in -o bench/requirements.txt "$@"
