# What one needs day to day. `make run` and `make test` set up what is missing first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= data
DEMO_DIR ?= demo
# Tests of the source tree alone.
CHECKS := $(addprefix tests/unit/test_,architecture.py contracts.py dbt_project.py dbt_sql_portability.py docs.py)
# Tests run in as many processes as there are cores; each takes from the other's when it is done.
SPREAD := -n auto --maxprocesses 4 --dist worksteal
TESTS ?= tests/unit tests/integration tests/reliability

# Apache Spark as the engine (docs/cluster.md): other versions of some packages, in an environment of its own.
CLUSTER := .venv-cluster

.PHONY: help run demo test test-fast test-spark coverage lint check format generate lock bench dev clean

help:
	@echo "make run       set up, load the sample submissions into ./$(HOME_DIR), print the indicators"
	@echo "make demo      the same with a made-up county of every dataset, in ./$(DEMO_DIR)"
	@echo "make test      set up, run every test"
	@echo "make test-fast the same without the slow ones"
	@echo "make test-spark a load on Apache Spark against one on DuckDB (Java 17; minutes)"
	@echo "make coverage  the unit tests with the coverage floor of pyproject.toml"
	@echo "make lint      ruff and mypy over the code"
	@echo "make check     contracts, models, generated files and docs, in under a minute, without a load"
	@echo "make format    let ruff rewrite the code"
	@echo "make generate  write the files that follow from contracts, models and definitions"
	@echo "make lock      resolve requirements.lock anew from pyproject.toml"
	@echo "make bench     the benchmarks (minutes)"
	@echo "make dev       Dagster's web UI over ./$(HOME_DIR)"

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 13) else "Python 3.11 or 3.12 is needed; set PYTHON=/path/to/python3.11")'
	@echo "setting up $(VENV) (once, one to three minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || (echo "on Debian: apt-get install python3-venv"; exit 1)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@# Workers may write no file: without this each of them would compile what it imports.
	@$(BIN)/python -m compileall -q sources warehouse orchestration
	@touch $@

$(CLUSTER)/.installed: requirements-cluster.lock pyproject.toml
	@echo "setting up $(CLUSTER) (once, minutes: PySpark has 400 MB)"
	@test -x $(CLUSTER)/bin/python || $(PYTHON) -m venv $(CLUSTER)
	@$(CLUSTER)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-cluster.lock
	@$(CLUSTER)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(VENV)/.installed
	@$(BIN)/eco init --home $(HOME_DIR) --demo
	@$(BIN)/eco nightly --home $(HOME_DIR)
	@$(BIN)/eco status --home $(HOME_DIR) --indicators
	@echo "These are the figures that the county's two plans print for 2016 to 2020, and no others: make demo shows a made-up county with all of them."

demo: $(VENV)/.installed
	@$(BIN)/eco init --home $(DEMO_DIR) --demo full
	@$(BIN)/eco nightly --home $(DEMO_DIR)
	@$(BIN)/eco status --home $(DEMO_DIR) --indicators
	@echo "All of these figures are made up; the report says so on every page: $(DEMO_DIR)/published/report/index.html"

test: $(VENV)/.installed
	$(BIN)/python -m pytest $(SPREAD) $(TESTS)

test-fast: $(VENV)/.installed
	$(BIN)/python -m pytest $(SPREAD) $(TESTS) -m "not slow"

test-spark: $(CLUSTER)/.installed
	ECO_SPARK=1 $(CLUSTER)/bin/python -m pytest -p no:cacheprovider tests/cluster

coverage: $(VENV)/.installed
	$(BIN)/python -m pytest $(SPREAD) --cov --cov-report=term tests/unit

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: $(VENV)/.installed
	$(BIN)/eco check
	$(BIN)/python -m pytest -q -p no:cacheprovider $(CHECKS)

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: $(VENV)/.installed
	$(BIN)/python -m orchestration.project.generate

COMPILE := pip-compile --quiet pyproject.toml --extra dev --generate-hashes --allow-unsafe --no-strip-extras \
	--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: $(VENV)/.installed
	$(BIN)/$(COMPILE) --output-file requirements.lock
	$(BIN)/$(COMPILE) --extra cluster --output-file requirements-cluster.lock

bench: $(VENV)/.installed
	@for file in tests/benchmarks/[a-z]*.py; do \
		echo "== $$file"; $(BIN)/python -m tests.benchmarks.$$(basename $$file .py) || exit 1; done

dev: $(VENV)/.installed
	$(BIN)/eco dev --home $(HOME_DIR)

clean:
	rm -rf $(VENV) $(CLUSTER) dbt_project/target *.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache
