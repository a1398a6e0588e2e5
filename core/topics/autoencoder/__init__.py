"""An autoencoder that repairs pictures: its networks, what is done to its pictures, and its training."""
