"""The four steps of a PyTorch program: work with data, create a model, optimize its parameters, and save it."""
