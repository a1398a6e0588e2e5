"""Own images: a pretrained backbone computes features, and a linear head learns the user's classes."""
