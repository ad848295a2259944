#!/bin/sh
# Pin the dependencies with hashes; no index address is written into the files.
set -eu
options="--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet"
.venv/bin/uv pip compile $options requirements/runtime.in -o requirements/runtime.txt "$@"
# pip wants what is asked for with extras (scim2-models: pydantic[email]) pinned with them, and without them too: so
# runtime.txt, which names no extras, is installed together with development.txt.
.venv/bin/uv pip compile $options --no-strip-extras requirements/development.in -c requirements/runtime.txt -o requirements/development.txt "$@"
.venv/bin/uv pip compile $options requirements/card.in -o requirements/card.txt "$@"
.venv/bin/uv pip compile $options bench/requirements.in -o bench/requirements.txt "$@"
