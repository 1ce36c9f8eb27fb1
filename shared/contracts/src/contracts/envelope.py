"""The base classes of all messages: facts and commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate
from pydantic import BaseModel, ConfigDict, Field, ValidationError

NO_STREAM = UUID(int=0)
NO_VERSION = 0
NO_TIME = datetime.min.replace(tzinfo=UTC)
"""The envelope of a fact that has not been recorded."""


class Part(BaseModel):
    """A named part of a message's body.

    The constructor refuses unknown fields: a misspelt one would be missing for ever. ``read`` and the
    message around it ignore them: later versions add optional fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """A stored part. Raises ``ValidationError`` if a field is missing or of another type."""
        return cls.model_validate(stored, extra="ignore")


class Message(BaseModel):
    """A type, a schema version and a body."""

    TYPE: ClassVar[str]
    SCHEMA_VERSION: ClassVar[int] = 1

    def body(self) -> bytes:
        """The message as it is stored and published, byte for byte: UTF-8 JSON without empty fields.

        As ``model_dump_json``, which makes a text of the serializer's bytes."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)


class Command(Message):
    """A request of a process manager, which its receiver may refuse. Validation is strict: no unknown fields.

    ``process_id`` and ``step`` are its business key: a redelivered command gets the same reply.
    A family of messages may name ``process_id`` differently in JSON, by an alias.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    process_id: UUID
    step: str

    @classmethod
    def read(cls, body: bytes) -> Self:
        """A received command. Unknown fields are refused, but ignored in its parts, which facts share.
        Raises ``ValidationError``."""
        try:
            return cls.model_validate_json(body)
        except ValidationError as refused:
            if all(it["type"] == "extra_forbidden" and len(it["loc"]) > 1 for it in refused.errors()):
                return cls.model_validate_json(body, extra="ignore")
            raise


class Fact(Message, CanMutateAggregate[UUID]):
    """Something that happened: stored for ever, its body published byte for byte.

    Fields carry shape, never rules: a rule tightened later must not make an old fact unreadable.
    The constructor is for the code that decides: types are strict and unknown fields are refused, because
    a misspelt field would be missing for ever. ``read`` is for stored facts: later versions only add
    optional fields, and readers ignore the fields that they do not know.

    The three fields below are the envelope: columns in the log and headers on Kafka, not part of the body.
    ``Aggregate.record`` sets them; before that ``originator_version`` is 0.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    originator_id: UUID = Field(default=NO_STREAM, exclude=True, json_schema_extra={"envelope": True})
    originator_version: int = Field(default=NO_VERSION, exclude=True, json_schema_extra={"envelope": True})
    timestamp: datetime = Field(default=NO_TIME, exclude=True, json_schema_extra={"envelope": True})

    @classmethod
    def read(cls, body: Mapping[str, Any], stream_id: UUID, version: int, recorded_at: datetime) -> Self:
        """A stored fact. Raises ``ValidationError`` if a field is missing or of another type."""
        fact = cls.model_validate(body, extra="ignore", strict=False)
        return fact._in_envelope(stream_id, version, recorded_at)

    @classmethod
    def read_json(cls, body: bytes, stream_id: UUID, version: int, recorded_at: datetime) -> Self:
        """The same from the bytes, at half the cost: also raises ``ValidationError`` if they are no JSON."""
        fact = cls.model_validate_json(body, extra="ignore", strict=False)
        return fact._in_envelope(stream_id, version, recorded_at)

    def _in_envelope(self, stream_id: UUID, version: int, recorded_at: datetime) -> Self:
        """Past the frozen model and without validation: the log's columns have these types."""
        self.__dict__.update(originator_id=stream_id, originator_version=version, timestamp=recorded_at)
        return self

    def stamp(self, stream_id: UUID, version: int, now: datetime | None = None) -> None:
        """Make this the fact with that version in the stream, as of ``now``: without it, as of the machine's
        time. Only ``Aggregate.record`` calls it.

        Writes past the frozen model: a copy of each fact would double what its construction costs.
        Raises ``RuntimeError`` if the fact has been recorded already.
        """
        if self.originator_version != NO_VERSION:
            raise RuntimeError(f"{type(self).__qualname__} has been recorded already")
        self._in_envelope(stream_id, version, now or self.create_timestamp())

    def unrecorded(self) -> Self:
        """A copy that can be recorded, for example as the reply to a repeated command."""
        return self.model_copy(
            update={"originator_id": NO_STREAM, "originator_version": NO_VERSION, "timestamp": NO_TIME}
        )

    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)


class Reply(Fact):
    """A fact that reports the outcome of a command to the process manager that sent it.

    ``process_id`` and ``step`` are those of the command.
    """

    process_id: UUID
    step: str
