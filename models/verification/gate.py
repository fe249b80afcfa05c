"""The gate: golden cases and random records through every execution, compared with the host's, before anything is released.

Executions of the features: NumPy on the host (which decides), Pyodide, the lowered graph in ONNX Runtime and in ONNX Runtime Web.
Executions of the whole: the same, and on from there: model and decoding on the host; Pyodide around ONNX Runtime Web; the joined graph
in ONNX Runtime; JavaScript's encoder and decoder around the joined graph in ONNX Runtime Web. Each row is answered by the model of its
segment, which every execution finds for itself.
Executions of a view, on a log drawn from its declarations: history over all of it (which decides), the stream in CPython and in Pyodide,
tables in Python and in JavaScript.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from foreshore import Contract, Pipeline, load_pipeline
from foreshore.encoding import encoding_table
from models.lowering import FEATURES_FILE
from models.segments import SegmentedModel, run_native, segment_codes
from models.verification.browser import BrowserExecutions
from models.verification.comparisons import Comparison, VerificationError, accepted, compare
from models.verification.context import context_comparisons
from models.verification.records import draw_records
from packing.stage import Made, Stages

REPORT = "report.json"
RANDOM_RECORDS = 1000
RANDOM_IMAGES = 12
SEED = 20130101

type Record = Mapping[str, Any]
type Tensors = dict[str, NDArray[Any]]


def random_records(contract: Contract) -> int:
    """How many random records are drawn; of images fewer, each of which is a thousand times as large."""
    return RANDOM_IMAGES if contract.image_fields else RANDOM_RECORDS


def columns_of(contract: Contract, tensors: Mapping[str, NDArray[Any]]) -> Tensors:
    """Feature tensors as one column a feature, under the names that the contract gives; as they are where it gives none."""
    columns: Tensors = {}
    for tensor in contract.features:
        flat = tensors[tensor.name].reshape(len(tensors[tensor.name]), -1)
        columns |= {name: flat[:, index] for index, name in enumerate(tensor.columns)} or {tensor.name: flat}
    return columns


def answer_columns(answers: Sequence[Mapping[str, Any]], contract: Contract, host: Mapping[str, NDArray[Any]]) -> Tensors:
    """Answers as numbers, (N,) a value; of a ranking (N, 2 * top): its scores, and those that the host gives the labels in its places.

    Labels are not compared themselves: two that score alike may change places.
    """
    columns: Tensors = {}
    for output in contract.outputs:
        values = [answer[output.name] for answer in answers]
        columns[output.name] = _ranked(values, host[output.tensor]) if output.labels else np.array(values)
    return columns


def _ranked(rankings: Sequence[Sequence[Mapping[str, Any]]], host: NDArray[Any]) -> NDArray[np.float64]:
    scores = [[each["score"] for each in ranking] for ranking in rankings]
    hosts = [[row[each["index"]] for each in ranking] for ranking, row in zip(rankings, host, strict=True)]
    return np.hstack([np.array(scores, np.float64), np.array(hosts, np.float64)])


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
    history : Path or None
        The folder of historical features that the release ships, where it ships one.
    """

    pipeline: Pipeline
    folder: Path
    graphs: Made
    browser: BrowserExecutions
    history: Path | None = None

    @property
    def contract(self) -> Contract:
        """The pipeline's contract."""
        return self.pipeline.contract

    @property
    def artefacts(self) -> Path:
        """Where its models, card and golden cases are."""
        return self.folder / "artefacts"

    def records(self) -> list[Record]:
        """The golden cases, then random records."""
        golden = json.loads((self.artefacts / "golden.json").read_text())
        return [*golden["records"], *draw_records(self.contract, random_records(self.contract), SEED)]

    def run(self) -> list[Comparison]:
        """Every comparison, features first, windows and tables last."""
        records = self.records()
        features = self.pipeline.prepare(records)
        self.browser.open(self.contract.name)
        answer = self.browser.prepare(self.contract.name, json.dumps(records))
        pyodide = accepted(answer, "Pyodide")
        compared = [self._features("features in Pyodide", pyodide, features, records)]
        if self.graphs.facts["graphs"]:
            compared += self._lowered_features(records, features)
        for variant in json.loads((self.artefacts / "card.json").read_text())["variants"]:
            in_pyodide = self._in_pyodide(variant, pyodide, answer["segments"] or [])
            compared += self._variant(variant, records, features, in_pyodide)
        return compared + context_comparisons(self.pipeline, self.history, self.browser, SEED)

    def _features(self, execution: str, got: Tensors, expected: Tensors, records: Sequence[Record]) -> Comparison:
        names = columns_of(self.contract, got), columns_of(self.contract, expected)
        return compare(self.contract.tolerance, execution, "features", *names, records)

    def _lowered_features(self, records: Sequence[Record], features: Tensors) -> list[Comparison]:
        graph = self.graphs.folder / FEATURES_FILE
        columns = dict(self.pipeline.encode(records))
        by_table = accepted(self.browser.encode_by_table(encoding_table(self.contract), records), "JavaScript's encoder")
        encoded = compare(self.contract.tolerance, "JavaScript's encoder", "columns", by_table, columns, records)
        native = self._features("lowered features, ONNX Runtime", run_native(graph, columns), features, records)
        return [encoded, native, self._features("lowered features, ONNX Runtime Web", self.browser.run(graph, by_table), features, records)]

    def _variant(
        self, variant: Mapping[str, Any], records: Sequence[Record], features: Tensors, in_pyodide: Callable[[], Any]
    ) -> list[Comparison]:  # fmt: skip
        columns = dict(self.pipeline.encode(records))
        codes = segment_codes(self.contract, columns)
        host = SegmentedModel.of_variant(self.contract, variant, self.artefacts.joinpath)
        outputs = host.run(features, codes)
        expected = answer_columns(self.pipeline.decode(outputs), self.contract, outputs)
        executions = {"Pyodide, model in ONNX Runtime Web": in_pyodide}
        if self.graphs.facts["graphs"]:
            graphs = SegmentedModel.of_variant(self.contract, variant, self._graph)
            executions["joined graph, ONNX Runtime"] = lambda: self.pipeline.decode(graphs.run(columns, codes))
            executions["joined graph, ONNX Runtime Web"] = lambda: self._web_graph(variant, records)
        return [
            compare(self.contract.tolerance, execution, variant["name"], answer_columns(run(), self.contract, outputs), expected, records)
            for execution, run in executions.items()
        ]

    def _graph(self, file: str) -> Path:
        """The joined graph of a model that the card lists."""
        return self.graphs.folder / str(self.graphs.facts["graphs"][Path(file).stem])

    def _in_pyodide(self, variant: Mapping[str, Any], tensors: Tensors, codes: Sequence[int]) -> Callable[[], Any]:
        def run() -> Any:
            outputs = self._on_the_web(variant, self.artefacts.joinpath, tensors, codes)
            return accepted(self.browser.decode(self.contract.name, outputs), "Pyodide")

        return run

    def _web_graph(self, variant: Mapping[str, Any], records: Sequence[Record]) -> Any:
        table = encoding_table(self.contract)
        columns = accepted(self.browser.encode_by_table(table, records), "JavaScript's encoder")
        codes = [] if self.contract.segment is None else columns[self.contract.segment].tolist()
        outputs = self._on_the_web(variant, self._graph, columns, codes)
        return accepted(self.browser.decode_by_table(table, outputs, len(records)), "JavaScript's decoder")

    def _on_the_web(self, variant: Mapping[str, Any], path_of: Callable[[str], Path], feeds: Tensors, codes: Sequence[int]) -> Tensors:
        """Outputs in ONNX Runtime Web, each row by the model that JavaScript finds for its segment."""
        own = {value: path_of(each["file"]) for value, each in variant.get("segments", {}).items()}
        table = encoding_table(self.contract)
        return self.browser.run_segments(path_of(variant["file"]), own, table, self.contract.segment, codes, feeds)


def verify(root: Path, name: str, graphs: Made, browser: BrowserExecutions, history: Path | None = None) -> dict[str, Any]:
    """Hold every execution of a pipeline to the host's; parameters as in `Gate`.

    Returns
    -------
    dict
        The report: `pipeline`, `tolerance`, `records` (`golden`, `random`, `seed`), `graph_reason`, `comparisons`.

    Raises
    ------
    VerificationError
        If one deviates by more than the contract's tolerance, or at all where context is concerned; names the worst case.
    """
    pipeline = load_pipeline(name)
    gate = Gate(pipeline, root / "models" / name, graphs, browser, history)
    comparisons, drawn = gate.run(), random_records(pipeline.contract)
    failed = [comparison for comparison in comparisons if not comparison.passed]
    if failed:
        raise VerificationError("\n".join(comparison.sentence(name) for comparison in failed))
    return {
        "pipeline": name,
        "tolerance": pipeline.contract.tolerance,
        "records": {"golden": len(gate.records()) - drawn, "random": drawn, "seed": SEED},
        "graph_reason": graphs.facts["reason"],
        "comparisons": [asdict(comparison) for comparison in comparisons],
    }


def verification_stage(stages: Stages, name: str, runtime: Made, graphs: Made, web: Path, history: Made | None = None) -> Made:
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
    history : Made or None
        The tables of historical features that the release ships, where it ships some.
    """
    folder = stages.root / "models" / name
    script = web / "verification" / "executions.js"
    models = Path(__file__).parents[1]
    code = [web / "verification", web / "shared", web / "worker", Path(__file__).parent, models / "segments.py", models / "tables.py"]
    code.append(stages.root / "package-lock.json")

    def make(out: Path) -> None:
        browser = BrowserExecutions(script, runtime.folder)
        try:
            report = verify(stages.root, name, graphs, browser, history.folder if history else None)
        finally:
            browser.close()
        (out / REPORT).write_text(json.dumps(report, indent=1) + "\n")

    keys = {"runtime": runtime.key, "graphs": graphs.key, "history": history.key if history else None}
    return stages.run(f"verify-{name}", [folder, *code], make, **keys)


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
