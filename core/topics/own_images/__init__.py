"""Own images: a backbone trained on ImageNet computes features, and a linear head learns the user's classes."""
