"""What a measurement of variants leaves behind: plain JSON, with its types."""

from __future__ import annotations

from typing import Literal, TypedDict

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
    """The runtime's without the model, with it, and after all batches. A GPU's own memory is not in it."""

    runtime: Memory
    loaded: Memory
    peak: Memory


class Turn(TypedDict):
    """How often a model runs in one turn: uncounted runs first, then samples of so many runs each."""

    warm_ups: int
    samples: int
    calls: int


class Steady(TypedDict):
    """One batch size: milliseconds a run over all samples, the median of each round, and its ratio to the first model's."""

    batch: int
    turn: Turn
    time_ms: Summary
    rounds_ms: list[float]
    ratio: Summary


class Agreement(TypedDict):
    """The browser's answers beside the host's: how many, and `abs(a - b) / max(1, abs(b))`. Integer kernels may round otherwise."""

    compared: int
    largest_difference: float
    median_difference: float


class Measured(TypedDict):
    """One model on one number of threads."""

    name: str
    runtime_start_ms: Summary
    load_ms: Summary
    memory: Memories
    steady: list[Steady]
    agreement: Agreement


class Rounds(TypedDict):
    """Names of the models at one batch size in the order of their turns, by round."""

    batch: int
    rounds: list[list[str]]


class Orders(TypedDict):
    """In which order the models took their turns: fresh starts, then batches."""

    loads: list[list[str]]
    batches: list[Rounds]


class Run(TypedDict):
    """All models on one number of threads, in the order they were given."""

    threads: int
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
    """All of it; ratios are to the model named `baseline`."""

    format: int
    created: str
    duration_s: float
    provider: Provider
    baseline: str
    batches: list[int]
    plan: dict[str, float]
    environment: Environment
    runs: list[Run]
