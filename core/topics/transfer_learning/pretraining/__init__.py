"""Pretraining of the networks that transfer learning starts from."""
