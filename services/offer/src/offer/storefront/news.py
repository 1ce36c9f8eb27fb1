"""What has changed in the offers of a shop, by any process of this service.

A trigger of the log sends a notice with the commit of each fact that a public offer depends on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import orjson
import structlog

from kernel.observability.health import Heartbeats
from kernel.postgres.notices import NoticeListener

LOG = structlog.get_logger()
BEAT = "offer news"
CHANNEL = "offer_news"


class Notice(NamedTuple):
    """``changed``: an offer or a product; None: anything of the tenant. Without a tenant, anything at all."""

    tenant: str | None = None
    changed: UUID | None = None


class OfferNewsListener(NoticeListener):
    def __init__(self, database_url: str, heartbeats: Heartbeats) -> None:
        self._tell: Callable[[Notice], None] = _ignore
        super().__init__(database_url, CHANNEL, self._tell_notice, _warn, BEAT, heartbeats)

    def on_news(self, tell: Callable[[Notice], None]) -> None:
        self._tell = tell

    def _tell_notice(self, text: str | None) -> None:
        notice = {"tenant": None, "changed": None} if text is None else orjson.loads(text)
        self._tell(Notice(notice["tenant"], UUID(notice["changed"]) if notice["changed"] else None))


def _ignore(_: Notice) -> None:
    pass


def _warn(error: Exception) -> None:
    LOG.warning("offer_news_interrupted", error=repr(error))
