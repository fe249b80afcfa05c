"""What a measurement of variants leaves behind: plain JSON, with its types."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

type Provider = Literal["wasm", "webgpu"]


class Summary(TypedDict):
    """Order statistics (`web/bench/measure/statistics.js`)."""

    count: int
    median: float
    p95: float
    p99: float
    lower_quartile: float
    upper_quartile: float
    minimum: float
    maximum: float
    median_interval: list[float]


class Memory(TypedDict):
    """WebAssembly memory: its size, which grows in large steps, and its 4 KiB pages that were ever written to."""

    size_bytes: int
    touched_bytes: int


class Memories(TypedDict):
    """The runtime's without the model, with it, and at the end. A GPU's own memory is not in it."""

    runtime: Memory
    loaded: Memory
    peak: Memory


class Turn(TypedDict):
    """How often a model runs in one turn: uncounted runs first, then samples of so many runs each."""

    warm_ups: int
    samples: int
    calls: int


class Agreement(TypedDict):
    """The browser's answers beside the host's: how many, and `abs(a - b) / max(1, abs(b))`. Integer kernels may round otherwise."""

    compared: int
    largest_difference: float
    median_difference: float


class Measured(TypedDict):
    """One model: milliseconds a run over all samples, the median of each round, and its ratio to the first model's in that round.

    A busy machine interrupts long runs more often than short ones, which no pairing undoes: where the quartiles of a ratio lie far
    apart, look at the `minimum` of the times, or measure again.
    """

    name: str
    runtime_start_ms: Summary
    load_ms: Summary
    memory: Memories
    turn: Turn
    time_ms: Summary
    rounds_ms: list[float]
    ratio: Summary
    agreement: Agreement


class Orders(TypedDict):
    """Names of the models in the order of their fresh starts and of their turns, by round."""

    loads: list[list[str]]
    rounds: list[list[str]]


class Run(TypedDict):
    """All models on one number of threads at one batch size, in the order they were given."""

    threads: int
    batch: int
    orders: Orders
    models: list[Measured]


class Environment(TypedDict):
    """The browser and the machine (`web/bench/contenders/device.js`)."""

    user_agent: str
    cores: int
    isolated: bool
    clock_tick_ms: float
    webgpu: str


class Report(TypedDict):
    """All of it; ratios are to the model named `baseline`. `failures` says of models that were left out why, by name."""

    format: int
    created: str
    duration_s: float
    provider: Provider
    baseline: str
    plan: dict[str, float]
    environment: Environment
    runs: list[Run]
    failures: NotRequired[dict[str, str]]
