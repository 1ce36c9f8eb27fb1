"""A download: how often and until when a customer may fetch the file of a line. Its uses are one stream, so
there are never more than granted."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from checkout_saga.fulfillment.domain.errors import DownloadExpired, DownloadNotFound
from contracts import download as facts
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID, derive_id

DAYS, USES = 30, 5
LINK_VALID_FOR = timedelta(minutes=15)


class DownloadStatus(StrEnum):
    NONE = "none"
    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Download(Aggregate):
    CREATED_BY = facts.Granted.TYPE

    def initialise(self) -> None:
        self.order_id, self.line_id, self.customer_id = NIL_ID, "", ""
        self.asset = ""
        self.granted_at = self.expires_at = UTC_MIN
        self.uses = self.used = 0
        self.revoked = False

    def status_at(self, now: datetime) -> DownloadStatus:
        if not self.exists:
            return DownloadStatus.NONE
        if self.revoked:
            return DownloadStatus.REVOKED
        if self.used >= self.uses:
            return DownloadStatus.USED_UP
        return DownloadStatus.EXPIRED if self.expires_at <= now else DownloadStatus.ACTIVE

    def grant(self, order_id: UUID, line_id: str, customer_id: str, asset: str) -> None:
        self.record(
            facts.Granted(
                order_id=order_id,
                line_id=line_id,
                customer_id=customer_id,
                asset=asset,
                days=DAYS,
                uses=USES,
            )
        )

    def link_until(self, now: datetime) -> datetime:
        """When a link that is made now ends. Raises ``DownloadNotFound`` and ``DownloadExpired``."""
        self._check(now)
        return min(now + LINK_VALID_FOR, self.expires_at)

    def use(self, now: datetime) -> None:
        """Raises ``DownloadNotFound`` and ``DownloadExpired``."""
        self._check(now)
        self.record(facts.Used(number=self.used + 1))

    def _check(self, now: datetime) -> None:
        match self.status_at(now):
            case DownloadStatus.NONE | DownloadStatus.REVOKED:
                raise DownloadNotFound("There is no such download.")
            case DownloadStatus.USED_UP:
                raise DownloadExpired("The file was fetched as often as granted.", uses=self.uses)
            case DownloadStatus.EXPIRED:
                raise DownloadExpired("The time to fetch the file is over.")

    def revoke(self) -> None:
        """Ignored if it was never granted, or was revoked."""
        if self.exists and not self.revoked:
            self.record(facts.Revoked())

    def evolve(self, fact: facts.DownloadFact) -> None:
        match fact:
            case facts.Granted():
                self.order_id, self.line_id, self.customer_id = fact.order_id, fact.line_id, fact.customer_id
                self.asset, self.uses = fact.asset, fact.uses
                self.granted_at = fact.timestamp
                self.expires_at = fact.timestamp + timedelta(days=fact.days)
            case facts.Used(number=number):
                self.used = number
            case facts.Revoked():
                self.revoked = True
            case _:
                assert_never(fact)


def download_id_of(order_id: UUID, line_id: str) -> UUID:
    """Derived, so that a line has one download."""
    return derive_id(order_id, f"download:{line_id}")
