"""A two-layer network written by hand, and four other ways to write the very same network."""
