# `make grade` and `make test` do everything on a fresh machine; the rest is for those who work on it.

# An interpreter of 3.11 or newer. As root, one that all users may read starts fastest.
PYTHON ?= python3
# Where to look for torch beside the default index, whose build for Linux comes with CUDA (several GB):
# make grade TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

SOURCES := otter_config.json pyproject.toml README.md LICENSE \
	$(shell find autograder assignment tests/hidden -type f -not -name '*.pyc')

.PHONY: grade test test-browser test-gradescope lint build bench bench-training lock clean

grade: $(INSTALLED) dist/autograder.zip
	$(BIN)/autograder grade tests/submissions

test: $(INSTALLED) lint
	$(BIN)/python -m pytest -n auto --dist loadfile

# The notebook as students see it, in JupyterLab and Chromium, which come from elsewhere.
test-browser: $(INSTALLED)
	command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y chromium; }
	$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) \
		-r assignment/student/requirements.txt playwright==1.65.2
	$(BIN)/python -m pytest tests/browser

# The zip as Gradescope runs it, in a Debian system of its own: needs root, and Debian's debootstrap.
test-gradescope: grade
	command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -qq -y debootstrap; }
	TORCH_INDEX=$(TORCH_INDEX) $(BIN)/python -m pytest tests/container -s

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

build: $(INSTALLED)
	$(BIN)/autograder build

dist/autograder.zip: $(SOURCES) | $(INSTALLED)
	$(BIN)/autograder build

bench: $(INSTALLED) build/nbgrader/.installed
	$(BIN)/python -m bench

# What the bench compares with: apart from what grades, but with the same torch, numpy and kernel.
build/nbgrader/.installed: $(INSTALLED)
	$(BIN)/python -m venv --clear --without-pip build/nbgrader
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> $$(echo build/nbgrader/lib/python*/site-packages)/autograder.pth
	$(BIN)/python -m pip --python build/nbgrader/bin/python install --quiet --disable-pip-version-check \
		nbgrader==0.9.6
	@touch $@

# Hours of training on two cores; what it has measured is kept and gone on with.
bench-training: $(INSTALLED)
	$(BIN)/python -m bench.false_fails --csv build/false_fails.csv

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@# Debian keeps ensurepip in a package of its own; pip can install itself from outside.
	$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	$(PYTHON) -m venv --clear build/lock
	@# Newer releases of these need more than Python 3.11.0.
	build/lock/bin/python -m pip install --quiet torch==2.13.0 'soupsieve<3' --editable '.[build,cluster,dev]'
	{ echo '# The exact versions that `make` installs, made by `make lock` from pyproject.toml; do not edit.'; \
		build/lock/bin/python -m pip freeze --exclude-editable --all | grep -v '^pip==' | \
		sed 's/+cpu$$//' | LC_ALL=C sort -f; } > requirements.lock

clean:
	rm -rf $(VENV) build dist grades .pytest_cache .mypy_cache .ruff_cache *.egg-info
