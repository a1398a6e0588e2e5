"""Overfit one batch: can the network of a run memorize a single batch?"""
