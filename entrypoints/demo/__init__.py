"""`spothold demo`: the whole world of the service on one machine, until Ctrl-C."""
