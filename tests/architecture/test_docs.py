"""The documentation names and links files that exist; every term of the glossary has a place in the code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "deploy").rglob("*.md"),
        *(path for part in ("services", "shared") for path in (ROOT / part).glob("*/README.md")),
        *(ROOT / "tests").rglob("*.md"),
    ]
)
FILES = {
    str(path.relative_to(ROOT))
    for part in ("services", "shared", "tests", "benchmarks", "docs", "deploy")
    for path in (ROOT / part).rglob("*")
    if "__pycache__" not in path.parts
}
MENTION = re.compile(r"`([\w./*-]+/(?:[\w-]+\.(?:py|sql|md|toml))?)`")
"""A file or a folder in backticks: ``kernel/store/cache.py``, ``tests/proofs/``."""
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
"""The file that a link leads to."""
CONFLICT = re.compile(r"^(?:<{7} .*|={7}|>{7} .*)$", re.MULTILINE)
"""A line that a merge with conflicts leaves."""
PLACEHOLDER = re.compile(r"NAME|SERVICE|\*|0\d\d\d-")
EXAMPLES = {"promotion_kinds/round_down.py", "home/", "home/logs/"}
"""What a how-to adds, and the folders of a stack's state."""


def exists(mention: str) -> bool:
    """A mention may leave out leading folders: ``kernel/store/`` is ``shared/kernel/src/kernel/store``."""
    wanted = mention.strip("/")
    return any(path == wanted or path.endswith(f"/{wanted}") for path in FILES)


def is_unknown(mention: str) -> bool:
    is_example = PLACEHOLDER.search(mention) or any(mention.endswith(it) for it in EXAMPLES)
    return not is_example and not exists(mention)


def test_pages_name_only_files_that_exist() -> None:
    mentions = {(page, it) for page in PAGES for it in MENTION.findall(page.read_text())}
    assert {(page, it) for page, it in mentions if is_unknown(it)} == set()


def test_pages_link_only_to_files_that_exist() -> None:
    links = {(page, it) for page in PAGES for it in LINK.findall(page.read_text())}
    assert {(page, it) for page, it in links if not (page.parent / it).exists()} == set()


def test_pages_hold_no_unfinished_merge() -> None:
    assert [page for page in PAGES if CONFLICT.search(page.read_text())] == []


def test_an_unfinished_merge_would_be_found() -> None:
    merge = "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> 562d650 (Say it once)\n"
    assert len(CONFLICT.findall(merge)) == 3
    assert CONFLICT.findall("Title\n=====\n") == []


def test_the_checks_would_find_a_missing_file() -> None:
    assert exists("kernel/store/cache.py")
    assert not exists("kernel/store/no_such_module.py")
    assert LINK.findall("[a](b.md#c), [d](https://e), [f](#g)") == ["b.md"]


def test_the_pages_are_found() -> None:
    assert len(PAGES) > 70


def test_the_page_of_the_kernel_has_a_row_for_each_folder() -> None:
    kernel = ROOT / "shared/kernel"
    folders = {it.parent.name for it in (kernel / "src/kernel").glob("*/*.*") if it.suffix != ".pyc"}
    page = (kernel / "README.md").read_text()
    assert folders > {"process", "store"}
    assert {it for it in folders if f"| `{it}/` |" not in page} == set()


def test_each_term_of_the_glossary_says_where_it_lives() -> None:
    rows = [
        line for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if line.startswith("| **")
    ]
    assert len(rows) > 30
    without_place = [row for row in rows if "`" not in row.rsplit("|", 2)[1] and "Not built" not in row]
    assert without_place == []
