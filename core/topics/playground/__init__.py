"""A small network is trained on points in the plane: its units, its training, and how training can fail."""
