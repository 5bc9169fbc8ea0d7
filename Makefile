# Two commands: `make run` opens the portal, `make test` tries everything. Neither needs anything done by hand before.
.DEFAULT_GOAL := run
.PHONY: run setup test lint lock migration benchmarks
ARGS ?=

run: setup  ## set up, migrate, serve on 127.0.0.1:8000
	@set -a; if [ -f .env ]; then . ./.env; fi; set +a; exec .venv/bin/prm serve

setup:  ## the set-up alone
	@tools/setup

test:  ## set up, lint, and run every test: make test ARGS=tests/core
	@tools/setup test
	@tools/test $(ARGS)

lint:
	@tools/setup test
	@tools/lint

lock:  ## after changing pyproject.toml: resolve it anew into the two files that pip installs
	@tools/lock

migration:  ## make migration name="add partner phone"
	@.venv/bin/prm migration "$(name)"

benchmarks:  ## every figure beside its floor
	@tools/setup test
	@.venv/bin/python -m benchmarks
