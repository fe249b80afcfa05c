"""Whether a page, as it stands, is accessible and fits the screens it is shown on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.root import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = {"desktop": ViewportSize(width=1280, height=900), "phone": ViewportSize(width=390, height=844)}
RUN_AXE = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def check_presentable(page: Page, picture: Path, scheme: str) -> None:
    """Hold the page to both screens in one colour scheme; pictures get screen and scheme added to their name."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for screen, viewport in SCREENS.items():
        page.set_viewport_size(viewport)
        page.screenshot(path=picture.with_name(f"{picture.name}-{screen}-{scheme}.png"), full_page=True)
        assert page.evaluate(OVERFLOW) <= 0, f"{screen}: the page is wider than the screen"
        assert serious_violations(page) == [], f"{screen}, {scheme}"


def serious_violations(page: Page) -> list[str]:
    """What axe-core finds of impact serious or critical, with the first element of each."""
    violations = page.evaluate(RUN_AXE)["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:200]} {violation['nodes'][0]['failureSummary']}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
    ]
