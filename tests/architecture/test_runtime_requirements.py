"""The container image has what its programs need, at the versions that are tested, and nothing else."""

from __future__ import annotations

import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MEMBERS = {
    tomllib.loads(it.read_text())["project"]["name"]
    for it in (*ROOT.glob("services/*/pyproject.toml"), *ROOT.glob("shared/*/pyproject.toml"))
}
GROUPS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
PROGRAMS = GROUPS["runtime"]
NOT_IN_THE_IMAGE = {"feira-devstack", "feira-demo"}


def pins(file: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Name -> version and hashes, of what is installed on this platform."""
    text = (ROOT / "requirements" / file).read_text().replace("\\\n", " ")
    parts = [line.split(" --hash=") for line in text.splitlines()]
    pinned = [(Requirement(first), frozenset(it.strip() for it in hashes)) for first, *hashes in parts]
    return {
        it.name: (str(it.specifier), hashes)
        for it, hashes in pinned
        if it.marker is None or it.marker.evaluate()
    }


def needed(program: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """The distributions that an installed one needs on this platform, with those that they need."""
    reached: set[tuple[str, frozenset[str]]] = set()
    open_ = [(canonicalize_name(program), extras)]
    while open_:
        name, wanted = open_.pop()
        if (name, wanted) in reached:
            continue
        reached.add((name, wanted))
        for line in distribution(name).requires or ():
            it = Requirement(line)
            if it.marker is None or any(it.marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                open_.append((canonicalize_name(it.name), frozenset(it.extras)))
    return {name for name, _ in reached}


def test_each_pin_of_the_image_is_the_one_that_is_tested() -> None:
    tested = pins("all.txt")
    for file in ("runtime.txt", "statistics.txt"):
        assert {name: tested.get(name) for name in pins(file)} == pins(file)


def test_the_image_has_what_its_programs_need_and_nothing_else() -> None:
    """If not: ``make lock-runtime``."""
    expected = set().union(*(needed(it) for it in PROGRAMS)) - MEMBERS
    assert pins("runtime.txt").keys() == expected


def test_the_worker_s_image_has_what_the_extra_of_statistics_brings_besides() -> None:
    (projections,) = (it for it in PROGRAMS if it == "projections")
    brought = needed(projections, frozenset({"statistics"})) - needed(projections)
    assert pins("statistics.txt").keys() == brought == set(GROUPS["statistics"])


def test_the_image_has_neither_the_stack_of_one_machine_nor_the_demonstration() -> None:
    assert not set().union(*(needed(it) for it in PROGRAMS)) & NOT_IN_THE_IMAGE
