"""The dry run: a few updates, with the shapes, the ranges, the memory, and the time of an update."""
