"""Every table has a documented rule for how long its rows are kept."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs/how-to/what-is-kept.md"
CREATED = re.compile(r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)")


def tables() -> set[str]:
    migrations = [
        *PROJECT.glob("services/*/src/**/migrations/*.sql"),
        *PROJECT.glob("shared/*/src/**/migrations/*.sql"),
    ]
    return {name for it in migrations for name in CREATED.findall(it.read_text())}


def documented() -> set[str]:
    """Names, and patterns such as ``catalogue_*``, from the first column of the page's table."""
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return {name for row in rows for name in re.findall(r"`([a-z_*]+)`", row)}


def test_every_table_has_a_rule_for_how_long_its_rows_are_kept() -> None:
    rules = documented()
    assert len(tables()) > 20
    assert [it for it in sorted(tables()) if not any(fnmatch(it, rule) for rule in rules)] == []
