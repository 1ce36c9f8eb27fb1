"""Listen for changes of the catalogue's projection, by any process of this service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from cart.catalogue.news import CHANNEL, EVERYTHING, Notice, read_notice
from kernel.observability.health import Heartbeats
from kernel.postgres.notices import NoticeListener

LOG = structlog.get_logger()
BEAT = "catalogue news"


class CatalogueChangeListener(NoticeListener):
    """While the connection is lost, a waiting read ends by its own time limit."""

    def __init__(self, database_url: str, heartbeats: Heartbeats) -> None:
        self._change = asyncio.Event()
        self._tell: Callable[[Notice | None], None] = _ignore
        super().__init__(database_url, CHANNEL, self._signal_change, _warn, BEAT, heartbeats)

    def on_news(self, tell: Callable[[Notice | None], None]) -> None:
        """``tell`` gets each notice at once, before the end of any wait for it; None: anything may have
        changed."""
        self._tell = tell

    @property
    def next_change(self) -> asyncio.Event:
        """The event of the first change after this moment: get it before a read, wait for it afterwards."""
        return self._change

    def _signal_change(self, notice: str | None) -> None:
        self._tell(read_notice(EVERYTHING if notice is None else notice))
        self._change.set()
        self._change = asyncio.Event()


def _ignore(_: Notice | None) -> None:
    pass


def _warn(error: Exception) -> None:
    LOG.warning("catalogue_listener_interrupted", error=repr(error))
