"""Palimpsest: the synthetic world, the model, its training, evaluation and export."""
