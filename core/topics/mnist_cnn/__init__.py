"""A convolutional network that reads digits: its layers, the transforms of its pictures, and its training."""
