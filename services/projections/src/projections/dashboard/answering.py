"""Asks a question for a page, and makes of the answer what the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import Query, Request
from markupsafe import Markup

from kernel.http.auth import Principal
from kernel.store.event_store import EventStore
from projections.dashboard.comparing import DAY, Comparison, Days, days_of, during, earlier
from projections.dashboard.drawing import ChartKind, charts_of, drawn_as
from projections.dashboard.figures import label_of, written
from projections.dashboard.relative_ranges import RelativeRange, days_in
from projections.dashboard.tables import NOWHERE, Place, Row, Table, about_of, table_of
from projections.questions.answers import values_of_row
from projections.questions.asking import asked_by, signature_of
from projections.questions.exports import ExportResponse, Format, Slots
from projections.questions.question import Question
from projections.questions.routes import not_found
from projections.questions.statement import Asked, all_of, first_rows_and_choices_of, page_of

MAX_ROWS = 1000
"""That are drawn, and that the pages of a table have together."""
PAGE_ROWS = 100
"""Of a table: writing a row takes longer than computing it."""
MAX_PAGES = MAX_ROWS // PAGE_ROWS
Compare = Annotated[Comparison | None, Query()]
Relative = Annotated[RelativeRange | None, Query()]
Drawn = Annotated[ChartKind | None, Query()]
PageNumber = Annotated[int, Query(ge=1, le=MAX_PAGES)]
ONLY_OF_PAGES = frozenset({"compare", "range", "chart"})
"""Parameters of a page that the route of its question does not have."""


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    text: str
    about: str
    before: str | None
    """The figure of the earlier range, if one is compared with."""


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    """The one that has answered: another one may stand in on the same path."""
    days: Days | None
    before_days: Days | None
    is_partial: bool
    """Whether the last day of the range is not over."""
    tiles: Sequence[Tile]
    charts: Sequence[Markup]
    table: Table
    before_table: Table | None
    page: int
    """Of the tables, from 1 on; charts draw the rows of all pages."""
    is_cut: bool
    """Whether there are more rows behind this page."""
    choices: Mapping[str, Sequence[str]]
    """Filter -> values that the unfiltered answer has, some of them where there are many."""


@dataclass(frozen=True, slots=True)
class Asking:
    store: EventStore
    settings: Mapping[str, object]
    """The values of parameters that are settings of the service."""
    slots: Slots
    """Of exports, those over HTTP included."""

    async def answer(
        self,
        question: Question,
        principal: Principal,
        given: Mapping[str, Any],
        place: Place = NOWHERE,
        *,
        page: int = 1,
        with_choices: bool = False,
    ) -> Answer:
        """``given``: the arguments of a handler with ``signature_for``; ``page``: of the tables;
        ``with_choices``: whether values of filters are read, too. Raises a ``Problem``, and ``NotFound``."""
        today = (await self.store.now()).date()
        asked, days, before_days = self.ranges(question, principal, given, today)
        chosen = drawn_as(asked.question, given.get("chart"))
        dated = during(asked, days) if days else asked
        # a table alone needs no row behind its page
        limit = min(MAX_ROWS, page * PAGE_ROWS) if chosen.chart.kind == "table" else MAX_ROWS
        rows, choices = await self._rows(dated, principal, limit + 1, with_choices=with_choices)
        before, _ = (
            await self._rows(during(asked, before_days), principal, limit) if before_days else ([], {})
        )
        if chosen.single and not rows:
            raise await not_found(self.store.pool, asked)
        later = days.first - before_days.first if days and before_days else DAY * 0
        drawn, of_page = rows[:MAX_ROWS], slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS)
        return Answer(
            question=chosen,
            days=days,
            before_days=before_days,
            is_partial=days is not None and days.first <= today < days.end < date.max,
            tiles=_tiles(chosen, drawn, before) if chosen.single else [],
            charts=charts_of(chosen, drawn, before, later, place),
            table=table_of(chosen, drawn[of_page], place),
            before_table=table_of(chosen, before[of_page]) if before_days else None,
            page=page,
            is_cut=len(rows) > page * PAGE_ROWS,
            choices=choices,
        )

    def ranges(
        self, question: Question, principal: Principal, given: Mapping[str, Any], today: date
    ) -> tuple[Asked, Days | None, Days | None]:
        """What is asked, its days, and the earlier ones to compare with. A relative range counts before the
        days that are given. Raises a ``Problem``."""
        asked = asked_by(question, {**given, "caller": principal}, self.settings)
        compare, relative = given.get("compare"), given.get("range")
        if not asked.question.ranged:
            return asked, None, None
        days = days_in(relative, today) if relative else days_of(asked, today)
        return asked, days, earlier(days, compare) if compare else None

    def export(
        self, question: Question, principal: Principal, given: Mapping[str, Any], file_format: str
    ) -> ExportResponse:
        """The whole answer as a file."""
        asked = asked_by(question, {**given, "caller": principal}, self.settings)
        return ExportResponse(self.store.pool, self.slots, asked, file_format)

    # failpoint: none needed (read-only)
    async def _rows(
        self, asked: Asked, principal: Principal, limit: int, *, with_choices: bool = False
    ) -> tuple[list[Row], Mapping[str, Sequence[str]]]:
        """The first rows, and the values that filters have in the unfiltered answer, if they are wanted."""
        question = asked.question
        names = suggested_of(question) if with_choices else []
        if names:
            text, arguments = first_rows_and_choices_of(asked, limit, names)
        else:
            text, arguments = all_of(asked) if question.single else page_of(asked, None, limit)
        found = await self.store.pool.fetch_for_tenant(principal.tenant, text, *arguments)
        choices = {it: found[0][f"{it}_choices"] for it in names}
        return [values_of_row(question, it) for it in found if not names or it["is_row"]], choices


def suggested_of(question: Question) -> Sequence[str]:
    """The filters for which values are suggested."""
    if question.choices is not None:
        return list(question.choices)
    return [it.name for it in question.filters if it.kind in {"text", "id"}]


def _tiles(question: Question, rows: Sequence[Row], before: Sequence[Row]) -> list[Tile]:
    return [
        Tile(
            label_of(it.name),
            written(it, rows[0][it.name]),
            about_of(it),
            written(it, before[0][it.name]) if before else None,
        )
        for it in question.columns
        if it.kind not in {"list", "object"}
    ]


def signature_for(question: Question) -> Signature:
    """Of a page's handler: the parameters of the question's route without its caller, who has a session here,
    and without its paging."""
    more = {"compare": (Compare, None), "range": (Relative, None)} if question.ranged else {}
    return _signature(question, {**more, "chart": (Drawn, None)})


def signature_for_page(question: Question) -> Signature:
    """The same with the page of the tables, which no saved question keeps."""
    own = Parameter("page", Parameter.KEYWORD_ONLY, annotation=PageNumber, default=1)
    signature = signature_for(question)
    return signature.replace(parameters=[*signature.parameters.values(), own])


def signature_for_export(question: Question) -> Signature:
    return _signature(question, {"format": (Format, "csv")})


def _signature(question: Question, more: Mapping[str, tuple[Any, Any]]) -> Signature:
    own = {"request": (Request, Parameter.empty), **more}
    signature = signature_of(question.together, own)
    kept = [it for it in signature.parameters.values() if it.name != "caller"]
    return signature.replace(parameters=kept)
