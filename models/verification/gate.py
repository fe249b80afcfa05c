"""The gate: golden cases and random records through every execution, compared with the host's, before anything is released.

Executions of the features: NumPy on the host (which decides), Pyodide, the lowered graph in ONNX Runtime and in ONNX Runtime Web.
Executions of the whole: the same, and on from there: model and decoding on the host; Pyodide around ONNX Runtime Web; the joined graph
in ONNX Runtime; JavaScript's encoder and decoder around the joined graph in ONNX Runtime Web.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from rich.table import Table

from foreshore import Contract, Pipeline, Tensor, load_pipeline
from foreshore.encoding import encoding_table
from models.lowering import FEATURES_FILE
from models.verification.browser import BrowserExecutions
from models.verification.records import draw_records
from packing.errors import BuildError
from packing.stage import Made, Stages

REPORT = "report.json"
RANDOM_RECORDS = 1000
SEED = 20130101

type Record = Mapping[str, Any]
type Tensors = dict[str, NDArray[Any]]


class VerificationError(BuildError):
    """Executions of a pipeline disagree; it must not be released."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One execution held to the host's.

    Attributes
    ----------
    execution, what : str
        What ran, and what of it was compared: "features", or the variant whose answers they are.
    values : int
        How many numbers were compared.
    deviation : float
        The largest `abs(a - b) / max(1, abs(b))`.
    worst : dict or None
        Where it is: `name` of the feature or output, `record`, `got`, `expected`; None where all are equal.
    passed : bool
        Whether the deviation is within the contract's tolerance.
    """

    execution: str
    what: str
    values: int
    deviation: float
    worst: dict[str, Any] | None
    passed: bool


def compare(
    contract: Contract, execution: str, what: str, got: Mapping[str, NDArray[Any]], expected: Mapping[str, NDArray[Any]],
    records: Sequence[Record],
) -> Comparison:  # fmt: skip
    """Hold columns of numbers, (N,) each by name, to the host's; what is not a number on one side alone deviates infinitely."""
    worst, deviation, where = None, 0.0, ("", 0)
    for name, reference in expected.items():
        each = _deviations(np.asarray(got[name], np.float64), np.asarray(reference, np.float64))
        row = int(np.argmax(each)) if each.size else 0
        if each.size and each[row] > deviation:
            deviation, where = float(each[row]), (name, row)
    if deviation:
        name, row = where
        worst = {"name": name, "record": records[row], "got": float(got[name][row]), "expected": float(expected[name][row])}
    count = sum(column.size for column in expected.values())
    return Comparison(execution, what, count, deviation, worst, deviation <= contract.tolerance)


def _deviations(got: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    if got.shape != expected.shape:
        return np.full(expected.shape, np.inf)
    both_missing = np.isnan(got) & np.isnan(expected)
    with np.errstate(invalid="ignore"):
        each = np.abs(got - expected) / np.maximum(1, np.abs(expected))
    return np.where(both_missing | (got == expected), 0.0, np.where(np.isnan(each), np.inf, each))


def columns_of(contract: Contract, tensors: Mapping[str, NDArray[Any]]) -> Tensors:
    """Feature tensors as one column a feature, under the names that the contract gives."""
    columns: Tensors = {}
    for tensor in contract.features:
        flat = tensors[tensor.name].reshape(len(tensors[tensor.name]), -1)
        columns |= {_feature_name(tensor, index): flat[:, index] for index in range(flat.shape[1])}
    return columns


def _feature_name(tensor: Tensor, index: int) -> str:
    return tensor.columns[index] if tensor.columns else f"{tensor.name}[{index}]"


def _answers(answers: Sequence[Mapping[str, float]], contract: Contract) -> Tensors:
    return {output.name: np.array([answer[output.name] for answer in answers]) for output in contract.outputs}


@dataclass(frozen=True, slots=True)
class Gate:
    """The executions of one pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        The definition; run by NumPy on the host.
    folder : Path
        `models/<name>`.
    graphs : Made
        As `models.lowering.graphs_stage` gives it.
    browser : BrowserExecutions
        With the pipeline's wheel at hand.
    """

    pipeline: Pipeline
    folder: Path
    graphs: Made
    browser: BrowserExecutions

    @property
    def contract(self) -> Contract:
        """The pipeline's contract."""
        return self.pipeline.contract

    def records(self) -> list[Record]:
        """The golden cases, then random records."""
        golden = json.loads((self.folder / "artefacts" / "golden.json").read_text())
        return [*golden["records"], *draw_records(self.contract, RANDOM_RECORDS, SEED)]

    def run(self) -> list[Comparison]:
        """Every comparison, features first."""
        records = self.records()
        features = self.pipeline.prepare(records)
        self.browser.open(self.contract.name)
        pyodide = _ok(self.browser.prepare(self.contract.name, json.dumps(records)), "Pyodide")
        compared = [self._features("features in Pyodide", pyodide, features, records)]
        if self.graphs.facts["graphs"]:
            compared += self._lowered_features(records, features)
        for variant in json.loads((self.folder / "artefacts" / "card.json").read_text())["variants"]:
            compared += self._variant(variant["name"], self.folder / "artefacts" / variant["file"], records, features, pyodide)
        return compared

    def _features(self, execution: str, got: Tensors, expected: Tensors, records: Sequence[Record]) -> Comparison:
        names = columns_of(self.contract, got), columns_of(self.contract, expected)
        return compare(self.contract, execution, "features", *names, records)

    def _lowered_features(self, records: Sequence[Record], features: Tensors) -> list[Comparison]:
        graph = self.graphs.folder / FEATURES_FILE
        columns = dict(self.pipeline.encode(records))
        by_table = _ok(self.browser.encode_by_table(encoding_table(self.contract), records), "JavaScript's encoder")
        encoded = compare(self.contract, "JavaScript's encoder", "columns", by_table, columns, records)
        native = self._features("lowered features, ONNX Runtime", _run(graph, columns), features, records)
        return [encoded, native, self._features("lowered features, ONNX Runtime Web", self.browser.run(graph, by_table), features, records)]

    def _variant(
        self, variant: str, model: Path, records: Sequence[Record], features: Tensors, pyodide: Tensors
    ) -> list[Comparison]:  # fmt: skip
        expected = _answers(self.pipeline.decode(_run(model, features)), self.contract)
        executions: dict[str, Callable[[], Any]] = {
            "Pyodide, model in ONNX Runtime Web": lambda: _ok(
                self.browser.decode(self.contract.name, self.browser.run(model, pyodide)), "Pyodide"
            )
        }
        graph = self.graphs.folder / str(self.graphs.facts["graphs"].get(variant))
        if graph.is_file():
            table, columns = encoding_table(self.contract), dict(self.pipeline.encode(records))
            executions["joined graph, ONNX Runtime"] = lambda: self.pipeline.decode(_run(graph, columns))
            executions["joined graph, ONNX Runtime Web"] = lambda: self._web_graph(graph, table, records)
        return [
            compare(self.contract, execution, variant, _answers(run(), self.contract), expected, records)
            for execution, run in executions.items()
        ]

    def _web_graph(self, graph: Path, table: Mapping[str, Any], records: Sequence[Record]) -> Any:
        columns = _ok(self.browser.encode_by_table(table, records), "JavaScript's encoder")
        return _ok(self.browser.decode_by_table(table, self.browser.run(graph, columns), len(records)), "JavaScript's decoder")


def _run(model: Path, feeds: Tensors) -> Tensors:
    session = onnxruntime.InferenceSession(model)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def _ok(answer: Mapping[str, Any], who: str) -> Any:
    if "ok" not in answer:
        raise VerificationError(f"{who} refused what the host accepts: {answer['error']['message']}")
    return answer["ok"]


def verify(root: Path, name: str, graphs: Made, browser: BrowserExecutions) -> dict[str, Any]:
    """Hold every execution of a pipeline to the host's.

    Returns
    -------
    dict
        The report: `pipeline`, `tolerance`, `records` (`golden`, `random`, `seed`), `graph_reason`, `comparisons`.

    Raises
    ------
    VerificationError
        If one deviates by more than the contract's tolerance; names the worst case.
    """
    pipeline = load_pipeline(name)
    gate = Gate(pipeline, root / "models" / name, graphs, browser)
    comparisons = gate.run()
    failed = [comparison for comparison in comparisons if not comparison.passed]
    if failed:
        raise VerificationError("\n".join(_sentence(name, pipeline.contract, comparison) for comparison in failed))
    return {
        "pipeline": name,
        "tolerance": pipeline.contract.tolerance,
        "records": {"golden": len(gate.records()) - RANDOM_RECORDS, "random": RANDOM_RECORDS, "seed": SEED},
        "graph_reason": graphs.facts["reason"],
        "comparisons": [asdict(comparison) for comparison in comparisons],
    }


def verification_stage(stages: Stages, name: str, runtime: Made, graphs: Made, web: Path) -> Made:
    """The pipeline's report as `report.json`; fails where executions disagree, and then nothing is released.

    Parameters
    ----------
    stages : Stages
    name : str
        Of the pipeline.
    runtime, graphs : Made
        The release's Pyodide folder, and the pipeline's joined graphs.
    web : Path
        Folder with `verification/executions.js` and what it imports.
    """
    folder = stages.root / "models" / name
    script = web / "verification" / "executions.js"
    code = [web / "verification", web / "shared", web / "worker", Path(__file__).parent, stages.root / "package-lock.json"]

    def make(out: Path) -> None:
        browser = BrowserExecutions(script, runtime.folder)
        try:
            report = verify(stages.root, name, graphs, browser)
        finally:
            browser.close()
        (out / REPORT).write_text(json.dumps(report, indent=1) + "\n")

    return stages.run(f"verify-{name}", [folder, *code], make, runtime=runtime.key, graphs=graphs.key)


def report_table(made: Made) -> Table:
    """The report of a verification stage, for a terminal."""
    report = json.loads((made.folder / REPORT).read_text())
    counts = report["records"]
    title = f"{report['pipeline']}: {counts['golden']} golden and {counts['random']} random records, tolerance {report['tolerance']:g}"
    table = Table("execution", "compared", "values", "largest deviation", "where", title=title, title_justify="left")
    for each in report["comparisons"]:
        where = each["worst"]["name"] if each["worst"] else ""
        table.add_row(each["execution"], each["what"], f"{each['values']:,}", f"{each['deviation']:.2g}", where)
    return table


def _sentence(name: str, contract: Contract, comparison: Comparison) -> str:
    worst = comparison.worst or {}
    return (
        f"pipeline {name}, {comparison.execution} ({comparison.what}), {worst.get('name')}: got {worst.get('got')}, expected "
        f"{worst.get('expected')} as on the host; deviation {comparison.deviation:.3g}, allowed {contract.tolerance:g}; "
        f"record {json.dumps(worst.get('record'))}"
    )
