"""The Open Inference Protocol, version 2, over REST: requests to columns, outputs to answers, in JSON and in binary.

References
----------
https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.records import brief
from web.server.prediction.columns import Columns, Input, Layout
from web.server.prediction.errors import Faulty, Malformed, TooLarge

HEADER_LENGTH = "Inference-Header-Content-Length"
DATATYPES = {
    "BOOL": np.dtype(bool),
    "UINT8": np.dtype(np.uint8),
    "INT8": np.dtype(np.int8),
    "INT32": np.dtype(np.int32),
    "INT64": np.dtype(np.int64),
    "FP16": np.dtype(np.float16),
    "FP32": np.dtype(np.float32),
    "FP64": np.dtype(np.float64),
}
"""Those that ONNX graphs of ours can take."""
NAMES = {dtype: name for name, dtype in DATATYPES.items()}
DEEPEST = 8
LONGEST_ID = 200


def _refuse_constant(text: str) -> float:
    raise Malformed(f"got {text}, which is not JSON; write null for a missing value")


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant)
_LENIENT = json.JSONDecoder()


def parse_json(content: bytes, *, strict: bool = True) -> Any:
    """JSON (RFC 8259); NaN and infinities are none, unless `strict` is false: clients of the protocol write them. Raises Malformed."""
    try:
        return (_STRICT if strict else _LENIENT).decode(content.decode())
    except RecursionError as error:
        raise Malformed("the JSON is nested too deeply") from error
    except ValueError as error:
        raise Malformed(f"the body is not JSON: {str(error)[:100]}") from error


@dataclass(frozen=True, slots=True)
class Wanted:
    """One output that a client asks for."""

    name: str
    binary: bool


@dataclass(frozen=True, slots=True)
class Inference:
    """A request for an inference, read.

    Attributes
    ----------
    id : str or None
        Repeated in the answer.
    variant : str or None
        The request's parameter of that name: which form of the model answers.
    """

    id: str | None
    variant: str | None
    columns: Columns
    outputs: tuple[Wanted, ...]


@dataclass(slots=True)
class _Bytes:
    """The binary part of a body, read from its beginning."""

    content: memoryview
    place: int = 0

    def take(self, size: int, name: str) -> memoryview:
        if self.place + size > len(self.content):
            raise Malformed(f"input {name}: got {len(self.content) - self.place} bytes of binary data, expected {size}")
        self.place += size
        return self.content[self.place - size : self.place]


@dataclass(frozen=True, slots=True)
class Door:
    """What one model takes and gives.

    Attributes
    ----------
    layout : Layout
    outputs : tuple of str
        Names.
    max_rows : int
    """

    layout: Layout
    outputs: tuple[str, ...]
    max_rows: int

    def read(self, body: bytes, header_length: str | None) -> Inference:
        """The inference that a body asks for; raises Malformed or TooLarge."""
        content = memoryview(body)
        header, binary = _split(content, header_length)
        request = _object(parse_json(bytes(header), strict=False), "the request")
        parameters = _parameters(request, "the request")
        given, rows = self._arrays(_list(request, "inputs"), binary)
        if binary.place < len(binary.content):
            raise Malformed(f"got {len(binary.content) - binary.place} bytes of binary data that no input names")
        return Inference(_id(request), parameters.get("variant"), self.layout.checked(given, rows), self._wanted(request, parameters))

    def _arrays(self, inputs: Sequence[Any], binary: _Bytes) -> tuple[dict[str, NDArray[Any]], int]:
        given: dict[str, NDArray[Any]] = {}
        rows = 0
        for each in inputs:
            known = self._input(each)
            if known.name in given:
                raise Malformed(f"input {known.name}: it is given twice")
            shape = _shape(known, each.get("shape"))
            if given and shape[0] != rows:
                raise Malformed(f"input {known.name}: got {shape[0]} rows, expected {rows} as the inputs before it")
            rows = shape[0]
            if rows > self.max_rows:
                raise TooLarge(f"got {rows} rows, expected at most {self.max_rows}; send several requests")
            given[known.name] = _array(known, shape, each, binary)
        if not rows:
            raise Malformed("inputs: got no rows, expected at least one")
        return given, rows

    def _input(self, each: object) -> Input:
        given = _object(each, "an input")
        name, datatype = given.get("name"), given.get("datatype")
        known = self.layout.by_name.get(name) if isinstance(name, str) else None
        if known is None:
            raise Malformed(f"inputs: got an input named {brief(name)}, expected one of {', '.join(self.layout.by_name)}")
        if datatype != NAMES[known.dtype]:
            raise Malformed(f"input {name}: got datatype {brief(datatype)}, expected {NAMES[known.dtype]}")
        return known

    def _wanted(self, request: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[Wanted, ...]:
        binary = _flag(parameters, "binary_data_output", "the request")
        if not request.get("outputs"):
            return tuple(Wanted(name, binary) for name in self.outputs)
        return tuple(self._output(each, binary) for each in _list(request, "outputs"))

    def _output(self, each: object, binary: bool) -> Wanted:
        asked = _object(each, "an output")
        name = asked.get("name")
        if not isinstance(name, str) or name not in self.outputs:
            raise Malformed(f"outputs: got an output named {brief(name)}, expected one of {', '.join(self.outputs)}")
        parameters = _parameters(asked, f"output {name}")
        if "classification" in parameters:
            raise Malformed(f"output {name}: classification is not offered; ask for the tensor, or ask /api/ for labels")
        return Wanted(name, _flag(parameters, "binary_data", f"output {name}", binary))


def _split(content: memoryview, header_length: str | None) -> tuple[memoryview, _Bytes]:
    """The JSON and the binary part of a body."""
    if header_length is None:
        return content, _Bytes(memoryview(b""))
    if not header_length.isascii() or not header_length.isdigit() or not 0 < int(header_length[:20]) <= len(content):
        raise Malformed(f"{HEADER_LENGTH}: got {brief(header_length)}, expected the length of the JSON, 1 to {len(content)}")
    length = int(header_length)
    return content[:length], _Bytes(content[length:])


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"got {brief(value)} as {what}, expected an object")
    return value


def _list(request: Mapping[str, Any], name: str) -> list[Any]:
    value = request.get(name)
    if not isinstance(value, list) or not value:
        raise Malformed(f"{name}: got {brief(value) if value != [] else 'an empty list'}, expected a list of tensors")
    return value


def _parameters(holder: Mapping[str, Any], what: str) -> dict[str, Any]:
    value = holder.get("parameters")
    return {} if value is None else _object(value, f"parameters of {what}")


def _flag(parameters: Mapping[str, Any], name: str, what: str, default: bool = False) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise Malformed(f"{what}: got {name} {brief(value)}, expected true or false")
    return value


def _id(request: Mapping[str, Any]) -> str | None:
    value = request.get("id")
    if value is not None and not (isinstance(value, str) and len(value) <= LONGEST_ID):
        raise Malformed(f"id: got {brief(value)}, expected a text of at most {LONGEST_ID} characters")
    return value


def _shape(known: Input, given: object) -> tuple[int, ...]:
    if type(given) is list and len(given) == len(known.shape):
        for size, want in zip(given, known.shape, strict=True):
            if type(size) is not int or size < 0 or (want != -1 and size != want):
                break
        else:
            return tuple(given)
    expected = json.dumps([size if size >= 0 else "N" for size in known.shape])
    shown = json.dumps(given)[:60] if isinstance(given, list) else brief(given)
    raise Malformed(f"input {known.name}: got shape {shown}, expected {expected}")


def _array(known: Input, shape: tuple[int, ...], given: Mapping[str, Any], binary: _Bytes) -> NDArray[Any]:
    parameters = _parameters(given, f"input {known.name}")
    size = parameters.get("binary_data_size")
    if size is None:
        return _from_json(known, shape, given.get("data"))
    expected = math.prod(shape) * known.dtype.itemsize
    if type(size) is not int or size != expected:
        raise Malformed(f"input {known.name}: got binary_data_size {brief(size)}, expected {expected} for its shape and datatype")
    return np.frombuffer(binary.take(expected, known.name), known.dtype).reshape(shape)


def _from_json(known: Input, shape: tuple[int, ...], data: object) -> NDArray[Any]:
    flat = _flat(known, data)
    if len(flat) != math.prod(shape):
        raise Malformed(f"input {known.name}: got {len(flat)} values, expected {math.prod(shape)} for shape {list(shape)}")
    kinds = set(map(type, flat))
    if type(None) in kinds:
        flat, kinds = _filled(known, flat), kinds - {type(None)}
    allowed = {bool} if known.dtype.kind == "b" else {int, float} if known.dtype.kind == "f" else {int}
    if not kinds <= allowed:
        wrong = next(value for value in flat if type(value) not in allowed)
        raise Malformed(f"input {known.name}: got {brief(wrong)}, expected {known.expectation}")
    try:
        return np.array(flat, known.dtype).reshape(shape)
    except OverflowError as error:
        raise Malformed(f"input {known.name}: got a number beyond {NAMES[known.dtype]}, expected {known.expectation}") from error


def _filled(known: Input, flat: list[Any]) -> list[Any]:
    if not known.nullable:
        raise Malformed(f"input {known.name}: got null, expected {known.expectation}")
    missing = math.nan if known.dtype.kind == "f" else int(np.iinfo(known.dtype).min)
    return [missing if value is None else value for value in flat]


def _flat(known: Input, data: object) -> list[Any]:
    """Values of a tensor in row-major order, however deep its lists are nested."""
    if not isinstance(data, list):
        raise Malformed(f"input {known.name}: got {brief(data) if data is not None else 'no'} data, expected a list of numbers")
    for _ in range(DEEPEST):
        if not any(type(value) is list for value in data):
            return data
        lengths = {len(value) if type(value) is list else -1 for value in data}
        if len(lengths) > 1:
            raise Malformed(f"input {known.name}: got lists of different lengths, expected a tensor, or all its values in one list")
        data = list(chain.from_iterable(data))
    raise Malformed(f"input {known.name}: its data is nested too deeply, expected {len(known.shape)} levels")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client."""

    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def answer(model: str, version: str, request: Inference, outputs: Mapping[str, NDArray[Any]], variant: str) -> Answer:
    """The answer to an inference; raises Faulty where JSON can't carry an output."""
    described, payload = [], []
    for wanted in request.outputs:
        tensor = np.ascontiguousarray(outputs[wanted.name])
        entry: dict[str, Any] = {"name": wanted.name, "datatype": NAMES[tensor.dtype], "shape": list(tensor.shape)}
        if wanted.binary:
            payload.append(tensor.tobytes())
            described.append({**entry, "parameters": {"binary_data_size": len(payload[-1])}})
        else:
            described.append({**entry, "data": _values(wanted.name, tensor)})
    head: dict[str, Any] = {"model_name": model, "model_version": version, "outputs": described, "parameters": {"variant": variant}}
    if request.id is not None:
        head["id"] = request.id
    text = json.dumps(head, separators=(",", ":")).encode()
    if not payload:
        return Answer(text)
    return Answer(b"".join([text, *payload]), "application/octet-stream", {HEADER_LENGTH: str(len(text))})


def _values(name: str, tensor: NDArray[Any]) -> list[Any]:
    if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
        raise Faulty(f"output {name}: the model gave a number that is not finite, which JSON can't carry; ask for it in binary")
    values: list[Any] = tensor.ravel().tolist()
    return values
