"""The page of reports by e-mail: the visitor's subscriptions, and forms to make and to change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from pydantic import ValidationError

from contracts.roles import ANALYSTS
from kernel.http.page_templates import see
from kernel.http.problems import invalid
from kernel.http.requests import PathId
from projections.dashboard.pages import Pages
from projections.reports import subscriptions
from projections.reports.routes import Reports
from projections.reports.schemas import ReportToSend
from projections.saved_questions import rows

PATH = "/reports"
MAX_SHOWN = 500


@dataclass(frozen=True, slots=True)
class ReportPages:
    pages: Pages
    reports: Reports

    async def show(self, request: Request) -> Response:
        visitor = await self.pages.door.enter(request, ANALYSTS)
        caller = visitor.principal
        found = await self.reports.list_of(caller, None, MAX_SHOWN)
        pool = self.reports.store.pool
        saved = await pool.fetch_for_tenant(caller.tenant, rows.PAGE, caller.actor, None, None, MAX_SHOWN)
        values = {"found": [(it["saved_name"], view) for it, view in found], "saved": saved, "path": PATH}
        return self.pages.render("reports", request, visitor, **values)

    # failpoint: none needed (store-transaction)
    async def subscribe(self, request: Request) -> Response:
        visitor, fields = await self.pages.door.submit(request, ANALYSTS)
        body = _read(fields)
        async with self.reports.store.transaction() as transaction:
            await subscriptions.create(transaction, self.reports.addresses, visitor.principal, body)
        return see(PATH)

    # failpoint: none needed (store-transaction)
    async def change(self, request: Request, subscription_id: PathId) -> Response:
        """Pause, resume, delete or send, as the button says that was pressed."""
        visitor, fields = await self.pages.door.submit(request, ANALYSTS)
        async with self.reports.store.transaction() as transaction:
            row = await subscriptions.lock(transaction.connection, visitor.principal, subscription_id)
            match fields.get("action"):
                case "pause":
                    await subscriptions.set_state(transaction, row, "paused")
                case "resume":
                    await subscriptions.set_state(transaction, row, "active")
                case "send-now":
                    await subscriptions.send_now(transaction, row)
                case "delete":
                    await subscriptions.delete(transaction, row)
                case _:
                    raise invalid("There is no such action.", "/action")
        return see(PATH)


def _read(fields: Mapping[str, str]) -> ReportToSend:
    """The day belongs to weekly and monthly reports alone. Raises a ``Problem``."""
    every, day = fields.get("every", ""), _number(fields.get("day", ""))
    given: dict[str, Any] = {
        "saved_question_id": fields.get("saved_question_id", ""),
        "address": fields.get("address", "").strip(),
        "every": every,
        "weekday": day if every == "weekly" else None,
        "month_day": day if every == "monthly" else None,
        "hour": _number(fields.get("hour", "")),
        "time_zone": fields.get("time_zone", "").strip(),
    }
    try:
        return ReportToSend(**given)
    except ValidationError as wrong:
        error = wrong.errors()[0]
        raise invalid(f"{error['loc'][0]}: {error['msg']}", f"/{error['loc'][0]}") from None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
