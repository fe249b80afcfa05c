"""The examples in the server's docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["config", "headers", "offers", "requestlog"])
def test_examples_hold(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"web.server.{name}"))
    assert (failed, tried > 0) == (0, True)
