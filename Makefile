# Every target does the set-up it needs; a fresh machine has Python 3.11, make and git.

STUDY ?= demo
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV = $(shell command -v uv || echo $(BIN)/uv)
# `make -j2 report` builds two reports side by side; without -j, one per core.
JOBS = $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),$(shell nproc 2>/dev/null || echo 2))
TEST_WORKERS ?= 2
QUICK = not slow and not soak and not spark and not browser
# The workers of one run share the cores: their libraries must not start threads of their own.
test test-fast coverage: export OMP_NUM_THREADS = 1
test test-fast coverage: export OPENBLAS_NUM_THREADS = 1
# Builds and tests start many Python processes, and each would compile every library anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup spark docs lab data report test test-fast test-spark coverage lint type bench calibrate mutants soak reference messages lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## Make the virtual environment from the hashed lock, with the kit's kernel

$(VENV)/.ready: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes requirements.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m ipykernel install --sys-prefix --name cxresearch --display-name cxresearch >/dev/null
	@$(BIN)/python -m cxresearch.report.saving
	@touch $@

messages: setup ## Write what each language has not translated into its catalogues, and name it
	@$(BIN)/python -m tests.messages

spark: setup ## Add Spark (400 MB; it needs Java), for CX_ENGINE=spark and its tests
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements-spark.lock

test-spark: spark ## Run the tests that need Spark; they are skipped without Java
	@$(BIN)/python -m pytest -m spark tests/journeys tests/findings

lab: setup data ## Open JupyterLab with the kit's kernel (LAB_OPTIONS="--port=9999")
	@$(BIN)/jupyter lab $(LAB_OPTIONS)

# The simulator writes truth.json last; the other files are looked for lest one was deleted.
DEMO := $(addprefix data/demo/,events.parquet orders.csv order_lines.csv deliveries.csv surveys.csv \
  feedback.csv tickets.csv exposures.csv messages.parquet marketing.csv customers.csv \
  codes_first.csv codes_second.csv emotions_first.csv emotions_second.csv decisions.csv)

data: $(DEMO) ## Write the demo study from its seed

data/demo/truth.json: $(VENV)/.ready $(wildcard cxresearch/simulate/* cxresearch/simulate/words/*)
	@$(BIN)/python -m cxresearch.simulate data/demo
	@touch $@

$(DEMO): | data/demo/truth.json
	@test -f $@ || $(BIN)/python -m cxresearch.simulate data/demo

report: setup $(if $(filter demo,$(STUDY)),data) ## Build the reports of STUDY (default demo) that changed; -jN for N at a time
	@exec $(BIN)/cxresearch report $(STUDY) --jobs $(JOBS)

test: setup data ## Run every test but the long ones
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile -m "not soak and not spark"

# What builds no report, drives no browser and loads no study: the arithmetic of the rooms.
FAST = tests/core tests/stats tests/survey tests/plots tests/test_layers.py

test-fast: setup data ## Run the quick tests: core, statistics, surveys, figures, layers
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal -m "$(QUICK)" $(FAST)

coverage: setup data ## Run the same, and say which lines they reach; fail below the share in pyproject.toml
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -p no:xdist -m "$(QUICK)" $(FAST)
	@$(BIN)/coverage report --skip-covered --sort=cover

lint: setup ## Check style and format, notebooks included
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

type: setup ## Check the types of the package
	@$(BIN)/mypy

bench: setup ## Measure speed beside others and write docs/benchmarks.md (SIZE=50 for 50 million rows and 500,000 texts)
	@$(BIN)/python -m tests.bench $(if $(SIZE),--size $(SIZE))

calibrate: setup ## Measure how often the intervals hold the truth, and write docs/validity.md (SECTION=value for one)
	@$(BIN)/python -m cxresearch.calibrate $(SECTION)

docs: setup ## Write the documentation into docs/_site, to be read offline
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements-docs.lock
	@$(BIN)/python -m sphinx --quiet --fail-on-warning --builder html --doctree-dir docs/_site/.doctrees docs docs/_site
	@echo docs/_site/index.html

mutants: setup data ## Plant faults one at a time; the tests of their own room must notice each
	@$(BIN)/python -m tests.mutants

soak: setup data ## Run the long fault tests
	@$(BIN)/python -m pytest -m soak tests/soak

reference: setup data ## Run the notebooks on the demo study and keep them as the reference
	@$(BIN)/python -m tests.reference.refresh
	@$(BIN)/python -m tests.docs.refresh

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url \
  --no-annotate --no-header --python-version 3.11 --upgrade

lock: setup ## Resolve the locks anew for every platform, with hashes
	@$(COMPILE) --extra dev pyproject.toml -o requirements.lock
	@printf '%s\n' furo myst-parser sphinx | $(COMPILE) --constraint requirements.lock - -o requirements-docs.lock
	@echo 'pyspark>=4' | $(COMPILE) --constraint requirements.lock - -o requirements-spark.lock

clean: ## Remove what can be built again, but not the virtual environment
	@rm -rf reports/* docs/_site docs/_reference data/*/.cache data/*/quarantine .pytest_cache .mypy_cache .ruff_cache
	@git clean -fdXq data/demo
