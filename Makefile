# The workbook's commands; `make` alone lists them. They need Python 3.11 or later and nothing else:
# every library goes into .venv, as requirements.lock says.

PYTHON ?= python3
UV ?= uv

BIN := .venv/bin
EXAMPLE := extracts/example
PARAMS := params/example/2013_q1.yml params/example/bulletin_2013_07.yml params/example/draw_2013_08.yml params/example/themed_domestic_violence.yml params/example/workshop_2013_q1.yml

LIBRARIES := .venv/.libraries
READY := .venv/.ready

# An environment whose Python has gone, or whose folder was moved or copied, is made anew.
STALE := $(shell { grep -qsiF "$(CURDIR)/.venv/" $(BIN)/pip && $(BIN)/python -c ''; } 2>/dev/null || echo stale)

.PHONY: help report test lab lock clean stale

help:
	@echo 'make report   make the example council and five of its reports, and say where the pages are'
	@echo 'make test     run every check: style, types, floors and rooms, tests'
	@echo 'make lab      open the notebooks in JupyterLab'
	@echo 'make lock     write requirements.lock anew from pyproject.toml (UPGRADE=yes: to the newest versions)'
	@echo 'make clean    take away .venv and caches; extracts and outputs stay'
	@echo
	@echo 'The first of them makes .venv, which takes a minute or two. With another Python: make report PYTHON=python3.12'

report: $(READY)
	$(BIN)/qa example $(EXAMPLE)
	$(BIN)/qa run $(PARAMS)

test: $(READY)
	@echo '1 of 5: ruff check (faults and style)'
	@$(BIN)/ruff check .
	@echo '2 of 5: ruff format (layout)'
	@$(BIN)/ruff format --check .
	@echo '3 of 5: mypy (types)'
	@$(BIN)/mypy qa_lib
	@echo '4 of 5: lint-imports (floors and rooms)'
	@$(BIN)/lint-imports --no-logo
	@echo '5 of 5: pytest (examples in docstrings, tests, the workbook run once)'
	@$(BIN)/pytest

lab: $(READY) | $(EXAMPLE)
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks

# For `make lab`, when it is not there yet.
$(EXAMPLE): | $(READY)
	$(BIN)/qa example $(EXAMPLE)

# --- the environment: made anew when the lock changes; the project put in again when pyproject.toml does -------------

$(LIBRARIES): requirements.lock $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "This needs Python 3.11 or later; $(PYTHON) is $$(command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1 || echo 'not there')." >&2; \
	  for other in python3.14 python3.13 python3.12 python3.11; do \
	    if $$other -c '' 2>/dev/null; then \
	      echo "A newer one is here. Type:  make $(or $(MAKECMDGOALS),report) PYTHON=$$other" >&2; exit 1; \
	    fi; \
	  done; \
	  echo 'Install one (from python.org, Homebrew or your Linux packages), then type, with its name:' >&2; \
	  echo '  make $(or $(MAKECMDGOALS),report) PYTHON=python3.12' >&2; exit 1; }
	@echo 'Putting the libraries of requirements.lock into .venv (takes a minute or two the first time) ...'
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(READY): $(LIBRARIES) pyproject.toml
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# --- looking after the project ---------------------------------------------------------------------------------------

lock:
	@command -v $(UV) >/dev/null || { echo 'This needs uv: pip install uv, or make lock UV=path/to/uv' >&2; exit 1; }
	$(UV) pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url $(if $(UPGRADE),--upgrade) -o requirements.lock >/dev/null

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find qa_lib tests .ci -name __pycache__ -type d -prune -exec rm -rf {} +
