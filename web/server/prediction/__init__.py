"""Predictions over HTTP: released pipelines behind the Open Inference Protocol, and behind records of named fields."""
