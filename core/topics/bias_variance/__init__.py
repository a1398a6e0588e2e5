"""Under- and overfitting: one curve behind noisy points, fitted with every capacity at once."""
