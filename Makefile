# Every command here works on a machine that has make and Python 3.11 to 3.13 and nothing else of ours.
PYTHON ?= python3
IN_VENV = $(PYTHON) kmall24/serve/bootstrap.py
VENV_PYTHON = .venv/bin/python
# Also `make test WHAT=tests/orders WORKERS=4`.
WORKERS ?= auto
WHAT ?= tests

.DEFAULT_GOAL := help
# Campaigns print their seed and end with one line of figures.
.PHONY: accept-payments accept-chaos accept-cards
.PHONY: help run stop reset test browser check format translations lock

help: ## list what can be typed here
	@sed -n 's/^\([a-z-]*\): .*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name words; do printf 'make %-16s %s\n' "$$name" "$$words"; done

run: ## open the store at http://127.0.0.1:8000/ (PORT=… for another port) until Ctrl-C
	@$(IN_VENV) run -m kmall24.serve

stop: ## close a store that is open, and its PostgreSQL and Valkey
	@$(IN_VENV) run -m kmall24.serve stop

reset: ## remove this installation's data for good: orders, people, mail, pictures
	@$(IN_VENV) run -m kmall24.serve reset

test: ## run every test on a PostgreSQL and a Valkey of its own (WHAT=tests/orders for some)
	@$(IN_VENV) dev -m pytest -n $(WORKERS) $(WHAT)

browser: ## install Chromium, Korean letters, GoAccess and Dovecot for the tests that need them, by apt where there is one
	@sh .ci/browser

check: ## read everything: style, types, imports, settings, migrations, templates, translations, data map, compose file
	@$(IN_VENV) dev -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@$(VENV_PYTHON) -c "import sys; from importlinter.cli import lint_imports_command; sys.argv[0] = 'lint-imports'; lint_imports_command()"
	@$(VENV_PYTHON) manage.py check --fail-level WARNING
	@$(VENV_PYTHON) manage.py makemigrations --check --dry-run
	@find . -path ./.venv -prune -o -path '*/templates/*' -name '*.html' -print0 | xargs -0 .venv/bin/djade --target-version 5.2 --check
	@$(VENV_PYTHON) manage.py translations --check
	@$(VENV_PYTHON) manage.py data_map --check
	@$(VENV_PYTHON) manage.py draw_states --check
	@$(VENV_PYTHON) -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

format: ## put code and templates into shape
	@$(IN_VENV) dev -m ruff check --fix .
	@$(VENV_PYTHON) -m ruff format .
	@find . -path ./.venv -prune -o -path '*/templates/*' -name '*.html' -print0 | xargs -0 .venv/bin/djade --target-version 5.2

translations: ## add new strings to the catalogues, drop unused ones, compile
	@$(IN_VENV) run manage.py translations

lock: ## turn requirements*.in into hash-checked locks (needs uv, which `pip install uv` brings)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -o requirements.txt requirements.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -c requirements.txt -o requirements-dev.txt requirements-dev.in

.PHONY: accept-race bench-stock
accept-race: ## everybody wants the last pieces, by threads and over HTTP; exactly so many are sold (SEED= SEEDS=20 TRIES=10000 BUYERS=500)
	@$(IN_VENV) dev -m tests.campaigns.race

.PHONY: bench
bench: ## the store's pages against a constant page of the same server, uncached and cached, and a guest's checkout (ROUNDS=11 SECONDS=1)
	@$(IN_VENV) dev -m tests.campaigns.store_speed

bench-stock: ## holding goods by conditional updates against SELECT FOR UPDATE doing the same (ROUNDS=11 SECONDS=1 DURABLE=0)
	@$(IN_VENV) dev -m tests.campaigns.stock_speed

accept-payments: ## a storm of a payment provider's messages, then two sets of books compared (SEED= INTENTS=10000)
	@$(IN_VENV) dev -m tests.campaigns.payments

accept-chaos: ## kill everything in turn while people shop, then compare three ledgers (SEED= FAULTS=60 OPERATIONS=5000 PEOPLE=8)
	@$(IN_VENV) dev -m tests.campaigns.chaos

accept-cards: ## type card numbers everywhere, then search database files, Valkey, logs, mails (SEED=)
	@$(IN_VENV) dev -m tests.campaigns.cards

.PHONY: accept-ledger bench-ledger
accept-ledger: ## tamper with the ledger as the database's superuser; each time it must be found (SEED= TRIALS=10000)
	@$(IN_VENV) dev -m tests.campaigns.ledger

.PHONY: accept-retention
accept-retention: ## ten years of a store, night by night: nothing is removed early, nothing more than a day late (SEED= ORDERS=100000 YEARS=10)
	@$(IN_VENV) dev -m tests.campaigns.retention

bench-ledger: ## what a leaf costs eight writers, and how many entries a second are verified (ENTRIES=1000000 PAIRS=11)
	@$(IN_VENV) dev -m tests.campaigns.ledger_speed

.PHONY: accept-traffic bench-traffic
accept-traffic: ## kill the workers that count page views anywhere; each is counted once and then gone (SEED= HITS=1000000 KILLS=50)
	@$(IN_VENV) dev -m tests.campaigns.traffic_kills

bench-traffic: ## what counting page views costs, each figure beside that of rows in a table (SEED= HITS=1000000 GROWTH=10)
	@$(IN_VENV) dev -m tests.campaigns.traffic_bench

.PHONY: bench-statistics
bench-statistics: ## opening a year of a large store's statistics, against adding up its days (SEED= DAYS=730 PAGES=400)
	@$(IN_VENV) dev -m tests.campaigns.statistics_speed

.PHONY: accept-mutations
accept-mutations: ## break the policy in a copy of the code in a hundred ways; the checks must find 99 (SEED= VIOLATIONS=100)
	@$(IN_VENV) dev -m tests.campaigns.mutations

.PHONY: accept-restore accept-copy
accept-restore: ## restore a backup after erasures and opt-outs; shut until replayed, then nobody is back (SEED= EACH=500 HOW=files|dump)
	@$(IN_VENV) dev -m tests.campaigns.restore

accept-copy: ## the copy of one person with many orders: how long, how much memory, and whether everything is in it (ORDERS=10000)
	@$(IN_VENV) dev -m tests.campaigns.copy

.PHONY: accept-optout bench-audience
accept-optout: ## people opt out by every road while a campaign runs and its workers die; nothing leaves after (SEED= RECIPIENTS=100000 OPTOUTS=1000 KILLS=20)
	@$(IN_VENV) dev -m tests.campaigns.optout

bench-audience: ## who may be asked, a million people, against a plain table of states; and what a claim costs (PEOPLE=1000000 ROUNDS=5)
	@$(IN_VENV) dev -m tests.campaigns.audience_speed
