# Everything runs in its own virtual environment; a machine needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
WORKERS ?= 0
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test quick lint lock clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo ## simulators, harvest, gateway: one command
	$(BIN)/shanhai demo --port $(PORT) $(DEMO)

test: $(VENV)/.dev ## everything CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST)

quick: $(VENV)/.dev ## tests without the slow ones
	$(BIN)/python -m pytest -m "not slow" $(PYTEST)

lint: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

lock: $(VENV)/.dev ## pin every package with its hashes
	$(PIP) install pip-tools
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --no-header -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --no-header --extra dev -c requirements.lock --allow-unsafe -o requirements-dev.lock pyproject.toml

$(VENV)/.base:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.demo: $(VENV)/.base requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/.demo requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
