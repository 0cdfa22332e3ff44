# `make run`, `make test` and `make demo` need only Python 3.11 and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
COUNT ?= 320
SEED ?= 1
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run demo test check fixtures accuracy bench clean

run: $(VENV)/.run
	$(BIN)/xuefen up

demo: $(VENV)/.run
	$(BIN)/xuefen demo

test: check
	$(BIN)/xuefen models fetch
	$(BIN)/pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/xuefen policy check

# A large set for measuring; `python -m fixtures.draw` alone redraws the committed sample.
fixtures: $(VENV)/.dev
	$(BIN)/python -m fixtures.draw --out out/fixtures --count $(COUNT) --seed $(SEED)

accuracy: $(VENV)/.dev
	$(BIN)/xuefen models fetch
	$(BIN)/python -m benchmarks.accuracy --page docs/accuracy.md

bench: $(VENV)/.dev
	$(BIN)/xuefen models fetch
	$(BIN)/python -m benchmarks.speed

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) out
