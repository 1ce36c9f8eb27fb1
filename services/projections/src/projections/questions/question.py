"""Questions: what analysts ask, as data. One value gives the HTTP route with filters and paging, the export,
the SQL view, the entry of the dictionary, and what the dashboard shows.

The SQL of a question takes named parameters: ``:tenant``, which it must use; ``:first`` and ``:end`` if it is
``ranged``; ``:known`` if it has ``known``; ``:now``, the time of the service; and those of its ``params``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "text",
    "id",
    "day",
    "instant",
    "integer",
    "number",
    "rate",
    "boolean",
    "money",
    "figure",
    "list",
    "object",
]
"""What a value is, and so how it is selected, filtered, sorted and shown.

- ``money``: SQL selects minor units as bigint, and the currency as the column ``currency`` of the same row.
- ``rate``: float8, usually from 0 to 1; null where there is nothing to divide by, never 0.
- ``figure``: jsonb, a number or ``{"amount": 1999, "currency": "EUR"}``, where the rows differ.
- ``list``, ``object``: jsonb made of ``fields``. Money in it has its currency beside it or in the row.
"""

SQL_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "text": "text",
        "id": "uuid",
        "day": "date",
        "instant": "timestamptz",
        "integer": "bigint",
        "number": "float8",
        "rate": "float8",
        "boolean": "boolean",
        "money": "bigint",
        "figure": "jsonb",
        "list": "jsonb",
        "object": "jsonb",
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer, in the order in which it is shown."""

    name: str
    kind: Kind
    about: str
    """Its definition, as a sentence; shown in the interface description, in the dictionary, as the comment of
    the view's column and beside the figure."""
    example: Any = None
    nullable: bool = False
    filter: bool = False
    """Whether callers may ask for the rows with one value: ``?currency=EUR``. Never for jsonb."""
    formula: str = ""
    """How it is computed, if the definition does not say so: ``completed / checkouts``."""
    unit: str = ""
    """Of a number: ``seconds``. Of money it is the minor unit of the row's currency."""
    fields: tuple[Column, ...] = ()
    """Of a ``list`` (of objects) and of an ``object``."""
    schema: str = ""
    """The name of these objects in the interface description; by default made of the names around them."""


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the SQL that callers may give in the query, or in the path if the path names it."""

    name: str
    about: str
    kind: Literal["text", "id", "day", "integer", "number", "boolean"] = "text"
    default: Any = None
    """None is NULL in SQL."""
    one_of: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    example: Any = None
    is_setting: bool = False
    """Its value is a setting of the service, not given by callers; ``default`` counts in the view."""


@dataclass(frozen=True, slots=True)
class Chart:
    """How the dashboard draws the answer."""

    kind: Literal["line", "bar", "heatmap", "funnel", "tiles", "table"]
    x: str = ""
    """The column along the axis."""
    y: tuple[str, ...] = ()
    """The columns that are drawn."""
    by: str = ""
    """One series for each value of this column; by default the currency, if there is one."""
    mark: str = ""
    """The column to whose ``drill`` bars, points and rows lead; by default ``x``."""


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    """In the paths: ``checkout-operations``. Of the view and the operation, with ``_`` for ``-``."""
    title: str
    about: str
    """Its definition, as sentences: what is counted, on which day, and what is left out."""
    columns: tuple[Column, ...]
    sql: str
    """One SELECT, whose columns have the names of ``columns``."""
    order: tuple[str, ...] = ()
    """``("revenue DESC", "product_id")``: together unique. Nulls come last in both directions."""
    params: tuple[Param, ...] = ()
    ranged: bool = False
    """Whether callers give a range of days, ``?from=&to=``."""
    known: bool = False
    """Whether callers may ask for what was known at the end of a day, ``?known=``."""
    single: bool = False
    """Whether the answer is one object and no list."""
    path: str = ""
    """Behind ``/v1/analytics/``, by default ``name``. One with a parameter, as ``customers/{customer_id}``,
    has no view and no export."""
    as_of_first_page: bool = False
    """Later pages show the state at the first page. The SQL gets ``:seen`` and ``:since``, both null on the
    first page, and selects columns of these names besides: the snapshot (as text) and the time of the first
    page, which the cursor carries."""
    instead: Mapping[str, Question] = field(default_factory=dict)
    """Name of a boolean parameter -> the question that answers on the same path if it is true."""
    models: tuple[str, ...] = ()
    """The read models and other tables that it is computed from; they say how fresh the answer is."""
    chart: Chart = Chart("table")
    choices: Mapping[str, str] | None = None
    """Filter -> SELECT of the values to suggest for it, where the answer is too large to be computed for it;
    the other filters have none. None: the values that the answer has."""
    drill: Mapping[str, str] = field(default_factory=dict)
    """Column -> where its values lead to: ``{"customer_id": "customers/{customer_id}"}``. Names of columns in
    braces are replaced by the values of the row; a query may follow: ``"customers?segment={segment}"``, whose
    ``{days}`` stands for the days of the page, where both are ranged and have known days."""
    view: bool = True
    """Whether there is an SQL view of it."""
    schema: str = ""
    """The name of a row in the interface description; by default made of ``name``."""
    operation: str = ""
    """The operation's id; by default ``get_`` and the name."""
    derive: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Adds to a row what SQL cannot compute, for its route alone: a view or an export has no such columns."""
    no_row: str = ""
    """Of a single question: what 404 means, as a sentence. Without it, there is always a row."""
    erased: str = ""
    """Of a single question about a customer: SELECT of whether the personal data was erased; 404 says so."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def together(self) -> tuple[Question, ...]:
        """It and those that answer instead of it."""
        return (self, *self.instead.values())

    def column(self, name: str) -> Column:
        return next(it for it in self.columns if it.name == name)

    @property
    def identifier(self) -> str:
        return self.name.replace("-", "_")

    @property
    def url(self) -> str:
        return f"/v1/analytics/{self.path or self.name}"

    @property
    def keys(self) -> tuple[tuple[Column, bool], ...]:
        """The columns of ``order``, and whether each is descending."""
        return tuple((self.column(it.split()[0]), it.endswith(" DESC")) for it in self.order)

    @property
    def filters(self) -> tuple[Column, ...]:
        return tuple(it for it in self.columns if it.filter)

    @property
    def in_path(self) -> frozenset[str]:
        """The names of the parameters in the path."""
        return frozenset(re.findall(r"{(\w+)}", self.path))

    @property
    def has_view(self) -> bool:
        return self.view and not self.in_path

    @property
    def exported(self) -> bool:
        return not self.in_path


RESERVED = frozenset({"from", "to", "order", "group", "user", "table", "end", "check", "default", "desc"})
"""Reserved words of SQL: as names of columns they would have to be quoted."""


def _check(question: Question) -> None:
    """Raises ``ValueError`` for a question that contradicts itself."""
    names = {it.name for it in question.columns}
    faults = [
        f"{it.name}: money needs the column currency"
        for it in question.columns
        if it.kind == "money" and "currency" not in names
    ]
    faults += [f"{it}: no such column" for it in (_bare(it) for it in question.order) if it not in names]
    faults += [f"{it}: no such column" for it in question.drill if it not in names]
    faults += [f"{it}: a word of SQL cannot be a column" for it in names & RESERVED]
    filters = {it.name for it in question.filters}
    faults += [f"{it}: choices of no filter" for it in question.choices or () if it not in filters]
    faults += [f"{it.name}: jsonb is no filter" for it in question.filters if SQL_TYPES[it.kind] == "jsonb"]
    if ":tenant" not in question.sql:
        faults.append("the SQL does not use :tenant")
    if not question.single and not question.order:
        faults.append("a list needs an order")
    if faults:
        raise ValueError(f"{question.name}: {'; '.join(faults)}")


def _bare(ordered: str) -> str:
    return ordered.removesuffix(" DESC").removesuffix(" ASC")
