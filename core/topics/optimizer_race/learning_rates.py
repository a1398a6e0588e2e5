"""The best learning rates of the default race. ``python -m benchmarks learning_rates`` repeats this race."""

BEST_LEARNING_RATES: dict[str, float] = {
    "sgd": 0.3,
    "momentum": 0.03,
    "nesterov": 0.03,
    "adagrad": 0.1,
    "rmsprop": 0.01,
    "adadelta": 3.0,
    "adam": 0.01,
    "adamw": 0.01,
    "muon": 0.003,
}
"""Optimizer -> learning rate with the lowest validation loss in the default race."""
