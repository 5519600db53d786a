# The front door.  It repeats nothing: the work is in .ci/ and in the spothold command.
.PHONY: bench screenshots help setup demo test drill mutants lock reference docs fuzz audit
.DEFAULT_GOAL := help

help:  ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## Make .venv with .venv/bin/spothold
	@.ci/venv demo

demo: setup  ## Start everything on this machine; Ctrl-C stops it
	@.venv/bin/spothold demo

test:  ## Run every check that CI runs
	@.ci/run

bench:  ## Measure what the service costs beside a floor; an hour and more
	@.ci/venv dev
	@.venv/bin/python -m tests.bench

drill:  ## Say of each hazard, 1 to 84, which tests prove what becomes of it
	@.ci/venv dev
	@.venv/bin/python -m tests.drill

mutants:  ## Break the code in one line after the other, and see a test turn red
	@.ci/venv dev
	@.venv/bin/python -m tests.mutation

reference:  ## Write docs/reference anew from the code
	@.ci/venv dev
	@.venv/bin/python -m entrypoints.reference

docs: reference  ## Build the site of docs/ into site/
	@.ci/fetch-mermaid || true
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet
	@echo "site/index.html"

audit:  ## Look for known holes, licences we do not take, and secrets
	@.ci/venv dev
	@.venv/bin/python -m tests.security

fuzz:  ## Send 20,000 requests that nobody would, as nobody, a buyer and an admin
	@.ci/venv dev
	@.venv/bin/python -m tests.fuzz --cases 20000

lock:  ## Recompile the three lock files (needs uv on the path)
	@.ci/lock

screenshots:  ## Take a picture of every page of the demo (needs Chromium)
	@.ci/venv dev
	@.venv/bin/python -m tests.screenshots --whole
