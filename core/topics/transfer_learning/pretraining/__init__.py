"""Pretraining on the source tasks of transfer learning."""
