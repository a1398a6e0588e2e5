"""The four steps of a PyTorch program: prepare data, create a model, optimize its parameters, and save it."""
