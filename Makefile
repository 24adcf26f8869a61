# make demo   a document of the recordings, from nothing but Python 3.11
# make test   all tests, with all their set-up (Node 20 and npm for the official libraries)
# make lint   style and types
# make fuzz   all targets of tests/fuzz, a minute each (ARGS="--seconds 600 decoder" for one of them, longer)
# make audit  known weaknesses of what is installed; make sbom: what that is, into dist/; make wheel: the same bytes twice
# make bench  the ratios that are held, measured anew into bench/RESULTS.md (ten minutes, 2 GB of inputs)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test lint bench fuzz audit sbom wheel clean

demo: $(VENV)/runtime
	$(BIN)/sio-infer recordings/chat-*.har --title "Chat" > asyncapi.yml
	@cat asyncapi.yml
	@echo "--- written to asyncapi.yml, from recordings/chat-*.har; the other recordings:"
	$(BIN)/sio-infer recordings -o asyncapi-all.yml

test: $(VENV)/test tests/node_modules/.installed
	$(BIN)/python -m pytest -n 2 $(ARGS)

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/runtime bench/data/peer/.installed
	$(BIN)/python -m bench.run $(ARGS)

fuzz: $(VENV)/test
	$(PIP) install --quiet --group fuzz
	$(BIN)/python -m tests.fuzz.run $(ARGS)

audit: $(VENV)/supply
	$(BIN)/python -m tests.supply.audit

# of what users get, in an environment without the tools of tests
sbom: $(VENV)/supply
	rm -rf build/sbom && $(PYTHON) -m venv --without-pip build/sbom
	$(BIN)/python -m pip --disable-pip-version-check --python build/sbom install --quiet --constraint constraints.txt .
	mkdir -p dist
	$(BIN)/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --mc-type application --of JSON -o dist/sio-infer.cdx.json build/sbom
	@echo "--- written to dist/sio-infer.cdx.json"

wheel: $(VENV)/supply
	$(BIN)/python -m tests.supply.wheel dist

$(VENV)/supply: pyproject.toml | $(VENV)/test
	$(PIP) install --quiet --group supply
	@touch $@

# in an environment of its own: it wants other versions of what we want
bench/data/peer/.installed:
	$(PYTHON) -m venv bench/data/peer
	bench/data/peer/bin/python -m pip --disable-pip-version-check install --quiet mitmproxy2swagger==0.14.0
	@touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade "pip>=25.1"

$(VENV)/runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable . --group test --group lint
	@touch $@ $(VENV)/runtime

tests/node_modules/.installed: tests/package.json tests/package-lock.json
	npm ci --prefix tests --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf $(VENV) tests/node_modules build dist asyncapi.yml asyncapi-all.yml
