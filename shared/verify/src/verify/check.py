"""A check: one invariant, with the queries that find its violations in the dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from verify.dataset.dataset import Dataset

MAX_ROWS_SHOWN = 20
NO_LEDGER = "payments go to an external gateway, whose ledger cannot be read"
Row: TypeAlias = "Mapping[str, Any]"
Finder: TypeAlias = "Callable[[Dataset], Iterable[Row]]"


class ViolationQuery(NamedTuple):
    """One kind of violation. ``query``: SQL on the dataset, or a function where SQL is not enough."""

    what: str
    query: str | Finder

    def rows(self, dataset: Dataset) -> Iterator[Row]:
        found = dataset.sql.execute(self.query) if isinstance(self.query, str) else self.query(dataset)
        return ({"what": self.what, **dict(it)} for it in found)


@dataclass(frozen=True)
class Check:
    name: str
    rule: str
    compared: str
    """SQL for the number of items checked."""
    queries: tuple[ViolationQuery, ...]
    needs_ledger: bool = False
    """Whether it compares with the payment gateway's ledger."""


Verdict: TypeAlias = Literal["holds", "violated", "unavailable", "not_judged"]


@dataclass
class Result:
    """Result of a check. ``unavailable``: the reason why it could not be made; ``not_judged``: the reason why
    it does not apply."""

    check: str
    rule: str
    compared: int = 0
    violations: int = 0
    rows: list[Row] = field(default_factory=list)
    unavailable: str | None = None
    not_judged: str | None = None

    @property
    def holds(self) -> bool:
        return not self.violations and self.unavailable is None

    @property
    def verdict(self) -> Verdict:
        if self.violations:
            return "violated"
        if self.unavailable is not None:
            return "unavailable"
        return "holds" if self.not_judged is None else "not_judged"

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.violations += 1
            if len(self.rows) < MAX_ROWS_SHOWN:
                self.rows.append(row)

    def as_json(self) -> dict[str, Any]:
        shown = {name: it for name, it in vars(self).items() if it is not None}
        return shown | {"rows": [dict(it) for it in self.rows]}


def run_check(check: Check, dataset: Dataset, *, has_ledger: bool = True) -> Result:
    if check.needs_ledger and not has_ledger:
        return Result(check.name, check.rule, not_judged=NO_LEDGER)
    result = Result(check.name, check.rule, dataset.number(check.compared))
    for query in check.queries:
        result.add(query.rows(dataset))
    return result
