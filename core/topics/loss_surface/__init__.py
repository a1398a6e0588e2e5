"""Optimizers that descend on a surface of two weights, and the search for their learning rates."""
