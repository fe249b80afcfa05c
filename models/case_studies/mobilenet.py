"""MobileNet: depthwise separable convolutions against full ones, in one layer and in the whole network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from spox import Tensor, Var, argument

from models.case_studies.layers import Weights, averaged, convolved, dense, drawn_rows
from models.case_studies.study import Feeds, Figures, Network, Reference, Setting, Study

SIZE, CLASSES = 224, 1000
STEM = 32
BLOCKS = (
    *((32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2)),
    *((512, 512, 1),) * 5,
    *((512, 1024, 2), (1024, 1024, 1)),
)
"""Channels before and after, and the stride, of the thirteen blocks. Table 1 gives the last a stride of 2, against its own 7 x 7."""
CHANNELS, SIDE, KERNEL = 512, 14, 3
"""Of the layer in table 3."""
LAYER_TITLE = f"{SIDE} × {SIDE} × {CHANNELS} layer"
TITLE = f"{SIZE} × {SIZE} image"
PAPER = Reference(
    "Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision "
    "Applications, 2017 (tables 3 and 4, section 3.1)",
    "https://arxiv.org/abs/1704.04861",
)

type Block = Callable[[Var, Weights, int, int, int], Var]


def full(values: Var, weights: Weights, inputs: int, outputs: int, stride: int) -> Var:
    """A full 3 x 3 convolution; normalisation is folded into its bias, as for inference."""
    return convolved(values, weights, (inputs, outputs), KERNEL, stride=stride, padding=1)


def depthwise(values: Var, weights: Weights, inputs: int, outputs: int, stride: int) -> Var:
    """A 3 x 3 convolution of each channel by itself; as many come out."""
    return convolved(values, weights, (inputs, inputs), KERNEL, stride=stride, padding=1, groups=inputs)


def pointwise(values: Var, weights: Weights, inputs: int, outputs: int, stride: int) -> Var:
    """A 1 x 1 convolution, which mixes channels; it leaves out no place."""
    return convolved(values, weights, (inputs, outputs), 1)


def separable(values: Var, weights: Weights, inputs: int, outputs: int, stride: int) -> Var:
    """The two after one another, in the place of a full convolution."""
    return pointwise(depthwise(values, weights, inputs, outputs, stride), weights, inputs, outputs, 1)


def layer(block: Block, channels: int = CHANNELS, side: int = SIDE) -> onnx.ModelProto:
    """One block alone, from (N, channels, side, side) to the same."""
    weights = Weights()
    values = argument(Tensor(np.float32, ("N", channels, side, side)))
    return weights.model({"values": values}, {"made": block(values, weights, channels, channels, 1)})


def network(block: Block, size: int = SIZE) -> onnx.ModelProto:
    """MobileNet of width 1 with such blocks, from pixels (N, 3, size, size) to probabilities (N, 1000)."""
    weights = Weights()
    pixels = argument(Tensor(np.float32, ("N", 3, size, size)))
    values = full(pixels, weights, 3, STEM, 2)
    for inputs, outputs, stride in BLOCKS:
        values = block(values, weights, inputs, outputs, stride)
    probabilities = op.softmax(dense(averaged(values), weights, BLOCKS[-1][1], CLASSES))
    return weights.model({"pixels": pixels}, {"probabilities": probabilities})


def predicted(kernel: int = KERNEL, outputs: int = CHANNELS) -> float:
    """What is left of a full convolution's multiply-adds: 1/N + 1/D_K^2 (section 3.1).

    >>> round(predicted(), 4)
    0.1131
    """
    return 1 / outputs + 1 / kernel**2


def _layer_feeds() -> Feeds:
    return {"values": drawn_rows(8, CHANNELS, SIDE, SIDE)}


def _feeds() -> Feeds:
    return {"pixels": drawn_rows(1, 3, SIZE, SIZE)}


def _layer_lesson(figures: Figures) -> str:
    counted = figures.fewer("separable", "multiply_adds")
    return (
        f"The formula 1/N + 1/D_K² leaves {predicted():.4f} of the multiply-adds, 1 in {1 / predicted():.2f}; counted are 1 in "
        f"{counted:.2f}, and measured is a layer {figures.faster('separable', title=LAYER_TITLE)}. Counts become times by the engine's "
        f"pace, and it is not the same everywhere: {figures.pace('full', title=LAYER_TITLE):.1f} billion multiply-adds a second in the "
        f"full convolution, {figures.pace('pointwise', title=LAYER_TITLE):.1f} in the pointwise one and "
        f"{figures.pace('depthwise', title=LAYER_TITLE):.1f} in the depthwise one, which does nine for each value it reads."
    )


def _lesson(figures: Figures) -> str:
    return (
        f"{figures.fewer('mobilenet', 'multiply_adds'):.1f} times fewer multiply-adds make the network "
        f"{figures.faster('mobilenet', title=TITLE)} (1 thread), at 1.1 points of accuracy as published. Unlike SqueezeNet, it saves work "
        f"as well as parameters ({figures.fewer('mobilenet', 'parameters'):.1f} times fewer)."
    )


LAYER = Study(
    name="separable_convolution",
    title="A depthwise separable convolution against a full one",
    claim="A 3 × 3 convolution split into a depthwise and a pointwise one takes 8 to 9 times less computation: 1/N + 1/D_K² of it.",
    setup=(
        "The layer of the paper's table 3: 14 × 14 places, 512 channels in and out, each convolution with a bias (that of the "
        "normalisation folded into it, which the paper leaves out of its counts) and a ReLU. The two halves of the separable one are "
        "measured alone as well."
    ),
    references=(PAPER,),
    networks=(
        Network("full", "full convolution", lambda: layer(full), {"parameters": 2.36e6, "multiply_adds": 462e6}),
        Network("separable", "depthwise separable", lambda: layer(separable), {"parameters": 0.27e6, "multiply_adds": 52.3e6}),
        Network("depthwise", "its depthwise half alone", lambda: layer(depthwise), {}),
        Network("pointwise", "its pointwise half alone", lambda: layer(pointwise), {}),
    ),
    settings=(Setting(LAYER_TITLE, _layer_feeds, batches=(1, 8), rounds=11, loads=2),),
    lesson=_layer_lesson,
)

STUDY = Study(
    name="mobilenet",
    title="MobileNet against the same network of full convolutions",
    claim="8.6 times fewer multiply-adds and 7 times fewer parameters for 1.1 points of accuracy on ImageNet.",
    setup="MobileNet of width 1 at 224 × 224, batch normalisation folded into the convolutions' biases, as for inference.",
    references=(PAPER,),
    networks=(
        Network(
            "conv_mobilenet",
            "MobileNet of full convolutions",
            lambda: network(full),
            {"parameters": 29.3e6, "multiply_adds": 4866e6, "imagenet_top1_percent": 71.7},
        ),
        Network(
            "mobilenet",
            "MobileNet",
            lambda: network(separable),
            {"parameters": 4.2e6, "multiply_adds": 569e6, "imagenet_top1_percent": 70.6},
        ),
    ),
    settings=(Setting(TITLE, _feeds, rounds=5),),
    lesson=_lesson,
)
