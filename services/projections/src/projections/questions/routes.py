"""The routes of all questions: ``GET /v1/analytics/NAME``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from inspect import Parameter
from operator import or_
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from pydantic import AwareDatetime, BaseModel, Field

from contracts.roles import ANALYSTS
from kernel.domain import NotFound
from kernel.http.paging import Page, Paged, Paging, expired_cursor, foreign_cursor
from kernel.http.requests import Int64
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from projections.questions.answers import ShowRow, model_of, operation_of, shown_by
from projections.questions.asking import StorableText, asked_by, signature_of
from projections.questions.question import Kind, Question
from projections.questions.statement import Asked, all_of, erased_of, page_of

MAX_CURSOR_AGE = timedelta(hours=1)
"""Later pages "as of the first page" need the changes since then, which are kept for 2 hours."""
VisibleTransactions = Annotated[str, Field(pattern=r"^\d+:\d+:[\d,]*$")]
"""A PostgreSQL snapshot (xmin:xmax:in progress): which transactions were visible."""
IN_CURSOR: Mapping[Kind, Any] = MappingProxyType(
    {
        "text": StorableText,
        "id": UUID,
        "day": date,
        "instant": AwareDatetime,
        "integer": Int64,
        "number": float,
        "rate": float,
        "boolean": bool,
        "money": Int64,
    }
)
"""Of the values that rows may be sorted by."""


class SubjectNotFound(NotFound):
    """The tenant has no figures of this customer, offer or other subject."""

    code = "SUBJECT_NOT_FOUND"


class CustomerErased(NotFound):
    """The customer's personal data was erased; the figures stay in all sums, under no name."""

    code = "CUSTOMER_ERASED"


# failpoint: none needed (read-only)
async def not_found(pool: ServicePool, asked: Asked) -> NotFound:
    """Why a single question has no row."""
    if asked.question.erased:
        text, arguments = erased_of(asked)
        (row,) = await pool.fetch_for_tenant(str(asked.values["tenant"]), text, *arguments)
        if row[0]:
            return CustomerErased("This customer's personal data was erased.")
    return SubjectNotFound(asked.question.no_row)


@dataclass(frozen=True, slots=True)
class _Answering:
    """Answers one question, and those that answer instead of it on the same path."""

    pool: ServicePool
    question: Question
    settings: Mapping[str, object]
    show: Mapping[str, ShowRow]

    # failpoint: none needed (read-only)
    async def list(self, **given: Any) -> Page[BaseModel]:
        asked = asked_by(self.question, given, self.settings)
        paging: Paging = given["paging"]
        after = _after(asked.question, paging)
        text, arguments = page_of(asked, after, paging.more)
        try:
            rows = await self.pool.fetch_for_tenant(given["caller"].tenant, text, *arguments)
        except asyncpg.InvalidTextRepresentationError:
            if after is None:
                raise
            raise foreign_cursor() from None
        return paging.page(rows, key=_cursor_of(asked.question), show=self.show[asked.question.name])

    # failpoint: none needed (read-only)
    async def one(self, **given: Any) -> BaseModel:
        asked = asked_by(self.question, given, self.settings)
        text, arguments = all_of(asked)
        rows = await self.pool.fetch_for_tenant(given["caller"].tenant, text, *arguments)
        if not rows:
            raise await not_found(self.pool, asked)
        return self.show[asked.question.name](rows[0])


def table(pool: ServicePool, questions: Iterable[Question], settings: Mapping[str, object]) -> RouteTable:
    """``settings``: the values of those parameters that are settings of the service."""
    return RouteTable("analytics", tuple(_route(pool, it, settings) for it in questions))


def _route(pool: ServicePool, question: Question, settings: Mapping[str, object]) -> Route:
    together = question.together
    models = {it.name: model_of(it) for it in together}
    answering = _Answering(
        pool, question, settings, {it.name: shown_by(it, models[it.name]) for it in together}
    )
    row: Any = reduce(or_, models.values())
    handle = answering.one if question.single else answering.list
    about = "\n\n".join(it.about for it in together)
    more = {} if question.single else {"paging": (Paged, Parameter.empty)}
    return Route(
        "GET",
        question.url,
        described(handle, operation_of(question), about, together, more),
        ANALYSTS,
        row if question.single else Page[row],
        (*((SubjectNotFound,) if question.no_row else ()), *((CustomerErased,) if question.erased else ())),
    )


def described(
    handle: Callable[..., Awaitable[Any]],
    operation: str,
    about: str,
    questions: Sequence[Question],
    more: Mapping[str, tuple[Any, Any]],
) -> Callable[..., Awaitable[Any]]:
    """The handler as the framework and the interface description see it. ``more``: as in ``signature_of``."""

    async def handler(**given: Any) -> Any:
        return await handle(**given)

    handler.__name__, handler.__doc__ = operation, about
    handler.__signature__ = signature_of(questions, more)  # type: ignore[attr-defined]  # read by inspect
    return handler


def _after(question: Question, paging: Paging) -> tuple[Any, ...] | None:
    """The values of the cursor: snapshot and time of the first page, if the question carries them, and
    those of the order in the last row."""
    carried = (VisibleTransactions, AwareDatetime) if question.as_of_first_page else ()
    kinds = (IN_CURSOR[it.kind] | None if it.nullable else IN_CURSOR[it.kind] for it, _ in question.keys)
    after = paging.after(*carried, *kinds)
    if after is not None and carried and datetime.now(UTC) - after[1] > MAX_CURSOR_AGE:
        raise expired_cursor()
    return after


def _cursor_of(question: Question) -> Callable[[asyncpg.Record], Sequence[object]]:
    carried = ("seen", "since") if question.as_of_first_page else ()
    ids = {it.name for it, _ in question.keys if it.kind == "id"}
    names = (*carried, *(it.name for it, _ in question.keys))
    return lambda row: [str(row[it]) if it in ids and row[it] else row[it] for it in names]
