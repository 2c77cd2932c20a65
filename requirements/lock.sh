#!/usr/bin/env bash
# Pin every dependency with its hashes for Python 3.11 and later, and name no download address.
# Needs the `uv` command. Run it from the top of the repository: requirements/lock.sh
set -euo pipefail
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-annotate --no-header "$@"
}
compile requirements/build.in pyproject.toml --output-file requirements/agent.txt
compile requirements/build.in pyproject.toml --extra collector --extra metrics --extra postgres \
    --extra probes --output-file requirements/collector.txt
compile requirements/build.in pyproject.toml --all-extras --output-file requirements/dev.txt
# The browser library comes out of a wheel that would drag a web framework in: it is installed
# without its dependencies, from a file of its own.
compile --no-deps requirements/assets.in --output-file requirements/assets.txt
