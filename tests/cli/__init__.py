"""`spothold` as an operator types it."""
