# Everything from a bare Python 3.11 or newer: make builds its own environment in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO ?= clientela-demo

# The data for tests that need more than the demo package brings; without it these tests skip and say so.
ifneq ($(wildcard ../shared/data),)
export CLIENTELA_TEST_DATA ?= $(abspath ../shared/data)
endif

# Once for all the processes that tests start; each would compile what it imports where Python may not write.
COMPILED := $(BIN)/python -m compileall -q -j 2 src/clientela

.DEFAULT_GOAL := help
.PHONY: help assets demo serve test test-all check style types bench docs clean

help: ## show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,demo,sql,connect,mcp]'
	@touch $@

demo: $(INSTALLED) ## the main job on a grocer's published year, in ./clientela-demo
	$(BIN)/clientela demo $(DEMO)

serve: $(INSTALLED) ## the pages of the demo, at http://127.0.0.1:8080
	test -f $(DEMO)/clientela.toml || $(BIN)/clientela demo $(DEMO)
	$(BIN)/clientela serve -w $(DEMO)

assets: $(INSTALLED) ## htmx and the letters of the pages, from npm, checked by hash; the pages work without them
	$(BIN)/python hatch_build.py

test: $(INSTALLED) ## all tests but the slow ones
	$(COMPILED)
	.ci/scratch $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not slow and not spark and not benchmark'

test-all: $(INSTALLED) ## the slow tests too
	$(COMPILED)
	CLIENTELA_TEST_ALL=1 .ci/scratch $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not benchmark'

check: style types ## format, lint, types, layers, docs: changes nothing

style: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/zensical build --clean --strict

types: $(INSTALLED)
	$(BIN)/mypy src/clientela docs/generate.py

bench: $(INSTALLED) ## measure; results go to tests/benchmarks/results
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/pytest -o addopts='--strict-markers --strict-config --import-mode=importlib' -m benchmark -s tests/benchmarks

docs: $(INSTALLED) ## write the reference pages from the code and build the site, every warning an error
	$(BIN)/python docs/generate.py
	$(BIN)/zensical build --clean --strict

clean: ## remove what was built, the environment and the demo
	rm -rf $(VENV) $(DEMO) build dist site .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
