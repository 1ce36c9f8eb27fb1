"""/v1/analytics/report-subscriptions: saved questions that are sent by e-mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Response

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller, Principal
from kernel.http.dependencies import Write
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.security.personal_data import PersonalData
from kernel.store.event_store import EventStore, Transaction
from projections.reports import subscriptions
from projections.reports.owner_keys import open_address
from projections.reports.schemas import ReportSubscription, ReportToSend
from projections.reports.subscriptions import (
    ReportSubscriptionEnded,
    ReportSubscriptionNotFound,
    TooManyReportSubscriptions,
    scope_of,
)
from projections.saved_questions.rows import SavedQuestionNotFound

PATH = "/v1/analytics/report-subscriptions"
BY_ID = f"{PATH}/{{subscription_id}}"
REMOVED: Mapping[int | str, Any] = {204: {"description": "It is deleted"}}
Change = Callable[[Transaction, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reports:
    store: EventStore
    addresses: PersonalData

    async def list_of(
        self, caller: Principal, after: UUID | None, limit: int
    ) -> list[tuple[Any, ReportSubscription]]:
        rows = await self.store.pool.fetch_for_tenant(
            caller.tenant, subscriptions.PAGE, *scope_of(caller)[1:], after, limit
        )
        return [(it, ReportSubscription.of(it, await self._address(it))) for it in rows]

    async def _address(self, row: Any) -> str | None:
        return await open_address(self.addresses, row)

    async def subscribe_to_report(self, body: ReportToSend, write: Write) -> Response:
        """Sends a saved question to an address, from the next time that it is due. The answer has no address:
        answers are stored."""

        async def act(transaction: Transaction) -> Result:
            made = await subscriptions.create(transaction, self.addresses, write.principal, body)
            return await self._shown(transaction, write.principal, made)

        return await write.run_within(act)

    async def list_report_subscriptions(self, caller: Caller, paging: Paged) -> Page[ReportSubscription]:
        """The caller's own, and for admins those of the shop, each with its latest mail."""
        after = paging.after(UUID) or (None,)
        found = await self.list_of(caller, after[0], paging.more)
        return paging.page(found, key=lambda it: (str(it[0]["subscription_id"]),), show=lambda it: it[1])

    async def pause_report(self, subscription_id: PathId, write: Write) -> Response:
        """Sends nothing until it is resumed."""

        async def pause(transaction: Transaction, row: Any) -> None:
            await subscriptions.set_state(transaction, row, "paused")

        return await self._change(subscription_id, write, pause)

    async def resume_report(self, subscription_id: PathId, write: Write) -> Response:
        """Sends again, from the next time that it is due."""

        async def resume(transaction: Transaction, row: Any) -> None:
            await subscriptions.set_state(transaction, row, "active")

        return await self._change(subscription_id, write, resume)

    async def send_report_now(self, subscription_id: PathId, write: Write) -> Response:
        """Queues a mail besides those that are due, also while it is paused; none if one waits already."""
        return await self._change(subscription_id, write, subscriptions.send_now)

    async def delete_report_subscription(self, subscription_id: PathId, write: Write) -> Response:
        """Deletes it with its address."""

        async def act(transaction: Transaction) -> Result:
            row = await subscriptions.lock(transaction.connection, write.principal, subscription_id)
            await subscriptions.delete(transaction, row)
            return Result()

        return await write.run_within(act)

    async def _change(self, subscription_id: UUID, write: Write, change: Change) -> Response:
        async def act(transaction: Transaction) -> Result:
            row = await subscriptions.lock(transaction.connection, write.principal, subscription_id)
            await change(transaction, row)
            return await self._shown(transaction, write.principal, subscription_id)

        return await write.run_within(act)

    async def _shown(self, transaction: Transaction, caller: Principal, subscription_id: UUID) -> Result:
        row = await subscriptions.find(transaction.connection, caller, subscription_id)
        return Result(ReportSubscription.of(row, None))


def table(reports: Reports) -> RouteTable:
    gone = (ReportSubscriptionNotFound,)
    changed = (*gone, ReportSubscriptionEnded)
    made = (SavedQuestionNotFound, TooManyReportSubscriptions)
    row, do = ReportSubscription, reports
    return RouteTable(
        "analytics",
        (
            Route("POST", PATH, do.subscribe_to_report, ANALYSTS, row, made, status=201),
            Route("GET", PATH, do.list_report_subscriptions, ANALYSTS, Page[ReportSubscription]),
            Route("POST", f"{BY_ID}/pause", do.pause_report, ANALYSTS, row, changed),
            Route("POST", f"{BY_ID}/resume", do.resume_report, ANALYSTS, row, changed),
            Route("POST", f"{BY_ID}/send-now", do.send_report_now, ANALYSTS, row, changed),
            Route(
                "DELETE",
                BY_ID,
                do.delete_report_subscription,
                ANALYSTS,
                None,
                gone,
                status=204,
                responses=REMOVED,
            ),
        ),
    )
