"""A two-layer network from scratch, in five implementations that compute the same function."""
