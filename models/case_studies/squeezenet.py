"""SqueezeNet against AlexNet: fifty times fewer parameters, as published, and what that does to time."""

from __future__ import annotations

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from spox import Tensor, Var, argument

from models.case_studies.layers import Weights, averaged, convolved, dense, drawn_rows, pooled
from models.case_studies.study import Feeds, Figures, Network, Reference, Setting, Study

SIZE, CLASSES = 227, 1000
"""AlexNet's layers fit this size, not the 224 that its paper names (11 x 11 at every fourth place gives 55 x 55); SqueezeNet's likewise."""
FIRES = (
    (96, 16, 64),
    (128, 16, 64),
    (128, 32, 128),
    (256, 32, 128),
    (256, 48, 192),
    (384, 48, 192),
    (384, 64, 256),
    (512, 64, 256),
)
"""Channels that enter a Fire module, that its squeeze leaves, and that each half of its expansion makes: fire2 to fire9."""
POOLED_AFTER = (2, 6)
"""Fire modules, counted from 0: fire4 and fire8."""
TITLE = f"{SIZE} × {SIZE} image"


def alexnet(size: int = SIZE, hidden: int = 4096) -> onnx.ModelProto:
    """AlexNet as published: two groups in the second, fourth and fifth convolution, response normalisation after the first two.

    Parameters
    ----------
    size : int
        Pixels a side; at least 67.
    hidden : int
        Units of the two hidden dense layers.
    """
    weights = Weights()
    pixels = _pixels(size)
    values = pooled(_normalised(convolved(pixels, weights, (3, 96), 11, stride=4)))
    values = pooled(_normalised(convolved(values, weights, (96, 256), 5, padding=2, groups=2)))
    values = convolved(values, weights, (256, 384), 3, padding=1)
    values = convolved(values, weights, (384, 384), 3, padding=1, groups=2)
    values = pooled(convolved(values, weights, (384, 256), 3, padding=1, groups=2))
    side = _side(size)
    values = op.relu(dense(op.flatten(values), weights, 256 * side**2, hidden))
    values = op.relu(dense(values, weights, hidden, hidden))
    return weights.model({"pixels": pixels}, {"probabilities": op.softmax(dense(values, weights, hidden, CLASSES))})


def squeezenet(size: int = SIZE) -> onnx.ModelProto:
    """SqueezeNet 1.0 as published (table 1, without bypasses)."""
    weights = Weights()
    pixels = _pixels(size)
    values = pooled(convolved(pixels, weights, (3, 96), 7, stride=2))
    for place, fire in enumerate(FIRES):
        values = _fire(values, weights, *fire)
        if place in POOLED_AFTER:
            values = pooled(values)
    values = averaged(convolved(values, weights, (512, CLASSES), 1))
    return weights.model({"pixels": pixels}, {"probabilities": op.softmax(values)})


def _pixels(size: int) -> Var:
    return argument(Tensor(np.float32, ("N", 3, size, size)))


def _side(size: int) -> int:
    """Places a side that AlexNet's last pooling leaves."""
    side = (size - 11) // 4 + 1
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side


def _normalised(values: Var) -> Var:
    """Response normalisation over five channels; ONNX divides alpha by their number, the paper (section 3.3) does not."""
    return op.lrn(values, size=5, alpha=5e-4, beta=0.75, bias=2.0)


def _fire(values: Var, weights: Weights, inputs: int, squeezed: int, expanded: int) -> Var:
    squeeze = convolved(values, weights, (inputs, squeezed), 1)
    halves = [convolved(squeeze, weights, (squeezed, expanded), kernel, padding=kernel // 2) for kernel in (1, 3)]
    return op.concat(halves, axis=1)


def _feeds() -> Feeds:
    return {"pixels": drawn_rows(8, 3, SIZE, SIZE)}


def _lesson(figures: Figures) -> str:
    one, many = (figures.faster("squeezenet", title=TITLE, batch=batch) for batch in (1, 8))
    return (
        f"{figures.fewer('squeezenet', 'parameters'):.0f} times fewer parameters make a {figures.fewer('squeezenet', 'size_bytes'):.0f} "
        "times smaller download, and no less work: SqueezeNet multiplies and adds "
        f"{1 / figures.fewer('squeezenet', 'multiply_adds'):.2f} times as often as AlexNet, most of whose parameters lie in dense "
        f"layers, which use each of them once. With one image it is {one}, with a batch of eight, for which AlexNet reads its dense "
        f"layers once, it is {many} (1 thread)."
    )


STUDY = Study(
    name="squeezenet",
    title="SqueezeNet against AlexNet",
    claim="AlexNet's accuracy on ImageNet with 50 times fewer parameters: 240 MB become 4.8 MB.",
    setup=(
        "AlexNet is the original with two groups of channels in three of its convolutions (60,965,224 parameters; the later one-tower "
        "form has 61,100,840). SqueezeNet is version 1.0 without bypasses, its last convolution without padding, as in its paper's "
        "table 1. The 1,700 million multiply-adds that are published of it are twice what is counted here: its authors give 1.72 "
        "GFLOPS, which count a multiplication and an addition as two. The 0.47 MB that are quoted as well need quantisation and coding "
        "on top (Deep Compression), which depend on trained weights and are not repeated here."
    ),
    references=(
        Reference(
            "Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB "
            "model size, 2016 (table 2)",
            "https://arxiv.org/abs/1602.07360",
        ),
        Reference(
            "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, 2012",
            "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
        ),
        Reference(
            "Howard et al.: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications, 2017 (table 9: "
            "multiply-adds)",
            "https://arxiv.org/abs/1704.04861",
        ),
    ),
    networks=(
        Network(
            "alexnet",
            "AlexNet",
            alexnet,
            {
                "parameters": 60e6,
                "multiply_adds": 720e6,
                "size_bytes": 240e6,
                "imagenet_top1_percent": 57.2,
                "imagenet_top5_percent": 80.3,
            },
        ),
        Network(
            "squeezenet",
            "SqueezeNet 1.0",
            squeezenet,
            {
                "parameters": 1.25e6,
                "multiply_adds": 1700e6,
                "size_bytes": 4.8e6,
                "imagenet_top1_percent": 57.5,
                "imagenet_top5_percent": 80.3,
            },
        ),
    ),
    settings=(Setting(TITLE, _feeds, batches=(1, 8), rounds=9),),
    lesson=_lesson,
)
