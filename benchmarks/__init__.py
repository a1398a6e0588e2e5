"""Side-by-side measurements: every ratio is measured in one run against a named baseline."""
