"""A record as it came from Kafka, its envelope read and checked; its body not yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from contracts.envelope import Command, Fact
from contracts.registry import MessageRegistry
from kernel.card_numbers import pointer_to_card_number
from kernel.context import Context
from kernel.instants import read as read_moment
from kernel.messaging.headers import GENERATION, texts, uuid_of
from kernel.messaging.undecodable import Undecodable
from kernel.parsing import Malformed, loads
from kernel.store.upcasting import fact_from

NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
"""Versions and generations as the relay writes them, and the database can hold."""


CARD_NUMBER = "card_number"
"""The reason of a record whose body must not be kept."""


class InvalidMessage(Exception):
    """The record can be handled by nobody; ``reason`` is one of few words, for lists and metrics."""

    def __init__(self, reason: str, detail: str, received: InboundMessage | None = None) -> None:
        """``received``: where the envelope is whole, and only the rest is beyond us."""
        super().__init__(detail)
        self.reason = reason
        self.received = received


@dataclass(slots=True)
class InboundMessage:
    record: ConsumerRecord[bytes | None, bytes | None]
    type: str
    schema_version: int
    message_id: UUID
    stream_id: UUID
    """The aggregate's id; a command is a stream of its own."""
    version: int
    source: str
    tenant: str
    correlation_id: str
    causation_id: str
    traceparent: str | None
    recorded_at: datetime
    occurred_at: datetime | None
    """Only where the caller dated the act."""
    generation: int
    messages: MessageRegistry
    known: Fact | None = None
    """Read already, for whoever asks next."""
    is_rival: bool = False
    """Whether its version was met in another record before."""

    @property
    def time(self) -> datetime:
        """When it occurred: what analytics go by."""
        return self.occurred_at or self.recorded_at

    def context(self) -> Context:
        """What is done because of this message is done in its tenant's name, and dated like it."""
        return Context(
            tenant=self.tenant,
            correlation_id=self.correlation_id,
            causation_id=str(self.message_id),
            actor=self.source,
            traceparent=self.traceparent,
            occurred_at=self.occurred_at,
        )

    def body(self) -> dict[str, Any]:
        """The message's own fields. Raises ``InvalidMessage``."""
        if self.record.value is None:
            raise InvalidMessage("tombstone", "the record has no body")
        try:
            body = loads(self.record.value)
        except Malformed as wrong:
            raise InvalidMessage("malformed", wrong.reason) from wrong
        if not isinstance(body, dict):
            raise InvalidMessage("invalid", "the body is no JSON object")
        return body

    def fact(self) -> Fact:
        """The fact in today's shape. Raises ``InvalidMessage``."""
        if self.known is None:
            where = self.stream_id, self.version, self.recorded_at
            try:
                self.known = fact_from(self.type, self.schema_version, self.body(), *where, self.messages)
            except ValidationError as wrong:
                raise InvalidMessage("invalid", str(wrong)) from wrong
        return self.known

    def command(self) -> Command:
        """Raises ``InvalidMessage``."""
        body = self.body()  # what our own parser refuses, pydantic's must not see
        raw = self.record.value or b""
        if (pointer := pointer_to_card_number(raw, body)) is not None:
            raise InvalidMessage(CARD_NUMBER, f"#{pointer} holds a card number")
        try:
            return self.messages.commands[self.type].model_validate_json(raw)
        except ValidationError as wrong:
            raise InvalidMessage("invalid", str(wrong)) from wrong


def read_envelope(
    record: ConsumerRecord[bytes | None, bytes | None], messages: MessageRegistry
) -> InboundMessage:
    """Raises ``InvalidMessage`` for a record whose envelope is missing, broken or contradicts itself."""
    if isinstance(record, Undecodable):
        raise InvalidMessage("undecodable", record.error)
    try:
        head = texts(record.headers)
        kind = head["ce_type"]
        _, _, schema_version = head["ce_dataschema"].rpartition(":")
        message_id = uuid_of(head["ce_id"])
        key = uuid_of(head["ce_subject"])
        is_fact = "ce_version" in head
        recorded, occurred = head["ce_recordedtime"], head["ce_time"]
        recorded_at = _moment("ce_recordedtime", recorded)
        occurred_at = recorded_at if occurred == recorded else _moment("ce_time", occurred)
        received = InboundMessage(
            record,
            kind,
            _number(schema_version),
            message_id,
            key if is_fact else message_id,
            _number(head["ce_version"]) if is_fact else 1,
            head["ce_source"],
            head["ce_tenant"],
            head["ce_correlationid"],
            head["ce_causationid"],
            head.get("traceparent"),
            recorded_at,
            occurred_at if occurred_at != recorded_at else None,
            _generation(head, messages.sender_of.get(record.topic)),
            messages,
        )
    except KeyError as missing:
        raise InvalidMessage("headers", f"header {missing} is missing") from missing
    except ValueError as broken:
        raise InvalidMessage("headers", str(broken)) from broken
    _check(received, key, is_fact=is_fact)
    return received


def _check(it: InboundMessage, key: UUID, *, is_fact: bool) -> None:
    if it.record.key != str(key).encode():
        raise InvalidMessage("headers", "ce_subject is not the record's key")
    if not it.tenant:
        raise InvalidMessage("headers", "a tenant is needed")
    home = it.messages.topic_of.get(it.type)
    if home is not None and home != it.record.topic:
        raise InvalidMessage("headers", f"{it.type} does not belong on {it.record.topic}")
    if home is not None and is_fact is not (it.type in it.messages.facts):
        raise InvalidMessage("headers", f"{it.type} has a ce_version, or lacks one, against its kind")
    known = it.messages.find(it.type)
    if known is not None and it.schema_version > known.SCHEMA_VERSION:
        newer = f"{it.type} version {it.schema_version} is newer than this code"
        raise InvalidMessage("future_version", newer, it)


def generation_of(record: ConsumerRecord[bytes | None, bytes | None]) -> int:
    """Which beginning of the relay the record comes from; 1 for a record that is not ours."""
    for name, value in record.headers:
        if name == GENERATION and value is not None and NUMBER.fullmatch(value.decode(errors="replace")):
            return int(value)
    return 1


def _generation(head: Mapping[str, str], sender: str | None) -> int:
    """The relay's generation; 1 unless the record comes from ``sender``, the topic's only relay."""
    text = head.get(GENERATION)
    is_the_relays = head["ce_source"] == sender
    return int(text) if text and is_the_relays and NUMBER.fullmatch(text) else 1


def _moment(header: str, text: str) -> datetime:
    try:
        return read_moment(text)
    except ValueError as wrong:
        raise ValueError(f"{header} {wrong}") from None


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no version")
    return int(text)
