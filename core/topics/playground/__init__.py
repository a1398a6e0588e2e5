"""A small network learns points in the plane: what its units see, how it is trained, and what goes wrong."""
