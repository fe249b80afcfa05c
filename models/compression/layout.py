"""Layout: pointwise convolutions over few places as products with the channels last; answers stay the same.

ONNX Runtime multiplies a pointwise convolution's weights by the places of one image, 16 at a time: the 49 of a stage of 7 x 7 are padded to
64, and activations are packed in every run. With the channels last the places are rows, those of all images together, and the weights are
packed once. The transpositions between the layouts are few, since ONNX Runtime moves them past what is elementwise, where they cancel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper

from models.compression.errors import OperatorError
from models.compression.lesson import Lesson
from models.compression.network import Layer, Network, places
from models.compression.settings import within

LAST, FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
"""Where the channels go."""


@dataclass(frozen=True, slots=True)
class PointwiseProducts:
    """Which convolutions become products.

    Attributes
    ----------
    places : int
        Those over at most so many places: over more, transpositions cost more than padding.
    """

    places: int = 64

    def __post_init__(self) -> None:
        within("PointwiseProducts.places", self.places, 1, 1_000_000)


def pointwise_products(model: onnx.ModelProto, settings: PointwiseProducts, data: Lesson | None) -> onnx.ModelProto:
    """The model with products for its pointwise convolutions over few places; raises OperatorError if it has none."""
    network = Network(model, "pointwise_products")
    sizes = places(network.model())
    chosen = [layer for layer in network.layers() if len(layer.kernel) == 2 and layer.pointwise and sizes[layer.made] <= settings.places]
    if not chosen:
        raise OperatorError(
            f"pointwise_products: got no convolution of 1 x 1 over at most {settings.places} places, expected one; leave this step out of "
            "the recipe"
        )
    for layer in chosen:
        network.substitute(layer, _product(network, layer))
    return network.model()


def _product(network: Network, layer: Layer) -> list[onnx.NodeProto]:
    names = [f"{layer.made}_{part}" for part in ("taken", "product", "moved")]
    weights, bias = network.fixed(layer.weights[:, :, 0, 0].T), network.fixed(np.asarray(layer.bias))
    return [
        helper.make_node("Transpose", [layer.taken], [names[0]], perm=LAST),
        helper.make_node("MatMul", [names[0], weights], [names[1]]),
        helper.make_node("Add", [names[1], bias], [names[2]]),
        helper.make_node("Transpose", [names[2]], [layer.made], perm=FIRST),
    ]
