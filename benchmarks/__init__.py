"""Benchmarks. Each ratio compares a measurement with a named baseline from the same run."""
