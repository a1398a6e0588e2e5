"""A study: how many labels each strategy needs for an accuracy."""
