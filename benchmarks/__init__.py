"""Benchmarks. Each ratio compares a measurement with a baseline that is named and measured in the same run."""
