#!/bin/sh
# Writes the three lock files for every platform and Python >= 3.11, with hashes and without addresses.
# Pins that still fit are kept; "sh scripts/lock.sh --upgrade" takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"

compile() {
    output="$1"
    shift
    "$uv" pip compile pyproject.toml --no-config --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" --output-file "$output" "$@"
}

# The full set first; the smaller ones are parts of it, so all three agree on every version.
compile requirements-dev.lock --group dev --group build "$@"
compile requirements.lock --constraint requirements-dev.lock
"$uv" pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
    --custom-compile-command "make lock" --constraint requirements-dev.lock \
    --group build --output-file requirements-build.lock
