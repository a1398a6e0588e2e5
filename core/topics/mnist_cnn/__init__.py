"""A convolutional network that classifies digits: its layers, its image transforms, and its training."""
