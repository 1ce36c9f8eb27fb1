"""Leave out the records of streams that a group has no use for, before anything of them is read.

The facts of a stream have types of one family, which stands before the dot: ``thing.begun``,
``thing.ended``. The registry of messages lists the types for which it does not. A selective group, whose
handlers take no type of a family, neither reads the envelopes of its records nor notes the versions of its
streams. Should it take such a type one day, it would find gaps in the streams that have begun by then: it
needs another name from that day on, under which it reads from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts.registry import MessageRegistry
from kernel.messaging.deduplication import Received, Record


class OwnStreams:
    def __init__(self, types: Iterable[str], messages: MessageRegistry) -> None:
        """``types``: all that the handlers of the group take."""
        self._families = {messages.family_of(it).encode() for it in types}
        self._exceptions = {type_.encode(): it.encode() for type_, it in messages.families.items()}

    def records(self, records: Iterable[Record]) -> list[Record]:
        """Those of own streams, and those without a type, which are no messages at all."""
        return [it for it in records if self._is_own(it)]

    def received(self, received: Received) -> Received:
        """The same choice among records whose envelopes have been read."""
        readable, unreadable = received
        return (
            [it for it in readable if self._is_own(it.record)],
            [it for it in unreadable if self._is_own(it.record)],
        )

    def _is_own(self, record: Record) -> bool:
        type_ = next((value for name, value in record.headers or () if name == "ce_type"), None)
        if type_ is None:
            return True
        return self._exceptions.get(type_, type_.partition(b".")[0]) in self._families
