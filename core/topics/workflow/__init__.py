"""A complete PyTorch program in four parts: data, model, optimization, and saving."""
