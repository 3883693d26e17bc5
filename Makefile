# make demo | test | test-transformers4 | coverage | lint | audit | docs | dist | setup | setup-use | lock
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.installed-lock
STAMP := $(VENV)/.installed
USE_STAMP := $(VENV)/.installed-use
DOCS_STAMP := $(VENV)/.installed-docs
AUDIT_STAMP := $(VENV)/.installed-audit
VENV4 := $(VENV)/transformers4
STAMP4 := $(VENV4)/.installed

# Jobs import compiled code, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Only files whose hash is in a lock; the locks name every package.
INSTALL = $(BIN)/python -m pip install --quiet --no-deps --require-hashes
WANTS_CUDA := "from importlib.metadata import requires; \
  assert any(each.startswith('nvidia') for each in requires('torch'))" 2> /dev/null

.DEFAULT_GOAL := help
.PHONY: help setup setup-use demo test test-transformers4 coverage lint audit docs dist lock

help:  ## say what there is to make
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: $(STAMP)  ## make .venv from the pinned lock

$(STAMP): $(LOCKED) pyproject.toml
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# From nothing, so that no package of an earlier lock stays.
$(LOCKED): $(addprefix requirements/,requirements.lock dev.lock no-deps.lock dev-no-deps.lock \
  cuda.lock)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' || \
	  { echo "Python 3.11.5 or newer is needed; set one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Installing the pinned packages into $(VENV) (2 to 7 GB, a few minutes) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) $(addprefix --requirement requirements/,requirements.lock dev.lock no-deps.lock \
	  dev-no-deps.lock)
	@! $(BIN)/python -c $(WANTS_CUDA) || $(INSTALL) --requirement requirements/cuda.lock
	@touch $@

setup-use: $(USE_STAMP)  ## add TensorFlow to .venv, for the Universal Sentence Encoder

$(USE_STAMP): $(STAMP) requirements/use.lock
	@echo "Installing TensorFlow into $(VENV) (about 1.5 GB) ..."
	@$(INSTALL) --requirement requirements/use.lock
	@touch $@

demo: setup  ## the whole pipeline on the embedded default, offline (about 6 minutes on 2 cores)
	snakemake --cores all --configfile config/demo.yaml

test: setup  ## the whole test suite
	python -m pytest

test-transformers4: $(STAMP4)  ## the quick unit tests with transformers 4
	$(VENV4)/bin/python -m pytest tests/unit -m "not slow"

# Holds the packages that differ; the others are those of .venv.
$(STAMP4): $(STAMP) requirements/transformers4.lock
	@$(PYTHON) -m venv --clear $(VENV4)
	@folder='import sysconfig; print(sysconfig.get_path("purelib"))'; \
	  echo "import site; site.addsitedir('$$($(BIN)/python -c "$$folder")')" \
	  > "$$($(VENV4)/bin/python -c "$$folder")/venv.pth"
	@$(VENV4)/bin/python -m pip install --quiet --no-deps --require-hashes --ignore-installed \
	  --requirement requirements/transformers4.lock
	@touch $@

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

audit: $(AUDIT_STAMP)  ## ask whether a package of the locks has a known vulnerability (needs a network)
	@python -m tools.audit

$(AUDIT_STAMP): $(STAMP) requirements/audit.lock
	@echo "Installing pip-audit into $(VENV) ..."
	@$(INSTALL) --requirement requirements/audit.lock
	@touch $@

docs: $(DOCS_STAMP)  ## build the documentation into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict

$(DOCS_STAMP): $(STAMP) requirements/docs.lock
	@echo "Installing MkDocs into $(VENV) ..."
	@$(INSTALL) --requirement requirements/docs.lock
	@touch $@

dist: setup  ## build a source distribution, a wheel and their bill of materials into dist/
	python -m build --no-isolation
	python -m tools.make_sbom dist/sbom.cdx.json

lock:  ## resolve requirements/*.in anew into the locks and envs/
	$(PYTHON) -m venv --clear $(VENV)-lock
	$(VENV)-lock/bin/python -m tools.make_lock
	rm -rf $(VENV)-lock
	$(PYTHON) -m tools.make_environment
