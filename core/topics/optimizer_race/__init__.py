"""The optimizer race: the same small network trained with many optimizers and learning rates at once."""
