# make run    set up in .venv and serve the page on port 7860
# make test   set up, with what tests need, and pass them      (make test ARGS="tests/media -x")
# make check  linters, types, arrows between rooms
# make bench  print every figure that the papers state (make bench ONLY=networks)
# make shots  pictures of the page for people to look at, in shots/

VENV := .venv
PYTHON ?=
IN_VENV := $(VENV)/bin/python
KNOWN := $(firstword $(shell cat requirements.txt | cksum))
KNOWN_DEV := $(firstword $(shell cat requirements.txt requirements-dev.txt | cksum))
RUN_READY := $(VENV)/.ready-$(KNOWN)
DEV_READY := $(VENV)/.ready-dev-$(KNOWN_DEV)
PIP := $(IN_VENV) -m pip install --quiet --disable-pip-version-check --no-input
# librosa's loops: else the first who composes a film waits for this, 20 s
COMPILE = @$(IN_VENV) -c 'import avai.services.rosa'

export PYTHONPATH := $(CURDIR)

.PHONY: run test check bench shots
.DELETE_ON_ERROR:

run: $(RUN_READY)
	$(IN_VENV) app.py

test: $(DEV_READY)
	$(IN_VENV) -m pytest $(ARGS)

check: $(DEV_READY)
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m ruff format --check .
	$(IN_VENV) -m mypy --strict avai
	$(VENV)/bin/lint-imports

bench: $(DEV_READY)
	@set -e; for script in $(or $(ONLY:%=benchmarks/%.py),$(filter-out benchmarks/report.py benchmarks/joins.py benchmarks/flashes.py,$(wildcard benchmarks/*.py))); do \
	    echo "== $$script"; $(IN_VENV) $$script; done

shots: $(DEV_READY)
	$(IN_VENV) tests/page/shots.py $(ARGS)

# A stamp carries the checksum of what was asked for: the second `make run` starts at once, a changed pin installs.
$(RUN_READY): | $(IN_VENV)
	@echo "Installing what the studio needs into $(VENV): a few minutes, about 3 GB."
	$(PIP) -r requirements.txt
	$(COMPILE)
	@touch $@

$(DEV_READY): | $(IN_VENV)
	@echo "Installing what the studio and its tests need into $(VENV): a few minutes, about 3 GB."
	$(PIP) -r requirements-dev.txt
	$(COMPILE)
	@touch $@ $(RUN_READY)

# The first Python of 3.11 to 3.13 that can make environments; its own packages are left alone.
$(IN_VENV):
	@fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; found=; unable=; \
	for name in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
	    "$$name" -c "$$fits" >/dev/null 2>&1 || continue; \
	    if "$$name" -c 'import ensurepip, venv' >/dev/null 2>&1; then found=$$name; break; fi; \
	    unable=$$name; \
	done; \
	if [ -n "$$found" ]; then "$$found" -m venv --clear $(VENV); \
	elif [ -n "$$unable" ]; then \
	    echo "$$unable has no venv module. On Debian or Ubuntu: apt-get install $$("$$unable" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; exit 1; \
	else echo "The studio needs Python 3.11, 3.12 or 3.13. Install one, or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; fi
