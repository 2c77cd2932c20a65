# wanwatch: every task a newcomer needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= var
LISTEN ?= 127.0.0.1:8440

# `WHEELHOUSE=DIR` installs from a folder of wheels with the network off.
ifdef WHEELHOUSE
PIP_SOURCE := --no-index --find-links $(WHEELHOUSE)
endif
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_SOURCE)

.DEFAULT_GOAL := help
.PHONY: help setup setup-agent setup-dev setup-services run demo check lint types test wheelhouse bench bench-load bench-desk screenshots dashboards clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "wanwatch needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.11 setup"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# $(1) is the requirements file; the project itself goes in last, in place, without dependencies.
define install
	$(PIP_INSTALL) --require-hashes -r requirements/$(1).txt
	$(if $(filter-out agent,$(1)),$(PIP_INSTALL) --require-hashes --no-deps -r requirements/assets.txt)
	$(PIP_INSTALL) --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@
endef

$(VENV)/.agent: $(VENV)/pyvenv.cfg pyproject.toml requirements/agent.txt
	$(call install,agent)

$(VENV)/.collector: $(VENV)/pyvenv.cfg pyproject.toml requirements/collector.txt requirements/assets.txt
	$(call install,collector)

$(VENV)/.dev: $(VENV)/pyvenv.cfg pyproject.toml requirements/dev.txt requirements/assets.txt
	$(call install,dev)
	@touch $(VENV)/.collector

# Compiled here, since a service's user may not write beside the sources.
setup: $(VENV)/.collector ## Create .venv and install what running needs
	@$(BIN)/python -m compileall -q agents collector incidents runbooks

setup-agent: $(VENV)/.agent ## Create .venv and install the agent alone
	@$(BIN)/python -m compileall -q agents

setup-dev: $(VENV)/.dev ## Create .venv and install what developing needs

setup-services: ## Install the real programs the tests talk to (Debian, as root)
	tests/setup-services.sh

run: setup ## Start the collector and an agent of this host; Ctrl-C stops both
	@exec $(BIN)/wanwatch up --data $(DATA) --listen $(LISTEN)

demo: setup ## Start a collector and a simulated province with faults, under ./var/demo
	@exec $(BIN)/wanwatch demo

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup-dev
	$(BIN)/mypy

check: lint types ## Format, lint, layers, types

test: setup-dev ## Every test this machine can run
	$(BIN)/python -m pytest -n 2 --ignore tests/acceptance
	$(BIN)/python -m pytest tests/acceptance

bench: setup-dev ## Print the benchmark tables (as root: they mount small disks)
	$(BIN)/python -m benchmarks.agent_footprint
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.samples_out
	$(BIN)/python -m benchmarks.fault_to_page
	$(BIN)/python -m benchmarks.fault_to_mail
	$(BIN)/python -m benchmarks.snmp
	$(BIN)/python -m benchmarks.backtest
	$(BIN)/python -m benchmarks.live_board

bench-load: setup-dev ## Print the tables of load and outages (half an hour; nothing else should run)
	$(BIN)/python -m benchmarks.fleet_load
	$(BIN)/python -m benchmarks.outage
	$(BIN)/python -m benchmarks.drain

bench-desk: setup-dev ## Print the table of a desk with 10,000 long files (a quarter of an hour)
	$(BIN)/python -m benchmarks.desk

screenshots: setup-dev ## Make the README's pictures anew (needs Chromium)
	$(BIN)/python -m docs.screenshots.make

dashboards: setup-dev ## Write deploy/grafana and deploy/prometheus from collector/dashboards
	$(BIN)/python -m collector.dashboards

wheelhouse: ## Fill WHEELS (default ./wheelhouse) so that WHEELHOUSE=DIR works with the network off
	$(PYTHON) -m pip download --quiet --require-hashes --dest $(or $(WHEELS),wheelhouse) -r requirements/collector.txt
	$(PYTHON) -m pip download --quiet --require-hashes --no-deps --dest $(or $(WHEELS),wheelhouse) -r requirements/assets.txt

clean: ## Remove the environment and the caches, never ./var
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
