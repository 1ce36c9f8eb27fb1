"""The registry of messages: each by its type, with its topic, the topic's sender and upcasters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
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
        families: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """``upcasters``: by (type, version), the function that turns a body into the next version.
        ``families``: see ``family_of``.

        Raises ``ValueError`` if two messages have the same type.
        """
        facts: dict[str, type[Fact]] = {}
        commands: dict[str, type[Command]] = {}
        topic_of: dict[str, str] = {}
        sender_of: dict[str, str] = {}
        for topic in topics:
            sender_of[topic.topic] = topic.sender
            for message in topic.messages:
                if message.TYPE in topic_of:
                    raise ValueError(f"Two messages have the type {message.TYPE}.")
                topic_of[message.TYPE] = topic.topic
                if issubclass(message, Fact):
                    facts[message.TYPE] = message
                elif issubclass(message, Command):
                    commands[message.TYPE] = message
        self.facts: Mapping[str, type[Fact]] = MappingProxyType(facts)
        self.commands: Mapping[str, type[Command]] = MappingProxyType(commands)
        self.topic_of: Mapping[str, str] = MappingProxyType(topic_of)
        """Type to topic: ``cart.item_added`` to ``cart.events``."""
        self.sender_of: Mapping[str, str] = MappingProxyType(sender_of)
        """Topic to the ``ce_source`` of its sender."""
        self.upcasters = dict(upcasters or {})
        self.families = families

    def find(self, kind: str) -> type[Fact] | type[Command] | None:
        return self.facts.get(kind) or self.commands.get(kind)

    def family_of(self, type_: str) -> str:
        """The family of the streams in which facts of the type are recorded: what stands before the dot, but
        for types that ``families`` lists."""
        return self.families.get(type_, type_.partition(".")[0])

    def facts_on(self, topic: str) -> list[str]:
        """The types of the facts that belong on the topic."""
        return [it for it in self.facts if self.topic_of[it] == topic]


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
