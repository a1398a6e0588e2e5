"""The learning-rate finder: a range test of the learning rate, checked by three short runs."""
