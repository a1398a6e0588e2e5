"""The optimizer race: the same small network trained by every optimizer, at many learning rates, all at once."""
