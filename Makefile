# Uzor: `make run` and `make test` install what they need first; both work offline once the packages are there.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8501

.PHONY: run test check bench parity pretrain pretrain-smoke words demo demo-models lock messages clean
.DEFAULT_GOAL := run

run: $(VENV)/installed  ## start the app on 127.0.0.1:8501
	$(BIN)/python -m app $(PORT)

test: $(VENV)/installed-test  ## everything: linters, types, unit, contract, crash, page and browser tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

check: $(VENV)/installed-test  ## the quick half of the tests: linters, types and the rules of the house
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_house.py

bench: $(VENV)/installed  ## speed against the naive way and the machine's ceiling, side by side
	$(BIN)/python -m bench

parity: $(VENV)/installed-test  ## builds the original ruclip in an environment of its own and compares with it
	bash tests/oracle/run.sh

CATALOGUE ?= ../shared/catalogues/emoji/products.csv
pretrain: $(VENV)/installed  ## trains the bundled models again: make pretrain CATALOGUE=products.csv
	$(BIN)/python -m eval.pretraining --catalogue $(CATALOGUE) --out build/pretraining

pretrain-smoke: $(VENV)/installed-test  ## the same training cut short, on tiny catalogues; part of `make test` as well
	$(BIN)/python -m pytest tests/test_pretraining.py

words: $(VENV)/installed  ## learns the vocabulary of key points (classical:sift) from the drawn catalogue of the workspace
	$(BIN)/python -m eval.visual_words embroidery

demo: $(VENV)/installed  ## draws the embroidery catalogue that ships and packs it again
	$(BIN)/python -m data.demo.shipping

TUNE = UZOR_HOME=build/tuning/home $(BIN)/python -m app.cli finetune
TUNED = --catalogue drawn-training --together line --no-near --half-precision --schedule cosine --flip 0.3
TOWERS = $(TUNED) --recipe towers --weight-decay 0.05 --views 8 --batch 128 --crop 0.75
HEADS = $(TUNED) --pairs build/tuning/drawn/pairs.csv --rate 1e-3 --weight-decay 0.01 --epochs 10 --views 5
demo-models: $(VENV)/installed  ## draws the training set and tunes the bundled models on it again (about an hour)
	$(BIN)/python -m data.demo.training build/tuning/drawn
	UZOR_HOME=build/tuning/home $(BIN)/python -m app.cli import build/tuning/drawn/products.csv --name drawn-training
	$(TUNE) ruclip:bundled/mini-ruclip $(TOWERS) --pairs build/tuning/drawn/pairs.csv --rate 5e-4 --epochs 5 --name first-round
	$(TUNE) ruclip:bundled/mini-ruclip+first-round $(TOWERS) --pairs build/tuning/drawn/pairs-again.csv --rate 3e-4 --epochs 3 \
	  --name mini-ruclip-embroidery
	$(TUNE) ruclip:bundled/mini-ruclip $(HEADS) --name mini-ruclip-embroidery-heads
	$(TUNE) openclip:bundled/mini-clip $(HEADS) --name mini-clip-embroidery

lock: $(VENV)/installed-test  ## resolves the whole tree anew; the Python and platform markers stay in the file
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra test -c requirements.lock --universal --python-version 3.11 --no-header --quiet -o requirements-test.lock

messages: $(VENV)/installed-test  ## collects the strings of the screens into app/locale
	mkdir -p build
	$(BIN)/pybabel --quiet extract -k N_ -k n_:1,2 --add-location=file --width 120 --msgid-bugs-address "the issues of the project" -o build/uzor.pot app pages
	$(BIN)/pybabel --quiet update -D uzor -i build/uzor.pot -d app/locale --no-fuzzy-matching --ignore-obsolete --width 120 --ignore-pot-creation-date

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Uzor needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamp holds the lock's checksum: a touched but equal file installs nothing.
$(VENV)/installed: requirements.lock pyproject.toml | $(BIN)/python
	@if [ "$$(cat $@ 2>/dev/null)" != "$$(cat $^ | cksum)" ]; then \
	  echo "Installing Uzor's packages into $(VENV) (several GB the first time: torch brings CUDA with it)"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock && \
	  PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e . && \
	  cat $^ | cksum > $@; fi
	@touch $@

$(VENV)/installed-test: requirements-test.lock $(VENV)/installed
	@if [ "$$(cat $@ 2>/dev/null)" != "$$(cat requirements-test.lock | cksum)" ]; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.lock && \
	  cat requirements-test.lock | cksum > $@; fi
	@touch $@
