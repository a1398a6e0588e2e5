"""Transfer learning: a network that has learnt one thing learns another from few labels, beside one that has not."""
