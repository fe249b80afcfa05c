from pathlib import Path

import pytest

from packing.errors import BuildError
from web.pages import Page, find_pages

HTML = """\
<link rel="stylesheet" href="./style.css" />
<script type="module" src="../shared/start.js"></script>
<a href="../arrivals/">Arrivals</a> <a href="#how">How</a> <a href="../LICENSE">LICENSE</a> <a href="../NOTICES.txt">Notices</a>
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for path in ("app/index.html", "app/arrivals.html", "bench/index.html"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(HTML)
    for path in ("app/style.css", "bench/style.css", "shared/start.js"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")
    return tmp_path


def test_pages_get_a_folder_each_except_the_sites_own_index(source: Path) -> None:
    assert [page.place for page in find_pages(source)] == ["arrivals/index.html", "bench/index.html", "index.html"]


def test_references_are_the_files_that_a_page_loads(source: Path) -> None:
    page = Page(source / "app/arrivals.html", "arrivals/index.html")
    assert page.references() == [source / "app/style.css", source / "shared/start.js"]


@pytest.mark.parametrize(("place", "prefix"), [("index.html", ""), ("arrivals/index.html", "../")])
def test_references_become_final_names_relative_to_the_page(source: Path, place: str, prefix: str) -> None:
    names = {source / "app/style.css": "assets/style-1.css", source / "shared/start.js": "assets/start-2.js"}
    text = Page(source / "app/arrivals.html", place).rewritten(names, {})
    assert f'href="{prefix}assets/style-1.css"' in text
    assert f'src="{prefix}assets/start-2.js"' in text


def test_what_a_script_imports_is_preloaded_before_it(source: Path) -> None:
    names = {source / "app/style.css": "assets/style-1.css", source / "shared/start.js": "assets/start-2.js"}
    text = Page(source / "app/arrivals.html", "arrivals/index.html").rewritten(names, {source / "shared/start.js": ["assets/shared-3.js"]})
    assert '<link rel="modulepreload" href="../assets/shared-3.js">\n<script type="module" src="../assets/start-2.js">' in text


def test_links_stay_as_they_are(source: Path) -> None:
    names = {source / "app/style.css": "assets/style-1.css", source / "shared/start.js": "assets/start-2.js"}
    text = Page(source / "app/arrivals.html", "arrivals/index.html").rewritten(names, {})
    for link in ('href="../arrivals/"', 'href="#how"', 'href="../LICENSE"', 'href="../NOTICES.txt"'):
        assert link in text


def test_reference_to_a_missing_file_names_page_and_file(source: Path) -> None:
    (source / "app/style.css").unlink()
    with pytest.raises(BuildError, match=r'arrivals\.html: got a reference to "\./style\.css", expected a file at .*app/style\.css'):
        Page(source / "app/arrivals.html", "arrivals/index.html").references()


@pytest.mark.parametrize(
    ("file", "place", "links"),
    [
        ("app/index.html", "index.html", '<a href="./" aria-current="page"></a><a href="./arrivals/"></a><a href="#embed"></a>'),
        ("app/arrivals.html", "arrivals/index.html", '<a href="../"></a><a href="./" aria-current="page"></a><a href="../#embed"></a>'),
        ("bench/index.html", "bench/index.html", '<a href="../"></a><a href="../arrivals/"></a><a href="../#embed"></a>'),
    ],
)
def test_what_all_pages_have_in_common_stands_in_each_with_its_own_links(source: Path, file: str, place: str, links: str) -> None:
    (source / "app/parts").mkdir()
    (source / "app/parts/masthead.html").write_text('<a href="root:"></a><a href="root:arrivals/"></a><a href="root:#embed"></a>\n')
    (source / file).write_text("<body>\n  <!-- masthead -->\n</body>\n")
    assert Page(source / file, place).rewritten({}, {}) == f"<body>\n  {links}\n</body>\n"
