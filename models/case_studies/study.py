"""A study: networks that are quoted against each other, what was published of them, and what is to be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import onnx
from numpy.typing import NDArray

type Feeds = Mapping[str, NDArray[Any]]
"""By input; rows first."""
type Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication.

    Attributes
    ----------
    text : str
        Authors, title, year.
    url : str
    """

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Network:
    """One of the networks compared.

    Attributes
    ----------
    name, title : str
        As a file and for people.
    build : callable
        Gives the ONNX graph.
    published : mapping of str to float
        What its authors, or those who compared it, wrote; keys are those of `models.case_studies.page.PUBLISHED`.
    """

    name: str
    title: str
    build: Callable[[], onnx.ModelProto]
    published: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the networks are fed while they are measured.

    Attributes
    ----------
    title : str
        Of one row: "32 tokens".
    feeds : callable
        Gives sample rows.
    batches : tuple of int
        Rows a run.
    rounds, loads : int
        In which each network takes a turn; fresh starts of each.
    """

    title: str
    feeds: Callable[[], Feeds]
    batches: tuple[int, ...] = (1,)
    rounds: int = 11
    loads: int = 1


@dataclass(frozen=True, slots=True)
class Study:
    """Networks of the same inputs, compared with the first.

    Attributes
    ----------
    name, title : str
    claim : str
        What is quoted.
    setup : str
        What was built, where publications leave a choice.
    references : tuple of Reference
    networks : tuple of Network
    settings : tuple of Setting
        The first one's row is what multiply-adds are counted for.
    lesson : callable
        What the figures teach, in a sentence or two.
    """

    name: str
    title: str
    claim: str
    setup: str
    references: tuple[Reference, ...]
    networks: tuple[Network, ...]
    settings: tuple[Setting, ...]
    lesson: Callable[[Figures], str]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a study, as lessons ask for them.

    Parameters
    ----------
    models : mapping
        By name, as in `case_studies.json`.
    """

    models: Mapping[str, Facts]

    def fewer(self, name: str, what: str) -> float:
        """How many times less a network has of something than the first one."""
        return float(self.models[name]["against_baseline"][what])

    def time(self, name: str, *, title: str, batch: int = 1, threads: int = 1) -> Facts:
        """What was measured of a network at one place."""
        place = {"input": title, "batch": batch, "threads": threads}
        return next(time for time in self.models[name]["times"] if place.items() <= time.items())

    def faster(self, name: str, *, title: str, batch: int = 1, threads: int = 1) -> str:
        """How many times as fast as the first network it is, with quartiles."""
        return fast(self.time(name, title=title, batch=batch, threads=threads)["times_as_fast"])

    def pace(self, name: str, *, title: str, batch: int = 1) -> float:
        """Billion multiply-adds a second on one thread."""
        time = self.time(name, title=title, batch=batch)
        return float(time["multiply_adds"] / time["median_ms"] / 1e6)


def fast(speed: Facts) -> str:
    """A ratio of speeds in words: "1.60 (1.55 to 1.71) times as fast"."""
    return f"{speed['median']:.2f} ({speed['lower_quartile']:.2f} to {speed['upper_quartile']:.2f}) times as fast"
