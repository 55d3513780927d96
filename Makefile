# Two commands matter: `make run` and `make test`. Both install what they need, and only what changed since.

PORT ?= 8000
HOST ?= 127.0.0.1
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(CURDIR)/$(BIN)/npm --no-audit --no-fund --no-update-notifier --loglevel=error
PIP := $(BIN)/python -m pip --disable-pip-version-check
EMBEDDED := $(BIN)/python -m omnichannel.embedded
FRONT_SOURCES := $(shell find static/src static/public static/*.ts static/*.json -type f 2>/dev/null)
MODULES := static/node_modules/.installed
BUNDLE := static/dist/manifest.json

.PHONY: run dev test test-python test-e2e test-front lint fmt bench build reset requirements
.DELETE_ON_ERROR:

run: $(VENV)/.installed $(BUNDLE)
	@exec $(EMBEDDED) run --port "$(PORT)" --host "$(HOST)" --with-parent

# The same, with Django's debug pages, and restarted when code changes.
dev: $(VENV)/.installed $(BUNDLE)
	@exec $(EMBEDDED) run --port "$(PORT)" --host "$(HOST)" --with-parent --reload

build: $(BUNDLE)

# What `make test` asks of the text of the code.
lint: $(VENV)/.installed-dev $(MODULES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(EMBEDDED) exec -- $(BIN)/python manage.py makemigrations --check --dry-run
	cd static && $(NPM) run --silent typecheck

# Everything, side by side: two processes of pytest, and a third for the rest.
test:
	@$(MAKE) --no-print-directory -j 2 $(BUNDLE) $(VENV)/.installed-dev
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m tests.together "test-python" "lint test-front test-e2e"

test-python: $(VENV)/.installed-dev $(BUNDLE)
	$(BIN)/pytest -n 2 --dist worksteal -m "not e2e and not bench"

test-e2e: $(VENV)/.installed-dev $(BUNDLE)
	$(BIN)/pytest -m e2e

test-front: $(MODULES)
	cd static && $(NPM) test

fmt: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev $(BUNDLE)
	$(BIN)/pytest -m bench -s -p no:randomly tests/bench

# Forget the data, the credentials and the logs of this folder.
reset: $(VENV)/.installed
	$(EMBEDDED) reset

# Pin anew what pyproject.toml asks for (needs uv).
requirements:
	uv pip compile $(PIN) -o requirements.txt pyproject.toml
	uv pip compile $(PIN) -o requirements-dev.txt --extra dev pyproject.toml
PIN := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

$(VENV)/.made:
	@sh omnichannel/embedded/make-venv.sh $(VENV)
	@touch $@

$(VENV)/.installed: requirements.txt | $(VENV)/.made
	@echo "Installing Python packages …"
	@$(PIP) install --quiet --use-pep517 -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing development packages …"
	@$(PIP) install --quiet --use-pep517 -r requirements-dev.txt
	@touch $@

$(MODULES): static/package.json static/package-lock.json | $(VENV)/.installed
	@echo "Installing JavaScript packages …"
	@cd static && $(NPM) ci --silent
	@touch $@

$(BUNDLE): $(MODULES) $(FRONT_SOURCES)
	@echo "Building the front end …"
	@cd static && $(NPM) run build > node_modules/.build.log 2>&1 || { cat node_modules/.build.log; exit 1; }
	@touch $@
