"""Notices: everything that a release bundles is named with its licence, and the committed file says so."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from packing.errors import BuildError
from packing.notices import FILE, RULE, check_notices, components, render, write_notices

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with this one's packages and notices."""
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / FILE).write_bytes((ROOT / FILE).read_bytes())
    return tmp_path


def named() -> dict[str, str]:
    """Every bundled work's version by its name in small letters."""
    return {work.name.lower(): work.version for work in components(ROOT)}


def bundled_packages(dist: Path) -> set[str]:
    """The npm packages whose sources are in a bundle, from the source maps beside it.

    Where a package came with a map of its own, esbuild follows it to sources that nobody has; those are passed over.
    """
    found = set()
    for path in dist.glob("assets/*.map"):
        for source in json.loads(path.read_text(encoding="utf-8"))["sources"]:
            _, inside, rest = source.rpartition("node_modules/")
            if inside:
                found.add("/".join(rest.split("/")[: 2 if rest.startswith("@") else 1]))
    return {name for name in found if (ROOT / "node_modules" / name / "package.json").is_file()}


def test_committed_notices_are_what_the_components_give() -> None:
    check_notices(ROOT)


@pytest.mark.parametrize("change", ["edited", "missing"])
def test_notices_that_differ_are_refused_and_mended(checkout: Path, change: str) -> None:
    if change == "edited":
        (checkout / FILE).write_text((checkout / FILE).read_text().replace("NumPy", "NumPie", 1))
    else:
        (checkout / FILE).unlink()
    with pytest.raises(BuildError, match=r"NOTICES\.txt differs .* check --fix"):
        check_notices(checkout)
    write_notices(checkout)
    check_notices(checkout)


def test_missing_package_names_the_component(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"(?s)Pyodide: .*is every locked package installed\?"):
        components(tmp_path)


def test_every_work_has_a_licence_and_every_text_stands_once() -> None:
    works = components(ROOT)
    text = render(works)
    for work in works:
        assert work.licence
        assert work.source.startswith("https://")
        assert work.texts
        assert all(part in text for part in work.texts), work.name
    assert text.count(f"\n{RULE}\n[") == len({part for work in works for part in work.texts})


def test_every_package_of_the_pyodide_lock_is_named(dist: Path, release: dict[str, Any]) -> None:
    lock = json.loads((dist / release["entry"]["pyodide_folder"] / "pyodide-lock.json").read_text())
    theirs = {name: entry["version"] for name, entry in lock["packages"].items() if not name.startswith("foreshore")}
    assert theirs
    assert {name: named().get(name) for name in theirs} == theirs
    assert named()["cpython"] == lock["info"]["python"]


def test_every_npm_package_in_a_bundle_is_named(dist: Path) -> None:
    wanted = set(json.loads((ROOT / "package.json").read_text())["dependencies"])
    bundled = bundled_packages(dist)
    assert bundled
    assert (wanted | bundled) - set(named()) == set()


def test_release_carries_the_notices(dist: Path) -> None:
    assert (dist / FILE).read_bytes() == (ROOT / FILE).read_bytes()
    assert (dist / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("work", ["numpy", "packaging", "micropip"])
def test_licences_inside_shipped_wheels_stand_in_the_notices(dist: Path, release: dict[str, Any], work: str) -> None:
    """Texts are kept beside the generator, so that it needs no download; here they meet the wheels they were copied from."""
    (wheel,) = (dist / release["entry"]["pyodide_folder"]).glob(f"{work}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" in name and name.rpartition("/")[2].startswith("LICENSE")]
        texts = [" ".join(archive.read(name).decode().split()) for name in names if "APACHE" not in name]
    notices = " ".join((ROOT / FILE).read_text().split())
    assert texts
    assert all(text in notices for text in texts), "pywasm/packing/licences holds another text than the wheel"
