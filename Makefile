# `make help` lists what there is. Needs Python 3.11 to 3.13, git and make; everything else is installed into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python on the path that can hold the environment; name another with PYTHON=...
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.13 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 && { echo $$p; exit; }; \
	done; echo python3)
VENV ?= .venv
# With ACTIVE=1 the active environment (conda, mamba) is used as it is and nothing is installed.
ifdef ACTIVE
PY := python
READY :=
else
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
endif
PROFILE ?= book
PORT ?= 8000

export PYTHONUNBUFFERED := 1
export JUPYTER_PLATFORM_DIRS := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1

.PHONY: help
help: ## list the targets
	@echo "face2sketch: make book (the pages), make test (everything that is checked). All targets:"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'
	@echo "Variables: PROFILE=smoke|book|paper  PYTHON=python3.12  ACTIVE=1 (use the active environment)  PORT=8000"

# ---- the two commands -----------------------------------------------------------------------------------------------

.PHONY: book
book: $(READY) ## execute every chapter and build the pages (PROFILE=smoke|book|paper)
	@$(PY) tools/build_book.py --profile $(PROFILE)

.PHONY: test
test: $(READY) ## lint, unit tests, chapters, pairing, book build, browser check
	@$(PY) tools/run_tests.py

# ---- parts of them --------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(READY) ## make the environment (.venv)

$(VENV)/.ready: constraints.txt shared_lib/pyproject.toml tools/setup_env.py
	@$(PYTHON) tools/setup_env.py $(VENV)

.PHONY: unit
unit: $(READY) ## the unit tests and agreement tests alone
	@$(PY) tools/run_tests.py --units

.PHONY: browser
browser: $(READY) ## the browser check alone (builds the smoke pages first)
	@$(PY) -m pytest tests/book

.PHONY: chapter
chapter: $(READY) ## execute one chapter: make chapter NB=01_data_preparation PROFILE=smoke
	@test -f "chapters/$(NB).ipynb" || { echo "NB=$(NB): no such chapter; name one of" \
		"$(basename $(notdir $(sort $(wildcard chapters/*.ipynb))))" >&2; exit 1; }
	@$(PY) tools/execute.py --profile $(PROFILE) --force chapters/$(NB).ipynb

.PHONY: notebooks
notebooks: $(READY) ## make chapters/*.ipynb from chapters/*.py (one way, without outputs)
	@$(PY) tools/notebooks.py

.PHONY: pages
pages: $(READY) ## write the pages' tables from the library and the records (systems, real pairs, league, replication)
	@for page in systems real_pairs league paper_pages contradictions; do $(PY) tools/$$page.py || exit 1; done

.PHONY: stamp
stamp: $(READY) ## write the repository's address everywhere (REPO=owner/name changes it)
	@$(PY) tools/stamp.py $(REPO)

.PHONY: lint
lint: $(READY) ## ruff, without changing anything
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

.PHONY: format
format: $(READY) ## ruff, repairing what it can
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

.PHONY: serve
serve: $(READY) ## serve the built pages on this machine (PORT=8000)
	@test -f _build/html/index.html || { echo "_build/html: no built pages (index.html) there; run make book" >&2; exit 1; }
	@echo "http://127.0.0.1:$(PORT)/  (Ctrl-C ends it)"
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

.PHONY: screenshots
screenshots: $(READY) ## pictures of every built page, desktop, phone and dark, in _build/screenshots
	@$(PY) tools/screenshots.py _build/html _build/screenshots

.PHONY: hero
hero: $(READY) ## draw book/_static/hero.png from built-in faces
	@$(PY) tools/hero.py

.PHONY: linkcheck
linkcheck: $(READY) ## look up every external link of the built pages
	@$(PY) tools/linkcheck.py

.PHONY: test-colab
test-colab: ## run chapters alone, with Colab's versions, installing the library from git HEAD (NB=... for one)
	@$(PYTHON) tools/colab.py $(NB)

.PHONY: clean
clean: ## remove built pages and kept executions
	rm -rf _build .nbmake .pytest_cache .ruff_cache .hypothesis

.PHONY: clean-all
clean-all: clean ## remove the environments too
	rm -rf .venv .venv-colab shared_lib/face2sketch.egg-info
