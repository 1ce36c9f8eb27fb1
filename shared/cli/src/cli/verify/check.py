"""One promise, and how evidence is searched for what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from cli.verify.dataset.dataset import Dataset

MAX_ROWS_SHOWN = 20
Row: TypeAlias = "Mapping[str, Any]"
Finder: TypeAlias = "Callable[[Dataset], Iterable[Row]]"


class ViolationQuery(NamedTuple):
    """One way to break a promise; ``by`` is a query, or a search that no query can do."""

    what: str
    query: str | Finder

    def rows(self, evidence: Dataset) -> Iterator[Row]:
        found = evidence.sql.execute(self.query) if isinstance(self.query, str) else self.query(evidence)
        return ({"what": self.what, **dict(it)} for it in found)


@dataclass(frozen=True)
class Check:
    name: str
    rule: str
    compared: str
    """A query for the number of things that were held to the rule."""
    queries: tuple[ViolationQuery, ...]


@dataclass
class Result:
    """``unavailable``: why the check could not be made."""

    check: str
    rule: str
    compared: int = 0
    violations: int = 0
    rows: list[Row] = field(default_factory=list)
    unavailable: str | None = None

    @property
    def holds(self) -> bool:
        return not self.violations and self.unavailable is None

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.violations += 1
            if len(self.rows) < MAX_ROWS_SHOWN:
                self.rows.append(row)

    def as_json(self) -> dict[str, Any]:
        shown = {name: it for name, it in vars(self).items() if it is not None}
        return shown | {"rows": [dict(it) for it in self.rows]}


def run_check(check: Check, evidence: Dataset) -> Result:
    result = Result(check.name, check.rule, evidence.number(check.compared))
    for query in check.queries:
        result.add(query.rows(evidence))
    return result
