# make run          start the playground
# make check        lint, format, types and the fast tests of core: for every save
# make test         the same with all tests: for every commit, and what continuous integration runs
# make coverage     how much of core and pages the tests run
# make format       format the code, and mend what ruff can mend
# make checkpoints  train the recordings in checkpoints/ anew
# make screenshots  take the pictures of the README
# make messages     collect the texts for translators in pages/locale/messages.pot

PYTHON ?= python3
BIN := .venv/bin
# Keep compiled modules, and tests with rewritten assertions, for the many processes of a test run
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt

# Tests of live behaviour, in a real browser and with real workers: one after the other, beside all other tests
LIVE := tests/core/engine/test_engine.py tests/browser
PARALLEL := tests $(LIVE:%=--ignore=%)
# Tests that train whole networks, replay recordings or start processes are not for every save
SLOW := engine test_command_line.py '*test_train*' '*test_presets.py' '*test_recordings.py' '*test_learning.py' \
  '*test_label_efficiency.py' '*test_script.py' '*test_networks.py' '*test_command.py' '*test_timing.py' '*test_torchvision_compat.py' '*test_rendered_photos.py' '*test_loader_speed.py'
FAST := tests/core $(foreach tests,$(SLOW),--ignore-glob=tests/core/$(tests))
# Processes for all cores need no second thread of torch each
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest
PROCESSES = logical
PYTEST_PARALLEL = $(PYTEST) -n $(PROCESSES) --maxprocesses 4 --dist worksteal

.PHONY: run check lint test test-live test-parallel coverage format checkpoints screenshots messages clean

run: .venv/run.stamp
	$(BIN)/streamlit run streamlit_app.py

check: lint
	$(PYTEST_PARALLEL) -q $(FAST)

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: .venv/browser.stamp
	$(MAKE) --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=line) test-live lint test-parallel

# A live test that fails, for instance because the machine is busy, gets a second chance. Its first failure stays in the output.
test-live: PYTEST_LIVE = $(PYTEST) -o cache_dir=.pytest_cache/live $(LIVE)
test-live: .venv/browser.stamp
	$(PYTEST_LIVE) || $(PYTEST_LIVE) --last-failed --last-failed-no-failures=none

# The browser of test-live and its server take a core
test-parallel: PROCESSES = $(shell $(PYTHON) -c 'import os; left = os.cpu_count() - 1; print(left if left > 1 else 0)')
test-parallel: .venv/dev.stamp
	$(PYTEST_PARALLEL) $(PARALLEL)

coverage: .venv/dev.stamp
	$(PYTEST_PARALLEL) -q --cov $(PARALLEL)

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

checkpoints: .venv/run.stamp
	$(BIN)/python -m core checkpoints

screenshots: .venv/browser.stamp
	$(BIN)/python -m tests.browser.screenshots

messages: .venv/dev.stamp
	$(BIN)/python -m pages.locale.messages

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage test-results

.venv/run.stamp: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements.txt
	touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	$(PIP) -r requirements-dev.txt
	touch $@

.venv/browser.stamp: tests/browser/install.py .venv/dev.stamp
	$(BIN)/python -m tests.browser.install
	touch $@
