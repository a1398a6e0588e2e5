"""A convolutional network that classifies digits: its layers, the transforms of its images, and its training."""
