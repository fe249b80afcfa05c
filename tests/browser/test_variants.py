"""Models measured against each other in a real browser. Timings are looked at for their form, never for their size."""

from __future__ import annotations

import itertools
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from web.bench.variants import NoAdapterError, Plan, Report, VariantError, drawn_feeds, measure, measure_gpu
from web.bench.variants.report import Measured, Summary

OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""Whoever asks for another host gets an error."""
TINY = Plan(rounds=6, loads=2, turn_ms=2, warm_up_ms=5, rest_ms=1)
ONCE = Plan(rounds=1, loads=1, turn_ms=1, warm_up_ms=1, rest_ms=0)
BATCHES = (1, 8)
THREADS = (1, 2)
CELLS = list(itertools.product(THREADS, BATCHES))
FEATURES = 16
WIDE = 200_000
"""Outputs of the model that is much larger."""
TOLERANCE = 1e-5
"""Of a product with 16 terms in float32; the two runtimes may add them up in another order."""
GPU = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan", "--use-vulkan=swiftshader")
WITHOUT_GPU = ("--disable-gpu", "--disable-software-rasterizer")
GPU_TOLERANCE = 1e-3
"""WebGPU lets a GPU round sums more coarsely than a processor does."""


def write_product(file: Path, seed: int, outputs: int = 4, operator: str = "MatMul") -> Path:
    """A model (N, 16) -> (N, outputs) with weights of its own."""
    weights = np.random.default_rng(seed).standard_normal((FEATURES, outputs)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node(operator, ["x", "weights"], ["y"])],
        file.stem,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", FEATURES])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", outputs])],
        [numpy_helper.from_array(weights, "weights")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), file)
    return file


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three models of other answers; the last is much larger."""
    folder = tmp_path_factory.mktemp("models")
    sizes = {"first": 4, "second": 4, "wide": WIDE}
    return {name: write_product(folder / f"{name}.onnx", seed, size) for seed, (name, size) in enumerate(sizes.items())}


@pytest.fixture(scope="module")
def feeds(models: dict[str, Path]) -> dict[str, NDArray[Any]]:
    """Fewer rows than the largest batch."""
    return drawn_feeds(models["first"], 5)


def measured(
    models: dict[str, Path],
    feeds: dict[str, NDArray[Any]],
    *,
    browser_options: Sequence[str] = (),
    by: Callable[..., Report] = measure,
    **options: Any,
) -> Report:
    """`measure` in a thread of its own, since other tests hold a Playwright open in theirs."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(by, models, feeds, browser_options=[OFFLINE, *browser_options], **options).result()


@pytest.fixture(scope="module")
def report(models: dict[str, Path], feeds: dict[str, NDArray[Any]]) -> Report:
    return measured(models, feeds, batches=BATCHES, threads=THREADS, plan=TINY)


def each_model(report: Report) -> Iterator[Measured]:
    return itertools.chain.from_iterable(run["models"] for run in report["runs"])


def check_summary(summary: Summary, count: int) -> None:
    assert summary["count"] == count
    order = [summary[name] for name in ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")]
    assert order[0] > 0
    assert order == sorted(order)


def test_every_model_answers_in_the_browser_as_on_the_host(report: Report) -> None:
    assert [len(run["models"]) for run in report["runs"]] == [3] * len(CELLS)
    for run in report["runs"]:
        for model in run["models"]:
            agreement = model["agreement"]
            assert agreement["compared"] == run["batch"] * (WIDE if model["name"] == "wide" else 4)
            assert 0 <= agreement["median_difference"] <= agreement["largest_difference"] <= TOLERANCE


def test_all_figures_are_there_and_have_their_form(report: Report, models: dict[str, Path]) -> None:
    assert json.loads(json.dumps(report)) == report
    assert report["environment"]["isolated"] is True
    assert (report["baseline"], report["provider"]) == ("first", "wasm")
    assert [(run["threads"], run["batch"]) for run in report["runs"]] == CELLS
    for run in report["runs"]:
        assert [model["name"] for model in run["models"]] == list(models)
    for model in each_model(report):
        check_summary(model["load_ms"], TINY.loads)
        check_summary(model["runtime_start_ms"], TINY.loads)
        check_summary(model["time_ms"], TINY.rounds * model["turn"]["samples"])
        check_summary(model["ratio"], TINY.rounds)


def test_ratios_are_to_the_first_model_in_the_same_round(report: Report) -> None:
    for first, *others in (run["models"] for run in report["runs"]):
        assert (first["ratio"]["minimum"], first["ratio"]["maximum"]) == (1, 1)
        for other in others:
            ratios = np.array(other["rounds_ms"]) / np.array(first["rounds_ms"])
            assert other["ratio"]["median"] == pytest.approx(np.median(ratios))
            assert other["ratio"]["upper_quartile"] == pytest.approx(np.quantile(ratios, 0.75))


def test_each_round_has_every_model_once_in_an_order_of_its_own(report: Report, models: dict[str, Path]) -> None:
    for orders in (run["orders"] for run in report["runs"]):
        assert (len(orders["loads"]), len(orders["rounds"])) == (TINY.loads, TINY.rounds)
        assert all(sorted(order) == sorted(models) for order in [*orders["loads"], *orders["rounds"]])
        assert len({tuple(order) for order in orders["rounds"]}) > 1


def test_memory_is_each_models_own(report: Report) -> None:
    weights_bytes = WIDE * FEATURES * 4
    for run in report["runs"]:
        first, second, wide = (model["memory"] for model in run["models"])
        for memory in (first, second, wide):
            sizes = [memory["runtime"], memory["loaded"], memory["peak"]]
            assert all(0 < size["touched_bytes"] <= size["size_bytes"] for size in sizes)
            assert sizes == sorted(sizes, key=lambda size: (size["size_bytes"], size["touched_bytes"]))
        loaded = [memory["loaded"]["touched_bytes"] - memory["runtime"]["touched_bytes"] for memory in (first, second, wide)]
        assert loaded[2] > weights_bytes > 10 * max(loaded[:2])
        assert wide["peak"]["size_bytes"] > second["peak"]["size_bytes"]


def test_a_model_that_the_browser_cannot_load_is_named(models: dict[str, Path], feeds: dict[str, NDArray[Any]], tmp_path: Path) -> None:
    odd = write_product(tmp_path / "odd.onnx", 1, operator="Levitate")

    with pytest.raises(
        VariantError,
        match=r"^odd, loading: the model could not be loaded.*Levitate.*a batch of 1 on 1 thread \(wasm\); export the model anew",
    ):
        measured({**models, "odd": odd}, feeds, batches=(1,), threads=(1,), plan=ONCE)


def test_a_model_that_fails_at_a_batch_size_is_named(models: dict[str, Path], feeds: dict[str, NDArray[Any]], tmp_path: Path) -> None:
    single = onnx.load(models["first"])
    single.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(single, tmp_path / "single.onnx")

    with pytest.raises(VariantError, match=r"^single, running: the model could not be run.*a batch of 8"):
        measured({"single": tmp_path / "single.onnx"}, feeds, batches=BATCHES, threads=(1,), plan=ONCE)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the page's process in /proc")
def test_a_page_that_crashes_names_the_model_and_its_step(models: dict[str, Path], feeds: dict[str, NDArray[Any]]) -> None:
    others = renderers()

    def kill(step: str) -> None:
        if step.startswith("second, running"):
            for process in renderers() - others:
                os.kill(process, signal.SIGKILL)

    with pytest.raises(VariantError, match=r"^second, running: the page went down .*crashed.*a batch of 1 on 1 thread"):
        measured(models, feeds, batches=(1,), threads=(1,), plan=ONCE, tell=kill)


def renderers() -> set[int]:
    """Processes that show pages, among those that this one has started."""
    parents = dict(filter(None, map(parent_of, Path("/proc").glob("[0-9]*"))))

    def ours(process: int) -> bool:
        return process == os.getpid() or (process in parents and ours(parents[process]))

    return {process for process in parents if ours(process) and "--type=renderer" in command_of(process)}


def parent_of(folder: Path) -> tuple[int, int] | None:
    try:
        return int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def command_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def test_models_are_measured_on_webgpu_where_there_is_an_adapter(models: dict[str, Path], feeds: dict[str, NDArray[Any]]) -> None:
    pair = {name: models[name] for name in ("first", "second")}
    try:
        report = measured(pair, feeds, batches=(8,), provider="webgpu", plan=ONCE, browser_options=GPU)
    except NoAdapterError:
        pytest.skip(f"this Chromium gives no WebGPU adapter, even with {' '.join(GPU)}")

    assert report["environment"]["webgpu"] != ""
    assert [run["threads"] for run in report["runs"]] == [1]
    for model in each_model(report):
        assert model["agreement"]["largest_difference"] <= GPU_TOLERANCE
        check_summary(model["time_ms"], model["turn"]["samples"])


def test_webgpu_without_an_adapter_is_an_error(models: dict[str, Path], feeds: dict[str, NDArray[Any]]) -> None:
    with pytest.raises(NoAdapterError, match="no WebGPU adapter; measure with provider='wasm'"):
        measured(models, feeds, batches=(1,), provider="webgpu", plan=ONCE, browser_options=[*GPU, *WITHOUT_GPU])


def test_an_adapter_that_is_a_program_is_not_timed_as_a_gpu(models: dict[str, Path], feeds: dict[str, NDArray[Any]]) -> None:
    with pytest.raises(NoAdapterError, match=r"adapter is no GPU \(.*\), and its times say nothing of one|has no WebGPU adapter"):
        measured({"first": models["first"]}, feeds, by=measure_gpu, batches=(1,), plan=ONCE, browser_options=GPU)


def test_a_model_that_webgpu_cannot_run_is_told_and_the_others_are_timed(
    models: dict[str, Path], feeds: dict[str, NDArray[Any]], tmp_path: Path
) -> None:
    odd = write_product(tmp_path / "odd.onnx", 1, operator="Levitate")
    variants = {"first": models["first"], "odd": odd, "second": models["second"]}
    try:
        report = measured(variants, feeds, by=measure_gpu, software=True, batches=(1,), plan=ONCE, browser_options=GPU)
    except NoAdapterError:
        pytest.skip(f"this Chromium gives no WebGPU adapter, even with {' '.join(GPU)}")

    assert [model["name"] for model in report["runs"][0]["models"]] == ["first", "second"]
    assert list(report["failures"]) == ["odd"]
    assert "Levitate" in report["failures"]["odd"]
