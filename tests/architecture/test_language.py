"""Comments, docstrings, names and texts use the field's words: no part of the system is a person.

"Somebody was told" hides which part did what; see ``docs/glossary.md`` for the words that say it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = ("told", "nobody", "whoever", "somebody", "anybody")
RIDDLE = re.compile(rf"(?<![a-z])(?:{'|'.join(WORDS)})(?![a-z])", re.IGNORECASE)
PAGES = [
    ROOT / "README.md",
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "deploy").rglob("*.md"),
    *(path for part in ("services", "shared") for path in (ROOT / part).glob("*/README.md")),
]
ALLOWED = (
    "PARKED_FOR_NOBODY",  # a public error code
    "consumer.before_kafka_told",  # a public failpoint
    'pwd.getpwnam("nobody")',  # the system's user of that name
    "nobody.pw_uid",
)
FILES = sorted(
    [
        *(path for part in ("services", "shared") for path in (ROOT / part).glob("*/src/**/*.py")),
        *(ROOT / "benchmarks").rglob("*.py"),
        *(ROOT / "deploy").rglob("*.py"),
        *PAGES,
    ]
)


def is_riddle(line: str) -> bool:
    return bool(RIDDLE.search(line)) and not any(allowed in line for allowed in ALLOWED)


def test_no_part_of_the_system_is_called_somebody() -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if is_riddle(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("the client is told", True),
        ("self._told_at = 0", True),
        ("NOBODY = 1", True),
        ("the client gets a response", False),
        ("toldo = 1", False),
    ],
)
def test_a_riddle_would_be_found(line: str, is_found: bool) -> None:
    assert is_riddle(line) is is_found
