# What a newcomer needs: make demo, make test. Both set up all they stand on.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
# Seconds that the demo runs.
FOR ?= 30
# How many runs make sim simulates; make test takes SEEDS from the environment, 500 where there is none.
sim: SEEDS ?= 10000
# More arguments for pytest, as in: make test ARGS='-k pacer'
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready
KAFKA_LIBS := .cache/kafka-libs
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

include deploy/supply.mk
include tests/deploy/tools.mk

.PHONY: help setup demo test test-deploy lint types contracts format readme dashboards dashboard-pictures bench bench-rate sim fuzz lock kafka clean

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: $(READY) ## Make .venv with every locked dependency
	@:

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed; name one with PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Run the main job on an embedded broker, for FOR=30 seconds
	@$(BIN)/loops-consumer demo --for $(FOR)

# Every step can fail it; pytest comes last, so that its summary is what one reads.
test: setup lint types contracts kafka ## Run every check and every test, real Kafka included
	$(BIN)/python -m pytest --ignore=tests/deploy $(ARGS)

test-deploy: setup kafka deploy-tools ## Check what is deployed: image, chart, dashboards, alerts, runbook
	$(BIN)/python -m pytest tests/deploy $(ARGS)

lint: setup ## Check style
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup ## Check types
	$(BIN)/mypy

contracts: setup ## Check who imports whom
	$(BIN)/lint-imports --no-cache

format: setup ## Format the code
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

readme: setup ## Write the table of metrics into README.md
	$(BIN)/python -m tests.readme

dashboards: setup ## Write the dashboards' JSON into deploy/grafana
	$(BIN)/python -m deploy.grafana

dashboard-pictures: setup kafka deploy-tools ## Run all that the dashboards show, and draw them
	$(BIN)/python -m pytest tests/deploy/test_dashboards_live.py
	$(BIN)/python -m deploy.grafana.picture .cache/deploy/dashboards.json

bench: setup kafka ## Measure, on a real Kafka, and print the figures
	$(BIN)/python -m tests.bench

bench-rate: setup kafka ## Measure how the team's limit is used, and print the figures
	$(BIN)/python -m tests.bench.rate $(ARGS)

bench-capacity: setup kafka ## Measure what one pod costs, on a real Kafka
	$(BIN)/python -m tests.bench capacity
.PHONY: bench-capacity

# Seconds that the fuzzer runs, over all its targets.
fuzz: SECONDS_IN_ALL ?= 600
fuzz: setup ## Feed made-up bytes to every decoder, for SECONDS_IN_ALL=600 seconds
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS_IN_ALL)

sim: setup ## Simulate SEEDS=10000 runs with faults, and judge them
	$(BIN)/python -m tests.sim --seeds $(SEEDS)

# The second one is the first and what the extra adds; the tests need both.
lock: setup ## Renew the lock files; UPGRADE=1 takes the newest versions
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) -c requirements.lock --extra schema-registry pyproject.toml \
		-o requirements-schema-registry.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) -c requirements-schema-registry.lock --extra schema-registry --extra tracing \
		pyproject.toml -o requirements-image.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) -c requirements-image.lock --extra schema-registry --extra tracing --extra plot \
		--group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) -c requirements-dev.lock --group build -o requirements-build.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) --group policy -o requirements-policy.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) --group supply -o requirements-supply.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) --group fuzz -o requirements-fuzz.lock

# Without Java or Maven the tests that need Kafka are skipped, loudly, by tests/conftest.py; where CI is set, this fails.
kafka: ## Fetch Apache Kafka for the tests
	@if command -v java >/dev/null && command -v mvn >/dev/null; then $(MAKE) $(KAFKA_LIBS)/.ready; \
	elif [ -n "$${CI:-}" ]; then echo 'java and mvn are needed where CI is set' >&2; exit 1; fi

$(KAFKA_LIBS)/.ready: tests/kafka/pom.xml
	rm -rf $(KAFKA_LIBS)
	mvn --quiet --batch-mode --file tests/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(KAFKA_LIBS)
	@touch $@

clean: ## Remove all that was made
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
