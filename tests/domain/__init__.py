"""Tables and properties of the rules: plain functions, no `async`, no fakes."""
