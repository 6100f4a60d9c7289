# Two commands on a fresh machine: `make demo` and `make test`. Both make their own .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Without torchvision and spaCy, which its learner does without (see pyproject.toml).
FASTAI := 'fastai>=2.8,<2.9' fastcore fasttransform fastdownload 'fastprogress<1.1' 'plum-dispatch<2.10'

.PHONY: demo test lint types format bench data forecasts estimates notebooks pictures readme clean

demo: $(VENV)/demo.stamp ## train a real model under %%carbon, headless
	@$(BIN)/python notebooks/demo.py

test: $(VENV)/test.stamp ## run the whole test suite
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/lint.stamp ## formatting and lint, Python and TypeScript
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(VENV)/lint.stamp $(VENV)/test.stamp ## mypy, strict
	@$(BIN)/mypy

format: $(VENV)/lint.stamp
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/test.stamp ## print the figures of DESIGN's table, measured side by side, and keep them
	@$(BIN)/python tests/benchmarks

data: $(VENV)/test.stamp ## check the tables that ship, and tell what a refresh has changed
	@$(BIN)/python tests/validation/tables.py

forecasts: $(VENV)/test.stamp ## score the forecasts on recorded trainings
	@$(BIN)/python tests/benchmarks forecasts

estimates: $(VENV)/test.stamp ## score the estimates on published trainings
	@$(BIN)/python tests/benchmarks estimates

notebooks: $(VENV)/test.stamp ## execute the notebooks anew and save them with their outputs
	@$(BIN)/python notebooks/save.py

pictures: $(VENV)/test.stamp ## take the pictures of README.md anew, in JupyterLab
	@$(BIN)/python tests/browser/pictures.py

readme: $(VENV)/test.stamp ## put what was measured last into README.md and CONTRIBUTING.md
	@$(BIN)/python tests/benchmarks readme

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/demo.stamp: $(VENV)/bin/python pyproject.toml hatch_build.py
	@echo "Installing into $(VENV) ..."
	@$(PIP) --editable '.[demo]'
	@touch $@

$(VENV)/test.stamp: $(VENV)/bin/python pyproject.toml hatch_build.py
	@echo "Installing into $(VENV) ..."
	@$(PIP) --editable '.[test]'
	@$(PIP) --no-deps $(FASTAI)
	@touch $@ $(VENV)/demo.stamp

$(VENV)/lint.stamp: $(VENV)/bin/python pyproject.toml
	@$(PIP) --editable '.[lint]'
	@touch $@

clean: ## remove what the build made; .venv too
	rm -rf $(VENV) dist build *.egg-info ocarbon_magic/static labextension/lib labextension/node_modules
