# Needs Python 3.11 or later and a shell. Uses uv where it is on PATH, because it installs faster.

PYTHON ?= python3
UV := $(shell command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1 && echo uv)
BIN := .venv/bin
LOCAL_STACK := $(BIN)/python -m zelton_backend.local_stack

.DEFAULT_GOAL := help
.PHONY: help install run demo mobile test mobile-test slow soak mutants bench lint lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

install: .venv/runtime-installed ## Make .venv with what runs the product

run: install ## Start everything on this machine, take one rent payment, serve until Ctrl-C
	@$(LOCAL_STACK) run

demo: install ## Take one rent payment through all processes on a throw-away database, and end
	@$(LOCAL_STACK) demo

mobile: install zelton_mobile/dist/index.html ## Serve the app to a browser, beside `make run`; API=http://127.0.0.1:8000
	@$(LOCAL_STACK) app $(if $(API),--api $(API))

# Each test runs on one database in `make test`: what asks something of it that the two may answer in different ways
# (locks, constraints, plans, cursors) on PostgreSQL, all else on SQLite, and a few on both. `make slow` runs the rest.
files = $(foreach name,$2,$1/test_$(name).py)
ON_BOTH = $(call files,api,busy_database database_trouble idempotency_key) \
	$(call files,services,idempotency ledger moves queue races survival)
ON_POSTGRESQL = migrations $(call files,admin,books many_rows nul query_counts) \
	$(call files,mandates,attacks debits many_mandates one_open_payment papers races setup) \
	$(call files,api,changing_plans dead_connection initiate_rent_payment invoices payers_door phonepe_webhook \
		query_counts refund refund_approval verify_payment) \
	$(call files,commands,check_books corrected_settlement import_settlement process_webhook_events raise_rent \
		reconcile_pending_payments what_a_run_asks) \
	$(call files,services,attacks corrections dashboard_refunds hastened_checks late_answers notices orders \
		reconciliation refunds regressions subscription_life surplus webhook_priority wrong_clocks) \
	test_pooler.py test_prepared.py test_replica.py test_worker_connections.py

test: install .venv/development-installed ## Run the tests: on SQLite, and on PostgreSQL those that depend on the database
	$(BIN)/pytest -n auto $(addprefix --ignore=tests/,mobile $(ON_POSTGRESQL))
	ZELTON_TEST_DATABASE=postgresql $(BIN)/pytest -n auto $(addprefix tests/,$(ON_BOTH) $(ON_POSTGRESQL))

slow: install .venv/development-installed ## Run what make test leaves out: tests that take minutes each, and PostgreSQL's on SQLite too
	$(BIN)/pytest -m slow
	$(BIN)/pytest -n auto $(addprefix tests/,$(filter-out migrations,$(ON_POSTGRESQL)))

NPM = cd zelton_mobile && npm --silent run

mobile-test: export ZELTON_ENV_FILE := .env.example
mobile-test: install .venv/development-installed zelton_mobile/node_modules/installed ## Check and test the app, in a browser against the whole stack too
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target $(MOBILE_CHECKS)
	$(BIN)/pytest tests/mobile

# Two at a time, the longest first: each of them keeps one core busy.
MOBILE_CHECKS = zelton_mobile/dist/index.html mobile-unit mobile-lint mobile-native mobile-types mobile-typecheck
.PHONY: $(filter mobile-%,$(MOBILE_CHECKS))

mobile-unit:
	$(NPM) test -- --silent --maxWorkers 1
mobile-lint:
	$(NPM) lint
mobile-native:
	$(NPM) check:native
mobile-types:
	$(NPM) types:check
mobile-typecheck:
	$(NPM) typecheck

# The simulation needs no settings of a deployment, and keeps away from .env.
soak: export ZELTON_ENV_FILE := .env.example
soak: install ## Simulate the life of money on all cores; MINUTES=10 (begun stories are finished), SEED=1, ORDERS=200, MONTHS=3 every EVERY=4 seeds, JOBS=2, DATABASE_URL=...
	$(BIN)/python manage.py simulate --seed $(or $(SEED),1) --orders $(or $(ORDERS),200) --keep \
		--months $(or $(MONTHS),3) --months-every $(or $(EVERY),4) \
		--jobs $(or $(JOBS),$$(nproc 2>/dev/null || echo 2)) --minutes $(or $(MINUTES),10)

mutants: .venv/development-installed ## Change the core in small ways and show what no test notices; goes on where it stopped; MINUTES=60, ONLY=core/services/refunds
	$(BIN)/python -m tests.mutation $(ONLY) $(if $(MINUTES),--minutes $(MINUTES))

bench: install .venv/development-installed ## Measure how fast it is against its limits; ONLY=webhooks, SIZE=full, STRICT=--strict
	$(BIN)/python -m benchmarks $(ONLY) --size $(or $(SIZE),quick) $(STRICT)

# What production needs, made up on the spot, for the checks of a deployment.
PRODUCTION = ZELTON_ENV_FILE=/dev/null PHONEPE_ENVIRONMENT=PRODUCTION PHONEPE_CLIENT_ID=checks \
	PHONEPE_CLIENT_SECRET=only-for-these-checks PHONEPE_CLIENT_VERSION=1 \
	PHONEPE_WEBHOOK_USERNAME=only_checks PHONEPE_WEBHOOK_PASSWORD=only4checks \
	PHONEPE_REDIRECT_BASE_URL=https://zelton.example DJANGO_ALLOWED_HOSTS=zelton.example \
	DJANGO_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')

# What ruff finds as S104 and S608 is annotated for ruff.
BANDIT = $(BIN)/bandit --quiet --severity-level medium --skip B104,B608 --recursive

lint: export ZELTON_ENV_FILE := .env.example
lint: install .venv/development-installed ## Check style, types, migrations, deployment settings, API schema and known weaknesses
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BANDIT) core zelton_backend phonepe_simulator deploy gunicorn.conf.py
	$(BIN)/mypy core zelton_backend phonepe_simulator
	$(BIN)/python manage.py makemigrations --check
	$(BIN)/python manage.py lint_migrations
	@echo 'manage.py check --deploy --fail-level WARNING, with production settings'
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	@.ci/audit $(BIN)

COMPILE = $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --overrides requirements-overrides.txt

lock: .venv/development-installed ## Resolve the *.in files into the *.txt locks; newer versions with UPGRADE=--upgrade
	$(COMPILE) $(UPGRADE) requirements.in --output-file requirements.txt
	$(COMPILE) $(UPGRADE) requirements-dev.in --output-file requirements-dev.txt
	@! grep -nE '^--|https?://' requirements.txt requirements-dev.txt || \
		{ echo 'A lock names a package registry; these lines must go.' >&2; exit 1; }

# The stamps are newer than the lock that was installed; nothing is done while they are.

INSTALL = $(if $(UV),uv pip install --quiet --compile-bytecode --python .venv,$(WITH_PIP) install --quiet) \
	--no-deps --require-hashes
# A .venv that uv made has no pip.
WITH_PIP = $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; $(BIN)/python -m pip

.venv/runtime-installed: requirements.txt | .venv/bin/python
	@echo 'Installing the runtime into .venv (a minute at most) ...'
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/development-installed: requirements-dev.txt | .venv/bin/python
	@echo 'Installing what tests and linters need into .venv (two minutes at most) ...'
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || \
		{ echo 'There is no $(PYTHON) here: install Python 3.11 or later, or name it: make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed, and this is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
ifeq ($(UV),)
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'Python cannot make a .venv here; on Debian and Ubuntu first: apt-get install -y python3-venv' >&2; exit 1; }
endif
	@echo 'Making .venv ...'
	@$(if $(UV),uv venv --quiet --clear --python $(PYTHON) .venv,$(PYTHON) -m venv --clear .venv) || \
		{ echo 'Python could not make .venv, see above.' >&2; rm -rf .venv; exit 1; }

# The app: Node is needed for it alone.
HAS_NODE = node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null && command -v npm >/dev/null || \
	{ echo 'The app needs Node 20 or later with npm, see https://nodejs.org/; everything else works without.' >&2; exit 1; }

zelton_mobile/node_modules/installed: zelton_mobile/package-lock.json
	@$(HAS_NODE)
	@echo 'Installing what the app is built from into zelton_mobile/node_modules (a minute; some on a busy machine) ...'
	@cd zelton_mobile && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

zelton_mobile/dist/index.html: zelton_mobile/node_modules/installed \
		$(shell find zelton_mobile/src zelton_mobile/assets zelton_mobile/app.json zelton_mobile/package.json -type f 2>/dev/null)
	@$(HAS_NODE)
	@echo 'Building the app for browsers (half a minute) ...'
	@# --clear: Metro's cache does not know that the API's address is another than in an earlier build.
	@$(NPM) export:web -- --clear >/dev/null
	@touch $@
