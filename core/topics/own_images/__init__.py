"""Own images: a pretrained backbone computes features, and a linear head learns the classes of the user."""
