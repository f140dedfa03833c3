# Everything runs in .venv, which the first target that needs it creates.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two processes test side by side: their matrix products must not ask for all cores each.
PYTEST := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal
# Another Python than last time makes the environment anew.
STAMP := $(VENV)/.installed-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

.PHONY: install demo demo-speech test test-all bench verification docs figures lint types clean

install: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

DOCS_STAMP := $(STAMP)-docs

$(DOCS_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@

demo: install
	$(BIN)/python -m experiments.handwritten_digits --output results/handwritten_digits

demo-speech: install
	$(BIN)/python -m pip install --quiet --editable '.[speech]'
	$(BIN)/python -m experiments.spoken_digits --output results/spoken_digits \
	  --seeds 2 --folds 2 --passes 10

test: install
	$(PYTEST) -m "not slow"

test-all: install
	SPIKEPLAST_THOROUGH=1 $(PYTEST)

bench: install
	$(BIN)/python -m benchmarks

# Long. Goes on where a number is not reached, and fails at the end.
verification: install
	failed=0; for name in stdp clopath convallis vogels dopamine song zenke rate_rules nonlinear_hebbian neurons; do \
	  $(BIN)/python -m experiments.verification.$$name --document docs/verification.md \
	    || failed=1; \
	done; exit $$failed

# The site, in build/site; a warning is an error.
docs: $(DOCS_STAMP)
	$(BIN)/python -m mkdocs build --quiet --strict

# The figures of the pages of rules and models, from their scripts.
figures: install
	$(BIN)/python -m documentation.figures

lint: install
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: install
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) results build *.egg-info .pytest_cache .mypy_cache .ruff_cache
