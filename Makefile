# The chat, from a fresh clone: `make run`. Needs Python 3.11 or newer; the rest is fetched
# once, into .venv, node_modules and static/vendor. How: tools/setup.py.

SHELL = /bin/sh
BIN = .venv/bin
CAMPAIGNS = tests/log tests/test_exactly_once.py tests/test_kill_9.py tests/transport/test_fuzz.py \
	tests/page/test_reconnecting.py tests/cluster
SETUP = @python=$$(tools/python.sh) && "$$python" -m tools.setup

ifeq ($(origin PORT), command line)
export CHATAPP_PORT = $(PORT)
endif

.PHONY: help run test check-types check-page cluster torture bench screenshots wheel clean

help: ## List what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

run: export CHATAPP_STARTED_WITH = make run
run: ## Start the chat on http://localhost:8080, or: make run PORT=9000
	$(SETUP)
	@exec $(BIN)/chatapp serve

test: ## The whole gate: format, lint, types, page tests, all tests
	$(SETUP) test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory -j 2 check-types check-page
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

cluster: export PORT ?= 8080
cluster: ## Try a chat of two servers: PostgreSQL, Redis and a balancer on this machine
	$(SETUP) cluster
	@exec $(BIN)/python -m tools.cluster

check-types:
	$(BIN)/mypy

check-page:
	$(BIN)/python -m tools.node node_modules/typescript/bin/tsc
	$(BIN)/python -m tools.node node_modules/typescript/bin/tsc -p tsconfig.worker.json
	$(BIN)/oxlint static/js tests/js
	$(BIN)/python -m tools.node --test $(wildcard tests/js/*.test.js)

torture: ## The campaigns of faults, at full length
	$(SETUP) test
	TORTURE=1 $(BIN)/pytest $(CAMPAIGNS) --timeout=0

bench: ## The benchmarks, each beside its peer, or: make bench ARGS="--short ingest"
	$(SETUP) test
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: ## Take the pictures of the README, and of all main states into build/screenshots/
	$(SETUP) test
	$(BIN)/python -m tools.screenshots
	$(BIN)/python -m tests.page.screenshots build/screenshots

wheel: ## Build dist/: the wheel and the source archive
	$(SETUP) test
	$(BIN)/python -m build --no-isolation

clean: ## Remove what was built and fetched; data/ stays
	rm -rf .venv .setup node_modules static/vendor build dist .*_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
