# The commands of the project. `make help` lists them.

CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
# The e2e tests mostly wait for media in real time: more of them than cores.
E2E_THREADS ?= 6
# Minutes for each fuzz target.
MINUTES ?= 1

.DEFAULT_GOAL := help
.PHONY: help run test test-deps web pages check unit e2e deny fuzz bench microbench

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: pages ## build the server and start it in the foreground on its built-in configuration
	$(CARGO) run --release --package weir -- -d

test: test-deps web check unit e2e ## install what the tests need, then run all of them

test-deps: ## install what the tests need (ffmpeg, rtmpdump, GStreamer, VLC, Chromium, Node)
	scripts/test-deps

web: ## check, test and build the pages that the server brings along (needs Node)
	cd web && npm ci --no-audit --no-fund --silent && npm run --silent check && npm test --silent && npm run --silent build

# The pages built anew when their sources have changed, if they can be: the server says what is missing where they are not.
pages:
	@if [ ! -f web/dist/index.html ] || \
		[ -n "$$(find web/src web/index.html web/package-lock.json web/vite.config.ts -newer web/dist/index.html)" ]; then \
		if command -v npm >/dev/null; then cd web && npm ci --no-audit --no-fund --silent && npm run --silent build; \
		else echo "no Node here: the server comes without its pages (make web builds them)"; fi; \
	fi

check: ## format, lints, the rules of the house, the contract
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) xtask tidy
	$(CARGO) xtask contract

unit: ## every test but those with real clients
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		echo "$(CARGO) nextest run --workspace --exclude weir-e2e"; \
		$(CARGO) nextest run --workspace --exclude weir-e2e; \
	else \
		echo "$(CARGO) test --workspace --exclude weir-e2e"; \
		$(CARGO) test --workspace --exclude weir-e2e; \
	fi

e2e: pages ## the built server against ffmpeg, rtmpdump, GStreamer and VLC
	$(CARGO) build --package weir --package weir-bench
	$(CARGO) test --package weir-e2e -- --test-threads $(E2E_THREADS) --skip alone::
	$(CARGO) test --package weir-e2e -- --test-threads 1 alone::

deny: ## licences, banned crates and sources of dependencies (installs cargo-deny)
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install cargo-deny --locked --version 0.20.2
	$(CARGO) fetch --locked
	$(CARGO) deny --offline check bans licenses sources

fuzz: ## every fuzz target, MINUTES=1 each (needs cargo-fuzz and a nightly toolchain)
	$(CARGO) xtask fuzz --minutes $(MINUTES)

bench: ## weir beside nginx-rtmp, nginx and the floor of the machine: refreshes docs/performance.md (25 minutes, idle machine)
	$(CARGO) build --release --package weir --package weir-bench
	$(TARGET)/release/weir-bench compare --weir $(TARGET)/release/weir --out docs

microbench: ## benches of single parts; their names are the questions that they answer
	$(CARGO) bench --workspace
