"""Baselines of the benchmarks, written as their authors recommend."""
