"""Weights for the benchmark's plain JavaScript: ONNX models as lists of layers and flat numbers, a module for each kind of network."""

from web.bench.weights.files import write_weights
from web.bench.weights.graph import WeightsError
from web.bench.weights.stage import routes_of, weights_stage

__all__ = ["WeightsError", "routes_of", "weights_stage", "write_weights"]
