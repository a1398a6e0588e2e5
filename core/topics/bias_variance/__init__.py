"""Underfitting and overfitting: models of every capacity, fitted to noisy points of one curve."""
