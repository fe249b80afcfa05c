"""A page used by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

SHOWS_FOCUS = """
(() => {
  const focused = document.activeElement;
  const ringed = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  return !focused.matches(":focus") || [focused, ...(focused.labels ?? [])].some(ringed);
})()
"""
"""Whether what has the focus, or its label, has a ring. The button inside a date field gets one from the browser, unseen by scripts."""


def press_until(page: Page, key: str, condition: str, limit: int = 60) -> None:
    """Press a key until a condition holds in the page; what has the focus must be visible all the way."""
    for _ in range(limit):
        page.keyboard.press(key)
        assert page.evaluate(SHOWS_FOCUS), page.evaluate("document.activeElement.outerHTML")[:300]
        if page.evaluate(condition):
            return
    pytest.fail(f"{condition}: not after pressing {key} {limit} times")
