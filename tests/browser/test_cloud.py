"""The engine "cloud" from a page: the server's answers are the device's, and the device takes over where the server is away."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from foreshore import load_pipeline
from tests.browser.fixtures import probe, watch_of
from tests.unit.server.prediction.asking import close

CONTRACT = load_pipeline("eta").contract
GOOD = {field.name: field.example for field in CONTRACT.fields}
RECORDS = [GOOD, {**GOOD, "origin": "EWR", "destination": "ORD", "carrier": "UA"}, {**GOOD, "asked_at": None, "departure_delay_min": None}]
CLOUD = {"engine": "cloud", "consent": True}


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_the_server_gives_the_answers_of_the_device(page: Page, variant: str) -> None:
    told = probe(page, "predictEach", "eta", {**CLOUD, "variant": variant}, RECORDS)["answers"]
    own = probe(page, "predictEach", "eta", {"engine": "graph", "variant": variant}, RECORDS)["answers"]
    tolerance = CONTRACT.tolerance if variant == "fp32" else 0.5  # int8 kernels round in another order on each processor
    for cloud, device in zip(told, own, strict=True):
        assert close(cloud["arrival_delay_min"], device["arrival_delay_min"], tolerance)
        assert (cloud["engine"], cloud["provider"], device["engine"]) == ("cloud", "cpu", "graph")
        assert (cloud["release"], cloud["variant"]) == (device["release"], device["variant"])


def test_without_consent_the_server_is_not_asked(page: Page) -> None:
    told = probe(page, "tryToOpen", "eta", {"engine": "cloud"})
    assert (told["error"]["kind"], told["error"]["field"]) == ("validation", "consent")
    assert not any("/api/" in url for url in watch_of(page).requests)


def test_where_the_server_is_away_the_device_answers(page: Page) -> None:
    watch_of(page).forgive("ERR_FAILED")
    page.context.route("**/predict*", lambda route: route.abort())
    told: list[dict[str, Any]] = probe(page, "predictEach", "eta", CLOUD, RECORDS)["answers"]
    own = probe(page, "predictEach", "eta", {"engine": "graph"}, RECORDS)["answers"]
    assert [each["engine"] for each in told] == ["graph"] * 3
    assert [each["arrival_delay_min"] for each in told] == [each["arrival_delay_min"] for each in own]
