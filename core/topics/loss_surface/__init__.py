"""Loss surfaces, functions of two weights: trajectories of optimizers, and the search for their learning rates."""
