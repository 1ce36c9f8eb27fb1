"""Replay a queue of dead letters by the same handlers that live records are given to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from kernel.messaging.batch import Handler
from kernel.messaging.batch_transaction import note_versions
from kernel.messaging.dead_letters.model import BEFORE_DEDUPLICATION, DeadLetter
from kernel.messaging.dead_letters.queue import COPY_TO_SCOPE, RESOLVE, STORE_FAILURE
from kernel.messaging.dead_letters.store import MAX_ERROR_LENGTH, log_parked, reason_of, storable
from kernel.messaging.deduplication import NewDeadLetter
from kernel.messaging.dispatch import BLOCKED, no_handler
from kernel.messaging.handled_versions import handled_version, mark_behind, mark_handled
from kernel.messaging.inbound import InboundMessage, InvalidMessage, read_envelope
from kernel.messaging.transient import is_conflict, is_transient
from kernel.store.event_store import EventStore, Transaction
from kernel.store.pg_unit_of_work import PgUnitOfWork

LOG = structlog.get_logger()
UNDECODABLE = "undecodable"
MAX_CONFLICTS = 5
"""After so many conflicts in a row the record counts as one that always conflicts."""
ACCEPTED_VERSION = "SELECT coalesce(max(version), 0) FROM consumer_seen WHERE grp = $1 AND stream_id = $2"
HANDLED, REPEATED, SKIPPED = "handled", "known already", "skipped: no handler reads it"
"""Resolutions as they are stored."""


@dataclass(slots=True)
class Replay:
    """A record that fails keeps its row, with the new error; the records that wait for it keep theirs."""

    group: str
    handlers: Sequence[Handler]
    store: EventStore
    transaction: Transaction
    blocked_scopes: set[str]
    """Scopes in which a dead letter of this key waits before those that are replayed."""
    handled: int = 0
    failed: int = 0
    _handlers_by_scope: dict[str, Handler] = field(init=False)

    def __post_init__(self) -> None:
        self._handlers_by_scope = {handler.scope: handler for handler in self.handlers}

    async def run(self, queue: Iterable[DeadLetter]) -> None:
        for letter in queue:
            if self.blocked_scopes & {letter.scope, self.group}:
                continue
            if letter.reason in BEFORE_DEDUPLICATION:
                await self._replay_as_new(letter)
            else:
                await self._replay_in_scope(letter)

    async def _replay_as_new(self, letter: DeadLetter) -> None:
        """A record that was parked before deduplication is taken like one that has just arrived."""
        if letter.reason == UNDECODABLE:
            await self._fail(letter, letter.reason, letter.error)  # only its offset is known
            return
        try:
            message = read_envelope(letter.record, self.store.messages)
        except InvalidMessage as error:
            await self._fail(letter, error.reason, str(error))
            return
        connection = self.transaction.connection
        last: int = await connection.fetchval(ACCEPTED_VERSION, self.group, message.stream_id)
        if message.version > last + 1:
            await self._fail(letter, "gap", f"version {message.version} follows {last}")
        elif message.version > last:
            versions = {message.stream_id: message.version}
            await note_versions(connection, self.group, versions, versions if last else ())
            await self._dispatch(letter, message, self.handlers)
        elif behind := [handler for handler in self.handlers if await self._lacks(handler.scope, message)]:
            await self._dispatch(letter, message, behind)
        else:
            await self._resolve(letter, REPEATED)

    async def _lacks(self, scope: str, message: InboundMessage) -> bool:
        """Whether the group has accepted the version, but the scope has not handled it."""
        handled = await handled_version(scope, message.stream_id, self.transaction.connection)
        return handled is not None and message.version > handled

    async def _dispatch(
        self, letter: DeadLetter, message: InboundMessage, handlers: Sequence[Handler]
    ) -> None:
        """Give it to each handler of its type. Where one fails, a dead letter of that handler's scope is
        added."""
        concerned = [handler for handler in handlers if message.type in handler.types]
        if not concerned and message.type in self.store.messages.commands:
            await self._fail(letter, "unknown_type", no_handler(message.type))
            return
        for handler in concerned:
            if handler.scope in self.blocked_scopes:
                failure = "behind", BLOCKED
            elif (found := await self._attempt(handler, message)) is None:
                continue
            else:
                failure = found
            if handler.scope == letter.scope:
                await self._fail(letter, *failure)
                return
            await self._park(letter, message, handler.scope, failure)
        await self._resolve(letter, HANDLED if concerned else SKIPPED)

    # failpoint: none needed (store-transaction)
    async def _park(
        self, letter: DeadLetter, message: InboundMessage, scope: str, failure: tuple[str, str]
    ) -> None:
        """Park the record in this scope, too; ``failure``: reason and error."""
        self.blocked_scopes.add(scope)
        self.failed += 1
        columns = message.tenant, message.type, message.stream_id, message.version
        connection = self.transaction.connection
        await connection.execute(COPY_TO_SCOPE, letter.parked_id, scope, *failure, *columns)
        log_parked(scope, NewDeadLetter(letter.record, message, *failure))
        await mark_behind({(scope, message.stream_id): message.version}, connection)

    async def _replay_in_scope(self, letter: DeadLetter) -> None:
        """A record that was parked by a handler is replayed for that handler only; one of the group's
        own scope is dispatched to all."""
        handler = self._handlers_by_scope.get(letter.scope)
        try:
            message = read_envelope(letter.record, self.store.messages)
        except InvalidMessage as error:
            await self._fail(letter, error.reason, str(error))
            return
        handled = await handled_version(letter.scope, message.stream_id, self.transaction.connection)
        if handled is not None and message.version <= handled:
            await self._resolve(letter, REPEATED)
        elif handler is None:
            await self._dispatch(letter, message, self.handlers)
        elif message.type not in handler.types:
            if message.type in self.store.messages.commands:
                await self._fail(letter, "unknown_type", no_handler(message.type))
            else:
                await self._resolve(letter, SKIPPED)
        elif failure := await self._attempt(handler, message):
            await self._fail(letter, *failure)
        else:
            await self._resolve(letter, HANDLED)

    async def _attempt(self, handler: Handler, message: InboundMessage) -> tuple[str, str] | None:
        """Reason and error if it fails; its changes are rolled back then. Raises transient errors but
        conflicts, which it retries."""
        conflicts = 0
        while True:
            try:
                self.transaction.units_of_work.append(await self._handle(handler, message))
            except Exception as error:
                conflicts += is_conflict(error)
                if is_transient(error) and not is_conflict(error):
                    raise
                if 0 < conflicts < MAX_CONFLICTS:
                    continue
                reason = reason_of(error)
                defect = error if reason == "failed" else None
                LOG.error("replay_failed", group=handler.scope, type=message.type, exc_info=defect)
                return reason, repr(error)
            else:
                handled = {(handler.scope, message.stream_id): message.version}
                await mark_handled(handled, self.transaction.connection)
                return None

    # failpoint: none needed (store-transaction)
    async def _handle(self, handler: Handler, message: InboundMessage) -> PgUnitOfWork:
        connection = self.transaction.connection
        async with connection.transaction():
            work = self.store.begin_within(connection, self.transaction.now)
            await handler.handle([message], work, connection)
            await self.store.flush(work, connection)
        return work

    # failpoint: none needed (store-transaction)
    async def _fail(self, letter: DeadLetter, reason: str, error: str) -> None:
        self.failed += 1
        if reason != "gap":
            self.blocked_scopes.add(letter.scope)
        error = storable(error[:MAX_ERROR_LENGTH])
        await self.transaction.connection.execute(STORE_FAILURE, letter.parked_id, reason, error)

    # failpoint: none needed (store-transaction)
    async def _resolve(self, letter: DeadLetter, resolution: str) -> None:
        self.handled += 1
        await self.transaction.connection.execute(RESOLVE, letter.parked_id, resolution, 1)
