"""DistilBERT against BERT-base: half the layers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from spox import Tensor, Var, argument

from models.case_studies.layers import SEED, Weights
from models.case_studies.study import Feeds, Figures, Network, Reference, Setting, Study

EPSILON = 1e-12
"""Of layer normalisation."""
SCALE = 0.02
"""Of BERT's weights before training."""
MASKED = np.float32(-1e4)
"""Added to the scores of padding: nothing is left of it after the softmax."""
LENGTHS = (32, 128)


@dataclass(frozen=True, slots=True)
class Encoder:
    """A transformer's encoder over token ids.

    Attributes
    ----------
    layers, width, heads : int
        The inner layers of the feed-forward networks are four times as wide.
    vocabulary, positions : int
    whole : bool
        With token types and pooler, as BERT; DistilBERT has neither.
    """

    layers: int
    width: int = 768
    heads: int = 12
    vocabulary: int = 30522
    positions: int = 512
    whole: bool = True


BERT_BASE = Encoder(layers=12)
DISTILBERT = Encoder(layers=6, whole=False)


def network(encoder: Encoder) -> onnx.ModelProto:
    """The graph from `input_ids` and `attention_mask`, (N, T) int64, to `hidden` (N, T, width) and, if whole, `pooled` (N, width)."""
    weights = Weights()
    ids, mask = (argument(Tensor(np.int64, ("N", "T"))) for _ in range(2))
    values = _embedded(ids, weights, encoder)
    barred = op.mul(op.sub(op.const(np.float32(1)), op.cast(mask, to=np.float32)), op.const(MASKED))
    barred = op.unsqueeze(barred, op.const(np.array([1, 2], np.int64)))
    for _ in range(encoder.layers):
        values = _layer(values, barred, weights, encoder)
    outputs = {"hidden": values}
    if encoder.whole:
        first = op.gather(values, op.const(np.int64(0)), axis=1)
        outputs["pooled"] = op.tanh(_linear(first, weights, encoder.width, encoder.width))
    return weights.model({"input_ids": ids, "attention_mask": mask}, outputs)


def _embedded(ids: Var, weights: Weights, encoder: Encoder) -> Var:
    """Words, positions and, where there are any, token types: of one sentence they are all 0."""
    words = op.gather(weights.normal(encoder.vocabulary, encoder.width, scale=SCALE), ids)
    table = weights.normal(encoder.positions, encoder.width, scale=SCALE)
    start, axis, length = op.const(np.array([0])), op.const(np.array([0])), op.shape(ids, start=1, end=2)
    values = op.add(words, op.slice(table, start, length, axis))
    if encoder.whole:
        types = weights.normal(2, encoder.width, scale=SCALE)
        values = op.add(values, op.gather(types, op.const(np.int64(0))))
    return _normalised(values, weights, encoder.width)


def _layer(values: Var, barred: Var, weights: Weights, encoder: Encoder) -> Var:
    width = encoder.width
    attended = _linear(_attended(values, barred, weights, encoder), weights, width, width)
    values = _normalised(op.add(attended, values), weights, width)
    inner = _gelu(_linear(values, weights, width, 4 * width))
    return _normalised(op.add(_linear(inner, weights, 4 * width, width), values), weights, width)


def _attended(values: Var, barred: Var, weights: Weights, encoder: Encoder) -> Var:
    """Attention of all heads, (N, T, width), before it is mixed."""
    width, size = encoder.width, encoder.width // encoder.heads
    split = op.const(np.array([0, 0, encoder.heads, size]))
    orders = ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3))
    query, key, value = (op.transpose(op.reshape(_linear(values, weights, width, width), split), perm=order) for order in orders)
    scores = op.div(op.matmul(query, key), op.const(np.float32(math.sqrt(size))))
    mixed = op.matmul(op.softmax(op.add(scores, barred), axis=-1), value)
    return op.reshape(op.transpose(mixed, perm=(0, 2, 1, 3)), op.const(np.array([0, 0, width])))


def _linear(values: Var, weights: Weights, inputs: int, outputs: int) -> Var:
    return op.add(op.matmul(values, weights.normal(inputs, outputs, scale=SCALE)), weights.bias(outputs))


def _normalised(values: Var, weights: Weights, width: int) -> Var:
    return op.layer_normalization(values, weights.ones(width), weights.bias(width), axis=-1, epsilon=EPSILON)[0]


def _gelu(values: Var) -> Var:
    """By the error function, as exporters write it."""
    inner = op.add(op.erf(op.div(values, op.const(np.float32(math.sqrt(2))))), op.const(np.float32(1)))
    return op.mul(op.mul(values, inner), op.const(np.float32(0.5)))


def token_rows(length: int, vocabulary: int = BERT_BASE.vocabulary) -> Feeds:
    """One row of random tokens without padding."""
    ids = np.random.default_rng(SEED).integers(0, vocabulary, (1, length))
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def _title(length: int) -> str:
    return f"{length} tokens"


def _setting(length: int) -> Setting:
    return Setting(_title(length), lambda: token_rows(length), rounds=5)


def _lesson(figures: Figures) -> str:
    short, long = (figures.faster("distilbert", title=_title(length)) for length in LENGTHS)
    return (
        f"Half the layers halve the multiply-adds ({figures.fewer('distilbert', 'multiply_adds'):.2f} times fewer) and not the file "
        f"({figures.fewer('distilbert', 'size_bytes'):.2f} times smaller): the table of words, a third of what DistilBERT holds, stays. "
        f"Here it is {short} at {LENGTHS[0]} tokens and {long} at {LENGTHS[1]} (1 thread); published is 668 s against 410 s, 1.63 times "
        "as fast."
    )


STUDY = Study(
    name="distilbert",
    title="DistilBERT against BERT-base",
    claim="40% fewer parameters and 60% faster, with 97% of BERT's score on GLUE.",
    setup=(
        "Topologies as published, uncased vocabulary, without a head for a task. DistilBERT has no token types and no pooler; BERT's token "
        "types are all 0 here, as for one sentence, so that both take the same inputs. The published times are a pass over STS-B's "
        "development set at a batch of 1 on a server's processor."
    ),
    references=(
        Reference(
            "Sanh, Debut, Chaumond, Wolf: DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter, 2019 (tables "
            "1 and 3)",
            "https://arxiv.org/abs/1910.01108",
        ),
        Reference(
            "Devlin, Chang, Lee, Toutanova: BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding, 2018",
            "https://arxiv.org/abs/1810.04805",
        ),
    ),
    networks=(
        Network("bert_base", "BERT-base", lambda: network(BERT_BASE), {"parameters": 110e6, "glue_score": 79.5, "sts_b_s": 668.0}),
        Network("distilbert", "DistilBERT", lambda: network(DISTILBERT), {"parameters": 66e6, "glue_score": 77.0, "sts_b_s": 410.0}),
    ),
    settings=tuple(_setting(length) for length in LENGTHS),
    lesson=_lesson,
)
