# make demo     the whole job on a sample company, start to end
# make test     the tests; T=tests/deciding only those, K=zeros those with that in their name
# make test-fast  those without servers, and one of each file that makes plans; about a minute
# make laws     the laws of the decision on many more worlds
# make mutants  breaks what decides in one place at a time; every fault must be found by a test
# make crash    kills runs 200 times, at journal entries and at random instants, and compares what they leave
# make check    format, lint, types, import contracts, sizes, the pages made from the code
# make site     the pages of docs/ as a site, in .site/
# make bench    figures; nothing here fails on a time
# make lock     pins every dependency again, with hashes

PYTHONS := python3 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for p in $(PYTHONS); do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test test-fast laws mutants crash check site bench lock clean

demo: .venv/.ready
	@$(BIN)/python -m reconcile.demo

# Side by side on all processors, a file of tests at a time: whole files share the systems that they start. Files that take long begin first.
# What plans free of small pieces, glibc keeps at hand: 5 to 10 % of their processor time. Other C libraries do not look at it.
test: export GLIBC_TUNABLES ?= glibc.malloc.tcache_count=4000
test: .venv/.ready-dev
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(T) $(if $(K),-k "$(K)")

test-fast: .venv/.ready-dev
	$(BIN)/python -m pytest --fast -n auto --dist worksteal $(T) $(if $(K),-k "$(K)")

laws: .venv/.ready-dev
	HYPOTHESIS_PROFILE=laws $(BIN)/python -m pytest tests/laws --timeout=0

mutants: .venv/.ready-dev
	$(BIN)/python -m tests.mutation

crash: .venv/.ready-dev
	$(BIN)/python -m tests.crash

check: .venv/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/structure/sizes.py
	$(BIN)/python -m tests.structure.pipeline
	$(BIN)/python -m tests.structure.reference
	$(BIN)/mkdocs build --strict

site: .venv/.ready-dev
	$(BIN)/mkdocs build --strict

bench: .venv/.ready-dev
	$(BIN)/python -m benchmarks

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none of $(PYTHONS) is one."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python requirements.txt pyproject.toml
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

lock:
	$(LOCK) pyproject.toml --extra sandbox requirements-build.in -o requirements.txt
	$(LOCK) pyproject.toml --extra sandbox --extra dev requirements-build.in -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv .site demo .mypy_cache .pytest_cache .ruff_cache .hypothesis
