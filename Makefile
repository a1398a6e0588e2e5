# make run    start the playground         make test         lint, format check and all tests
# make checkpoints    train anew what checkpoints/ holds
# make screenshots    take the pictures of the README

PYTHON ?= python3
BIN := .venv/bin

# What looks at clocks and at other processes has the machine to itself
ALONE := tests/core/test_engine.py tests/browser
SIDE_BY_SIDE := tests $(ALONE:%=--ignore=%)

.PHONY: run test format checkpoints screenshots clean

run: .venv/run.stamp
	$(BIN)/streamlit run streamlit_app.py

test: .venv/browser.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest $(ALONE)

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

checkpoints: .venv/run.stamp
	$(BIN)/python -m core checkpoints

screenshots: .venv/browser.stamp
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis test-results

.venv/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.txt
	touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-dev.txt
	touch $@

.venv/browser.stamp: tests/browser/install.py .venv/dev.stamp
	$(BIN)/python -m tests.browser.install
	touch $@
