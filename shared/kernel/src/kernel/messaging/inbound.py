"""A record from Kafka with its envelope parsed and checked; its body is parsed on demand."""

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
from kernel.context import Context
from kernel.instants import read as read_moment
from kernel.messaging.headers import GENERATION, decode_headers, parse_uuid
from kernel.messaging.undecodable import Undecodable
from kernel.parsing import Malformed, loads
from kernel.security.card_numbers import pointer_to_card_number
from kernel.store.upcasting import fact_from

NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
"""Versions and generations as the relay writes them. They fit the database's integers."""
CARD_NUMBER = "card_number"
"""Reason of a dead letter whose body must not be stored."""


class InvalidMessage(Exception):
    """The record cannot be handled. ``reason`` is one of a few words, for lists and metrics."""

    def __init__(self, reason: str, detail: str, message: InboundMessage | None = None) -> None:
        """``message``: if the envelope is valid, and only the rest is not."""
        super().__init__(detail)
        self.reason = reason
        self.message = message


@dataclass(slots=True)
class InboundMessage:
    record: ConsumerRecord[bytes | None, bytes | None]
    type: str
    schema_version: int
    message_id: UUID
    stream_id: UUID
    """The aggregate's id; each command is a stream of its own."""
    version: int
    source: str
    tenant: str
    correlation_id: str
    causation_id: str
    traceparent: str | None
    recorded_at: datetime
    occurred_at: datetime | None
    """Only if the caller gave a time."""
    generation: int
    messages: MessageRegistry
    parsed: Fact | None = None
    """The cached result of ``fact``."""
    own_traceparent: str | None = None
    """Of the span in which it is handled, if that is recorded."""
    is_alternative: bool = False
    """Whether its version was seen in another record before, which may not have been handled."""

    @property
    def time(self) -> datetime:
        """The business time, which analytics use."""
        return self.occurred_at or self.recorded_at

    def context(self) -> Context:
        """The context of everything that this message causes: its tenant, its business time."""
        return Context(
            tenant=self.tenant,
            correlation_id=self.correlation_id,
            causation_id=str(self.message_id),
            actor=self.source,
            traceparent=self.own_traceparent or self.traceparent,
            occurred_at=self.occurred_at,
        )

    def body(self) -> dict[str, Any]:
        """The message's own fields. Raises ``InvalidMessage``."""
        if self.record.value is None:
            raise InvalidMessage("tombstone", "the record has no body")
        try:
            body = loads(self.record.value)
        except Malformed as error:
            raise InvalidMessage("malformed", error.reason) from error
        if not isinstance(body, dict):
            raise InvalidMessage("invalid", "the body is not a JSON object")
        return body

    def fact(self) -> Fact:
        """The fact, upcast to its current schema version. Raises ``InvalidMessage``."""
        if self.parsed is None:
            origin = self.stream_id, self.version, self.recorded_at
            try:
                self.parsed = fact_from(self.type, self.schema_version, self.body(), *origin, self.messages)
            except ValidationError as error:
                raise InvalidMessage("invalid", str(error)) from error
        return self.parsed

    def command(self) -> Command:
        """Raises ``InvalidMessage``."""
        body = self.body()  # rejects JSON that pydantic's parser would accept
        raw = self.record.value or b""
        if (pointer := pointer_to_card_number(raw, body)) is not None:
            raise InvalidMessage(CARD_NUMBER, f"#{pointer} holds a card number")
        try:
            return self.messages.commands[self.type].read(raw)
        except ValidationError as error:
            raise InvalidMessage("invalid", str(error)) from error


def read_envelope(
    record: ConsumerRecord[bytes | None, bytes | None], messages: MessageRegistry
) -> InboundMessage:
    """Raises ``InvalidMessage`` for a record whose envelope is missing, malformed or contradictory."""
    if isinstance(record, Undecodable):
        raise InvalidMessage("undecodable", record.error)
    try:
        headers = decode_headers(record.headers)
        type_ = headers["ce_type"]
        _, _, schema_version = headers["ce_dataschema"].rpartition(":")
        message_id = parse_uuid(headers["ce_id"])
        key = parse_uuid(headers["ce_subject"])
        is_fact = "ce_version" in headers
        recorded, occurred = headers["ce_recordedtime"], headers["ce_time"]
        recorded_at = _moment("ce_recordedtime", recorded)
        occurred_at = recorded_at if occurred == recorded else _moment("ce_time", occurred)
        message = InboundMessage(
            record,
            type_,
            _number(schema_version),
            message_id,
            key if is_fact else message_id,
            _number(headers["ce_version"]) if is_fact else 1,
            headers["ce_source"],
            headers["ce_tenant"],
            headers["ce_correlationid"],
            headers["ce_causationid"],
            headers.get("traceparent"),
            recorded_at,
            occurred_at if occurred_at != recorded_at else None,
            _generation(headers, messages.sender_of.get(record.topic)),
            messages,
        )
    except KeyError as missing:
        raise InvalidMessage("headers", f"header {missing} is missing") from missing
    except ValueError as error:
        raise InvalidMessage("headers", str(error)) from error
    _check(message, key, is_fact=is_fact)
    return message


def _check(message: InboundMessage, key: UUID, *, is_fact: bool) -> None:
    if message.record.key != str(key).encode():
        raise InvalidMessage("headers", "ce_subject is not the record's key")
    if not message.tenant:
        raise InvalidMessage("headers", "ce_tenant is empty")
    topic = message.messages.topic_of.get(message.type)
    if topic is not None and topic != message.record.topic:
        raise InvalidMessage("headers", f"{message.type} does not belong on {message.record.topic}")
    if topic is not None and is_fact is not (message.type in message.messages.facts):
        error = (
            f"{message.type} is a command with a ce_version"
            if is_fact
            else f"{message.type} has no ce_version"
        )
        raise InvalidMessage("headers", error)
    contract = message.messages.find(message.type)
    if contract is not None and message.schema_version > contract.SCHEMA_VERSION:
        error = f"{message.type} version {message.schema_version} is newer than this code"
        raise InvalidMessage("future_version", error, message)


def generation_of(record: ConsumerRecord[bytes | None, bytes | None]) -> int:
    """The relay's generation in the record's headers; 1 if there is no valid one."""
    for name, value in record.headers:
        if name == GENERATION and value is not None and NUMBER.fullmatch(value.decode(errors="replace")):
            return int(value)
    return 1


def _generation(headers: Mapping[str, str], sender: str | None) -> int:
    """The relay's generation; 1 unless the record comes from ``sender``, the topic's only relay."""
    text = headers.get(GENERATION)
    is_from_relay = headers["ce_source"] == sender
    return int(text) if text and is_from_relay and NUMBER.fullmatch(text) else 1


def _moment(header: str, text: str) -> datetime:
    try:
        return read_moment(text)
    except ValueError as error:
        raise ValueError(f"{header} {error}") from None


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a version")
    return int(text)
