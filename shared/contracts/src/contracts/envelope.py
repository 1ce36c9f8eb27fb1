"""What every message is made of: facts that happened, commands that ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate
from eventsourcing.utils import register_topic
from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A piece of a message's body that has a name of its own."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Message(BaseModel):
    """What facts and commands share: a type, a version of its shape, and a body of its own fields."""

    TYPE: ClassVar[str]
    SCHEMA_VERSION: ClassVar[int] = 1

    def body(self) -> bytes:
        """The message as it is stored and published, byte for byte: UTF-8 JSON without empty fields."""
        return self.model_dump_json(exclude_none=True).encode()


class Command(Message):
    """A request of a process manager, which its receiver may refuse. Validation is strict: no unknown fields.

    ``process_id`` and ``step`` are its business key: a redelivered command gets the same reply.
    A family of messages may name ``process_id`` differently in JSON, by an alias.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    process_id: UUID
    step: str


class Fact(Message, CanMutateAggregate[UUID]):
    """Something that happened: stored for ever, its body published byte for byte.

    Fields carry shape, never rules: a rule tightened later must not make an old fact unreadable.
    Later versions only add optional fields; readers ignore what they do not know. The three fields
    below are columns in the log and headers on Kafka, not part of the body.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    originator_id: UUID = Field(exclude=True, json_schema_extra={"envelope": True})
    originator_version: int = Field(exclude=True, json_schema_extra={"envelope": True})
    timestamp: datetime = Field(exclude=True, json_schema_extra={"envelope": True})

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "TYPE" in cls.__dict__:
            register_topic(cls.TYPE, cls)

    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)


class Reply(Fact):
    """A fact that reports the outcome of a command to the process manager that sent it.

    ``process_id`` and ``step`` are those of the command.
    """

    process_id: UUID
    step: str
