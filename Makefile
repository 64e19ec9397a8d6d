# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench storm format lock clean

demo: $(READY)
	$(BIN)/syncline demo $(ARGS)

test: lint
	$(BIN)/pytest $(ARGS)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m tests.bench $(ARGS)

storm: $(READY)
	$(BIN)/python -m tests.faults.storms $(ARGS)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-header --no-annotate --allow-unsafe --strip-extras

# Everything for developers, and of it what the service itself needs.
lock: $(READY)
	$(COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	$(COMPILE) --build-deps-for wheel --constraint requirements.lock --output-file requirements-run.lock pyproject.toml

# Installed from the lock file with hashes; made anew when the lock or the package list changes.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
