# make demo | test | coverage | lint | docs | dist | setup | setup-use | lock
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
USE_STAMP := $(VENV)/.installed-use
DOCS_STAMP := $(VENV)/.installed-docs

# Jobs import compiled code, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-use demo test coverage lint docs dist lock

help:  ## say what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)  ## make .venv from the pinned lock

$(STAMP): requirements/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' || \
	  { echo "Python 3.11.5 or newer is needed; set one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Installing the pinned packages into $(VENV) (about 2 GB, a few minutes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --requirement requirements/requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup-use: $(USE_STAMP)  ## add TensorFlow to .venv, for the Universal Sentence Encoder

$(USE_STAMP): $(STAMP) requirements/use.lock
	@echo "Installing TensorFlow into $(VENV) (about 1.5 GB) ..."
	@$(BIN)/python -m pip install --quiet --requirement requirements/use.lock \
	  --constraint requirements/requirements.lock
	@touch $@

demo: setup  ## the whole pipeline on the embedded default, offline (about 12 minutes on 2 cores)
	snakemake --cores all --configfile config/demo.yaml

test: setup  ## the whole test suite
	python -m pytest

# Not the workflow's tests: coverage.py has to follow greenlets, and then it can hang Snakemake.
coverage: setup  ## all tests but the workflow's, and which lines of the library they run: at least 90 %
	python -m pytest --ignore tests/workflow --cov --cov-report=term

lint: setup  ## ruff, mypy, snakefmt, codespell and snakemake --lint
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile rules
	codespell
	snakemake --lint --configfile config/demo.yaml

docs: $(DOCS_STAMP)  ## build the documentation into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict --quiet

$(DOCS_STAMP): $(STAMP) requirements/docs.lock
	@echo "Installing MkDocs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --requirement requirements/docs.lock \
	  --constraint requirements/requirements.lock
	@touch $@

dist: setup  ## build a source distribution and a wheel into dist/
	python -m build --no-isolation

lock:  ## resolve requirements/*.in anew into the locks and envs/*.yaml
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet -r requirements/requirements.in -r requirements/dev.in
	{ echo "# Made by \`make lock\`; pins every package that requirements.in and dev.in bring along."; \
	  $(VENV)-lock/bin/pip freeze --all --exclude pip | sed 's/+cpu$$//'; } > requirements/requirements.lock
	for extra in use docs; do \
	  $(VENV)-lock/bin/pip install --quiet -r requirements/$$extra.in -c requirements/requirements.lock; \
	  { echo "# Made by \`make lock\`; pins every package that $$extra.in adds to requirements.lock."; \
	    $(VENV)-lock/bin/pip freeze --all --exclude pip | sed 's/+cpu$$//' \
	      | grep -vxFf requirements/requirements.lock; } > requirements/$$extra.lock; \
	  $(VENV)-lock/bin/pip uninstall --quiet --yes -r requirements/$$extra.lock; \
	done
	rm -rf $(VENV)-lock
	$(PYTHON) -m tools.make_environment
