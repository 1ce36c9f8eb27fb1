"""State codec: the state of an aggregate as JSON and back, without loss.

``eventsourcing`` takes the state out of an aggregate and puts it back (``Snapshot``). Its transcoder is not
used: it turns tuples and enums into lists and texts, and refuses keys that are no texts. Here a value that
JSON does not have is an array of its tag and its content; the tag of a class is the library's topic,
``module:class``. Only classes of the fold's own modules are written and read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

import orjson
from eventsourcing.domain import Snapshot
from eventsourcing.utils import get_topic, resolve_topic
from pydantic import BaseModel

from kernel.domain import UTC_MIN, Aggregate
from kernel.store.snapshots.fold import Fold

A = TypeVar("A", bound=Aggregate)

PLAIN = frozenset({type(None), bool, int, float, str})
"""Types that JSON has; not their subclasses."""
ENVELOPE = frozenset({"_id", "_version", "_pending_events", "_now"})
"""Attributes of every aggregate that are no state: the stream, its version, what is not stored yet, and the
time of the unit of work."""


class StateCodec:
    def __init__(self, modules: Collection[str]) -> None:
        """``modules``: those whose classes may be written and read."""
        self._modules = modules
        self._encoders: Mapping[type, Callable[[Any], Any]] = {
            UUID: lambda it: ["uuid", it.hex],
            datetime: lambda it: ["time", it.isoformat()],
            Decimal: lambda it: ["decimal", str(it)],
            list: lambda it: ["list", [self._encode(one) for one in it]],
            tuple: lambda it: ["tuple", [self._encode(one) for one in it]],
            set: lambda it: ["set", self._members(it)],
            frozenset: lambda it: ["frozenset", self._members(it)],
            dict: lambda it: ["dict", self._items(it)],
            Counter: lambda it: ["counter", self._items(it)],
        }
        self._decoders: Mapping[str, Callable[[Any], Any]] = {
            "uuid": UUID,
            "time": datetime.fromisoformat,
            "decimal": Decimal,
            "list": lambda it: [self._decode(one) for one in it],
            "tuple": lambda it: tuple(self._decode(one) for one in it),
            "set": lambda it: {self._decode(one) for one in it},
            "frozenset": lambda it: frozenset(self._decode(one) for one in it),
            "dict": lambda it: {self._decode(key): self._decode(one) for key, one in it},
            "counter": lambda it: Counter({self._decode(key): self._decode(one) for key, one in it}),
        }

    def to_bytes(self, aggregate: Aggregate) -> bytes:
        """The state, without the stream's id and version. Raises ``TypeError`` for a value that could not be
        read back, and ``ValueError`` if there are facts that are not stored."""
        if aggregate.pending_events:
            raise ValueError("a snapshot has no facts that are not stored")
        state = Snapshot.take(aggregate).state
        return orjson.dumps({key: self._encode(it) for key, it in state.items() if key not in ENVELOPE})

    def from_bytes(self, kind: type[A], aggregate_id: UUID, version: int, state: bytes) -> A:
        """The aggregate. Raises ``ValueError``, ``TypeError``, ``LookupError`` or ``AttributeError`` for
        bytes that ``to_bytes`` of the same fold has not made."""
        attributes = {name: self._decode(it) for name, it in orjson.loads(state).items()}
        snapshot = Snapshot(aggregate_id, version, UTC_MIN, get_topic(kind), attributes)
        return cast(A, snapshot.mutate(None))

    def _encode(self, value: Any) -> Any:
        kind = type(value)
        if kind in PLAIN:
            return value
        if encode := self._encoders.get(kind):
            return encode(value)
        if isinstance(value, UUID):  # the database driver's own, which equals the standard one
            return self._encoders[UUID](value)
        if kind.__module__ not in self._modules:
            raise TypeError(f"{kind.__module__}.{kind.__qualname__} has no form in a snapshot")
        content = value.value if isinstance(value, Enum) else _attributes(value)
        return [get_topic(kind), self._encode(content)]

    def _items(self, value: Mapping[Any, Any]) -> list[Any]:
        return [[self._encode(key), self._encode(it)] for key, it in value.items()]

    def _members(self, value: Collection[Any]) -> list[Any]:
        """In a sequence that depends on nothing but the members."""
        return sorted((self._encode(it) for it in value), key=orjson.dumps)

    def _decode(self, value: Any) -> Any:
        if type(value) is not list:
            return value
        tag, content = value
        if decode := self._decoders.get(tag):
            return decode(content)
        if tag.partition(":")[0] not in self._modules:
            raise LookupError(f"{tag} is not of the fold")
        return _rebuilt(resolve_topic(tag), self._decode(content))


@cache
def codec_of(fold: Fold) -> StateCodec:
    return StateCodec(fold.modules)


def _attributes(value: Any) -> dict[str, Any]:
    """What a value of a class of our own is made of."""
    match value:
        case BaseModel():
            return {name: getattr(value, name) for name in type(value).model_fields}
        case tuple():
            return dict(value._asdict())  # type: ignore[attr-defined]  # of a named tuple
        case _ if is_dataclass(value):
            return {it.name: getattr(value, it.name) for it in fields(value)}
    attributes: dict[str, Any] = vars(value)
    return attributes


def _rebuilt(kind: type, content: Any) -> Any:
    if issubclass(kind, Enum):
        return kind(content)
    if issubclass(kind, BaseModel):
        return kind.model_construct(**content)
    if issubclass(kind, tuple) or is_dataclass(kind):
        return kind(**content)
    value = object.__new__(kind)
    vars(value).update(content)
    return value
