"""Schedules on their way from a pipeline's folder into its card, and into the release."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import models.eta.schedule
from foreshore import ContractError, load_pipeline
from foreshore.schedules import Schedule
from models.release import _card
from models.schedules import schedules_of
from packing.errors import BuildError
from tests.root import ROOT

ETA = load_pipeline("eta").contract
CARD = ROOT / "models" / "eta" / "artefacts" / "card.json"


def test_the_committed_card_holds_what_is_declared() -> None:
    card = json.loads(CARD.read_text())
    assert card["schedules"] == schedules_of(ETA) == [each.to_json() for each in models.eta.schedule.SCHEDULES]
    assert "`15 8 * * *`" in (ROOT / "models" / "eta" / "CARD.md").read_text()


def test_a_pipeline_without_any_has_none() -> None:
    assert schedules_of(load_pipeline("see").contract) == []


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ((Schedule("nightly", "0 8 * * *", "x.csv", ("nobody",)),), "got the key \\['nobody'\\]"),
        ((Schedule("nightly", "10-12/5 8 * * *", "x.csv", ("carrier",)),), "the cron '10-12/5 8 \\* \\* \\*' is of no use"),
    ],
)
def test_a_wrong_one_is_refused_before_it_is_in_the_card(monkeypatch: pytest.MonkeyPatch, declared: Any, message: str) -> None:
    module: ModuleType = models.eta.schedule
    monkeypatch.setattr(module, "SCHEDULES", declared)
    with pytest.raises(ContractError, match=message):
        schedules_of(ETA)


def test_a_card_with_a_wrong_one_is_not_released(tmp_path: Path) -> None:
    card = json.loads(CARD.read_text())
    shutil.copy(CARD, tmp_path)
    assert _card(tmp_path / "card.json", ETA)["schedules"] == card["schedules"]
    card["schedules"][0]["variant"] = "nobody"
    (tmp_path / "card.json").write_text(json.dumps(card))
    with pytest.raises(BuildError, match="got the variant 'nobody', expected one of .* mend models/eta/schedule.py"):
        _card(tmp_path / "card.json", ETA)
    del card["schedules"]
    (tmp_path / "card.json").write_text(json.dumps(card))
    assert "schedules" not in _card(tmp_path / "card.json", ETA)
