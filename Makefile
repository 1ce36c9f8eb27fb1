# Everything there is to do here; `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := $(wildcard services/*) $(wildcard shared/*)
READY := $(VENV)/.ready
TOOLS_READY := $(VENV)/.tools-ready
# one more than a small machine has cores: tests wait more than they work; each worker has servers of its own
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-unit check up lint fmt types chaos crash recovery proof-crash failpoints \
	proof-prices proof-billing proof-failpoints proof-secure proof-race proof-restore proof-crowd proof-fair proof-rolling proof-upgrade proof-http proof-kafka simulate mutants planted bench schemas messages manifests lock clean \
	rules dashboards watch proof-alerts deploy-tools deploy-check deploy-server lock-runtime image
# what is given on the command line is for the proofs, too
export SEED CHECKOUTS KILLS MINUTES SECONDS ROUNDS KEEP CALLS RECORDS SEEDS FROM SCHEDULES SAGA ONLY CASES AT_ONCE SLOWNESS BUYERS FACTOR CARTS

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements/all.txt requirements/build.txt requirements/uv.txt pyproject.toml $(wildcard */*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Feira needs Python 3.11 or newer; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
		--build-constraints requirements/build.txt -r requirements/all.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --no-build-isolation $(MEMBERS:%=-e ./%)
	$(BIN)/python -m compileall -q services shared
	touch $(READY)

setup: $(READY) ## Make .venv with everything that is needed, pinned by hash

$(TOOLS_READY): $(READY) requirements/deploy.txt deploy/tools/debian.txt deploy/tools/install.py
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/deploy.txt
	$(BIN)/python deploy/tools/install.py
	touch $(TOOLS_READY)

demo: setup ## Play real purchases through a stack of their own and show the result
	$(BIN)/feira demo

up: setup ## Start the whole stack on this machine, in the foreground
	$(BIN)/feira up

test: setup ## Run all tests, on real PostgreSQL and Kafka
	$(BIN)/pytest -n $(WORKERS)

test-unit: setup ## Run the tests that need no server (seconds)
	$(BIN)/pytest tests/unit tests/contract tests/architecture

proof-prices: setup ## Price 20,000 random carts twice, by the code and by exact fractions (CARTS=, SEED=)
	$(BIN)/python -m tests.proofs.prices

proof-billing: setup ## Bill 20,000 random subscriptions and orders twice, as proof-prices does (CASES=, SEED=)
	$(BIN)/python -m tests.proofs.billing

proof-http: setup ## Make up 20,000 HTTP calls from the services' descriptions (CALLS=, SEED=)
	$(BIN)/python -m tests.proofs.inputs.calls

proof-kafka: setup ## Put 10,000 odd records on the topics while people buy (RECORDS=, SEED=)
	$(BIN)/python -m tests.proofs.inputs.records

simulate: setup ## Play the services in one thread, with seeded faults (SEEDS=, FROM=; SCHEDULES=one|pairs; SAGA=file)
	$(BIN)/python -m tests.proofs.simulation

mutants: setup ## Apply mutants to copies of the tree; show which proof catches each (ONLY=, COUNT=, COMMIT=, JSON=1)
	$(BIN)/python -m tests.proofs.mutants $(ONLY) $(if $(COUNT),--count $(COUNT)) $(if $(COMMIT),--commit $(COMMIT)) \
		$(if $(JSON),--json)

planted: mutants ## The same as mutants

deploy-tools: $(TOOLS_READY) ## Install the tools of the deployment checks into .venv (Debian's packages and Python's)

deploy-check: deploy-tools ## Check deploy/: manifests, image, rules, dashboards
	$(BIN)/pytest tests/deploy

deploy-server: deploy-tools ## Build a Kubernetes API server, once on a machine; apply all manifests and admission policies to it
	$(BIN)/python -m tests.deploy.api_server.build
	$(BIN)/pytest tests/deploy/api_server tests/deploy/test_policies.py

rules: setup ## Write the rules of the objectives, their tests, and the rules' resource of Kubernetes
	$(BIN)/python -m deploy.observability.generate_rules

dashboards: setup ## Write Grafana's JSON of all dashboards
	$(BIN)/python -m deploy.observability.generate_dashboards

watch: deploy-tools ## Run Prometheus beside the stack of `make up`; show key panels and alerts (ARGS="--once", "--json")
	$(BIN)/python -m deploy.observability.live.watch $(ARGS)

proof-alerts: deploy-tools ## Provoke each alert on a live stack with a real Prometheus (ONLY="kafka ...", FACTOR=20)
	$(BIN)/python -m tests.proofs.alerts

lint: setup ## Check style and the directions of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

fmt: setup ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup ## Check types, strictly
	$(BIN)/mypy

check: lint types test-unit ## What should pass before a commit

chaos: setup ## Buy in a storm of faults of every kind, and compare all books (SEED=, MINUTES=, CHECKOUTS=, ONLY="clock late")
	$(BIN)/python -m tests.proofs.chaos

crash: setup ## The same, but every part is only killed and stopped, again and again (SEED=, CHECKOUTS=, KILLS=)
	$(BIN)/python -m tests.proofs.chaos kills

recovery: setup ## Kill each process and part, and measure how long until somebody can buy again (KILLS=, ONLY=, SLOWNESS=)
	$(BIN)/python -m tests.proofs.recovery

proof-crash: setup ## The same with 50 kills, in three minutes
	CHECKOUTS=$${CHECKOUTS:-60} KILLS=$${KILLS:-7} $(BIN)/python -m tests.proofs.chaos kills

failpoints: setup ## Every failpoint with every action, once and twice (SEED=, ONLY=relay,timer; half an hour)
	$(BIN)/python -m tests.proofs.failpoints

proof-failpoints: setup ## Every failpoint with one action, several at once, in three minutes (SEED=, ONLY=)
	SHORT=1 $(BIN)/python -m tests.proofs.failpoints

proof-secure: setup ## Buy over a broker with TLS, a user for each service and ACLs; a wrong password (a minute)
	$(BIN)/pytest tests/proofs/secure

proof-race: setup ## Race writers against a reader of the log (SEED=, SECONDS=)
	$(BIN)/python -m tests.proofs.race

proof-restore: setup ## Bring each database back to an earlier moment while people buy, and recover it (4 minutes)
	$(BIN)/python -m tests.proofs.restore

proof-crowd: setup ## Let 500 want 100 units at once (SEED=, ROUNDS=)
	$(BIN)/python -m tests.proofs.crowd

proof-fair: setup ## Let one tenant want everything, and measure another (a minute)
	$(BIN)/python -m tests.proofs.fair

proof-rolling: setup ## Replace every process of all services while people buy; no request may fail (BUYERS=)
	$(BIN)/python -m tests.proofs.release.rolling

proof-upgrade: setup ## Run the release before beside this one while people buy; no request may fail (BUYERS=)
	$(BIN)/python -m tests.proofs.release.upgrade

bench: setup ## Measure the hot paths, each beside a peer or a limit (ONLY="appends ...", JSON=file)
	$(BIN)/python -m benchmarks $(ONLY) $(if $(JSON),--json $(JSON))

schemas: setup ## Write the JSON Schemas of all messages from the contracts
	$(BIN)/python -m contracts.schemas shared/contracts/schemas

messages: setup ## Write docs/messages.md, docs/errors.md, docs/failpoints.md and docs/metrics.md from the code
	$(BIN)/python docs/generate_messages.py
	$(BIN)/python docs/generate_errors.py
	$(BIN)/python docs/generate_failpoints.py
	$(BIN)/python docs/generate_metrics.py

manifests: setup ## Write the Kubernetes manifests that follow from the topology
	$(BIN)/python -m deploy.generate

lock: setup ## Pin all dependencies with hashes again
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 pyproject.toml --group dev --upgrade -o requirements/all.txt
	sed -i '/^-e file:/d' requirements/all.txt
	echo setuptools | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --python-version 3.11 - --upgrade -o requirements/build.txt
	$(MAKE) lock-runtime
	echo openapi-python-client | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --python-version 3.11 - --upgrade -o requirements/clients.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --constraints requirements/all.txt --upgrade requirements/deploy.in -o requirements/deploy.txt

lock-runtime: setup ## Pin what the container image has, to the versions of requirements/all.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group pyproject.toml:runtime --constraints requirements/all.txt -o requirements/runtime.txt
	sed -i '/^-e file:/d' requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group pyproject.toml:statistics --constraints requirements/all.txt -o requirements/statistics.txt

image: deploy-tools ## Build the container image; print its digest, size and bill of materials (root, Debian 12)
	$(BIN)/python -m deploy.image.build

clean: ## Remove the environment, the caches and the state of the stack
	if [ -x $(BIN)/feira ]; then $(BIN)/feira clean; fi
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
