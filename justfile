# One command for each habit: `just` lists them. They use .venv, and make it where there is none.
# A word after the name goes on to the tool: just test tests/ledger -n 0

set shell := ["bash", "-euo", "pipefail", "-c"]

python := ".venv/bin/python"
compile := "pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --custom-compile-command 'just lock'"

[private]
default:
    @{{ just_executable() }} --list --unsorted

# Everything a contributor must see
test *options: environment
    {{ python }} -m pytest {{ options }}

# Tests that start no process, server, browser or database
fast *options: environment
    {{ python }} -m pytest -m fast {{ options }}

# Look for mistakes and for what is not formatted
lint: environment
    {{ python }} -m ruff check .
    {{ python }} -m ruff format --check .

# Format, and mend what can be mended without a person
format: environment
    {{ python }} -m ruff check --fix .
    {{ python }} -m ruff format .

# Check the types
types *options: environment
    {{ python }} -m mypy {{ options }}

# Build the site of documents into site/, with strict links
docs: (tools "docs" "-r requirements-docs.txt")
    NO_MKDOCS_2_WARNING=1 .venv-docs/bin/python -m mkdocs build --strict -q

# Crawl a made-up Thingiverse in an empty folder, without token and internet
demo: environment
    folder=$(mktemp -d) && cd "$folder" && "{{ justfile_directory() }}/.venv/bin/scrapy" demo && echo "in $folder"

# What a crawl costs: small and inexact, nothing is written
bench *options="--quick": environment
    {{ python }} -m benchmarks {{ options }}

# How much of the core the tests run, with the floor of pyproject.toml; slower than the tests alone
coverage *options: (tools "coverage" "-r requirements-dev.txt coverage")
    rm -f .coverage .coverage.*
    .venv-coverage/bin/python -m coverage run -m pytest {{ options }}
    .venv-coverage/bin/python -m coverage combine -q
    .venv-coverage/bin/python -m coverage report --skip-covered --sort=cover

# Change the decisions of policies/outcome.py and backoff.py, line by line: a test must notice each change
mutants: (tools "mutants" "-r requirements-dev.txt mutmut")
    rm -rf mutants
    .venv-mutants/bin/python -m mutmut run
    ! .venv-mutants/bin/python -m mutmut results | grep .

# Build wheel and sdist into dist/, and say in sbom.json what the lock holds
release: (tools "release" "build cyclonedx-bom")
    rm -rf dist build
    .venv-release/bin/python -m build
    .venv-release/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o sbom.json requirements.lock

# Write the locks anew, with the newest releases that the ranges allow
lock: (tools "lock" "uv")
    .venv-lock/bin/uv {{ compile }} requirements-dev.txt -o requirements-dev.lock
    .venv-lock/bin/uv {{ compile }} requirements.txt -c requirements-dev.lock -o requirements.lock

# Let git check lint, types and layers before each commit
hooks: environment (tools "hooks" "pre-commit")
    .venv-hooks/bin/pre-commit install

# Make .venv, as the README does
environment:
    @[ -x .venv/bin/pytest ] || { python3 -m venv .venv && {{ python }} -m pip install -q -r requirements-dev.txt; }

# .venv-NAME, for tools that the tests do not need
[private]
tools name packages:
    @[ -x .venv-{{ name }}/bin/python ] || python3 -m venv .venv-{{ name }}
    @.venv-{{ name }}/bin/python -m pip install -q {{ packages }}
