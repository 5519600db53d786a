"""`spothold`, the operator's command."""
