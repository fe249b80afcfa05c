"""Compression: from a model to a smaller or faster one, by techniques that a recipe combines.

Every technique is a function of a model, its settings and, where it learns or calibrates, a lesson. Names, shapes and types of the model's
inputs and outputs stay as they are.
"""
