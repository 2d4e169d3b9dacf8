# make demo: set up everything and run the main job.   make test: set up everything and run the tests.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
DEMO ?= demo
MODULES ?=
UPGRADE ?=
AUDIT ?=
SAMPLE ?= 0
JOBS ?= 2

.PHONY: help demo test install check lint audit mutate lock fixtures template clean

help:
	@echo "make demo     set up everything, run the demonstration engagement, print where its report is"
	@echo "make test     set up everything and run the tests"
	@echo "make lint     ruff, mypy and bandit on assessor/"
	@echo "make audit    compare requirements.lock with known vulnerabilities, where their database can be reached"
	@echo "make mutate   change the logic of procedures and of the rule's reader, and list what no test notices"
	@echo "              (MODULES=\"limbs legacy\" for a part, SAMPLE=12 for so many changes of each module)"
	@echo "make lock     resolve requirements.lock anew (needs uv); UPGRADE=\"jinja2 lxml\" takes newer versions of these"
	@echo "make clean    remove what was built"

demo: install
	@$(RUN)/assessor demo $(DEMO)

test: install lint
	@$(RUN)/python -m pytest -q -n 2

lint: install
	@$(RUN)/ruff check .
	@$(RUN)/mypy
	@$(RUN)/bandit -q -r assessor -ll

audit: install
	@$(RUN)/python .ci/audit.py $(AUDIT)

mutate: install
	@$(RUN)/python benchmarks/mutation.py $(MODULES) --sample $(SAMPLE) --jobs $(JOBS)

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed and no '$(PYTHON)' was found; install it, or run 'make PYTHON=/path/to/python3'."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { echo "Python 3.11 to 3.14 is needed, '$(PYTHON)' is another version; run 'make PYTHON=/path/to/python3.12', say."; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python lacks venv or pip; install them (on Debian: the package python3-venv)."; exit 2; }
	@test -x $(RUN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked requirements into $(VENV)"
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lock:
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-package pip $(UPGRADE:%=--upgrade-package %) --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) $(DEMO) mutants .pytest_cache .mypy_cache .ruff_cache dist
