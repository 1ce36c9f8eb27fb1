"""The lines of a file with their keys, in groups that are saved whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kernel.domain import Refused
from offer.imports.domain.errors import DuplicateKey, InvalidLine
from offer.imports.domain.report import LineReport, failed

GROUP = 500


class ImportLine(NamedTuple):
    number: int
    key: str | None
    fields: Mapping[str, Any]
    refused: Refused | InvalidLine | None = None
    """Why the line cannot be imported, judged by the line alone."""

    def failed(self, refused: Refused | InvalidLine) -> LineReport:
        return failed(self.number, self.key, refused)


def with_keys(
    lines: Sequence[tuple[int, Mapping[str, Any] | InvalidLine]],
    key_of: Callable[[Mapping[str, Any]], str | None],
) -> list[ImportLine]:
    """Of lines with the same key the first counts."""
    found: list[ImportLine] = []
    seen: set[str] = set()
    for number, fields in lines:
        if isinstance(fields, InvalidLine):
            found.append(ImportLine(number, None, {}, fields))
            continue
        key = key_of(fields)
        refused: Refused | InvalidLine | None = None
        if key is None:
            refused = InvalidLine("INVALID_REQUEST", (), "The line has no key.")
        elif key in seen:
            refused = DuplicateKey("An earlier line has the same key.")
        else:
            seen.add(key)
        found.append(ImportLine(number, key, fields, refused))
    return found


def groups_of(lines: Sequence[ImportLine]) -> Iterator[Sequence[ImportLine]]:
    return (lines[start : start + GROUP] for start in range(0, len(lines), GROUP))
