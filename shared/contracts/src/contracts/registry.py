"""The registry of messages: each by its type, with its topic, the topic's sender and upcasters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from contracts.envelope import Command, Fact, Message

Body = dict[str, Any]
Upcaster = Callable[[Body], Body]


@dataclass(frozen=True, slots=True)
class TopicMessages:
    """A topic, the ``ce_source`` of its only sender, and its messages."""

    topic: str
    sender: str
    messages: tuple[type[Message], ...] = ()


class MessageRegistry:
    """The messages that a service knows. Built once at start-up and passed to the event store."""

    def __init__(
        self,
        topics: Iterable[TopicMessages] = (),
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        """``upcasters``: by (type, version), the function that turns a body into the next version.

        Raises ``ValueError`` if two messages have the same type.
        """
        self.facts: dict[str, type[Fact]] = {}
        self.commands: dict[str, type[Command]] = {}
        self.topic_of: dict[str, str] = {}
        """Type to topic: ``cart.item_added`` to ``cart.events``."""
        self.sender_of: dict[str, str] = {}
        """Topic to the ``ce_source`` of its sender."""
        self.upcasters = dict(upcasters or {})
        for topic in topics:
            self.sender_of[topic.topic] = topic.sender
            for message in topic.messages:
                self._add(message, topic.topic)

    def find(self, kind: str) -> type[Fact] | type[Command] | None:
        return self.facts.get(kind) or self.commands.get(kind)

    def facts_on(self, topic: str) -> list[str]:
        """The types of the facts that belong on the topic."""
        return [it for it in self.facts if self.topic_of[it] == topic]

    def _add(self, message: type[Message], topic: str) -> None:
        if message.TYPE in self.topic_of:
            raise ValueError(f"Two messages have the type {message.TYPE}.")
        self.topic_of[message.TYPE] = topic
        if issubclass(message, Fact):
            self.facts[message.TYPE] = message
        elif issubclass(message, Command):
            self.commands[message.TYPE] = message


def facts_in(*modules: ModuleType) -> tuple[type[Fact], ...]:
    """The facts that these modules define."""
    return tuple(it for it in _messages_in(modules) if issubclass(it, Fact))


def commands_in(*modules: ModuleType) -> tuple[type[Command], ...]:
    """The commands that these modules define."""
    return tuple(it for it in _messages_in(modules) if issubclass(it, Command))


def _messages_in(modules: Iterable[ModuleType]) -> Iterable[type[Message]]:
    for module in modules:
        types = dict.fromkeys(it for it in vars(module).values() if isinstance(it, type))
        own = (it for it in types if it.__module__ == module.__name__ and issubclass(it, Message))
        yield from (it for it in own if "TYPE" in it.__dict__)
