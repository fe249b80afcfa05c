"""What models are fed while they are measured, and whether they take it and answer as on the host."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from packing.errors import BuildError
from web.bench.variants.report import Agreement

type Rows = Mapping[str, NDArray[Any]]
"""By input; rows first."""

DTYPES = ("float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
"""What tensors hold in `web/worker/ort.js`."""


class VariantError(BuildError):
    """A model could not be measured; the message begins with its name, which ends at a comma or a colon."""


def check_rows(feeds: Rows) -> None:
    """Hold sample rows to their form.

    Raises
    ------
    BuildError
        If there are none, not as many for each input, or of a type that the browser's tensors can't hold.
    """
    counts = {name: rows.shape[:1] for name, rows in feeds.items()}
    if len(set(counts.values())) != 1 or counts.popitem()[1] in ((), (0,)):
        shapes = {name: rows.shape for name, rows in feeds.items()}
        raise BuildError(f"feeds: got shapes {shapes}, expected as many rows for each input, at least one; give sample rows, rows first")
    for name, rows in feeds.items():
        if rows.dtype.name not in DTYPES:
            raise BuildError(f"feeds: {name} is {rows.dtype.name}, expected one of {', '.join(DTYPES)}; convert it")


def check_inputs(name: str, file: Path, feeds: Rows) -> None:
    """Hold a model's inputs to the sample rows.

    Raises
    ------
    VariantError
        If it cannot be read, or has inputs of other names, types or shapes.
    """
    got = {item.name: _described(item) for item in _inputs(name, file)}
    expected: dict[str, Described] = {each: (rows.dtype.name, ("rows", *rows.shape[1:])) for each, rows in feeds.items()}
    if set(got) != set(expected) or not all(_fits(got[each], expected[each]) for each in got):
        raise VariantError(f"{name}: {file.name} takes {got}, expected {expected}; measure models of the same inputs together")


def _inputs(name: str, file: Path) -> list[onnx.ValueInfoProto]:
    """Inputs that a run has to give: initializers may be listed among them in old models."""
    try:
        graph = onnx.load(file, load_external_data=False).graph
    except Exception as error:  # protobuf's errors come without types
        raise VariantError(f"{name}: {file} cannot be read as an ONNX model ({error}); write it anew") from error
    constants = {tensor.name for tensor in graph.initializer}
    if not graph.output:
        raise VariantError(f"{name}: {file} holds no graph with outputs, expected an ONNX model; write it anew")
    return [item for item in graph.input if item.name not in constants]


type Described = tuple[str, tuple[int | str, ...]]


def _described(item: onnx.ValueInfoProto) -> Described:
    """Type and shape; a size that is not fixed by its name, or "?"."""
    tensor = item.type.tensor_type
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)).name
    return dtype, tuple(size.dim_value or size.dim_param or "?" for size in tensor.shape.dim)


def _fits(got: Described, expected: Described) -> bool:
    same = len(got[1]) == len(expected[1])
    return (
        same
        and got[0] == expected[0]
        and all(isinstance(a, str) or isinstance(b, str) or a == b for a, b in zip(got[1], expected[1], strict=True))
    )


def drawn_feeds(file: Path, rows: int, seed: int = 2013) -> dict[str, NDArray[Any]]:
    """Sample rows for a model whose answers don't matter: standard normal, integers 0 or 1.

    Parameters
    ----------
    file : Path
        ONNX; the size of an input's first dimension is replaced by `rows`.
    rows : int
        At least 1.
    seed : int
        Of the numbers.

    Raises
    ------
    VariantError
        If it cannot be read, or has an input of another size that is not fixed: only its author knows how large it is.
    """
    generator = np.random.default_rng(seed)
    feeds = {}
    for item in _inputs(file.stem, file):
        dtype, (_, *sizes) = _described(item)
        if any(isinstance(size, str) for size in sizes):
            raise VariantError(f"{file.stem}: {item.name} has sizes {sizes}, expected numbers after the first; give sample rows")
        shape = (rows, *map(int, sizes))
        numbers = generator.standard_normal(shape) if np.dtype(dtype).kind == "f" else generator.integers(0, 2, shape)
        feeds[item.name] = numbers.astype(dtype)
    return feeds


def batch_of(feeds: Rows, count: int) -> dict[str, NDArray[Any]]:
    """The first `count` of rows that repeat for ever; as `web/bench/variants/batches.js`."""
    return {name: rows[np.arange(count) % len(rows)] for name, rows in feeds.items()}


def host_answers(name: str, file: Path, feeds: Rows) -> dict[str, NDArray[Any]]:
    """A model's outputs in native ONNX Runtime.

    Raises
    ------
    VariantError
        If it does not run there.
    """
    try:
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        outputs = [output.name for output in session.get_outputs()]
        return dict(zip(outputs, session.run(outputs, dict(feeds)), strict=True))
    except Exception as error:  # ORT's own exceptions have no other common class
        raise VariantError(f"{name}: {file.name} runs in the browser and not on the host ({error}); export it anew") from error


def decoded(tensor: Mapping[str, Any]) -> NDArray[Any]:
    """A tensor of the page's JSON."""
    return np.frombuffer(base64.b64decode(tensor["base64"]), tensor["dtype"]).reshape(tensor["dims"])


def compare(name: str, got: Rows, expected: Rows) -> Agreement:
    """How far a model's answers in the browser lie from the host's.

    Raises
    ------
    VariantError
        If they have other names or shapes, or are numbers where the others are none.
    """
    shapes = [{each: values.shape for each, values in answers.items()} for answers in (got, expected)]
    if shapes[0] != shapes[1]:
        raise VariantError(f"{name}: the browser answers with {shapes[0]}, the host with {shapes[1]}; do not ship it")
    differences = np.concatenate([_differences(name, each, got[each], expected[each]) for each in expected])
    if len(differences) == 0:
        raise VariantError(f"{name}: got answers of shapes {shapes[0]}, expected numbers; measure larger batches, or leave the model out")
    return {
        "compared": len(differences),
        "largest_difference": float(differences.max()),
        "median_difference": float(np.median(differences)),
    }


def _differences(name: str, output: str, got: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.float64]:
    """`abs(a - b) / max(1, abs(b))`, where both are finite; the rest must be the same."""
    a, b = got.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        raise VariantError(f"{name}: {output} is not finite in the browser where it is on the host, or the reverse; do not ship it")
    a, b = np.where(finite, a, 0.0), np.where(finite, b, 0.0)
    return cast(NDArray[np.float64], np.abs(a - b) / np.maximum(1.0, np.abs(b)))
