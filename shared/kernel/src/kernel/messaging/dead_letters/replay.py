"""One run through a key's queue of parked records, by the very handlers that could not take them before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from kernel.messaging.batch import Handler
from kernel.messaging.batch_transaction import note_versions
from kernel.messaging.dead_letters.model import BEFORE_SIFTING, DeadLetter
from kernel.messaging.dead_letters.queue import FAILED, PARK_AS, RESOLVED
from kernel.messaging.dead_letters.store import log_parked, reason_of
from kernel.messaging.deduplication import Parked
from kernel.messaging.handled_versions import handled_of, mark_handled, skip_version
from kernel.messaging.inbound import InboundMessage, InvalidMessage, read_envelope
from kernel.messaging.transient import is_conflict, is_transient
from kernel.store.event_store import EventStore, Transaction
from kernel.store.pg_unit_of_work import PgUnitOfWork

LOG = structlog.get_logger()
UNDECODABLE = "undecodable"
MAX_ATTEMPTS = 5
"""How often in a row somebody else may be first, until a record counts as one that always comes too late."""
SEEN = "SELECT coalesce(max(version), 0) FROM consumer_seen WHERE grp = $1 AND stream_id = $2"


@dataclass(slots=True)
class Replay:
    """Whatever fails stays where it is, with its new error, and so does all that waits for it."""

    group: str
    handlers: Sequence[Handler]
    store: EventStore
    transaction: Transaction
    stopped: set[str]
    """Scopes in which a record of this key is parked before those that come now."""
    handled: int = 0
    failed: int = 0
    _scopes: dict[str, Handler] = field(init=False)

    def __post_init__(self) -> None:
        self._scopes = {it.scope: it for it in self.handlers}

    async def run(self, queue: Iterable[DeadLetter]) -> None:
        for it in queue:
            if not self.stopped & {it.scope, self.group}:
                await (self._sift(it) if it.reason in BEFORE_SIFTING else self._serve(it))

    async def _sift(self, it: DeadLetter) -> None:
        """It never came as far as a handler: now it is taken like a record that has just arrived."""
        if it.reason == UNDECODABLE:
            await self._fail(it, it.reason, it.error)  # only its place is known here
            return
        try:
            received = read_envelope(it.record, self.store.messages)
        except InvalidMessage as error:
            await self._fail(it, error.reason, str(error))
            return
        seen: int = await self.transaction.connection.fetchval(SEEN, self.group, received.stream_id)
        if received.version > seen + 1:
            await self._fail(it, "gap", f"version {received.version} came after {seen}")
        elif received.version > seen:
            await note_versions(
                self.transaction.connection, self.group, {received.stream_id: received.version}
            )
            await self._spread(it, received, self.handlers)
        elif behind := [handler for handler in self.handlers if await self._lacks(handler.scope, received)]:
            await self._spread(it, received, behind)
        else:
            await self._resolve(it, "known already")

    async def _lacks(self, scope: str, received: InboundMessage) -> bool:
        """Whether its version has been met by the group, but not been handled by this reader."""
        handled = await handled_of(scope, received.stream_id, self.transaction.connection)
        return handled is not None and received.version > handled

    # failpoint: none needed (store-transaction)
    async def _spread(self, it: DeadLetter, received: InboundMessage, among: Sequence[Handler]) -> None:
        """To each handler that knows it; one that cannot take it keeps it in a queue of its own."""
        readers = [handler for handler in among if received.type in handler.types]
        if not readers and received.type in self.store.messages.commands:
            await self._fail(it, "unknown_type", f"nobody here obeys {received.type}")
            return
        for handler in readers:
            if handler.scope in self.stopped:
                trouble = "behind", "an earlier record of this key is parked"
            elif (found := await self._attempt(handler, received)) is None:
                continue
            else:
                trouble = found
            if handler.scope == it.scope:
                await self._fail(it, *trouble)
                return
            self.stopped.add(handler.scope)
            self.failed += 1
            its = received.tenant, received.type, received.stream_id, received.version
            await self.transaction.connection.execute(PARK_AS, it.parked_id, handler.scope, *trouble, *its)
            log_parked(handler.scope, Parked(it.record, received, *trouble))
            first = {(handler.scope, received.stream_id): received.version}
            await skip_version(first, self.transaction.connection)
        await self._resolve(it, "handled" if readers else "skipped: nobody here reads it")

    async def _serve(self, it: DeadLetter) -> None:
        """Its handler's turn had come: it is that one's alone; a command that nobody obeyed is anybody's."""
        handler = self._scopes.get(it.scope)
        try:
            received = read_envelope(it.record, self.store.messages)
        except InvalidMessage as error:
            await self._fail(it, error.reason, str(error))
            return
        handled = await handled_of(it.scope, received.stream_id, self.transaction.connection)
        if handled is not None and received.version <= handled:
            await self._resolve(it, "known already")
        elif handler is None:
            await self._spread(it, received, self.handlers)
        elif received.type not in handler.types:
            if received.type in self.store.messages.commands:
                await self._fail(it, "unknown_type", f"nobody here obeys {received.type}")
            else:
                await self._resolve(it, "skipped: nobody here reads it")
        elif trouble := await self._attempt(handler, received):
            await self._fail(it, *trouble)
        else:
            await self._resolve(it, "handled")

    async def _attempt(self, handler: Handler, received: InboundMessage) -> tuple[str, str] | None:
        """Reason and error, if it fails; what it did until then is undone. Raises what passes by itself."""
        late = 0
        while True:
            try:
                self.transaction.units_of_work.append(await self._decide(handler, received))
            except Exception as error:
                late += is_conflict(error)
                if is_transient(error) and not is_conflict(error):
                    raise
                if 0 < late < MAX_ATTEMPTS:
                    continue
                reason = reason_of(error)
                defect = error if reason == "failed" else None
                LOG.error("record_stays_parked", group=handler.scope, type=received.type, exc_info=defect)
                return reason, repr(error)
            else:
                done = {(handler.scope, received.stream_id): received.version}
                await mark_handled(done, self.transaction.connection)
                return None

    # failpoint: none needed (store-transaction)
    async def _decide(self, handler: Handler, received: InboundMessage) -> PgUnitOfWork:
        connection = self.transaction.connection
        async with connection.transaction():
            session = self.store.begin_within(connection, self.transaction.now)
            await handler.handle([received], session, connection)
            await self.store.flush(session, connection)
        return session

    # failpoint: none needed (store-transaction)
    async def _fail(self, it: DeadLetter, reason: str, error: str) -> None:
        self.failed += 1
        if reason != "gap":
            self.stopped.add(it.scope)
        await self.transaction.connection.execute(FAILED, it.parked_id, reason, _without_nul(error[:2000]))

    # failpoint: none needed (store-transaction)
    async def _resolve(self, it: DeadLetter, how: str) -> None:
        self.handled += 1
        await self.transaction.connection.execute(RESOLVED, it.parked_id, how, 1)


def _without_nul(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")
