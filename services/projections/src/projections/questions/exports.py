"""``GET /v1/analytics/NAME/export``: the whole answer as a file, a few of them at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from contracts.roles import ANALYSTS
from kernel.http.fair_requests import release_turn
from kernel.http.openapi import limited
from kernel.http.problems import rate_limited, unavailable
from kernel.http.request_meter import hold
from kernel.http.route_tables import FILE, Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from projections.questions.answers import operation_of
from projections.questions.asking import asked_by
from projections.questions.export_file import copy_csv, parquet_file
from projections.questions.question import Question
from projections.questions.routes import described
from projections.questions.statement import Asked

MAX_EXPORTS = 2
"""At a time in this process: each has a connection and a thread."""
RETRY_SECONDS = 5.0
MAX_BYTES = 2 * 1024**3
"""Of the rows of a Parquet file, as CSV."""
PIECE = 1 << 18
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
Format = Annotated[Literal["csv", "parquet"], Query(description="Of the file.")]


class Slots:
    """Counts the exports in progress: one for a tenant, ``MAX_EXPORTS`` for the process."""

    def __init__(self, most: int = MAX_EXPORTS) -> None:
        self._most = most
        self._of_tenant: Counter[str] = Counter()

    @contextmanager
    def taken(self, tenant: str) -> Iterator[None]:
        """Raises ``Problem`` if there is none left."""
        if self._of_tenant[tenant]:
            raise rate_limited(RETRY_SECONDS, "An export of this tenant is in progress.")
        if self._of_tenant.total() >= self._most:
            raise unavailable("Too many exports are in progress.")
        self._of_tenant[tenant] += 1
        try:
            yield
        finally:
            del self._of_tenant[tenant]


class ExportResponse(Response):
    """A file that is made while it is sent, and no longer once the caller has gone."""

    def __init__(self, pool: ServicePool, slots: Slots, asked: Asked, file_format: str) -> None:
        super().__init__(media_type=MEDIA_TYPES[file_format])
        del self.headers["content-length"]
        name = f"{asked.question.name}.{file_format}"
        self.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        self.headers["Cache-Control"] = "no-store"
        self._pool, self._slots, self._asked, self._format = pool, slots, asked, file_format
        self._begun = False

    # failpoint: none needed (response)
    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        hold()
        release_turn()
        whole = False
        with self._slots.taken(str(self._asked.values["tenant"])):
            work = asyncio.create_task(self._send_file(send))
            gone = asyncio.create_task(_disconnected(receive))
            try:
                await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    work.result()
                    whole = True
            finally:
                for task in (work, gone):
                    task.cancel()
                await asyncio.wait((work, gone))
        if whole:  # a caller that has read the end may begin the next export
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_file(self, send: Send) -> None:
        if self._format == "csv":
            await copy_csv(self._pool, self._asked, lambda piece: self._send(send, piece), guarded=True)
        else:
            async with parquet_file(self._pool, self._asked, MAX_BYTES) as file:
                while piece := file.read(PIECE):
                    await self._send(send, piece)

    # failpoint: none needed (response), 2 calls
    async def _send(self, send: Send, piece: bytes) -> None:
        """Begins the response with the first piece: until then a failure is answered as a problem."""
        if not self._begun:
            self._begun = True
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass(frozen=True, slots=True)
class _Exporting:
    pool: ServicePool
    slots: Slots
    question: Question
    settings: Mapping[str, object]

    async def export(self, **given: Any) -> Response:
        return ExportResponse(
            self.pool, self.slots, asked_by(self.question, given, self.settings), given["format"]
        )


def table(
    pool: ServicePool, questions: Iterable[Question], settings: Mapping[str, object], slots: Slots
) -> RouteTable:
    """``settings``: the values of those parameters that are settings of the service."""
    return RouteTable(
        "analytics", tuple(_route(pool, slots, it, settings) for it in questions if it.exported)
    )


def _route(pool: ServicePool, slots: Slots, question: Question, settings: Mapping[str, object]) -> Route:
    handler = described(
        _Exporting(pool, slots, question, settings).export,
        f"export_{operation_of(question).removeprefix('get_')}",
        f"The whole answer as a file. {question.about} Money is in minor units, and then in the major unit.",
        question.together,
        {"format": (Format, "csv")},
    )
    return Route(
        "GET",
        f"{question.url}/export",
        handler,
        ANALYSTS,
        responses={**limited(), 200: {"description": "The file.", "content": _content(question)}},
        response_class=StreamingResponse,
    )


def _content(question: Question) -> dict[str, Any]:
    header = ",".join(it.name for it in question.columns)
    return {
        "text/csv": {"schema": FILE, "example": header},
        MEDIA_TYPES["parquet"]: {"schema": FILE, "example": "PAR1"},
    }
