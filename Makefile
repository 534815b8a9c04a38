# The front door. Each target installs or names what it needs; `make demo` and `make test` work on a fresh Debian
# machine with Rust and Node.

CARGO ?= cargo
WEB   := signaling/web

.PHONY: help api demo test soak lint bench mutations docs web setup screens package

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

need-%:
	@command -v $* >/dev/null || { echo "plenary: '$*' is needed and not installed: see README.md" >&2; exit 1; }

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json | need-npm
	npm --prefix $(WEB) ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(shell find $(WEB)/src $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/compress.ts $(WEB)/public -type f 2>/dev/null)
	npm --prefix $(WEB) run build
	@touch $@

web: $(WEB)/dist/index.html ## build the browser client that the binary embeds

demo: need-cargo need-cc web ## build and run the example conference; prints links that work in a browser; DEMO=--with-cities seats the other cities
	$(CARGO) build --locked -p plenary $(if $(findstring --with-cities,$(DEMO)),-p plenary-cities)
	target/debug/plenary demo $(DEMO)

setup: ## install what the tests need (browsers, network tools; apt-get and npm)
	tests/setup.sh

test: need-cargo setup web ## every suite; the last line counts them all
	node tests/run.mjs

SOAK_CASES ?= 1000000
MEDIA_CASES ?= 100000

soak: need-cargo setup web ## a million scripts against the floor, a hundred thousand against the media core, five hundred crashes under load, a minute of every fuzz target, an hour of every attack, forty recorded speeches; SOAK_CASES, MEDIA_CASES, ROUNDS, SEED and ATTACK_SECONDS change that
	PROPTEST_CASES=$(SOAK_CASES) $(CARGO) nextest run --locked --release -p plenary-floor -p plenary-room invariants properties while_it_writes
	PROPTEST_CASES=$(MEDIA_CASES) $(CARGO) nextest run --locked --release -p plenary-media keystreams
	$(CARGO) build --locked -p plenary
	ROUNDS=$${ROUNDS:-500} node --test tests/e2e/crash.test.mjs
	tests/fuzz.sh
	$(CARGO) build --locked --release --workspace --bins --examples
	PLENARY_BIN=target/release/plenary RETURNING_BIN=target/release/examples/returning \
	  SOUND_GAPS_BIN=target/release/examples/sound_gaps node --test tests/soak/attacks.test.mjs
	PLENARY_BIN=target/release/plenary node --test tests/soak/takes.test.mjs

lint: need-cargo web ## formatting, clippy pedantic without a warning, the page's types, licences, documentation; a part of `make test`
	node tests/run.mjs lint

bench: need-cargo setup web ## the figures, each printed with the command that made it
	$(CARGO) build --locked --release -p plenary -p plenary-load
	$(CARGO) build --locked --release --workspace --example returning --example audience --example publishing --example fanout
	node tests/bench/run.mjs
	node tests/bench/recording.mjs
	node tests/bench/paths.mjs
	node tests/bench/restart.mjs
	node tests/bench/load.mjs
	node tests/bench/janus.mjs
	node tests/bench/overload.mjs
	target/release/examples/fanout
	$(CARGO) bench --locked --workspace --bench '*'
	$(CARGO) bench --locked -p plenary-media --features benching --bench forwarding

mutations: need-cargo ## change the rules of order a dozen ways; a test has to fail each time
	node tests/mutations/run.mjs

screens: setup web ## pictures of every screen into tests/out
	$(CARGO) build --locked -p plenary
	node --test tests/e2e/screens.test.mjs

api: need-cargo web ## docs/openapi.json and docs/asyncapi.json anew, with examples of what has none, and the client's types from them
	-UPDATE_DOCS=1 $(CARGO) test --locked -q -p plenary --test server documents:: -- --test-threads=1 >/dev/null 2>&1
	UPDATE_DOCS=1 $(CARGO) test --locked -q -p plenary --test server documents:: -- --test-threads=1
	npm --prefix $(WEB) run generate

package: need-cargo need-cc web ## a .deb and a tar with a statically linked binary, into target/package
	config/package/build.sh

docs: need-mdbook ## the book, into target/book (cargo install --locked mdbook)
	mdbook build docs
