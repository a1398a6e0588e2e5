"""Denoising autoencoders: networks, corruptions, training, and evaluation."""
