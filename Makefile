# The front door.  It repeats nothing: the work is in .ci/ and in the spothold command.
.PHONY: help setup demo test lock
.DEFAULT_GOAL := help

help:  ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## Make .venv with .venv/bin/spothold
	@.ci/venv demo

demo: setup  ## Start everything on this machine; Ctrl-C stops it
	@.venv/bin/spothold demo

test:  ## Run every check that CI runs
	@.ci/run

lock:  ## Recompile the three lock files (needs uv on the path)
	@.ci/lock
