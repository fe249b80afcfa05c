"""HTML pages: which files they load, and their form once those files have hashed names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from packing.errors import BuildError

REFERENCE = re.compile(r'(?P<before>\s(?:src|href)=")(?P<url>\.{1,2}/[^"?#]+\.\w+)(?=["?#])')
"""A relative reference to a file; `../arrivals/` and `#how` are links and stay as they are."""
SCRIPT = re.compile(r'(?P<indent>\s*)<script type="module" src="(?P<url>[^"]+)"')
FOLDERS = ("app", "bench")
PART = re.compile(r"^(?P<indent> *)<!-- (?P<name>head|masthead|footer) -->\n", re.M)
"""Stands for what all pages have in common: the file of that name in `PARTS`."""
PARTS = "app/parts"
ROOTED = re.compile(r'href="root:(?P<target>[^"]*)"')
"""A link in a part, by its place on the site."""
LEGAL = {"LICENSE", "NOTICES.txt"}
"""Files at the site's root that a later stage writes; pages link to them by their final place."""


@dataclass(frozen=True, slots=True)
class Page:
    """One HTML source and its place on the site.

    Attributes
    ----------
    source : Path
        `web/app/arrivals.html`.
    place : str
        Relative to the site's root: `arrivals/index.html`.
    """

    source: Path
    place: str

    def references(self) -> list[Path]:
        """The source files that the page loads, in the order of the text.

        Raises
        ------
        BuildError
            If one does not exist.
        """
        return [self._file(match["url"]) for match in self._matches()]

    def rewritten(self, names: Mapping[Path, str], chunks: Mapping[Path, Sequence[str]]) -> str:
        """The page's text with every reference turned to its final name, and what its scripts import loaded along with them.

        Parameters
        ----------
        names : mapping
            Source file to its place relative to the site's root.
        chunks : mapping
            Source file to the places of what its bundle imports.
        """
        here = os.path.dirname(self.place)

        def final(match: re.Match[str]) -> str:
            if Path(match["url"]).name in LEGAL:
                return match[0]
            return match["before"] + os.path.relpath(names[self._file(match["url"])], here or ".")

        preloads = {os.path.relpath(names[file], here or "."): places for file, places in chunks.items()}

        def preloaded(match: re.Match[str]) -> str:
            places = [os.path.relpath(place, here or ".") for place in preloads.get(match["url"], ())]
            return "".join(f'{match["indent"]}<link rel="modulepreload" href="{place}">' for place in places) + match[0]

        return SCRIPT.sub(preloaded, REFERENCE.sub(final, self._text()))

    def _matches(self) -> list[re.Match[str]]:
        found = REFERENCE.finditer(self._text())
        return [match for match in found if Path(match["url"]).name not in LEGAL]

    def _text(self) -> str:
        """The source with its parts in place."""
        return PART.sub(self._part, self.source.read_text())

    def _part(self, match: re.Match[str]) -> str:
        text = (self.source.parents[1] / PARTS / f"{match['name']}.html").read_text()
        return indent(ROOTED.sub(self._linked, text), match["indent"])

    def _linked(self, match: re.Match[str]) -> str:
        """A part's link as it is on this page, which is marked where it leads here."""
        here, target = self.place.removesuffix("index.html"), match["target"]
        if target == here:
            return 'href="./" aria-current="page"'
        return f'href="{"../" if here else "" if target.startswith("#") else "./"}{target}"'

    def _file(self, url: str) -> Path:
        file = (self.source.parent / url).resolve()
        if not file.is_file():
            raise BuildError(f'{self.source.name}: got a reference to "{url}", expected a file at {file}; add the file or mend the page')
        return file


def find_pages(source: Path) -> list[Page]:
    """Every page of `web/app` and `web/bench`, sorted by place.

    `app/index.html` is the site's own index, `app/arrivals.html` becomes `arrivals/index.html`, `bench/index.html` stays there.
    """
    files = [file for folder in FOLDERS for file in sorted((source / folder).glob("*.html"))]
    return sorted((Page(file, _place(file)) for file in files), key=lambda page: page.place)


def _place(file: Path) -> str:
    parts = [part for part in (file.parent.name, file.stem) if part not in ("app", "index")]
    return "/".join([*parts, "index.html"])
