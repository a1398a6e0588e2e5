"""A small network trained on points in the plane: its units, its training, and how training can fail."""
