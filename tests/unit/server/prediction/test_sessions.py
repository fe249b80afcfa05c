"""Models in memory: loaded once, within a budget, the least recently used going first."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from web.server.prediction.catalogue import ModelFile
from web.server.prediction.errors import Unavailable
from web.server.prediction.sessions import SessionPool, open_session, size_of


def model_file(folder: Path, name: str, addend: float) -> ModelFile:
    """A released model that adds a number."""
    nodes = [helper.make_node("Add", ["x", "addend"], ["y"])]
    value = helper.make_tensor("addend", TensorProto.FLOAT, [1], [addend])
    ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, ["N"]) for end in ("x", "y")]
    graph = helper.make_graph(nodes, name, ends[:1], ends[1:], [value])
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    (folder / name).write_bytes(content)
    return ModelFile(name, folder / name, hashlib.sha256(content).hexdigest(), len(content), True)


@pytest.fixture
def files(tmp_path: Path) -> list[ModelFile]:
    return [model_file(tmp_path, f"{place}.onnx", place) for place in range(200)]


def test_hundreds_of_models_stay_within_the_budget(files: list[ModelFile]) -> None:
    budget, told = 20 * size_of(files[-1]), []
    pool = SessionPool(lambda file: open_session(file, 1), budget, lambda count, size, event: told.append((count, size, event)))
    for place, file in [*enumerate(files), *enumerate(files[-5:], start=195)]:
        answer = pool.get(file).run(None, {"x": np.zeros(1, np.float32)})[0]
        assert answer.tolist() == [place]
    assert max(size for _, size, _ in told) <= budget
    assert max(count for count, _, _ in told) == told[-1][0] == 20
    assert sum(event == "load" for *_, event in told) == 200  # the last five were still there
    assert sum(event == "evict" for *_, event in told) == 180


def test_what_was_used_last_stays(files: list[ModelFile]) -> None:
    made: list[str] = []

    def make(file: ModelFile) -> str:
        made.append(file.name)
        return file.name

    pool = SessionPool(make, 2 * size_of(files[0]), lambda *_: None)
    for place in (0, 1, 0, 2, 0, 1):
        assert pool.get(files[place]) == files[place].name
    assert made == ["0.onnx", "1.onnx", "2.onnx", "1.onnx"]


def test_a_model_that_many_want_at_once_is_loaded_once(files: list[ModelFile]) -> None:
    made: list[str] = []
    barrier = threading.Barrier(8)

    def ask(file: ModelFile) -> str:
        barrier.wait(30)
        return pool.get(file)

    def make(file: ModelFile) -> str:
        made.append(file.name)
        threading.Event().wait(0.05)
        return file.name

    pool = SessionPool(make, 1 << 30, lambda *_: None)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, files[:1] * 8)) == {"0.onnx"}
    assert made == ["0.onnx"]


def test_a_model_beyond_the_budget_is_refused_and_evicts_nothing(files: list[ModelFile]) -> None:
    pool = SessionPool(lambda file: file.name, size_of(files[0]), lambda *_: None)
    pool.get(files[0])
    large = ModelFile("large.onnx", files[0].path, "", 1 << 30, True)
    with pytest.raises(Unavailable, match="large.onnx takes about"):
        pool.get(large)
    assert pool.size_bytes == size_of(files[0])


def test_a_file_that_was_not_released_is_never_run(files: list[ModelFile]) -> None:
    files[0].path.write_bytes(files[1].path.read_bytes())
    pool = SessionPool(lambda file: open_session(file, 1), 1 << 30, lambda *_: None)
    with pytest.raises(Unavailable, match=r"0\.onnx is not the file that was released"):
        pool.get(files[0])
    files[2].path.unlink()
    with pytest.raises(Unavailable, match=r"2\.onnx can't be read \(No such file or directory\)"):
        pool.get(files[2])
    assert pool.get(files[1]).run(None, {"x": np.zeros(1, np.float32)})[0].tolist() == [1]


def test_the_models_of_this_test_are_valid(files: list[ModelFile]) -> None:
    onnx.checker.check_model(files[0].path.read_bytes(), full_check=True)
